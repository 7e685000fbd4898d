"""Sharing by weights: the parts add up, each is fair to a unit, and no order of the members is worth more."""

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.mechanisms.pro_rata import allotment, allotted

AMOUNTS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any)


def parts(amount: int, weights: list[int]) -> list[int]:
    """The part of each member of the row."""
    befores = [0, *accumulate(weights)]
    return [allotment(amount, befores[i], weight, befores[-1]) for i, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        (90, [40, 40, 20], [36, 36, 18]),
        (10, [1, 1, 1], [3, 3, 4]),  # running sums 3.33, 6.67, 10
        (2, [1, 1, 1], [0, 1, 1]),
        (1, [1, 1, 1], [0, 0, 1]),
        (1, [0, 5, 0], [0, 1, 0]),
        (7, [7], [7]),
        (3, [2, 2], [1, 2]),
        (0, [2, 2], [0, 0]),
        (5, [0, 0], [0, 0]),  # nobody has a weight: the amount is left
        (4, [1, 2, 1], [1, 2, 1]),
    ],
)
def test_parts(amount: int, weights: list[int], expected: list[int]) -> None:
    assert parts(amount, weights) == expected


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_and_are_fair_to_a_unit(amount: int, weights: list[int]) -> None:
    shared = parts(amount, weights)
    assert sum(shared) == amount
    for part, weight in zip(shared, weights, strict=True):
        assert part >= 0
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert amount > sum(weights) or part <= weight


@given(AMOUNTS, WEIGHTS, st.data())
def test_a_member_that_splits_gains_a_unit_a_piece_at_most(
    amount: int, weights: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(weights) - 1))
    piece = data.draw(st.integers(0, weights[at]))
    split = [*weights[:at], piece, weights[at] - piece, *weights[at + 1 :]]
    in_place = parts(amount, split)
    assert in_place[at] + in_place[at + 1] == parts(amount, weights)[at]
    order = data.draw(st.permutations(range(len(split))))
    shuffled = dict(zip(order, parts(amount, [split[i] for i in order]), strict=True))
    assert abs(shuffled[at] + shuffled[at + 1] - parts(amount, weights)[at]) <= 2


def test_the_first_together_get_the_floor() -> None:
    assert [allotted(10, before, 3) for before in (0, 1, 2, 3)] == [0, 3, 6, 10]
    assert allotted(10, 0, 0) == 0
