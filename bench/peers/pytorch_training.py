"""PyTorch trains an autoencoder: dense layers, activation, then LayerNorm if asked for; a turn is an epoch."""
import argparse
import subprocess

from answer import THREADS, serve


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--widths", type=lambda text: [int(width) for width in text.split(",")], required=True)
    parser.add_argument("--activation", choices=["silu", "relu"], required=True)
    parser.add_argument("--norm", action="store_true")
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--fused", action="store_true", help="Adam in one fused kernel")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    return parser.parse_args()


def prepare():
    import numpy as np
    import torch
    from pytorch_epoch import epochs

    arguments = parse()
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)

    def half(widths):
        layers = []
        for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            layers.append(torch.nn.Linear(inputs, outputs))
            if index + 2 < len(widths):
                layers.append(torch.nn.SiLU() if arguments.activation == "silu" else torch.nn.ReLU())
                if arguments.norm:
                    layers.append(torch.nn.LayerNorm(outputs))
        return layers

    rows = torch.from_numpy(np.load(arguments.rows))
    model = torch.nn.Sequential(*half(arguments.widths), *half(arguments.widths[::-1]))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=arguments.fused or None)
    network = torch.compile(model) if arguments.compile else model
    turn = epochs(network, optimiser, rows, arguments.batch, 20)
    versions = {"PyTorch": torch.__version__}
    if arguments.compile:
        from torch._inductor.cpp_builder import get_cpp_compiler
        compiler = get_cpp_compiler()
        versions["its compiler"] = subprocess.check_output([compiler, "--version"], text=True).splitlines()[0]
    return versions, turn


serve(prepare)
