"""What every harness takes: a machine of pure transitions over an immutable state.

A command runs as a chain of beats: the command itself first, then whatever the state says is due,
until nothing is.  Each beat keeps every invariant on its own, so the prover can take them one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, Flag
from inspect import isclass
from typing import Any, Generic, TypeVar

from attrs import evolve, field, fields, frozen, has

from clearspec.core.choices import Choices
from clearspec.core.claims import Claim, Kind
from clearspec.core.limits import Limits
from clearspec.core.table import Table

S = TypeVar("S")


@frozen
class Accepted(Generic[S]):
    """The command changed the state, and these things happened."""

    state: S
    events: tuple[Any, ...] = ()


@frozen
class Rejected:
    """The command changed nothing; the reason names the requirement that was not met."""

    reason: Enum


Outcome = Accepted[S] | Rejected


def per(dimension: str) -> Any:
    """A state field that is a tuple with one entry per asset, market …: a shape that the parameters fix."""
    return field(metadata={"per": dimension})


def fixed() -> Any:
    """A parameter field that belongs to the shape: the prover keeps its value instead of making it a symbol."""
    return field(metadata={"fixed": True})


F = TypeVar("F", bound=Callable[..., Any])


def measure(function: F) -> F:
    """Mark a pure measure or test.  It runs as it is; the prover keeps its result as one formula instead of
    following each of its branches as a path of its own."""
    function.__measure__ = True  # type: ignore[attr-defined]
    return function


@frozen
class Scope:
    """A small world that can be explored exhaustively: where to start, and the values each field of a command takes.

    `values` is asked for "Command.field", then for the field's type.  `within` bounds the states worth going on from.
    """

    initial: Any
    values: Mapping[Any, tuple[Any, ...]]
    commands: tuple[type, ...]
    within: Callable[[Any], bool] = lambda _: True


def as_it_is(_: S, __: Any, whole: Accepted[S]) -> Outcome[S]:
    """The last word on a command that no machine has one on."""
    return whole


Shown = tuple[str, tuple[str, ...], tuple[tuple[object, ...], ...]]
"""A table to show: its title, the headers, and the rows."""


@frozen
class Spec(Generic[S]):
    """What is proved: the start, the transitions, and what is claimed of them.

    - initial: the state it starts in; parameters are part of the state and never change
    - beat: one transition, of a command or of an internal beat
    - due: the internal beat that must run before the next command, or None
    - conclude: the last word on a command whose beats are all done; it may still reject the whole
    - commands, beats: the types of commands that users send, and of internal beats
    - reasons: the reasons of rejection, in order of precedence
    - claims: all invariants and laws
    - shape: the length of each `per` dimension, as the initial state has it
    - shapes: starts of other shapes, at which proofs are run as well, by name
    """

    initial: S
    beat: Callable[[S, Any], Outcome[S]]
    commands: tuple[type, ...]
    reasons: type[Enum]
    claims: tuple[Claim, ...]
    beats: tuple[type, ...] = ()
    due: Callable[[S], Any] = lambda _: None
    conclude: Callable[[S, Any, Accepted[S]], Outcome[S]] = as_it_is
    shapes: Mapping[str, S] = field(factory=dict)
    shape: Mapping[str, int] = field(init=False)

    @shape.default
    def _(self) -> Mapping[str, int]:
        return _lengths_per_dimension(self.initial)


@frozen
class Drive(Generic[S]):
    """How runs are made: where they start, which commands they draw, and what they must reach.

    - generate: a random command that looks at the state, so that most commands mean something
    - landmarks: what a campaign must reach beside commands, beats and reasons; `landmarks_of` names those of one beat
    - variants: initial states of other parameter sets, by name
    - cover: initial states of many more parameter sets, which campaigns alone start from, by name
    - scopes: small worlds for exhaustive exploration, by name
    """

    generate: Callable[[S, Choices], Any]
    landmarks: tuple[str, ...] = ()
    landmarks_of: Callable[[S, Any, Accepted[S]], tuple[str, ...]] = lambda *_: ()
    variants: Mapping[str, S] = field(factory=dict)
    cover: Mapping[str, S] = field(factory=dict)
    scopes: Mapping[str, Scope] = field(factory=dict)


@frozen
class Views(Generic[S]):
    """What is shown of a state, and of events.

    - statement: every holding of every holder, as {(holder, book): amount}; what an auditor of events must arrive at
    - measures: what to show beside the ledger, such as equity and margin, as {(holder, measure): value}
    - tables: what to show of events, each a `Shown`
    - prepares: the commands that only set a scene, such as opening an account; told in one line until another comes
    """

    statement: Callable[[S], Mapping[tuple[str, str], int]] | None = None
    measures: Callable[[S], Mapping[tuple[str, str], int]] | None = None
    tables: Callable[[tuple[Any, ...]], tuple[Shown, ...]] = lambda _: ()
    prepares: tuple[type, ...] = ()


@frozen
class Machine(Generic[S]):
    """A machine: what is proved of it, how runs of it are made, and what is shown of them.

    - limits: the ranges that are published of parameters, commands and what is stored, for engines of fixed width
    """

    name: str
    spec: Spec[S]
    drive: Drive[S]
    views: Views[S] = field(factory=lambda: Views())
    limits: Limits = Limits({})

    def altered(self, **parts: Any) -> "Machine[S]":
        """This machine with some parts of its specification, its drive or its views replaced, or its limits."""
        for name in ("spec", "drive", "views"):
            part = getattr(self, name)
            own = {each.name: parts.pop(each.name) for each in fields(type(part)) if each.name in parts}
            if own:
                parts[name] = evolve(part, **own)
        return evolve(self, **parts)

    def __attrs_post_init__(self) -> None:
        """Refuse, with one line, parts of which a proof or a campaign would say less than it seems."""
        for wrong in _misfits(self):
            raise ValueError(f"{self.name}: {wrong}")

    def run(self, state: S, command: Any) -> Iterator[tuple[S, Any, Outcome[S]]]:
        """The beats of one command as (before, beat, outcome); the last leaves nothing due, or is a rejection."""
        beat: Any = command
        while beat is not None:
            outcome = self.spec.beat(state, beat)
            yield state, beat, outcome
            if isinstance(outcome, Rejected):
                if beat is not command:
                    raise AssertionError(f"{self.name}: {beat} was due and yet rejected: {outcome.reason}")
                return
            state = outcome.state
            beat = self.spec.due(state)
            if beat is not None and type(beat) not in self.spec.beats:
                raise AssertionError(f"{self.name}: {beat} is due, and {type(beat).__name__} is none of its beats")

    def step(self, state: S, command: Any) -> Outcome[S]:
        """Run a command to its end: all of its beats, or none of them."""
        now, events = state, ()
        for _, _, outcome in self.run(state, command):
            if isinstance(outcome, Rejected):
                return outcome
            now, events = outcome.state, events + outcome.events
        return self.concluded(state, command, Accepted(now, events))

    def concluded(self, state: S, command: Any, whole: Accepted[S]) -> Outcome[S]:
        """The last word on a command: what its beats did, as it is, or a rejection of the whole."""
        outcome = self.spec.conclude(state, command, whole)
        if outcome is not whole and type(outcome) is not Rejected:
            raise AssertionError(
                f"{self.name}: conclude may reject the whole, and no more, but made of {command} {outcome}"
            )
        return outcome


def _misfits(machine: Machine[Any]) -> Iterator[str]:
    """What does not fit together in a machine, and what would, a line each."""
    kinds = (*machine.spec.commands, *machine.spec.beats)
    for kind in (*kinds, type(machine.spec.initial)):
        if not isclass(kind):
            yield f"{kind!r} stands among commands and beats, and is no class; name the class"
            return
        if not is_frozen(kind):
            yield f"{kind.__qualname__} is not frozen, so that it can change in place; declare it with attrs.frozen"
    for kind in _twice(kinds):
        yield f"{kind.__qualname__} stands twice among commands and beats; let it stand once, in one of them"
    for name in _twice([kind.__name__ for kind in kinds]):
        yield f"two commands or beats have the name {name}; give each a name of its own"
    for code in _twice([claim.code for claim in machine.spec.claims]):
        yield f"two claims have the code {code}; give each a code of its own"
    for claim in machine.spec.claims:
        of_commands = claim.kind in (Kind.OUTCOME, Kind.COMMAND)
        allowed, lists = (machine.spec.commands, "commands") if of_commands else (kinds, "commands or beats")
        for kind in claim.on:
            if kind not in allowed:
                yield f"{claim.code} is on {kind.__qualname__}, which is none of the {lists}; name only those"
    for kind in machine.views.prepares:
        if kind not in machine.spec.commands:
            yield f"{kind.__qualname__} is said to prepare, and is none of the commands; name only those"
    for name, start in _starts(machine):
        if type(start) is not type(machine.spec.initial):
            yield f"{name} starts as {type(start).__name__}; let it be a {type(machine.spec.initial).__name__}"
        for held in _loose(start, ""):
            yield f"{name} holds {held}"
    for dimension, lengths in _lengths(machine.spec.initial, {}).items():
        if len(lengths) > 1:
            yield f"the initial state has {min(lengths)} and {max(lengths)} {dimension}; let these tuples be as long"


def _starts(machine: Machine[Any]) -> Iterator[tuple[str, Any]]:
    yield "the initial state", machine.spec.initial
    for what, starts in (
        ("variant", machine.drive.variants),
        ("cover", machine.drive.cover),
        ("shape", machine.spec.shapes),
    ):
        yield from ((f"the {what} {name}", start) for name, start in starts.items())


def _loose(value: Any, place: str) -> Iterator[str]:
    """What in a state can change in place, or equals what is none of its kind."""
    kind = type(value)
    if isinstance(value, Enum):
        if isinstance(value, int | str | Flag):
            yield f"{kind.__qualname__} at {place}, a member of which equals what is none; let it be a plain Enum"
    elif isinstance(value, tuple):
        for i, entry in enumerate(value):
            yield from _loose(entry, f"{place}[{i}]")
    elif isinstance(value, Table):
        for key, row in value.rows():
            yield from _loose(row, f"{place}[{key}]")
    elif is_frozen(kind):
        for each in fields(kind):
            yield from _loose(getattr(value, each.name), f"{place}.{each.name}" if place else each.name)
    elif not (value is None or isinstance(value, int | str)):
        yield f"a {kind.__qualname__} at {place}, which can change in place; let it be a tuple, a Table or frozen"


def _lengths_per_dimension(state: Any) -> Mapping[str, int]:
    return {dimension: max(lengths) for dimension, lengths in _lengths(state, {}).items()}


def _lengths(value: Any, found: dict[str, set[int]]) -> dict[str, set[int]]:
    """The lengths of the `per` tuples in a value, by dimension."""
    if isinstance(value, tuple):
        for entry in value:
            _lengths(entry, found)
    elif has(type(value)):
        for each in fields(type(value)):
            part = getattr(value, each.name)
            if "per" in each.metadata:
                found.setdefault(each.metadata["per"], set()).add(len(part))
            _lengths(part, found)
    return found


def is_frozen(kind: type) -> bool:
    """Is this a class of attrs whose objects never change?"""
    return has(kind) and getattr(kind, "__setattr__", None) is Rejected.__setattr__


def _twice(values: Sequence[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]
