"""Training speed of the star network beside PyTorch, in one run.

    pip install torch numpy
    cargo build --release
    python bench/training_speed.py --batch 512 --threads 2 --rounds 5

Both train 5-40-40-40-40-2 and its mirror (SiLU then LayerNorm, 11,127 parameters, Adam) on the same 255,000 rows of
random numbers, without held-out rows. lumenfold is run as a user runs it (`fit --json`, its own clock around the training
alone); PyTorch takes whole epochs of shuffled batches. The two take turns, so that a drift of the machine's speed meets
both; the ratio is taken round by round and its median is what counts.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, nargs="+", default=[512])
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--rows", type=int, default=255_000)
parser.add_argument("--program", default="target/release/lumenfold")
arguments = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import numpy as np  # noqa: E402  (after OMP_NUM_THREADS)
import torch  # noqa: E402

torch.set_num_threads(arguments.threads)


def half(widths):
    layers = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        layers.append(torch.nn.Linear(inputs, outputs))
        if index + 2 < len(widths):
            layers += [torch.nn.SiLU(), torch.nn.LayerNorm(outputs)]
    return layers


class PyTorch:
    def __init__(self, rows, batch):
        torch.manual_seed(0)
        widths = [5, 40, 40, 40, 40, 2]
        self.model = torch.nn.Sequential(*half(widths), *half(widths[::-1]))
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.rows, self.batch = rows, batch

    def steps(self, count):
        """Seconds for so many steps, the shuffle of an epoch included."""
        begin = time.perf_counter()
        done = 0
        while done < count:
            order = torch.randperm(len(self.rows))
            for start in range(0, len(order) - self.batch + 1, self.batch):
                x = self.rows[order[start:start + self.batch]]
                self.optimiser.zero_grad(set_to_none=True)
                loss = ((self.model(x) - x) ** 2).mean()
                loss.backward()
                self.optimiser.step()
                done += 1
                if done == count:
                    break
        return time.perf_counter() - begin


def lumenfold(path, batch, epochs):
    with tempfile.TemporaryDirectory() as scratch:
        command = [arguments.program, "--quiet", "fit", path, "-o", f"{scratch}/model", "--json", "--validation", "0",
                   "--epochs", str(epochs), "--batch", str(batch), "--learning-rate", "0.001", "--schedule", "constant",
                   "--threads", str(arguments.threads)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["rows_per_second"]


values = np.random.default_rng(0).standard_normal((arguments.rows, 5)).astype("f4")
processor = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
print(f"# Training speed, star network, {datetime.date.today()}\n")
print(f"`python bench/training_speed.py --batch {' '.join(map(str, arguments.batch))} --threads {arguments.threads} "
      f"--rounds {arguments.rounds}`\n")
print(f"{processor}, {os.cpu_count()} processors, {arguments.threads} threads; PyTorch {torch.__version__} eager, "
      f"{arguments.rows:,} rows; medians of {arguments.rounds} rounds.\n")
print("| batch | lumenfold, rows/s | PyTorch eager, rows/s | ratio (least to largest) |")
print("|---|---|---|---|")
with tempfile.TemporaryDirectory() as scratch:
    path = f"{scratch}/rows.npy"
    np.save(path, values)
    for batch in arguments.batch:
        peer = PyTorch(torch.from_numpy(values), batch)
        count = max(20, min(arguments.rows // batch, 300))
        peer.steps(20)
        lumenfold(path, batch, 2)
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            ours.append(lumenfold(path, batch, 20))
            theirs.append(count * batch / peer.steps(count))
        ratios = sorted(a / b for a, b in zip(ours, theirs))
        print(f"| {batch} | {statistics.median(ours):,.0f} | {statistics.median(theirs):,.0f} | "
              f"**{statistics.median(ratios):.1f}** ({ratios[0]:.1f} to {ratios[-1]:.1f}) |", flush=True)
