"""How long a liquidation takes: the simulation follows the law, and one that is wrong does not."""

from fractions import Fraction
from math import sqrt
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import RATE_SCALE, Lots, Rate, mul_div_floor
from clearspec.machines.exchange.formulas.tranche import slice_lots
from clearspec_studies.liquidation_time import DAY, VENUE, Law, Unending, liquidation, sized, slices, study

RUNS = 20_000
FAIR = Law(10, Fraction(1, 2))
SURE = Rate(RATE_SCALE)
"""The chance with which every second has a loop, so that seconds count slices."""


def of_what_remains(_: int, remaining: int, fraction: Rate, least: Lots) -> Lots:
    return slice_lots(remaining, remaining, fraction, least)


def of_what_remains_rounded_down(_at_entry: int, remaining: int, fraction: Rate, _least: Lots) -> Lots:
    return Lots(mul_div_floor(remaining, fraction, RATE_SCALE))


class TestLaw:
    def test_the_venue_expects_twenty_seconds(self):
        assert FAIR.mean == 20
        assert FAIR.variance == 20
        assert round(float(FAIR.within(20)), 3) == 0.588
        assert FAIR.within(9) == 0
        assert FAIR.within(10) == Fraction(1, 1024)

    def test_half_are_over_within_nineteen_seconds_exactly(self):
        assert FAIR.within(19) == Fraction(1, 2)
        assert FAIR.quantile(50) == 19

    @pytest.mark.parametrize("law", [FAIR, Law(1, Fraction(1, 2)), Law(6, Fraction(2, 5)), Law(3, Fraction(1))])
    def test_mean_and_variance_are_those_of_its_probabilities(self, law):
        weights = [(each, law.exactly(each)) for each in range(200)]
        total = sum(weight for _, weight in weights)
        mean = sum(seconds * weight for seconds, weight in weights)
        assert float(total) == pytest.approx(1)
        assert float(mean) == pytest.approx(float(law.mean))
        assert float(sum(s * s * weight for s, weight in weights) - mean**2) == pytest.approx(float(law.variance))

    @given(st.integers(1, 12), st.integers(1, 30))
    def test_the_k_th_head_has_come_iff_so_many_tosses_have_k_heads(self, heads, tosses):
        coins = [Fraction(1)] + [Fraction(0)] * tosses
        for _ in range(tosses):
            coins = [(coins[0]) / 2, *((coins[n] + coins[n - 1]) / 2 for n in range(1, tosses + 1))]
        assert Law(heads, Fraction(1, 2)).within(tosses) == sum(coins[heads:])


class TestSimulation:
    @pytest.mark.parametrize("size", [1, 7, 11, 1_000, 123_456_789])
    def test_follows_the_law(self, size):
        found = study(sized(size), runs=RUNS, seed=3)
        assert found.ok
        lines = {each.name: each for each in found.lines()}
        error = sqrt(found.law.variance / RUNS)
        assert abs(lines["mean"].difference) < 5 * error
        assert abs(lines["standard deviation"].difference) < 8 * error
        assert abs(lines["over within 20 s"].difference) <= found.too_far
        assert all(abs(each.difference) <= 1 for each in found.lines() if each.unit == "s")

    def test_the_same_seed_is_the_same_study(self):
        assert study(VENUE, runs=500, seed=9) == study(VENUE, runs=500, seed=9)
        assert study(VENUE, runs=500, seed=9) != study(VENUE, runs=500, seed=10)

    def test_progress_is_told(self):
        told = []
        study(VENUE, runs=2_500, seed=0, on_progress=told.append)
        assert told == [0, 1_000, 2_000]

    @pytest.mark.parametrize("percent", [40, 48, 52, 60])
    def test_another_coin_is_noticed(self, percent):
        found = study(VENUE, runs=RUNS, seed=3, tossed=Rate(percent * RATE_SCALE // 100))
        assert not found.ok
        assert found.distance > found.too_far

    def test_slices_of_what_remains_are_noticed(self):
        found = study(VENUE, runs=200, seed=3, rule=of_what_remains)
        assert not found.ok
        assert found.sample.mean > 90

    def test_a_slice_too_many_is_noticed(self):
        found = study(VENUE, runs=RUNS, seed=3, rule=lambda *asked: Lots(min(asked[1], 99)))
        assert not found.ok

    def test_too_few_runs_contradict_nothing(self):
        assert study(VENUE, runs=7, seed=0, tossed=SURE).ok
        assert not study(VENUE, runs=20, seed=0, tossed=SURE).ok

    def test_what_the_law_rules_out_is_noticed_however_rare(self):
        found = study(VENUE, runs=1, seed=0, rule=lambda *asked: Lots(asked[1]))
        assert found.distance <= found.too_far
        assert not found.ok


class TestSlices:
    @given(st.integers(1, 10**18), st.integers(RATE_SCALE // 40, RATE_SCALE), st.integers(1, 10**6))
    def test_said_of_the_whole_are_those_of_the_loops(self, size, fraction, least):
        terms = evolve(sized(size), fraction=Rate(fraction), least=Lots(least), chance=SURE)
        assert liquidation(terms, Random(0)) == slices(terms)

    @pytest.mark.parametrize(
        ("size", "at_entry", "remaining"),
        [(10, 10, 10), (11, 6, 10), (100, 10, 28), (1_000, 10, 50), (10**6, 10, 115), (10**9, 10, 181)],
    )
    def test_of_what_remains_grow_with_the_position(self, size, at_entry, remaining):
        terms = evolve(sized(size), chance=SURE)
        assert liquidation(terms, Random(0)) == at_entry
        assert liquidation(terms, Random(0), of_what_remains) == remaining

    def test_of_what_remains_rounded_down_never_end(self):
        with pytest.raises(Unending, match=f"9 of 1,000 lots are left after {DAY:,} s"):
            liquidation(evolve(VENUE, chance=SURE), Random(0), of_what_remains_rounded_down)
