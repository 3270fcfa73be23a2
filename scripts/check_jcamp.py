"""Reads with the package jcamp, and with the program, spectra in every form of JCAMP-DX.

    python check_jcamp.py SCRATCH_DIRECTORY

The package shares no code with the program. Each spectrum is written in each form by the functions below, after McDonald and Wilks, Appl.
Spectrosc. 42, 151 (1988). Places and values must agree to within rounding. The program is target/debug/lumenfold, unless
LUMENFOLD names another.
"""
import sys
from pathlib import Path

import jcamp
import numpy as np

from reference.program import PROGRAM, Program

# How far two ways to scale and to step may differ, as a share of the largest number.
ROUNDING = 1e-12
POINTS_OF_LINE = 8

SQUEEZED = {"+": "@ABCDEFGHI", "-": "@abcdefghi"}
DIFFERENCE = {"+": "%JKLMNOPQR", "-": "%jklmnopqr"}
REPEATED = " STUVWXYZs"


def pseudo(number, digits):
    """An integer whose first digit and sign are one letter."""
    text = str(abs(number))
    return digits["-" if number < 0 else "+"][int(text[0])] + text[1:]


def plain(values):
    return " ".join(str(value) for value in values)


def packed(values):
    return "".join(f"{value:+d}" for value in values)


def squeezed(values):
    return "".join(pseudo(value, SQUEEZED) for value in values)


def differences(values):
    steps = [later - former for former, later in zip(values, values[1:])]
    return pseudo(values[0], SQUEEZED) + "".join(pseudo(step, DIFFERENCE) for step in steps)


def repeated(values):
    """Differences, of which those that follow each other unchanged are counted."""
    steps = [int(later - former) for former, later in zip(values, values[1:])]
    text, at = pseudo(values[0], SQUEEZED), 0
    while at < len(steps):
        count = next((n for n, step in enumerate(steps[at:]) if step != steps[at]), len(steps) - at)
        text += pseudo(steps[at], DIFFERENCE) + (REPEATED[count] if count > 1 else "")
        at += count
    return text


def lines(values, first, step, form, checked):
    """Lines of ordinates behind their first abscissa; after differences the last value stands again at the next beginning."""
    text, at = [], 0
    while at < len(values):
        text.append(f"{first + step * at:g}{'' if form in (packed, squeezed, differences, repeated) else ' '}"
                    + form(values[at : at + POINTS_OF_LINE + checked]))
        at += POINTS_OF_LINE
        if checked and at + 1 == len(values):
            break
    if checked:
        text.append(f"{first + step * (len(values) - 1):g}" + squeezed(values[-1:]))
    return text


def spectrum(values, first, step, factor, form):
    checked = form in (differences, repeated)
    head = ["##TITLE= a spectrum", "##JCAMP-DX= 4.24", "##DATA TYPE= INFRARED SPECTRUM", "##ORIGIN= made up", "##OWNER= none",
            "##XUNITS= 1/CM", "##YUNITS= ABSORBANCE", f"##FIRSTX= {first}", f"##LASTX= {first + step * (len(values) - 1)}",
            f"##NPOINTS= {len(values)}", f"##FIRSTY= {values[0] * factor}", "##XFACTOR= 1", f"##YFACTOR= {factor}"]
    return "\n".join([*head, "##XYDATA= (X++(Y..Y))", *lines(values, first, step, form, checked), "##END=", ""])


def main():
    scratch = Path(sys.argv[1])
    program = Program(PROGRAM, scratch)
    random = np.random.default_rng(1)
    checks = 0
    for points, first, step in ((33, 400, 2), (40, 4000, -4), (17, 1, 1)):
        for kind in ("rough", "smooth", "flat"):
            steps = {"rough": random.integers(-900, 900, points), "smooth": random.integers(-3, 4, points),
                     "flat": (np.arange(points) % 11 == 5).astype(int)}[kind]
            values = [int(value) for value in 1000 + np.cumsum(steps)]
            for factor in (1.0, 0.001):
                for form in (plain, packed, squeezed, differences, repeated):
                    what = f"{points} points by {step}, {kind}, {form.__name__}"
                    path = scratch / "spectrum.jdx"
                    path.write_text(spectrum(values, first, step, factor, form))
                    other = jcamp.readfile(path)
                    found, _ = program.read(path)
                    own = next(column for column in found if column.axes)
                    assert own.values.shape == (1, points) == (1, len(other["y"])), (what, own.values.shape, len(other["y"]))
                    close(own.values[0], other["y"], what)
                    close(own.values[0], np.array(values) * factor, what)
                    close(own.axes[0].grid, other["x"], what)
                    checks += 3
    print(f"{checks} checks passed")


def close(found, expected, what):
    found, expected = np.asarray(found, "f8"), np.asarray(expected, "f8")
    worst = np.abs(found - expected).max()
    assert worst <= ROUNDING * np.abs(expected).max(), f"{what}: differs by {worst}"


if __name__ == "__main__":
    main()
