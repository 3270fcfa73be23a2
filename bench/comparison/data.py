"""Seeded data in the scratch directory, made in blocks and reused if there."""
import os
import shutil

import numpy as np

from .skip import Skip

BLOCK = 1 << 20  # values


def made(path, size, fill):
    """`path`, filled by `fill(temporary path)` unless it is there; about `size` bytes."""
    if path.exists():
        return path
    free = shutil.disk_usage(path.parent).free
    if free < 1.1 * size:
        raise Skip(f"{path.name} needs {size / 1e9:.1f} GB in {path.parent}, which has {free / 1e9:.1f} GB")
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        fill(temporary)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def blocks(rows, features, kind):
    """Blocks of rows: "normal" or "uniform" in [0, 1)."""
    random = np.random.default_rng(0)
    draw = random.standard_normal if kind == "normal" else random.random
    step = max(1, BLOCK // features)
    for first in range(0, rows, step):
        yield draw((min(step, rows - first), features))


def npy(scratch, rows, features, dtype="f4", kind="normal"):
    dtype = np.dtype(dtype)

    def fill(path):
        with open(path, "wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows, features)}
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks(rows, features, kind):
                file.write(block.astype(dtype).tobytes())

    return made(scratch / f"{kind}-{rows}x{features}-{dtype.name}.npy", rows * features * dtype.itemsize, fill)


def parquet(scratch, rows, features):
    """The same numbers as `npy(…, "f8")`, in row groups of a block."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as missing:
        raise Skip(missing)
    names = [f"x{column + 1}" for column in range(features)]

    def fill(path):
        schema = pyarrow.schema([(name, pyarrow.float64()) for name in names])
        with pyarrow.parquet.ParquetWriter(path, schema, compression="NONE", use_dictionary=False) as file:
            for block in blocks(rows, features, "normal"):
                file.write_table(pyarrow.table([pyarrow.array(column) for column in block.T.copy()], schema=schema))

    return made(scratch / f"normal-{rows}x{features}.parquet", rows * features * 8, fill)


def fits(scratch, rows, features):
    """The same numbers as a binary table of 64-bit floats."""
    try:
        from astropy.io import fits as astropy
    except ModuleNotFoundError as missing:
        raise Skip(missing)

    def fill(path):
        values = np.concatenate(list(blocks(rows, features, "normal")))
        columns = [astropy.Column(f"x{at + 1}", "D", array=column) for at, column in enumerate(values.T)]
        with open(path, "wb") as file:
            astropy.HDUList([astropy.PrimaryHDU(), astropy.BinTableHDU.from_columns(columns)]).writeto(file)

    return made(scratch / f"normal-{rows}x{features}.fits", rows * features * 8, fill)


def csv(scratch, size):
    """Ten columns of numbers with 17 digits, about `size` bytes: blocks of 100,000 rows, repeated."""
    def fill(path):
        values = np.random.default_rng(0).standard_normal((min(100_000, size // 100), 10))
        text = "".join(",".join(f"{value:.17g}" for value in row) + "\n" for row in values.tolist()).encode()
        with open(path, "wb") as file:
            file.write((",".join(f"x{column + 1}" for column in range(10)) + "\n").encode())
            for _ in range(max(1, round(size / len(text)))):
                file.write(text)

    return made(scratch / f"normal-{size}.csv", size, fill)


def warm(path):
    """Reads the file once, so that everyone finds it in the system's cache."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass
