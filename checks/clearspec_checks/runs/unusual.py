"""What holds of every state of some runs, and not of a given state: facts that a claim may be missing.

Only simple facts are looked at: the sign of a number, the order of two numbers of one unit in one record, what a flag
is, whether something is there, and whether an id names a row.  A fact of a row is one that all rows have.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from functools import cache
from itertools import combinations
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Machine
from clearspec.core.table import Table
from clearspec_checks.runs.campaign import EPISODE
from clearspec_checks.wire.starts import starts

COMPARED = {
    frozenset({-1}): "<",
    frozenset({0}): "==",
    frozenset({1}): ">",
    frozenset({-1, 0}): "<=",
    frozenset({0, 1}): ">=",
    frozenset({-1, 1}): "!=",
}
"""How one number always compares with another, said in one sign."""

PARAMETERS = "parameters"
"""They never change, and what they may be is claimed by itself."""


Tables = Sequence[tuple[type, str, "Table[Any, Any]"]]
"""The tables of a state, each after the type of its ids and its name."""

Read = dict[tuple[str, int], Any]
"""Records of which all is said, by place and identity."""


@frozen
class Fact:
    """A fact of all of so many states of runs, and what is the case in the other state."""

    fact: str
    here: str
    states: int

    def __str__(self) -> str:
        return f"{self.fact} in all of {self.states:,} states of runs; here {self.here}"


@frozen
class Atom:
    """How two numbers compare: -1, 0 or 1; or with "" on the right, what the left thing is.  Of which row, if any."""

    left: str
    right: str
    value: Any
    here: str
    row: str = ""


def unusual(
    machine: Machine[Any], state: Any, named: Collection[str] = (), *, commands: int = 2_000, seed: int = 0
) -> tuple[Fact, ...]:
    """The facts of all states of so many random commands that are not facts of this one.

    Those of rows that are `named` come first, then the simplest.
    """
    found = list(_atoms(state))
    seen: dict[tuple[str, str], set[Any]] = {(atom.left, atom.right): set() for atom in found}
    read: Read = {}
    states = 0
    for other in _states_of_runs(machine, commands, seed):
        states += 1
        for atom in _atoms(other, read):
            if (atom.left, atom.right) in seen:
                seen[atom.left, atom.right].add(atom.value)
    facts: dict[tuple[str, str], Fact] = {}
    for atom in sorted(found, key=lambda atom: (atom.row not in named, len(atom.right), atom.left)):
        key = atom.left, atom.right
        if seen[key] and atom.value not in seen[key]:
            here = f"{atom.here} in {atom.row}" if atom.row else atom.here
            facts.setdefault(key, Fact(_in_words(*key, seen[key]), here, states))
    return tuple(facts.values())


def _states_of_runs(machine: Machine[Any], commands: int, seed: int) -> Iterator[Any]:
    """The states of random commands from each start in turn, those between two beats too."""
    beginnings = list(starts(machine).values())
    choices, state = SeededChoices(seed), machine.spec.initial
    for number in range(commands):
        if number % EPISODE == 0:
            state = beginnings[number // EPISODE % len(beginnings)]
            yield state
        command = machine.drive.generate(state, choices)
        try:
            for _, _, outcome in machine.run(state, command):
                if isinstance(outcome, Accepted):
                    yield outcome.state
            outcome = machine.step(state, command)
        except Exception:  # a broken rule may crash; that is found elsewhere
            continue
        if isinstance(outcome, Accepted):
            state = outcome.state


def _in_words(left: str, right: str, values: set[Any]) -> str:
    if right:
        return f"{left} {COMPARED[frozenset(values)]} {right}"
    return f"{left} is {' or '.join(sorted(map(str, values)))}"


def _atoms(state: Any, read: Read | None = None) -> Iterator[Atom]:
    """What there is to say of a state: of its own fields, and of each row.

    Nothing is said again of a record that was `read` in this place before.
    """
    tables = [
        (get_args(annotation)[0], name, getattr(state, name))
        for name, annotation in _fields(state)
        if get_origin(annotation) is Table
    ]
    yield from _record(state, "", "", read)
    yield from _references(state, "", "", tables)
    for _, name, table in tables:
        for key, row in table.rows():
            yield from _record(row, name, key, read)
            yield from _references(row, name, key, tables)


def _record(value: Any, path: str, row: str, read: Read | None) -> Iterator[Atom]:
    if read is not None:
        if (path, id(value)) in read:
            return
        read[path, id(value)] = value  # kept, so that no other one gets its number
    numbers: list[tuple[tuple[str, str], str, int]] = []
    for name, annotation in _fields(value):
        if name == PARAMETERS:
            continue
        place, part, unit = _place(path, name), getattr(value, name), _unit(annotation)
        for suffix, each in _entries(part):
            yield from _thing(each, annotation, place + suffix, row, read)
            if type(each) is int and unit != "int":
                numbers.append(((unit, suffix), place + suffix, each))
    for (kind, a, x), (other, b, y) in combinations(numbers, 2):
        if kind == other:
            yield Atom(a, b, (x > y) - (x < y), f"{x:,} and {y:,}", row)


def _thing(value: Any, annotation: Any, path: str, row: str, read: Read | None) -> Iterator[Atom]:
    if NoneType in get_args(annotation):
        there = "missing" if value is None else "there"
        yield Atom(path, "", there, there, row)
    if isinstance(value, bool | Enum):
        yield Atom(path, "", value, str(value), row)
    elif isinstance(value, int):
        yield Atom(path, "0", (value > 0) - (value < 0), f"{value:,}", row)
    elif attrs.has(type(value)):
        yield from _record(value, path, row, read)


def _references(value: Any, path: str, row: str, tables: Tables) -> Iterator[Atom]:
    """Whether the ids in the fields of the state, or of a row, name rows."""
    for name, _ in _fields(value):
        part = getattr(value, name)
        for kind, table_name, table in tables:
            if type(part) is kind:
                there = "there" if table.get(part) is not None else "missing"
                yield Atom(f"{_place(path, name)} among {table_name}", "", there, there, row)


def _place(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _entries(part: Any) -> list[tuple[str, Any]]:
    """A field, or the entries of one that is a tuple."""
    return [(f"[{i}]", each) for i, each in enumerate(part)] if isinstance(part, tuple) else [("", part)]


def _fields(value: Any) -> tuple[tuple[str, Any], ...]:
    """The names and the types of what a record holds."""
    kind: Any = type(value)
    return _fields_of(kind)


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((each.name, hints[each.name]) for each in attrs.fields(kind))


def _unit(annotation: Any) -> str:
    """The name of the unit of a number, or of the entries of a tuple."""
    kinds = [each for each in get_args(annotation) if each not in (NoneType, ...)] or [annotation]
    return str(getattr(kinds[0], "__name__", kinds[0]))
