"""Parquet, by pyarrow."""
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .column import Reading, column

SINCE = {"s": "s", "ms": "ms", "us": "us", "ns": "ns"}


def readings(path):
    file = pq.ParquetFile(path)
    table = file.read()
    columns = [of_field(field, table.column(at)) for at, field in enumerate(table.schema)]
    yield Reading("", [own for own in columns if own is not None], "pyarrow")


def of_field(field, chunks):
    """The column of a field; none for lists, structures and bytes of fixed length, which are left out."""
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
