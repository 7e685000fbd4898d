"""The first tier of liquidation: how much of a position one loop offers to the book."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Lots, Rate, mul_div_ceil


@measure
def slice_lots(at_entry: int, remaining: int, fraction: Rate, least: Lots) -> Lots:
    """The lots that one loop of a liquidation offers: a fraction of the size at entry, but no more than remain.

    Rule: EX-LIQ-2.  Units: lots, without sign.  Rounding: once, up, towards ending.
    The fraction is of the size at entry into liquidation, so that 1 / fraction loops, rounded up, close any position.
    A fraction of what remains leaves something each time and would never end; in whole lots the last ones would go
    one by one, and the larger the position, the more loops it would take.
    Requires: 0 < remaining <= at_entry, 0 < fraction, 0 < least.
    Source: Settlement & Clearing, "Liquidation as Clearing: The Default Waterfall".
    """
    return Lots(min(remaining, max(mul_div_ceil(fraction, at_entry, RATE_SCALE), least)))
