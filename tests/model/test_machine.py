"""What does not fit together is refused when a machine is made, and what a machine may not do when it does it."""

from enum import Enum, Flag, IntEnum

import attrs
import pytest
from attrs import evolve, frozen

import toy
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Rejected, fixed, per
from clearspec.core.table import Table

A = toy.AccountId("a")
Other = Enum("Other", "NO")


@frozen
class Tick:
    """A beat."""


@attrs.define
class Loose:
    """A command, or a state, that can change in place."""


@frozen
class Part:
    name: str = fixed()
    places: tuple[int, ...] = per("places")


@frozen
class Parted:
    """A state with lengths that parameters fix."""

    parts: tuple[Part, ...] = per("parts")
    places: tuple[int, ...] = per("places")


@frozen
class Held:
    """A state that holds what it is given."""

    value: object


class Number(IntEnum):
    ONE = 1


class Bit(Flag):
    LOW = 1


class Elsewhere:
    @frozen
    class Deposit:
        """A beat that has the name of a command."""


def always(*_):
    return True


def made(**parts):
    return toy.MACHINE.altered(**parts)


def of(kind, *on, code="NEW-1"):
    """One more claim."""
    return {"claims": (*toy.MACHINE.spec.claims, Claim(code, "Always.", kind, always, on=on))}


def starting(initial, **others):
    """That start, and no others but these."""
    return {"initial": initial, "variants": {}, "cover": {}, "shapes": {}} | others


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"commands": (*toy.MACHINE.spec.commands, Loose)}, "Loose is not frozen"),
        ({"beats": (Loose,)}, "Loose is not frozen"),
        ({"beats": (int,)}, "int is not frozen"),
        ({"beats": (Tick(),)}, r"Tick\(\) stands among commands and beats, and is no class"),
        ({"initial": Loose()}, "Loose is not frozen"),
        ({"beats": (Tick, Tick)}, "Tick stands twice"),
        ({"prepares": (Tick,)}, "Tick is said to prepare, and is none of the commands"),
        ({"beats": (toy.Deposit,)}, "Deposit stands twice"),
        ({"beats": (Elsewhere.Deposit,)}, "two commands or beats have the name Deposit"),
        ({"initial": Parted((Part("", (1,)),), (1, 2))}, "the initial state has 1 and 2 places"),
        ({"shapes": {"larger": Parted((), ())}}, "the shape larger starts as Parted; let it be a Bank"),
        ({"variants": {"fees": Tick()}}, "the variant fees starts as Tick; let it be a Bank"),
        ({"cover": {"fees": Tick()}}, "the cover fees starts as Tick; let it be a Bank"),
        (starting(Held([1])), "the initial state holds a list at value, which can change in place"),
        (starting(Held((1, {}))), r"the initial state holds a dict at value\[1\], which can change in place"),
        (starting(Held(Held(Loose()))), "the initial state holds a Loose at value.value, which can change in place"),
        (starting(Held(Table({A: Loose()}))), r"the initial state holds a Loose at value\[a\]"),
        (starting(Held(Number.ONE)), "the initial state holds Number at value, a member of which equals what is none"),
        (starting(Held(Bit.LOW)), "the initial state holds Bit at value, a member of which equals what is none"),
        (starting(Held(0), variants={"fees": Held([])}), "the variant fees holds a list at value"),
        (starting(Held(0), cover={"fees": Held([])}), "the cover fees holds a list at value"),
        (starting(Held(0), shapes={"larger": Held([])}), "the shape larger holds a list at value"),
        (of(Kind.STATE, code="TOY-1"), "two claims have the code TOY-1"),
        (of(Kind.STEP, Tick), "NEW-1 is on Tick, which is none of the commands or beats"),
        (of(Kind.STEP, object), "NEW-1 is on object, which is none of the commands or beats"),
        (of(Kind.OUTCOME, Tick) | {"beats": (Tick,)}, "NEW-1 is on Tick, which is none of the commands;"),
        (of(Kind.COMMAND, Tick) | {"beats": (Tick,)}, "NEW-1 is on Tick, which is none of the commands;"),
    ],
)
def test_what_does_not_fit_together_is_refused(parts, line):
    with pytest.raises(ValueError, match=line) as caught:
        made(**parts)
    assert str(caught.value).startswith("toy: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "parts",
    [
        {"beats": (Tick,)},
        of(Kind.STEP, toy.Deposit),
        of(Kind.STEP, Tick) | {"beats": (Tick,)},
        of(Kind.OUTCOME, toy.Deposit),
        of(Kind.COMMAND, toy.Deposit),
        starting(Held((None, True, A, Other.NO, Table({A: Held(1)})))),
    ],
)
def test_what_fits_together_is_not_refused(parts):
    assert made(**parts).name == "toy"


def test_what_is_due_is_a_beat_of_the_machine():
    with pytest.raises(AssertionError, match=r"toy: Tick\(\) is due, and Tick is none of its beats"):
        list(made(due=lambda _: Tick()).run(toy.MACHINE.spec.initial, toy.Open(A)))


@pytest.mark.parametrize(
    "conclude",
    [
        lambda _, __, whole: evolve(whole, events=()),
        lambda _, __, whole: evolve(whole),
        lambda state, __, ___: Accepted(state),
        lambda *_: None,
    ],
)
def test_the_last_word_changes_nothing(conclude):
    with pytest.raises(AssertionError, match="toy: conclude may reject the whole, and no more"):
        made(conclude=conclude).step(toy.MACHINE.spec.initial, toy.Open(A))


def test_the_last_word_may_reject_the_whole():
    no = Rejected(Other.NO)
    assert made(conclude=lambda *_: no).step(toy.MACHINE.spec.initial, toy.Open(A)) is no


def test_the_shape_is_that_of_the_initial_state():
    assert dict(toy.MACHINE.spec.shape) == {}
    assert dict(made(initial=Parted((Part("", (1, 2)),) * 3, (1, 2))).spec.shape) == {"parts": 3, "places": 2}
