"""Reading a table whole: lumenfold's readers (the example read_speed) and a peer, each in a new process, its own watch."""
import os
import re
import subprocess

from .. import data
from ..bars import ASTROPY, BARS, NUMPY, POLARS, PYARROW
from ..peer import run_once
from ..rounds import take_turns
from ..skip import Skip
from ..table import compared

ROWS, COLUMNS = 5_000_000, 10

# By work: the peer, its script, and the file, of so many rows or bytes.
WORKS = {
    "csv": (POLARS, "polars_read.py", lambda scratch, quick: data.csv(scratch, 1_000_000 if quick else 1_000_000_000)),
    "parquet": (PYARROW, "pyarrow_read.py", lambda scratch, quick: data.parquet(scratch, rows(quick), COLUMNS)),
    "fits": (ASTROPY, "astropy_read.py", lambda scratch, quick: data.fits(scratch, rows(quick), COLUMNS)),
    "npy": (NUMPY, "numpy_read.py", lambda scratch, quick: data.npy(scratch, rows(quick), COLUMNS, "f8")),
}


def rows(quick):
    return ROWS // 1000 if quick else ROWS


def work(context, name):
    if not os.access(context.read_speed, os.X_OK):
        raise Skip(f"no example {os.path.basename(context.read_speed)}: "
                   "cargo build --release -p lumenfold-data --example read_speed, or --read-speed PATH")
    peer, script, make = WORKS[name]
    path = make(context.scratch, context.quick)
    size = path.stat().st_size
    data.warm(path)

    def ours():
        command = [context.read_speed, path, str(context.threads), "read_table", "1"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = re.search(r"^read_table\b.*?([\d.]+) s\b", output, re.MULTILINE)
        if not found:
            raise RuntimeError(f"read_speed says {output.strip()[:200]!r}, not 'read_table … SECONDS s'")
        return size / float(found[1])

    def theirs():
        answer, _ = run_once(script, [path], context.threads, context.scratch)
        context.versions.update(answer["versions"])
        if answer["threads"] not in (None, context.threads):
            raise RuntimeError(f"{peer} uses {answer['threads']} threads, not {context.threads}")
        return size / answer["seconds"]

    theirs()  # says so if the peer is missing, before any round
    context.say(f"{name}: rounds")
    rates = take_turns({"lumenfold": ours, peer: theirs}, context.rounds)
    yield compared(name, peer, rates["lumenfold"], rates[peer], BARS.get((name, peer)), unit="MB/s", per=1e6)
