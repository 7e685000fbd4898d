"""The book: which resting order trades first, what crosses, and how much of an order may still trade."""

from clearspec.core.machine import measure
from clearspec.core.quantities import Lots
from clearspec.machines.exchange.formulas.book import priority, resting
from clearspec.machines.exchange.state.parameters import MarketId, MarketKind
from clearspec.machines.exchange.state.types import Order, OrderId, Side, State, account_of


def best(state: State, market: MarketId, side: Side) -> OrderId | None:
    """The resting order that trades first, or None.  Rule: EX-MAT-3."""
    return state.orders.first(priority, resting, market=market, side=side)


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
