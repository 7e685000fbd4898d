"""Matching: both sides are in margin after a fill, what ends an order, self-trades, and that it ends."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.claims.book import first_to_trade, reducible_lots
from clearspec.machines.exchange.claims.margin import in_margin_after
from clearspec.machines.exchange.claims.trades import after_trade, fee_on, fills
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.state.commands import BuyAsset, Convert, Match, SellAsset, TradeSlice
from clearspec.machines.exchange.state.events import (
    AssetTraded,
    Cause,
    CollateralSold,
    OrderCancelled,
    OrderFilled,
    OrderRested,
    SliceTraded,
)
from clearspec.machines.exchange.state.parameters import market_place
from clearspec.machines.exchange.state.types import Order, SelfTrade, Side, State, TimeInForce

Filling = Match | Convert | TradeSlice | SellAsset | BuyAsset
"""The beats that trade with a resting order."""


def cancels(after: Accepted[State]) -> tuple[OrderCancelled, ...]:
    """The cancellations of this beat."""
    return tuple(event for event in after.events if isinstance(event, OrderCancelled))


@claim(
    "EX-MAT-1",
    "There is no fill without margin: both sides are in margin on the state after it.",
    title="no fill without margin",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §3",
    prevents="Mango v4: health overstated by orders that cross the mark",
)
def no_fill_without_margin(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        taker, maker = after.state.taker, after.state.orders.get(fill.maker)
        if place is None or taker is None or maker is None:
            return False
        for order in (taker.order, maker):
            was, now = before.accounts.get(order.owner), after.state.accounts.get(order.owner)
            if was is None or now is None:
                return False
            if not in_margin_after(after.state, was, now, place):
                return False
    return True


@claim(
    "EX-MAT-5",
    "A fill is as large as both orders allow, and takes the same lots from both: nothing is made or lost.",
    title="fills conserve quantity",
    kind=Kind.STEP,
    on=(Match,),
)
def matching_conserves_quantity(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        maker, left = before.orders.get(fill.maker), after.state.orders.get(fill.maker)
        if place is None or maker is None or left is None or before.taker is None or after.state.taker is None:
            return False
        taker, rest = before.taker.order, after.state.taker.order
        taking, making = before.accounts.get(taker.owner), before.accounts.get(maker.owner)
        if taking is None or making is None:
            return False
        most = min(reducible_lots(taking, taker, place), reducible_lots(making, maker, place))
        if not (fill.lots == most and fill.lots > 0):
            return False
        for was, now in ((taker, rest), (maker, left)):
            if now.filled != was.filled + fill.lots or now.open != was.open - fill.lots:
                return False
            if now.sequence != was.sequence or now.price != was.price:
                return False
    return True


@claim(
    "EX-MAT-6",
    "A beat without a fill finishes an order that meets none, or prevents a self-trade as the order says. Or it"
    " cancels an order that cannot reduce, or that the fill would leave without margin.",
    title="a beat without a fill has its reason",
    kind=Kind.STEP,
    on=(Match,),
)
def a_beat_without_a_fill_has_its_reason(before: State, beat: Match, after: Accepted[State]) -> bool:
    if fills(after) or before.taker is None:
        return before.taker is not None
    taker = before.taker.order
    if after.state.taker is None:
        crossed = not before.orders.every(
            lambda _, order: (
                order.market != taker.market
                or order.side == taker.side
                or order.open == 0
                or (taker.price < order.price if taker.side == Side.BUY else taker.price > order.price)
            )
        )
        return (taker.open == 0 or not crossed) and ended_as_it_should(before, after)
    return all(cancelled_with_reason(before, event) for event in cancels(after)) and len(cancels(after)) > 0


@measure
def cancelled_with_reason(before: State, event: OrderCancelled) -> bool:
    """Is there a reason in the state for this cancellation of a beat without a fill?"""
    if before.taker is None:
        return False
    taker, maker = before.taker.order, before.orders.get(event.order)
    order = taker if maker is None else maker
    place = market_place(before.parameters, order.market)
    owner = before.accounts.get(order.owner)
    if place is None or owner is None or event.lots != order.open or order.open == 0:
        return False
    if event.cause == Cause.SELF_TRADE:
        refused = SelfTrade.REJECT_TAKER if maker is None else SelfTrade.REJECT_MAKER
        return order.owner == taker.owner and taker.self_trade in (refused, SelfTrade.REJECT_BOTH)
    if event.cause == Cause.MARGIN:
        return unbearable(before, taker, maker, place)
    return event.cause == Cause.REDUCE_ONLY and order.reduce_only and reducible_lots(owner, order, place) == 0


@measure
def unbearable(before: State, taker: Order, maker: Order | None, place: int) -> bool:
    """Would a fill with the best order leave the taker without margin; or, if a maker was cancelled, only the maker?"""
    best_id = first_to_trade(before, taker.market, Side.SELL if taker.side == Side.BUY else Side.BUY)
    other = None if best_id is None else before.orders.get(best_id)
    taking, making = before.accounts.get(taker.owner), None if other is None else before.accounts.get(other.owner)
    if other is None or taking is None or making is None:
        return False
    lots = min(taker.open, reducible_lots(making, other, place))
    notional = lots * other.price
    taker_fee = fee_on(taker, taker.taker * notional)
    maker_fee = fee_on(other, other.maker * notional)
    market, price = before.parameters.markets[place], other.price
    signed = lots if taker.side == Side.BUY else -lots
    if taker.owner == other.owner:
        buys, sells = (taker_fee, maker_fee) if taker.side == Side.BUY else (maker_fee, taker_fee)
        taken = made = after_trade(
            market, after_trade(market, taking, place, lots, price, buys), place, -lots, price, sells
        )
    else:
        taken = after_trade(market, taking, place, signed, price, taker_fee)
        made = after_trade(market, making, place, -signed, price, maker_fee)
    taker_bears = in_margin_after(before, taking, taken, place)
    return not taker_bears if maker is None else taker_bears and not in_margin_after(before, making, made, place)


@measure
def ended_as_it_should(before: State, after: Accepted[State]) -> bool:
    """Is the order that was at work now among the orders, with what may not rest cancelled?"""
    if before.taker is None:
        return False
    was, now = before.taker.order, after.state.orders.get(before.taker.id)
    if now is None or now.filled != was.filled or now.price != was.price or now.sequence != was.sequence:
        return False
    rests = was.time_in_force in (TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.POST_ONLY)
    if was.open == 0:
        said = after.events == ()
    elif rests:
        said = after.events == (OrderRested(before.taker.id, was.open),)
    else:
        said = after.events == (OrderCancelled(before.taker.id, was.open, Cause.IMMEDIATE),)
    return said and now.open == (was.open if rests else 0) and now.accrued == was.accrued


@claim(
    "EX-STP-1",
    "Two orders of one account fill each other only if the incoming order allows it. What the venue trades for an"
    " account never meets that account's own order.",
    title="nobody trades with itself unasked",
    kind=Kind.STEP,
    on=(Match, Convert, TradeSlice, SellAsset, BuyAsset),
    source="rules §4",
    prevents="wash trades of a client that has asked for none, at a fee for each side",
)
def nobody_trades_with_itself_unasked(before: State, beat: Filling, after: Accepted[State]) -> bool:
    allowed = before.taker is not None and before.taker.order.self_trade == SelfTrade.ALLOW
    for event in after.events:
        if isinstance(event, OrderFilled) and event.buyer == event.seller and not allowed:
            return False
        if isinstance(event, CollateralSold) and event.buyer == event.seller:
            return False
        if isinstance(event, SliceTraded | AssetTraded) and event.account == event.other:
            return False
    return True


def stands_first(order: Order) -> tuple[int, int]:
    """Where an order stands on its side of the book: by price and, at one price, by when it came."""
    return (order.price if order.side == Side.SELL else -order.price), order.sequence


def is_open(order: Order) -> bool:
    """Can anything of it still trade?"""
    return order.open > 0


@claim(
    "EX-STP-2",
    "If an incoming order that forbids self-trades meets its own account's best order, what it says goes in full:"
    " itself, the resting order, or both. Nothing else goes for self-trading.",
    title="a self-trade ends as the order says",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §4",
    prevents="an order that asked for both to go, and rests at the price that it has just cancelled",
)
def a_self_trade_ends_as_the_order_says(before: State, beat: Match, after: Accepted[State]) -> bool:
    if before.taker is None:
        return False
    taker, said = before.taker.order, [event for event in cancels(after) if event.cause == Cause.SELF_TRADE]
    other_side = Side.SELL if taker.side == Side.BUY else Side.BUY
    met = before.orders.first(stands_first, is_open, market=taker.market, side=other_side)
    maker = None if met is None else before.orders.get(met)
    if met is None or maker is None or not would_trade_with_itself(taker, maker):
        return len(said) == 0
    left, rest = after.state.orders.get(met), after.state.taker
    resting_goes = taker.self_trade in (SelfTrade.REJECT_MAKER, SelfTrade.REJECT_BOTH)
    taker_goes = taker.self_trade in (SelfTrade.REJECT_TAKER, SelfTrade.REJECT_BOTH)
    return (
        left is not None
        and rest is not None
        and len(said) == len(cancels(after)) == (2 if resting_goes and taker_goes else 1)
        and left.open == (0 if resting_goes else maker.open)
        and rest.order.open == (0 if taker_goes else taker.open)
        and left.filled == maker.filled
        and rest.order.filled == taker.filled
    )


@measure
def would_trade_with_itself(taker: Order, maker: Order) -> bool:
    """Are both orders of one account and within each other's limits, and does the incoming one not allow it?"""
    within = maker.price <= taker.price if taker.side == Side.BUY else maker.price >= taker.price
    return taker.open > 0 and within and maker.owner == taker.owner and taker.self_trade != SelfTrade.ALLOW


@measure
def work_left(state: State) -> int:
    """What matching has still to do: open lots of the order at work and of the book, and the order itself."""
    if state.taker is None:
        return 0
    return 1 + state.taker.order.open + state.orders.total(open_lots)


@claim(
    "EX-MAT-7",
    "Matching ends: each beat leaves less to do.",
    title="matching ends",
    kind=Kind.STEP,
    on=(Match,),
)
def matching_ends(before: State, beat: Match, after: Accepted[State]) -> bool:
    return 0 <= work_left(after.state) < work_left(before)
