"""The program as a reader: what it makes of a file, through the Arrow file that it converts to."""
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from .column import Axis, Column, column


# The program that is tried: a build for development, unless the environment names another.
PROGRAM = Path(os.environ.get("LUMENFOLD", Path(__file__).parents[2] / "target/debug/lumenfold"))


class Refused(Exception):
    """The program would not read a file; the message is the last line that it said."""


class Program:
    """A build of the program, and a directory that it may write to."""

    def __init__(self, path, scratch):
        self.path, self.scratch = str(path), scratch

    def run(self, *arguments):
        return subprocess.run([self.path, "--quiet", *map(str, arguments)], capture_output=True, text=True, timeout=120)

    def convert(self, source, target, *options):
        """Converts a file, which must succeed; the name of the new file."""
        done = self.run("convert", source, "-o", target, *options)
        assert done.returncode == 0, done.stderr
        return target

    def read(self, source):
        """The columns of a file, and what the program remarked."""
        target = self.scratch / "read.arrow"
        target.unlink(missing_ok=True)
        done = self.run("convert", source, "-o", target)
        lines = done.stderr.strip().splitlines()
        if "panicked" in done.stderr or done.returncode not in (0, 2):
            raise AssertionError(f"exit status {done.returncode}: {done.stderr.strip()}")
        if done.returncode == 2:
            if len(lines[-1:]) != 1 or not lines[-1].startswith("error: "):
                raise AssertionError(f"no message: {done.stderr!r}")
            raise Refused(lines[-1].removeprefix("error: "))
        table = ipc.open_file(target).read_all()
        remarks = [line.removeprefix("warning: ") for line in lines]
        return [read_field(field, table.column(at)) for at, field in enumerate(table.schema)], remarks


def read_field(field, chunks) -> Column:
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    unit = metadata.get("unit")
    array = chunks.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], field.type)
    if pa.types.is_fixed_size_list(field.type):
        flat = plain(array.flatten())
        shape = (len(array), field.type.list_size)
        values, missing = flat[0].reshape(shape), flat[1].reshape(shape)
        return column(field.name, values, unit, missing, [axis(one) for one in json.loads(metadata.get("axes", "[]"))])
    values, missing = plain(array)
    return column(field.name, values, unit, missing)


def axis(told):
    return Axis(told["name"], told.get("unit"), np.array(told["grid"]), len(told["grid"]))


def plain(array):
    """Values, with something in the place of those that are missing, and which these are."""
    missing = np.array(array.is_null(), dtype=bool)
    if pa.types.is_string(array.type):
        return np.array(array.fill_null("").to_pylist(), dtype=object), missing
    filler = False if pa.types.is_boolean(array.type) else 0
    return array.fill_null(filler).to_numpy(zero_copy_only=False), missing
