"""The star network on one thread and on all: what a second processor brings."""
from ..bars import BARS, ONE_THREAD
from ..rounds import take_turns
from ..skip import Skip
from ..table import compared
from . import star, training


def work(context, name):
    if context.threads == 1:
        raise Skip("--threads 1 is what it would be compared with")
    path = star.rows(context)
    for batch in star.BATCHES:
        context.say(f"{name}: batch {batch}")

        unclear = []

        def rate(threads):
            settings = [*star.NETWORK, *training.options(batch)]
            rate, _, clear = context.lumenfold.training_rate(path, *settings, epochs=star.epochs(context), threads=threads)
            unclear.append(not clear)
            return rate

        rates = take_turns({"all": lambda: rate(context.threads), "one": lambda: rate(1)}, context.rounds)
        work = f"{name}-{batch}"
        if any(unclear):
            context.notes.append(f"{work}: {training.too_busy(sum(unclear), len(unclear))}")
        # the bars are about two threads
        bar = BARS.get((work, ONE_THREAD)) if context.threads == 2 else None
        yield compared(work, ONE_THREAD, rates["all"], rates["one"], bar)
