"""JAX trains the star network: a turn is an epoch, shuffle and steps in one compiled scan.

python jax_training.py ROWS.npy BATCH
"""
import sys
import time

from answer import serve

WIDTHS = [5, 40, 40, 40, 40, 2, 40, 40, 40, 40, 5]
BARE = {4, 9}  # the latent and the output: no activation, no normalisation


def prepare():
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax

    rows = jnp.asarray(np.load(sys.argv[1]))
    batch = int(sys.argv[2])
    steps = len(rows) // batch
    adam = optax.adam(1e-3)

    def parameters(key):
        layers = []
        for inputs, outputs in zip(WIDTHS, WIDTHS[1:]):
            key, drawn = jax.random.split(key)
            weight = jax.random.normal(drawn, (inputs, outputs)) * inputs ** -0.5
            layer = {"weight": weight, "bias": jnp.zeros(outputs)}
            if len(layers) not in BARE:
                layer |= {"gain": jnp.ones(outputs), "shift": jnp.zeros(outputs)}
            layers.append(layer)
        return layers

    def reconstruction(layers, x):
        for index, layer in enumerate(layers):
            x = x @ layer["weight"] + layer["bias"]
            if index not in BARE:
                x = jax.nn.silu(x)
                mean = x.mean(-1, keepdims=True)
                variance = ((x - mean) ** 2).mean(-1, keepdims=True)
                x = (x - mean) * jax.lax.rsqrt(variance + 1e-5) * layer["gain"] + layer["shift"]
        return x

    def loss(layers, x):
        return ((reconstruction(layers, x) - x) ** 2).mean()

    @jax.jit
    def epoch(state, key, rows):
        order = jax.random.permutation(key, len(rows))[:steps * batch].reshape(steps, batch)

        def step(state, chosen):
            layers, moments = state
            value, gradient = jax.value_and_grad(loss)(layers, rows[chosen])
            update, moments = adam.update(gradient, moments)
            return (optax.apply_updates(layers, update), moments), value

        state, losses = jax.lax.scan(step, state, order)
        return state, losses.mean()

    layers = parameters(jax.random.PRNGKey(0))
    state, key = (layers, adam.init(layers)), jax.random.PRNGKey(1)

    def turn():
        nonlocal state, key
        begin = time.perf_counter()
        key, drawn = jax.random.split(key)
        state, _ = jax.block_until_ready(epoch(state, drawn, rows))
        return steps * batch, time.perf_counter() - begin

    turn()  # compiles
    import jaxlib
    return {"JAX": jax.__version__, "jaxlib": jaxlib.__version__, "Optax": optax.__version__}, turn


serve(prepare)
