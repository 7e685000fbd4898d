"""Orders of investors, which brokers pass on to the exchange, and the executions that the exchange reports.

The exchange matches orders, which is not modelled here.  An execution becomes a trade like any other.  It is rejected
if one of the two orders does not allow it.
"""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Price
from clearspec.machines.clearing.rules.trades import capture_trade, suspended, unmet_terms
from clearspec.machines.clearing.state.commands import CancelOrder, CaptureTrade, Execute, Reason, SendOrder
from clearspec.machines.clearing.state.events import OrderCancelled, OrderFilled, OrderSent
from clearspec.machines.clearing.state.ids import OrderId
from clearspec.machines.clearing.state.parameters import Units, security_place
from clearspec.machines.clearing.state.types import Order, Side, State


def send_order(state: State, command: SendOrder) -> Outcome[State]:
    """The broker that keeps the account passes an order on.  The order stands until its trade date is over.

    Rule: CL-ORD-2.
    Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, ORDER_ID_UNUSED, TRADED_TODAY, QUANTITY_WITHIN_LIMIT, PRICE_WITHIN_LIMIT,
    MEMBERS_ACTIVE.
    Source: Settlement & Clearing, The Trade Lifecycle.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if state.orders.get(command.order) is not None:
        return Rejected(Reason.ORDER_ID_UNUSED)
    unmet = unmet_terms(state, place, command.quantity, command.limit, command.at)
    if unmet is not None:
        return Rejected(unmet)
    if suspended(state, command.account):
        return Rejected(Reason.MEMBERS_ACTIVE)
    order = Order(
        account=command.account,
        broker=account.member,
        security=command.security,
        side=command.side,
        quantity=command.quantity,
        limit=command.limit,
        filled=Units(0),
        cancelled=Units(0),
        sent_on=state.today,
        sent_at=command.at,
    )
    return Accepted(
        evolve(state, orders=state.orders.put(command.order, order)),
        (OrderSent(command.order, command.account, account.member),),
    )


@measure
def open_today(state: State, order: Order) -> Units:
    """The units of an order that may still trade: 0 once its day is over, or its account is with another broker."""
    account = state.accounts.get(order.account)
    if order.sent_on != state.today or account is None or account.member != order.broker:
        return Units(0)
    return Units(order.quantity - order.filled - order.cancelled)


def cancel_order(state: State, command: CancelOrder) -> Outcome[State]:
    """Cancel the open units of an order.  Its fills stand.

    Rule: CL-ORD-5.  Rejects: ORDER_EXISTS, ORDER_OPEN.
    """
    order = state.orders.get(command.order)
    if order is None:
        return Rejected(Reason.ORDER_EXISTS)
    units = open_today(state, order)
    if units <= 0:
        return Rejected(Reason.ORDER_OPEN)
    cancelled = evolve(order, cancelled=Units(order.cancelled + units))
    return Accepted(
        evolve(state, orders=state.orders.put(command.order, cancelled)),
        (OrderCancelled(command.order, order.account, order.broker, units),),
    )


def execute(state: State, command: Execute) -> Outcome[State]:
    """Capture an execution of two orders as a trade, if both allow it, and add its units to their fills.

    Rule: CL-ORD-3, CL-ORD-4.
    Rejects: ORDER_EXISTS, ORDERS_OPPOSITE, ORDER_OPEN, UNITS_WITHIN_ORDERS, PRICE_WITHIN_ORDERS, ORDERS_SENT; and as
    every trade is rejected (CL-TRD-1): TRADE_ID_UNUSED, SIDES_DIFFER, TRADED_TODAY, QUANTITY_WITHIN_LIMIT,
    PRICE_WITHIN_LIMIT, MEMBERS_ACTIVE.
    Source: Settlement & Clearing, The Trade Lifecycle.
    """
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    if buy is None or sell is None:
        return Rejected(Reason.ORDER_EXISTS)
    if buy.side != Side.BUY or sell.side != Side.SELL or buy.security != sell.security:
        return Rejected(Reason.ORDERS_OPPOSITE)
    to_buy, to_sell = open_today(state, buy), open_today(state, sell)
    if to_buy <= 0 or to_sell <= 0:
        return Rejected(Reason.ORDER_OPEN)
    if command.quantity > to_buy or command.quantity > to_sell:
        return Rejected(Reason.UNITS_WITHIN_ORDERS)
    if not sell.limit <= command.price <= buy.limit:
        return Rejected(Reason.PRICE_WITHIN_ORDERS)
    if command.at < buy.sent_at or command.at < sell.sent_at:
        return Rejected(Reason.ORDERS_SENT)
    made = CaptureTrade(
        trade=command.trade,
        buyer=buy.account,
        seller=sell.account,
        security=buy.security,
        quantity=command.quantity,
        price=command.price,
        at=command.at,
    )
    captured = capture_trade(state, made)
    if isinstance(captured, Rejected):
        return captured
    bought = filled(captured, command.buy, buy, command.quantity, command.price)
    return filled(bought, command.sell, sell, command.quantity, command.price)


def filled(done: Accepted[State], name: OrderId, order: Order, units: Units, price: Price) -> Accepted[State]:
    """Add `units` to the fills of the order, beside what was `done`."""
    more = evolve(order, filled=Units(order.filled + units))
    return Accepted(
        evolve(done.state, orders=done.state.orders.put(name, more)),
        (*done.events, OrderFilled(name, order.account, order.broker, units, price)),
    )
