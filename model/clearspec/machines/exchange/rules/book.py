"""The book: which resting order trades first, what crosses, and how much of an order may still trade."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Lots, Price, mul_div_ceil, mul_div_floor
from clearspec.machines.exchange.state.parameters import Market, MarketId, MarketKind
from clearspec.machines.exchange.state.types import Order, OrderId, Side, State, account_of


def priority(order: Order) -> tuple[int, int]:
    """Price first, then time: lower is better."""
    return (-order.price if order.side == Side.BUY else order.price, order.sequence)


def resting(order: Order) -> bool:
    """Is anything of the order open?"""
    return order.open > 0


def best(state: State, market: MarketId, side: Side) -> OrderId | None:
    """The resting order that trades first, or None.  Rule: EX-MAT-3."""
    return state.orders.first(priority, resting, market=market, side=side)


@measure
def crosses_limit(side: Side, limit: Price, maker: Order) -> bool:
    """Does a resting order trade with one of this side and limit?  Rule: EX-MAT-4."""
    return limit >= maker.price if side == Side.BUY else limit <= maker.price


@measure
def crosses(taker: Order, maker: Order) -> bool:
    """Do the limits of the two orders allow a trade?  Rule: EX-MAT-4."""
    return crosses_limit(taker.side, taker.price, maker)


@measure
def fillable(state: State, order: Order, place: int) -> Lots:
    """The open lots of a resting order, and of a reduce-only one no more than still reduce.

    Rule: EX-MAT-2.  The position may have changed since the order was placed; an order at work needs no such clamp,
    since gate 6 has just checked it (EX-RO-1).
    """
    return Lots(min(order.open, reducible(state, order, place))) if order.reduce_only else order.open


@measure
def reducible(state: State, order: Order, place: int) -> Lots:
    """The lots by which an order of this side can reduce the owner's position; none in a spot market.

    Rule: EX-GATE-6.
    """
    if state.parameters.markets[place].kind == MarketKind.SPOT:
        return Lots(0)
    size = account_of(state, order.owner).holdings.positions[place].size
    return Lots(max(-size if order.side == Side.BUY else size, 0))


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
