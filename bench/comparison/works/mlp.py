"""Training of wide networks: dense layers with ReLU, no normalisation."""
from dataclasses import dataclass

from .. import data
from ..bars import EAGER, FUSED
from . import training


@dataclass
class Network:
    widths: list
    batch: int
    rows: int
    quick_rows: int
    epochs: int  # so many that they take as long as PCA


NETWORKS = {
    "mlp-784": Network([784, 512, 128, 32], batch=256, rows=20_000, quick_rows=1_024, epochs=10),
    "mlp-20000": Network([20000, 1000, 50], batch=32, rows=1_024, quick_rows=64, epochs=3),
}


def work(context, name):
    network = NETWORKS[name]
    inputs, *hidden, latent = network.widths
    path = data.npy(context.scratch, network.quick_rows if context.quick else network.rows, inputs, kind="uniform")
    torch = ["pytorch_training.py", path, "--widths", ",".join(map(str, network.widths)), "--activation", "relu",
             "--batch", network.batch]
    ours = ["--hidden", ",".join(map(str, hidden)), "--latent", latent, "--activation", "relu", "--norm", "none"]
    yield from training.compare(context, name, path, {EAGER: torch, FUSED: [*torch, "--fused"]}, ours, network.batch,
                                network.epochs)
