"""An epoch of an autoencoder's training in PyTorch, in random order: what every PyTorch peer is measured by."""
import time

import torch


def epochs(network, optimiser, rows, batch, warm_up):
    """Takes `warm_up` steps (compilation, memory), and gives a turn: an epoch, as (rows, seconds)."""

    def train(steps):
        begin = time.perf_counter()
        order = torch.randperm(len(rows))
        for step in range(steps):
            x = rows[order[step * batch:(step + 1) * batch]]
            optimiser.zero_grad(set_to_none=True)
            loss = ((network(x) - x) ** 2).mean()
            loss.backward()
            optimiser.step()
        return steps * batch, time.perf_counter() - begin

    epoch = len(rows) // batch
    train(min(epoch, warm_up))
    return lambda: train(epoch)
