"""`lumenfold encode` in NumPy: python encode_with_numpy.py MODEL TABLE.csv > latent.csv"""
import json, sys
import numpy as np
from safetensors import safe_open

with safe_open(sys.argv[1], "np") as file:
    model = json.loads(file.metadata()["lumenfold"])
    tensors = {name: file.get_tensor(name).astype(float) for name in file.keys()}
table = np.genfromtxt(sys.argv[2], delimiter=",", names=True, usecols=[f["name"] for f in model["features"]])
scaling = model["scaling"]["features"]
assert all(s["transform"] == "identity" for s in scaling), "log and asinh: see model-file.md"
x = np.stack([table[f["name"]] for f in model["features"]], axis=1)
x = (x - [s["center"] for s in scaling]) / [s["scale"] for s in scaling]
for i, layer in enumerate(model["encoder"]):
    if layer["type"] == "activation":
        assert layer["function"] == "silu", "other functions: see model-file.md"
        x = x / (1 + np.exp(-x))
    elif layer["type"] == "dense":
        x = x @ tensors[f"encoder.{i}.weight"].T + tensors[f"encoder.{i}.bias"]
    else:  # layer_norm
        x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + layer["epsilon"])
        x = x * tensors[f"encoder.{i}.weight"] + tensors[f"encoder.{i}.bias"]
np.savetxt(sys.stdout, x, fmt="%.9g", delimiter=",", header=",".join(model["latent"]), comments="")
