"""Parquet, by pyarrow."""
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .column import Reading, column, columns_of_matrix

SINCE = {"s": "s", "ms": "ms", "us": "us", "ns": "ns"}


def readings(path):
    file = pq.ParquetFile(path)
    table = file.read()
    columns = []
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type) or pa.types.is_fixed_size_list(field.type):
            columns += of_lists(field, table.column(at))
        else:
            own = of_field(field, table.column(at))
            columns += [] if own is None else [own]
    yield Reading("", columns, "pyarrow")


def of_lists(field, chunks):
    """A column for each value of lists of numbers that have one length; none for others, which are left out."""
    kind, lists = field.type.value_type, chunks.to_pylist()
    lengths = {len(cells) for cells in lists if cells is not None}
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)) or len(lengths) != 1 or lengths == {0}:
        return []
    width = lengths.pop()
    lists = [[None] * width if cells is None else cells for cells in lists]
    missing = np.array([[cell is None for cell in cells] for cells in lists])
    values = np.array([[0 if cell is None else cell for cell in cells] for cells in lists], dtype=kind.to_pandas_dtype())
    columns = columns_of_matrix(field.name, values)
    for place, own in enumerate(columns):
        own.missing = own.missing | missing[:, place]
    return columns


def of_field(field, chunks):
    """The column of a field; none for structures and bytes of fixed length, which are left out."""
    kind = field.type
    if pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_dictionary(kind):
        chunks, kind = chunks.cast(kind.value_type), kind.value_type
    unit = None
    if pa.types.is_timestamp(kind):
        unit = f"{SINCE[kind.unit]} since 1970-01-01"
        chunks, kind = chunks.cast(pa.int64()), pa.int64()
    missing = np.array([cell is None for cell in chunks.to_pylist()], dtype=bool)
    if pa.types.is_binary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        cells = [cell.decode() if isinstance(cell, bytes) else cell or "" for cell in chunks.to_pylist()]
        return column(field.name, np.array(cells, dtype=object), missing=missing)
    if pa.types.is_decimal(kind):
        cells = [np.nan if cell is None else float(cell) for cell in chunks.to_pylist()]
        return column(field.name, np.array(cells), unit, missing)
    filler = False if pa.types.is_boolean(kind) else 0
    values = [filler if cell is None else cell for cell in chunks.to_pylist()]
    return column(field.name, np.array(values, dtype=kind.to_pandas_dtype()), unit, missing)
