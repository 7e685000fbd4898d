"""Slices of a liquidation: never more than there is, never nothing, and few enough."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import RATE_SCALE, Lots, Rate
from clearspec.machines.exchange.formulas.tranche import slice_lots

TENTH = Rate(RATE_SCALE // 10)
SIZES = st.integers(1, 10**20)
FRACTIONS = st.integers(1, RATE_SCALE).map(Rate)


@pytest.mark.parametrize(
    ("at_entry", "remaining", "least", "offered"),
    [
        (1_000, 1_000, 1, 100),
        (1_000, 300, 1, 100),  # of the size at entry, whatever is left of it
        (1_000, 99, 1, 99),
        (1_001, 1_001, 1, 101),  # up
        (3, 3, 1, 1),
        (1_000, 1_000, 250, 250),
        (1_000, 200, 250, 200),
    ],
)
def test_a_slice_is_a_tenth_of_the_size_at_entry(at_entry: int, remaining: int, least: int, offered: int) -> None:
    assert slice_lots(at_entry, remaining, TENTH, Lots(least)) == offered


@given(SIZES, SIZES, FRACTIONS, SIZES.map(Lots))
def test_a_slice_is_something_and_within_what_remains(size: int, remaining: int, fraction: Rate, least: Lots) -> None:
    offered = slice_lots(size, min(remaining, size), fraction, least)
    assert 0 < offered <= min(remaining, size)
    assert offered == min(remaining, size) or (offered >= least and offered * RATE_SCALE >= fraction * size)


@given(SIZES, st.integers(RATE_SCALE // 50, RATE_SCALE).map(Rate))
def test_one_over_the_fraction_rounded_up_slices_close_any_position(size: int, fraction: Rate) -> None:
    remaining, loops = size, 0
    while remaining:
        remaining -= slice_lots(size, remaining, fraction, Lots(1))
        loops += 1
        assert loops <= ceil(Fraction(RATE_SCALE, fraction))
