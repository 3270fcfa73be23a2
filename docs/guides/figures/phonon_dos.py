"""Densities of states of the JARVIS benchmark: files for lumenfold, PCA by NumPy, and the error of a reconstruction.

    python docs/guides/figures/phonon_dos.py prepare jarvis_phonon_dos.npz WORK
    python docs/guides/figures/phonon_dos.py compare WORK WORK/reconstructed.npy
"""
import sys
from pathlib import Path

import numpy as np


def prepare(source, work):
    archive, work = np.load(source), Path(work)
    work.mkdir(exist_ok=True)
    train = archive["split"] == "train"
    for name, rows in [("train", train), ("validation", ~train)]:
        np.savez(work / f"{name}.npz", dos=archive["dos"][rows], energy_meV=archive["energy_mev"])


def compare(work, reconstructed):
    train, held_out = (np.load(Path(work) / f"{name}.npz")["dos"].astype(float) for name in ("train", "validation"))
    mean = train.mean(0)
    _, _, directions = np.linalg.svd(train - mean, full_matrices=False)
    print("| on the validation split | mean squared error |")
    print("|---|---|")
    for count in (4, 8, 12, 16, 20, 32):
        kept = directions[:count]
        error = (held_out - mean) - (held_out - mean) @ kept.T @ kept
        print(f"| PCA, {count} components | {(error ** 2).mean():.4f} |")
    found = np.load(reconstructed).reshape(held_out.shape)
    print(f"| autoencoder | {((found - held_out) ** 2).mean():.4f} |")


{"prepare": prepare, "compare": compare}[sys.argv[1]](*sys.argv[2:])
