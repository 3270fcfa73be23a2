"""Makes the HDF5 files of this folder: `python make.py` with h5py 3.16, netCDF4 1.7 and h5netcdf 1.8.

Small files of kinds that the program does not write. The tests know their values, which are small whole numbers and quarters.
"""

import pathlib

import h5py
import h5netcdf
import netCDF4
import numpy as np

HERE = pathlib.Path(__file__).parent
FLUX = np.arange(12.0).reshape(3, 4)
WEIGHTS = np.array([[1.0, 4.0, 16.0, 0.0], [4.0, 4.0, 4.0, 4.0], [0.25, 1.0, 1.0, 1.0]])
GRID = np.array([1.0, 2.0, 4.0, 8.0])


def plain(name, **datasets):
    """Datasets of the root group, and nothing that says what they are for each other."""
    with h5py.File(HERE / f"{name}.h5", "w", libver="latest") as file:
        for key, values in datasets.items():
            file.create_dataset(key, data=values)


# Names in the order of the alphabet, in which `ivar` and `errors` come before `spectra`.
plain("errors", spectra=FLUX.astype("f4"), errors=(FLUX / 4).astype("f4"), wavelength_nm=GRID, id=np.arange(3))
plain("named_errors", flux=FLUX, flux_errors=FLUX / 4)
plain("ivar", spectra=FLUX, ivar=WEIGHTS, wavelength_nm=GRID)
plain("other_shape", spectra=FLUX, errors=FLUX[:, :2], wavelength_nm=GRID)
with h5py.File(HERE / "nexus_ivar.nxs", "w", libver="latest") as file:
    file.attrs["default"] = "data"
    data = file.create_group("data")
    data.attrs.update({"NX_class": "NXdata", "signal": "flux", "axes": [".", "wavelength"]})
    data["flux"], data["ivar"], data["wavelength"] = FLUX, WEIGHTS, GRID


def netcdf(file):
    """Samples over two axes of one size, of which the order of names does not tell which is which."""
    for name, size in (("sample", 3), ("y", 4), ("x", 4)):
        file.dimensions[name] = size
    for name, dimension, unit, values in (("y", "y", "meV", GRID), ("x", "x", "1/angstrom", GRID / 4)):
        variable = file.create_variable(name, (dimension,), "f8")
        variable[...] = values
        variable.attrs["units"] = unit
    cube = file.create_variable("intensity", ("sample", "y", "x"), "f4", fillvalue=np.float32(-999.0))
    values = np.arange(48.0).reshape(3, 4, 4)
    values[1, 2, 3] = -999.0
    cube[...] = values
    cube.attrs["units"] = "counts"
    temperature = file.create_variable("temperature", ("sample",), "f8")
    temperature[...] = [10.0, 20.0, 30.0]


with h5netcdf.File(HERE / "h5netcdf.nc", "w") as file:
    netcdf(file)
with netCDF4.Dataset(HERE / "netcdf4.nc", "w") as file:
    for name, size in (("sample", 3), ("y", 4), ("x", 4)):
        file.createDimension(name, size)
    for name, unit, values in (("y", "meV", GRID), ("x", "1/angstrom", GRID / 4)):
        variable = file.createVariable(name, "f8", (name,))
        variable[:] = values
        variable.units = unit
    cube = file.createVariable("intensity", "f4", ("sample", "y", "x"), fill_value=-999.0)
    values = np.arange(48.0).reshape(3, 4, 4)
    values[1, 2, 3] = -999.0
    cube[:] = np.ma.masked_equal(values, -999.0)
    cube.units = "counts"
    temperature = file.createVariable("temperature", "f8", ("sample",))
    temperature[:] = [10.0, 20.0, 30.0]
