"""The waterfall of a clearing house: what history and the rules say that each layer pays, and random defaults."""

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import RATE_SCALE, Atoms, Rate
from clearspec.mechanisms.waterfall import (
    Borne,
    Recovered,
    absorb,
    assessable,
    assessment_cap,
    recover,
    survivors_part,
)


def layers(*amounts: int) -> tuple[Atoms, ...]:
    return tuple(map(Atoms, amounts))


def borne(*paid: int, uncovered: int = 0) -> Borne:
    return Borne(layers(*paid), Atoms(uncovered))


def parts(amount: int, weights: list[int]) -> list[int]:
    """What each survivor of the row pays."""
    befores = [0, *accumulate(weights)]
    return [survivors_part(amount, befores[i], weight, befores[-1]) for i, weight in enumerate(weights)]


def test_nasdaq_clearing_2018() -> None:
    """114 million beyond the defaulter's resources: 7 of junior capital and 107 of the fund, which has 59 left."""
    held = layers(0, 0, 7, 166, 0, 0)
    paid = absorb(held, 114)
    assert paid == borne(0, 0, 7, 107, 0, 0)
    assert held[3] - paid.paid[3] == 59


def test_lehman_at_lch_2008() -> None:
    """About a third of the initial margin was needed, and nothing else: what is left of it goes to the estate."""
    assert absorb(layers(2_000, 100, 20, 600, 600, 400), 650) == borne(650, 0, 0, 0, 0, 0)


def test_a_loss_that_burns_through_all_layers() -> None:
    held = layers(50, 10, 5, 30, 30, 20)
    assert absorb(held, 145) == borne(50, 10, 5, 30, 30, 20)
    assert absorb(held, 160) == borne(50, 10, 5, 30, 30, 20, uncovered=15)


def test_a_recovery_goes_back_the_other_way() -> None:
    lost = absorb(layers(50, 10, 5, 30, 30, 20), 160)
    assert recover(lost, 10) == Recovered(borne(50, 10, 5, 30, 30, 20, uncovered=5), Atoms(0))
    assert recover(lost, 40) == Recovered(borne(50, 10, 5, 30, 25, 0), Atoms(0))
    assert recover(lost, 99) == Recovered(borne(50, 10, 1, 0, 0, 0), Atoms(0))
    assert recover(lost, 170) == Recovered(borne(0, 0, 0, 0, 0, 0), Atoms(10))


def test_assessments_are_shared_by_what_may_still_be_asked() -> None:
    """Two of three survivors with contributions of 80, 20 and 20 were asked before, and 40, 40, 20 are left to them."""
    caps = [assessment_cap(contribution, Rate(2 * RATE_SCALE)) for contribution in (80, 20, 20)]
    rooms = [assessable(cap, assessed) for cap, assessed in zip(caps, (120, 0, 20), strict=True)]
    assert rooms == [40, 40, 20]
    assert parts(90, rooms) == [36, 36, 18]
    assert parts(100, rooms) == parts(150, rooms) == [40, 40, 20]
    # By contributions the first would be asked for more than it may be.
    assert 90 * 80 // 120 == 60 > rooms[0]


@pytest.mark.parametrize(
    ("contribution", "multiple", "assessed", "room"),
    [(3, 500_000, 0, 1), (3, 500_000, 1, 0), (3, 500_000, 5, 0), (40, RATE_SCALE, 10, 30), (0, RATE_SCALE, 0, 0)],
)
def test_an_assessment_cap_is_rounded_for_the_member(
    contribution: int, multiple: int, assessed: int, room: int
) -> None:
    assert assessable(assessment_cap(contribution, Rate(multiple)), assessed) == room


AMOUNTS = st.integers(0, 10**9)
WEIGHTS = st.lists(st.one_of(st.just(0), st.integers(0, 10**6)), min_size=1, max_size=9)


@given(AMOUNTS, WEIGHTS)
def test_any_number_of_survivors_pay_what_the_layer_pays(amount: int, weights: list[int]) -> None:
    shared, whole = parts(amount, weights), sum(weights)
    paid = min(amount, whole)
    assert sum(shared) == paid
    for part, weight in zip(shared, weights, strict=True):
        assert 0 <= part <= weight
        assert whole == 0 or abs(part - Fraction(paid * weight, whole)) < 1


@given(st.lists(st.integers(0, 20), min_size=6, max_size=6), st.integers(0, 140), st.lists(st.integers(0, 40)))
def test_recoveries_one_by_one_are_as_one(held: list[int], loss: int, recoveries: list[int]) -> None:
    once = recover(absorb(layers(*held), loss), sum(recoveries))
    state, surplus = absorb(layers(*held), loss), 0
    for amount in recoveries:
        after = recover(state, amount)
        assert all(now <= was for now, was in zip(after.borne.paid, state.paid, strict=True))
        state, surplus = after.borne, surplus + after.surplus
    assert (state, surplus) == (once.borne, once.surplus)
