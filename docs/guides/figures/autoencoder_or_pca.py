"""Held-out errors of autoencoders and of PCA with as many components, for several data sets and sizes of the code.

    python docs/guides/figures/autoencoder_or_pca.py [--program lumenfold] [--latent 4,8,16] DATA… -- OPTIONS OF FIT…

Each line is the median of three splits, and the least and largest ratio of the mean squared errors.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

SPLITS = (0, 1, 2)


def parse():
    parser = argparse.ArgumentParser(epilog="What follows -- goes to lumenfold fit.")
    parser.add_argument("--program", default="lumenfold")
    parser.add_argument("--latent", default="4,8,16", type=lambda text: [int(number) for number in text.split(",")])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("options", nargs=argparse.REMAINDER)
    return parser.parse_known_args()


def fit(program, data, latent, seed, options, directory):
    command = [program, "--quiet", "fit", data, "--latent", latent, "--seed", seed, "--json", *options,
               "-o", Path(directory) / "a.model"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main():
    import sys
    own, options = sys.argv[1:], []
    if "--" in own:
        at = own.index("--")
        own, options = own[:at], own[at + 1:]
    sys.argv[1:] = own
    arguments, _ = parse()
    print("| data | samples × values | latents | autoencoder | PCA | ratio (least to largest) |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for data in arguments.data:
            for latent in arguments.latent:
                fits = [fit(arguments.program, data, latent, seed, options, directory) for seed in SPLITS]
                ours = [one["validation"]["mse"] for one in fits]
                pca = [one["pca"]["mse"] for one in fits]
                ratios = [a / b for a, b in zip(ours, pca)]
                size = f"{fits[0]['rows']} × {fits[0]['features']}"
                print(f"| {data.stem} | {size} | {latent} | {statistics.median(ours):.3g} | {statistics.median(pca):.3g} | "
                      f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f}) |", flush=True)


main()
