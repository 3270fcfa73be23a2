#!/usr/bin/env python3
"""Quasars and galaxies among stars: what `fit --for anomalies` finds beside simple methods.

    python bench/quasars.py sdss_dr17_objects.csv.gz [--fit "--trim 0"] [--by residual] [--write FILE.md]

The table has columns u, g, r, i, z and class (STAR, QSO, GALAXY). 15,000 stars, drawn at random, train; the other stars, all
quasars but a thousand, and all galaxies are scored. A second model is trained with 2 % of quasars (of the thousand) among its
rows, unlabelled. Baselines are those of `score --baselines`: from the same training rows, PCA with as many components as the
code has numbers.
"""
import argparse
import csv
import gzip
import random
import re
import subprocess
import tempfile
from pathlib import Path

BANDS = ["u", "g", "r", "i", "z"]
STARS = 15_000
SHARE = 0.02


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", type=Path)
    parser.add_argument("--fit", default="", help="further options of fit")
    parser.add_argument("--by", help="measures to score by [default: as the program does]")
    parser.add_argument("--program", default="target/release/lumenfold")
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


def write(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, [*BANDS, "class"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def main():
    arguments = parse()
    with gzip.open(arguments.objects, "rt") as file:
        # One row has magnitudes of -9999.
        rows = [row for row in csv.DictReader(file) if all(0 < float(row[band]) < 40 for band in BANDS)]
    random.seed(1)
    random.shuffle(rows)
    of = {name: [row for row in rows if row["class"] == name] for name in ("STAR", "QSO", "GALAXY")}
    stars, quasars = of["STAR"], of["QSO"]
    mixed = stars[:STARS] + quasars[: round(STARS * SHARE / (1 - SHARE))]
    run = lambda *words: subprocess.run([arguments.program, *map(str, words)], check=True, capture_output=True, text=True)
    lines = ["| trained on | anomalies | lumenfold | PCA | isolation forest | nearest neighbours |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        scored = {
            "quasars": write(scratch / "quasars.csv", stars[STARS:] + quasars[1000:]),
            "galaxies": write(scratch / "galaxies.csv", stars[STARS:] + of["GALAXY"]),
        }
        for name, train in ((f"{STARS:,} stars", stars[:STARS]), ("the same and 2 % quasars", mixed)):
            run("fit", write(scratch / "train.csv", train), "--columns", ",".join(BANDS), "--for", "anomalies",
                *arguments.fit.split(), "-o", scratch / "model")
            for what, path in scored.items():
                by = ["--by", arguments.by] if arguments.by else []
                told = run("score", scratch / "model", path, *by, "--baselines", "--label", "class=QSO,GALAXY",
                           "-o", scratch / "scores.csv").stderr
                areas = re.findall(r"(?:score|pca|isolation_forest|nearest_neighbours) (\d\.\d+)", told)
                lines.append(f"| {name} | {what} | " + " | ".join(f"{float(area):.3f}" for area in areas) + " |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.write:
        arguments.write.write_text(text)


if __name__ == "__main__":
    main()
