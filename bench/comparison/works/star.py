"""Training of the star network: 5-40-40-40-40-2 and its mirror, SiLU then LayerNorm, on 255,000 rows."""
from .. import data
from ..bars import COMPILED, EAGER, FUSED, JAX
from . import training

BATCHES = [256, 512, 1024, 4096]
NETWORK = ["--hidden", "40,40,40,40", "--latent", 2, "--activation", "silu", "--norm", "layer"]


def rows(context):
    return data.npy(context.scratch, 20_000 if context.quick else 255_000, 5)


def epochs(context):
    """As many as take about as long as one of the peers' epochs."""
    return 2 if context.quick else 20


def work(context, name):
    batch = int(name.removeprefix("star-"))
    path = rows(context)
    torch = ["pytorch_training.py", path, "--widths", "5,40,40,40,40,2", "--activation", "silu", "--norm", "--batch", batch]
    scripts = {EAGER: torch, FUSED: [*torch, "--fused"], COMPILED: [*torch, "--fused", "--compile"],
               JAX: ["jax_training.py", path, batch]}
    yield from training.compare(context, name, path, scripts, NETWORK, batch, epochs(context))
