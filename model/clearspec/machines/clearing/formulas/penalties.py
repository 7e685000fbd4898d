"""What a settlement fail costs: a penalty for each day, and the difference when the securities are bought in."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Price, Rate, mul_div_ceil


@measure
def penalty(units: int, price: Price, rate: Rate) -> Atoms:
    """What the failing side pays for one settlement day, all of it to the side that was failed.

    Rule: CL-PEN-1.  Units: atoms; the rate is per settlement day.  Rounding: once, up, against the failing side.
    Of what was not delivered alone: what was settled in part costs nothing.  At the price of the day.
    Of negative units it is, as a negative amount, what the side that was failed is paid, rounded against it too.
    Requires: price >= 0, rate >= 0.
    Source: CSDR, article 7(2); delegated regulation 2017/389.
    """
    return Atoms(mul_div_ceil(units * price, rate, RATE_SCALE))


def buy_in_difference(units: int, bought_at: Price, agreed: Price) -> Atoms:
    """What a buy-in costs the failing side beyond the price that was agreed, or brings it if negative.

    Rule: CL-PEN-3.  Units: atoms.  Rounding: none.  Whoever was failed pays the agreed price, whatever the market did.
    Source: CSDR, article 7(6).
    """
    return Atoms(units * (bought_at - agreed))
