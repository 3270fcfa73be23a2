"""Astropy reads the first table of a FITS file: python astropy_read.py FILE. Its own watch around the reading alone.

Astropy maps the file into memory and turns no byte before a column is used; here every column becomes numbers of the
machine's own byte order, as a table that is learnt from has them.
"""
import sys
import time

from answer import missing, say

try:
    import astropy
    import numpy
    from astropy.io import fits
except ModuleNotFoundError as error:
    missing(error)
    sys.exit()
begin = time.perf_counter()
with fits.open(sys.argv[1]) as file:
    table = file[1].data
    columns = [numpy.array(table[name], dtype=table[name].dtype.newbyteorder("=")) for name in table.names]
seconds = time.perf_counter() - begin
say(seconds=seconds, rows=len(columns[0]), threads=None, versions={"Astropy": astropy.__version__})
