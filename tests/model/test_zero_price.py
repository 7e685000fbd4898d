"""The zero price: closing everything at it, in whatever parts, leaves the account with exactly nothing."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.formulas.bad_debt import absorbed_by_lenders, bad_debt, lender_loss
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, paid_up_to, spread

MARKETS = st.lists(st.tuples(st.integers(1, 1_000), st.integers(1, 50)), min_size=1, max_size=4)


def zero_price(equity: int, before: int, required: int, whole: int, position: int) -> ZeroPrice:
    """The zero price of a market."""
    return ZeroPrice(Atoms(equity), Atoms(before), Atoms(required), Atoms(whole), Lots(position))


@pytest.mark.parametrize(
    ("zero", "closed", "lots", "paid"),
    [
        (zero_price(200, 0, 460, 460, 100), 0, 14, 28),  # 92 - 2
        (zero_price(200, 0, 460, 460, 100), 0, 100, 200),
        (zero_price(100, 0, 30, 40, 7), 0, 7, 75),  # three quarters
        (zero_price(100, 30, 10, 40, 7), 0, 7, 25),
        (zero_price(100, 0, 30, 40, 7), 0, 1, 10),  # 10.71
        (zero_price(100, 0, 30, 40, 7), 1, 1, 11),  # 21.43 less 10
        (zero_price(100, 0, 30, 40, 7), 0, 0, 0),
        (zero_price(-150, 0, 1, 1, 10), 0, 1, -15),
        (zero_price(-100, 0, 1, 1, 7), 0, 1, -15),  # 14.29: who is paid, is paid the more at first
        (zero_price(-100, 0, 1, 1, 7), 6, 1, -14),
        (zero_price(0, 0, 1, 1, 7), 0, 7, 0),
    ],
)
def test_spreads(zero: ZeroPrice, closed: int, lots: int, paid: int) -> None:
    assert spread(zero, closed, lots) == paid


@given(st.integers(-(10**6), 10**6), MARKETS, st.data())
def test_closing_everything_in_any_parts_takes_exactly_the_equity(
    equity: int, markets: list[tuple[int, int]], data: st.DataObject
) -> None:
    whole, left = sum(required for required, _ in markets), equity
    befores = [0, *accumulate(required for required, _ in markets)]
    for before, (required, position) in zip(befores, markets, strict=False):
        zero, closed = zero_price(equity, before, required, whole, position), 0
        assert equity - left == paid_up_to(zero, 0)
        while closed < position:
            lots = data.draw(st.integers(1, position - closed))
            paid = spread(zero, closed, lots)
            assert abs(paid * whole * position - equity * required * lots) < whole * position
            left, closed = left - paid, closed + lots
            assert 0 <= left <= equity or equity <= left <= 0
    assert left == 0


@pytest.mark.parametrize(
    ("equity", "closed", "left"), [(-150, 10, 0), (-150, 8, 30), (-150, 0, 150), (-100, 3, 71 - 14), (150, 3, 0)]
)
def test_what_is_closed_at_mark_leaves_its_part_of_the_deficit(equity: int, closed: int, left: int) -> None:
    position = 10 if abs(equity) == 150 else 7
    assert bad_debt(zero_price(equity, 0, 1, 1, position), closed) == left


@pytest.mark.parametrize(
    ("loss", "claims", "borne"),
    [
        (100, (50, 30, 40), (41, 25, 34)),
        (120, (50, 30, 40), (50, 30, 40)),
        (121, (50, 30, 40), (50, 30, 40)),  # the last one is the pool's
        (1, (50, 30, 40), (0, 0, 1)),
        (100, (0, 0, 0), (0, 0, 0)),
        (0, (50, 30, 40), (0, 0, 0)),
    ],
)
def test_lenders_bear_what_is_lost(loss: int, claims: tuple[int, ...], borne: tuple[int, ...]) -> None:
    whole, befores = sum(claims), (0, claims[0], claims[0] + claims[1])
    losses = tuple(lender_loss(loss, before, claim, whole) for before, claim in zip(befores, claims, strict=True))
    assert losses == borne
    assert sum(losses) == absorbed_by_lenders(loss, whole) == min(loss, whole)
