"""How often intervals of repeated splits hold the truth: the figures of docs/guides/probe.md. Needs NumPy and SciPy.

For each kind of data (labels without meaning, labels, a quantity) and number of splits it prints the share of 200 data sets of
200 rows whose interval holds the expected figure, and its mean width: for a bootstrap of the rows, each with all that was
said of it, and for the corrected interval of Nadeau and Bengio (2003).
"""

import numpy as np
from scipy import stats

ROWS, HELD_OUT, DATA_SETS, RESAMPLES = 200, 50, 200, 300
random = np.random.default_rng(0)


def neighbours(x, y, queries, k=5):
    distance = ((queries[:, None] - x[None]) ** 2).sum(-1)
    return (y[np.argpartition(distance, k, 1)[:, :k]].mean(1) > 0.5).astype(float)


def linear(x, y, queries):
    one = np.c_[x, np.ones(len(x))]
    weights = np.linalg.solve(one.T @ one + np.eye(one.shape[1]), one.T @ y)
    return np.c_[queries, np.ones(len(queries))] @ weights


def data(kind, rows):
    x = random.normal(size=(rows, 5))
    if kind == "noise":
        return x, (random.random(rows) > 0.5).astype(float)
    if kind == "classes":
        return x, ((x[:, 0] + random.normal(size=rows)) > 0).astype(float)
    return x, x[:, 0] + 0.5 * x[:, 1] + random.normal(size=rows)


def said(kind, x, y, queries, truth):
    if kind == "quantity":
        return (linear(x, y, queries) - truth) ** 2
    return (neighbours(x, y, queries) == truth).astype(float)


def figure(kind, y, said, weights):
    if kind != "quantity":
        return (weights[0] * said).sum() / weights[1].sum()
    mean = (weights[1] * y).sum() / weights[1].sum()
    return 1 - (weights[0] * said).sum() / (weights[1] * (y - mean) ** 2).sum()


def once(kind, y, said):
    ones = np.ones(len(y))
    return figure(kind, y, said, (ones, ones))


for kind in ["noise", "classes", "quantity"]:
    truths = []
    for _ in range(40):
        x, y = data(kind, ROWS - HELD_OUT)
        queries, truth = data(kind, 4000)
        truths.append(once(kind, truth, said(kind, x, y, queries, truth)))
    expected = np.mean(truths)
    for splits in [1, 5, 20]:
        held, widths = np.zeros(2), np.zeros(2)
        for _ in range(DATA_SETS):
            x, y = data(kind, ROWS)
            sums, times, figures = np.zeros(ROWS), np.zeros(ROWS), []
            for _ in range(splits):
                order = random.permutation(ROWS)
                test, train = order[:HELD_OUT], order[HELD_OUT:]
                own = said(kind, x[train], y[train], x[test], y[test])
                sums[test] += own
                times[test] += 1
                figures.append(once(kind, y[test], own))
            used = times > 0
            count = used.sum()
            drawn = []
            for _ in range(RESAMPLES):
                weights = np.bincount(random.integers(0, count, count), minlength=count)
                drawn.append(figure(kind, y[used], sums[used], (weights, weights * times[used])))
            intervals = [np.percentile(drawn, [2.5, 97.5])]
            if splits > 1:
                error = np.sqrt((1 / splits + HELD_OUT / (ROWS - HELD_OUT)) * np.var(figures, ddof=1))
                beyond = stats.t.ppf(0.975, splits - 1) * error
                intervals.append([np.mean(figures) - beyond, np.mean(figures) + beyond])
            for index, (low, high) in enumerate(intervals):
                held[index] += low <= expected <= high
                widths[index] += high - low
        held, widths = held / DATA_SETS, widths / DATA_SETS
        print(f"{kind:9} {splits:2} splits: bootstrap {held[0]:.3f} (width {widths[0]:.3f})", end="")
        print(f", corrected {held[1]:.3f} (width {widths[1]:.3f})" if splits > 1 else "")
