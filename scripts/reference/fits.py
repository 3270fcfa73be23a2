"""FITS, by astropy: tables, images, and spectra of two surveys."""
import math
import warnings

import numpy as np
from astropy.io import fits

from . import survey_spectra
from .column import Axis, Reading, column


def readings(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(path) as units:
            spectra = list(survey_spectra.readings(units))
            yield from spectra
            members = [(number, list(of_unit(path, units, number))) for number in range(len(units))]
            members = [(number, columns) for number, columns in members if columns]
            tables = [number for number, _ in members if is_table(units[number])]
            default = (tables or [number for number, _ in members] or [None])[0]
            for number, columns in members:
                if number == default and not spectra:
                    yield Reading("", columns, "astropy")
                if not units[number].name.endswith("_FLUX"):
                    yield Reading(str(number), columns, "astropy")


def is_table(unit):
    return isinstance(unit, (fits.BinTableHDU, fits.TableHDU)) and not isinstance(unit, fits.CompImageHDU)


def of_unit(path, units, number):
    unit = units[number]
    if is_table(unit):
        for field in unit.columns:
            yield from of_field(unit, field)
    elif unit.is_image and unit.header.get("NAXIS", 0) and not unit.header.get("GROUPS"):
        yield from of_image(path, unit, number)


def of_field(unit, field):
    """The columns of a field; none for complex numbers and arrays of several lengths."""
    values = np.asarray(unit.data.field(field.name))
    if values.dtype == object or values.dtype.kind == "c":
        return
    missing = absent(unit, field, values)
    if values.dtype.kind == "U":
        values = np.array([cell.rstrip() for cell in values.ravel()], dtype=object).reshape(values.shape)
    physical = "angstrom" if field.unit and field.unit.lower() == "angstrom" else field.unit
    shape = values.shape[1:]
    values, missing = (array.reshape(len(values), math.prod(shape)) for array in (values, missing))
    if values.shape[1] == 1:
        yield column(field.name, values[:, 0], physical, missing[:, 0])
    elif len(shape) > 1:
        axes = [Axis(f"axis{at + 1}", size=size) for at, size in enumerate(shape)]
        yield column(field.name, values, physical, missing, axes)
    else:
        for at in range(values.shape[1]):
            yield column(f"{field.name}{at + 1}", values[:, at], physical, missing[:, at])


def absent(unit, field, values):
    """Which cells are missing: the null value of the field as it is stored, no letter at all, or neither T nor F."""
    stored = np.asarray(unit.data.view(np.ndarray)[field.name])
    if isinstance(unit, fits.TableHDU):
        null = str(field.null or "").strip().encode()
        is_number = values.dtype.kind in "if"
        return np.array([is_number and cell.strip() in (b"", null) for cell in stored.ravel().tolist()])
    if stored.dtype.kind == "S":
        return stored == b""
    if values.dtype.kind == "b" and stored.dtype.kind == "i" and stored.shape == values.shape:
        return stored == 0
    if values.dtype.kind in "iu" and isinstance(field.null, int):
        return stored == field.null
    return np.zeros(values.shape, dtype=bool)


def of_image(path, unit, number):
    header = unit.header
    values, missing = unit.data, np.zeros(unit.data.shape, dtype=bool)
    if not isinstance(unit, fits.CompImageHDU):
        # Scaled here in double precision: astropy scales small integers in single precision.
        with fits.open(path, do_not_scale_image_data=True) as raw:
            values, stored = np.array(raw[number].data), raw[number].header
        scale, zero, blank = stored.get("BSCALE", 1), stored.get("BZERO", 0), stored.get("BLANK")
        if blank is not None and values.dtype.kind in "iu":
            missing = values == blank
        if values.dtype.kind in "iu" and scale == 1 and float(zero).is_integer():
            values = values.astype("i8") + int(zero)
        elif (scale, zero) != (1, 0):
            values = values.astype("f8") * float(scale) + float(zero)
    physical = header.get("BUNIT")
    axes = [linear(header, values.ndim - at, size) for at, size in enumerate(values.shape)]
    if values.ndim == 1 and axes[0] is None:
        yield column("x1", values, physical, missing)
        return
    rows = 1 if values.ndim == 1 else len(values)
    flat, missing = values.reshape(rows, -1), missing.reshape(rows, -1)
    own = list(zip(axes, values.shape))[0 if values.ndim == 1 else 1 :]
    if values.ndim == 2 and own[0][0] is None:
        for at in range(flat.shape[1]):
            yield column(f"x{at + 1}", flat[:, at], physical, missing[:, at])
        return
    axes = [axis or Axis(f"axis{at + 1}", size=size) for at, (axis, size) in enumerate(own)]
    yield column("x", flat, physical, missing, axes)


def linear(header, number, size):
    """The axis of a dimension that is linear by its header (section 8 of the standard), else None."""
    value, step = header.get(f"CRVAL{number}"), header.get(f"CD{number}_{number}", header.get(f"CDELT{number}"))
    kind = header.get(f"CTYPE{number}", "").strip()
    turned = any(header.get(f"{word}{one}_{other}") for word in ("CD", "PC") for one, other in ((1, 2), (2, 1)))
    if value is None or step is None or "-" in kind or turned:
        return None
    places = value + (np.arange(1, size + 1) - header.get(f"CRPIX{number}", 0)) * step
    return Axis(kind.lower() or f"axis{number}", header.get(f"CUNIT{number}"), places, size)
