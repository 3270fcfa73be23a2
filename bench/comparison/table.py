"""The table of ratios, in Markdown."""
import datetime
import statistics
from dataclasses import dataclass

from .rounds import ratios

HEAD = ["| work | against | lumenfold | peer | ratio (least to largest) | bar | |", "|---|---|---|---|---|---|---|"]


@dataclass
class Line:
    work: str
    against: str
    ours: str
    theirs: str
    figures: list  # one per round
    bar: object = None
    unit: str = ""


def compared(work, against, ours, theirs, bar=None, unit="rows/s", per=1):
    """A line of rates: lumenfold's and the peer's, round by round."""
    def median(rates):
        return f"{number(statistics.median(rates) / per)} {unit}"
    return Line(work, against, median(ours), median(theirs), ratios(ours, theirs), bar)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def row(line, judge):
    median, largest = statistics.median(line.figures), max(line.figures)
    spread = f" ({number(min(line.figures))} to {number(largest)})" if len(line.figures) > 1 else ""
    verdict = ("met" if line.bar.met(median, largest) else "**missed**") if line.bar and judge else ""
    return (f"| {line.work} | {line.against} | {line.ours} | {line.theirs} | **{number(median)}**{line.unit}{spread} "
            f"| {line.bar or ''} | {verdict} |")


def write(lines, directory):
    """The file of today; a second one of the same day gets a number."""
    for count in range(1, 1000):
        path = directory / f"{datetime.date.today()}-compare{f'-{count}' if count > 1 else ''}.md"
        try:
            with open(path, "x") as file:
                file.write("\n".join(lines).rstrip() + "\n")
            return path
        except FileExistsError:
            continue
    raise RuntimeError(f"a thousand results of today in {directory}")
