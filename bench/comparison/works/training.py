"""A fit of lumenfold and the same training by peers, in turns."""
from ..bars import BARS
from ..rounds import take_turns
from ..table import compared


def options(batch):
    """Plain training, as the peers do it: every row, a constant rate, Adam."""
    return ["--validation", 0, "--batch", batch, "--learning-rate", 0.001, "--schedule", "constant"]


def compare(context, work, data, scripts, network, batch, epochs):
    def ours():
        return context.lumenfold.training_rate(data, *network, *options(batch), epochs=epochs)

    with context.peers(work, scripts) as peers:
        if not peers:
            return
        context.say(f"{work}: rounds")
        rates = take_turns({"lumenfold": ours, **{name: peer.rate for name, peer in peers.items()}}, context.rounds)
    for name in peers:
        yield compared(work, name, rates["lumenfold"], rates[name], BARS.get((work, name)))
