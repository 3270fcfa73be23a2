"""Encoding 10 million rows of the star network from NPY to NPY, beside ONNX Runtime with the same weights."""
import os

import numpy as np

from .. import data
from ..bars import BARS, SESSION, WHOLE
from ..peer import run_once
from ..rounds import take_turns
from ..table import compared
from . import star, training

# Of a latent coordinate, absolute plus relative. Each of the two is within 1.3e-5 of the same network in double precision
# on the worst of 20 million numbers.
AGREEMENT = 3e-5


def largest_difference(ours, theirs):
    """In units of AGREEMENT · (1 + |z|), block by block."""
    ours, theirs = np.load(ours, mmap_mode="r"), np.load(theirs, mmap_mode="r")
    if ours.shape != theirs.shape:
        raise RuntimeError(f"lumenfold wrote {ours.shape}, ONNX Runtime {theirs.shape}")
    largest = 0.0
    for first in range(0, len(ours), 1 << 20):
        a, b = (z[first:first + (1 << 20)].astype(float) for z in (ours, theirs))
        difference = (np.abs(a - b) / (1 + np.abs(b))).max()
        if not difference <= largest:
            largest = difference  # a NaN stays
    return largest / AGREEMENT


def work(context, name):
    scratch = context.scratch
    model, ours, theirs = scratch / "star.model", scratch / "ours.npy", scratch / "theirs.npy"
    context.lumenfold.fit(star.rows(context), *star.NETWORK, *training.options(512), "--epochs", 2, model=model)
    rows = 50_000 if context.quick else 10_000_000
    path = data.npy(scratch, rows, 5)
    data.warm(path)

    def peer(*arguments):
        answer, seconds = run_once("onnxruntime_encode.py", arguments, context.threads, scratch)
        context.versions.update(answer.get("versions", {}))
        return answer, seconds

    context.say(f"{name}: building the ONNX model and choosing the batch for ONNX Runtime")
    peer("build", model, scratch / "star.onnx")
    tuned, _ = peer("tune", scratch / "star.onnx", path)
    way = [tuned["batch"], tuned["sessions"]]
    sessions = []

    def prepare(output):
        """Each turn writes a new file, and does not wait for the disk of the one before."""
        output.unlink(missing_ok=True)
        os.sync()

    def encode():
        prepare(ours)
        return rows / context.lumenfold.encode(model, path, ours)

    def encode_by_peer():
        prepare(theirs)
        answer, seconds = peer("encode", scratch / "star.onnx", path, theirs, *way)
        sessions.append(rows / answer["session_seconds"])
        return rows / seconds

    encode(), encode_by_peer()
    difference = largest_difference(ours, theirs)
    if not difference <= 1:
        raise RuntimeError(f"the latents differ by {difference * AGREEMENT:.1e}, more than {AGREEMENT:.0e} (1 + |z|)")
    context.notes.append(
        f"encode: the latents agree to {difference * AGREEMENT:.1e} (1 + |z|). ONNX Runtime was fastest with batches of "
        f"{tuned['batch']:,} rows and {tuned['description']}. Against the session alone, lumenfold's time is still that of "
        "its whole process, files included.")
    context.say(f"{name}: rounds")
    sessions.clear()
    rates = take_turns({"lumenfold": encode, WHOLE: encode_by_peer}, context.rounds)
    yield compared(name, WHOLE, rates["lumenfold"], rates[WHOLE], BARS.get((name, WHOLE)))
    yield compared(name, SESSION, rates["lumenfold"], sessions, BARS.get((name, SESSION)))
