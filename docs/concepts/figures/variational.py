#!/usr/bin/env python3
"""Digits drawn from a variational autoencoder, and the way from one digit to another: docs/images/variational-digits.png.

    pip install numpy matplotlib
    python docs/concepts/figures/variational.py between CODES.npy BETWEEN.npy   # codes on the way between test digits
    python docs/concepts/figures/variational.py draw WORK --figure FIGURE.png

WORK holds drawn.npy (64 samples) and way.npy (the decoded codes of BETWEEN.npy). The commands stand in
docs/concepts/variational.md.
"""
import argparse
from pathlib import Path

import numpy as np

SIDE = 8
# Test digits: 7 to 0, 1 to 4, 9 to 5, 6 to 9, 3 to 4, 2 to 1, 8 to 3, 5 to 6.
PAIRS = [(0, 3), (2, 4), (7, 8), (11, 9), (30, 6), (1, 5), (61, 32), (15, 21)]


def between(codes, path):
    codes = np.load(codes)
    share = np.linspace(0, 1, SIDE)[:, None]
    np.save(path, np.vstack([(1 - share) * codes[a] + share * codes[b] for a, b in PAIRS]).astype("f4"))


def draw(work, figure):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    def sheet(images):
        images = images.reshape(SIDE, SIDE, 28, 28)
        return images.transpose(0, 2, 1, 3).reshape(SIDE * 28, SIDE * 28)

    plt.rcParams.update({"font.size": 8})
    fig, panels = plt.subplots(1, 2, figsize=(7, 3.8), dpi=180, layout="constrained")
    fig.get_layout_engine().set(h_pad=0.08)
    titles = ["drawn: decoded codes of the prior", "between two test digits, in equal steps of the code"]
    for panel, title, name in zip(panels, titles, ["drawn", "way"]):
        panel.imshow(sheet(np.load(work / f"{name}.npy")), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        panel.set_title(title, fontsize=8)
        panel.axis("off")
    fig.savefig(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("between")
    verb.add_argument("codes", type=Path)
    verb.add_argument("path", type=Path)
    verb = verbs.add_parser("draw")
    verb.add_argument("work", type=Path)
    verb.add_argument("--figure", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.verb == "between":
        between(arguments.codes, arguments.path)
    else:
        draw(arguments.work, arguments.figure)


if __name__ == "__main__":
    main()
