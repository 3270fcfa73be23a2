"""How a peer talks: one line of JSON for each answer, on what was standard output when it started."""
import json
import os
import sys

# Libraries may print; only answers may reach the other side.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

THREADS = int(os.environ["PEER_THREADS"])


def say(**answer):
    print(json.dumps(answer), file=_answers, flush=True)


def missing(error):
    say(missing=(str(error).strip() or type(error).__name__).splitlines()[0][:200])


def serve(prepare):
    """`prepare()` gives (versions, turn); each line `run` is answered with turn() = (rows, seconds)."""
    try:
        versions, turn = prepare()
    except Exception as error:
        missing(error)
        raise
    say(versions=versions)
    for line in sys.stdin:
        if line.strip() == "run":
            rows, seconds = turn()
            say(rows=rows, seconds=seconds)
