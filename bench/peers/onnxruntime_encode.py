"""ONNX Runtime encodes rows.

python onnxruntime_encode.py build MODEL ENCODER.onnx
python onnxruntime_encode.py tune ENCODER.onnx ROWS.npy
python onnxruntime_encode.py encode ENCODER.onnx ROWS.npy LATENT.npy BATCH SESSIONS

Two ways to use the threads, of which `tune` takes the faster with its best batch: all within an operator (SESSIONS 1),
or a session of one thread for each (SESSIONS = threads), called from as many Python threads, which do not hold Python's
lock while they compute.
"""
import sys
import time

from answer import THREADS, missing, say

BATCHES = [256, 1024, 4096, 16384, 65536, 262144]
TRIAL_ROWS = 1_000_000


def open_sessions(encoder, count):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS // count
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return [onnxruntime.InferenceSession(encoder, options, providers=["CPUExecutionProvider"]) for _ in range(count)]


def encode(sessions, rows, batch):
    """Latents [rows][latent]."""
    import threading

    import numpy as np

    latent = np.empty((len(rows), sessions[0].get_outputs()[0].shape[1]), "f4")

    def share(index):
        for first in range(index * batch, len(rows), batch * len(sessions)):
            latent[first:first + batch] = sessions[index].run(None, {"x": rows[first:first + batch]})[0]

    others = [threading.Thread(target=share, args=[index]) for index in range(1, len(sessions))]
    for thread in others:
        thread.start()
    share(0)
    for thread in others:
        thread.join()
    return latent


def seconds(function, *arguments):
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


def tune(encoder, path):
    import numpy as np
    import onnxruntime

    rows = np.load(path, mmap_mode="r")[:TRIAL_ROWS].copy()
    tried = []
    for count in sorted({1, THREADS}):
        sessions = open_sessions(encoder, count)
        for batch in BATCHES:
            encode(sessions, rows[:4 * batch], batch)
            tried.append((min(seconds(encode, sessions, rows, batch)[0] for _ in range(2)), batch, count))
    _, batch, count = min(tried)
    within = f"{THREADS // count} thread{'s' if THREADS > count else ''} within an operator"
    say(batch=batch, sessions=count, versions={"ONNX Runtime": onnxruntime.__version__},
        description=f"{count} session{'s' if count > 1 else ''} with {within}")


def main(verb, *arguments):
    if verb == "build":
        from onnx_encoder import build
        say(versions={"onnx": build(*arguments)})
    elif verb == "tune":
        tune(*arguments)
    else:
        import numpy as np

        encoder, path, output, batch, count = arguments
        rows = np.load(path)
        sessions = open_sessions(encoder, int(count))
        taken, latent = seconds(encode, sessions, rows, int(batch))
        np.save(output, latent)
        say(session_seconds=taken)


try:
    main(*sys.argv[1:])
except ModuleNotFoundError as error:
    missing(error)
