"""Reading 1 GB of CSV: lumenfold's reader (the example read_speed) and Polars, each in a new process, its own watch."""
import os
import re
import subprocess

from .. import data
from ..bars import BARS, POLARS
from ..peer import run_once
from ..rounds import take_turns
from ..skip import Skip
from ..table import compared


def work(context, name):
    if not os.access(context.read_speed, os.X_OK):
        raise Skip(f"no example {os.path.basename(context.read_speed)}: "
                   "cargo build --release -p lumenfold-data --example read_speed, or --read-speed PATH")
    path = data.csv(context.scratch, 1_000_000 if context.quick else 1_000_000_000)
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
        answer, _ = run_once("polars_read.py", [path], context.threads, context.scratch)
        context.versions.update(answer["versions"])
        if answer["threads"] != context.threads:
            raise RuntimeError(f"Polars uses {answer['threads']} threads, not {context.threads}")
        return size / answer["seconds"]

    theirs()  # says so if Polars is missing, before any round
    context.say(f"{name}: rounds")
    rates = take_turns({"lumenfold": ours, POLARS: theirs}, context.rounds)
    yield compared(name, POLARS, rates["lumenfold"], rates[POLARS], BARS.get((name, POLARS)), unit="MB/s", per=1e6)
