"""NPY and NPZ by NumPy, IDX by the layout that its authors give."""
import gzip
import math

import numpy as np

from .column import Axis, Reading, column, columns_of_matrix

# Ends of the names of grids, and the units that they stand for.
UNITS = {"_nm": "nm", "_cm1": "1/cm", "_angstrom": "angstrom", "_mev": "meV", "_meV": "meV"}
IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def readings(path):
    if path.suffix == ".npz":
        yield from of_archive(path)
    elif "idx" in path.name:
        yield Reading("", of_array(of_idx(path), "x"), "NumPy, after the layout of IDX")
    else:
        yield Reading("", of_array(np.load(path, allow_pickle=False), "x"), "NumPy")


def of_idx(path):
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    kind, dimensions = raw[2], raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, 4).tolist()
    return np.frombuffer(raw, IDX_TYPES[kind], math.prod(shape), 4 + 4 * dimensions).reshape(shape)


def of_array(array, name, axes=None):
    """The columns of an array; one of three dimensions or more, or with a grid, has samples with axes."""
    if array.dtype.names:
        return [column(own, array[own]) for own in array.dtype.names]
    if array.ndim == 1:
        return [column(f"{name}1" if name == "x" else name, array)]
    if array.ndim == 2 and axes is None:
        return columns_of_matrix(name, array)
    if axes is None:
        axes = [Axis(f"axis{at + 1}", size=size) for at, size in enumerate(array.shape[1:])]
    return [column(name, array.reshape(len(array), -1), axes=axes)]


def of_archive(path):
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    # The samples are the first array of most dimensions, and what has as many rows are columns.
    samples = max(arrays, key=lambda name: arrays[name].ndim)
    rows = len(arrays[samples])
    axes = [axis_of(arrays, size, rows, at) for at, size in enumerate(arrays[samples].shape[1:])]
    known = axes if any(axis.grid is not None for axis in axes) or len(axes) > 1 else None
    columns = []
    for name, array in arrays.items():
        if len(array) == rows:
            columns += of_array(array, name, known if name == samples else None)
    yield Reading("", columns, "NumPy")
    for name, array in arrays.items():
        # An array by itself has the grid that one of the others is.
        grid = known if name == samples else None
        yield Reading(name, of_array(array, name, grid), "NumPy")


def axis_of(arrays, size, rows, at):
    for name, array in arrays.items():
        if array.ndim == 1 and len(array) == size != rows and array.dtype.kind in "fiu":
            ending = next((ending for ending in UNITS if name.endswith(ending)), "")
            return Axis(name.removesuffix(ending), UNITS.get(ending), array.astype("f8"), size)
    return Axis(f"axis{at + 1}", size=size)
