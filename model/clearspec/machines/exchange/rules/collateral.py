"""What a balance is worth as collateral: its value at mark, times a weight that falls with size.

The source calls the weight a haircut; it is what remains after one, so here it is a collateral weight.
"""

from math import isqrt

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate, largest, mul_div_ceil, mul_div_floor
from clearspec.machines.exchange.state.parameters import Asset, Parameters
from clearspec.machines.exchange.state.types import State

CEILING_NUMERATOR, CEILING_DENOMINATOR = 11, 10
"""The 1.1 of the published curve min(base, 1.1 / (1 + penalty * sqrt(dollars)))."""


@measure
def within_curve(asset: Asset, usd: int, lot: int, value: int, worth: int) -> bool:
    """Is the collateral value at most min(weight, 1.1 / (1 + penalty * sqrt(N / usd))) * N, for N = worth / lot?

    Rule: EX-COL-1.  Units: value in quote atoms; worth in quote atoms * lot (balance * mark), so N is exact.
    The curve is cross-multiplied: 10 * value * (1 + penalty * sqrt(N / usd)) <= 11 * N, squared where both sides
    are not negative.  Source: Settlement & Clearing, "Collateral Valuation".
    """
    room = CEILING_NUMERATOR * worth - CEILING_DENOMINATOR * value * lot
    spread = CEILING_DENOMINATOR * value * asset.penalty
    return (
        value * lot * RATE_SCALE <= asset.weight * worth
        and room >= 0
        and spread * spread * lot * worth <= room * room * usd * RATE_SCALE * RATE_SCALE
    )


@measure
def collateral_value(asset: Asset, usd: int, lot: int, worth: int) -> Atoms:
    """The collateral value of a balance that is worth this much at mark.

    Rule: EX-COL-1.  Units: quote atoms; worth in quote atoms * lot.
    Rounding: once, down, against the account.  Requires: worth >= 0, lot > 0, usd > 0.
    """

    def near() -> int:
        bits = 40
        root = isqrt((worth << 2 * bits) // (lot * usd))
        scale = RATE_SCALE << bits
        curved = CEILING_NUMERATOR * worth * scale // (CEILING_DENOMINATOR * lot * (scale + asset.penalty * root))
        return min(curved, worth * asset.weight // (lot * RATE_SCALE))

    return Atoms(largest(lambda value: within_curve(asset, usd, lot, value, worth), near, "EX-COL-4"))


def debt_value(worth: int, lot: int, weight: Rate) -> Atoms:
    """What a debt that is worth this much at mark counts, with that weight.

    Rule: EX-COL-3.  Units: quote atoms; worth in quote atoms * lot.  Rounding: once, up, against the account.
    Requires: lot > 0.
    """
    return Atoms(mul_div_ceil(worth, weight, lot * RATE_SCALE))


def debt_in_full(worth: int, lot: int) -> Atoms:
    """What a debt that is worth this much at mark is, unweighted.

    Rule: EX-COL-3.  Units: quote atoms; worth in quote atoms * lot.  Rounding: once, up.  Requires: lot > 0.
    """
    return Atoms(mul_div_ceil(worth, 1, lot))


def liability(state: State, place: int, debt: int) -> Atoms:
    """What a debt of the asset at that place counts against its owner: its value at mark, times a weight of at least 1.

    Rule: EX-COL-3.  Units: quote atoms.  Requires: debt >= 0.
    """
    worth, lot = worth_of_debt(state, place, debt)
    return debt_value(worth, lot, state.parameters.assets[place].liability_weight)


def debt_exposure(state: State, place: int, debt: int) -> Atoms:
    """What a debt is worth at mark, in full: the exposure that needs margin.

    Rule: EX-COL-3.  Units: quote atoms.  Requires: debt >= 0.
    """
    worth, lot = worth_of_debt(state, place, debt)
    return debt_in_full(worth, lot)


def in_full(state: State, place: int, balance: int) -> Atoms:
    """What a balance is worth at mark, unweighted.  Units: quote atoms.  Rounding: once, down."""
    worth, lot = worth_of_debt(state, place, balance)
    return Atoms(mul_div_floor(worth, 1, lot))


def worth_of_debt(state: State, place: int, debt: int) -> tuple[int, int]:
    """What a debt is worth at mark in quote atoms * lot, and the lot."""
    priced_by = state.parameters.assets[place].priced_by
    if priced_by is None:
        return debt, 1
    return debt * state.markets[priced_by].mark, state.parameters.markets[priced_by].lot


def collateral(state: State, place: int, balance: int) -> Atoms:
    """The collateral value of a balance of the asset at that place; the quote asset counts in full.

    Rule: EX-COL-2.  Requires: balance >= 0, unless it is the quote asset.
    """
    parameters: Parameters = state.parameters
    asset = parameters.assets[place]
    if asset.priced_by is None:
        return Atoms(balance)
    market = parameters.markets[asset.priced_by]
    return collateral_value(asset, parameters.usd, market.lot, balance * state.markets[asset.priced_by].mark)
