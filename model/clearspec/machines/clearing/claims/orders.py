"""Orders: passed on as they are, and never executed beyond what they allow."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.state.commands import CancelOrder, Execute, SendOrder
from clearspec.machines.clearing.state.ids import AccountId, OrderId
from clearspec.machines.clearing.state.types import Order, Side, State


@claim(
    "CL-ORD-1",
    "Of no order more is filled and called back than it asks for; and no order asks for what is not traded, or counts"
    " on a day to come.",
    title="no order is overfilled",
    kind=Kind.STATE,
    source="Settlement & Clearing, The Trade Lifecycle",
    prevents="an order that is filled twice",
)
def no_order_is_overfilled(state: State) -> bool:
    return state.orders.every(
        lambda _, order: (
            order.filled >= 0
            and order.cancelled >= 0
            and order.filled + order.cancelled <= order.quantity
            and order.limit > 0
            and order.sent_on <= state.today
            and any(security.id == order.security for security in state.parameters.securities)
        )
    )


@claim(
    "CL-ORD-2",
    "An order is passed on as the investor gave it, under a name of its own, by the broker that keeps the account, and"
    " nothing of it is filled yet.",
    title="an order is passed on as given",
    kind=Kind.STEP,
    on=(SendOrder,),
    source="Settlement & Clearing, The Trade Lifecycle",
)
def an_order_is_passed_on_as_given(before: State, command: SendOrder, after: Accepted[State]) -> bool:
    order, account = after.state.orders.get(command.order), before.accounts.get(command.account)
    return (
        before.orders.get(command.order) is None
        and order is not None
        and account is not None
        and order.account == command.account
        and order.broker == account.member
        and order.security == command.security
        and order.side == command.side
        and order.quantity == command.quantity
        and order.limit == command.limit
        and order.filled == 0 == order.cancelled
        and order.sent_on == before.today
        and order.sent_at == command.at
    )


@claim(
    "CL-ORD-3",
    "An execution pairs a purchase with a sale of one security. Both orders were sent, still open for its units, and"
    " have limits that its price meets. It adds its units to the fills of both.",
    title="executed within both orders' terms",
    kind=Kind.STEP,
    on=(Execute,),
    source="Settlement & Clearing, The Trade Lifecycle; Trade confirmation",
    prevents="an investor who gets more than was ordered, or at a worse price",
)
def executed_as_ordered(before: State, command: Execute, after: Accepted[State]) -> bool:
    buy, sell = before.orders.get(command.buy), before.orders.get(command.sell)
    bought, sold = after.state.orders.get(command.buy), after.state.orders.get(command.sell)
    return (
        buy is not None
        and sell is not None
        and bought is not None
        and sold is not None
        and buy.side == Side.BUY
        and sell.side == Side.SELL
        and buy.security == sell.security
        and buy.quantity - bought.filled - buy.cancelled >= 0
        and sell.quantity - sold.filled - sell.cancelled >= 0
        and buy.limit - command.price >= 0
        and command.price - sell.limit >= 0
        and command.at >= buy.sent_at
        and command.at >= sell.sent_at
        and bought.filled - buy.filled == command.quantity
        and sold.filled - sell.filled == command.quantity
    )


@claim(
    "CL-ORD-4",
    "An order is executed on its own day alone, and through the broker that passed it on, which is neither suspended"
    " nor in default and still keeps the account.",
    title="executed on its day, through its broker",
    kind=Kind.STEP,
    on=(Execute,),
    source="Settlement & Clearing, The Trade Lifecycle",
    prevents="a trade of a member that has defaulted since the order was sent, or of a client that it has lost",
)
def executed_through_its_broker(before: State, command: Execute, after: Accepted[State]) -> bool:
    return stands(before, command.buy) and stands(before, command.sell)


@measure
def stands(state: State, name: OrderId) -> bool:
    """Is the order of today, and its account still with its broker, an active member?"""
    order = state.orders.get(name)
    if order is None:
        return False
    broker = state.members.get(order.broker)
    return (
        order.sent_on == state.today
        and broker is not None
        and not broker.suspended
        and not broker.defaulted
        and kept_by_its_broker(state, order.account, order)
    )


def kept_by_its_broker(state: State, name: AccountId, order: Order) -> bool:
    """Is the account one of the broker that passed this order on?"""
    account = state.accounts.get(name)
    return account is not None and account.member == order.broker


@measure
def wanted(state: State, name: OrderId) -> int:
    """The units that the order still asks for today, while its broker keeps the account; else nothing."""
    order = state.orders.get(name)
    if order is None or order.sent_on != state.today or not kept_by_its_broker(state, order.account, order):
        return 0
    return order.quantity - (order.filled + order.cancelled)


@claim(
    "CL-ORD-5",
    "Of an order that is called back nothing is left, and what was filled of it is filled.",
    title="a cancelled order has nothing open",
    kind=Kind.STEP,
    on=(CancelOrder,),
)
def nothing_is_left_of_what_is_called_back(before: State, command: CancelOrder, after: Accepted[State]) -> bool:
    was, now = before.orders.get(command.order), after.state.orders.get(command.order)
    return (
        was is not None
        and now is not None
        and now.filled == was.filled
        and now.filled + now.cancelled == now.quantity
        and was.cancelled < now.cancelled
    )


@claim(
    "CL-ORD-6",
    "An order never changes but for what is filled of it, by an execution that names it, and for what its broker calls"
    " back; none appears that was not sent, and none goes.",
    title="orders change as told",
    kind=Kind.STEP,
    prevents="an order that comes to life again",
)
def orders_change_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.orders.every(
        lambda key, order: changes_as_told(
            order,
            after.state.orders.get(key),
            isinstance(beat, Execute) and (key == beat.buy or key == beat.sell),
            isinstance(beat, CancelOrder) and key == beat.order,
        )
    ) and after.state.orders.every(
        lambda key, _: before.orders.get(key) is not None or (isinstance(beat, SendOrder) and key == beat.order)
    )


@measure
def changes_as_told(was: Order, now: Order | None, executed: bool, called_back: bool) -> bool:
    """Is the order what it was, but for its fills if `executed` and its cancelled units if `called_back`?"""
    return (
        now is not None
        and now.account == was.account
        and now.broker == was.broker
        and now.security == was.security
        and now.side == was.side
        and now.quantity == was.quantity
        and now.limit == was.limit
        and now.sent_on == was.sent_on
        and now.sent_at == was.sent_at
        and (now.filled == was.filled or executed)
        and (now.cancelled == was.cancelled or called_back)
    )
