"""How much of an asset is sold to pay what is owed, and at which price at worst."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Lots, Price, Rate, mul_div_ceil


def lowest_price(mark: Price, slippage: Rate) -> Price:
    """The lowest price at which the venue sells collateral.

    Rule: EX-CNV-2, EX-CNV-8.  Rounding: once, up, in favour of the account.
    """
    return Price(mul_div_ceil(mark, RATE_SCALE - slippage, RATE_SCALE))


@measure
def lots_for(owed: int, limit: Price, taker: Rate) -> Lots:
    """The fewest lots that bring in so much at the limit, after the fee.

    Rule: EX-CNV-3.  Rounding: up, so that they suffice; a ceiling of a ceiling is the ceiling of both at once.
    Requires: limit > 0, taker < RATE_SCALE.
    """
    before_fee = mul_div_ceil(owed, RATE_SCALE, RATE_SCALE - taker)
    return Lots(mul_div_ceil(before_fee, 1, limit))
