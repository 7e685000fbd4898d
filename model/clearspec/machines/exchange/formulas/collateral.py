"""What a balance counts for as collateral, and a debt against it."""

from math import isqrt

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate, largest, mul_div_ceil
from clearspec.machines.exchange.state.parameters import Asset

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
