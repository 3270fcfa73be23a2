"""lumenfold as a user runs it: the program, its options, its JSON."""
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PEAK = Path(__file__).resolve().parent / "peak.py"


@dataclass
class Lumenfold:
    program: str
    threads: int
    scratch: Path

    @cached_property
    def version(self):
        return self.output("--version").strip()

    def output(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"lumenfold {arguments[0]} failed: {done.stderr.strip()[-300:]}")
        return done.stdout

    def fit_arguments(self, data, *options, threads=None, model=None):
        return ["--quiet", "fit", data, "-o", model or self.scratch / "compare.model", "--json",
                "--threads", threads or self.threads, *options]

    def fit(self, data, *options, threads=None, model=None):
        """The JSON of a fit. Its `seconds` leave out reading and scaling, but hold PCA and the final errors."""
        return json.loads(self.output(*self.fit_arguments(data, *options, threads=threads, model=model)))

    def training_rate(self, data, *options, epochs, threads=None):
        """Rows per second of training alone: shuffling and steps, without PCA and the final errors."""
        return self.fit(data, *options, "--epochs", epochs, threads=threads)["rows_per_second"]

    def fit_with_peak(self, data, *options):
        """The JSON of a fit with `peak_megabytes` resident (10^6 bytes) and `wall_seconds` of the whole process."""
        command = [self.program, *map(str, self.fit_arguments(data, *options))]
        done = subprocess.run([sys.executable, "-S", "-E", PEAK, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"lumenfold fit failed: {done.stderr.strip()[-300:]}")
        fit, measured = done.stdout.strip().splitlines()
        return {**json.loads(fit), **json.loads(measured)}

    def encode(self, model, data, output):
        """Seconds of the whole process."""
        begin = time.perf_counter()
        self.output("--quiet", "encode", model, data, "-o", output, "--threads", self.threads)
        return time.perf_counter() - begin
