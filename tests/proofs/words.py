"""A machine that computes in every way that has a bound of its own: sums, shares, quotients, searches, totals."""

import sys
from enum import Enum
from math import isqrt

from attrs import evolve, frozen

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.limits import Limits, Total, bits, signed
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Spec, per
from clearspec.core.quantities import largest, mul_div_ceil, mul_div_floor, smallest
from clearspec.core.table import Id, Table

Reason = Enum("Reason", "PART_OF_WHOLE BOX_NEW")


class BoxId(Id): ...


@frozen
class Box:
    content: int


@frozen
class State:
    boxes: Table[BoxId, Box]
    parts: tuple[int, ...] = per("parts")
    last: int = 0


@frozen
class Put:
    box: BoxId
    content: int


@frozen
class Share:
    whole: int
    part: int
    of: int


@frozen
class Search:
    number: int


def put(state: State, command: Put) -> Outcome[State]:
    if state.boxes.get(command.box) is not None:
        return Rejected(Reason.BOX_NEW)
    return Accepted(evolve(state, boxes=state.boxes.put(command.box, Box(command.content))))


def share(state: State, command: Share) -> Outcome[State]:
    if not 0 <= command.part <= command.of or command.of <= 0:
        return Rejected(Reason.PART_OF_WHOLE)
    given = mul_div_floor(command.whole, command.part, command.of)
    taken = mul_div_ceil(-command.whole, command.part, command.of)
    spread = sum(part + given for part in state.parts) + abs(taken)
    for part in state.parts:
        spread += part
    return Accepted(evolve(state, last=given - given % 7 + spread // command.of - spread // command.of))


def search(state: State, command: Search) -> Outcome[State]:
    number = abs(command.number)
    root = largest(lambda n: n * n <= number, lambda: isqrt(number), "WRD-2")
    above = smallest(lambda n: n * n >= number, lambda: isqrt(number), "WRD-2")
    return Accepted(evolve(state, last=above - root))


def content(box: Box) -> int:
    return box.content


@claim(
    "WRD-1",
    "No box lacks anything, and together they have no more than is allowed.",
    title="no box lacks anything, all have limits",
    kind=Kind.STATE,
)
def boxes_are_filled(state: State) -> bool:
    return state.boxes.every(lambda _, box: box.content >= 0)


@claim(
    "WRD-2",
    "A square is in the end more than any number.",
    title="a square exceeds any number",
    kind=Kind.LAW,
    sample=lambda choices: (choices.integer(0, 99),),
)
def squares_end(number: int) -> bool:
    return (abs(number) + 1) * (abs(number) + 1) > number


def generate(_: State, choices: Choices) -> Put | Share | Search:
    kind = choices.pick((Put, Share, Search))
    if kind is Put:
        return Put(BoxId(choices.pick("abcdef")), choices.integer(0, 9))
    if kind is Share:
        return Share(choices.integer(-9, 9), choices.integer(0, 9), choices.integer(1, 9))
    return Search(choices.integer(-99, 99))


RULES = {Put: put, Share: share, Search: search}

MACHINE: Machine[State] = Machine(
    name="words",
    spec=Spec(
        initial=State(Table(), (0, 0, 0)),
        beat=lambda state, command: RULES[type(command)](state, command),
        commands=(Put, Share, Search),
        reasons=Reason,
        claims=claims_of(sys.modules[__name__]),
    ),
    drive=Drive(
        generate=generate,
    ),
    limits=Limits(
        {
            "boxes.content": bits(40),
            "parts": bits(50),
            "last": signed(62),
            "total.boxes.content": bits(60),
            "Put.content": bits(40),
            "Share.whole": signed(60),
            "Share.*": bits(40),
            "Search.number": signed(60),
        },
        totals=(Total("boxes", content),),
        unkept={"total.*": "as many boxes as one likes"},
    ),
)
