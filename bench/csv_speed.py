"""Speed of reading CSV beside polars, in one run.

    pip install numpy polars
    cargo build --release -p lumenfold-data --example read_speed
    python bench/csv_speed.py --megabytes 1000 --threads 2 --rounds 3

The table has ten columns of random numbers with all their digits (-0.12345678901234567). It is read from the page cache.
lumenfold's example takes the best of three readings in each of its ways (a whole table; blocks with a pass for the types;
blocks of columns known to be numbers; these made into data sets), polars the best of three as well. The two take turns; the
ratio is taken round by round and its median is what counts.
"""
import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--megabytes", type=int, default=1000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--program", default="target/release/examples/read_speed")
parser.add_argument("--file", help="read this file instead of a made one")
arguments = parser.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)

import polars  # noqa: E402  (after POLARS_MAX_THREADS)

COLUMNS = 10
READINGS = 3


def make(path):
    import numpy

    rows = numpy.random.default_rng(0).standard_normal((20_000, COLUMNS)).tolist()
    lines = "".join(",".join(map(repr, row)) + "\n" for row in rows)
    with open(path, "w") as file:
        file.write(",".join(f"x{column}" for column in range(COLUMNS)) + "\n")
        for _ in range(-(-arguments.megabytes * 1_000_000 // len(lines))):
            file.write(lines)


def lumenfold_speeds(path):
    """Megabytes per second of each way."""
    command = [arguments.program, str(path), str(arguments.threads)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {what.strip(): float(speed) for what, speed in re.findall(r"^(.+?)\s+(\d+) MB/s", output, re.MULTILINE)}


def polars_speed(path):
    best = float("inf")
    for _ in range(READINGS):
        start = time.perf_counter()
        polars.read_csv(path)
        best = min(best, time.perf_counter() - start)
    return path.stat().st_size / best / 1e6


with tempfile.TemporaryDirectory() as directory:
    path = Path(arguments.file) if arguments.file else Path(directory) / "numbers.csv"
    if not arguments.file:
        make(path)
    size = path.stat().st_size / 1e6
    print(f"{platform.machine()}, {os.cpu_count()} processors, {arguments.threads} threads, {size:.0f} MB")
    print(f"Python {sys.version.split()[0]}, polars {polars.__version__}")
    ratios = {}
    for number in range(arguments.rounds):
        ours, theirs = lumenfold_speeds(path), polars_speed(path)
        print(f"round {number + 1}: polars {theirs:.0f} MB/s; lumenfold", ", ".join(f"{what} {speed:.0f}" for what, speed in ours.items()))
        for what, speed in ours.items():
            ratios.setdefault(what, []).append(speed / theirs)
    for what, values in ratios.items():
        print(f"{what}: {statistics.median(values):.2f} times polars (from {min(values):.2f} to {max(values):.2f})")
