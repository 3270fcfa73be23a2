"""Has the program look at files that are broken, misleading or malicious, and measures what it takes.

    python check_hostile.py DATA_FOLDER SCRATCH_DIRECTORY [--program PATH] [--markdown]

For each file of formats/hostile (list.csv says of what kind it is) `inspect` and `fit` must end within LONGEST seconds and
LARGEST bytes of memory, without a panic. A broken file is refused by both, an unusable one by `fit`; an odd one may be read. What
is refused is told in one line that names the file, with exit status 2, and nothing is written.
"""
import argparse
import csv
import os
import sys
import threading
import time
from pathlib import Path

from reference.program import PROGRAM

# Most seconds and most bytes of memory (resident, at the peak) of one run.
LONGEST = 20
LARGEST = 200_000_000
FIT = ["--epochs", "1", "--hidden", "3", "--batch", "1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--program", type=Path, default=PROGRAM)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    folder = asked.data / "formats/hostile"
    with open(folder / "list.csv", newline="") as file:
        listed = {row["file"]: row for row in csv.DictReader(file)}
    unlisted = {path.name for path in folder.iterdir()} - set(listed) - {"list.csv"}
    wrong = [f"{name} is not in list.csv" for name in sorted(unlisted)]
    if asked.markdown:
        print("| file | kind | what | `fit` |\n|---|---|---|---|")
    most = 0
    for name, about in sorted(listed.items()):
        runs = {verb: Run(asked, folder / name, verb) for verb in ("inspect", "fit")}
        found = [f"{name}, {verb}: {what}" for verb, run in runs.items() for what in run.violations(about["kind"])]
        wrong += found
        most = max(most, *(run.bytes for run in runs.values()))
        told = runs["fit"].message.replace(str(folder / name), name) or "read"
        if asked.markdown:
            cells = [about["kind"], about["what"], told.removeprefix(f"{name}: ")]
            print(f"| `{name}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
        else:
            print(f"{'WRONG' if found else 'ok   '} {about['kind']} {name}: {told}")
    for what in wrong:
        print(f"WRONG {what}", file=sys.stderr)
    print(f"{len(listed)} files, {len(wrong)} violations, at most {most / 1e6:.0f} MB", file=sys.stderr)
    return 1 if wrong or not listed else 0


class Run:
    """One run of the program: exit status, what it said, time and memory."""

    def __init__(self, asked, path, verb):
        self.path, self.verb, self.model = path, verb, asked.scratch / "hostile.model"
        self.model.unlink(missing_ok=True)
        said = asked.scratch / "hostile.stderr"
        more = [*FIT, "-o", str(self.model)] if verb == "fit" else []
        began = time.monotonic()
        with open(said, "wb") as errors, open(os.devnull, "wb") as nothing:
            actions = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
            command = [str(asked.program), "--quiet", verb, str(path), *more]
            child = os.posix_spawn(asked.program, command, os.environ, file_actions=actions)
        # Only this child is ended, and only while it has not been waited for.
        stop = threading.Timer(2 * LONGEST, os.kill, (child, 9))
        stop.start()
        _, status, used = os.wait4(child, 0)
        stop.cancel()
        self.seconds, self.bytes = time.monotonic() - began, used.ru_maxrss * 1024
        self.status = os.waitstatus_to_exitcode(status)
        self.stderr = said.read_text(errors="replace")
        lines = self.stderr.splitlines()
        self.errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        self.strange = [line for line in lines if not line.startswith(("error: ", "warning: "))]
        self.message = self.errors[0] if self.errors else ""

    def violations(self, kind):
        if "panicked" in self.stderr or self.status not in (0, 2):
            yield f"exit status {self.status}: {self.stderr.strip()}"
        if self.strange:
            yield f"said {self.strange}"
        if self.seconds > LONGEST:
            yield f"took {self.seconds:.0f} s"
        if self.bytes > LARGEST:
            yield f"took {self.bytes / 1e6:.0f} MB"
        if self.status == 0 and (kind == "broken" or kind == "unusable" and self.verb == "fit"):
            yield f"was read, though it is {kind}"
        if self.status == 2 and (len(self.errors) != 1 or self.path.name not in self.message):
            yield f"said {self.stderr.strip()!r}"
        if self.status == 2 and self.model.exists():
            yield "wrote a model"


if __name__ == "__main__":
    sys.exit(main())
