"""Laws of sharing by weights: what fixes each part, and what no order and no split of the members can change."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.mechanisms.pro_rata import allotment, allotted


def row_arguments(choices: Choices) -> tuple[Any, ...]:
    """An amount, and the weights of those before, of two neighbours and of those after."""
    size = choices.pick((1, 3, 9, 10**6, 10**15))
    amount = choices.integer(0, choices.pick((3, size, 10 * size))) * choices.pick((1, 1, -1))
    return amount, *(choices.integer(0, size) for _ in range(4))


def none_negative(*weights: int) -> bool:
    """Are these weights?"""
    return all(weight >= 0 for weight in weights)


@claim(
    "PRO-1",
    "The first members together get the floor of their exact share, and all together get everything. If nobody has a"
    " weight, nobody gets anything.",
    title="the first get the floor",
    kind=Kind.LAW,
    source="rules §7",
    prevents="parts rounded one by one, that leave some of the amount to nobody",
    sample=row_arguments,
)
def the_first_get_the_floor(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(before, one, other, after):
        return True
    whole = before + one + other + after
    got = allotment(amount, 0, before, whole)
    if whole == 0:
        return got == 0 and allotted(amount, whole, whole) == 0
    return (
        got * whole <= amount * before < (got + 1) * whole
        and got == allotted(amount, before, whole)
        and allotment(amount, 0, whole, whole) == amount
    )


@claim(
    "PRO-2",
    "Two neighbours together get the part of one member with both weights. Splitting a member in its place changes no"
    " part.",
    title="neighbours add up",
    kind=Kind.LAW,
    source="rules §7",
    prevents="an account split in many, each rounded in its favour",
    sample=row_arguments,
)
def neighbours_add_up(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(before, one, other, after):
        return True
    whole = before + one + other + after
    apart = allotment(amount, before, one, whole) + allotment(amount, before + one, other, whole)
    return apart == allotment(amount, before, one + other, whole)


@claim(
    "PRO-3",
    "A part has the sign of the amount, or is nothing, and is within its weight where the amount is within the whole"
    " weight.",
    title="a part is within its weight",
    kind=Kind.LAW,
    source="rules §7",
    prevents="a provider filled beyond its capacity, a lender that loses more than it lent",
    sample=row_arguments,
)
def a_part_is_within_its_weight(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(before, one, other, after):
        return True
    whole = before + one + other + after
    part = allotment(amount, before, one, whole)
    if amount < 0:
        return part <= 0 and (amount < -whole or part >= -one)
    return part >= 0 and (amount > whole or part <= one)


@claim(
    "PRO-4",
    "A part is less than one unit away from the exact share.",
    title="a part is within one unit",
    kind=Kind.LAW,
    source="rules §7",
    sample=row_arguments,
)
def a_part_is_within_one_unit(amount: int, before: int, one: int, other: int, after: int) -> bool:
    whole = before + one + other + after
    if not none_negative(before, one, other, after) or whole == 0:
        return True
    part = allotment(amount, before, one, whole)
    return (part - 1) * whole < amount * one < (part + 1) * whole


@claim(
    "PRO-5",
    "Where in the row a member stands moves its part by one unit at most.",
    title="a place is worth one unit",
    kind=Kind.LAW,
    source="rules §7",
    prevents="ids chosen to stand where the rounding favours them",
    sample=row_arguments,
)
def a_place_is_worth_one_unit(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(before, one, other, after):
        return True
    whole = before + one + other + after
    here, there = allotment(amount, before, one, whole), allotment(amount, before + other, one, whole)
    # One unit at most is less than two, times the whole weight: a sum of quotients is not divided once more.
    return here == there == 0 if whole == 0 else -2 * whole < (here - there) * whole < 2 * whole


@claim(
    "PRO-6",
    "Two halves of a member, wherever they stand, get what it would get whole, but for one unit for each of them.",
    title="a split is worth a unit apiece",
    kind=Kind.LAW,
    source="rules §7",
    prevents="accounts split to stand where the rounding favours them",
    sample=row_arguments,
)
def a_split_is_worth_a_unit_a_piece(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(before, one, other, after):
        return True
    whole = before + one + other + after
    apart = allotment(amount, 0, one, whole) + allotment(amount, whole - other, other, whole)
    moved = apart - allotment(amount, before, one + other, whole)
    return moved == 0 if whole == 0 else -3 * whole < moved * whole < 3 * whole
