"""NumPy reads an array: python numpy_read.py FILE. Its own watch around the reading alone."""
import sys
import time

from answer import missing, say

try:
    import numpy
except ModuleNotFoundError as error:
    missing(error)
    sys.exit()
begin = time.perf_counter()
array = numpy.load(sys.argv[1])
seconds = time.perf_counter() - begin
say(seconds=seconds, rows=len(array), threads=None, versions={"NumPy": numpy.__version__})
