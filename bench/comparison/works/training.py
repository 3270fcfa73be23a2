"""A fit of lumenfold and the same training by peers, in turns."""
import statistics

from ..bars import BARS
from ..rounds import take_turns
from ..table import compared, number


def options(batch):
    """Plain training, as the peers do it: every row, a constant rate, Adam."""
    return ["--validation", 0, "--batch", batch, "--learning-rate", 0.001, "--schedule", "constant"]


def too_busy(unclear, fits):
    return (f"**The machine was too busy** to tell the time of training alone in {unclear} of {fits} turns: "
            "they hold PCA and the final errors. Repeat it on a quiet machine.")


def compare(context, work, data, scripts, network, batch, epochs):
    told, unclear = [], 0

    def ours():
        nonlocal unclear
        rate, with_pca, clear = context.lumenfold.training_rate(data, *network, *options(batch), epochs=epochs)
        told.append(with_pca)
        unclear += not clear
        return rate

    with context.peers(work, scripts) as peers:
        if not peers:
            return
        context.say(f"{work}: rounds")
        rates = take_turns({"lumenfold": ours, **{name: peer.rate for name, peer in peers.items()}}, context.rounds)
    context.notes.append(f"{work}: `fit` itself tells {number(statistics.median(told))} rows/s for {1 + epochs} epochs, "
                         "PCA and the final errors included."
                         + (f" {too_busy(unclear, context.rounds)}" if unclear else ""))
    for name in peers:
        yield compared(work, name, rates["lumenfold"], rates[name], BARS.get((work, name)))
