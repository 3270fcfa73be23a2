"""The largest difference between two tables of latent coordinates, relative to the coordinate (or, where that is
smaller, to the standard deviation of its column).

    python check_encode_with_numpy.py FIRST.csv SECOND.csv

Ends with status 1 if it is above 1e-5.
"""
import sys

import numpy as np

first, second = (np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8") for path in sys.argv[1:3])
names = [name for name in first.dtype.names if name.startswith("z")]
assert len(first) == len(second) and names
worst = max((np.abs(first[n] - second[n]) / np.maximum(np.abs(first[n]), first[n].std())).max() for n in names)
print(f"{len(first)} rows, coordinates {', '.join(names)}: largest relative difference {worst:.2e}")
sys.exit(1 if worst > 1e-5 else 0)
