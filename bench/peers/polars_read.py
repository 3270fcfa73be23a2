"""Polars reads a CSV file: python polars_read.py FILE. Its own watch around the reading alone.

The number of its threads is POLARS_MAX_THREADS, which must be set before it is imported.
"""
import io
import sys
import time

from answer import missing, say

try:
    import polars
except ModuleNotFoundError as error:
    missing(error)
    sys.exit()
polars.read_csv(io.BytesIO(b"x,y\n1.5,2.5\n"))  # starts its threads
begin = time.perf_counter()
table = polars.read_csv(sys.argv[1])
seconds = time.perf_counter() - begin
say(seconds=seconds, rows=table.height, threads=polars.thread_pool_size(), versions={"Polars": polars.__version__})
