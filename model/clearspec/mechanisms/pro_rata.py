"""Pro rata sharing of an amount, so that the parts add up: the floor is taken of running sums, not of parts.

Members are served in order of their ids.  The members served so far together have the floor of their exact share.
Each member gets what that floor grows by when the member joins.  So the parts add up to the amount.

A negative amount is a loss to bear.  Its parts are negative, and add up in the same way.
"""

from clearspec.core.machine import measure
from clearspec.core.quantities import mul_div_floor


@measure
def allotted(amount: int, before: int, whole: int) -> int:
    """The cumulative allotment of the members whose weights add up to `before`.

    If `whole` is 0, nobody gets anything, and all of `amount` is left.

    Rule: PRO-1.  Units: those of the amount.  Rounding: once, down, in favour of later members.
    Requires: 0 <= before <= whole.
    """
    return mul_div_floor(amount, before, whole) if whole > 0 else 0


@measure
def allotment(amount: int, before: int, weight: int, whole: int) -> int:
    """The allotment of one member of this `weight`, after members whose weights add up to `before`.

    Rule: PRO-2.  Units: those of the amount.  Rounding: less than one unit from the exact share, up or down.
    If `amount` or `weight` is 0, the allotment is 0.
    Requires: before >= 0, weight >= 0, before + weight <= whole.
    Source: rules §7.
    """
    return allotted(amount, before + weight, whole) - allotted(amount, before, whole)
