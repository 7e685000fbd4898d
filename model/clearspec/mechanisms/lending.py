"""A lending pool of one asset: what borrowers pay in an hour, and what of it lenders get.

Debts and claims are amounts.  They grow by cumulative indices: an amount that has grown up to one index owes or earns
amount * (index now - that index) / INDEX_SCALE.
"""

from typing import Final

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Rate, mul_div_ceil, mul_div_floor

HOURS_A_YEAR: Final = 365 * 24

INDEX_SCALE: Final = HOURS_A_YEAR * 10**12
"""Interest on one atom, in units of 1 / INDEX_SCALE: a yearly rate is a whole number of them by the hour."""

HOURLY: Final = INDEX_SCALE // (RATE_SCALE * HOURS_A_YEAR)
"""What a yearly rate of 1 / RATE_SCALE is by the hour, in 1 / INDEX_SCALE; exact."""


@frozen
class RateCurve:
    """The yearly rate for borrowing, with two slopes over utilisation: gentle up to the kink, steep beyond.

    `base` at no utilisation, `gentle` more at the kink, `steep` more when all is borrowed; 0 < kink < 1.
    """

    base: Rate
    gentle: Rate
    steep: Rate
    kink: Rate


@measure
def valid_curve(curve: RateCurve) -> bool:
    """Does the rate never fall, and does each slope have room?"""
    return curve.base >= 0 and curve.gentle >= 0 and curve.steep >= 0 and 0 < curve.kink < RATE_SCALE


@measure
def within_bound(debt: int, claims: int, bound: Rate) -> bool:
    """Is utilisation, debt over claims, within the bound?"""
    return debt * RATE_SCALE <= bound * claims


@measure
def bears_interest(debt: int, claims: int) -> bool:
    """Is something borrowed of what somebody has lent?"""
    return debt > 0 and claims > 0


@measure
def borrow_growth(curve: RateCurve, debt: int, claims: int) -> int:
    """What one borrowed atom pays for an hour: the yearly rate at this utilisation, over the hours of a year.

    Where more is borrowed than lent, the rate is that of all: it has an end.
    Rule: LP-1.  Units: 1 / INDEX_SCALE.  Rounding: once, up, against the borrower.
    Requires: debt >= 0, claims > 0.
    """
    if debt > claims:
        return HOURLY * (curve.base + curve.gentle + curve.steep)
    excess = max(debt * RATE_SCALE - curve.kink * claims, 0)
    if excess == 0:
        return HOURLY * curve.base + mul_div_ceil(HOURLY * curve.gentle, debt * RATE_SCALE, curve.kink * claims)
    beyond = mul_div_ceil(HOURLY * curve.steep, excess, (RATE_SCALE - curve.kink) * claims)
    return HOURLY * (curve.base + curve.gentle) + beyond


@measure
def lend_growth(growth: int, kept: Rate, debt: int, claims: int) -> int:
    """What one lent atom earns for an hour: all that borrowers pay, less what the venue keeps, pro rata.

    Rule: LP-2.  Units: 1 / INDEX_SCALE.  Rounding: once, down, against the lender.
    Requires: claims > 0, 0 <= kept <= RATE_SCALE.
    """
    return mul_div_floor(debt * growth, RATE_SCALE - kept, claims * RATE_SCALE)


def interest_charged(debt: int, growth: int) -> int:
    """What a debt pays for so much growth of the index.  Rounding: once, up, against the borrower."""
    return mul_div_ceil(debt, growth, INDEX_SCALE)


def interest_earned(claim: int, growth: int) -> int:
    """What a claim earns for so much growth of the index.  Rounding: once, down, against the lender."""
    return mul_div_floor(claim, growth, INDEX_SCALE)


def room_to_redeem(debt: int, claims: int, bound: Rate) -> int:
    """The most that claims may fall by so that the debt stays within the bound; nothing if it is beyond.

    Units: atoms.  Rounding: once, down.
    """
    if debt == 0:
        return claims
    return max(claims - mul_div_ceil(debt, RATE_SCALE, bound), 0) if bound > 0 else 0


def room_to_borrow(debt: int, claims: int, bound: Rate) -> int:
    """The most that the debt may rise by so that it stays within the bound; nothing if it is beyond.

    Units: atoms.  Rounding: once, down.
    """
    return max(mul_div_floor(claims, bound, RATE_SCALE) - debt, 0)
