"""What a beat may change, read off its code: nothing that changes in a run is missing, and not everything is there."""

import sys
from enum import Enum
from types import ModuleType

import pytest
from attrs import evolve, frozen

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.limits import integers
from clearspec.core.machine import Accepted, Drive, Machine, Spec
from clearspec.core.table import Id, Table
from clearspec_checks.opinions.writes import changes, ways_into
from clearspec_proofs.widths.places import rules

HERE: ModuleType = sys.modules[__name__]


class ThingId(Id): ...


@frozen
class Thing:
    weight: int
    height: int


@frozen
class Label:
    size: int
    colour: int


NOTHING, BLANK = Thing(0, 0), Label(0, 0)


@frozen
class Shelf:
    first: Thing
    second: Thing | None
    count: int


@frozen
class State:
    things: Table[ThingId, Thing]
    shelves: tuple[Shelf, ...]
    left: Shelf
    right: Shelf
    label: Label
    total: int
    name: str


@frozen
class Weigh: ...


@frozen
class Move: ...


@frozen
class Swap: ...


@frozen
class Clear: ...


@frozen
class Shrink: ...


@frozen
class Blank: ...


@frozen
class Repaint: ...


@frozen
class Anything: ...


@frozen
class Nameless: ...


@frozen
class Keep: ...


def weigh(state: State, _: Weigh) -> Accepted[State]:
    return Accepted(evolve(state, things=state.things.put(ThingId("a"), evolve(NOTHING, weight=2))))


def move(state: State, _: Move) -> Accepted[State]:
    return Accepted(evolve(state, things=state.things.put(ThingId("a"), state.left.first)))


def swap(state: State, _: Swap) -> Accepted[State]:
    return Accepted(evolve(state, left=state.right))


def clear(state: State, _: Clear) -> Accepted[State]:
    return Accepted(evolve(state, left=evolve(state.left, count=0)))


def shrink(state: State, _: Shrink) -> Accepted[State]:
    return Accepted(evolve(state, label=evolve(state.label, size=state.label.colour)))


def blank(state: State, _: Blank) -> Accepted[State]:
    return Accepted(evolve(state, label=BLANK))


def repaint(state: State, _: Repaint) -> Accepted[State]:
    return Accepted(evolve(state, label=evolve(state.label, **{state.name: 0})))


def any_name(state: State, _: Anything) -> Accepted[State]:
    return Accepted(evolve(state, **{state.name: 0}))


def keep(state: State, _: Keep) -> Accepted[State]:
    return Accepted(evolve(state, name=state.name + str(state.total + state.left.count)))


RULES = {
    Weigh: weigh,
    Move: move,
    Swap: swap,
    Clear: clear,
    Shrink: shrink,
    Blank: blank,
    Repaint: repaint,
    Anything: any_name,
    Nameless: (lambda state, _: Accepted(evolve(state, **{state.name: 0}))),
    Keep: keep,
}
SHELF = Shelf(NOTHING, None, 0)
MACHINE: Machine[State] = Machine(
    name="shelves",
    spec=Spec(
        initial=State(Table(), (SHELF,), SHELF, SHELF, BLANK, 0, ""),
        beat=lambda state, command: RULES[type(command)](state, command),
        commands=tuple(RULES),
        reasons=Enum("Reason", "NONE"),
        claims=(),
    ),
    drive=Drive(
        generate=lambda *_: Keep(),
    ),
)
PLACES = {place for place, _ in ways_into(State)}
THING, LABEL = {"things.weight", "things.height"}, {"label.size", "label.colour"}


def of_shelf(name: str) -> set[str]:
    return {f"{name}.{each}" for each in ("first.weight", "first.height", "second.weight", "second.height", "count")}


@pytest.mark.parametrize(
    ("beat", "changed"),
    [
        pytest.param("Shrink", {"label.size"}, id="by name"),
        pytest.param("Blank", LABEL, id="a constant brings all its fields along"),
        pytest.param("Repaint", LABEL, id="names that are computed may be all of what is changed by them"),
        pytest.param("Weigh", THING, id="what an object is made of may have been elsewhere"),
        pytest.param("Move", THING, id="an object that was elsewhere brings its own"),
        pytest.param("Swap", of_shelf("left"), id="and so at any depth"),
        pytest.param("Clear", of_shelf("left"), id="a class of more than one place may have been elsewhere"),
        pytest.param("Anything", PLACES, id="of which nothing is known if it is in no field"),
        pytest.param("Nameless", PLACES, id="or cannot be read"),
        pytest.param("Keep", set(), id="what is only read is not changed"),
    ],
)
def test_a_beat_may_change_what_it_gives_anew(beat: str, changed: set[str]) -> None:
    may = changes(MACHINE, [HERE])
    assert {place for place in PLACES if may(beat, place)} == changed


def test_a_sum_may_change_with_any_of_its_rows() -> None:
    may = changes(MACHINE, [HERE])
    assert [beat.__name__ for beat in MACHINE.spec.commands if may(beat.__name__, "total.things.weight")] == [
        "Weigh",
        "Move",
        "Anything",
        "Nameless",
    ]


def changed_in_a_step(before: object, after: object) -> set[str]:
    """The places of integers that are not where they were, with as many of each row."""
    old, new = ([*integers(each)] for each in (before, after))
    if [place for place, _ in old] == [place for place, _ in new]:
        return {place for (place, was), (_, is_) in zip(old, new, strict=True) if was != is_}
    return {place for place, value in new if (place, value) not in old}


@pytest.mark.parametrize("name", registry.names())
def test_nothing_else_changes_in_runs(name: str) -> None:
    machine = registry.find(name)
    may, choices, state, seen = changes(machine, rules(machine)), SeededChoices(7), machine.spec.initial, set()
    for _ in range(300):
        now = state
        for before, beat, outcome in machine.run(state, machine.drive.generate(state, choices)):
            if isinstance(outcome, Accepted):
                now, kind = outcome.state, type(beat).__name__
                changed = changed_in_a_step(before, now)
                seen |= {(kind, place) for place in changed}
                assert {place for place in changed if not may(kind, place)} == set()
        state = now
    assert len(seen) > 60
    places = {place for place, _ in ways_into(type(machine.spec.initial))}
    assert not any(may("Advance", place) for place in places if place.startswith(("accounts.", "orders.", "prices.")))
