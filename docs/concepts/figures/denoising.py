#!/usr/bin/env python3
"""Digits with noise, and without it again: prints a table and draws docs/images/denoising-digits.png.

    pip install numpy scipy matplotlib
    python docs/concepts/figures/denoising.py prepare DIGITS WORK     # arrays from the four idx files of MNIST
    python docs/concepts/figures/denoising.py compare WORK NAME=FILE.npy … --figure FIGURE.png

DIGITS holds train-images-idx3-ubyte.gz and t10k-images-idx3-ubyte.gz. The commands in between stand in
docs/concepts/denoising.md.
"""
import argparse
import gzip
from pathlib import Path

import numpy as np

DEVIATION = 0.5 * 255


def images(path):
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784).astype("f4")


def prepare(digits, work):
    work.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for name, file in [("test", "t10k-images-idx3-ubyte.gz"), ("train", "train-images-idx3-ubyte.gz")]:
        clean = images(digits / file)
        noisy = clean + DEVIATION * random.standard_normal(clean.shape)
        np.save(work / f"{name}.npy", clean)
        np.save(work / f"noisy_{name}.npy", noisy.astype("f4"))


def decibels(found, clean):
    """Peak signal-to-noise ratio of values that are brought back to the range of a pixel."""
    error = np.clip(found, 0, 255) / 255 - clean / 255
    return -10 * np.log10(np.mean(error.astype("f8") ** 2))


def filters(noisy):
    """The best of some windows of each classical filter is for the caller to choose."""
    from scipy.ndimage import median_filter
    from scipy.signal import wiener

    pictures = noisy.reshape(-1, 28, 28).astype("f8")
    for size in (3, 5, 7):
        yield f"median {size}×{size}", median_filter(pictures, (1, size, size)).reshape(noisy.shape)
        found = np.stack([wiener(picture, (size, size), DEVIATION**2) for picture in pictures])
        yield f"Wiener {size}×{size}", found.reshape(noisy.shape)


def compare(work, named, figure):
    clean, noisy = np.load(work / "test.npy"), np.load(work / "noisy_test.npy")
    rows = [("clean", clean), ("noisy", noisy)]
    best = {}
    for name, found in filters(noisy):
        print(f"{name:24} {decibels(found, clean):6.2f} dB")
        kind = name.split()[0]
        if kind not in best or decibels(found, clean) > decibels(best[kind][1], clean):
            best[kind] = (name, found)
    rows += best.values()
    rows += [(name, np.load(path)) for name, path in named]
    for name, found in rows[1:2] + rows[-len(named):]:
        print(f"{name:24} {decibels(found, clean):6.2f} dB")
    if figure:
        draw(rows, clean, figure)


def draw(rows, clean, figure):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = [3, 2, 1, 18, 4, 15, 11, 0, 61, 7]  # one of each digit, in order
    plt.rcParams.update({"font.size": 8})
    width, label = 0.55, 1.25
    size = (label + width * len(shown), width * len(rows))
    fig = plt.figure(figsize=size, dpi=180)
    for line, (name, values) in enumerate(rows):
        top = 1 - (line + 1) / len(rows)
        text = name if name == "clean" else f"{name}\n{decibels(values, clean):.1f} dB"
        fig.text((label - 0.08) / size[0], top + 0.5 / len(rows), text, ha="right", va="center")
        for column, digit in enumerate(shown):
            box = [(label + column * width) / size[0], top, 0.96 * width / size[0], 0.96 / len(rows)]
            axes = fig.add_axes(box)
            axes.imshow(values[digit].reshape(28, 28), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.axis("off")
    fig.savefig(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("prepare")
    verb.add_argument("digits", type=Path)
    verb.add_argument("work", type=Path)
    verb = verbs.add_parser("compare")
    verb.add_argument("work", type=Path)
    verb.add_argument("named", nargs="+", metavar="NAME=FILE.npy")
    verb.add_argument("--figure", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "prepare":
        prepare(arguments.digits, arguments.work)
    else:
        compare(arguments.work, [name.split("=", 1) for name in arguments.named], arguments.figure)


if __name__ == "__main__":
    main()
