"""Liquidation: who is in it, what a loop offers, what closing moves and costs, and that a loop ends."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.book import furthest_price, ranks_before, reducible_lots
from clearspec.machines.exchange.claims.margin import (
    equity_alone,
    free_of,
    in_liquidation,
    in_margin_after,
    required_alone,
)
from clearspec.machines.exchange.claims.marks import mark_is_valid_at
from clearspec.machines.exchange.claims.perpetual import traded_by_cost
from clearspec.machines.exchange.claims.trades import after_trade, fee_due, fee_on
from clearspec.machines.exchange.formulas.backstop import auto_close_below
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.formulas.tranche import slice_lots
from clearspec.machines.exchange.state.commands import Inspect, OfferSlice, TradeSlice
from clearspec.machines.exchange.state.events import Cause, OrderCancelled, SliceTraded
from clearspec.machines.exchange.state.parameters import (
    MarketId,
    MarketKind,
    lowest_taker,
    market_place,
    perpetuals,
    tier_named,
)
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Holdings,
    Liquidation,
    Order,
    Side,
    Slice,
    State,
    Tier,
)


@claim(
    "EX-LOOP-1",
    "A loop goes on with an account exactly while the account is liquidatable. An account that is not has no size at"
    " entry.",
    title="liquidation is computed, never a flag",
    kind=Kind.STEP,
    on=(Inspect,),
    source="rules §3: computed, never a flag that can stick",
    prevents="Drift 2.159: an account stuck in liquidation; FTX: one account exempt from it",
)
def liquidation_is_computed(before: State, beat: Inspect, after: Accepted[State]) -> bool:
    state = after.state
    if state.leaving is not None:
        row = before.accounts.get(state.leaving)
        return row is not None and in_liquidation(before, row)
    if state.liquidating is not None:
        was, now = before.accounts.get(state.liquidating.account), state.accounts.get(state.liquidating.account)
        return was is not None and now is not None and in_liquidation(before, was) and entry_kept(was, now)
    if not state.liquidation_due:
        return before.accounts.every(lambda _, account: account.inspected == before.loop)
    return before.accounts.every(lambda key, account: left_alone(before, account, state.accounts.get(key)))


@measure
def entry_kept(was: Account, now: Account) -> bool:
    """Are the sizes at entry those of before, or for what was not in liquidation, the present ones?"""
    return all(
        new.at_entry == max(old.at_entry, abs(old.size))
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    )


@measure
def left_alone(state: State, was: Account, now: Account | None) -> bool:
    """Was the account not looked at; or if it was, is it healthy, and has it no size at entry now?"""
    if now is None or now.inspected == was.inspected:
        return now is not None
    return not in_liquidation(state, was) and all(position.at_entry == 0 for position in now.holdings.positions)


@claim(
    "EX-LOOP-2",
    "An account at work has no open orders. It has repaid each debt from its balance, then from its claim, and"
    " redeemed its other claims as far as the pool had cash.",
    title="debts are repaid first",
    kind=Kind.STEP,
    on=(Inspect,),
    source="rules §7: cancel all orders, repay what balances can, then tier 1",
)
def debts_are_repaid_first(before: State, beat: Inspect, after: Accepted[State]) -> bool:
    at_work = after.state.liquidating
    if at_work is None:
        return True
    was, now = before.accounts.get(at_work.account), after.state.accounts.get(at_work.account)
    if was is None or now is None:
        return False
    return before.orders.total(open_lots, owner=at_work.account) == 0 and all(
        repaid_what_it_could(before, at_work.account, was, now, asset) for asset in range(len(before.parameters.assets))
    )


@measure
def repaid_what_it_could(state: State, key: AccountId, was: Account, now: Account, asset: int) -> bool:
    """Is of one asset as much repaid as was owed, or was there to repay with?"""
    free, owed = free_of(state, key, was, asset), was.holdings.loans[asset].borrowed
    paid, claim = min(free, owed), was.holdings.loans[asset].lent
    set_off = min(claim, owed - paid)
    redeemed = min(claim - set_off, state.venue.pool.balances[asset] + paid)
    return (
        now.holdings.balances[asset] == was.holdings.balances[asset] - paid + redeemed
        and now.holdings.loans[asset].borrowed == owed - paid - set_off
        and now.holdings.loans[asset].lent == claim - set_off - redeemed
    )


@claim(
    "EX-LOOP-3",
    "A loop offers a slice of the first undone position with a valid mark, of its size at entry and at the account's"
    " fee rate. It needs heads and a liquidatable account; without a position, assets follow.",
    title="which slice a loop offers",
    kind=Kind.STEP,
    on=(OfferSlice,),
    source="Settlement & Clearing, Tier 1: 10 % of position per loop, 50 % probability throttle",
)
def a_slice_is_offered(before: State, beat: OfferSlice, after: Accepted[State]) -> bool:
    was, now = before.liquidating, after.state.liquidating
    account = None if was is None else before.accounts.get(was.account)
    if was is None or account is None:
        return False
    next_ones = tuple(place for place in perpetuals(before.parameters) if could_be_offered(before, was, account, place))
    if now is None:
        return len(next_ones) > 0 and not in_liquidation(before, account)
    offered = now.slice
    if len(next_ones) == 0:
        return now.unwinding and offered is None
    if offered is None or now.unwinding:
        return False
    market, position = before.parameters.markets[next_ones[0]], account.holdings.positions[next_ones[0]]
    if offered.tier != Tier.BOOK:
        return offered.market == market.id and now.done[next_ones[0]] and below_auto_close(before, account)
    lots = slice_lots(position.at_entry, abs(position.size), market.slice, market.slice_min)
    tier = tier_named(before.parameters, account.tier)
    return (
        in_liquidation(before, account)
        and not below_auto_close(before, account)
        and offered.market == market.id
        and offered.open == (lots if before.heads else 0)
        and offered.accrued == 0
        and tier is not None
        and offered.taker == tier.taker
        and now.done[next_ones[0]]
        and now.account == was.account
    )


@measure
def below_auto_close(state: State, account: Account) -> bool:
    """Has the account less equity than the backstop waits for?  Rule: EX-BCK-1."""
    return equity_alone(state, account.holdings, False) < auto_close_threshold(state, account)


def auto_close_threshold(state: State, account: Account) -> int:
    """The equity below which the book is no longer waited for."""
    return auto_close_below(
        required_alone(state, account, False), exposure_of(account, state), state.parameters.auto_close
    )


def exposure_of(account: Account, state: State) -> int:
    """What the account's positions are worth at mark, without sign."""
    exposure = 0
    for market, told, position in zip(state.parameters.markets, state.markets, account.holdings.positions, strict=True):
        if market.kind == MarketKind.PERPETUAL:
            exposure += abs(position.size) * told.mark
    return exposure


def could_be_offered(state: State, at_work: Liquidation, account: Account, place: int) -> bool:
    """Is there a position that this loop has not done, in a market with a valid mark?"""
    return not at_work.done[place] and account.holdings.positions[place].size != 0 and mark_is_valid_at(state, place)


@claim(
    "EX-LOOP-4",
    "Liquidation trades with the best resting order, at its price and within the protection limit, as many lots as"
    " both allow. Both sides change by quote cost and cumulative fees, and the other is in margin.",
    title="a slice trades on the book",
    kind=Kind.STEP,
    on=(TradeSlice,),
    source="rules §3, §5, §7",
)
def a_slice_trades_on_the_book(before: State, beat: TradeSlice, after: Accepted[State]) -> bool:
    return all(slice_traded(before, after.state, event) for event in after.events if isinstance(event, SliceTraded))


@measure
def slice_traded(before: State, after: State, event: SliceTraded) -> bool:
    """Does the trade follow from the slice that is offered and the resting order?"""
    was, now, place = before.liquidating, after.liquidating, market_place(before.parameters, event.market)
    order, left = before.orders.get(event.maker), after.orders.get(event.maker)
    if was is None or now is None or was.slice is None or now.slice is None or place is None:
        return False
    closing, closed = before.accounts.get(event.account), after.accounts.get(event.account)
    other, traded = before.accounts.get(event.other), after.accounts.get(event.other)
    if order is None or left is None or closing is None or closed is None or other is None or traded is None:
        return False
    size = closing.holdings.positions[place].size
    signed = -event.lots if size > 0 else event.lots
    return (
        event.account == was.account
        and event.other == order.owner
        and event.other != event.account
        and (order.side == Side.BUY) == (size > 0)
        and event.price == order.price
        and 0 < event.lots == min(was.slice.open, reducible_lots(other, order, place))
        and now.slice.open == was.slice.open - event.lots
        and left.open == order.open - event.lots
        and traded_by_cost(closing, closed, place, signed, event.price, event.fee + event.liquidation_fee)
        and traded_by_cost(other, traded, place, -signed, event.price, event.maker_fee)
        and fee_due(order, left, order.maker, event.lots * event.price, event.maker_fee)
        and fee_due(was.slice, now.slice, was.slice.taker, event.lots * event.price, event.fee)
        and now.slice.taker == was.slice.taker
        and in_margin_after(after, other, traded, place)
    )


@claim(
    "EX-LOOP-8",
    "A slice ends only when all of it is closed or nobody rests within the protection limit. It trades with the order"
    " that has price-time priority.",
    title="a slice passes over no order",
    kind=Kind.STEP,
    on=(TradeSlice,),
    source="rules §7",
    prevents="a liquidation sold to a friend below the best bid",
)
def no_order_is_passed_over(before: State, beat: TradeSlice, after: Accepted[State]) -> bool:
    was, now = before.liquidating, after.state.liquidating
    account = None if was is None else before.accounts.get(was.account)
    if was is None or now is None or was.slice is None or account is None:
        return False
    market, open_of_it = was.slice.market, was.slice.open
    place = market_place(before.parameters, market)
    if place is None:
        return False
    side = Side.SELL if account.holdings.positions[place].size > 0 else Side.BUY
    limit = furthest_price(before, place, side)
    if now.slice is None:
        return open_of_it == 0 or before.orders.every(
            lambda _, order: not rests_against(order, market, side) or not within(order, side, limit)
        )
    return before.orders.every(
        lambda key, met: (
            open_as_before(met, after.state.orders.get(key))
            or (
                rests_against(met, market, side)
                and within(met, side, limit)
                and before.orders.every(
                    lambda _, other: not rests_against(other, market, side) or not ranks_before(other, met)
                )
            )
        )
    )


def open_as_before(was: Order, now: Order | None) -> bool:
    """Did nothing happen to the order?"""
    return now is not None and now.open == was.open


@measure
def rests_against(order: Order, market: MarketId, side: Side) -> bool:
    """Is the order open in that market, on the other side?"""
    return order.market == market and order.side != side and order.open > 0


@measure
def within(order: Order, side: Side, limit: int) -> bool:
    """Is the order's price for that side no worse than the limit?"""
    return order.price >= limit if side == Side.SELL else order.price <= limit


@claim(
    "EX-LOOP-9",
    "A slice cancels a resting order only with a reason. It is the account's own, it cannot reduce, or the fill would"
    " leave its owner without margin.",
    title="a slice cancels orders only with reason",
    kind=Kind.STEP,
    on=(TradeSlice,),
    source="rules §3, §7",
)
def orders_are_cancelled_with_a_reason(before: State, beat: TradeSlice, after: Accepted[State]) -> bool:
    return all(slice_cancels(before, event) for event in after.events if isinstance(event, OrderCancelled))


@measure
def slice_cancels(before: State, event: OrderCancelled) -> bool:
    """Is there a reason in the state for this cancellation?"""
    at_work, order = before.liquidating, before.orders.get(event.order)
    if at_work is None or at_work.slice is None or order is None:
        return False
    owner, place = before.accounts.get(order.owner), market_place(before.parameters, order.market)
    if owner is None or place is None or event.lots != order.open:
        return False
    if order.owner == at_work.account:
        return event.cause == Cause.SELF_TRADE
    lots = min(at_work.slice.open, reducible_lots(owner, order, place))
    if lots == 0:
        return event.cause == Cause.REDUCE_ONLY
    fee = fee_on(order, order.maker * lots * order.price)
    signed = lots if order.side == Side.BUY else -lots
    made = after_trade(before.parameters.markets[place], owner, place, signed, order.price, fee)
    return event.cause == Cause.MARGIN and not in_margin_after(before, owner, made, place)


@claim(
    "EX-LOOP-5",
    "The liquidation fee is its rate on what was closed, rounded up, but never more than the equity there is. Nobody"
    " pays what cannot be collected.",
    title="the fee takes no more than there is",
    kind=Kind.STEP,
    on=(TradeSlice,),
    source="rules §7",
)
def the_fee_takes_no_more_than_there_is(before: State, beat: TradeSlice, after: Accepted[State]) -> bool:
    return all(fee_collected(before, after.state, event) for event in after.events if isinstance(event, SliceTraded))


@measure
def fee_collected(before: State, after: State, event: SliceTraded) -> bool:
    """Is the fee what is due or what there is, and did the fund get it?"""
    place, account = market_place(before.parameters, event.market), after.accounts.get(event.account)
    if place is None or account is None:
        return False
    due = before.parameters.markets[place].liquidation_fee * event.lots * event.price
    there_is = max(equity_alone(after, account.holdings, False) + event.liquidation_fee, 0)
    full = (event.liquidation_fee - 1) * RATE_SCALE < due <= event.liquidation_fee * RATE_SCALE
    all_there_is = event.liquidation_fee * RATE_SCALE < due and event.liquidation_fee == there_is
    got = after.venue.fund.positions[place].unsettled - before.venue.fund.positions[place].unsettled
    within = 0 <= event.liquidation_fee <= there_is
    return (
        within
        and (full or all_there_is)
        and got == event.liquidation_fee
        and after.venue.fund.balances == before.venue.fund.balances
    )


@claim(
    "EX-LOOP-6",
    "A liquidation at work is of an account that exists. Its slice is no larger than the position in a perpetual"
    " market, at a fee rate that a taker pays.",
    title="the liquidation at work is in order",
    kind=Kind.STATE,
)
def loops_are_in_order(state: State) -> bool:
    at_work = state.liquidating
    if state.loop < 0 or not state.accounts.every(lambda _, account: in_step(account, state.loop)):
        return False
    if at_work is None:
        return True
    account = state.accounts.get(at_work.account)
    if account is None or not state.liquidation_due:
        return False
    return at_work.slice is None or any(
        slice_in_order(state, at_work.slice, account, place) for place in perpetuals(state.parameters)
    )


@measure
def in_step(account: Account, loop: int) -> bool:
    """Was the account looked at no later than now, and are its sizes at entry possible?"""
    return account.inspected <= loop and all(position.at_entry >= 0 for position in account.holdings.positions)


@measure
def slice_in_order(state: State, offered: Slice, account: Account, place: int) -> bool:
    """Is the slice one of the position in this market?"""
    return (
        state.parameters.markets[place].id == offered.market
        and 0 <= offered.open <= abs(account.holdings.positions[place].size)
        and offered.accrued >= 0
        and (offered.tier != Tier.BOOK or lowest_taker(state.parameters) <= offered.taker < RATE_SCALE)
    )


@claim(
    "EX-LOOP-7",
    "A loop ends. Each beat looks at an account, begins to cancel its orders, finishes one of its positions, or"
    " leaves fewer open lots.",
    title="a loop of liquidation ends",
    kind=Kind.STEP,
    on=(Inspect, OfferSlice, TradeSlice),
)
def loops_end(before: State, beat: Inspect | OfferSlice | TradeSlice, after: Accepted[State]) -> bool:
    state = after.state
    if isinstance(beat, TradeSlice):
        over = state.liquidating is None or state.liquidating.slice is None
        return over or state.orders.total(open_lots) < before.orders.total(open_lots)
    if isinstance(beat, OfferSlice):
        was, now = before.liquidating, state.liquidating
        next_stage = was is not None and now is not None and now.unwinding and not was.unwinding
        return now is None or next_stage or positions_done(state) > positions_done(before)
    if state.leaving is not None:
        return before.orders.total(open_lots, owner=state.leaving) > 0
    left, was_left = state.accounts.total(to_look_at, state.loop), before.accounts.total(to_look_at, before.loop)
    return not state.liquidation_due or left < was_left


def to_look_at(account: Account, loop: int) -> int:
    """1 for an account that the loop has still to look at."""
    return 1 if account.inspected != loop else 0


def positions_done(state: State) -> int:
    """In how many markets the loop is done with the account at work."""
    return 0 if state.liquidating is None else sum(1 if each else 0 for each in state.liquidating.done)


@measure
def settled_only(was: Holdings, now: Holdings) -> bool:
    """Is there as much more of the quote balance as less is owed, and no more owed than before?"""
    less = sum(old.unsettled - new.unsettled for old, new in zip(was.positions, now.positions, strict=True))
    return now.balances[0] - was.balances[0] == less and less >= 0
