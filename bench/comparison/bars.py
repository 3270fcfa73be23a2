"""What lumenfold is held to: by work and peer. A ratio is lumenfold's speed over the peer's."""
from dataclasses import dataclass


@dataclass(frozen=True)
class AtLeast:
    """Judged by the median."""
    value: float
    unit: str = ""

    def __str__(self):
        return f"≥ {self.value:g}{self.unit}"

    def met(self, median, largest):
        return median >= self.value


@dataclass(frozen=True)
class AtMost:
    """Judged by the largest."""
    value: float
    unit: str = ""

    def __str__(self):
        return f"≤ {self.value:g}{self.unit}"

    def met(self, median, largest):
        return largest <= self.value


EAGER, FUSED, COMPILED = "PyTorch eager", "PyTorch eager, fused Adam", "PyTorch compiled, fused Adam"
JAX, WHOLE, SESSION, POLARS = "JAX jit + scan", "ONNX Runtime, whole process", "ONNX Runtime, session alone", "Polars"
PYARROW, ASTROPY, NUMPY = "PyArrow", "Astropy", "NumPy"
IN_MEMORY, PEAK, ONE_THREAD = "the fit in memory", "peak resident", "1 thread"

BARS = {
    ("star-256", EAGER): AtLeast(20),
    ("star-256", JAX): AtLeast(8),
    ("star-512", EAGER): AtLeast(15),
    ("star-4096", EAGER): AtLeast(8),
    ("mlp-784", EAGER): AtLeast(1.2),
    ("mlp-20000", EAGER): AtLeast(2),
    ("conv-digits", EAGER): AtLeast(3),
    ("conv-spectra", EAGER): AtLeast(2),
    ("conv-volumes", EAGER): AtLeast(2),
    ("encode", WHOLE): AtLeast(3),
    ("csv", POLARS): AtLeast(0.7),
    ("parquet", PYARROW): AtLeast(0.7),
    ("fits", ASTROPY): AtLeast(1),
    ("memory", IN_MEMORY): AtLeast(0.8),
    ("memory", PEAK): AtMost(700, " MB"),
    ("threads-512", ONE_THREAD): AtLeast(1.7),
    ("threads-1024", ONE_THREAD): AtLeast(1.7),
    ("threads-4096", ONE_THREAD): AtLeast(1.7),
}
