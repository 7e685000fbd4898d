"""How large integers really get: random runs with extreme parameters and commands, held against claimed bounds.

A bound that a run exceeds is wrong; that none does is no proof.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from types import FunctionType
from typing import Any

import attrs
from attrs import evolve, frozen

from clearspec.core.choices import Choices, SeededChoices
from clearspec.core.claims import Kind
from clearspec.core.limits import Limits
from clearspec.core.machine import Accepted, Machine
from clearspec_proofs.widths.bounds import Bounds, hull
from clearspec_proofs.widths.places import BEGUN, CUT, Place, Site, listening, marked, product_of, rounded, searched
from clearspec_proofs.widths.ranges import outside

MOST_BEATS = 60
"""Of one command: a clock that advances by as much as it may has millions."""


@frozen
class Broken:
    """A value that a run came to and that is beyond a bound."""

    place: Place
    value: int
    bounds: Bounds
    seed: int


class _Heard:
    """Keeps the least and the greatest value of each place; of a search what an engine asks, as the prover does."""

    def __init__(self) -> None:
        self.real: dict[Place, Bounds] = {}
        self._deep = 0

    def __call__(self, site: Site, operands: tuple[Any, ...], result: Any) -> None:
        if result is BEGUN:
            self._deep += 1
            return
        if site.compute is searched:
            self._deep -= 1
        if self._deep or result is CUT:
            return
        if site.compute is rounded:
            self._keep(product_of(site.place), operands[1] * operands[2])
        self._keep(site.place, result)
        if site.compute is searched:
            search, test, *_ = operands
            for value in (result, result + 1 if search.__name__ == "largest" else max(result - 1, 0)):
                test(value)

    def _keep(self, place: Place, value: int) -> None:
        self.real[place] = hull(self.real.get(place, (value, value)), (value, value))


def maxima(
    machine: Machine[Any],
    commands: int,
    seed: int = 0,
    functions: Collection[FunctionType] | None = None,
    beats: Collection[str] | None = None,
) -> dict[Place, Bounds]:
    """The least and the greatest value at each place, in a run of so many commands from a stretched initial state.

    The run begins anew where it would leave the ranges that are published of what is stored, or take too long.
    If beats are named, only what these compute is looked at.
    """
    choices, heard = SeededChoices(seed), _Heard()

    def beat(state: Any, command: Any) -> Any:
        if beats is not None and type(command).__name__ not in beats:
            return machine.spec.beat(state, command)
        with listening(heard):
            return machine.spec.beat(state, command)

    listened = machine.altered(beat=beat)
    state = beginning = stretched(machine, machine.spec.initial, choices)
    with marked(machine, functions):
        for _ in range(commands):
            command = exaggerated(machine.limits, machine.drive.generate(state, choices), choices)
            state = _after(listened, state, command) or beginning
    return heard.real


def _after(machine: Machine[Any], state: Any, command: Any) -> Any:
    """The state after a command; None if its beats leave what is published, or are too many to wait for."""
    for count, (_, _, outcome) in enumerate(machine.run(state, command)):
        if not isinstance(outcome, Accepted):
            return state
        state = outcome.state
        if outside(machine, state) or count > MOST_BEATS:
            return None
    return state


def broken(real: Mapping[Place, Bounds], bounds: Mapping[Place, Bounds], seed: int) -> list[Broken]:
    """The values that are beyond a bound; of a place without one, none."""
    found = []
    for place, (low, high) in real.items():
        least, most = bounds.get(place, (None, None))
        for value, wrong in (
            (low, least is not None and low is not None and low < least),
            (high, most is not None and high is not None and high > most),
        ):
            if wrong and value is not None:
                found.append(Broken(place, value, (least, most), seed))
    return found


def exaggerated(limits: Limits, command: Any, choices: Choices) -> Any:
    """The command, often with the largest or the least of what it may say in place of some of its numbers."""
    changed = {}
    for each in attrs.fields(type(command)):
        range_ = limits.of(f"{type(command).__name__}.{each.name}")
        if type(getattr(command, each.name)) is int and range_ is not None and choices.integer(0, 3) == 0:
            changed[each.alias] = choices.pick((*range_, range_[1] // 1_000, range_[1] // 1_000_000))
    return evolve(command, **changed)


def stretched(machine: Machine[Any], state: Any, choices: Choices) -> Any:
    """The state with its parameters at the ends of their ranges, one after the other, where the claims allow it."""
    if not hasattr(state, "parameters"):
        return state
    for place, put in _each(state.parameters, "parameters"):
        range_ = machine.limits.of(place)
        if range_ is not None:
            tried = evolve(state, parameters=put(state.parameters, choices.pick(range_)))
            if _valid(machine, tried):
                state = tried
    return state


def _valid(machine: Machine[Any], state: Any) -> bool:
    try:
        return all(claim.holds(state) for claim in machine.spec.claims if claim.kind is Kind.STATE)
    except Exception:
        return False


Put = Callable[[Any, int], Any]


def _each(value: Any, place: str) -> Iterator[tuple[str, Put]]:
    """Each integer in a value: its place, and what puts another one there."""
    if type(value) is int:
        yield place, lambda _, number: number
    elif type(value) is tuple:
        for i, each in enumerate(value):
            for inner, put in _each(each, place):
                yield inner, partial(_put_entry, i, put)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if not field.metadata.get("fixed"):
                for inner, put in _each(getattr(value, field.name), f"{place}.{field.name}"):
                    yield inner, partial(_put_field, field, put)


def _put_entry(i: int, put: Put, whole: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    return (*whole[:i], put(whole[i], number), *whole[i + 1 :])


def _put_field(field: Any, put: Put, whole: Any, number: int) -> Any:
    return evolve(whole, **{field.alias: put(getattr(whole, field.name), number)})
