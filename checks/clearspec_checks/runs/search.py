"""Is a claim that fails after some beat of some state broken in a run, too?  A search from every start of a machine."""

from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Any

import attrs
from attrs import evolve, frozen

from clearspec.core.choices import Choices
from clearspec.core.machine import Machine
from clearspec.core.table import Id
from clearspec_checks.runs.campaign import EPISODE, run_episode
from clearspec_checks.runs.explore import explore
from clearspec_checks.runs.finding import Finding, only, shrink

SHRINKING = 10.0
"""Seconds to shorten what was found."""

DRAWS = 5
"""So many commands are drawn in the hope of one like the one that is looked for."""


@frozen
class Search:
    """What was found, if anything, and in how many runs of how many commands together."""

    finding: Finding | None
    runs: int
    commands: int


def search(machine: Machine[Any], code: str, beat: Any, *, seconds: float = 5, seed: int = 0) -> Search:
    """Look for commands from some start that break this claim, shortened; half of the time in the small scopes.

    Every second command of a random run is like this beat, if it is a command.  No other claim is checked on the way:
    one that breaks earlier would hide it.
    """
    alone, begun = only(machine, code), monotonic()
    runs = commands = 0
    for name in alone.drive.scopes:
        explored = explore(alone, name, seconds=seconds / 2 / len(alone.drive.scopes))
        runs, commands = runs + 1, commands + explored.transitions
        if explored.finding is not None and explored.finding.code == code:
            return Search(evolve(explored.finding, alone=True), runs, commands)
    aimed = alone.altered(generate=_like(alone, beat))
    for number in count():
        if monotonic() > begun + seconds:
            break
        episode = run_episode(aimed, seed, 1, (number, EPISODE))
        runs, commands = runs + 1, commands + episode.commands
        if episode.finding is not None and episode.finding.code == code:
            return Search(shrink(alone, evolve(episode.finding, alone=True), SHRINKING), runs, commands)
    return Search(None, runs, commands)


def _like(machine: Machine[Any], beat: Any) -> Callable[[Any, Choices], Any]:
    """A generator of the machine's commands, half of them of the beat's type and with some of its values."""

    def generate(state: Any, choices: Choices) -> Any:
        drawn = machine.drive.generate(state, choices)
        if type(beat) not in machine.spec.commands or choices.integer(0, 1):
            return drawn
        for _ in range(DRAWS):
            if type(drawn) is type(beat):
                return _mixed(drawn, beat, choices)
            drawn = machine.drive.generate(state, choices)
        return drawn

    return generate


def _mixed(drawn: Any, beat: Any, choices: Choices) -> Any:
    """The drawn command with some values of the beat, and one id wherever the beat has one."""
    ids: dict[Any, Any] = {}
    values = {}
    for each in attrs.fields(type(drawn)):
        own, other = getattr(drawn, each.name), getattr(beat, each.name)
        if isinstance(own, Id) and isinstance(other, Id):
            values[each.alias] = ids.setdefault((type(other), other), own)
        else:
            values[each.alias] = choices.pick((own, other))
    return evolve(drawn, **values)
