"""What an order holds, and what a position with its orders can lead to."""

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, mul_div_ceil
from clearspec.machines.exchange.state.types import (
    Order,
    Position,
    Side,
)


def charged(order: Order) -> Atoms:
    """The fees that the order has been charged so far: one ceiling over all of its fills, against the account.

    Rule: EX-FEE-1.  Units: quote atoms; negative when rebates outweigh fees.
    """
    return Atoms(mul_div_ceil(order.accrued, 1, RATE_SCALE))


def fee_held(order: Order) -> Atoms:
    """The most that filling the rest of the order can still be charged, at the limit price and the dearer rate.

    Rule: EX-HOLD-2.  Units: quote atoms.  Rounding: once, up, against the account.
    """
    dearest = max(order.maker, order.taker, 0)
    return Atoms(mul_div_ceil(order.accrued + dearest * order.open * order.price, 1, RATE_SCALE) - charged(order))


def cash_held(order: Order) -> Atoms:
    """What an open bid may still pay: the rest at its limit price, and the fees on it.

    Rule: EX-HOLD-1.  Units: quote atoms.
    """
    return Atoms(order.open * order.price + fee_held(order))


def open_lots(order: Order) -> Lots:
    """The lots of the order that are still open."""
    return order.open


def increasing_lots(order: Order) -> Lots:
    """The open lots of an order that may open or enlarge a position."""
    return Lots(0) if order.reduce_only else order.open


def reducing_lots(order: Order) -> Lots:
    """The open lots of an order that can only reduce a position."""
    return order.open if order.reduce_only else Lots(0)


def loss_at(order: Order, mark: Price) -> Atoms:
    """What the open lots lose at once when they fill at their limit price, valued at the mark.  Units: quote atoms."""
    worse = order.price - mark if order.side == Side.BUY else mark - order.price
    return Atoms(order.open * max(worse, 0))


@frozen
class OpenLots:
    """The open lots of one account in one perpetual market; those of reduce-only orders apart."""

    bids: Lots
    asks: Lots
    reducing_bids: Lots
    reducing_asks: Lots


@measure
def worst_lots(size: int, orders: OpenLots) -> Lots:
    """The largest size, long or short, that any subset of the open orders can lead to.

    Rule: EX-WC-1.  Reduce-only orders count up to the position.
    """
    highest = size + orders.bids + min(orders.reducing_bids, max(-size, 0))
    lowest = size - orders.asks - min(orders.reducing_asks, max(size, 0))
    return Lots(max(abs(highest), abs(lowest)))


@frozen
class Exposure:
    """A position in one perpetual market, and what it is exposed to.

    `lots` is the largest size that it can lead to, `loss` what open orders lose at once against the mark, `fees` what
    they may be charged.
    """

    position: Position
    lots: Lots
    loss: Atoms
    fees: Atoms


def alone(position: Position) -> Exposure:
    """The position without any open orders."""
    return Exposure(position, Lots(abs(position.size)), Atoms(0), Atoms(0))


@measure
def gain(position: Position, mark: Price) -> Atoms:
    """What the position has gained at this mark, unrealised and unsettled together; a loss is negative.

    Rule: EX-MAR-1.  Units: quote atoms.  Exact: size * mark - cost + unsettled.
    """
    return Atoms(position.size * mark - position.cost + position.unsettled)


Exposures = tuple[tuple[int, Exposure], ...]
