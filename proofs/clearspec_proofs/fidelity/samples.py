"""States and beats on plain integers to go beside paths: from random runs, and from those with a little changed.

What is kept has run through code that nothing kept before has: a trace of each run says where it went.
"""

import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import Enum
from random import Random
from time import monotonic
from types import CodeType, FrameType
from typing import Any

import attrs
from attrs import evolve

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Machine, Rejected
from clearspec.core.table import Id, Table
from clearspec_proofs.fidelity.runs import states_hold, witnesses
from clearspec_proofs.matrix.shapes import fits

Pair = tuple[Any, Any]
BESIDE = (
    "clearspec.core.table",
    "clearspec.core.index",
    "clearspec.core.ledger",
    "clearspec.core.claims",
    "clearspec.core.choices",
)
"""Modules of the model whose own branches are none of a rule."""

NUMBERS = (0, 1, -1, 2, 7, 100, 1_000_003, 10**40)
EDITS = 40
"""Of each sample: so many times something in it is changed."""

COMMANDS, LOOKED_AT = 400, 40
"""Of a random run, how many commands; and of beats that end alike, at how many it is looked where they run."""

ALIKE = 2
"""How many samples of each way through the code are kept."""


def samples(
    machine: Machine[Any], *, seconds: float, seed: int = 0, given: Collection[Pair] = ()
) -> dict[type, list[Pair]]:
    """For each beat, states in which it runs: those that are given, those that random runs come to, and others that all
    claims allow."""
    found = Samples(machine, Random(seed))
    found.take(given)
    own = (
        machine.spec.initial,
        *machine.drive.variants.values(),
        *(scope.initial for scope in machine.drive.scopes.values()),
    )
    starts = [start for start in (*own, *machine.drive.cover.values()) if fits(start, machine.spec.initial)]
    starts += found.others(starts)
    until, number = monotonic() + seconds / 2, 0
    while monotonic() < until:
        with suppress(Exception):  # a machine that crashes is for others to report
            found.run(starts[number % len(starts)], SeededChoices(seed + number), COMMANDS, until)
        number += 1
    found.edit(monotonic() + seconds / 2)
    return found.kept


class Samples:
    """What is kept, and which ways through the code it took."""

    def __init__(self, machine: Machine[Any], random: Random) -> None:
        self.kept: dict[type, list[Pair]] = {}
        self._machine, self._random = machine, random
        self._ways: dict[Any, int] = {}
        self._seen: dict[Any, int] = {}

    def take(self, given: Collection[Pair]) -> None:
        """Keep what others have run, where it is of the shape that the proofs are of."""
        for before, beat in given:
            if fits(before, self._machine.spec.initial):
                self._keep(before, beat)

    def run(self, state: Any, choices: SeededChoices, commands: int, until: float) -> None:
        """A random run of so many commands."""
        for _ in range(commands):
            if monotonic() > until:
                return
            command = self._machine.drive.generate(state, choices)
            for before, beat, outcome in self._machine.run(state, command):
                seen = (type(beat), _ending(outcome))
                self._seen[seen] = self._seen.get(seen, 0) + 1
                if self._seen[seen] <= LOOKED_AT:
                    self._keep(before, beat)
            outcome = self._machine.step(state, command)
            state = outcome.state if isinstance(outcome, Accepted) else state

    def others(self, starts: list[Any]) -> list[Any]:
        """Starts with one parameter changed that is a matter of choice: a kind, a model, yes or no."""
        found: list[Any] = []
        for start in starts[:1] if hasattr(starts[0], "parameters") else ():
            for field in attrs.fields(type(start.parameters)):
                value = getattr(start.parameters, field.name)
                options = (
                    list(type(value)) if isinstance(value, Enum) else [not value] if value in (True, False) else []
                )
                for option in (each for each in options if each != value):
                    other = evolve(start, parameters=evolve(start.parameters, **{field.alias: option}))
                    if self._machine.spec.due(other) is None and states_hold(self._machine, other):
                        found.append(other)
        return found

    def edit(self, until: float) -> None:
        """Change what was kept a little, and see whether it goes another way; what comes of it is changed again."""
        at = dict.fromkeys(self.kept, 0)
        while monotonic() < until and any(at[kind] < len(self.kept[kind]) for kind in at):
            for kind in at:
                if at[kind] < len(self.kept[kind]) and monotonic() < until:
                    before, beat = self.kept[kind][at[kind]]
                    at[kind] += 1
                    for _ in range(EDITS):
                        self._try(before, beat, kind)

    def _try(self, before: Any, beat: Any, kind: type) -> None:
        try:
            if kind in self._machine.spec.commands:
                pool = pool_of(before)
                other = changed(beat, self._random, pool)
                if self._random.random() < 0.3:
                    before = changed(before, self._random, pool)
                beat = other
            else:
                for _ in range(self._random.choice((1, 1, 2))):
                    before = changed(before, self._random, pool_of(before))
                beat = self._machine.spec.due(before)
                if type(beat) is not kind:
                    return
            new = fits(before, self._machine.spec.initial) and self._goes_new_ways(before, beat)
            if new and witnesses(self._machine, before, beat):
                self._keep(before, beat)
        except Exception:
            return  # what was changed makes no sense

    def _goes_new_ways(self, before: Any, beat: Any) -> bool:
        return self._ways.get(_way(self._machine, before, beat), 0) < ALIKE

    def _keep(self, before: Any, beat: Any) -> None:
        way = _way(self._machine, before, beat)
        if self._ways.get(way, 0) < ALIKE:
            self._ways[way] = self._ways.get(way, 0) + 1
            self.kept.setdefault(type(beat), []).append((before, beat))


def _way(machine: Machine[Any], before: Any, beat: Any) -> Any:
    """Which places of the model's code a beat runs through, to the single instruction, and how it ends."""
    places: set[tuple[CodeType, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_globals.get("__name__", "")
        if event == "call":
            if name.startswith("clearspec_") or name in BESIDE or not _traced(name):
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return trace
        if event == "opcode":
            places.add((frame.f_code, frame.f_lasti))
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        ending = _ending(machine.spec.beat(before, beat))
    except Exception as error:
        ending = type(error)
    finally:
        sys.settrace(old)
    return type(beat), ending, frozenset(places)


def _ending(outcome: Any) -> Any:
    return outcome.reason if isinstance(outcome, Rejected) else tuple(map(type, outcome.events))


def _traced(name: str) -> bool:
    return name not in ("typing", "enum", "inspect") and not name.startswith(("attr", "immutables", "importlib"))


# Changing a value a little


def pool_of(before: Any) -> dict[type, list[Any]]:
    """The values of each type that occur in a state."""
    pool: dict[type, list[Any]] = {}
    for value in _values(before):
        known = pool.setdefault(type(value), [])
        if len(known) < 400:
            known.append(value)
    return pool


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Table):
        for key, row in value.rows():
            yield key
            yield from _values(row)
    elif isinstance(value, tuple):
        for each in value:
            yield from _values(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _values(getattr(value, field.name))
    elif value is not None:
        yield value


def changed(value: Any, random: Random, pool: dict[type, list[Any]]) -> Any:
    """The value with one part of it changed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        near = (value - 1, value + 1, -value, 2 * value, value // 2)
        return random.choice((*near, random.choice(NUMBERS), random.choice(pool.get(int, [0]))))
    if isinstance(value, Id):
        return random.choice((*pool.get(type(value), [value]), type(value)("nobody")))
    if isinstance(value, Enum):
        return random.choice(list(type(value)))
    if isinstance(value, Table):
        rows = list(value.rows())
        if not rows:
            return value
        key, row = random.choice(rows)
        return value.drop(key) if random.random() < 0.1 else value.put(key, changed(row, random, pool))
    if isinstance(value, tuple) and value:
        at = random.randrange(len(value))
        return (*value[:at], changed(value[at], random, pool), *value[at + 1 :])
    if attrs.has(type(value)):
        fields = [each for each in attrs.fields(type(value)) if each.init and not each.metadata.get("fixed")]
        if not fields:
            return value
        field = random.choice(fields)
        part = getattr(value, field.name)
        if part is not None and random.random() < 0.1 and "None" in str(field.type):
            return evolve(value, **{field.alias: None})
        return evolve(value, **{field.alias: changed(part, random, pool)})
    return value
