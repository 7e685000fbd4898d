"""How long a liquidation takes: the first tier's own slices on a tossed coin, against the law of that time.

The venue offers a slice of the position to the book in each loop that takes place, and a coin decides whether a loop
does, once a second, first after one second.  If every slice fills, the time to the end is the time to the k-th head,
where k is the number of slices: negative binomial.

Source: Settlement & Clearing, "Liquidation as Clearing: The Default Waterfall".
"""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from math import ceil, comb, log, sqrt
from random import Random

from attrs import evolve, frozen

from clearspec.core.quantities import RATE_SCALE, Lots, Rate
from clearspec.machines.exchange.formulas.tranche import slice_lots

Rule = Callable[[int, int, Rate, Lots], Lots]
"""What one loop offers, of the size at entry, what remains, the fraction and the least."""

DAY = 86_400
"""Seconds after which a liquidation is given up as one that does not end."""
SHOWN_EVERY = 1_000
"""Runs between two signs of progress."""
EXPECTED = 20
"""The seconds in which the venue expects a position to be closed."""
QUANTILES = (5, 25, 50, 75, 95, 99)
"""The quantiles to compare, in per cent."""
FALSE_ALARMS = 1_000_000
"""At most one in so many honest simulations may be called too far from the law."""


class Unending(Exception):
    """A liquidation that was not over after a day."""


@frozen
class Terms:
    """What a position is liquidated under.

    - size: lots at entry into liquidation
    - fraction, least: what a slice is of that size, and its least lots
    - chance: of a loop to take place
    """

    size: Lots
    fraction: Rate
    least: Lots
    chance: Rate


VENUE = Terms(Lots(1_000), Rate(RATE_SCALE // 10), Lots(1), Rate(RATE_SCALE // 2))
"""The venue's terms: a tenth in each loop, and a fair coin."""


def sized(size: int) -> Terms:
    """The venue's terms for a position of that size.  Requires: size > 0."""
    return evolve(VENUE, size=Lots(size))


@frozen
class Law:
    """The law of the time to the k-th head of a coin that is tossed once a second: exact."""

    slices: int
    chance: Fraction

    @property
    def mean(self) -> Fraction:
        return self.slices / self.chance

    @property
    def variance(self) -> Fraction:
        return self.slices * (1 - self.chance) / self.chance**2

    def exactly(self, seconds: int) -> Fraction:
        """The probability of so many seconds: the last toss is a head, and k - 1 of those before it are."""
        if seconds < self.slices:
            return Fraction(0)
        tails = seconds - self.slices
        return comb(seconds - 1, self.slices - 1) * self.chance**self.slices * (1 - self.chance) ** tails

    def within(self, seconds: int) -> Fraction:
        """The probability of no more than so many seconds."""
        return sum((self.exactly(each) for each in range(self.slices, seconds + 1)), Fraction(0))

    def quantile(self, percent: int | Fraction) -> int:
        """The fewest seconds within which so many per cent of liquidations are over.  Requires: percent < 100."""
        reached = Fraction(0)
        for seconds in count(self.slices):
            reached += self.exactly(seconds)
            if 100 * reached >= percent:
                return seconds
        raise AssertionError("a count has no end")


@frozen
class Sample:
    """Simulated liquidations: how many took how many seconds, the shortest first."""

    counts: tuple[tuple[int, int], ...]

    @property
    def runs(self) -> int:
        return sum(runs for _, runs in self.counts)

    @property
    def mean(self) -> Fraction:
        return Fraction(sum(seconds * runs for seconds, runs in self.counts), self.runs)

    @property
    def variance(self) -> Fraction:
        return Fraction(sum(seconds**2 * runs for seconds, runs in self.counts), self.runs) - self.mean**2

    def within(self, seconds: int) -> Fraction:
        """The share that took no more than so many seconds."""
        return Fraction(sum(runs for each, runs in self.counts if each <= seconds), self.runs)

    def quantile(self, percent: int) -> int:
        """The fewest seconds within which so many per cent were over."""
        return next(seconds for seconds, _ in self.counts if 100 * self.within(seconds) >= percent)


@frozen
class Line:
    """One line of the comparison.  `unit` is "s", or "%" of a share."""

    name: str
    unit: str
    simulated: float
    law: float

    @property
    def difference(self) -> float:
        return self.simulated - self.law


@frozen
class Study:
    """Simulated liquidations beside their law."""

    terms: Terms
    seed: int
    sample: Sample
    law: Law

    @property
    def distance(self) -> float:
        """The greatest distance between the two distribution functions (Kolmogorov), in shares of one."""
        law, furthest = Fraction(0), Fraction(0)
        for seconds in range(self.sample.counts[-1][0] + 1):
            law += self.law.exactly(seconds)
            furthest = max(furthest, abs(self.sample.within(seconds) - law))
        return float(furthest)

    @property
    def too_far(self) -> float:
        """The distance that at most one honest simulation in a million exceeds.

        Massart's bound, P(distance > d) <= 2 exp(-2 n d**2): it holds for every n and needs no table.  No distance
        exceeds 1, so fewer than eight runs can contradict nothing.
        """
        return sqrt(log(2 * FALSE_ALARMS) / (2 * self.sample.runs))

    @property
    def ok(self) -> bool:
        """Do the simulated liquidations follow the law?"""
        return self.distance <= self.too_far and self.sample.counts[0][0] >= self.law.slices

    def lines(self) -> tuple[Line, ...]:
        """What is compared."""
        sample, law = self.sample, self.law
        return (
            Line("mean", "s", float(sample.mean), float(law.mean)),
            Line("standard deviation", "s", sqrt(sample.variance), sqrt(law.variance)),
            Line("shortest", "s", sample.counts[0][0], law.slices),
            *(Line(f"{each} % are over within", "s", sample.quantile(each), law.quantile(each)) for each in QUANTILES),
            Line(f"over within {EXPECTED} s", "%", float(sample.within(EXPECTED)), float(law.within(EXPECTED))),
        )


def slices(terms: Terms) -> int:
    """The slices of a position, all filled: said of the whole, not loop by loop as the simulation goes."""
    each = max(ceil(Fraction(terms.fraction * terms.size, RATE_SCALE)), terms.least)
    return ceil(Fraction(terms.size, each))


def liquidation(terms: Terms, coin: Random, rule: Rule = slice_lots) -> int:
    """The seconds that one liquidation takes, all slices filled."""
    remaining, seconds = int(terms.size), 0
    while remaining:
        if seconds == DAY:
            raise Unending(f"{remaining:,} of {terms.size:,} lots are left after {seconds:,} s")
        seconds += 1
        if coin.randrange(RATE_SCALE) < terms.chance:
            remaining -= rule(terms.size, remaining, terms.fraction, terms.least)
    return seconds


def study(
    terms: Terms,
    *,
    runs: int,
    seed: int,
    rule: Rule = slice_lots,
    tossed: Rate | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Study:
    """So many liquidations on one seed, and the law of the terms.

    `rule` and `tossed`, the chance in fact, are there to be wrong on purpose.
    Requires: runs > 0, 0 < terms.chance.
    """
    coin, counts = Random(seed), Counter[int]()
    in_fact = terms if tossed is None else evolve(terms, chance=tossed)
    for done in range(runs):
        counts[liquidation(in_fact, coin, rule)] += 1
        if done % SHOWN_EVERY == 0:
            on_progress(done)
    law = Law(slices(terms), Fraction(terms.chance, RATE_SCALE))
    return Study(terms, seed, Sample(tuple(sorted(counts.items()))), law)
