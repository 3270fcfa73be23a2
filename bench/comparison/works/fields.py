"""Training of convolutional networks on images, spectra and volumes: halving convolutions, ReLU, one dense layer, mirror."""
from dataclasses import dataclass

from .. import data
from ..bars import EAGER, FUSED
from . import training


@dataclass
class Network:
    shape: list
    channels: list
    kernel: int
    latent: int
    batch: int
    rows: int
    quick_rows: int
    epochs: int


NETWORKS = {
    "conv-digits": Network([28, 28], [16, 32], 3, 32, batch=128, rows=20_480, quick_rows=256, epochs=6),
    "conv-spectra": Network([2000], [16, 32, 48, 64], 5, 16, batch=64, rows=4_096, quick_rows=128, epochs=4),
    "conv-volumes": Network([32, 32, 32], [8, 16, 32], 3, 16, batch=16, rows=512, quick_rows=32, epochs=10),
}


def joined(numbers, by):
    return by.join(map(str, numbers))


def work(context, name):
    network = NETWORKS[name]
    features = 1
    for size in network.shape:
        features *= size
    path = data.npy(context.scratch, network.quick_rows if context.quick else network.rows, features, kind="uniform")
    torch = ["pytorch_fields.py", path, "--shape", joined(network.shape, ","), "--channels", joined(network.channels, ","),
             "--kernel", network.kernel, "--latent", network.latent, "--batch", network.batch]
    ours = ["--net", "conv", "--shape", joined(network.shape, "x"), "--channels", joined(network.channels, ","), "--kernel",
            network.kernel, "--latent", network.latent, "--activation", "relu", "--norm", "none"]
    yield from training.compare(context, name, path, {EAGER: torch, FUSED: [*torch, "--fused"]}, ours, network.batch,
                                network.epochs)
