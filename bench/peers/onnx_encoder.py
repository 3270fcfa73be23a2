"""The encoder of a lumenfold model as an ONNX model: scaling, dense layers, SiLU, LayerNorm.

The model file is a safetensors file with a JSON document (docs/reference/model-file.md).
"""
import json
import struct

import numpy as np


def read_model(path):
    """(document, {name: array}) of a model file."""
    with open(path, "rb") as file:
        content = file.read()
    size, = struct.unpack_from("<Q", content)
    header, body = json.loads(content[8:8 + size]), content[8 + size:]
    document = json.loads(header.pop("__metadata__")["lumenfold"])
    tensors = {}
    for name, tensor in header.items():
        assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
        begin, end = tensor["data_offsets"]
        tensors[name] = np.frombuffer(body[begin:end], "<f4").reshape(tensor["shape"])
    return document, tensors


def build(model, output):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    document, tensors = read_model(model)
    scaling = document["scaling"]["features"]
    assert all(feature["transform"] == "identity" for feature in scaling), "log and asinh are not needed here"
    nodes, constants = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values, "f4"), name))
        return name

    def node(kind, inputs, **attributes):
        result = f"value{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    x = node("Sub", ["x", constant("center", [feature["center"] for feature in scaling])])
    x = node("Div", [x, constant("scale", [feature["scale"] for feature in scaling])])
    for index, layer in enumerate(document["encoder"]):
        if layer["type"] == "activation":
            assert layer["function"] == "silu", f"{layer['function']} is not needed here"
            x = node("Mul", [x, node("Sigmoid", [x])])
            continue
        names = [constant(name, tensors[name]) for name in (f"encoder.{index}.weight", f"encoder.{index}.bias")]
        if layer["type"] == "dense":
            x = node("Gemm", [x, *names], transB=1)
        else:
            x = node("LayerNormalization", [x, *names], axis=-1, epsilon=layer["epsilon"])
    nodes[-1].output[0] = "z"

    def rows_of(name, width):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])

    inputs, outputs = rows_of("x", len(scaling)), rows_of("z", len(document["latent"]))
    graph = helper.make_graph(nodes, "encoder", [inputs], [outputs], constants)
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(built)
    onnx.save(built, output)
    return onnx.__version__
