"""Sharing an amount by weights so that the parts add up: the floor is taken of running sums, not of parts.

The members stand in a row, by id.  The first of them together get the floor of their exact share, and each gets what
that floor grows by when it joins them.  So nothing is left over, and no part is computed from another.

An amount below zero is a loss to bear; its parts are negative, and the same holds of them.
"""

from clearspec.core.machine import measure
from clearspec.core.quantities import mul_div_floor


@measure
def allotted(amount: int, before: int, whole: int) -> int:
    """What the first members get together, who have so much of the whole weight.

    Rule: PRO-1.  Units: those of the amount.  Rounding: once, down, in favour of those who come later.
    Where nobody has a weight, nobody gets anything, and all of the amount is left.
    Requires: 0 <= before <= whole.
    """
    return mul_div_floor(amount, before, whole) if whole > 0 else 0


@measure
def allotment(amount: int, before: int, weight: int, whole: int) -> int:
    """The part of one member, with the weight of those before it, its own, and that of all.

    Rule: PRO-2.  Units: those of the amount.  Rounding: less than one unit from the exact share, up or down.
    Of an amount of nothing each gets nothing; and so does who has no weight.
    Requires: before >= 0, weight >= 0, before + weight <= whole.
    Source: rules §7.
    """
    return allotted(amount, before + weight, whole) - allotted(amount, before, whole)
