"""clearspec study: a simulation of one mechanism, its law, and a picture of both."""

from pathlib import Path
from typing import Any, Literal

from clearspec_cli.output import Output, refuse_unwritable, write_whole
from clearspec_cli.progress import progress
from clearspec_cli.refusal import Refused
from clearspec_studies.liquidation_time import Line, Study, sized, study

COLUMNS = ("simulated", "law", "difference")


def liquidation_time(*, runs: int, seed: int, size: int, plot: str | None, json: str | None) -> bool:
    """Simulate the first tier of liquidation under the venue's terms, and compare the seconds it takes."""
    output = Output(json)
    kind = None if plot is None else kind_of(Path(plot))
    if plot is not None and json is not None and Path(plot).absolute() == Path(json).absolute():
        raise Refused(f"--plot and --json both name {plot}; name two files")
    if kind is not None:
        require_matplotlib()
    with progress("study liquidation-time", runs) as show:
        found = study(sized(size), runs=runs, seed=seed, on_progress=lambda done: show(done, "liquidations"))
    if plot is not None and kind is not None:
        from clearspec_studies.liquidation_picture import picture

        write_whole(Path(plot), picture(found, kind))
    show_study(output, found)
    output.deliver(study_json(found))
    return found.ok


def kind_of(path: Path) -> Literal["png", "svg"]:
    """What to draw into that file, by its name."""
    if path.suffix.lower() not in (".png", ".svg"):
        raise Refused(f"cannot draw {path}: expected a name that ends in .png or .svg")
    refuse_unwritable(path)
    return "png" if path.suffix.lower() == ".png" else "svg"


def require_matplotlib() -> None:
    """Refuse to draw without the library, before the work."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise Refused(f"drawing needs {error.name}, which is not installed: pip install 'clearspec[docs]'") from None


def show_study(output: Output, found: Study) -> None:
    """Show the comparison and how far apart the two distributions are."""
    output.table(("seconds until closed", *COLUMNS), [row(each) for each in found.lines()], numbers=COLUMNS)
    output.say()
    verdict = "follows the law" if found.ok else "does not follow the law"
    output.say(
        f"{verdict}: the distribution functions are at most {found.distance:.5f} apart,"
        f" and at most one simulation in a million would exceed {found.too_far:.5f}"
    )


def row(line: Line) -> tuple[str, ...]:
    """A line of the comparison as it is shown: whole seconds whole, shares in per cent."""
    if line.unit == "%":
        return (
            line.name,
            *(f"{100 * each:.2f} %" for each in (line.simulated, line.law)),
            f"{100 * line.difference:+.2f}",
        )
    if isinstance(line.law, int) and isinstance(line.simulated, int):
        return line.name, f"{line.simulated}", f"{line.law}", f"{line.difference:+d}" if line.difference else "0"
    return line.name, f"{line.simulated:.3f}", f"{line.law:.3f}", f"{line.difference:+.3f}"


def study_json(found: Study) -> dict[str, Any]:
    """The study under stable keys; the histogram goes on to the longest that was simulated."""
    return {
        "ok": found.ok,
        "runs": found.sample.runs,
        "seed": found.seed,
        "size": found.terms.size,
        "slices": found.law.slices,
        "lines": [
            {"name": each.name, "unit": each.unit, "simulated": each.simulated, "law": each.law}
            for each in found.lines()
        ],
        "distance": found.distance,
        "too_far": found.too_far,
        "histogram": [
            {"seconds": seconds, "simulated": runs, "law": float(found.law.exactly(seconds))}
            for seconds, runs in found.sample.counts
        ],
    }
