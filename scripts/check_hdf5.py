"""Has the program read what h5py writes, in every way HDF5 has to store it, and reads with h5py what the program writes.

    python check_hdf5.py SCRATCH_DIRECTORY

Every number must be the same bits on both sides. The program is target/debug/lumenfold, unless LUMENFOLD names another.
"""
import sys
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np

from reference.program import PROGRAM, Program

scratch = Path(sys.argv[1])
convert = Program(PROGRAM, scratch).convert
checks = 0



def values(source):
    """The arrays of an NPZ that the program makes of a file."""
    return np.load(convert(source, scratch / "read.npz"))


def same(found, expected, what):
    global checks
    checks += 1
    found, expected = np.asarray(found), np.asarray(expected)
    equal = np.array_equal(found, expected) if found.dtype.kind in "USOb" else np.array_equal(found, expected, equal_nan=True)
    if not equal:
        sys.exit(f"{what}: {found} is not {expected}")


def matrix(source, name, width):
    read = values(source)
    if "data" in read:
        return read["data"]
    return np.column_stack([read[f"{name}{at + 1}"] for at in range(width)])


random = np.random.default_rng(1)
numbers = random.standard_normal((700, 6))
counts = random.integers(-1000, 1000, (700, 6))

# Ways to store, with the oldest and the newest form of everything.
ways = {
    "contiguous": {},
    "chunked": {"chunks": (64, 4)},
    "gzip": {"chunks": (100, 6), "compression": "gzip"},
    "gzip_shuffle_fletcher": {"chunks": (33, 5), "compression": "gzip", "shuffle": True, "fletcher32": True},
    "lzf": {"chunks": (700, 2), "compression": "lzf", "shuffle": True},
    "growing": {"chunks": (10, 6), "maxshape": (None, 6), "compression": "gzip"},
    "growing_both": {"chunks": (50, 2), "maxshape": (None, None)},
    "single": {"chunks": (700, 6), "compression": "gzip"},
    "many_chunks": {"chunks": (1, 1)},
    "zstandard": {"chunks": (100, 6), **hdf5plugin.Zstd()},
    "lz4": {"chunks": (100, 6), **hdf5plugin.LZ4()},
    "lz4_blocks": {"chunks": (100, 5), **hdf5plugin.LZ4(nbytes=256)},
    "bitshuffle": {"chunks": (99, 5), **hdf5plugin.Bitshuffle(cname="none")},
    "bitshuffle_lz4": {"chunks": (699, 6), **hdf5plugin.Bitshuffle(cname="lz4")},
    "bitshuffle_blocks": {"chunks": (99, 5), **hdf5plugin.Bitshuffle(nelems=16, cname="lz4")},
    "bitshuffle_zstandard": {"chunks": (99, 5), **hdf5plugin.Bitshuffle(cname="zstd")},
}
for version in ("earliest", "latest"):
    for way, options in ways.items():
        for kind in ("<f8", ">f8", "<f4", ">f4", "<f2", "<i8", ">i4", "<i2", ">u2", "|u1", "|i1"):
            if way == "many_chunks" and kind != "<f8":
                continue
            expected = (numbers if "f" in kind else np.abs(counts) % 120).astype(kind)
            path = scratch / "stored.h5"
            with h5py.File(path, "w", libver=version) as file:
                file.create_dataset("x", data=expected, **options)
            same(matrix(path, "x", 6), expected.astype(kind.replace(">", "<")), f"{version} {way} {kind}")
    for kind, scale in (("<i4", 0), (">i4", 0), ("<i2", 0), ("<f8", 3), ("<f4", 2), ("<u8", 0)):
        data = (numbers if "f" in kind else np.abs(counts)).astype(kind)
        path = scratch / "packed.h5"
        with h5py.File(path, "w", libver=version) as file:
            file.create_dataset("x", data=data, chunks=(50, 6), scaleoffset=scale)
        with h5py.File(path) as file:
            same(matrix(path, "x", 6), file["x"][()].astype(kind.replace(">", "<")), f"{version} scale-offset {kind}")

    # Many attributes and many members, text of both kinds, truth values, records, links, a block of the user's own.
    path = scratch / "objects.h5"
    words = [f"größe {at}" for at in range(40)]
    with h5py.File(path, "w", libver=version, userblock_size=1024) as file:
        group = file.create_group("table", track_order=True)
        for at in range(300):
            group.create_dataset(f"c{at:03}", data=np.arange(40) + at)
            group["c000"].attrs[f"note{at}"] = "x" * 40
        group["c000"].attrs["units"] = "microseconds"
        group["variable"] = words
        group["fixed"] = np.array([word.encode() for word in words])
        group["flag"] = np.arange(40) % 3 == 0
        group["soft"] = h5py.SoftLink("/nowhere")
        group["away"] = h5py.ExternalLink("other.h5", "/x")
        group["never_written"] = file.create_dataset("/unused", (40,), "f8", fillvalue=7.5, chunks=(8,))
    read = values(path)
    for at in range(300):
        same(read[f"c{at:03}"], np.arange(40) + at, f"{version} member {at}")
    same(read["variable"], words, f"{version} text")
    same(read["fixed"], words, f"{version} fixed text")
    same(read["flag"], np.arange(40) % 3 == 0, f"{version} truth values")
    same(read["never_written"], np.full(40, 7.5), f"{version} fill values")
    path = scratch / "records.h5"
    record = np.zeros(30, dtype=[("id", ">i4"), ("flux", "<f4", (3,)), ("name", "S5")])
    record["id"], record["flux"], record["name"] = np.arange(30), random.random((30, 3)), b"abc"
    with h5py.File(path, "w", libver=version) as file:
        file["t"] = record
    read = values(path)
    same(read["id"], record["id"], "member")
    same(read["flux2"], record["flux"][:, 1], "array member")
    same(read["name"], ["abc"] * 30, "text member")

    # NXdata: samples, a mask, errors, inverse variances.
    path = scratch / "nexus.nxs"
    cube = random.random((5, 3, 4))
    mask = random.random((5, 3, 4)) < 0.2
    with h5py.File(path, "w", libver=version) as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["NX_class"], entry.attrs["default"] = "NXentry", "data"
        data = entry.create_group("data")
        data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "cube", [".", "q", "energy"]
        data["cube"], data["mask"] = cube, mask
        data["q"], data["energy"] = np.arange(4) / 2, np.array([1.0, 2.0, 4.0, 8.0])
        data["energy"].attrs["units"] = "meV"
        data["temperature"] = np.arange(5.0)
    read = values(path)
    same(read["data"], np.where(mask, np.nan, cube), f"{version} NXdata")
    same(read["q"], [0.25, 0.75, 1.25], "edges become centres")
    same(read["energy_meV"], [1, 2, 4, 8], "grid")
    same(read["temperature"], np.arange(5.0), "column beside")

# What is written is read by h5py.
np.savez(scratch / "table.npz", x=numbers[:, 0], n=counts[:, 0], f=numbers[:, 1].astype("f4"), b=counts[:, 1] > 0, t=np.array(["ä", "bc"] * 350))
with h5py.File(convert(scratch / "table.npz", scratch / "table.h5")) as file:
    same(list(file), ["x", "n", "f", "b", "t"], "names, in the order of the columns")
    same(file["x"][()], numbers[:, 0], "float64")
    same(file["f"][()], numbers[:, 1].astype("f4"), "float32")
    same(file["n"][()], counts[:, 0], "integers")
    same(file["b"][()], counts[:, 1] > 0, "truth values")
    same(file["t"].asstr()[()], ["ä", "bc"] * 350, "text")
np.savez(scratch / "spectra.npz", flux=random.random((9, 5)), wavelength_nm=np.arange(5.0) + 400, id=np.arange(9))
with h5py.File(convert(scratch / "spectra.npz", scratch / "spectra.h5")) as file:
    group = file[file.attrs["default"]]
    group = group[group.attrs["default"]]
    same(group.attrs["NX_class"], b"NXdata", "class")
    same([axis.decode() for axis in group.attrs["axes"]], [".", "wavelength"], "axes")
    same(group[group.attrs["signal"]][()], np.load(scratch / "spectra.npz")["flux"], "signal")
    same(group["wavelength"][()], np.arange(5.0) + 400, "grid")
    same(group["wavelength"].attrs["units"], b"nm", "unit")
    same(group["id"][()], np.arange(9), "column")
(scratch / "gaps.csv").write_text("n,t\n1,a\n,b\n3,\n")
with h5py.File(convert(scratch / "gaps.csv", scratch / "gaps.h5")) as file:
    same(file["n"][()], [1, file["n"].attrs["_FillValue"], 3], "missing integers")

print(f"{checks} checks passed")
