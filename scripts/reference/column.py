"""Columns as a reference reader gives them and as the program does, and what differs between two tables."""
from dataclasses import dataclass, field

import numpy as np

# How far the grid of an axis may be from the reference, as a share of it: powers and means are rounded differently.
GRID_TOLERANCE = 1e-14


@dataclass
class Axis:
    """An axis of samples: its name, unit and grid; `grid` is None where bins are counted from 0."""

    name: str
    unit: str | None = None
    grid: np.ndarray | None = None
    size: int = 0

    def centres(self):
        return np.arange(self.size, dtype="f8") if self.grid is None else np.asarray(self.grid, dtype="f8")


@dataclass
class Column:
    """Values of one column [rows], or of samples with axes [rows, values], and which of them are missing."""

    name: str
    values: np.ndarray
    missing: np.ndarray
    unit: str | None = None
    axes: list[Axis] = field(default_factory=list)
    # How far values may be from the reference, as a share of them; 0 for the same bits.
    tolerance: float = 0.0

    @property
    def kind(self):
        return {"f8": "float64", "f4": "float32", "i8": "integer", "b1": "boolean"}.get(self.values.dtype.str[1:], "text")


def column(name, values, unit=None, missing=None, axes=(), tolerance=0.0):
    """A column of the type that values of this type are read as: integers of 64 bits, floats of 32 or 64."""
    values = np.asarray(values)
    kind = values.dtype.kind
    if kind in "iu":
        values = values.astype("i8")
    elif kind == "f":
        values = values.astype("f4" if values.dtype.itemsize <= 4 else "f8")
    elif kind == "S":
        values = np.array([cell.decode("utf-8") for cell in values.tolist()], dtype=object)
    elif kind != "b":
        values = values.astype(object)
    absent = np.zeros(values.shape, dtype=bool) if missing is None else np.array(missing, dtype=bool)
    if kind == "f":
        absent = absent | np.isnan(values)
    return Column(name, values, absent, unit or None, list(axes), tolerance)


def columns_of_matrix(name, matrix, unit=None, **more):
    """A column for each of the numbers of a row, counted from 1."""
    return [column(f"{name}{at + 1}", matrix[:, at], unit, **more) for at in range(matrix.shape[1])]


@dataclass
class Reading:
    """What a file, or a member of it, holds; `member` is empty for the file itself."""

    member: str
    columns: list[Column]
    against: str


def differences(found, expected):
    """What two lists of columns differ in, one phrase for each column; none if they are the same."""
    if [own.name for own in found] != [own.name for own in expected]:
        return [f"columns {shortened(found)}, expected {shortened(expected)}"]
    said = []
    for own, other in zip(found, expected, strict=True):
        what = differs(own, other)
        if what:
            said.append(f"{own.name}: {what}")
    return said


def shortened(columns):
    names = [own.name for own in columns]
    return ", ".join(names if len(names) <= 12 else [*names[:10], "…", names[-1]])


def differs(found, expected):
    if found.kind != expected.kind:
        return f"is {found.kind}, expected {expected.kind}"
    if found.unit != expected.unit:
        return f"has the unit {found.unit}, expected {expected.unit}"
    if found.values.shape != expected.values.shape:
        return f"has the shape {found.values.shape}, expected {expected.values.shape}"
    if (found.missing != expected.missing).any():
        return f"lacks {found.missing.sum()} values, expected {expected.missing.sum()}"
    there = ~found.missing
    own, other = found.values[there], expected.values[there]
    if found.kind in ("float64", "float32"):
        own, other = np.ascontiguousarray(own), np.ascontiguousarray(other)
        same = own.view(f"i{own.itemsize}") == other.view(f"i{own.itemsize}")
        if expected.tolerance:
            same |= np.abs(own - other) <= expected.tolerance * np.abs(other)
    else:
        same = own == other
    if not np.all(same):
        at = int(np.argmin(same))
        return f"holds {own[at]!r} where {other[at]!r} was expected ({(~np.asarray(same)).sum()} values differ)"
    return differs_in_axes(found.axes, expected.axes)


def differs_in_axes(found, expected):
    told = [[(axis.name, axis.unit, axis.size) for axis in axes] for axes in (found, expected)]
    if told[0] != told[1]:
        return f"has the axes {told[0]}, expected {told[1]}"
    for own, other in zip(found, expected, strict=True):
        if not np.allclose(own.centres(), other.centres(), rtol=GRID_TOLERANCE, atol=0):
            return f"has another grid of {own.name}"
    return None
