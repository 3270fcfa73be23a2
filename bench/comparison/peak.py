"""python -S peak.py COMMAND…: runs it and adds a line of JSON, its peak resident memory and its seconds.

A process of its own because Linux counts the memory of the process that starts a program into that program's peak
(ru_maxrss outlives exec): this one is small, the one that made the data is not.
"""
import os
import sys
import time

begin = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - begin
peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if status != 0:
    signal = f"signal {os.WTERMSIG(status)}; " if os.WIFSIGNALED(status) else ""
    sys.exit(f"{signal}peak resident {peak / 1e6:.0f} MB")
print(f'{{"peak_megabytes": {peak / 1e6}, "wall_seconds": {seconds}}}')
