"""Spectra of SDSS and DESI, put together from what astropy reads."""
import numpy as np

from .column import Axis, Reading, column


def readings(units):
    names = [unit.name for unit in units]
    if "B_FLUX" in names:
        yield from desi(units)
    elif len(units) > 1 and units[1].name == "COADD":
        yield from sdss(units)


def weighted(flux, weight):
    """Values without weight are missing; the others have the error 1/√weight."""
    flux, weight = np.asarray(flux, dtype="f8"), np.asarray(weight, dtype="f8")
    used = (weight > 0) & np.isfinite(flux)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(used, flux, np.nan), np.where(used, 1 / np.sqrt(weight), np.nan)


def sdss(units):
    table, about = units[1].data, units[2].data
    flux, errors = weighted(table["flux"], table["ivar"])
    grid = 10.0 ** table["loglam"].astype("f8")
    axes = [Axis("wavelength", "angstrom", grid, len(grid))]
    unit = units[0].header["BUNIT"]
    class_ = np.array([about["CLASS"][0].strip()], dtype=object)
    yield Reading("", [
        column("flux", flux[None, :].astype("f4"), unit, axes=axes),
        column("redshift", about["Z"]),
        column("class", class_),
        column("ra", about["PLUG_RA"], "deg"),
        column("dec", about["PLUG_DEC"], "deg"),
        column("errors", errors[None, :], unit),
    ], "astropy")
    yield Reading("errors", [column("errors", errors[None, :], unit, axes=axes)], "astropy")


def desi(units):
    arms = {}
    for arm in "BRZ":
        weight = np.where(units[f"{arm}_MASK"].data == 0, units[f"{arm}_IVAR"].data.astype("f8"), 0)
        arms[arm] = (np.asarray(units[f"{arm}_WAVELENGTH"].data, dtype="f8"), units[f"{arm}_FLUX"].data, weight)
    unit = units["B_FLUX"].header["BUNIT"]
    target = units["FIBERMAP"].data
    for arm, (grid, flux, weight) in arms.items():
        yield Reading(f"{arm}_FLUX", samples(grid, *weighted(flux, weight), unit, target), "astropy")
    grid, flux, errors = joined(list(arms.values()))
    yield Reading("", samples(grid, flux, errors, unit, target), "astropy")
    axes = [Axis("wavelength", "angstrom", grid, len(grid))]
    yield Reading("errors", [column("errors", errors, unit, axes=axes, tolerance=1e-14)], "astropy")


def samples(grid, flux, errors, unit, target):
    axes = [Axis("wavelength", "angstrom", grid, len(grid))]
    return [
        column("flux", flux.astype("f4"), unit, axes=axes),
        *[column(name, target[name]) for name in ("TARGETID", "TARGET_RA", "TARGET_DEC")],
        column("errors", errors, unit, tolerance=1e-14),
    ]


def joined(arms):
    """All arms on one grid: where bins coincide the mean with the weights, of all weights together."""
    bins = {}
    for grid, flux, weight in arms:
        for at, place in enumerate(grid):
            bins.setdefault(round(place, 3), []).append((place, flux[:, at].astype("f8"), weight[:, at]))
    grid, values, errors = [], [], []
    for key in sorted(bins):
        parts = bins[key]
        weights = sum(weight for _, _, weight in parts)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sum(np.where(weight > 0, weight * flux, 0) for _, flux, weight in parts) / weights
            one = len(parts) == 1
            values.append(np.where(weights > 0, parts[0][1] if one else mean, np.nan))
            errors.append(np.where(weights > 0, 1 / np.sqrt(weights), np.nan))
        grid.append(parts[0][0])
    return np.array(grid), np.stack(values, 1), np.stack(errors, 1)
