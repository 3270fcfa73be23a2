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

        def rate(threads):
            settings = [*star.NETWORK, *training.options(batch)]
            return context.lumenfold.training_rate(path, *settings, epochs=star.epochs(context), threads=threads)

        rates = take_turns({"all": lambda: rate(context.threads), "one": lambda: rate(1)}, context.rounds)
        work = f"{name}-{batch}"
        # the bars are about two threads
        bar = BARS.get((work, ONE_THREAD)) if context.threads == 2 else None
        yield compared(work, ONE_THREAD, rates["all"], rates["one"], bar)
