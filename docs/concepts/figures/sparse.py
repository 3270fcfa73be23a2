#!/usr/bin/env python3
"""What the latents of a sparse code of digits stand for: draws docs/images/sparse-digits.png.

    pip install numpy matplotlib
    python docs/concepts/figures/sparse.py units 512 UNITS.npy                   # codes with a single latent each
    python docs/concepts/figures/sparse.py draw WORK --figure FIGURE.png

WORK holds test.npy (denoising.py prepare makes it), codes.npy and back.npy (its codes and reconstructions), and strokes.npy
(the decoded units). The commands stand in docs/concepts/sparse.md.
"""
import argparse
from pathlib import Path

import numpy as np

ROWS, COLUMNS = 6, 10
DIGITS = [3, 1, 18, 4, 11, 61]
PARTS = 6


def units(latents, path):
    """A code of zeros, then for each latent one in which it is one."""
    np.save(path, np.vstack([np.zeros(latents), np.eye(latents)]).astype("f4"))


def draw(work, figure):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    test, codes, back, decoded = (np.load(work / f"{name}.npy") for name in ["test", "codes", "back", "strokes"])
    # The decoder is linear: what a latent adds is its value times its stroke.
    strokes = decoded[1:] - decoded[0]
    share = (codes > 0).mean(0)
    most_used = np.argsort(-share)[: ROWS * COLUMNS]

    plt.rcParams.update({"font.size": 8})
    cell, gap, label, head = 0.34, 0.45, 0.2, 0.3
    width, height = COLUMNS * cell + gap + (PARTS + 2) * cell + label, ROWS * cell + head + 0.03
    fig = plt.figure(figsize=(width, height), dpi=180)

    def show(values, column, row, left, symmetric):
        box = [(left + column * cell) / width, 1 - (head + (row + 1) * cell) / height, 0.94 * cell / width, 0.94 * cell / height]
        axes = fig.add_axes(box)
        largest = np.abs(values).max() if symmetric else 255
        scale = dict(cmap="RdBu_r", vmin=-largest, vmax=largest) if symmetric else dict(cmap="gray_r", vmin=0, vmax=255)
        axes.imshow(values.reshape(28, 28), interpolation="nearest", **scale)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color="0.85", lw=0.5)

    def title(text, left, ha="left"):
        fig.text(left / width, 1 - 0.72 * head / height, text, ha=ha, va="baseline")

    title(f"what the {ROWS * COLUMNS} most used latents add when they are on", 0.03)
    for place, latent in enumerate(most_used):
        show(strokes[latent], place % COLUMNS, place // COLUMNS, 0.03, True)
    left = COLUMNS * cell + gap
    title("digit", left + 0.47 * cell, "center")
    title("sum", left + 1.47 * cell, "center")
    title(f"its {PARTS} largest parts", left + 2 * cell + label)
    for row, digit in enumerate(DIGITS):
        show(test[digit], 0, row, left, False)
        show(back[digit], 1, row, left, False)
        sizes = codes[digit] * np.linalg.norm(strokes, axis=1)
        for place, latent in enumerate(np.argsort(-sizes)[:PARTS]):
            show(strokes[latent], 2 + place, row, left + label, True)
    fig.savefig(figure)
    print(f"latents that a test digit uses: {(codes > 0).sum(1).mean():.2f}; used by none: {(share == 0).sum()}")
    explained = 1 - ((back - test) ** 2).sum() / ((test - test.mean(0)) ** 2).sum()
    print(f"explained variance of the test digits: {explained:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("units")
    verb.add_argument("latents", type=int)
    verb.add_argument("path", type=Path)
    verb = verbs.add_parser("draw")
    verb.add_argument("work", type=Path)
    verb.add_argument("--figure", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.verb == "units":
        units(arguments.latents, arguments.path)
    else:
        draw(arguments.work, arguments.figure)


if __name__ == "__main__":
    main()
