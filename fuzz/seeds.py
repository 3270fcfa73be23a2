"""Writes the seeds that need the writers of others: `python seeds.py` with astropy, h5py, hdf5plugin, numpy and pyarrow.

Each holds a few values in a form that our own writers do not choose: chunks, filters, old and new layouts of HDF5;
images, compressed tiles, heaps and ASCII tables of FITS; dictionaries, lists and streams of Arrow; encodings of Parquet.
"""

import pathlib

import h5py
import hdf5plugin
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits

HERE = pathlib.Path(__file__).parent / "seeds"

def place(target, name):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / name)

def hdf5():
    values = np.arange(12, dtype="f4").reshape(3, 4)
    records = np.array([(1, 2.5, b"ab"), (2, -1.0, b"c")], dtype=[("n", "<i2"), ("x", ">f8"), ("s", "S3")])
    for libver in ("earliest", "latest"):
        def file(name):
            return h5py.File(place("hdf5", f"{name}_{libver}.h5"), "w", libver=libver)

        with file("chunks") as f:
            f.create_dataset("x", data=values, chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
        with file("growing") as f:
            f.create_dataset("x", data=values, chunks=(1, 4), maxshape=(None, 4))
        with file("two_growing") as f:
            f.create_dataset("x", data=values, chunks=(2, 2), maxshape=(None, None))
        with file("offset") as f:
            f.create_dataset("x", data=np.arange(16), chunks=(8,), scaleoffset=0)
        with file("plugins") as f:
            f.create_dataset("a", data=np.arange(40.0).reshape(20, 2), chunks=(11, 2), **hdf5plugin.LZ4(nbytes=64))
            f.create_dataset("b", data=np.arange(40.0).reshape(20, 2), chunks=(20, 2), **hdf5plugin.Bitshuffle(nelems=8))
        with file("scales") as f:
            f.create_dataset("cube", data=values.reshape(3, 2, 2))
            f.create_dataset("ivar", data=values.reshape(3, 2, 2))
            for at, name in enumerate("rxy"):
                f[name] = np.arange(3.0 if at == 0 else 2.0)
                f[name].make_scale("This is a netCDF dimension but not a netCDF variable" if at == 0 else name)
                f["cube"].dims[at].attach_scale(f[name])
        with file("nexus") as f:
            f.attrs["default"] = "entry"
            entry = f.create_group("entry")
            entry.attrs.update({"NX_class": "NXentry", "default": "data"})
            data = entry.create_group("data")
            data.attrs.update({"NX_class": "NXdata", "signal": "signal", "axes": ["q", "energy"]})
            data["signal"] = values
            data["signal_errors"] = np.full((3, 4), 0.5, "f4")
            data["q"] = np.arange(3.0)
            data["energy"] = np.arange(5.0)
            data["energy"].attrs["units"] = "meV"
        with file("links") as f:
            f["a"] = np.arange(3)
            f["b"] = h5py.SoftLink("/a")
            f["c"] = h5py.SoftLink("/c")
            f["d"] = h5py.ExternalLink("elsewhere.h5", "/a")
            for index in range(9):
                f[f"g{index}"] = np.float32(index)
        # What follows differs between the two only in what leads to it.
        if libver == "latest":
            continue
        with file("lzf") as f:
            f.create_dataset("x", data=np.zeros((4, 8), "i4"), chunks=(2, 8), compression="lzf")
        with file("records") as f:
            f.create_dataset("t", data=records)
        with file("texts") as f:
            f.create_dataset("s", data=["one", "two", ""], dtype=h5py.string_dtype())
            f["s"].attrs["unit"] = "none"
        with file("enum") as f:
            f.create_dataset("e", data=np.array([True, False]))
            f.create_dataset("n", data=np.array([1, 2], "u1"))


def fits_files():
    def write(name, *hdus):
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(place("fits", name), overwrite=True)

    image = np.arange(6, dtype=">i2").reshape(2, 3)
    primary = fits.PrimaryHDU(image)
    primary.header.update({"CTYPE1": "WAVE", "CUNIT1": "nm", "CRPIX1": 1.0, "CRVAL1": 500.0, "CDELT1": 2.0,
                           "BSCALE": 0.5, "BZERO": 3.0, "BLANK": 4})
    primary.writeto(place("fits", "image.fits"), overwrite=True)

    write("ascii.fits", fits.TableHDU.from_columns([
        fits.Column("a", "I5", array=[1, -2]), fits.Column("b", "F8.3", array=[1.5, 2.5]), fits.Column("c", "A4", array=["x", "yz"])]))
    write("vectors.fits", fits.BinTableHDU.from_columns([
        fits.Column("v", "3E", unit="mag", array=np.arange(6.0).reshape(2, 3)), fits.Column("l", "L", array=[True, False]),
        fits.Column("u", "I", bzero=32768, array=np.array([1, 40000], "u2")), fits.Column("n", "J", null=-1, array=[-1, 5]),
        fits.Column("b", "3X", array=np.array([[1, 0, 1], [0, 1, 1]], bool)), fits.Column("s", "3A", array=["ab", "c"])]))
    write("heap.fits", fits.BinTableHDU.from_columns([
        fits.Column("p", "PE()", array=np.array([np.arange(2.0), np.arange(3.0)], dtype=object))]))
    tiles = np.arange(32, dtype="i4").reshape(4, 8)
    for kind in ("RICE_1", "GZIP_1", "PLIO_1", "HCOMPRESS_1"):
        shape = (4, 4) if kind == "HCOMPRESS_1" else (1, 8)
        write(f"tiles_{kind}.fits", fits.CompImageHDU(tiles, compression_type=kind, tile_shape=shape))
    noise = np.sin(np.arange(64.0)).reshape(8, 8).astype("f4")
    write("tiles_floats.fits", fits.CompImageHDU(noise, compression_type="RICE_1", quantize_method=2, tile_shape=(1, 8)))
    wave = fits.BinTableHDU.from_columns([
        fits.Column("flux", "E", array=[1.0, 2.0, 3.0]), fits.Column("loglam", "E", array=[3.5, 3.6, 3.7]),
        fits.Column("ivar", "E", array=[1.0, 0.0, 4.0])], name="COADD")
    write("sdss.fits", wave)
    write("desi.fits", fits.BinTableHDU.from_columns([fits.Column("TARGETID", "K", array=[1, 2])], name="FIBERMAP"),
          fits.ImageHDU(np.arange(3.0), name="B_WAVELENGTH"), fits.ImageHDU(np.ones((2, 3), "f4"), name="B_FLUX"),
          fits.ImageHDU(np.ones((2, 3), "f4"), name="B_IVAR"), fits.ImageHDU(np.zeros((2, 3), "i4"), name="B_MASK"))

def arrow():
    table = pa.table({
        "n": pa.array([1, None, 3], pa.uint16()), "d": pa.array(["a", "b", "a"]).dictionary_encode(),
        "f": pa.array([0.5, 1.5, None], pa.float16()), "l": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2)),
        "s": pa.array(["x", None, "yz"], pa.large_string()), "b": pa.array([True, False, None]),
        "t": pa.array([1, 2, 3], pa.timestamp("s"))})
    for name, kind, codec in (("file", pa.ipc.new_file, None), ("stream", pa.ipc.new_stream, "lz4"), ("zstd", pa.ipc.new_file, "zstd")):
        with kind(place("arrow", name), table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as out:
            out.write_table(table, max_chunksize=2)
    views = pa.table({"v": pa.array(["short", "a text longer than twelve bytes"], pa.string_view())})
    with pa.ipc.new_file(place("arrow", "views"), views.schema) as out:
        out.write_table(views)

def parquet():
    table = pa.table({"n": pa.array([1, None, 3], pa.int32()), "x": pa.array([0.5, 1.5, 2.5], pa.float32()),
                      "s": ["one", "two", "one"], "b": [True, False, None]})
    for codec in ("none", "snappy", "gzip", "lz4"):
        pq.write_table(table, place("parquet", codec), compression=codec)
    pq.write_table(table, place("parquet", "delta"), use_dictionary=False, data_page_version="2.0", compression="none",
                   column_encoding={"n": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY", "x": "BYTE_STREAM_SPLIT"})
    lists = pa.table({"f": pa.array([[0.5, 1.5], None, [2.5, None]], pa.list_(pa.float32(), 2)), "n": [1, 2, 3]})
    for version in ("1.0", "2.0"):
        pq.write_table(lists, place("parquet", f"lists_{version[0]}"), data_page_version=version, compression="none")

if __name__ == "__main__":
    hdf5()
    fits_files()
    arrow()
    parquet()
