"""Reads with pyarrow and astropy what the program writes as Arrow and VOTable, and has the program read what they write.

    python check_tables.py SCRATCH_DIRECTORY

Every value must be the same on both sides, missing ones included. The program is target/debug/lumenfold, unless LUMENFOLD names another.
"""
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
from astropy.io.votable import parse_single_table
from astropy.table import Table

from reference.program import PROGRAM, Program

scratch = Path(sys.argv[1])
convert = Program(PROGRAM, scratch).convert



rows = 1000
random = np.random.default_rng(1)
table = pa.table({
    "identity": pa.array([None if i % 7 == 0 else 1237648720693755918 + i for i in range(rows)]),
    "magnitude": pa.array([None if i % 5 == 0 else i / 7 for i in range(rows)]),
    "flux": pa.array(random.standard_normal(rows).astype("f4")),
    "seen": pa.array([None if i % 11 == 0 else i % 3 == 0 for i in range(rows)]),
    "label": pa.array([f"é & <{i % 7}>" for i in range(rows)]).dictionary_encode(),
})
plain = table.set_column(4, "label", table["label"].cast(pa.string()))
checks = 0
for codec in (None, "lz4", "zstd"):
    for kind, make in (("arrow", ipc.new_file), ("arrows", ipc.new_stream)):
        written, back = scratch / f"{codec}.{kind}", scratch / f"{codec}-{kind}-back.arrow"
        with make(written, table.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
            for batch in table.to_batches(max_chunksize=300):
                writer.write_batch(batch)
        convert(written, back)
        read = ipc.open_file(back).read_all()
        for name in plain.column_names:
            assert read[name].to_pylist() == plain[name].to_pylist(), (codec, kind, name)
            checks += 1

lists = pa.table({"spectrum": pa.array([[i / 3, i / 4] for i in range(rows)], pa.list_(pa.float32(), 2))})
with ipc.new_file(scratch / "lists.arrow", lists.schema) as writer:
    writer.write_table(lists)
convert(scratch / "lists.arrow", scratch / "lists.parquet")
read = pq.read_table(scratch / "lists.parquet")
for place in range(2):
    assert read[f"spectrum{place + 1}"].to_pylist() == [row[place] for row in lists["spectrum"].to_pylist()]
    checks += 1

pq.write_table(plain, scratch / "plain.parquet")
convert(scratch / "plain.parquet", scratch / "plain.vot")
found = parse_single_table(scratch / "plain.vot").to_table()
for name in plain.column_names:
    cells = [None if np.ma.is_masked(cell) else cell for cell in found[name]]
    cells = [None if isinstance(cell, np.floating) and np.isnan(cell) else cell for cell in cells]
    assert cells == plain[name].to_pylist(), name
    checks += 1

numbers = Table({"x": random.standard_normal(rows), "n": np.arange(rows), "v": random.standard_normal((rows, 3)).astype("f4")})
for form in ("tabledata", "binary", "binary2"):
    written, back = scratch / f"{form}.vot", scratch / f"{form}.parquet"
    numbers.write(written, format="votable", tabledata_format=form, overwrite=True)
    convert(written, back)
    read = pq.read_table(back)
    assert read["n"].to_pylist() == list(numbers["n"])
    assert (read["x"].to_numpy() == numbers["x"]).all()
    for place in range(3):
        assert (read[f"v{place + 1}"].to_numpy() == numbers["v"][:, place]).all(), (form, place)
    checks += 5
print(f"{checks} columns are the same in pyarrow and astropy")
