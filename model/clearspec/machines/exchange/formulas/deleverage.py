"""The third tier of liquidation, auto-deleveraging: accounts on the opposite side are made to close."""

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms, Lots, mul_div_floor
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, paid_up_to


@frozen
class Candidate:
    """An account of the opposite side, as the row is made: its gain and its lots, without sign, in this market, and its
    equity and its exposure in all markets."""

    gain: Atoms
    lots: Lots
    equity: Atoms
    exposure: Atoms


@measure
def adl_rank(candidate: Candidate, bound: int) -> tuple[int, int, int]:
    """ADL rank of an account of the opposite side: the account with the lowest rank is deleveraged first.

    Rule: EX-ADL-1.  Accounts in profit come first, then those with the lower margin fraction (equity over exposure),
    then those with the larger position.  Ids decide ties.
    Rounding: none that shows.  Two fractions whose denominators are within the bound differ by at least one over its
    square, or not at all, so times the square their floors compare as they do (EX-ADL-6).
    Accounts with negative equity rank by their fraction too; they take part only at the mark.
    Requires: 0 < exposure <= bound; the same bound for all, such as the sum of all exposures.
    Source: Settlement & Clearing, "Liquidation as Clearing: The Default Waterfall"; rules §7.
    """
    fraction = mul_div_floor(candidate.equity, bound * bound, max(candidate.exposure, 1))
    return 0 if candidate.gain > 0 else 1, fraction, -candidate.lots


@measure
def deleveraged_lots(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> Lots:
    """The lots of an account of the opposite side that are deleveraged at the zero price.

    Rule: EX-ADL-2.  What is needed, but no more than its position, so that it neither flips nor grows, and no more
    than leaves it without a deficit of its own.  Units: lots, without sign; `equity` is the account's, at mark, and
    `closed` the lots that others have closed at the zero price before it.
    Rounding: once, down, in favour of the account that is made to close.
    Requires: closed >= 0, need >= 0, closed + need <= zero.position, position >= 0, equity >= 0.
    Source: rules §7.
    """
    eligible = min(need, position)
    if zero.equity >= 0:
        return Lots(eligible)
    # Here the zero price takes from the account: the largest n with paid_up_to(n) not below this.
    lowest = paid_up_to(zero, closed) - equity
    from_the_start = -lowest * zero.whole * zero.position + zero.equity * zero.before * zero.position
    return Lots(min(mul_div_floor(from_the_start, 1, -zero.equity * zero.required) - closed, eligible))


@measure
def closed_at_mark(need: int, position: int) -> Lots:
    """The lots that an account is made to close at the mark, where nobody's equity is left to take: all that fit.

    Rule: EX-ADL-3.  What no cap allowed at the zero price; the same row of accounts, also those below zero, and at the
    mark it costs none of them anything.  Units: lots, without sign.  Requires: need >= 0, position >= 0.
    """
    return Lots(min(need, position))
