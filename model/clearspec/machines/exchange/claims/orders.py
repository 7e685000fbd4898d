"""Orders: what is true of every order at every moment, and what placing and cancelling do."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.rules.matching import match
from clearspec.machines.exchange.rules.orders import place_order
from clearspec.machines.exchange.state.commands import CancelAll, CancelNext, CancelOrder, Match, PlaceOrder
from clearspec.machines.exchange.state.parameters import MarketKind, lowest_taker, market_place, tier_named
from clearspec.machines.exchange.state.types import Order, OrderId, Side, State, TimeInForce


def in_perpetual(state: State, order: Order) -> bool:
    """Is the order in a perpetual market?"""
    return any(market.kind == MarketKind.PERPETUAL and market.id == order.market for market in state.parameters.markets)


@measure
def well_formed(state: State, order: Order) -> bool:
    """Is the order in itself possible: of an account and a market that exist, with lots that add up?"""
    lowest = lowest_taker(state.parameters)
    return (
        state.accounts.get(order.owner) is not None
        and market_place(state.parameters, order.market) is not None
        and order.size == order.filled + order.open + order.cancelled
        and order.size > 0
        and order.price > 0
        and all(market.id != order.market or order.price <= market.price_max for market in state.parameters.markets)
        and order.filled >= 0
        and order.open >= 0
        and order.cancelled >= 0
        and -RATE_SCALE <= order.maker <= RATE_SCALE
        and 0 <= order.taker <= RATE_SCALE
        and order.maker >= -lowest
        and order.taker >= lowest
        and any(order.maker == tier.maker and order.taker == tier.taker for tier in state.parameters.tiers)
        and (not order.reduce_only or in_perpetual(state, order))
        and order.sequence < state.sequence
    )


@claim(
    "EX-ORD-1",
    "Every order's size is filled + open + cancelled, none negative. Its account and market exist, its price is"
    " within the limit, its rates are a tier's, and only a perpetual order is reduce-only.",
    title="orders add up and are well formed",
    kind=Kind.STATE,
    source="rules §4",
)
def orders_add_up(state: State) -> bool:
    return state.orders.every(lambda _, order: well_formed(state, order)) and (
        state.taker is None or well_formed(state, state.taker.order)
    )


@claim(
    "EX-ORD-2",
    "The order at work is not in the book, and no two orders were placed at the same time.",
    title="the incoming order is apart; times differ",
    kind=Kind.STATE,
    source="price-time priority needs a time",
)
def order_at_work_is_apart(state: State) -> bool:
    taker = state.taker
    if taker is not None and not (
        state.orders.get(taker.id) is None
        and state.orders.every(lambda _, order: order.sequence < taker.order.sequence)
    ):
        return False
    return state.orders.every_two(lambda _, one, __, other: one.sequence != other.sequence)


@claim(
    "EX-ORD-3",
    "An order that is accepted goes to work as it was sent, after every order before it.",
    title="an accepted order is worked as sent",
    kind=Kind.STEP,
    on=(PlaceOrder,),
)
def accepted_order_goes_to_work(before: State, command: PlaceOrder, after: Accepted[State]) -> bool:
    taker = after.state.taker
    account = before.accounts.get(command.account)
    tier = None if account is None else tier_named(before.parameters, account.tier)
    if taker is None or tier is None:
        return False
    order = taker.order
    return (
        taker.id == command.order
        and order.owner == command.account
        and order.market == command.market
        and order.side == command.side
        and order.size == command.size
        and order.open == command.size
        and order.accrued == 0
        and order.maker == tier.maker
        and order.taker == tier.taker
        and order.reduce_only == command.reduce_only
        and order.time_in_force == command.time_in_force
        and order.self_trade == command.self_trade
        and order.sequence == before.sequence
        and after.state.sequence == before.sequence + 1
        and (command.price is None or order.price == command.price)
    )


@claim(
    "EX-ORD-4",
    "A fill-or-kill order is filled in full exactly when the same order, sent immediate-or-cancel, would be; otherwise"
    " it is rejected and leaves no trace.",
    title="fill-or-kill fills in full or never was",
    kind=Kind.COMMAND,
    on=(PlaceOrder,),
    source="rules §4",
)
def fill_or_kill_fills_or_never_was(before: State, command: PlaceOrder, outcome: Outcome[State]) -> bool:
    if command.time_in_force != TimeInForce.FILL_OR_KILL:
        return True
    fills = filled_at_once(before, command) == command.size
    if isinstance(outcome, Rejected):
        return not fills
    order = outcome.state.orders.get(command.order)
    return fills and order is not None and order.filled == command.size and before.orders.get(command.order) is None


def filled_at_once(state: State, command: PlaceOrder) -> int | None:
    """The lots that the order would fill, sent immediate-or-cancel; None if it would be rejected."""
    outcome = place_order(state, evolve(command, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL))
    while isinstance(outcome, Accepted) and outcome.state.taker is not None:
        outcome = match(outcome.state, Match())
    order = outcome.state.orders.get(command.order) if isinstance(outcome, Accepted) else None
    return None if order is None else order.filled


@claim(
    "EX-ORD-6",
    "Only an order that is to rest is open in the book, and a post-only order at work meets none that it could trade"
    " with.",
    title="only resting orders are open in the book",
    kind=Kind.STATE,
)
def only_what_is_to_rest_rests(state: State) -> bool:
    rests = (TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.POST_ONLY)
    taker = state.taker
    return state.orders.every(
        lambda _, order: (
            (order.open == 0 or order.time_in_force in rests)
            and (
                taker is None
                or taker.order.time_in_force != TimeInForce.POST_ONLY
                or not could_trade(taker.order, order)
            )
        )
    )


@measure
def could_trade(one: Order, other: Order) -> bool:
    """Are the two orders open on the two sides of one market, at limits that cross?"""
    if one.market != other.market or one.side == other.side or one.open == 0 or other.open == 0:
        return False
    return one.price >= other.price if one.side == Side.BUY else one.price <= other.price


@measure
def cancelled_by(before: State, after: State, key: OrderId, lots: int) -> bool:
    """Did exactly so many open lots of the order become cancelled, and nothing else of it change?"""
    was, now = before.orders.get(key), after.orders.get(key)
    return (
        was is not None
        and now is not None
        and now.open == was.open - lots
        and now.cancelled == was.cancelled + lots
        and now.filled == was.filled
        and now.accrued == was.accrued
        and now.price == was.price
        and now.sequence == was.sequence
    )


@claim(
    "EX-CAN-1",
    "A cancellation takes exactly the lots asked for from the open ones, all if none are named; priority is kept.",
    title="a cancellation takes the lots asked for",
    kind=Kind.STEP,
    on=(CancelOrder,),
)
def cancel_takes_what_was_asked(before: State, command: CancelOrder, after: Accepted[State]) -> bool:
    order = before.orders.get(command.order)
    if order is None:
        return False
    lots = order.open if command.lots is None else command.lots
    return cancelled_by(before, after.state, command.order, lots)


@claim(
    "EX-CAN-2",
    "Cancelling all begins with the account and ends only when none of its orders is open.",
    title="cancelling all leaves nothing open",
    kind=Kind.STEP,
    on=(CancelAll, CancelNext),
)
def cancel_all_ends_with_nothing_open(before: State, beat: object, after: Accepted[State]) -> bool:
    if isinstance(beat, CancelAll):
        return after.state.leaving is not None and after.state.leaving == beat.account
    if after.state.leaving is None:
        return before.orders.every(lambda _, order: order.owner != before.leaving or order.open == 0)
    return before.leaving is not None and after.state.leaving == before.leaving


@claim(
    "EX-CAN-3",
    "Cancelling all ends: each beat leaves fewer open lots, or is the last.",
    title="cancelling all ends",
    kind=Kind.STEP,
    on=(CancelNext,),
)
def cancelling_ends(before: State, beat: CancelNext, after: Accepted[State]) -> bool:
    return after.state.leaving is None or after.state.orders.total(open_lots) < before.orders.total(open_lots)
