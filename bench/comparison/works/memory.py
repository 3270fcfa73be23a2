"""A fit of data larger than the memory it may use: is it nearly as fast, and is its memory flat?"""
import statistics

from .. import data
from ..bars import BARS, IN_MEMORY, PEAK
from ..rounds import take_turns
from ..skip import Skip
from ..table import Line, compared, number

ROUNDS = 2  # at most: one takes minutes
BUDGET = "500MB"
FEATURES = 5


def work(context, name):
    if "--memory" not in context.lumenfold.output("fit", "--help"):
        raise Skip("this lumenfold has no fit --memory")
    small, large = (20_000, 80_000) if context.quick else (25_000_000, 100_000_000)
    context.notes.append(f"memory: fits of one epoch with --memory {BUDGET}, at most {ROUNDS} rounds.")
    makers = {"npy": lambda rows: data.npy(context.scratch, rows, FEATURES, "f8"),
              "parquet": lambda rows: data.parquet(context.scratch, rows, FEATURES)}
    for kind, make in makers.items():
        try:
            yield from one_format(context, f"{name}-{kind}", make, small, large)
        except Skip as reason:
            context.skip(f"{name}-{kind}", reason)


def one_format(context, work, make, small, large):
    context.say(f"{work}: making the data")
    paths = {"small": make(small), "large": make(large)}
    sizes = {key: f"{rows * FEATURES * 8 / 1e9:.2g} GB" for key, rows in [("small", small), ("large", large)]}
    fits = {"bounded": [], "in memory": [], "small": []}

    def turn(key, path, *options):
        def fit():
            fits[key].append(context.lumenfold.fit_with_peak(path, "--epochs", 1, *options))
            return fits[key][-1]["rows_per_second"]
        return fit

    context.say(f"{work}: rounds")
    bounded = ["--memory", BUDGET]
    rates = take_turns({"bounded": turn("bounded", paths["large"], *bounded), "in memory": turn("in memory", paths["large"]),
                        "small": turn("small", paths["small"], *bounded)}, min(ROUNDS, context.rounds))

    def each(key, measured):
        return [fit[measured] for fit in fits[key]]

    def megabytes(key):
        return f"{number(statistics.median(each(key, 'peak_megabytes')))} MB"

    yield compared(f"{work}, {sizes['large']}", f"{IN_MEMORY}, training", rates["bounded"], rates["in memory"],
                   BARS["memory", IN_MEMORY])
    yield compared(f"{work}, {sizes['large']}", f"{IN_MEMORY}, whole process",
                   *([large / seconds for seconds in each(key, "wall_seconds")] for key in ("bounded", "in memory")))
    for size, key in [("small", "small"), ("large", "bounded")]:
        yield Line(f"{work}, {sizes[size]}", PEAK, megabytes(key), megabytes("in memory") if size == "large" else "",
                   each(key, "peak_megabytes"), BARS["memory", PEAK], " MB")
    yield Line(work, f"peak at {sizes['large']} over {sizes['small']}", megabytes("bounded"), megabytes("small"),
               [a / b for a, b in zip(each("bounded", "peak_megabytes"), each("small", "peak_megabytes"))])
