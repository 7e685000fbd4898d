"""When an order crosses another one, and the price beyond which a market order does not trade."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Price, mul_div_ceil, mul_div_floor
from clearspec.machines.exchange.state.parameters import Market
from clearspec.machines.exchange.state.types import Order, Side


@measure
def crosses_limit(side: Side, limit: Price, maker: Order) -> bool:
    """Does a resting order trade with one of this side and limit?  Rule: EX-MAT-4."""
    return limit >= maker.price if side == Side.BUY else limit <= maker.price


@measure
def crosses(taker: Order, maker: Order) -> bool:
    """Do the limits of the two orders allow a trade?  Rule: EX-MAT-4."""
    return crosses_limit(taker.side, taker.price, maker)


@measure
def protection_price(market: Market, mark: Price, side: Side) -> Price:
    """The limit of a market order: so far from the mark at most, on the tick, within the price limit.

    Rule: EX-ORD-5.  Rounding: once, to the tick, towards the mark: in favour of the order's owner.
    """
    if side == Side.BUY:
        ticks = mul_div_floor(mark, RATE_SCALE + market.protection, RATE_SCALE * market.tick)
    else:
        ticks = mul_div_ceil(mark, RATE_SCALE - market.protection, RATE_SCALE * market.tick)
    return Price(min(ticks, mul_div_floor(market.price_max, 1, market.tick)) * market.tick)


def priority(order: Order) -> tuple[int, int]:
    """Price first, then time: lower is better.  Rule: EX-MAT-8."""
    return (-order.price if order.side == Side.BUY else order.price, order.sequence)


def resting(order: Order) -> bool:
    """Is anything of the order open?"""
    return order.open > 0
