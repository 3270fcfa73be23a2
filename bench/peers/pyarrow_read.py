"""PyArrow reads a Parquet file: python pyarrow_read.py FILE. Its own watch around the reading alone."""
import sys
import time

from answer import THREADS, missing, say

try:
    import pyarrow
    import pyarrow.parquet
except ModuleNotFoundError as error:
    missing(error)
    sys.exit()
pyarrow.set_cpu_count(THREADS)
pyarrow.set_io_thread_count(THREADS)
begin = time.perf_counter()
table = pyarrow.parquet.read_table(sys.argv[1])
seconds = time.perf_counter() - begin
say(seconds=seconds, rows=table.num_rows, threads=pyarrow.cpu_count(), versions={"PyArrow": pyarrow.__version__})
