#!/usr/bin/env python3
"""The labelled tables of ODDS, judged by `fit --for anomalies` and `score` with their default settings.

    python bench/outliers.py TABLES [--splits 10] [--published roc.csv] [--peers] [--write FILE.md]

TABLES is a folder of .npz files with X (rows, features) and y (1 = outlier). The protocol is that of PyOD's benchmark: for
i = 0, 1, …, train_test_split(X, y, test_size=0.4, random_state=RandomState(i)); the training part, outliers among it and no
labels, trains; the area under the ROC curve of the scores of the test part, averaged over the splits. `--published` takes a CSV
of columns dataset, detector, roc and adds its columns. `--peers` computes scikit-learn's isolation forest and PCA with
Mahalanobis distances on the same splits.
"""
import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

PUBLISHED = ["AutoEncoder", "PCA", "IForest", "KNN"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--only", help="tables, separated by commas [default: all]")
    parser.add_argument("--by", help="measures to score by, several choices separated by / [default: as the program does]")
    parser.add_argument("--fit", default="", help="further options of fit")
    parser.add_argument("--published", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--program", default="target/release/lumenfold")
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


def lumenfold(arguments, scratch, seed, train, test):
    """The scores of the test part, for each choice of measures."""
    files = {name: scratch / name for name in ("train.npy", "test.npy", "model", "scores.npz")}
    np.save(files["train.npy"], train)
    np.save(files["test.npy"], test)
    run = lambda *words: subprocess.run([arguments.program, *map(str, words)], check=True, stderr=subprocess.PIPE)
    run("fit", files["train.npy"], "--for", "anomalies", "--seed", seed, "--allow-constant", *arguments.fit.split(),
        "-o", files["model"])
    scores = []
    for by in arguments.by.split("/") if arguments.by else [None]:
        run("score", files["model"], files["test.npy"], *(["--by", by] if by else []), "-o", files["scores.npz"])
        with np.load(files["scores.npz"]) as archive:
            scores.append(archive["score"])
    return scores


def peers(seed, train, test):
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    forest = IsolationForest(random_state=seed).fit(train)
    pca = PCA(random_state=seed).fit(train)
    kept = pca.explained_variance_ > 1e-9
    codes = (pca.transform(test) / np.sqrt(np.maximum(pca.explained_variance_, 1e-9)))[:, kept]
    return [-forest.score_samples(test), (codes**2).sum(axis=1)]


def published(path):
    columns = {}
    if path:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                columns.setdefault(row["detector"], {})[row["dataset"]] = float(row["roc"])
    return {name: columns[name] for name in PUBLISHED if name in columns}


def main():
    arguments = parse()
    known = published(arguments.published)
    own = arguments.by.split("/") if arguments.by else ["lumenfold"]
    names = own + (["isolation forest", "PCA, Mahalanobis"] if arguments.peers else []) + [f"PyOD {name}" for name in known]
    only = arguments.only.split(",") if arguments.only else None
    rows, begin = [], time.monotonic()
    seconds = 0.0
    for path in sorted(arguments.tables.glob("*.npz")):
        if only and path.stem not in only:
            continue
        with np.load(path) as table:
            X, y = table["X"], table["y"]
        areas = []
        for seed in range(arguments.splits):
            parts = train_test_split(X, y, test_size=0.4, random_state=np.random.RandomState(seed))
            with tempfile.TemporaryDirectory() as scratch:
                start = time.monotonic()
                scores = lumenfold(arguments, Path(scratch), seed, *parts[:2])
                seconds += time.monotonic() - start
            if arguments.peers:
                scores += peers(seed, *parts[:2])
            areas.append([roc_auc_score(parts[3], score) for score in scores])
        means = list(np.mean(areas, axis=0)) + [column.get(path.stem, np.nan) for column in known.values()]
        rows.append((path.stem, means))
        print(path.stem, *(f"{mean:.3f}" for mean in means), f"{time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    lines = ["| table | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |" for name, means in rows]
    lines.append("| **mean** | " + " | ".join(f"**{mean:.3f}**" for mean in np.mean([means for _, means in rows], axis=0)) + " |")
    text = "\n".join(lines) + f"\n\n{arguments.splits} splits; {seconds:.0f} s of `fit` and `score` together.\n"
    print(text)
    if arguments.write:
        arguments.write.write_text(text)


if __name__ == "__main__":
    main()
