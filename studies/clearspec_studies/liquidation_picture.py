"""The picture of how long a liquidation takes: simulated bars, the law as points, the share that is over in time."""

from fractions import Fraction
from io import BytesIO
from typing import Literal

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from clearspec_studies.liquidation_time import EXPECTED, Study

INK, GREY, LATE, IN_TIME = "#222222", "#6b7280", "#bcd0e5", "#5b8db8"
SHOWN = Fraction(999, 10)
"""The picture ends where so many per cent are over."""
LOOK = {
    "font.size": 10.5,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.constrained_layout.h_pad": 0.12,
    "figure.constrained_layout.w_pad": 0.12,
    "svg.fonttype": "none",
    "svg.hashsalt": "clearspec",
}


def picture(study: Study, kind: Literal["png", "svg"]) -> bytes:
    """The picture as a file of that kind; the same study gives the same bytes."""
    with style.context(["default", LOOK]):
        figure = Figure(figsize=(8, 4.6), layout="constrained")
        draw(figure.add_subplot(), study)
        file = BytesIO()
        unstamped = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(file, format=kind, dpi=160, metadata=unstamped)
    return file.getvalue()


def draw(axes: Axes, study: Study) -> None:
    """The bars, the points and what is to be read from them."""
    sample, law = study.sample, study.law
    counts, last = dict(sample.counts), law.quantile(SHOWN)
    seconds = range(1, last + 1)
    in_time = sample.within(EXPECTED)
    for times, colour, label in (
        ([each for each in seconds if each <= EXPECTED], IN_TIME, f"simulated: {percent(in_time)} within {EXPECTED} s"),
        ([each for each in seconds if each > EXPECTED], LATE, f"simulated: {percent(1 - in_time)} later"),
    ):
        if times:
            heights = [counts.get(each, 0) / sample.runs for each in times]
            axes.bar(times, heights, width=0.86, color=colour, label=label)
    axes.plot(
        range(law.slices, last + 1),
        [float(law.exactly(each)) for each in range(law.slices, last + 1)],
        "o",
        color=INK,
        markeredgecolor="white",
        markeredgewidth=0.9,
        markersize=5.6,
        clip_on=False,
        zorder=3,
        label=f"law: {percent(law.within(EXPECTED))} within {EXPECTED} s",
    )
    axes.set_title("How long a liquidation takes", loc="left", fontsize=14, fontweight="bold", pad=26)
    axes.text(0, 1.035, subtitle(study), transform=axes.transAxes, color=GREY)
    axes.set_xlabel("seconds from entry into liquidation until the position is closed")
    axes.set_ylabel("share of liquidations")
    axes.set_xlim(0, last + 1)
    axes.xaxis.set_major_locator(MultipleLocator(5))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="upper right", framealpha=1, edgecolor="none", borderaxespad=0)


def subtitle(study: Study) -> str:
    """What was simulated."""
    return (
        f"{counted(study.terms.size, 'lot')} in {counted(study.law.slices, 'slice')},"
        f" a loop each second with probability {float(study.law.chance):g}; {study.sample.runs:,} simulated"
    )


def counted(number: int, noun: str) -> str:
    """1 lot, 1,000 lots."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def percent(share: Fraction) -> str:
    """A share, to a tenth of a per cent."""
    return f"{100 * float(share):.1f} %"
