#!/usr/bin/env python3
"""Whether false alarms come as often as they are asked for: `fit --for anomalies` and `score` on rows without anomalies.

    python bench/false_alarms.py DATA.npy… [--seeds 20] [--rows 20000] [--write FILE.md]

DATA are arrays (rows, …), or .npz files with X and y of which the rows of y = 0 are taken. For each seed the rows (a random
choice of at most --rows) are parted at random: nine tenths are given to `fit`, which holds out half of them (--validation 0.5) to
calibrate p-values, and the last tenth is scored. Of all seeds together, the table gives the share of scored rows whose p-value
is at most 1 % and 5 %, the interval in which a binomial number of as many rows with that rate lies 99 times of 100, and the
distance of the distribution of all p-values from the uniform one (Kolmogorov and Smirnov) with its p-value.
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import binom, kstest

RATES = [0.01, 0.05]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--fit", default="", help="further options of fit")
    parser.add_argument("--program", default="target/release/lumenfold")
    parser.add_argument("--write", type=Path)
    return parser.parse_args()


def rows_of(path):
    loaded = np.load(path)
    return loaded["X"][loaded["y"] == 0] if path.suffix == ".npz" else loaded


def p_values(arguments, rows, seed):
    order = np.random.default_rng(seed).permutation(len(rows))[: arguments.rows]
    scored = len(order) // 10
    run = lambda *words: subprocess.run([arguments.program, *map(str, words)], check=True, stderr=subprocess.PIPE)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        np.save(scratch / "fit.npy", rows[order[scored:]])
        np.save(scratch / "new.npy", rows[order[:scored]])
        run("fit", scratch / "fit.npy", "--for", "anomalies", "--validation", 0.5, "--seed", seed, "--allow-constant",
            *arguments.fit.split(), "-o", scratch / "model")
        run("score", scratch / "model", scratch / "new.npy", "-o", scratch / "scores.npz")
        with np.load(scratch / "scores.npz") as scores:
            return scores["p_value"]


def main():
    arguments = parse()
    header = ["data", "rows scored", *(f"at {rate:.0%} (99 % interval)" for rate in RATES), "KS distance", "its p-value"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for path in arguments.data:
        rows = rows_of(path)
        all_p = np.concatenate([p_values(arguments, rows, seed) for seed in range(arguments.seeds)])
        cells = []
        for rate in RATES:
            low, high = (np.array(binom.interval(0.99, len(all_p), rate)) / len(all_p)).tolist()
            share = (all_p <= rate).mean()
            verdict = "" if low <= share <= high else " **outside**"
            cells.append(f"{share:.2%} ({low:.2%} to {high:.2%}){verdict}")
        test = kstest(all_p, "uniform")
        lines.append(f"| {path.stem} | {len(all_p):,} | " + " | ".join(cells) + f" | {test.statistic:.4f} | {test.pvalue:.2f} |")
        print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    if arguments.write:
        arguments.write.write_text(text)


if __name__ == "__main__":
    main()
