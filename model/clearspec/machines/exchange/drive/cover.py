"""Parameter sets for long campaigns: a pairwise cover of what a venue may choose.

A row is applied from top to bottom, so that what is relative, such as a fee just below maintenance margin, comes after
what it is relative to.  Every combination is valid.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from math import isqrt
from typing import Any

from attrs import evolve

from clearspec.core.pairwise import pairwise
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Millis, Price, Rate
from clearspec.machines.exchange.drive.wide import larger, wide
from clearspec.machines.exchange.drive.worlds import DEFAULT, SMALL
from clearspec.machines.exchange.state.parameters import HOUR, Asset, Curve, Market, MarketId, Parameters
from clearspec.mechanisms.lending import RateCurve

Change = Callable[[Parameters], Parameters]
"""What one choice makes of the parameters."""


def venue(**changed: Any) -> Change:
    """A choice of the venue as a whole."""
    return lambda parameters: evolve(parameters, **changed)


def assets(change: Callable[[Asset], Asset]) -> Change:
    """A choice for each asset."""
    return lambda parameters: evolve(parameters, assets=tuple(map(change, parameters.assets)))


def markets(change: Callable[[Market], Market]) -> Change:
    """A choice for each market."""
    return lambda parameters: evolve(parameters, markets=tuple(map(change, parameters.markets)))


def every_asset(**changed: Any) -> Change:
    """A choice for each asset, whatever it was before."""
    return assets(lambda asset: evolve(asset, **changed))


def every_market(**changed: Any) -> Change:
    """A choice for each market, whatever it was before."""
    return markets(lambda market: evolve(market, **changed))


def unchanged(parameters: Parameters) -> Parameters:
    """As the scale has it."""
    return parameters


def finer(times: int, parameters: Parameters) -> Parameters:
    """The parameters with so many quote atoms where there was one: roundings weigh less, products grow."""

    def asset(was: Asset) -> Asset:
        return evolve(was, supply_max=Atoms(was.supply_max * (times if was.priced_by is None else 1)))

    def market(was: Market) -> Market:
        names = ("tick", "price_max", "notional_min", "notional_max")
        return evolve(was, **{name: getattr(was, name) * times for name in names})

    counted = venue(usd=Atoms(parameters.usd * times), exposure_max=Atoms(parameters.exposure_max * times))
    return counted(markets(market)(assets(asset)(parameters)))


def steepest(parameters: Parameters) -> Rate:
    """The factor with which a margin rate reaches 1 at the exposure limit."""
    return Rate(isqrt(RATE_SCALE * RATE_SCALE * parameters.usd // parameters.exposure_max))


def curves(parameters: Parameters, initial: int, maintenance: int, slope: int) -> tuple[Curve, Curve]:
    """Margin rates with these bases, and so many hundredths of the steepest slope; maintenance has half of it."""
    factor = steepest(parameters) * slope // 100
    return Curve(Rate(initial), Rate(factor)), Curve(Rate(maintenance), Rate(factor // 2))


def margin(*rates: int) -> Change:
    """The margin that positions need."""

    def change(parameters: Parameters) -> Parameters:
        initial, maintenance = curves(parameters, *rates)
        return every_market(initial=initial, maintenance=maintenance)(parameters)

    return change


def debt_margin(*rates: int) -> Change:
    """The margin that debts need."""

    def change(parameters: Parameters) -> Parameters:
        initial, maintenance = curves(parameters, *rates)
        return every_asset(debt_initial=initial, debt_maintenance=maintenance)(parameters)

    return change


def fees(*rates: tuple[int, int]) -> Change:
    """Maker and taker rates of each tier, in hundredths of what stays below maintenance margin."""

    def change(parameters: Parameters) -> Parameters:
        hundredth = (min(market.maintenance.base for market in parameters.markets) - 1) // 100
        tiers = (
            evolve(tier, maker=Rate(maker * hundredth), taker=Rate(taker * hundredth))
            for tier, (maker, taker) in zip(parameters.tiers, rates, strict=True)
        )
        return evolve(parameters, tiers=tuple(tiers))

    return change


def lending(base: int, gentle: int, steep: int, kink: int) -> Change:
    """The yearly rate for borrowing, in per cent but for the kink."""
    hundredth = RATE_SCALE // 100
    return every_asset(
        lending=RateCurve(Rate(base * hundredth), Rate(gentle * hundredth), Rate(steep * hundredth), Rate(kink))
    )


DIMENSIONS: Mapping[str, Mapping[str, Change]] = {
    "scale": {
        "small": lambda _: SMALL,
        "finer": lambda _: finer(1_000, SMALL),
        "venue": lambda _: DEFAULT,
    },
    "assets and markets": {
        "one to sell, one perpetual": unchanged,
        "two of each": larger,
        "three to sell, two perpetuals": wide,
    },
    "exposure limit": {
        "tight": unchanged,
        "wide": lambda parameters: evolve(parameters, exposure_max=Atoms(4 * parameters.exposure_max)),
    },
    "margin": {
        "flat": margin(100_000, 30_000, 0),
        "growing": margin(350_000, 120_000, 40),
        "steep": margin(60_000, 60_000, 100),
        "in full": margin(RATE_SCALE, 500_000, 0),
    },
    "margin of debts": {
        "none": debt_margin(0, 0, 0),
        "growing": debt_margin(250_000, 100_000, 40),
        "steep": debt_margin(20_000, 10_000, 100),
    },
    "fees": {
        "none": fees((0, 0), (0, 0)),
        "rebate": fees((16, 90), (-25, 40)),
        "the taker's fee as rebate": fees((0, 50), (-50, 50)),
        "near maintenance margin": fees((100, 100), (0, 100)),
    },
    "leverage": {
        "none": venue(leverage_max=1),
        "5": venue(leverage_max=5),
        "100": venue(leverage_max=100),
    },
    "gains that count": {
        "all": every_market(gains_cap=None),
        "few": markets(lambda market: evolve(market, gains_cap=Atoms(market.notional_max // 36))),
        "none": every_market(gains_cap=Atoms(0)),
    },
    "lot": {
        "as the scale": unchanged,
        "one atom": every_market(lot=Atoms(1)),
    },
    "tick": {
        "1": every_market(tick=Price(1)),
        "3": every_market(tick=Price(3)),
    },
    "highest price": {
        "as the scale": unchanged,
        "off the tick": markets(lambda market: evolve(market, price_max=Price(market.price_max * 3 // 4 - 1))),
    },
    "size": {
        "all of it in one order": markets(lambda market: evolve(market, open_max=market.size_max)),
        "as the scale": unchanged,
        "wide": markets(lambda market: evolve(market, open_max=Lots(10 * market.size_max))),
    },
    "notional": {
        "as the scale": unchanged,
        "wide": markets(
            lambda market: evolve(market, notional_min=Atoms(1), notional_max=Atoms(4 * market.notional_max))
        ),
    },
    "sale of collateral": {
        "in the book": every_market(by_request=False),
        "by request": every_market(by_request=True),
        "by request, at once": lambda parameters: evolve(
            every_market(by_request=True)(parameters), answer_life=Millis(4_000)
        ),
    },
    "weight of positions": {
        "1": every_market(position_weight=Rate(RATE_SCALE)),
        "1.3": every_market(position_weight=Rate(1_300_000)),
    },
    "protection": {
        "none": every_market(protection=Rate(0)),
        "a tenth": every_market(protection=Rate(100_000)),
        "nearly all": every_market(protection=Rate(RATE_SCALE - 1)),
    },
    "funding": {
        "none": every_market(funding_cap=Rate(0), funding_divisor=8),
        "capped": every_market(funding_cap=Rate(20_000), funding_divisor=3),
        "wide": every_market(funding_cap=Rate(RATE_SCALE), funding_divisor=1),
    },
    "collateral": {
        "in full": every_asset(weight=Rate(RATE_SCALE), penalty=Rate(0)),
        "as the scale": unchanged,
        "cash alone": assets(lambda asset: asset if asset.priced_by is None else evolve(asset, weight=Rate(0))),
    },
    "weight of debts": {
        "1": every_asset(liability_weight=Rate(RATE_SCALE)),
        "1.3": every_asset(liability_weight=Rate(1_300_000)),
    },
    "interest": {
        "none": lending(0, 0, 0, 500_000),
        "gentle": lending(1, 7, 90, 800_000),
        "steep": lending(2_000, 3_000, 9_000, 500_000),
        "steep at once": lending(0, 0, 9_000, 1),
        "steep at the end": lending(1_000, 4_000, 300, 950_000),
    },
    "fee on interest": {
        "none": every_asset(interest_fee=Rate(0)),
        "a third": every_asset(interest_fee=Rate(333_333)),
        "all": every_asset(interest_fee=Rate(RATE_SCALE)),
    },
    "fee given back": {
        "none": every_asset(fee_returned=Rate(0)),
        "a fifth": every_asset(fee_returned=Rate(200_000)),
        "all": every_asset(fee_returned=Rate(RATE_SCALE)),
    },
    "utilisation": {
        "half": every_asset(utilisation_max=Rate(500_000)),
        "most": every_asset(utilisation_max=Rate(900_000)),
        "all": every_asset(utilisation_max=Rate(RATE_SCALE)),
    },
    "supply": {
        "tight": unchanged,
        "wide": assets(lambda asset: evolve(asset, supply_max=Atoms(1_000 * asset.supply_max))),
    },
    "accounts": {
        "few": venue(accounts_max=4),
        "many": venue(accounts_max=1_000_000),
    },
    "clock": {
        "by half hours": venue(advance_max=HOUR // 2),
        "by hours": venue(advance_max=2 * HOUR + 1),
        "by half days": venue(advance_max=12 * HOUR),
    },
    "sources": {
        "one": venue(sources_min=1),
        "two": venue(sources_min=2),
        "three": venue(sources_min=3),
    },
    "stale": {
        "after a minute": venue(stale_after=60_000),
        "after two hours": venue(stale_after=2 * HOUR),
        "after days": venue(stale_after=100 * HOUR),
    },
    "outlier": {
        "all that differs": venue(outlier=Rate(0)),
        "a twentieth away": venue(outlier=Rate(50_000)),
        "a quarter away": venue(outlier=Rate(250_000)),
    },
}
"""What a venue may choose, by topic: names of choices, and what each makes of the parameters."""


def parameters_of(row: Mapping[str, str]) -> Parameters:
    """The parameters with these choices."""
    changes = (choices[row[dimension]] for dimension, choices in DIMENSIONS.items())
    return reduce(lambda parameters, change: change(parameters), changes, DEFAULT)


ROWS: Mapping[str, Mapping[str, str]] = {
    f"{number:02}": row
    for number, row in enumerate(pairwise({name: tuple(each) for name, each in DIMENSIONS.items()}), 1)
}
"""The cover, by number: a choice for each dimension."""

TWO_PERPETUALS = evolve(SMALL, markets=(*SMALL.markets, evolve(SMALL.markets[1], id=MarketId("SOL-PERP-2"))))
"""Gains in one market, losses in another of the same asset."""

COVER: Mapping[str, Parameters] = {number: parameters_of(row) for number, row in ROWS.items()} | {
    "two-perpetuals": TWO_PERPETUALS
}
"""The parameters of each row, and of a venue with two perpetual markets of one asset."""
