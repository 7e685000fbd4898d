"""The second tier of liquidation: designated providers take the position over at its zero price."""

from typing import Final

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, Rate, mul_div_ceil, mul_div_floor
from clearspec.mechanisms.pro_rata import allotment

PROVIDER_PARTS: Final = 2
SPREAD_PARTS: Final = 3
"""Of three parts of the spread the provider has two and the liquidity fund one."""


@measure
def auto_close_below(required: int, exposure: int, fraction: Rate) -> Atoms:
    """The equity below which the book is no longer waited for.

    Rule: EX-BCK-1.  Half of the maintenance requirement, or that requirement less a fraction of the exposure, whichever
    is more.  Units: quote atoms.  Rounding: down, in favour of the account, which stays in the first tier.
    Requires: required >= 0, exposure >= 0, fraction >= 0.
    Source: rules §7; Settlement & Clearing, "Liquidation as Clearing: The Default Waterfall" (`mf_auto_close`).
    """
    return Atoms(max(required // 2, required - mul_div_ceil(fraction, exposure, RATE_SCALE)))


@measure
def least_lots(notional: Atoms, mark: Price) -> Lots:
    """The fewest lots that are worth so much at mark, and at least one.

    Rule: EX-BCK-2.  Units: lots, without sign.  Rounding: once, up, towards ending.  Requires: mark > 0.
    """
    return Lots(max(mul_div_ceil(notional, 1, mark), 1))


@measure
def backstop_lots(equity: int, threshold: int, position: int, least: Lots) -> Lots:
    """The lots that one second of the second tier offers: the more, the further equity is below the threshold.

    Rule: EX-BCK-3.  The part of the position that equity is short of the threshold, but no fewer than the least lots;
    all of it where there is no equity.  Units: lots, without sign.  Rounding: once, up, towards ending.
    Requires: equity < threshold, position > 0, least > 0.
    Source: rules §7.
    """
    if equity < 1:
        return Lots(position)
    return Lots(min(position, max(mul_div_ceil(threshold - equity, position, threshold), least)))


@measure
def provider_lots(offered: int, before: int, capacity: int, whole: int) -> Lots:
    """The lots that one provider takes: pro rata to what it can still take, and never more than that.

    Rule: EX-BCK-4.  Units: lots, without sign; capacities of the providers before it, its own, and of all.
    Rounding: by running sums, so that all lots are taken that can be.
    Requires: offered >= 0, before >= 0, capacity >= 0, before + capacity <= whole.
    Source: rules §7.
    """
    return Lots(allotment(min(offered, whole), before, capacity, whole))


@frozen
class Split:
    """Who gets a spread.  Units: quote atoms."""

    provider: Atoms
    fund: Atoms


def split_spread(paid: int) -> Split:
    """Two thirds of a spread are the provider's, the rest is the liquidity fund's.

    Rule: EX-BCK-5.  Units: quote atoms.  Rounding: once, down, in favour of the fund.  Requires: paid >= 0.
    Source: Settlement & Clearing, "Liquidation as Clearing: The Default Waterfall".
    """
    provider = mul_div_floor(paid, PROVIDER_PARTS, SPREAD_PARTS)
    return Split(Atoms(provider), Atoms(paid - provider))


@measure
def covered_lots(position: int, deficit: int, fund: int) -> Lots:
    """The lots that a provider takes at the mark from an account without equity: those whose deficit the fund can pay.

    Rule: EX-BCK-6.  The fund pays what the account would: the negative spread of these lots.
    Units: lots, without sign; deficit and fund in quote atoms.  Rounding: once, down, in favour of the fund.
    Requires: position >= 0, deficit > 0, fund >= 0.
    Source: rules §7.
    """
    return Lots(position if fund >= deficit else mul_div_floor(position, fund, deficit))
