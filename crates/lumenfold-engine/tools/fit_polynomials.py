"""Fit the polynomials of src/math/*.rs and print them as Rust constants.

    pip install mpmath numpy
    python fit_polynomials.py

Each is a least-squares fit of the *relative* error on Chebyshev nodes, iterated with Lawson's weights towards the
minimax polynomial; the coefficients are rounded to f32 one after another, the rest being fitted again each time.
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40


def fit(name, f, basis, low, high, weight=lambda x: 1.0, nodes=400, rounds=60):
    """Minimise max |weight(x) (sum_k c_k basis_k(x) - f(x)) / f(x)| with f32 coefficients."""
    t = np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes)
    x = [mp.mpf(low + (high - low) * (0.5 + 0.5 * float(v))) for v in t]
    y = np.array([f(v) for v in x], dtype=object)
    A = np.array([[b(v) for b in basis] for v in x], dtype=object)
    w0 = np.array([mp.mpf(weight(v)) / abs(yv) for v, yv in zip(x, y)], dtype=object)
    A = (A * w0[:, None]).astype(np.longdouble)
    y = (y * w0).astype(np.longdouble)
    fixed = []
    for k in range(len(basis)):
        rest = y - sum((A[:, j] * np.longdouble(c) for j, c in enumerate(fixed)), np.zeros(nodes, np.longdouble))
        lawson = np.ones(nodes, np.longdouble)
        for _ in range(rounds):
            s = np.sqrt(lawson).astype(float)
            M = A[:, k:].astype(float)
            scale = np.abs(M).max(0)
            c, *_ = np.linalg.lstsq(M / scale * s[:, None], rest.astype(float) * s, rcond=None)
            c = c / scale
            e = np.abs(rest.astype(float) - M @ c)
            lawson = lawson * (e / e.max() + 1e-6)
            lawson /= lawson.sum()
        fixed.append(float(np.float32(c[0])))
    error = np.abs(y - sum(A[:, j] * np.longdouble(c) for j, c in enumerate(fixed))).max()
    print(f"// {name}: relative error {float(error):.2e}")
    print(f"const {name}: [f32; {len(fixed)}] = [" + ", ".join(f"{c!r}" for c in fixed) + "];")


powers = lambda ks: [lambda x, k=k: x ** k for k in ks]
ln2 = mp.log(2)
# exp(r) = 1 + r + r^2 Q(r), |r| <= ln 2 / 16
sixteenth = float(ln2) / 16 * 1.0001
fit("EXP", lambda r: (mp.exp(r) - 1 - r) / r**2, powers(range(2)), -sixteenth, sixteenth,
    weight=lambda r: float(r) ** 2 + 1e-5)
# 2^(j / 8), less what j adds when it is shifted to the exponent with the whole power
roots = [int(np.float32(float(mp.mpf(2) ** (mp.mpf(j) / 8))).view(np.uint32)) - (j << 20) for j in range(8)]
print("const ROOTS: [u32; 8] = [" + ", ".join(f"{root:#010x}" for root in roots) + "];")
# log(1 + t) = t - t^2 / 2 + t^3 P(t), 1 + t from the root of one half to that of two
low, high = float(mp.sqrt(mp.mpf(1) / 2)) - 1, float(mp.sqrt(2)) - 1
fit("LOG", lambda t: (mp.log(1 + t) - t + t**2 / 2) / t**3, powers(range(8)), low, high,
    weight=lambda t: abs(float(((mp.log(1 + t) - t + t**2 / 2) / mp.log(1 + t)))) + 1e-6)
# tanh(x) = x + x^3 P(x^2)
fit("TANH", lambda s: (mp.tanh(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, powers(range(6)), 1e-6, 0.625**2 * 1.01)
# erf(x) = x + x P(x^2), |x| < 0.9
fit("ERF_SMALL", lambda s: mp.erf(mp.sqrt(s)) / mp.sqrt(s) - 1, powers(range(7)), 1e-6, 0.92**2)
# erf(x) = 1 - exp(-(x + x Q(x))), x > 0.9
fit("ERF_LARGE", lambda x: -mp.log(mp.erfc(x)) / x - 1, powers(range(8)), 0.89, 4.0,
    weight=lambda x: float(mp.erfc(x) / mp.erf(x) * abs(mp.log(mp.erfc(x)) / x + 1) * x) + 1e-9)
# sin(x) = x + x^3 P(x^2), cos(x) = 1 - x^2 / 2 + x^4 Q(x^2), |x| < pi / 4
quarter = float(mp.pi / 4) * 1.001
fit("SIN", lambda s: (mp.sin(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, powers(range(4)), 1e-4, quarter**2)
fit("COS", lambda s: (mp.cos(mp.sqrt(s)) - 1 + s / 2) / s**2, powers(range(3)), 1e-4, quarter**2)
for name, value, bits in [("LN_2", ln2, 15), ("STEP", ln2 / 8, 13), ("HALF_PI", mp.pi / 2, 11)]:
    parts, rest = [], value
    for k in range(3 if name == "HALF_PI" else 2):
        last = k == (2 if name == "HALF_PI" else 1)
        v = np.float32(float(rest))
        if not last:
            v = (v.view(np.uint32) & np.uint32(0xFFFFFFFF << (23 - bits) & 0xFFFFFFFF)).view(np.float32)
        parts.append(float(v))
        rest = rest - mp.mpf(float(v))
    print(f"const {name}: [f32; {len(parts)}] = {parts};")
