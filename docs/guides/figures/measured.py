"""Measured values: tables of stars with simulated photometric errors and with gaps, and how fits of them do.

    python measured.py prepare STARS.csv DIRECTORY    # tables with columns u, g, r, i, z
    python measured.py errors LUMENFOLD DIRECTORY     # chi-square of weighted and unweighted fits on rows that no fit saw
    python measured.py gaps LUMENFOLD DIRECTORY       # errors of what is filled in
"""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np

BANDS = ["u", "g", "r", "i", "z"]
ERRORS = [f"err_{band}" for band in BANDS]
# Magnitudes at which the error is 0.2, and the error of the brightest stars.
DEPTH = np.array([22.0, 22.2, 22.2, 21.3, 20.5])
FLOOR = 0.01


def write(path, names, rows):
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(names)
        table.writerows([["" if np.isnan(value) else f"{value:.6f}" for value in row] for row in rows])


def prepare(source, directory):
    directory.mkdir(parents=True, exist_ok=True)
    with open(source, newline="") as file:
        stars = np.array([[float(row[band]) for band in BANDS] for row in csv.DictReader(file)])
    random = np.random.default_rng(1)
    stars = stars[random.permutation(len(stars))]
    cut = len(stars) * 4 // 5
    for name, truth in [("train", stars[:cut]), ("test", stars[cut:])]:
        # The night makes the errors of a star larger or smaller together.
        night = random.lognormal(0.0, 0.5, size=(len(truth), 1))
        errors = np.clip(night * np.hypot(FLOOR, 0.2 * 10 ** (0.4 * (truth - DEPTH))), FLOOR, 3.0)
        noisy = truth + errors * random.normal(size=truth.shape)
        write(directory / f"{name}_errors.csv", BANDS + ERRORS, np.hstack([noisy, errors]))
        gaps = np.where(random.random(truth.shape) < 0.2, np.nan, truth)
        write(directory / f"{name}_gaps.csv", BANDS, gaps)
        np.savez(directory / f"{name}.npz", truth=truth, noisy=noisy, errors=errors, gaps=gaps)


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stderr=subprocess.DEVNULL)


def errors(lumenfold, directory):
    test = np.load(directory / "test.npz")
    for latent in [2, 3]:
        for weighted in [False, True]:
            more = ["--errors", ",".join(ERRORS)] if weighted else []
            model, back = directory / "errors.model", directory / "back.npy"
            run(lumenfold, "fit", directory / "train_errors.csv", "--columns", ",".join(BANDS), *more,
                "--latent", latent, "--epochs", 200, "-o", model)
            run(lumenfold, "reconstruct", model, directory / "test_errors.csv", "-o", back)
            ratio = (np.load(back) - test["noisy"]) / test["errors"]
            freedom = ratio.size - latent * len(ratio)
            squares = np.sort((ratio ** 2).ravel())
            worst = squares[-len(squares) // 100:].sum() / squares.sum()
            print(f"{latent} latents, {'weighted' if weighted else 'plain':8}: "
                  f"reduced chi-square {squares.sum() / freedom:.1f}, the worst hundredth of the values makes {worst:.0%}, "
                  f"median of |residual| / error {np.sqrt(np.median(squares)):.2f}")


def gaps(lumenfold, directory):
    train, test = np.load(directory / "train.npz"), np.load(directory / "test.npz")
    seen, truth = test["gaps"], test["truth"]
    absent = np.isnan(seen) & ~np.isnan(seen).all(axis=1, keepdims=True)
    mean, deviation = np.nanmean(train["gaps"], axis=0), np.nanstd(train["gaps"], axis=0)

    def rms(filled):
        return np.sqrt(np.mean((filled - truth)[absent] ** 2))

    print(f"column means: {rms(np.where(np.isnan(seen), mean, seen)):.3f}")
    filled = [(np.where(np.isnan(rows), mean, rows) - mean) / deviation for rows in (train["gaps"], seen)]
    _, _, directions = np.linalg.svd(filled[0] - filled[0].mean(axis=0), full_matrices=False)
    for count in [1, 2, 3]:
        about = filled[1] - filled[0].mean(axis=0)
        back = about @ directions[:count].T @ directions[:count] + filled[0].mean(axis=0)
        print(f"PCA-{count} of rows filled with means: {rms(back * deviation + mean):.3f}")
    for more in [[], ["--kind", "denoising", "--noise", "masking:0.2"]]:
        for latent in [2, 3]:
            model, whole = directory / "gaps.model", directory / "whole.npy"
            run(lumenfold, "fit", directory / "train_gaps.csv", "--columns", ",".join(BANDS), "--missing", "mask",
                "--latent", latent, "--epochs", 200, *more, "-o", model)
            run(lumenfold, "reconstruct", model, directory / "test_gaps.csv", "--missing", "mask", "--impute",
                "-o", whole)
            print(f"autoencoder, {latent} latents {' '.join(more)}: {rms(np.load(whole)):.3f}")


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    {"prepare": prepare, "errors": errors, "gaps": gaps}[what](*map(Path, paths))
