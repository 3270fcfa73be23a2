"""Text tables, by Python's own csv and float."""
import csv
import gzip

import numpy as np

from .column import Reading, column

# What stands for a missing value in a column of numbers.
MISSING = {"", "NA", "null", "NULL", "None", "nan", "NaN"}


def readings(path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    rows, comments = [], []
    delimiter = "\t" if ".tsv" in path.name else ","
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("#"):
            comments.append((len(rows), line))
        else:
            rows.append(line.split() if path.suffix == ".txt" else next(csv.reader([line], delimiter=delimiter)))
    # A comment before the first row may hold the names, where that has numbers only.
    if all(is_number(cell) for cell in rows[0]):
        named = [line[1:].split() for at, line in comments if at == 0]
        fitting = [names for names in named if len(names) == len(rows[0])]
        names = fitting[-1] if fitting else [f"x{at + 1}" for at in range(len(rows[0]))]
    else:
        names, rows = rows[0], rows[1:]
    cells = list(zip(*rows, strict=True))
    yield Reading("", [typed(name, own) for name, own in zip(names, cells, strict=True)], "Python's csv and float")


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def typed(name, cells):
    """Integers if each cell is the text of one, floats if each is a number, else text."""
    absent = [cell in MISSING for cell in cells]
    there = [cell for cell in cells if cell not in MISSING]
    if not all(is_number(cell) for cell in there):
        return column(name, np.array(cells, dtype=object), missing=[cell == "" for cell in cells])
    if all(cell.lstrip("-").isdigit() and str(int(cell)) == cell for cell in there):
        return column(name, [0 if gone else int(cell) for cell, gone in zip(cells, absent)], missing=absent)
    return column(name, [np.nan if gone else float(cell) for cell, gone in zip(cells, absent)])
