"""Reads with astropy what the program writes as FITS, and has the program read what astropy writes.

    python check_fits.py SCRATCH_DIRECTORY

Every number must be the same on both sides. The program is target/debug/lumenfold, unless LUMENFOLD names another.
"""
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits

from reference.program import PROGRAM, Program

scratch = Path(sys.argv[1])
convert = Program(PROGRAM, scratch).convert
warnings.simplefilter("ignore")
checks = 0



def table_of(source, *options):
    """What the program reads, as columns."""
    back = scratch / "back.fits"
    convert(source, back, *options)
    with fits.open(back) as units:
        units.verify("exception")
        return {name: np.array(units[1].data[name]) for name in units[1].columns.names}


def matrix_of(source):
    """What the program reads of an image, or of samples with axes."""
    back = scratch / "back.npy"
    convert(source, back)
    return np.load(back, allow_pickle=False)


def same(found, expected, what):
    global checks
    found, expected = np.asarray(found), np.asarray(expected)
    if expected.dtype.kind in "SU":
        assert [str(cell).rstrip() for cell in found] == [str(cell).rstrip() for cell in expected], what
    else:
        assert found.shape == expected.shape, (what, found.shape, expected.shape)
        assert ((found == expected) | ((found != found) & (expected != expected))).all(), what
    checks += 1


random = np.random.default_rng(1)
rows = 200
numbers = random.standard_normal(rows)
columns = [
    fits.Column("D", "D", array=numbers, unit="mag"),
    fits.Column("E", "E", array=numbers.astype("f4")),
    fits.Column("I", "I", array=np.arange(rows, dtype="i2") - 100),
    fits.Column("J", "J", array=np.arange(rows, dtype="i4") * -70000),
    fits.Column("K", "K", array=1237648720693755918 + np.arange(rows)),
    fits.Column("B", "B", array=np.arange(rows, dtype="u1")),
    fits.Column("U2", "I", bzero=32768, array=np.arange(rows, dtype="u2") * 300),
    fits.Column("U4", "J", bzero=2**31, array=np.arange(rows, dtype="u4") * 20000000),
    fits.Column("S1", "B", bzero=-128, array=(np.arange(rows) - 100).astype("i1")),
    fits.Column("U8", "K", bzero=2**63, array=np.arange(rows, dtype="u8") * 2**50),
    fits.Column("L", "L", array=numbers > 0),
    fits.Column("A", "9A", array=np.array([f"star {i % 7}" for i in range(rows)])),
    fits.Column("SCALED", "I", array=np.arange(rows, dtype="i2")),
    fits.Column("V", "3E", array=random.standard_normal((rows, 3)).astype("f4")),
    fits.Column("BITS", "11X", array=random.random((rows, 11)) < 0.5),
]
made = scratch / "made.fits"
fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(made, overwrite=True)
for keyword, value in {"TSCAL": 0.1, "TZERO": 3.0}.items():
    fits.setval(made, f"{keyword}{[column.name for column in columns].index('SCALED') + 1}", value=value, ext=1)
found = table_of(made)
with fits.open(made) as units:
    for column in columns:
        values = units[1].data[column.name]
        if values.ndim == 1:
            same(found[column.name], values, column.name)
        else:
            for at in range(values.shape[1]):
                same(found[f"{column.name}{at + 1}"], values[:, at], column.name)
with fits.open(scratch / "back.fits") as units:
    assert units[1].columns["D"].unit == "mag"

image = random.integers(-3000, 3000, (60, 48))
smooth = np.add.outer(np.arange(60.0), np.sin(np.arange(48.0))).astype("f4")
for kind in ("i2", "i4", "f4", "f8"):
    fits.writeto(scratch / "image.fits", image.astype(kind), overwrite=True)
    same(matrix_of(scratch / "image.fits"), image.astype(kind), kind)
for codec in ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1"):
    for kind in ("u1", "i2", "i4", "f4"):
        for shape in ((1, 48), (16, 16), (60, 48)):
            if codec == "HCOMPRESS_1" and shape[0] == 1:
                continue
            values = (smooth + 0.1 * random.standard_normal(image.shape)).astype("f4") if kind == "f4" else np.abs(image) % 200
            options = {"quantize_method": 2, "dither_seed": 5} if kind == "f4" else {}
            if codec == "PLIO_1" and kind == "f4":
                continue
            unit = fits.CompImageHDU(values.astype(kind), compression_type=codec, tile_shape=shape, hcomp_scale=0, **options)
            written = scratch / "tiles.fits"
            unit.writeto(written, overwrite=True)
            with fits.open(written) as units:
                same(matrix_of(written), units[1].data, (codec, kind, shape))

print(f"{checks} arrays and columns are the same")
