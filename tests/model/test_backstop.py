"""The second tier: when it begins, how much it offers, who takes it, who has the spread, what the fund covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, Rate
from clearspec.machines.exchange.formulas.backstop import (
    auto_close_below,
    backstop_lots,
    covered_lots,
    least_lots,
    provider_lots,
    split_spread,
)

SIX_PER_CENT = Rate(60_000)


@pytest.mark.parametrize(
    ("required", "exposure", "threshold"),
    [
        (460, 9_200, 230),  # 460 - 552 is less than half
        (461, 9_200, 230),  # half, rounded down
        (1_200, 10_000, 600),  # both the same: a maintenance rate of 12 %
        (1_300, 10_000, 700),  # 1,300 - 600 is more than half
        (1_300, 9_999, 700),  # of 599.94, 600 is missing
        (1_300, 9_983, 701),  # of 598.98, 599
        (1, 0, 1),
        (1, 1, 0),
        (0, 0, 0),
    ],
)
def test_the_second_tier_begins_below_half_or_six_per_cent(required: int, exposure: int, threshold: int) -> None:
    assert auto_close_below(required, exposure, SIX_PER_CENT) == threshold


def test_the_fraction_is_a_parameter() -> None:
    assert auto_close_below(1_000, 10_000, Rate(0)) == 1_000
    assert auto_close_below(1_000, 10_000, Rate(RATE_SCALE // 50)) == 800


@pytest.mark.parametrize(
    ("notional", "mark", "lots"), [(1_000, 92, 11), (1_012, 92, 11), (1_013, 92, 12), (1_000, 5_000, 1), (0, 92, 1)]
)
def test_the_least_lots_are_worth_the_least_notional(notional: int, mark: int, lots: int) -> None:
    assert least_lots(Atoms(notional), Price(mark)) == lots


@pytest.mark.parametrize(
    ("equity", "threshold", "position", "least", "lots"),
    [
        (200, 230, 100, 11, 14),  # 13.04, up
        (229, 230, 100, 1, 1),  # 0.43, up
        (229, 230, 100, 11, 11),  # no fewer than the least
        (229, 230, 7, 11, 7),  # nor more than there are
        (115, 230, 100, 1, 50),  # exactly half
        (114, 230, 100, 1, 51),
        (1, 230, 100, 1, 100),  # 99.57
        (1, 230, 1_000, 1, 996),
        (0, 230, 100, 1, 100),
        (-5, 230, 100, 1, 100),  # without equity, all; not 103
        (-1, 0, 100, 1, 100),  # without a threshold, too
    ],
)
def test_a_step_grows_with_what_is_missing(equity: int, threshold: int, position: int, least: int, lots: int) -> None:
    assert backstop_lots(equity, threshold, position, Lots(least)) == lots


@pytest.mark.parametrize(
    ("offered", "capacities", "taken"),
    [
        (14, (20, 10, 5), (8, 4, 2)),
        (35, (20, 10, 5), (20, 10, 5)),
        (36, (20, 10, 5), (20, 10, 5)),  # the rest is the next tier's
        (1_000, (1, 2, 0), (1, 2, 0)),
        (1, (1, 1, 1), (0, 0, 1)),
        (14, (0, 0, 0), (0, 0, 0)),
        (0, (20, 10, 5), (0, 0, 0)),
    ],
)
def test_providers_take_pro_rata_to_what_they_can(
    offered: int, capacities: tuple[int, ...], taken: tuple[int, ...]
) -> None:
    befores = (0, capacities[0], capacities[0] + capacities[1])
    whole = sum(capacities)
    assert taken == tuple(
        provider_lots(offered, before, capacity, whole) for before, capacity in zip(befores, capacities, strict=True)
    )


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=6))
def test_providers_take_all_that_they_can_together(offered: int, capacities: list[int]) -> None:
    whole, before, together = sum(capacities), 0, 0
    for capacity in capacities:
        taken = provider_lots(offered, before, capacity, whole)
        assert 0 <= taken <= capacity
        before, together = before + capacity, together + taken
    assert together == min(offered, whole)


@pytest.mark.parametrize(("paid", "provider", "fund"), [(28, 18, 10), (3, 2, 1), (2, 1, 1), (1, 0, 1), (0, 0, 0)])
def test_two_thirds_for_the_provider_the_rest_for_the_fund(paid: int, provider: int, fund: int) -> None:
    split = split_spread(paid)
    assert (split.provider, split.fund) == (provider, fund)


@pytest.mark.parametrize(
    ("position", "deficit", "fund", "lots"),
    [
        (10, 150, 20, 1),  # 1.33
        (150, 150, 20, 20),
        (10, 150, 149, 9),
        (10, 150, 150, 10),
        (10, 150, 1_000, 10),  # never more than there are
        (10, 150, 14, 0),
        (10, 150, 15, 1),
        (10, 150, 0, 0),
    ],
)
def test_the_fund_covers_as_many_lots_as_it_can(position: int, deficit: int, fund: int, lots: int) -> None:
    assert covered_lots(position, deficit, fund) == lots
