"""Runs with something changed, so that claims become False: another state before, or a rule that does something else.

The rules of a machine that is right break no claim.  So that a claim is compared where Python says False, the state
before is changed a little, and need not be one that the claims allow; or a rule is planted, which does something else
in one place, of plain values and of symbols alike.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any

import attrs
from attrs import evolve

from clearspec.core.machine import Accepted, Machine, Rejected
from clearspec.core.table import Id, Table
from clearspec_proofs.fidelity.samples import Pair, changed, pool_of
from clearspec_proofs.matrix.shapes import fits


def disturbed(machine: Machine[Any], before: Any, beat: Any, random: Random) -> Iterator[tuple[Machine[Any], Pair]]:
    """This run with something changed: in the state before, so that it need not be one that the claims allow, or in
    what comes out, by a rule that is planted."""
    with suppress(Exception):
        change = _change(machine, before, beat, random)
        if change is not None and random.random() < 0.6:
            planted = machine.altered(beat=lambda state, beat: change(machine.spec.beat, state, beat))
            yield planted, (before, beat)
            return
        for _ in range(random.choice((1, 1, 2, 3))):
            before = changed(before, random, pool_of(before))
        due = machine.spec.due(before)
        if fits(before, machine.spec.initial) and (
            due is None if type(beat) in machine.spec.commands else type(due) is type(beat)
        ):
            yield machine, (before, beat if due is None else due)


Change = Callable[[Any, Any, Any], Any]
"""What comes out instead: of the rule as it is, the state before and the beat."""

Place = tuple[Any, ...]
"""The way to a part of a value: names of fields, numbers of entries, ids of rows."""


def _change(machine: Machine[Any], before: Any, beat: Any, random: Random) -> Change | None:
    """A rule to plant: something else comes out, in one place; None if nothing does."""
    outcome = machine.spec.beat(before, beat)
    reason = random.choice(list(machine.spec.reasons))
    if not isinstance(outcome, Accepted):
        if random.random() < 0.3:
            return lambda rule, state, beat: _accepted_or(rule(state, beat), Accepted(state))
        return lambda rule, state, beat: _accepted_or(rule(state, beat), Rejected(reason))
    if type(beat) in machine.spec.commands and random.random() < 0.05:
        return lambda *_: Rejected(reason)
    if outcome.events and random.random() < 0.1:
        return _accepted(lambda found, _: evolve(found, events=found.events[:-1]), random)
    places = list(_places(outcome, random))
    if not places:
        return None
    place, value = random.choice(places)
    if isinstance(value, int) and not isinstance(value, bool) and random.random() < 0.7:
        more = random.choice((1, -1, 1_000, -1_000))
        return _accepted(lambda found, beat: _put(found, place, lambda number: number + more, beat), random)
    if isinstance(value, Table):
        return None
    other = changed(value, random, pool_of(before))
    return _accepted(lambda found, beat: _put(found, place, lambda _: other, beat), random)


def _accepted(change: Callable[[Any, Any], Any], random: Random) -> Change:
    """The change in what comes out; or in the state before, by a rule that does nothing else and looks at nothing."""
    if random.random() < 0.3:
        return lambda _, state, beat: change(Accepted(state), beat)

    def changes(rule: Any, state: Any, beat: Any) -> Any:
        found = rule(state, beat)
        return change(found, beat) if isinstance(found, Accepted) else found

    return changes


def _accepted_or(found: Any, other: Any) -> Any:
    return found if isinstance(found, Accepted) else other


def _places(value: Any, random: Random) -> Iterator[tuple[Place, Any]]:
    """The ways to all parts of a value, and to those of one row of each table."""
    if isinstance(value, Table):
        rows = list(value.rows())
        for key, row in random.sample(rows, min(1, len(rows))):
            yield from (((key, *rest), part) for rest, part in _places(row, random))
    elif isinstance(value, tuple):
        for i, each in enumerate(value):
            yield from (((i, *rest), part) for rest, part in _places(each, random))
    elif attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            if each.init and not each.metadata.get("fixed"):
                yield from (((each.name, *rest), part) for rest, part in _places(getattr(value, each.name), random))
    elif value is not None:
        yield (), value


def _put(value: Any, place: Place, change: Callable[[Any], Any], beat: Any) -> Any:
    """The value with the part in that place changed, where there is one; the row is that of the beat, if it has one."""
    if value is None or not place:
        return None if value is None else change(value)
    at, *rest = place
    if isinstance(at, Id):
        same = [each.name for each in attrs.fields(type(beat)) if isinstance(getattr(beat, each.name), type(at))]
        key = getattr(beat, same[0]) if same else at
        row = value.get(key)
        return value if row is None else value.put(key, _put(row, tuple(rest), change, beat))
    if isinstance(at, int):
        return (*value[:at], _put(value[at], tuple(rest), change, beat), *value[at + 1 :]) if at < len(value) else value
    return evolve(value, **{at: _put(getattr(value, at), tuple(rest), change, beat)}) if hasattr(value, at) else value
