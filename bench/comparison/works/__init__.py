"""The works by name. Each is a function (context, name) that yields the lines of the table."""
from . import encode, fields, memory, mlp, reading, star, threads

WORKS = {
    **{f"star-{batch}": star.work for batch in star.BATCHES},
    "mlp-784": mlp.work,
    "mlp-20000": mlp.work,
    **{name: fields.work for name in fields.NETWORKS},
    "encode": encode.work,
    **{name: reading.work for name in reading.WORKS},
    "memory": memory.work,
    "threads": threads.work,
}
