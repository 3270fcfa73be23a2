"""Compares what the program reads in files of many kinds with what NumPy, pyarrow, astropy and h5py read, value by value.

    python check_files.py DATA_FOLDER SCRATCH_DIRECTORY [--program PATH] [--markdown]

Every file of the folders below is either read, to the same names, types, units, missing values, bits and axes as by its
reference reader (scripts/reference), with every member that can be named; or it is refused with a message that names what is
not supported. One line is printed for each file (--markdown: the table of docs/reference/formats.md). The exit status is 1 if
anything differs, if a file is refused that should be read, or the other way round, and if the program panics.
"""
import argparse
import re
import sys
from pathlib import Path

from reference import arrays, fits, gamma, hdf5, parquet, text, votable
from reference.column import differences
from reference.program import PROGRAM, Program, Refused

FOLDERS = ("formats", "stars", "digits", "neutron", "spectra", "fields")
# The hostile files are for check_hostile.py.
ELSEWHERE = "formats/hostile"

READERS = {
    r"\.(csv|csv\.gz|tsv|txt)$": text,
    r"\.(npy|npz|idx|idx\.gz)$|-ubyte\.gz$": arrays,
    r"\.parquet$": parquet,
    r"\.(vot|xml)$": votable,
    r"\.(fits|fit|fits\.gz)$": fits,
    r"\.(h5|hdf|nx5|nxspe)$": hdf5,
    r"\.spe$": gamma,
}

# Files that are not read, and words of the message.
REFUSED = {
    r"formats/crystal/.*\.json": "JSON is not read",
    r"formats/crystal/.*\.cif": "a crystal structure (CIF) is not read",
    r"formats/crystal/.*POSCAR.*": "a crystal structure (POSCAR) is not read",
    r"formats/fits/history_header\.fits": "has a header only",
    r"formats/fits/random_groups\.fits": "random groups",
    r"formats/parquet/fixed_length_byte_array\.parquet": "byte strings of fixed length",
    r"formats/parquet/list_columns\.parquet": "save lists of one length",
    r"formats/parquet/nulls\.snappy\.parquet": "it is nested (lists of lists, or a structure)",
    r"formats/stars300/c16\.npy": "complex numbers",
    r"formats/stars300/classic\.nc": "NetCDF is not read",
    r"formats/stars300/var_list\.parquet": "save lists of one length",
    r"formats/stars300/zero_d\.npy": "a single number",
    r"formats/votable/parquet_binary\.xml": "keeps its data in another file",
    r"neutron/.*\.json": "JSON is not read",
    r"neutron/.*\.phonon_dos": "a CASTEP phonon file is not read",
    r"fields/.*\.dat": "in no format that is read",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--program", type=Path, default=PROGRAM)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    program = Program(asked.program, asked.scratch)
    paths = [path for folder in FOLDERS for path in sorted((asked.data / folder).rglob("*")) if path.is_file()]
    names = [path.relative_to(asked.data).as_posix() for path in paths]
    chosen = [(name, path) for name, path in zip(names, paths) if not name.startswith(f"{ELSEWHERE}/")]
    if asked.markdown:
        print("| file | read as | or refused with | compared with |\n|---|---|---|---|")
    wrong = 0
    for name, path in chosen:
        verdict = Verdict.of(program, name, path)
        wrong += len(verdict.wrong)
        print(verdict.markdown(name) if asked.markdown else verdict.line(name))
        for what in verdict.wrong:
            print(f"WRONG {name}: {what}", file=sys.stderr)
    print(f"{len(chosen)} files, {wrong} differences", file=sys.stderr)
    return 1 if wrong or not chosen else 0


class Verdict:
    """What became of a file."""

    def __init__(self):
        self.read, self.refused, self.against, self.wrong = "", "", "", []

    @classmethod
    def of(cls, program, name, path):
        own = cls()
        expected = next((words for pattern, words in REFUSED.items() if re.fullmatch(pattern, name)), None)
        try:
            found, remarks = program.read(path)
        except Refused as refusal:
            own.refused = str(refusal).replace(str(path), path.name)
            if expected is None or expected not in own.refused or path.name not in own.refused:
                own.wrong.append(f"refused: {refusal}")
            return own
        except AssertionError as failure:
            own.wrong.append(str(failure))
            return own
        own.read = shape(found, remarks)
        if expected is not None:
            own.wrong.append(f"read, though it should be refused ({expected})")
        else:
            own.compare(program, path, found)
        return own

    def compare(self, program, path, found):
        """Compares the file and each of its members with the reference."""
        reader = next(reader for pattern, reader in READERS.items() if re.search(pattern, path.name))
        readings = list(reader.readings(path))
        if not any(reading.member == "" for reading in readings):
            self.wrong.append("the reference reads no default table")
        for reading in readings:
            self.against = reading.against
            try:
                own = program.read(f"{path}:{reading.member}")[0] if reading.member else found
            except (Refused, AssertionError) as failure:
                self.wrong.append(f"{reading.member}: {failure}")
                continue
            self.wrong += [f"{reading.member or 'the file'}: {what}" for what in differences(own, reading.columns)]
        members = sum(reading.member != "" for reading in readings)
        if members:
            self.against += f"; so {'is 1 member' if members == 1 else f'are {members} members'}"

    def line(self, name):
        told = f"refused: {self.refused}" if self.refused else f"read as {self.read}; as {self.against}"
        return f"{'WRONG' if self.wrong else 'ok   '} {name}: {told}"

    def markdown(self, name):
        refused = self.refused.removeprefix(f"{Path(name).name}: ").replace("|", "&#124;")
        return f"| `{name}` | {self.read} | {refused} | {self.against} |"


def shape(columns, remarks):
    """The size of a table in words: rows × columns, and the axes of samples."""
    plain = [own for own in columns if not own.axes and own.name != "errors"]
    words = []
    for own in columns:
        if own.axes:
            axes = " × ".join(f"{axis.name} {axis.size}" for axis in own.axes)
            words.append(f"{len(own.values)} samples of {axes}" if len(own.values) > 1 else f"1 sample of {axes}")
    if any(own.values.ndim == 2 and not own.axes for own in columns):
        words.append("errors")
    if plain:
        rows = "" if words else f"{len(plain[0].values)} × "
        words.append(f"{rows}{len(plain)} column{'s' if len(plain) > 1 else ''}")
    left_out = sum(" left out" in remark for remark in remarks)
    return ", ".join(words) + (f"; {left_out} left out" if left_out else "")


if __name__ == "__main__":
    sys.exit(main())
