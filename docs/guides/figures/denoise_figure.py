"""The figure of the guide on denoising a measurement: `denoise.py figure`."""

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import SymLogNorm
from scipy import stats

from denoise import load, residuals

INK, BLUE, ORANGE = "#222222", "#2a6fbb", "#d1702a"


def draw(source, denoised, output, *made):
    plt.rcParams.update({"font.size": 8, "font.family": "DejaVu Sans", "axes.edgecolor": INK, "axes.linewidth": 0.6,
                         "xtick.major.width": 0.6, "ytick.major.width": 0.6, "axes.titlesize": 8.5, "axes.titlelocation": "left"})
    archive = np.load(source)
    angle, time = archive["polar_angle_deg"], archive["time_of_flight_us"]
    counts, mean = load(source), load(denoised)
    left = residuals(counts, mean)
    figure, axes = plt.subplots(2, 3, figsize=(10, 5.6), layout="constrained")
    extent = [time[0] / 1000, time[-1] / 1000, -0.5, len(angle) - 0.5]
    norm = SymLogNorm(1, vmin=0, vmax=float(np.nanpercentile(counts, 99.8)), base=10)
    shown = dict(aspect="auto", origin="lower", extent=extent, interpolation="nearest")
    for panel, values, title in [(axes[0, 0], counts, "a  measured"), (axes[0, 1], mean, "b  patch model")]:
        image = panel.imshow(values, norm=norm, cmap="viridis", **shown)
        panel.set_title(title)
    bar = figure.colorbar(image, ax=axes[0, :2], pad=0.01)
    bar.set_label("counts in a bin")
    ticks = [tick for tick in (0, 1, 10, 100, 1000) if tick <= norm.vmax]
    bar.set_ticks(ticks, labels=[str(tick) for tick in ticks])
    bar.ax.minorticks_off()
    image = axes[0, 2].imshow(left, cmap="RdBu_r", vmin=-4, vmax=4, **shown)
    figure.colorbar(image, ax=axes[0, 2], pad=0.02).set_label("deviations")
    axes[0, 2].set_title("c  residual (randomised quantile)")
    for panel in axes[0]:
        panel.set_xlabel("time of flight (ms)")
    axes[0, 0].set_ylabel("detector, by angle")

    row = int(np.argsort(np.nansum(counts, axis=1))[len(angle) // 2])
    panel = axes[1, 0]
    panel.plot(time / 1000, counts[row], drawstyle="steps-mid", color="#9a9a9a", lw=0.7, label="measured")
    panel.plot(time / 1000, mean[row], color=BLUE, lw=1.2, label="patch model")
    panel.set_yscale("symlog", linthresh=1)
    panel.set_yticks([0, 1, 10, 100, 1000], labels=["0", "1", "10", "100", "1000"])
    panel.set_ylim(-0.15, None)
    panel.set_xlim(time[0] / 1000, time[-1] / 1000)
    panel.set(xlabel="time of flight (ms)", ylabel="counts in a bin")
    panel.set_title(f"d  detector {row} at {angle[row]:.1f}°")
    panel.legend(frameon=False, loc="upper right")

    panel = axes[1, 1]
    bins = np.linspace(-5, 5, 81)
    good = left[~np.isnan(left)]
    panel.hist(good, bins=bins, density=True, color="#c9d9ec", label="residual")
    panel.plot(bins, stats.norm.pdf(bins), color=INK, lw=1, label="N(0, 1)")
    panel.set_yscale("log")
    panel.set_ylim(1e-5, 1)
    panel.set(xlabel="deviations", ylabel="density")
    panel.set_title(f"e  mean {good.mean():.3f}, variance {good.var():.3f}")
    panel.set_ylim(1e-5, 3)
    panel.legend(frameon=False, loc="upper right")

    panel = axes[1, 2]
    if made:
        true, noisy, found = map(load, made)
        from scipy.ndimage import maximum_filter

        peaks = (maximum_filter(true, 15) == true) & (true > 30) & (true < 120)
        line, place = np.argwhere(peaks)[1]
        window = slice(max(0, place - 40), place + 41)
        panel.plot(noisy[line, window], drawstyle="steps-mid", color="#9a9a9a", lw=0.7, label="simulated counts")
        panel.plot(true[line, window], color=INK, lw=1, ls="--", label="truth")
        panel.plot(found[line, window], color=ORANGE, lw=1.2, label="patch model")
        panel.set(xlabel="bin", ylabel="counts in a bin")
        panel.set_title("f  a sharp peak of the made map")
        panel.legend(frameon=False, loc="upper right")
    for panel in axes[1]:
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, dpi=120)
