"""Matching: one beat takes the order at work one step further against the book."""

from attrs import evolve

from clearspec.core.machine import Accepted
from clearspec.core.quantities import Lots
from clearspec.machines.exchange.formulas.book import crosses
from clearspec.machines.exchange.rules.book import best, fillable
from clearspec.machines.exchange.rules.margin import bears
from clearspec.machines.exchange.rules.trades import Trade, settle
from clearspec.machines.exchange.state.commands import Match
from clearspec.machines.exchange.state.events import Cause, OrderCancelled, OrderRested
from clearspec.machines.exchange.state.types import (
    AccountId,
    Order,
    OrderId,
    SelfTrade,
    State,
    Taker,
    TimeInForce,
    account_of,
    opposite,
    place_of,
)


def match(state: State, _: Match) -> Accepted[State]:
    """Trade with the best resting order, or finish.

    1. If no resting order crosses, the taker rests or ends.
    2. If one account is on both sides and does not allow that, one of its orders is cancelled, or both.
    3. If the maker is reduce-only with nothing left to reduce, it is cancelled.
    4. Else both fill at the maker's price, if both have margin after it; a side without margin is cancelled instead.

    Rule: EX-MAT-1 … EX-MAT-7, EX-STP-1.  Requires: an order is at work.
    """
    assert state.taker is not None, "Match is due only while an order is at work"
    taker = state.taker
    place = place_of(state, taker.order.market)
    maker_id = best(state, taker.order.market, opposite(taker.order.side))
    maker = None if maker_id is None else state.orders.get(maker_id)
    if taker.order.open == 0 or maker_id is None or maker is None or not crosses(taker.order, maker):
        return finish(state, taker)
    if taker.order.owner == maker.owner and taker.order.self_trade != SelfTrade.ALLOW:
        return prevent_self_trade(state, taker, maker_id, maker)
    if fillable(state, maker, place) == 0:
        return cancel_maker(state, maker_id, maker, Cause.REDUCE_ONLY)
    return fill(state, taker, maker_id, maker, place)


def fill(state: State, taker: Taker, maker_id: OrderId, maker: Order, place: int) -> Accepted[State]:
    """Settle the fill on a copy.  If the taker or then the maker lacks margin after it, cancel that order instead."""
    lots = Lots(min(taker.order.open, fillable(state, maker, place)))
    settled = settle(state, Trade(place, taker.id, taker.order, maker_id, maker, lots))
    if not bears_fill(state, settled.state, taker.order.owner, place):
        return cancel_taker(state, taker, Cause.MARGIN)
    if not bears_fill(state, settled.state, maker.owner, place):
        return cancel_maker(state, maker_id, maker, Cause.MARGIN)
    return settled


def bears_fill(before: State, after: State, account: AccountId, place: int) -> bool:
    """Is the account in margin after the fill?  Rule: EX-MAT-1."""
    return bears(after, account_of(before, account), account_of(after, account), place)


def finish(state: State, taker: Taker) -> Accepted[State]:
    """The taker's order rests in the book, or its open lots are cancelled."""
    order = taker.order
    if order.time_in_force in (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL) and order.open > 0:
        stopped = cancel_taker(state, taker, Cause.IMMEDIATE)
        return Accepted(booked(stopped.state), stopped.events)
    return Accepted(booked(state), (OrderRested(taker.id, order.open),) if order.open > 0 else ())


def booked(state: State) -> State:
    """Put the taker's order among the orders; no order is at work any more."""
    assert state.taker is not None, "there is an order at work"
    return evolve(state, orders=state.orders.put(state.taker.id, state.taker.order), taker=None)


def prevent_self_trade(state: State, taker: Taker, maker_id: OrderId, maker: Order) -> Accepted[State]:
    """Cancel the incoming order, the resting one, or both, as the incoming order says.  Rule: EX-STP-1, EX-STP-2."""
    after, events = state, ()
    if taker.order.self_trade != SelfTrade.REJECT_TAKER:
        stopped = cancel_maker(after, maker_id, maker, Cause.SELF_TRADE)
        after, events = stopped.state, events + stopped.events
    if taker.order.self_trade != SelfTrade.REJECT_MAKER:
        stopped = cancel_taker(after, taker, Cause.SELF_TRADE)
        after, events = stopped.state, events + stopped.events
    return Accepted(after, events)


def without_open(order: Order) -> Order:
    """The order with its open lots cancelled."""
    return evolve(order, open=Lots(0), cancelled=Lots(order.cancelled + order.open))


def cancel_taker(state: State, taker: Taker, cause: Cause) -> Accepted[State]:
    """Cancel the open lots of the taker's order."""
    return Accepted(
        evolve(state, taker=evolve(taker, order=without_open(taker.order))),
        (OrderCancelled(taker.id, taker.order.open, cause),),
    )


def cancel_maker(state: State, order_id: OrderId, order: Order, cause: Cause) -> Accepted[State]:
    """Cancel the open lots of a resting order."""
    return Accepted(
        evolve(state, orders=state.orders.put(order_id, without_open(order))),
        (OrderCancelled(order_id, order.open, cause),),
    )
