#!/usr/bin/env python3
"""Synthetic phonons, drawn: docs/images/phonons-*.png.

    pip install numpy matplotlib
    python docs/concepts/figures/phonons.py WORK --figures docs/images

WORK holds dos.npz, map.npz, noisy.npz, noisier.npz and volume.npz. The commands that make them stand in docs/concepts/phonons.md. The
dispersion is computed here anew, by the sum over neighbours, from the springs that stand in dos.npz: that it ends where
the density of states does is a check of both.
"""
import argparse
import itertools
from pathlib import Path

import numpy as np

HBAR = 1.054571817e-34  # J s
CHARGE = 1.602176634e-19  # C
ATOMIC_MASS = 1.66053906660e-27  # kg

# Neighbours in half lattice constants: one of each shell.
SHELLS = {"sc": [(2, 0, 0), (2, 2, 0)], "bcc": [(1, 1, 1), (2, 0, 0)], "fcc": [(1, 1, 0), (2, 0, 0)]}
# Lines of high symmetry in 2π/a: names and places of their ends. In fcc the second X is another one than the first, from
# where K and Γ lie on one line.
LINES = {
    "sc": [("ΓX", (0, 0, 0), (0.5, 0, 0)), ("XM", (0.5, 0, 0), (0.5, 0.5, 0)), ("MΓ", (0.5, 0.5, 0), (0, 0, 0)),
           ("ΓR", (0, 0, 0), (0.5, 0.5, 0.5))],
    "bcc": [("ΓH", (0, 0, 0), (1, 0, 0)), ("HP", (1, 0, 0), (0.5, 0.5, 0.5)), ("PΓ", (0.5, 0.5, 0.5), (0, 0, 0)),
            ("ΓN", (0, 0, 0), (0.5, 0.5, 0))],
    "fcc": [("ΓX", (0, 0, 0), (1, 0, 0)), ("XK", (1, 1, 0), (0.75, 0.75, 0)), ("KΓ", (0.75, 0.75, 0), (0, 0, 0)),
            ("ΓL", (0, 0, 0), (0.5, 0.5, 0.5))],
}
STEPS = 80


def neighbours(place):
    signed = ({tuple(s * p for s, p in zip(signs, order)) for order in itertools.permutations(place)}
              for signs in itertools.product((1, -1), repeat=3))
    return sorted(set().union(*signed))


def energies(lattice, mass, springs, q):
    """meV of the three modes at q (2π/a); springs are (L, T) of both shells in N/m."""
    matrix = np.zeros((3, 3))
    for place, (longitudinal, transverse) in zip(SHELLS[lattice], springs):
        for neighbour in np.array(neighbours(place), float):
            bond = neighbour / np.linalg.norm(neighbour)
            force = (longitudinal - transverse) * np.outer(bond, bond) + transverse * np.eye(3)
            matrix += force * (1 - np.cos(np.pi * q @ neighbour))
    squared = np.linalg.eigvalsh(matrix).clip(0) / (mass * ATOMIC_MASS)
    return HBAR * np.sqrt(squared) / CHARGE * 1e3


def crystal(archive, index):
    springs = [(archive[f"spring{n}_longitudinal_N_per_m"][index], archive[f"spring{n}_transverse_N_per_m"][index])
               for n in (1, 2)]
    return str(archive["lattice"][index]), archive["mass_u"][index], springs


def first_of_each(archive):
    return [list(archive["lattice"]).index(lattice) for lattice in SHELLS]


def draw_dispersion(plt, archive, path):
    fig = plt.figure(figsize=(7.2, 2.9), dpi=160, layout="constrained")
    grid = fig.add_gridspec(1, 6, width_ratios=[3, 1] * 3, wspace=0.0)
    for column, index in enumerate(first_of_each(archive)):
        lattice, mass, springs = crystal(archive, index)
        left = fig.add_subplot(grid[2 * column])
        right = fig.add_subplot(grid[2 * column + 1], sharey=left)
        x, ticks, names = 0.0, [0.0], [LINES[lattice][0][0][0]]
        for name, begin, end in LINES[lattice]:
            begin, end = np.array(begin, float), np.array(end, float)
            length = np.linalg.norm(end - begin)
            shares = np.linspace(0, 1, STEPS)
            modes = np.array([energies(lattice, mass, springs, begin + s * (end - begin)) for s in shares])
            left.plot(x + shares * length, modes, color="#1f4e79", lw=1.0)
            x += length
            ticks.append(x)
            names.append(name[1])
            left.axvline(x, color="0.8", lw=0.6, zorder=0)
        left.set(xlim=(0, x), ylim=(0, 1.08 * archive["cutoff_meV"][index]))
        left.set_xticks(ticks, names)
        left.set_title(f"{lattice}, {mass:.0f} u", fontsize=8)
        right.fill_betweenx(archive["energy_meV"], archive["intensity"][index], color="#1f4e79", alpha=0.25, lw=0)
        right.plot(archive["intensity"][index], archive["energy_meV"], color="#1f4e79", lw=1.0)
        right.set_xlim(0, None)
        right.set_xticks([])
        right.set_xlabel("g(E)")
        right.tick_params(labelleft=False)
        if column == 0:
            left.set_ylabel("energy / meV")
    fig.savefig(path)


def draw_map(plt, clean, noisy, path):
    index = first_of_each(clean)[2]
    images = [clean["intensity"][index]] + [archive["intensity"][index] for archive in noisy]
    titles = [r"S(|Q|, E) / 10$^{-3}$ meV$^{-1}$"]
    titles += [f"counts, {archive['intensity'][index].mean():.0f} in a bin on average" for archive in noisy]
    images[0] = 1e3 * images[0]
    q, energy = clean["momentum_transfer_per_angstrom"], clean["energy_meV"]
    fig, panels = plt.subplots(1, 3, figsize=(7.2, 2.5), dpi=150, layout="constrained", sharey=True)
    for panel, image, title in zip(panels, images, titles):
        scale = dict(cmap="viridis", vmin=0, vmax=np.quantile(image, 0.998))
        drawn = panel.pcolormesh(q, energy, image.T, rasterized=True, **scale)
        fig.colorbar(drawn, ax=panel, pad=0.02)
        panel.set(xlabel="|Q| / Å$^{-1}$", ylim=(energy[0], 1.15 * clean["cutoff_meV"][index]))
        panel.set_title(title, fontsize=8)
    panels[0].set_ylabel("energy / meV")
    fig.savefig(path)


def draw_volume(plt, archive, path):
    index = first_of_each(archive)[2]
    volume, energy = archive["intensity"][index], archive["energy_meV"]
    qx, qy = archive["qx_per_angstrom"], archive["qy_per_angstrom"]
    cutoff = archive["cutoff_meV"][index]
    fig, panels = plt.subplots(1, 4, figsize=(7.2, 2.2), dpi=150, layout="constrained")
    for panel, share in zip(panels, [0.25, 0.5, 0.75]):
        at = int(np.argmin(abs(energy - share * cutoff)))
        image = volume[:, :, at].T
        panel.pcolormesh(qx, qy, image, cmap="viridis", vmin=0, vmax=np.quantile(image, 0.998), rasterized=True)
        panel.set(xlabel="Qx / Å$^{-1}$", aspect="equal")
        panel.set_title(f"{energy[at]:.0f} meV", fontsize=8)
    panels[0].set_ylabel("Qy / Å$^{-1}$")
    for panel in panels[1:3]:
        panel.tick_params(labelleft=False)
    middle = len(qy) // 2
    image = volume[:, middle, :].T.clip(1e-4 * volume[:, middle].max())
    panels[3].pcolormesh(qx, energy, image, cmap="viridis", rasterized=True,
                         norm=plt.matplotlib.colors.LogNorm(image.max() * 1e-4, image.max()))
    panels[3].set(xlabel="Qx / Å$^{-1}$", ylabel="energy / meV", ylim=(energy[0], 1.15 * cutoff))
    panels[3].set_title(f"Qy = {qy[middle]:.2f}, logarithmic", fontsize=8)
    fig.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--figures", type=Path, required=True)
    arguments = parser.parse_args()
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 7.5, "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6})
    load = lambda name: np.load(arguments.work / f"{name}.npz")
    draw_dispersion(plt, load("dos"), arguments.figures / "phonons-dispersion.png")
    draw_map(plt, load("map"), [load("noisy"), load("noisier")], arguments.figures / "phonons-map.png")
    draw_volume(plt, load("volume"), arguments.figures / "phonons-volume.png")


if __name__ == "__main__":
    main()
