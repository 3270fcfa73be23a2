"""The picture of the report of maps: made-up S(Q, E) of spin waves on a chain, and a screenshot of their report.

    python report_maps.py LUMENFOLD CHROMIUM ../../images/report-maps.png

needs NumPy and Pillow. The maps differ in gap, exchange and width of the mode; noise is added.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

MAPS = 400
TOP, HEIGHT = 372, 1580  # Of the page, from the first section on.


def maps(generator):
    """S(Q, E) of each map, on 60 × 50 bins, with the gap and the exchange in meV."""
    momentum = np.linspace(0.2, 4.9, 60)
    energy = np.linspace(-5, 34.2, 50)
    exchange, gap, width = (
        generator.uniform(low, high, MAPS)[:, None, None] for low, high in [(6, 14), (1, 6), (0.8, 2.5)]
    )
    q, e = momentum[None, :, None], energy[None, None, :]
    mode = np.sqrt(gap**2 + (2 * exchange * np.abs(np.sin(np.pi * q / 2.6))) ** 2)
    intensity = 80 * np.exp(-((e - mode) ** 2) / 2 / width**2) * np.exp(-(q**2) / 16) / mode
    intensity += 4.8 * np.exp(-(e**2) / 2 / 0.9**2) + generator.normal(0, 0.15, intensity.shape)
    return dict(
        intensity=intensity.astype(np.float32),
        momentum_transfer_per_angstrom=momentum,
        energy_transfer_meV=energy,
        gap_meV=gap[:, 0, 0],
        exchange_meV=exchange[:, 0, 0],
    )


def main(program, browser, picture):
    with tempfile.TemporaryDirectory() as directory:
        data, model, page, shot = (str(Path(directory) / name) for name in ["maps.npz", "maps.model", "r.html", "r.png"])
        np.savez(data, **maps(np.random.default_rng(1)))
        fit = ["fit", data, "-o", model, "--hidden", "128,32", "--epochs", "120"]
        for words in [fit, ["report", model, data, "-o", page, "--title", "Spin waves, made up"]]:
            subprocess.run([program, "--quiet", *words], check=True)
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000"]
        subprocess.run([browser, *switches, "--window-size=1280,2400", f"--screenshot={shot}", f"file://{page}"], check=True)
        image = Image.open(shot).convert("RGB").crop((0, TOP, 1280, TOP + HEIGHT))
        image.quantize(128).save(picture, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
