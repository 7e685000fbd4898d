"""Laws of the default waterfall: which layer pays, what a survivor pays of it, and who is made whole again first."""

from itertools import combinations
from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate
from clearspec.mechanisms.waterfall import absorb, assessable, assessment_cap, recover, survivors_part

SOURCE = "PFMI, principles 4 and 13; Settlement & Clearing, What the CCP Actually Does; rules §8"

LAYERS = 6
"""Margin of the defaulter, its contribution, skin in the game, contributions of survivors, assessments, own equity."""

Layers = tuple[Atoms, ...]


def layer_arguments(choices: Choices) -> tuple[Any, ...]:
    """What six layers hold, often nothing, a loss that ends anywhere among them or beyond, and a part of it."""
    size = choices.pick((1, 3, 10, 10**9))
    layers = tuple(Atoms(choices.pick((0, choices.integer(0, size)))) for _ in range(LAYERS))
    reached = sum(layers[: choices.integer(0, LAYERS)])
    loss = max(reached + choices.pick((-1, 0, 1, choices.integer(0, size))), 0)
    return layers, loss, choices.pick((choices.integer(0, loss), choices.integer(0, loss + 2), loss))


def none_negative(*amounts: int) -> bool:
    """Is none of them below zero?"""
    return all(amount >= 0 for amount in amounts)


@claim(
    "CL-WF-1",
    "The payments of all layers and the uncovered rest add up to the loss, to the unit.",
    title="a loss is borne, to the unit",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a loss that is paid twice, or that disappears",
    sample=layer_arguments,
)
def a_loss_is_borne(layers: Layers, loss: int, _: int) -> bool:
    if not none_negative(loss, *layers):
        return True
    borne = absorb(layers, loss)
    return sum(borne.paid) + borne.uncovered == loss


@claim(
    "CL-WF-2",
    "A layer pays only when every layer junior to it has nothing left.",
    title="the senior layer pays last",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="survivors who pay before the clearing house has lost its own part, and its reason to be careful",
    sample=layer_arguments,
)
def the_senior_pays_last(layers: Layers, loss: int, _: int) -> bool:
    if not none_negative(loss, *layers):
        return True
    rows = tuple(zip(layers, absorb(layers, loss).paid, strict=True))
    return all(junior == given or paid == 0 for (junior, given), (_, paid) in combinations(rows, 2))


@claim(
    "CL-WF-3",
    "A layer pays no more than it has and no less than nothing, and nothing is left uncovered while one has something.",
    title="layers pay within what they have",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a loss that is put on somebody who has not promised to bear it",
    sample=layer_arguments,
)
def layers_are_exhausted_first(layers: Layers, loss: int, _: int) -> bool:
    if not none_negative(loss, *layers):
        return True
    borne = absorb(layers, loss)
    within = all(0 <= paid <= held for held, paid in zip(layers, borne.paid, strict=True))
    return within and borne.uncovered >= 0 and (borne.uncovered == 0 or borne.paid == layers)


@claim(
    "CL-WF-4",
    "A loss that becomes known in two parts costs each layer what it would at once.",
    title="a loss in parts costs the same",
    kind=Kind.LAW,
    source="rules §8",
    prevents="a close-out cut into chunks so that somebody else pays",
    sample=layer_arguments,
)
def parts_of_a_loss_add_up(layers: Layers, loss: int, more: int) -> bool:
    if not none_negative(loss, more, *layers):
        return True
    first, at_once = absorb(layers, loss), absorb(layers, loss + more)
    left = tuple(Atoms(held - paid) for held, paid in zip(layers, first.paid, strict=True))
    second = absorb(left, first.uncovered + more)
    together = all(a + b == both for a, b, both in zip(first.paid, second.paid, at_once.paid, strict=True))
    return together and second.uncovered == at_once.uncovered


@claim(
    "CL-WF-5",
    "A recovery leaves everybody with what they would have borne of a loss that much smaller, and what exceeds the"
    " loss is a surplus.",
    title="a recovery undoes the end of a loss",
    kind=Kind.LAW,
    source="rules §8",
    prevents="a clearing house that makes itself whole before the survivors who paid after it",
    sample=layer_arguments,
)
def a_recovery_undoes_the_end_of_the_loss(layers: Layers, loss: int, recovered: int) -> bool:
    if not none_negative(loss, recovered, *layers):
        return True
    after, smaller = recover(absorb(layers, loss), recovered), loss - recovered if recovered < loss else 0
    return after.borne == absorb(layers, smaller) and after.surplus == recovered - (loss - smaller)


@claim(
    "CL-WF-6",
    "No layer gets back more than it paid, or anything before every senior one is whole. Creditors of the uncovered"
    " rest come first of all.",
    title="the senior is whole first",
    kind=Kind.LAW,
    source="rules §8",
    prevents="a recovery that goes to whoever asks for it first",
    sample=layer_arguments,
)
def the_senior_is_whole_first(layers: Layers, loss: int, recovered: int) -> bool:
    if not none_negative(loss, recovered, *layers):
        return True
    lost = absorb(layers, loss)
    after = recover(lost, recovered).borne
    rows = tuple(zip((*lost.paid, lost.uncovered), (*after.paid, after.uncovered), strict=True))
    within = all(0 <= still <= paid for paid, still in zip(lost.paid, after.paid, strict=True))
    return within and all(still == paid or senior == 0 for (paid, still), (_, senior) in combinations(rows, 2))


def row_arguments(choices: Choices) -> tuple[Any, ...]:
    """An amount, and the weights of those before, of two neighbours and of those after."""
    size = choices.pick((1, 3, 9, 10**6, 10**15))
    weights = tuple(choices.integer(0, size) for _ in range(4))
    whole = sum(weights)
    return choices.pick((choices.integer(0, whole), whole, whole + 1, choices.integer(0, 3 * whole))), *weights


@claim(
    "CL-WF-7",
    "The survivors up to a place have together paid the floor of their share of what the layer pays. All together pay"
    " all of it: the loss, or all that they have.",
    title="survivors together pay their layer",
    kind=Kind.LAW,
    source="rules §8",
    prevents="parts rounded one by one, which leave some of the loss to nobody",
    sample=row_arguments,
)
def survivors_pay_what_their_layer_pays(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(amount, before, one, other, after):
        return True
    whole = before + one + other + after
    paid = amount if amount < whole else whole
    so_far, part = survivors_part(amount, 0, before, whole), survivors_part(amount, before, one, whole)
    then = so_far + part
    return (
        (whole == 0 or (so_far * whole <= paid * before < (so_far + 1) * whole))
        and (whole == 0 or (then * whole <= paid * (before + one) < (then + 1) * whole))
        and survivors_part(amount, 0, whole, whole) == paid
    )


@claim(
    "CL-WF-8",
    "A survivor pays less than one unit more or less than its exact share.",
    title="a survivor's share within one unit",
    kind=Kind.LAW,
    source="rules §8",
    sample=row_arguments,
)
def a_survivor_is_within_one_unit(amount: int, before: int, one: int, other: int, after: int) -> bool:
    whole = before + one + other + after
    if not none_negative(amount, before, one, other, after) or whole == 0:
        return True
    paid, part = amount if amount < whole else whole, survivors_part(amount, before, one, whole)
    return (part - 1) * whole < paid * one < (part + 1) * whole


@claim(
    "CL-WF-9",
    "Splitting a member in two that stand anywhere in the row shifts one unit at most for each of the two.",
    title="a split shifts one unit a piece",
    kind=Kind.LAW,
    source="rules §8",
    prevents="memberships split to stand where the rounding favours them",
    sample=row_arguments,
)
def a_split_is_worth_a_unit_a_piece(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(amount, before, one, other, after):
        return True
    whole = before + one + other + after
    apart = survivors_part(amount, 0, one, whole) + survivors_part(amount, whole - other, other, whole)
    in_place = survivors_part(amount, before, one, whole) + survivors_part(amount, before + one, other, whole)
    undivided = survivors_part(amount, before, one + other, whole)
    # Two units at most are less than three, times the whole weight: a sum of quotients is not divided once more.
    shifted = apart - undivided
    return in_place == undivided and (shifted == 0 if whole == 0 else -3 * whole < shifted * whole < 3 * whole)


@claim(
    "CL-WF-10",
    "A survivor pays nothing or more, and no more than its weight: its contribution, or what can still be assessed.",
    title="no survivor pays more than its weight",
    kind=Kind.LAW,
    source="rules §8",
    prevents="assessments pro rata to contributions: 72 asked of a member capped at 40",
    sample=row_arguments,
)
def nobody_pays_more_than_its_weight(amount: int, before: int, one: int, other: int, after: int) -> bool:
    if not none_negative(amount, before, one, other, after):
        return True
    return 0 <= survivors_part(amount, before, one, before + one + other + after) <= one


def cap_arguments(choices: Choices) -> tuple[Any, ...]:
    """A contribution, a multiple, and what was assessed before, near the cap more often than not."""
    contribution, multiple = choices.integer(0, choices.pick((1, 9, 10**6))), Rate(choices.integer(0, 3 * RATE_SCALE))
    cap = contribution * multiple // RATE_SCALE
    return contribution, multiple, max(choices.pick((0, cap, choices.integer(0, cap), cap - 1, cap + 1)), 0)


@claim(
    "CL-WF-11",
    "The assessment left is the largest that keeps all assessments within the multiple of the contribution. It is 0"
    " if none does.",
    title="assessments are capped in all",
    kind=Kind.LAW,
    source="rules §8",
    prevents="a cap for each default, and none for several of them",
    sample=cap_arguments,
)
def assessments_are_capped_in_all(contribution: int, multiple: Rate, assessed: int) -> bool:
    if not none_negative(contribution, multiple, assessed):
        return True
    room = assessable(assessment_cap(contribution, multiple), assessed)
    within, more_within = ((assessed + each) * RATE_SCALE <= contribution * multiple for each in (room, room + 1))
    return room >= 0 and not more_within and (within or room == 0)
