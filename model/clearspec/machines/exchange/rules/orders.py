"""Placing and cancelling orders."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Lots
from clearspec.machines.exchange.formulas.book import crosses, protection_price, resting
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.rules.gates import first_closed_gate
from clearspec.machines.exchange.rules.matching import cancel_maker
from clearspec.machines.exchange.state.commands import CancelAll, CancelNext, CancelOrder, PlaceOrder, Reason
from clearspec.machines.exchange.state.events import Cause, OrderCancelled, OrderPlaced
from clearspec.machines.exchange.state.parameters import market_place, tier_named
from clearspec.machines.exchange.state.types import Order, State, Taker, TimeInForce, opposite


def place_order(state: State, command: PlaceOrder) -> Outcome[State]:
    """Check an order and take it to work; the beats that follow match it.

    Rule: EX-ORD-3.
    Rejects: ACCOUNT_EXISTS, MARKET_EXISTS, ORDER_ID_UNUSED, SIZE_WITHIN_LIMIT, PRICE_WITHIN_LIMIT, PRICE_ON_TICK,
    MARKET_ORDER_IMMEDIATE, the eight gates, POST_ONLY_RESTS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = market_place(state.parameters, command.market)
    if place is None:
        return Rejected(Reason.MARKET_EXISTS)
    market = state.parameters.markets[place]
    if state.orders.get(command.order) is not None:
        return Rejected(Reason.ORDER_ID_UNUSED)
    if not 0 < command.size <= market.size_max:
        return Rejected(Reason.SIZE_WITHIN_LIMIT)
    if command.price is not None and not 0 < command.price <= market.price_max:
        return Rejected(Reason.PRICE_WITHIN_LIMIT)
    if command.price is not None and command.price % market.tick != 0:
        return Rejected(Reason.PRICE_ON_TICK)
    if command.price is None and command.time_in_force in (TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.POST_ONLY):
        return Rejected(Reason.MARKET_ORDER_IMMEDIATE)
    tier = tier_named(state.parameters, account.tier)
    assert tier is not None, "an account is only opened in a tier that exists"
    protected = protection_price(market, state.markets[place].mark, command.side)
    order = Order(
        owner=command.account,
        market=command.market,
        side=command.side,
        price=protected if command.price is None else command.price,
        size=command.size,
        open=command.size,
        filled=Lots(0),
        cancelled=Lots(0),
        accrued=0,
        maker=tier.maker,
        taker=tier.taker,
        reduce_only=command.reduce_only,
        time_in_force=command.time_in_force,
        self_trade=command.self_trade,
        sequence=state.sequence,
    )
    closed = first_closed_gate(state, command.order, order, place)
    if closed is not None:
        return Rejected(closed)
    if command.time_in_force == TimeInForce.POST_ONLY and trades_at_once(state, order):
        return Rejected(Reason.POST_ONLY_RESTS)
    return Accepted(
        evolve(state, sequence=state.sequence + 1, taker=Taker(command.order, order)),
        (OrderPlaced(command.order, order.price, order.size),),
    )


def trades_at_once(state: State, order: Order) -> bool:
    """Does the order cross the best one on the other side?"""
    maker_id = best(state, order.market, opposite(order.side))
    maker = None if maker_id is None else state.orders.get(maker_id)
    return maker is not None and crosses(order, maker)


def conclude(_: State, command: object, done: Accepted[State]) -> Outcome[State]:
    """A fill-or-kill order that did not fill in full never happened: the whole copy is dropped.

    Rule: EX-ORD-4.  Rejects: FILL_OR_KILL_FILLS.
    """
    if isinstance(command, PlaceOrder) and command.time_in_force == TimeInForce.FILL_OR_KILL:
        order = done.state.orders.get(command.order)
        assert order is not None, "an order that was placed stays in the book, done or not"
        if order.filled != order.size:
            return Rejected(Reason.FILL_OR_KILL_FILLS)
    return done


def cancel_order(state: State, command: CancelOrder) -> Outcome[State]:
    """Cancel an order, or so many of its open lots; what stays open keeps its priority.

    Rule: EX-CAN-1.  Rejects: ORDER_OPEN, LOTS_WITHIN_OPEN.
    """
    order = state.orders.get(command.order)
    if order is None or order.owner != command.account or order.open == 0:
        return Rejected(Reason.ORDER_OPEN)
    if command.lots is not None and not 0 < command.lots <= order.open:
        return Rejected(Reason.LOTS_WITHIN_OPEN)
    lots = order.open if command.lots is None else command.lots
    left = evolve(order, open=Lots(order.open - lots), cancelled=Lots(order.cancelled + lots))
    return Accepted(
        evolve(state, orders=state.orders.put(command.order, left)),
        (OrderCancelled(command.order, lots, Cause.REQUESTED),),
    )


def cancel_all(state: State, command: CancelAll) -> Outcome[State]:
    """Begin to cancel every open order of an account; the beats that follow do it one by one.

    Rule: EX-CAN-2.  Rejects: ACCOUNT_EXISTS.
    """
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    return Accepted(evolve(state, leaving=command.account))


def by_time(order: Order) -> tuple[int]:
    """Oldest first."""
    return (order.sequence,)


def cancel_next(state: State, _: CancelNext) -> Accepted[State]:
    """Cancel the oldest open order of the account that is leaving, or be done.  Rule: EX-CAN-2."""
    assert state.leaving is not None, "CancelNext is due only while an account is leaving"
    order_id = state.orders.first(by_time, resting, owner=state.leaving)
    order = None if order_id is None else state.orders.get(order_id)
    if order_id is None or order is None:
        return Accepted(evolve(state, leaving=None))
    return cancel_maker(state, order_id, order, Cause.REQUESTED)
