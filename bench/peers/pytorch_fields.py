"""PyTorch trains a convolutional autoencoder: convolutions of stride 2, ReLU, one dense layer, and the mirror; a turn is an epoch."""
import argparse

from answer import THREADS, serve


def numbers(text):
    return [int(number) for number in text.split(",")]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--shape", type=numbers, required=True)
    parser.add_argument("--channels", type=numbers, required=True)
    parser.add_argument("--kernel", type=int, required=True)
    parser.add_argument("--latent", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--fused", action="store_true", help="Adam in one fused kernel")
    return parser.parse_args()


def prepare():
    import numpy as np
    import torch
    from pytorch_epoch import epochs
    from torch import nn

    arguments = parse()
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    shape, kernel = arguments.shape, arguments.kernel
    convolution = [nn.Conv1d, nn.Conv2d, nn.Conv3d][len(shape) - 1]
    transposed = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d][len(shape) - 1]

    encoder, decoder, field, inputs = [], [], shape, 1
    for outputs in arguments.channels:
        coarse = [(size + 2 * (kernel // 2) - kernel) // 2 + 1 for size in field]
        missing = [size - ((small - 1) * 2 - 2 * (kernel // 2) + kernel) for size, small in zip(field, coarse)]
        encoder += [convolution(inputs, outputs, kernel, 2, kernel // 2), nn.ReLU()]
        activation = [] if inputs == 1 else [nn.ReLU()]
        decoder = [transposed(outputs, inputs, kernel, 2, kernel // 2, missing), *activation, *decoder]
        field, inputs = coarse, outputs
    flat = inputs
    for size in field:
        flat *= size
    model = nn.Sequential(*encoder, nn.Flatten(), nn.Linear(flat, arguments.latent),
                          nn.Linear(arguments.latent, flat), nn.ReLU(), nn.Unflatten(1, (inputs, *field)), *decoder)
    rows = torch.from_numpy(np.load(arguments.rows)).reshape(-1, 1, *shape)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=arguments.fused or None)
    return {"PyTorch": torch.__version__}, epochs(model, optimiser, rows, arguments.batch, 10)


serve(prepare)
