"""Reads with NumPy and pyarrow what the program writes, and has the program read what they write.

    python check_formats.py SCRATCH_DIRECTORY

Every number must be the same bits on both sides. The program is target/debug/lumenfold, unless LUMENFOLD names another.
"""
import csv
import gzip
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reference.program import PROGRAM, Program

scratch = Path(sys.argv[1])
convert = Program(PROGRAM, scratch).convert



random = np.random.default_rng(1)
rows = 1000
table = pa.table({
    "identity": pa.array(1237648720693755918 + np.arange(rows)),
    "magnitude": pa.array(20 + random.standard_normal(rows)),
    "flux": pa.array(random.standard_normal(rows).astype("f4")),
    "label": pa.array([f"star {i % 7}" for i in range(rows)]),
    "seen": pa.array(random.random(rows) < 0.5),
})
checks = 0
for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
    written = scratch / f"{codec}.parquet"
    pq.write_table(table, written, compression=codec)
    back = scratch / f"{codec}-back.parquet"
    convert(written, back)
    read = pq.read_table(back)
    for name in table.column_names:
        assert read[name].to_pylist() == table[name].to_pylist(), (codec, name)
        checks += 1

matrix = random.standard_normal((rows, 4))
for kind, values in {"c": matrix, "fortran": np.asfortranarray(matrix), "f4": matrix.astype("f4"),
                     "big": matrix.astype(">f8")}.items():
    written, back = scratch / f"{kind}.npy", scratch / f"{kind}-back.npy"
    np.save(written, values)
    convert(written, back)
    read = np.load(back, allow_pickle=False)
    assert read.shape == values.shape and (read == values).all(), kind
    checks += 1

np.savez_compressed(scratch / "in.npz", X=matrix, y=np.arange(rows), name=np.array([f"n{i}" for i in range(rows)]))
convert(scratch / "in.npz", scratch / "out.npz")
read = np.load(scratch / "out.npz", allow_pickle=False)
assert (np.stack([read[f"X{i + 1}"] for i in range(4)], 1) == matrix).all()
assert (read["y"] == np.arange(rows)).all() and read["name"][42] == "n42"
checks += 3

convert(scratch / "none.parquet", scratch / "out.csv.gz", "--columns", "identity,magnitude")
with gzip.open(scratch / "out.csv.gz", "rt") as file:
    read = list(csv.DictReader(file))
assert [int(row["identity"]) for row in read] == table["identity"].to_pylist()
assert [float(row["magnitude"]) for row in read] == table["magnitude"].to_pylist()
checks += 2
print(f"{checks} columns and arrays are the same in NumPy and pyarrow")
