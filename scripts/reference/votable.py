"""VOTable, by astropy; units as the file spells them, by Python's own XML."""
import math
import warnings
import xml.etree.ElementTree as xml

import numpy as np
from astropy.io.votable import parse

from .column import Reading, column

NUMBERS = {"unsignedByte", "short", "int", "long", "float", "double", "boolean", "bit"}


def readings(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = list(parse(path, verify="ignore").iter_tables())
    elements = [(element.tag.rpartition("}")[2], element) for element in xml.parse(path).iter()]
    units = {own.get("ID") or own.get("name"): (own.get("unit") or "").strip() for tag, own in elements if tag == "FIELD"}
    flags = any(tag == "BINARY2" for tag, _ in elements)
    data = [rows_of(own) for tag, own in elements if tag == "DATA"]
    default = next((number for number, table in enumerate(tables) if len(table.array)), None)
    for number, table in enumerate(tables):
        fields = [(field, units.get(field.ID, units.get(field.name))) for field in table.fields]
        columns = []
        for at, (field, unit) in enumerate(fields):
            written = [row[at] for row in data[number]] if number < len(data) and data[number] is not None else None
            columns += of_field(field, table.array[field.ID], unit, flags, written)
        if number == default:
            yield Reading("", columns, "astropy")
        yield Reading(str(number + 1), columns, "astropy")


def rows_of(data):
    """The text of the cells of a table whose data are elements: astropy cuts and strips it. None for others."""
    found = [one for one in data if one.tag.rpartition("}")[2] == "TABLEDATA"]
    return [[cell.text or "" for cell in row] for row in found[0]] if found else None


def of_field(field, cells, unit, flags, written):
    """The columns of a field; none for complex numbers, lists of text and arrays of variable length."""
    name, size = field.name or field.ID, field.arraysize or "1"
    mask = np.ma.getmaskarray(cells)
    if field.datatype in ("char", "unicodeChar"):
        if "x" not in size:
            read = ["" if gone else str(cell) for cell, gone in zip(cells.data, mask)]
            text = np.array(read if written is None else written, dtype=object)
            # Where a flag of BINARY2 says that text is missing, astropy gives empty text.
            yield column(name, text, unit, text == "" if flags else mask)
    elif field.datatype in NUMBERS and "*" not in size:
        count = math.prod(cells.shape[1:])
        if written is not None and cells.dtype.kind in "iu" and count == 1:
            # Numbers beyond the range of their type are cut by astropy.
            there = [integer(cell, kept) for cell, kept in zip(written, cells.data)]
            cells = np.ma.array(np.array(there, dtype="i8"), mask=mask)
        values, mask = cells.data.reshape(len(cells), count), mask.reshape(len(cells), count)
        for at in range(count):
            yield column(name if count == 1 else f"{name}{at + 1}", values[:, at], unit, mask[:, at])


def integer(text, other):
    """The integer that a text is, decimal or hexadecimal; else the other one."""
    try:
        return int(text, 16 if text.strip().lower().startswith("0x") else 10)
    except ValueError:
        return other
