"""What may kill a mutant: each looks at the rules as they are in this process, and says what it found wrong, or "".

The unmutated rules must pass all of them.  Proofs are handed in from outside, since a check needs no solver.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from clearspec.core.machine import Machine
from clearspec_checks.mutation.mutants import Mutant
from clearspec_checks.runs.campaign import campaign
from clearspec_checks.runs.explore import explore
from clearspec_checks.runs.scenarios import load, named_scenarios, perform

Verdict = str
"""Why the mutant is dead, or is none; "" if that is not known."""

COLUMNS = ("examples", "stateful", "explore", "proofs")
CLAIMS = COLUMNS[1:]
"""Those that know no expected outcome, but the claims alone."""
EQUIVALENT = "equivalent"
"""Where a killer stands that kills nothing: it says why a mutant is none."""


@frozen
class Killer:
    """One way to notice a mutant.

    - column: where it counts: one of `COLUMNS`, or `EQUIVALENT`
    - seconds: after which it is ended
    - thorough: it takes long, and is asked only of a mutant that no claim has noticed
    - endless_kills: it does a fixed amount of work, so not to end is to be noticed
    - mutated: it finds the mutant in place of the rule; otherwise it puts it there itself
    """

    name: str
    column: str
    seconds: float
    look: Callable[[Machine[Any], Mutant | None], Verdict]
    endless_kills: bool = True
    mutated: bool = True
    thorough: bool = False


def killers(seed: int = 0, *, scope_seconds: float = 10, full_commands: int = 40_000) -> list[Killer]:
    """Those without a solver, the cheapest first."""
    return [
        Killer("examples", "examples", 60, examples),
        Killer("short campaign", "stateful", 60, campaign_of(3_000, seed)),
        Killer("short exploration", "explore", 120, exploration_of(min(1, scope_seconds))),
        Killer("full campaign", "stateful", 600, campaign_of(full_commands, seed), thorough=True),
        Killer("full exploration", "explore", 300, exploration_of(scope_seconds), thorough=True),
    ]


def examples(machine: Machine[Any], _: Mutant | None) -> Verdict:
    """All named scenarios of the machine."""
    for name, path in named_scenarios().items():
        scenario = load(path)
        if scenario.machine.name == machine.name:
            performance = perform(scenario)
            if performance.failures:
                return f"{name}: {_first_line(performance.failures[0])}"
    return ""


def campaign_of(commands: int, seed: int) -> Callable[[Machine[Any], Mutant | None], Verdict]:
    """A seeded campaign, the laws included."""

    def look(machine: Machine[Any], _: Mutant | None) -> Verdict:
        report = campaign(machine, commands, seed, shrink_seconds=0)
        if report.finding is not None:
            return _first_line(report.finding.message)
        return f"never reached: {report.unreached[0]}" if report.judged and report.unreached else ""

    return look


def exploration_of(seconds: float) -> Callable[[Machine[Any], Mutant | None], Verdict]:
    """Every scope of the machine, for so many seconds each."""

    def look(machine: Machine[Any], _: Mutant | None) -> Verdict:
        for name in machine.drive.scopes:
            found = explore(machine, name, seconds=seconds).finding
            if found is not None:
                return f"{name}: {_first_line(found.message)}"
        return ""

    return look


def complaints(machine: Machine[Any], chosen: Sequence[Killer]) -> list[str]:
    """What these killers find wrong with the rules as they are."""
    found = ((killer.name, killer.look(machine, None)) for killer in chosen)
    return [f"{name}: {verdict}" for name, verdict in found if verdict]


def _first_line(text: str) -> str:
    return text.splitlines()[0]
