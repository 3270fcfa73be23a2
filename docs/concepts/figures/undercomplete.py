#!/usr/bin/env python3
"""A curve through the colours of stars, beside the straight line of PCA: draws docs/images/undercomplete-colours.png.

    pip install numpy matplotlib
    python docs/concepts/figures/undercomplete.py prepare STARS.csv WORK    # colours of the demo's stars
    python docs/concepts/figures/undercomplete.py draw WORK FIGURE.png

The commands in between stand in docs/concepts/undercomplete.md.
"""
import argparse
import csv
from pathlib import Path

import numpy as np

COLOURS = ["u-g", "g-r", "r-i", "i-z"]
LARGEST_ERROR = 0.1


def columns(path):
    """The columns of a CSV file by name: numbers where all cells are numbers."""
    with open(path, newline="") as file:
        rows = csv.reader(file)
        names, cells = next(rows), list(zip(*rows))
    return dict(zip(names, cells))


def numbers(table, names):
    return np.array([table[name] for name in names], float).T


def prepare(stars, work):
    work.mkdir(parents=True, exist_ok=True)
    table = columns(stars)
    well_measured = numbers(table, [f"err_{band}" for band in "ugriz"]).max(1) < LARGEST_ERROR
    normal = np.isin(table["class"], ["dwarf", "giant"])
    magnitudes = numbers(table, "ugriz")[well_measured & normal]
    with open(work / "colours.csv", "w") as file:
        print(",".join(COLOURS), file=file)
        for row in magnitudes[:, :-1] - magnitudes[:, 1:]:
            print(",".join(f"{value:.4f}" for value in row), file=file)
    print(f"{len(magnitudes)} stars")


def draw(work, figure):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    data = numbers(columns(work / "colours.csv"), COLOURS)
    order = np.argsort(numbers(columns(work / "latent.csv"), ["z1"])[:, 0])
    # Every reconstruction lies on the curve; in the order of their latents they draw it.
    curve = numbers(columns(work / "back.csv"), COLOURS)[order]
    mean = data.mean(0)
    axis = np.linalg.svd(data - mean, full_matrices=False)[2][0]
    along = np.quantile((data - mean) @ axis, [0.0005, 0.9995])
    line = mean + np.outer(along, axis)

    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    fig, panels = plt.subplots(1, 2, figsize=(7, 3.1), dpi=180, layout="constrained")
    for panel, (x, y) in zip(panels, [(1, 0), (1, 2)]):
        panel.plot(data[:, x], data[:, y], ",", color="0.72", rasterized=True, label="stars")
        panel.plot(line[:, x], line[:, y], color="#c8701f", lw=1.6, label="PCA, one component")
        panel.plot(curve[:, x], curve[:, y], color="#1f5fa8", lw=1.6, label="autoencoder, one latent")
        panel.set_xlabel(f"{COLOURS[x]}  [mag]".replace("-", " − "))
        panel.set_ylabel(f"{COLOURS[y]}  [mag]".replace("-", " − "))
        for limits, index in [(panel.set_xlim, x), (panel.set_ylim, y)]:
            low, high = np.quantile(data[:, index], [0.001, 0.999])
            limits(low - 0.1 * (high - low), high + 0.1 * (high - low))
    handles = panels[0].get_legend_handles_labels()
    handles[0][0] = plt.Line2D([], [], ls="", marker=".", ms=4, color="0.6")
    panels[0].legend(*handles, frameon=False, loc="upper left", handlelength=1.4)
    fig.savefig(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("prepare")
    verb.add_argument("stars", type=Path)
    verb.add_argument("work", type=Path)
    verb = verbs.add_parser("draw")
    verb.add_argument("work", type=Path)
    verb.add_argument("figure", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "prepare":
        prepare(arguments.stars, arguments.work)
    else:
        draw(arguments.work, arguments.figure)


if __name__ == "__main__":
    main()
