"""A measurement of counts without its noise: data, simulations, residuals and figures of the guide.

    python denoise.py read MEASUREMENT.nx5 COUNTS.npz        # LRMECS histograms: angle x time of flight (needs h5py)
    python denoise.py simulate DIRECTORY                     # truth.npz, noisy.npz, flat.npz: a made map and its counts
    python denoise.py split COUNTS.npz DIRECTORY             # half1.npz, half2.npz: two independent measurements of one
    python denoise.py residual COUNTS.npz DENOISED.npz       # are what is left and counting noise alike?
    python denoise.py compare TRUTH.npz NOISY.npz DENOISED.npz   # against Gaussian filters of the best width
    python denoise.py nothing FLAT.npz DENOISED.npz          # what noise alone becomes
    python denoise.py figure COUNTS.npz DENOISED.npz OUT.png [TRUTH.npz NOISY.npz DENOISED.npz]

The arrays are called data, polar_angle_deg and time_of_flight_us.
"""

import sys
from pathlib import Path

import numpy as np
from scipy import ndimage, stats

SEED = 7


def load(path):
    return np.load(path)["data"].astype(float)


def save(path, data, angle, time):
    np.savez_compressed(path, data=data, polar_angle_deg=angle, time_of_flight_us=time)


def read(source, target):
    """The lines of dead detectors, without a single count, become absent; lines are sorted by angle."""
    import h5py

    with h5py.File(source) as file:
        group = file["Histogram1/data"]
        counts = group["data"][...].astype(float)
        angle = group["polar_angle"][...].astype(float)
        edges = group["time_of_flight"][...].astype(float)
    order = np.argsort(angle, kind="stable")
    counts, angle = counts[order], angle[order]
    counts[counts.sum(axis=1) == 0] = np.nan
    # Detectors of one angle: a millionth of a degree keeps them apart.
    angle = angle + 1e-6 * np.arange(len(angle))
    save(target, counts, angle, 0.5 * (edges[1:] + edges[:-1]))


def truth():
    """A made map of mean counts, 160 x 600: an elastic line, dispersing ridges, a broad hump, sharp spots."""
    angle, time = np.linspace(5, 120, 160), np.linspace(1000, 4000, 600)
    a, t = angle[:, None], time[None, :]
    efficiency = 1 + 0.15 * np.random.default_rng(SEED).normal(size=angle.size).cumsum()[:, None] / 12
    elastic = 300 * np.exp(-0.5 * ((t - 2000 - 0.3 * a) / 22) ** 2) * (1 + 0.8 * np.exp(-a / 40))
    ridge = 12 * np.exp(-0.5 * ((t - 2500 - 260 * np.sin(a / 16)) / 35) ** 2)
    hump = 5 * np.exp(-0.5 * ((t - 3100) / 320) ** 2 - 0.5 * ((a - 70) / 30) ** 2)
    spots = np.zeros((angle.size, time.size))
    for place, when in [(30, 2300), (62, 2750), (95, 1500), (110, 3500)]:
        spots = spots + 60 * np.exp(-0.5 * ((t - when) / 9) ** 2 - 0.5 * ((a - place) / 1.0) ** 2)
    return (0.6 + 0.4 * (t / 4000) + elastic + ridge + hump + spots) * efficiency.clip(0.5), angle, time


def simulate(directory):
    directory.mkdir(parents=True, exist_ok=True)
    mean, angle, time = truth()
    random = np.random.default_rng(SEED)
    save(directory / "truth.npz", mean, angle, time)
    save(directory / "noisy.npz", random.poisson(mean).astype(float), angle, time)
    # Noise alone: the counts of a mean that only rises slowly.
    smooth = 4.0 + 2.0 * np.linspace(0, 1, time.size)[None, :] + np.zeros_like(mean)
    save(directory / "flat.npz", random.poisson(smooth).astype(float), angle, time)
    save(directory / "flat_mean.npz", smooth, angle, time)


def split(source, directory):
    """Each count goes to one half or the other: two independent Poisson measurements of half the mean."""
    directory.mkdir(parents=True, exist_ok=True)
    archive = np.load(source)
    counts = archive["data"]
    there = ~np.isnan(counts)
    half = np.full(counts.shape, np.nan)
    half[there] = np.random.default_rng(SEED).binomial(counts[there].astype(int), 0.5)
    for name, data in [("half1.npz", half), ("half2.npz", counts - half)]:
        save(directory / name, data, archive["polar_angle_deg"], archive["time_of_flight_us"])


def residuals(counts, mean):
    """Randomised quantile residuals (Dunn and Smyth 1996): normal with deviation 1 if counts are Poisson of that mean."""
    mean = np.maximum(mean, 1e-6)
    low, high = stats.poisson.cdf(counts - 1, mean), stats.poisson.cdf(counts, mean)
    chance = low + (high - low) * np.random.default_rng(SEED).uniform(size=counts.shape)
    return stats.norm.ppf(chance.clip(1e-15, 1 - 1e-15))


def neighbours(residual, axis):
    """Correlation of neighbours along an axis, and its standard error."""
    first, second = (np.take(residual, range(*ends), axis=axis) for ends in [(0, residual.shape[axis] - 1), (1, residual.shape[axis])])
    good = ~np.isnan(first * second)
    return np.corrcoef(first[good], second[good])[0, 1], 1 / np.sqrt(good.sum())


def residual(counts, mean):
    found = residuals(counts, mean)
    print("mean counts     values    mean  variance   of (x - m)/sqrt(m)")
    edges = [0, 0.3, 1, 3, 10, 30, 100, 300, np.inf]
    for low, high in zip(edges[:-1], edges[1:]):
        chosen = (mean >= low) & (mean < high) & ~np.isnan(counts)
        if chosen.sum() < 20:
            continue
        of_root = (counts[chosen] - mean[chosen]) / np.sqrt(np.maximum(mean[chosen], 1e-6))
        root = f"{of_root.mean():7.3f} {of_root.var():8.3f}" if low >= 10 else ""
        print(f"{low:6g}..{high:<6g} {chosen.sum():8d} {found[chosen].mean():7.3f} {found[chosen].var():9.3f}   {root}")
    good = ~np.isnan(found)
    distance = stats.kstest(found[good], "norm").statistic
    print(f"all: mean {found[good].mean():.4f}, variance {found[good].var():.4f}, distance from N(0, 1) {distance:.4f}")
    for axis, name in enumerate(["angle", "time"]):
        correlation, error = neighbours(found, axis)
        print(f"neighbours along {name}: correlation {correlation:.4f} +- {error:.4f}")
        profile = np.nansum(found, axis=1 - axis) / np.sqrt(np.maximum(np.sum(good, axis=1 - axis), 1))
        print(f"sums across {name}: variance {profile.var():.2f} (1 expected), largest {np.abs(profile).max():.1f}")


def anscombe(values):
    return 2 * np.sqrt(values + 0.375)


def psnr(truth, found):
    return 10 * np.log10(truth.max() ** 2 / np.mean((found - truth) ** 2))


def deviation(truth, found):
    """Root mean square error in units of the counting noise: of roots, so that all counts weigh alike."""
    return np.sqrt(np.mean((anscombe(truth) - anscombe(np.maximum(found, 0))) ** 2))


def best_gaussian(truth, noisy, measure, better):
    widths = [0.3, 0.5, 0.7, 1, 1.4, 2, 2.8, 4]
    tried = [((a, t), ndimage.gaussian_filter(noisy, (a, t))) for a in widths for t in widths]
    return better(tried, key=lambda one: measure(truth, one[1]))


def compare(truth, noisy, found):
    sharp = ndimage.gaussian_filter(truth, 1.5) < 0.85 * truth
    rows = [("as measured", noisy), ("patch model", found)]
    for name, measure, better in [("Gaussian, best PSNR", psnr, max), ("Gaussian, best deviation", deviation, min)]:
        width, filtered = best_gaussian(truth, noisy, measure, better)
        rows.append((f"{name} {width}", filtered))
    print(f"{'':40} {'PSNR/dB':>8} {'deviation':>10} {'at sharp peaks':>15} {'height of peaks':>16}")
    peaks = ndimage.maximum_filter(truth, 15) == truth
    peaks &= sharp & (truth > 30) & (truth < 120)
    for name, values in rows:
        height = np.median(values[peaks] / truth[peaks]) if peaks.any() else np.nan
        print(f"{name:40} {psnr(truth, values):8.2f} {deviation(truth, values):10.3f} "
              f"{deviation(truth[sharp], values[sharp]):15.3f} {height:16.3f}")


def nothing(flat, mean, found):
    """Variance and power spectrum of what noise becomes, with the mean that it was made of taken away."""
    before, after = flat - mean, found - mean
    print(f"variance: in {before.var():.4f}, out {after.var():.4f}, ratio {after.var() / before.var():.4f}; "
          f"mean out {after.mean():.4f}")
    power = [np.abs(np.fft.fft2(values)) ** 2 / values.size for values in (before, after)]
    radius = np.hypot(*np.meshgrid(*(np.fft.fftfreq(size) for size in flat.shape), indexing="ij"))
    edges = [0.001, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.71]
    for low, high in zip(edges[:-1], edges[1:]):
        ring = (radius >= low) & (radius < high)
        print(f"frequency {low:5.3f}..{high:5.3f}: power in {power[0][ring].mean():7.3f}, out {power[1][ring].mean():7.3f}")


def main(verb, *paths):
    paths = [Path(path) for path in paths]
    if verb == "read":
        read(*paths)
    elif verb == "simulate":
        simulate(*paths)
    elif verb == "split":
        split(*paths)
    elif verb == "residual":
        residual(load(paths[0]), load(paths[1]))
    elif verb == "compare":
        compare(*map(load, paths))
    elif verb == "nothing":
        nothing(load(paths[0]), load(paths[0].with_name("flat_mean.npz")), load(paths[1]))
    elif verb == "figure":
        from denoise_figure import draw

        draw(*paths)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
