"""Exhaustive exploration of a small scope: every command in every state that can be reached, breadth first."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from itertools import product
from time import monotonic
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import field, frozen

from clearspec.core.machine import Accepted, Machine, Scope
from clearspec.core.table import Table
from clearspec_checks.runs.finding import Finding
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

PROGRESS_EVERY = 1_000


@frozen
class Exploration:
    """What was seen of a scope: all of it if `exhausted`, otherwise what a limit or a finding left.

    `depth` is the number of commands to the furthest state whose every command was tried, `landmarks` how often
    something that the machine asks campaigns for was reached.
    """

    machine: str
    scope: str
    commands: int
    states: int
    transitions: int
    depth: int
    exhausted: bool
    seconds: float
    cases: Counter[str] = field(factory=Counter)
    landmarks: Counter[str] = field(factory=Counter)
    finding: Finding | None = None
    interrupted: bool = False


def explore(
    machine: Machine[Any],
    name: str,
    *,
    seconds: float = 60,
    states: int = 1_000_000,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
) -> Exploration:
    """Search the scope of that name, within limits; `on_progress` hears of (states, transitions)."""
    scope = machine.drive.scopes[name]
    search = _Search(machine, name, scope, states, monotonic() + seconds, on_progress)
    begun = monotonic()
    finding, interrupted = None, False
    try:
        search.run()
    except Violation as violation:
        path = tuple(search.path) if violation.command is None else (*search.path, violation.command)
        finding = Finding(machine.name, f"scope:{name}", path, violation.code, str(violation))
    except KeyboardInterrupt:
        interrupted = True
    return Exploration(
        machine=machine.name,
        scope=name,
        commands=len(search.commands),
        states=len(search.seen),
        transitions=search.transitions,
        depth=search.depth,
        exhausted=search.exhausted,
        seconds=monotonic() - begun,
        cases=search.watch.cases,
        landmarks=search.watch.landmarks,
        finding=finding,
        interrupted=interrupted,
    )


class _Search:
    """A breadth-first search; `seen` remembers how each state was first reached, so a finding is a shortest one."""

    def __init__(
        self,
        machine: Machine[Any],
        name: str,
        scope: Scope,
        most_states: int,
        until: float,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self.scope = scope
        self.commands = commands_of(scope, name)
        self.watch = Watch(machine)
        self.keys = Keys(scope.initial)
        self.seen: dict[int, tuple[int, Any] | None] = {}
        self.checked: set[int] = set()
        self.transitions = 0
        self.depth = 0
        self.exhausted = False
        self.at = -1
        self._most_states, self._until, self._on_progress = most_states, until, on_progress

    @property
    def path(self) -> list[Any]:
        """The commands that first led to the state at hand."""
        commands, at = [], self.seen.get(self.at)
        while at is not None:
            key, command = at
            commands.append(command)
            at = self.seen[key]
        return commands[::-1]

    def run(self) -> None:
        """Try every command in every state, until no state is new or a limit is reached."""
        front = [(self.keys.of(self.scope.initial), self.watch.begin(self.scope.initial))]
        self.seen[front[0][0]] = None
        while front:
            reached: list[tuple[int, Any]] = []
            for key, state in front:
                if not self._try_all(key, state, reached):
                    return
            self.depth += 1
            front = reached
        self.exhausted = True

    def _try_all(self, key: int, state: Any, reached: list[tuple[int, Any]]) -> bool:
        """Try every command in this state; False when a limit is reached."""
        self.at = key
        for command in self.commands:
            if len(self.seen) >= self._most_states or monotonic() > self._until:
                return False
            self.transitions += 1
            if self.transitions % PROGRESS_EVERY == 0:
                self._on_progress(len(self.seen), self.transitions)
            outcome = self.watch.run(state, command, self._is_new)
            if isinstance(outcome, Accepted):
                after = self.keys.of(outcome.state)
                if after not in self.seen:
                    self.seen[after] = (key, command)
                    if self.scope.within(outcome.state):
                        reached.append((after, outcome.state))
        return True

    def _is_new(self, state: Any) -> bool:
        """State claims are checked once for each state, those between two beats included."""
        key = self.keys.of(state)
        if key in self.checked:
            return False
        self.checked.add(key)
        return True


class Keys:
    """Numbers states so that two have the same number exactly if they are equal in every field of every row.

    Equal parts share one number; parts of the initial state that never change, such as parameters, are
    numbered once.
    """

    def __init__(self, initial: Any) -> None:
        self._numbers: dict[Any, int] = {}
        self._pinned: dict[int, Any] = {}
        if attrs.has(type(initial)):
            parts = [getattr(initial, each.name) for each in attrs.fields(type(initial))]
            frozen_parts = [part for part in parts if attrs.has(type(part))]
            self._pinned = {id(part): (part, self.of(part)) for part in frozen_parts}

    def of(self, value: Any) -> int:
        """The number of this value."""
        if id(value) in self._pinned:
            number: int = self._pinned[id(value)][1]
            return number
        return self._numbers.setdefault(self._key(value), len(self._numbers))

    def _key(self, value: Any) -> Any:
        if isinstance(value, Table):
            return Table, *((key, self.of(row)) for key, row in value.rows())
        if isinstance(value, tuple):
            return tuple, *map(self._part, value)
        if attrs.has(type(value)):
            return type(value), *(self._part(getattr(value, each.name)) for each in attrs.fields(type(value)))
        return type(value), value

    def _part(self, value: Any) -> Any:
        # The type is part of the key: True and 1, or ids of different kinds, are not the same.
        return (type(value), value) if isinstance(value, int | str | Enum | NoneType) else self.of(value)


def commands_of(scope: Scope, name: str = "") -> tuple[Any, ...]:
    """Every command of the scope: the product of the values of each field, for each type of command."""
    return tuple(_all_commands(scope, name))


def _all_commands(scope: Scope, name: str) -> Iterator[Any]:
    for kind in scope.commands:
        hints = get_type_hints(kind)
        fields = [each.name for each in attrs.fields(kind)]
        columns = [_values_of_field(scope.values, kind.__name__, each, hints[each], name) for each in fields]
        yield from (kind(**dict(zip(fields, row, strict=True))) for row in product(*columns))


def _values_of_field(values: Mapping[Any, Any], command: str, of: str, annotation: Any, name: str) -> tuple[Any, ...]:
    given = values.get(f"{command}.{of}")
    found = tuple(given) if given is not None else _values_of_type(values, annotation)
    if found is None:
        raise ValueError(f"scope {name!r} gives no values for {command}.{of}: name the field, or its type {annotation}")
    return found


def _values_of_type(values: Mapping[Any, Any], annotation: Any) -> tuple[Any, ...] | None:
    if annotation in values:
        return tuple(values[annotation])
    if hasattr(annotation, "__supertype__"):
        return _values_of_type(values, annotation.__supertype__)
    if get_origin(annotation) in (Union, UnionType):
        columns = [(None,) if each is NoneType else _values_of_type(values, each) for each in get_args(annotation)]
        return None if None in columns else tuple(value for column in columns for value in column or ())
    if annotation is bool:
        return (False, True)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(annotation)
    return None
