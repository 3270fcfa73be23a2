"""Where, when and with what: the words around the table."""
import datetime
import os
import platform
import subprocess
from pathlib import Path

import numpy


def cpuinfo(key):
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)


def instruction_set():
    forced = os.environ.get("LUMENFOLD_SIMD")
    if forced:
        return f"{forced} (forced for lumenfold)"
    flags = (cpuinfo("flags") or "").split()
    return "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else platform.machine()


def memory():
    try:
        return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB"
    except (ValueError, OSError):
        return "unknown memory"


def load():
    return f"{os.getloadavg()[0]:.1f}"


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def heading(command, context):
    rounds = "a smoke test: the numbers mean nothing" if context.quick else f"medians of {context.rounds} rounds"
    return [
        f"# lumenfold beside its peers, {datetime.date.today()}", "",
        f"`{command}`", "",
        f"{cpuinfo('model name') or platform.processor()}, {os.cpu_count()} processors, {instruction_set()}, {memory()}; "
        f"{context.threads} thread{'s' if context.threads > 1 else ''} each; {rounds}; load at the start {load()}.", "",
    ]


def ending(context):
    source = first_line("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty")
    versions = {"Python": platform.python_version(), "NumPy": numpy.__version__, **context.versions}
    lines = [f"{context.lumenfold.version}{f' (working copy at {source})' if source else ''}; "
             + ", ".join(f"{name} {version}" for name, version in versions.items())
             + f"; {platform.system()} {platform.release()}; load at the end {load()}."]
    for note in context.notes:
        lines += ["", note]
    if context.skipped:
        lines += ["", "Skipped:", "", *(f"- {reason}" for reason in context.skipped)]
    return lines
