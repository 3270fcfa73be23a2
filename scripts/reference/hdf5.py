"""HDF5 and NeXus, by h5py: the samples that a file means by its own rules, and each of its datasets by its path."""
import h5py
import numpy as np

from .column import Axis, Reading, column, columns_of_matrix

# Units as the files spell them, and as the program does.
SPELLINGS = {"microseconds": "us", "degrees": "deg", "degree": "deg", "seconds": "s", "Angstroem": "angstrom"}
# What a file means as a whole: a group of samples, or a dataset whose rows are samples.
MEANT = {
    "MAR11001_test.nxspe": "/11001.spe/data",
    "nxspe_version1_0.nxspe": "/11014.spe/data",
    "V-iqe.h5": "/iqe",
    "lrcs3701.nx5": "/Histogram1/data",
    "focus2007n001335.hdf": "/entry1/merged",
    "Mendocino.h5": "/",
}
ERRORS = ("errors", "error", "uncs")


def readings(path):
    with h5py.File(path) as file:
        datasets, groups = [], ["/"]
        file.visititems(lambda name, own: (datasets if isinstance(own, h5py.Dataset) else groups).append(f"/{name}"))
        described = {group: samples for group in groups if (samples := samples_of(file[group]))}
        meant = MEANT.get(path.name) or max(datasets, key=lambda name: file[name].size)
        if meant in described:
            yield Reading("", of_samples(file[meant], *described[meant], whole=True), "h5py")
        else:
            yield Reading("", plain(file[meant]), "h5py")
        for name in datasets:
            group = file[name].parent
            signal = described.get(group.name)
            if signal and name.endswith(f"/{signal[0]}"):
                yield Reading(name, of_samples(group, *signal, whole=False), "h5py")
            else:
                yield Reading(name, plain(file[name]), "h5py")
        for group, samples in described.items():
            if group != "/":
                yield Reading(group, of_samples(file[group], *samples, whole=True), "h5py")


def unit(found):
    told = found.attrs.get("units")
    told = told.decode() if isinstance(told, bytes) else told
    return SPELLINGS.get(told, told)


def samples_of(group):
    """The signal of a group and the grids of its dimensions, each None where there is none; None for other groups."""
    own = {name: found for name, found in group.items() if isinstance(found, h5py.Dataset)}
    marked = [name for name, found in own.items() if str(text(found.attrs.get("signal"))) == "1"]
    if marked:
        signal = own[marked[0]]
        listed = text(signal.attrs.get("axes"))
        if listed:
            names = dict(enumerate(listed.split(":")))
        else:
            names = {int(found.attrs["axis"]) - 1: name for name, found in own.items() if "axis" in found.attrs}
        axes = [nexus_axis(own.get(names.get(at)), names.get(at), size) for at, size in enumerate(signal.shape)]
        return marked[0], axes
    if "grid" in group:
        axes = [None] * own["data"].ndim
        for name, grid in group["grid"].items():
            centres = grid["bin centers"][()].astype("f8")
            told = text(grid.attrs["unit"])
            spelled = {"1e+10*m**-1": "1/angstrom", "1.60218e-22*m**2*kg*s**-2": "meV"}.get(told, told)
            axes[int(grid.attrs["index"])] = Axis(name, spelled, centres, len(centres))
        return "data", axes
    if "energy" in own and "polar" in own:
        return "data", [None, nexus_axis(own["energy"], "energy", own["data"].shape[1])]
    if "bin_edges_kev" in own:
        centres = middles(own["bin_edges_kev"][()])
        return "counts", [Axis("energy", "keV", centres, len(centres))]
    return None


def text(value):
    value = value.item() if isinstance(value, np.generic) else value
    return value.decode() if isinstance(value, bytes) else value


def middles(edges):
    edges = edges.astype("f8")
    return (edges[1:] + edges[:-1]) / 2


def nexus_axis(found, name, size):
    """An axis by its centres, or by the edges of its bins; None if they neither rise nor fall."""
    if found is None:
        return None
    grid = found[()].astype("f8")
    grid = middles(grid) if len(grid) == size + 1 else grid
    steps = np.diff(grid)
    return Axis(name, unit(found), grid, size) if len(grid) == size and ((steps > 0).all() or (steps < 0).all()) else None


def of_samples(group, name, axes, whole):
    """The samples of a group: the whole signal where all of its dimensions have grids, else, and by its path, its rows."""
    signal = group[name]
    errors = next((own for own in ERRORS if own in group and group[own].shape == signal.shape), None)
    single = whole and axes[0] is not None
    rows = 1 if single else len(signal)
    own_axes = axes if single else axes[1:]
    shape = (rows, -1)
    if not own_axes:
        columns = [column(name, signal[()], unit(signal))]
        beside = [column(f"error of {name}", group[errors][()], unit(group[errors]))] if errors else []
    else:
        columns = [column(name, signal[()].reshape(shape), unit(signal), axes=own_axes)]
        beside = [column("errors", group[errors][()].reshape(shape), unit(group[errors]))] if errors else []
    used = {name, errors, *(axis.name for axis in axes if axis)}
    for other, found in group.items():
        is_list = isinstance(found, h5py.Dataset) and other not in used and found.ndim == 1
        if is_list and len(found) == rows and (own_axes or "bin_edges_kev" not in group):
            columns += plain(found)
    return [*columns, *beside]


def plain(found):
    """A dataset as a table of its own: a column, one for each number of a row, or one for each member of a record."""
    name, values = found.name.rsplit("/", 1)[1], found[()]
    if found.dtype.names:
        return [column(member, values[member]) for member in found.dtype.names]
    if found.dtype.kind in "SO":
        cells = [cell.decode("latin-1") if isinstance(cell, bytes) else cell for cell in np.atleast_1d(values).ravel()]
        return [column(name, np.array([cell.rstrip("\0") for cell in cells], dtype=object), unit(found))]
    if values.ndim < 2 or values.shape[1] == 1:
        return [column(name, np.atleast_1d(values).ravel(), unit(found))]
    return columns_of_matrix(name, values, unit(found))
