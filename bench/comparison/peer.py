"""A peer: a Python program in ../peers, in a process of its own.

One that is kept alive (`Peer`) is prepared once, answers each line `run` with one line of JSON, and is stopped by the
system (SIGSTOP) between its turns, so that threads which spin while they wait take nothing from the others.
One that is measured as a whole process (`run_once`) is started for each turn.
"""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .skip import Skip

PEERS = Path(__file__).resolve().parent.parent / "peers"


def environment(threads):
    """The number of threads in the words of each library."""
    count = str(threads)
    return {
        **os.environ,
        **dict.fromkeys(["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"], count),
        "NPROC": count, "PJRT_NPROC": count,  # the thread pool of XLA on CPUs
        "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "PYTHONDONTWRITEBYTECODE": "1",
    }


def answer_of(line, script, log):
    if not line:
        words = log.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"{script} ended without an answer: {words[-1] if words else 'no message'}")
    answer = json.loads(line)
    if "missing" in answer:
        raise Skip(answer["missing"])
    return answer


class Peer:
    def __init__(self, script, arguments, threads, scratch):
        self.script, self.log = script, scratch / f"{script}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, PEERS / script, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, env={**environment(threads), "PEER_THREADS": str(threads)})
        try:
            self.versions = self.answer()["versions"]
        except BaseException:
            self.close()
            raise

    def answer(self):
        answer = answer_of(self.process.stdout.readline(), self.script, self.log)
        self.process.send_signal(signal.SIGSTOP)
        return answer

    def run(self):
        """One turn; the peer holds the watch."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return self.answer()

    def rate(self):
        answer = self.run()
        return answer["rows"] / answer["seconds"]

    def close(self):
        self.process.kill()  # reaches a stopped process, too
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run_once(script, arguments, threads, scratch):
    """The answer of a whole process, and the seconds from its start to its end."""
    log = scratch / f"{script}.log"
    begin = time.perf_counter()
    with open(log, "w") as errors:
        done = subprocess.run([sys.executable, PEERS / script, *map(str, arguments)], stdout=subprocess.PIPE, stderr=errors,
                              text=True, env={**environment(threads), "PEER_THREADS": str(threads)})
    seconds = time.perf_counter() - begin
    return answer_of(done.stdout, script, log), seconds
