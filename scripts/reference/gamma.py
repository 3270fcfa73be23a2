"""Gamma spectra as text, by the layout that the IAEA gives."""
import numpy as np

from .column import Axis, Reading, column


def readings(path):
    sections, own = {}, None
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith("$"):
            own = sections.setdefault(line.strip().strip("$:"), [])
        elif own is not None:
            own.append(line)
    first, last = map(int, sections["DATA"][0].split())
    counts = [int(cell) for line in sections["DATA"][1:] for cell in line.split()]
    live, real = map(float, sections["MEAS_TIM"][0].split()[:2])
    columns = [
        column("description", np.array([sections["SPEC_ID"][0].strip()], dtype=object)),
        column("date", np.array([sections["DATE_MEA"][0].strip()], dtype=object)),
        column("live_time", [live], "s"),
        column("real_time", [real], "s"),
        column("counts", [counts[: last - first + 1]], axes=[axis(sections, first, last)]),
    ]
    yield Reading("", columns, "Python, after the layout of the IAEA")


def axis(sections, first, last):
    """Energies of the channels' centres, or their numbers where there is no calibration."""
    channels = np.arange(first, last + 1)
    told = sections.get("MCA_CAL", ["", ""])[1].split() or sections.get("ENER_FIT", [""])[0].split()
    coefficients = [float(cell) for cell in told if cell != "keV"]
    if not any(coefficients[1:]):
        return Axis("channel", None, channels.astype("f8"), len(channels))
    grid = sum(factor * channels.astype("f8") ** power for power, factor in enumerate(coefficients))
    return Axis("energy", "keV", grid, len(channels))
