#!/usr/bin/env python3
"""Made-up phonon maps and volumes in a few numbers, and maps without their counting noise: docs/images/phonon-*.png.

    pip install numpy matplotlib
    python docs/concepts/figures/phonon_codes.py codes DATA.npz RECONSTRUCTED.npz OUT.png
    python docs/concepts/figures/phonon_codes.py noise CLEAN.npz NOISY.npz OUT.png NAME=DENOISED.npz…

The commands that make the files stand in docs/concepts/phonons.md. `codes` prints the explained variance over all crystals; `noise`
the gain in PSNR of each estimate over the noisy maps, against the expected counts of CLEAN.
"""
import argparse

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

plt.rcParams.update({"font.size": 7, "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
                     "xtick.direction": "in", "ytick.direction": "in"})


def read(path):
    archive = np.load(path)
    name = next(name for name in ("intensity", "data") if name in archive)
    return archive, archive[name].astype(float)


def explained(data, found):
    """Of each crystal, the share of its distance from the mean crystal that its reconstruction has."""
    data, found = data.reshape(len(data), -1), found.reshape(len(data), -1)
    error, spread = ((data - found) ** 2).sum(1), ((data - data.mean(0)) ** 2).sum(1)
    return 1 - error.sum() / spread.sum(), 1 - error / spread


def planes(archive, sample):
    """What is shown of a sample: (picture with energy or Qy upwards, x label, y label, x grid, y grid)."""
    energy = archive["energy_meV"]
    if sample.ndim == 2:
        return [(sample.T, "|Q| (Å$^{-1}$)", "E (meV)", archive["momentum_transfer_per_angstrom"], energy)]
    qx, qy = archive["qx_per_angstrom"], archive["qy_per_angstrom"]
    at_energy, at_qy = np.argmax(sample.sum((0, 1))), np.abs(qy).argmin()
    return [(sample[:, :, at_energy].T, "Q$_x$ (Å$^{-1}$)", f"Q$_y$ (Å$^{{-1}}$) at {energy[at_energy]:.0f} meV", qx, qy),
            (sample[:, at_qy].T, "Q$_x$ (Å$^{-1}$)", f"E (meV) at Q$_y$ = {qy[at_qy]:.1f}", qx, energy)]


def extent(x, y):
    half = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    return x[0] - half[0], x[-1] + half[0], y[0] - half[1], y[-1] + half[1]


def draw_codes(arguments):
    archive, data = read(arguments.files[0])
    _, found = read(arguments.files[1])
    found = found.reshape(data.shape)
    share, shares = explained(data, found)
    print(f"explained variance of {len(data)} crystals: {share:.4f}; of each, median {np.median(shares):.4f}, "
          f"5 % below {np.quantile(shares, 0.05):.4f}")
    order = np.argsort(shares)
    rows = [("best", order[-1]), ("median", order[len(order) // 2]), ("worst", order[0])]
    shown = len(planes(archive, data[0]))
    fig, axes = plt.subplots(3, 3 * shown, figsize=(2.2 * 3 * shown if shown == 1 else 7.2 * 1.45, 5.2), dpi=160,
                             layout="constrained", squeeze=False)
    for number, (name, index) in enumerate(rows):
        line = axes[number]
        views = [planes(archive, sample) for sample in (data[index], found[index], data[index] - found[index])]
        if shown == 2:
            # All parts of a crystal are cut where the original is strongest.
            at = np.argmax(data[index].sum((0, 1)))
            for view, sample in zip(views, (data[index], found[index], data[index] - found[index])):
                view[0] = (sample[:, :, at].T, view[0][1], views[0][0][2], view[0][3], view[0][4])
        for plane in range(shown):
            top = np.quantile(views[0][plane][0], 0.998)
            for part, title in enumerate(("original", "16 numbers", "residual × 5")):
                ax = line[plane * 3 + part]
                picture, x_label, y_label, x, y = views[part][plane]
                options = {"cmap": "viridis", "vmin": 0, "vmax": top}
                if part == 2:
                    options = {"cmap": "RdBu_r", "vmin": -top / 5, "vmax": top / 5}
                ax.imshow(picture, origin="lower", aspect="auto", extent=extent(x, y), interpolation="nearest", **options)
                if number == 0:
                    ax.set_title(title, fontsize=8)
                if number == 2:
                    ax.set_xlabel(x_label)
                else:
                    ax.set_xticklabels([])
                if part == 0:
                    ax.set_ylabel(y_label)
                else:
                    ax.set_yticklabels([])
        line[0].annotate(f"{name}\n{archive['lattice'][index]}, {100 * shares[index]:.1f} %", (0.03, 0.97),
                         xycoords="axes fraction", va="top", color="white", fontsize=7,
                         bbox={"facecolor": "black", "alpha": 0.55, "linewidth": 0, "pad": 1.5})
    fig.savefig(arguments.out)


def draw_noise(arguments):
    archive, clean = read(arguments.files[0])
    _, noisy = read(arguments.files[1])
    error = ((noisy - clean) ** 2).mean((1, 2))
    estimates = []
    for text in arguments.estimates:
        name, path = text.split("=", 1)
        found = read(path)[1].reshape(clean.shape)
        left = ((found - clean) ** 2).mean((1, 2))
        gains = 10 * np.log10(error / left)
        print(f"{name}: gain {10 * np.log10(error.mean() / left.mean()):.2f} dB over all maps; of each, median "
              f"{np.median(gains):.2f}, least {gains.min():.2f}")
        estimates.append((name, found, gains))
    index = np.argsort(estimates[-1][2])[len(clean) // 2]
    columns = [("expected counts", clean[index]), ("counts", noisy[index])] + [(n, f[index]) for n, f, _ in estimates]
    fig, axes = plt.subplots(2, len(columns), figsize=(1.85 * len(columns), 3.6), dpi=160, layout="constrained")
    x, y = archive["momentum_transfer_per_angstrom"], archive["energy_meV"]
    top = np.quantile(clean[index], 0.995)
    spread = np.sqrt(clean[index] + 1)
    for column, (name, picture) in enumerate(columns):
        axes[0, column].imshow(picture.T, origin="lower", aspect="auto", extent=extent(x, y), vmin=0, vmax=top,
                               cmap="viridis", interpolation="nearest")
        axes[0, column].set_title(name, fontsize=8)
        axes[0, column].set_xticklabels([])
        if column:
            axes[1, column].imshow(((picture - clean[index]) / spread).T, origin="lower", aspect="auto",
                                   extent=extent(x, y), vmin=-3, vmax=3, cmap="RdBu_r", interpolation="nearest")
            axes[1, column].set_xlabel("|Q| (Å$^{-1}$)")
            axes[0, column].set_yticklabels([])
        if column > 1:
            axes[1, column].set_yticklabels([])
    axes[0, 0].set_ylabel("E (meV)")
    axes[1, 1].set_ylabel("E (meV)")
    axes[1, 0].axis("off")
    axes[1, 0].text(0.5, 0.5, "below:\nerror in standard\ndeviations of the counts,\n−3 (blue) to 3 (red)", ha="center",
                    va="center", fontsize=7, transform=axes[1, 0].transAxes)
    fig.savefig(arguments.out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["codes", "noise"])
    parser.add_argument("files", nargs=2)
    parser.add_argument("out")
    parser.add_argument("estimates", nargs="*")
    arguments = parser.parse_args()
    {"codes": draw_codes, "noise": draw_noise}[arguments.what](arguments)


main()
