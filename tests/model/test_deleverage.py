"""The third tier: who comes first, and how much an account can be made to close without being ruined by it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.formulas.bad_debt import bad_debt
from clearspec.machines.exchange.formulas.deleverage import Candidate, adl_rank, closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, spread

DEFICIT = ZeroPrice(Atoms(-150), Atoms(0), Atoms(1), Atoms(1), Lots(10))
"""Long 10 at 100 with 50 of collateral, at a mark of 80: the zero price is 95."""


def candidate(gain: int, lots: int, equity: int, exposure: int) -> Candidate:
    """An account of the opposite side."""
    return Candidate(Atoms(gain), Lots(lots), Atoms(equity), Atoms(exposure))


CANDIDATES = st.builds(
    candidate, st.integers(-2, 2), st.integers(1, 3), st.integers(-12, 12) | st.integers(0, 10**9), st.integers(1, 12)
)


@given(CANDIDATES, CANDIDATES, st.integers(12, 10**6))
def test_the_rank_compares_margin_fractions_exactly(one: Candidate, other: Candidate, bound: int) -> None:
    exact, other_exact = ((each.gain <= 0, Fraction(each.equity, each.exposure), -each.lots) for each in (one, other))
    first, second = adl_rank(one, bound), adl_rank(other, bound)
    assert (first < second) == (exact < other_exact)
    assert (first == second) == (exact == other_exact)


def test_the_row_of_the_worked_example() -> None:
    row = {
        "in loss": candidate(-1, 90, 1, 1_000),
        "even": candidate(0, 90, 0, 1_000),
        "large": candidate(5, 30, 40, 1_000),
        "small": candidate(5, 20, 80, 2_000),  # the same 4 %
        "3.001 %": candidate(5, 90, 31, 1_033),
        "3 %": candidate(5, 1, 30, 1_000),
    }
    bound = sum(each.exposure for each in row.values())
    assert sorted(row, key=lambda name: adl_rank(row[name], bound)) == [
        "3 %", "3.001 %", "large", "small", "even", "in loss"
    ]  # fmt: skip


def test_two_fractions_as_near_as_the_bound_allows_are_told_apart() -> None:
    low, high = candidate(1, 1, 50, 99), candidate(1, 9, 49, 97)
    assert 50 * 97 + 1 == 49 * 99
    assert adl_rank(low, 99) < adl_rank(high, 99)
    assert 99 * 50 // 99 == 99 * 49 // 97  # in units of one over the bound they would be the same, and size decide


@pytest.mark.parametrize(
    ("zero", "closed", "need", "position", "equity", "lots"),
    [
        (DEFICIT, 0, 10, 10, 130, 8),  # 8.67 fit; short 10 at 90 with 30 of collateral
        (DEFICIT, 0, 10, 10, 134, 8),
        (DEFICIT, 0, 10, 10, 135, 9),  # to nothing, not below
        (DEFICIT, 0, 10, 10, 150, 10),
        (DEFICIT, 0, 10, 10, 149, 9),
        (DEFICIT, 0, 10, 10, 14, 0),
        (DEFICIT, 0, 10, 10, 0, 0),
        (DEFICIT, 0, 5, 10, 130, 5),
        (DEFICIT, 0, 10, 3, 130, 3),  # never flips
        (DEFICIT, 1, 9, 10, 130, 8),
        (DEFICIT, 0, 0, 10, 130, 0),
        (DEFICIT, 0, 10, 0, 130, 0),
        (ZeroPrice(Atoms(150), Atoms(0), Atoms(1), Atoms(1), Lots(10)), 0, 10, 10, 0, 10),  # the other side is paid
        (ZeroPrice(Atoms(-100), Atoms(0), Atoms(1), Atoms(1), Lots(7)), 0, 7, 7, 29, 2),  # 28.57 is 29, paid up
        (ZeroPrice(Atoms(-100), Atoms(0), Atoms(1), Atoms(1), Lots(7)), 0, 7, 7, 28, 1),
        (ZeroPrice(Atoms(-100), Atoms(0), Atoms(1), Atoms(1), Lots(7)), 5, 2, 2, 14, 1),  # 15 were paid before
        (ZeroPrice(Atoms(-200), Atoms(10), Atoms(30), Atoms(40), Lots(10)), 0, 10, 10, 130, 8),  # three quarters
    ],
)
def test_the_cap(zero: ZeroPrice, closed: int, need: int, position: int, equity: int, lots: int) -> None:
    assert deleveraged_lots(zero, closed, need, position, equity) == lots


def test_unguarded_the_winner_of_the_worked_example_would_end_below_zero() -> None:
    collateral, size, entry, mark = 30, 10, 90, 80
    equity = collateral + size * (entry - mark)
    assert equity == 130
    assert equity + spread(DEFICIT, 0, size) == collateral + size * (entry - 95) == -20
    fit = deleveraged_lots(DEFICIT, 0, size, size, equity)
    assert (fit, equity + spread(DEFICIT, 0, fit)) == (8, 10)
    assert (closed_at_mark(size - fit, size - fit), bad_debt(DEFICIT, fit)) == (2, 30)


ZEROS = st.builds(
    lambda equity, before, required, after, position: ZeroPrice(
        Atoms(equity), Atoms(before), Atoms(required), Atoms(before + required + after), Lots(position)
    ),
    *(st.integers(-400, 100), st.integers(0, 9), st.integers(1, 9), st.integers(0, 9), st.integers(1, 20)),
)


@given(ZEROS, st.data())
def test_the_cap_is_what_trying_every_number_of_lots_gives(zero: ZeroPrice, data: st.DataObject) -> None:
    closed = data.draw(st.integers(0, zero.position))
    need, position = data.draw(st.integers(0, zero.position - closed)), data.draw(st.integers(0, 25))
    equity = data.draw(st.integers(0, 200))
    fits = [lots for lots in range(min(need, position) + 1) if equity + spread(zero, closed, lots) >= 0]
    assert deleveraged_lots(zero, closed, need, position, equity) == fits[-1]


@given(ZEROS, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 200)), max_size=6))
def test_a_row_of_accounts_pays_the_deficit_or_leaves_bad_debt(zero: ZeroPrice, row: list[tuple[int, int]]) -> None:
    closed, paid = 0, 0
    for position, equity in row:
        lots = deleveraged_lots(zero, closed, zero.position - closed, position, equity)
        assert 0 <= lots <= position
        assert equity + spread(zero, closed, lots) >= 0
        paid, closed = paid - spread(zero, closed, lots), closed + lots
    assert closed <= zero.position
    if zero.equity < 0:
        assert paid + bad_debt(zero, closed) == -spread(zero, 0, zero.position)
    else:
        assert paid <= 0 == bad_debt(zero, closed)


@pytest.mark.parametrize(("need", "position", "lots"), [(2, 2, 2), (2, 1, 1), (1, 2, 1), (0, 2, 0), (2, 0, 0)])
def test_at_the_mark_all_that_fit_are_closed(need: int, position: int, lots: int) -> None:
    assert closed_at_mark(need, position) == lots
