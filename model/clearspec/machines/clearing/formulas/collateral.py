"""What collateral counts: its value at market, less a haircut."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate, mul_div_floor


@measure
def value_after_haircut(worth: int, haircut: Rate) -> Atoms:
    """What collateral of this worth counts towards margin.

    Rule: CL-HC-1.  Units: atoms.  Rounding: once, down, against the member.
    A haircut is what is cut off, so cash of the right currency has one of nothing.  Per asset, not of the sum.
    Requires: worth >= 0, 0 <= haircut <= RATE_SCALE.
    Source: PFMI, principle 5.
    """
    return Atoms(mul_div_floor(worth, RATE_SCALE - haircut, RATE_SCALE))
