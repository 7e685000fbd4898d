"""Debts in liquidation: what is traded for them, what a trade moves, and that it ends."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Price, Rate
from clearspec.machines.exchange.claims.book import first_to_trade
from clearspec.machines.exchange.claims.collateral import debt_at_mark
from clearspec.machines.exchange.claims.conversion import mark_and_slippage
from clearspec.machines.exchange.claims.margin import free_of, in_liquidation, in_margin_after
from clearspec.machines.exchange.claims.marks import mark_is_valid_at
from clearspec.machines.exchange.claims.trades import after_trade, fee_due, fee_on, net_of
from clearspec.machines.exchange.formulas.conversion import lots_for, lowest_price
from clearspec.machines.exchange.formulas.debts import highest_price, lots_bought
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.state.commands import BuyAsset, ChargeLender, SellAsset, Unwind
from clearspec.machines.exchange.state.events import AssetTraded, Cause, OrderCancelled
from clearspec.machines.exchange.state.parameters import asset_place, market_place, spots, tier_named
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    AssetSlice,
    Liquidation,
    Order,
    PoolLoss,
    Side,
    State,
)


def lots_at_hand(state: State, key: AccountId, account: Account, asset: int) -> int:
    """The lots of an asset that the account can deliver, its claim on the pool counted; of cash each atom."""
    there_is = free_of(state, key, account, asset) + account.holdings.loans[asset].lent
    priced_by = state.parameters.assets[asset].priced_by
    return there_is if priced_by is None else there_is // state.parameters.markets[priced_by].lot


@measure
def lots_wanted(state: State, key: AccountId, account: Account, place: int) -> int:
    """How many lots liquidation trades in a spot market for the account; none without a mark."""
    market, tier = state.parameters.markets[place], tier_named(state.parameters, account.tier)
    if tier is None or not mark_is_valid_at(state, place):
        return 0
    owed, limit = account.holdings.loans[market.base].borrowed, limit_at(state, account, place)
    if owed > 0:
        return lots_bought(owed, market.lot, free_of(state, key, account, 0), limit, tier.taker)
    losses = max(-sum(position.unsettled for position in account.holdings.positions), 0)
    debts = sum(debt_at_mark(state, asset, loan.borrowed) for asset, loan in enumerate(account.holdings.loans))
    needed = max(losses + debts - lots_at_hand(state, key, account, 0), 0)
    return min(lots_at_hand(state, key, account, market.base), lots_for(needed, limit, tier.taker))


def side_wanted(account: Account, asset: int) -> Side:
    """To buy what is owed, and sell what is not."""
    return Side.SELL if account.holdings.loans[asset].borrowed <= 0 else Side.BUY


def limit_at(state: State, account: Account, place: int) -> Price:
    """The limit on that side."""
    market, mark = state.parameters.markets[place], state.markets[place].mark
    if side_wanted(account, market.base) == Side.BUY:
        return highest_price(mark, market.slippage)
    return lowest_price(mark, market.slippage)


@measure
def nothing_left(state: State, key: AccountId, account: Account) -> bool:
    """Is there no position, no lot to deliver, and no cash but what repays nothing and buys no lot of what is owed?

    What the pool or clearing still has to pay to the account is cash too.
    """
    assets = range(len(state.parameters.assets))
    gained = sum(position.unsettled for position in account.holdings.positions)
    cash = lots_at_hand(state, key, account, 0) + max(gained, 0)
    if any(position.size != 0 for position in account.holdings.positions):
        return False
    if any(lots_at_hand(state, key, account, asset) > 0 for asset in assets if asset > 0):
        return False
    if cash == 0:
        return True
    owes_cash = account.holdings.loans[0].borrowed > 0 or gained < 0
    return not owes_cash and all(
        account.holdings.loans[state.parameters.markets[place].base].borrowed == 0
        or (mark_is_valid_at(state, place) and not buys_a_lot(state, account, place, cash))
        for place in spots(state.parameters)
    )


def buys_a_lot(state: State, account: Account, place: int, cash: int) -> bool:
    """Would so much cash buy a lot of what is owed, at the limit and with the fee?"""
    market, tier = state.parameters.markets[place], tier_named(state.parameters, account.tier)
    limit, owed = limit_at(state, account, place), account.holdings.loans[market.base].borrowed
    return tier is not None and lots_bought(owed, market.lot, cash, limit, tier.taker) > 0


@claim(
    "EX-DEBT-1",
    "A liquidatable account buys what it owes of the next spot market's asset, or sells the asset for other debts."
    " With nothing to trade it waits; with nothing left, lenders bear its first debt.",
    title="assets are traded for what is owed",
    kind=Kind.STEP,
    on=(Unwind,),
    source="rules §7: repay what balances can; debt to a pool falls on its lenders",
    prevents="Drift 2.159: an account stuck in liquidation",
    open_cells={
        "Unwind": "Z3 proves it; cvc5 did not within its time, since where the rule may raise is a formula, no path"
    },
)
def assets_are_traded_for_what_is_owed(before: State, beat: Unwind, after: Accepted[State]) -> bool:
    was, now = before.liquidating, after.state.liquidating
    account = None if was is None else before.accounts.get(was.account)
    if was is None or account is None:
        return False
    if not in_liquidation(before, account):
        return now is None
    for place in spots(before.parameters):
        lots = lots_wanted(before, was.account, account, place)
        if not was.done[place] and lots > 0:
            return now is not None and traded_next(before, now, account, place, lots)
    if not nothing_left(before, was.account, account):
        return now is None
    for asset, loan in enumerate(account.holdings.loans):
        if loan.borrowed > 0:
            return now is not None and loss_is_found(before, now, asset, loan.borrowed)
    return now is None


def traded_next(before: State, now: Liquidation, account: Account, place: int, lots: int) -> bool:
    """Are so many lots put up for trade, and is the market done?"""
    trade, market = now.trade, before.parameters.markets[place]
    if trade is None or now.loss is not None or not now.done[place]:
        return False
    side, mark = side_wanted(account, market.base), before.markets[place].mark
    exact = mark * (RATE_SCALE + market.slippage if side == Side.BUY else RATE_SCALE - market.slippage)
    if side == Side.BUY:
        within = trade.limit * RATE_SCALE <= exact < (trade.limit + 1) * RATE_SCALE
    else:
        within = (trade.limit - 1) * RATE_SCALE < exact <= trade.limit * RATE_SCALE
    tier = tier_named(before.parameters, account.tier)
    at_its_rate = tier is not None and trade.taker == tier.taker and trade.accrued == 0
    return within and at_its_rate and trade.market == market.id and trade.side == side and trade.open == lots


def loss_is_found(before: State, now: Liquidation, asset: int, debt: int) -> bool:
    """Is all of the debt to be borne, by nobody asked yet?"""
    loss = now.loss
    if loss is None or now.trade is not None:
        return False
    right = loss.asset == before.parameters.assets[asset].id and loss.amount == debt
    return right and loss.before == 0 and loss.borne == 0


@claim(
    "EX-DEBT-9",
    "The venue buys what is owed at the mark plus the slippage, or at the next whole price below that.",
    title="what is owed is bought near the mark",
    kind=Kind.LAW,
    sample=mark_and_slippage,
    source="rules §6",
)
def what_is_owed_is_bought_near_the_mark(mark: Price, slippage: Rate) -> bool:
    allowed, highest = mark * (RATE_SCALE + slippage), highest_price(mark, slippage)
    return highest * RATE_SCALE <= allowed < (highest + 1) * RATE_SCALE


def purchase_arguments(choices: Choices) -> tuple[Any, ...]:
    """A debt, a lot, cash about as much, a limit and a rate."""
    lot, limit = choices.integer(1, 9), Price(choices.integer(1, 10**4))
    debt = choices.integer(0, 10**4)
    return debt, lot, choices.integer(0, 2 * debt * limit // lot + 1), limit, Rate(choices.integer(0, RATE_SCALE - 1))


@claim(
    "EX-DEBT-2",
    "The lots bought for a debt are the fewest that cover it. If the cash does not pay for them at the limit with the"
    " fee, they are the most it pays for.",
    title="lots bought: covering, or all cash buys",
    kind=Kind.LAW,
    sample=purchase_arguments,
    source="rules §7",
)
def no_more_is_bought_than_owed_or_paid_for(debt: int, lot: int, cash: int, limit: Price, taker: Rate) -> bool:
    if debt < 0 or lot <= 0 or cash < 0 or limit <= 0 or taker < 0:
        return True
    lots, dear = lots_bought(debt, lot, cash, limit, taker), limit * (RATE_SCALE + taker)
    paid_for, covers = lots * dear <= cash * RATE_SCALE, lots * lot >= debt
    return lots >= 0 and paid_for and (lots - 1) * lot < debt and (covers or (lots + 1) * dear > cash * RATE_SCALE)


@claim(
    "EX-DEBT-3",
    "Liquidation trades an asset with another account's resting order, at its price and within the limit, for the"
    " lots both allow. Both are charged cumulative fees, and the other is in margin afterwards.",
    title="how an asset is traded in liquidation",
    kind=Kind.STEP,
    on=(SellAsset, BuyAsset),
    source="rules §6: with no cash in the pool a liquidation transfers the lend claim itself",
)
def an_asset_is_traded_as_told(before: State, beat: SellAsset | BuyAsset, after: Accepted[State]) -> bool:
    return all(asset_traded(before, after.state, event) for event in after.events if isinstance(event, AssetTraded))


@measure
def asset_traded(before: State, after: State, event: AssetTraded) -> bool:
    """Does the trade follow from what is offered and the resting order?"""
    was, now, place = before.liquidating, after.liquidating, market_place(before.parameters, event.market)
    order, left = before.orders.get(event.maker), after.orders.get(event.maker)
    if was is None or now is None or was.trade is None or now.trade is None or place is None:
        return False
    owing, freed = before.accounts.get(event.account), after.accounts.get(event.account)
    other, traded = before.accounts.get(event.other), after.accounts.get(event.other)
    if order is None or left is None or owing is None or freed is None or other is None or traded is None:
        return False
    trade, cash = was.trade, event.lots * event.price
    sells = trade.side == Side.SELL
    due = trade.accrued + trade.taker * cash
    return (
        event.account == was.account == now.account
        and event.other == order.owner
        and event.other != event.account
        and trade.market == event.market == order.market
        and event.side == trade.side
        and order.side == (Side.BUY if sells else Side.SELL)
        and event.price == order.price
        and (event.price >= trade.limit if sells else event.price <= trade.limit)
        and 0 < event.lots == min(trade.open, order.open)
        and now.trade.open == trade.open - event.lots
        and left.open == order.open - event.lots
        and event.fee == -(-due // RATE_SCALE) - -(-trade.accrued // RATE_SCALE)
        and fee_due(order, left, order.maker, cash, event.maker_fee)
        and in_margin_after(after, other, traded, place)
    )


@claim(
    "EX-DEBT-10",
    "In a trade of liquidation, lots without a balance go over as a claim on the pool. Proceeds repay debt of the same"
    " asset first. The other side's receipts repay and are lent as it wants.",
    title="what a trade for a debt moves",
    kind=Kind.STEP,
    on=(SellAsset, BuyAsset),
    source="rules §6: with no cash in the pool a liquidation transfers the lend claim itself",
)
def a_trade_for_a_debt_moves_its_worth(before: State, beat: SellAsset | BuyAsset, after: Accepted[State]) -> bool:
    return all(asset_moved(before, after.state, event) for event in after.events if isinstance(event, AssetTraded))


@measure
def asset_moved(before: State, after: State, event: AssetTraded) -> bool:
    """Do cash, claims and debts of both sides follow from the trade?"""
    was, place = before.liquidating, market_place(before.parameters, event.market)
    owing, freed = before.accounts.get(event.account), after.accounts.get(event.account)
    other, traded = before.accounts.get(event.other), after.accounts.get(event.other)
    if was is None or was.trade is None or place is None:
        return False
    if owing is None or freed is None or other is None or traded is None:
        return False
    market, sells = before.parameters.markets[place], was.trade.side == Side.SELL
    cash, delivered = event.lots * event.price, event.lots * market.lot
    sign, bought = (-1, 0) if sells else (1, market.base)
    proceeds = max(cash - event.fee, 0) if sells else delivered
    received = delivered - event.claim if sells else max(cash - event.maker_fee, 0)
    free = free_of(before, event.account, owing, market.base)
    return (
        event.claim == (max(delivered - free, 0) if sells else 0)
        and freed.holdings.loans[market.base].lent == owing.holdings.loans[market.base].lent - event.claim
        and net_of(freed, market.base) == net_of(owing, market.base) + sign * delivered
        and net_of(freed, 0) == net_of(owing, 0) - sign * cash - event.fee
        and net_of(traded, market.base) == net_of(other, market.base) - sign * delivered
        and net_of(traded, 0) == net_of(other, 0) + sign * cash - event.maker_fee
        and freed.holdings.loans[bought].borrowed == max(owing.holdings.loans[bought].borrowed - proceeds, 0)
        and put_to_use(other, traded, market.base if sells else 0, received, event.claim)
    )


@measure
def put_to_use(was: Account, now: Account, asset: int, received: int, claim: int) -> bool:
    """Did what came in repay debt first and was the rest lent, each if the account wants it; and is the claim there?"""
    old, new = was.holdings.loans[asset], now.holdings.loans[asset]
    less, more = old.borrowed - new.borrowed, new.lent - old.lent - claim
    return less == (min(received, old.borrowed) if was.auto_repay else 0) and more == (
        received - less if was.auto_lend else 0
    )


@claim(
    "EX-DEBT-4",
    "An asset offer ends only if all is traded, the account cannot deliver or pay for the best order, or nobody"
    " quotes at the limit. A better order is never passed over.",
    title="a debt's trade passes over no order",
    kind=Kind.STEP,
    on=(SellAsset, BuyAsset),
    source="rules §7",
)
def no_order_is_passed_over(before: State, beat: SellAsset | BuyAsset, after: Accepted[State]) -> bool:
    was, now = before.liquidating, after.state.liquidating
    if was is None or now is None or was.trade is None:
        return False
    trade = was.trade
    if now.trade is None:
        account, place = before.accounts.get(was.account), market_place(before.parameters, trade.market)
        if account is None or place is None:
            return False
        if trade.open == 0 or not can_go_on(before, was.account, account, trade, place):
            return True
        return before.orders.every(lambda _, order: not better(order, trade, trade.limit, 0))
    return all(
        before.orders.every(lambda _, order: not better(order, trade, event.price, 1))
        for event in after.events
        if isinstance(event, AssetTraded)
    )


def can_go_on(state: State, key: AccountId, account: Account, trade: AssetSlice, place: int) -> bool:
    """Has the account the asset, or the cash, for what the best order, if there is one, trades of the slice?"""
    first = first_to_trade(state, trade.market, Side.BUY if trade.side == Side.SELL else Side.SELL)
    order, market = None if first is None else state.orders.get(first), state.parameters.markets[place]
    if order is None:
        return True
    lots = min(trade.open, order.open)
    if trade.side == Side.SELL:
        owned = free_of(state, key, account, market.base) + account.holdings.loans[market.base].lent
        return lots * market.lot <= owned
    cash = lots * order.price
    fee = -(-(trade.accrued + trade.taker * cash) // RATE_SCALE) - -(-trade.accrued // RATE_SCALE)
    return cash + fee <= free_of(state, key, account, 0)


@measure
def better(order: Order, trade: AssetSlice, price: int, by: int) -> bool:
    """Is it an open order of the other side that is better than the price by at least so much?"""
    if order.market != trade.market or order.open <= 0 or order.side == trade.side:
        return False
    return order.price >= price + by if trade.side == Side.SELL else order.price <= price - by


@claim(
    "EX-DEBT-7",
    "Unwinding ends. Each beat finishes a market, leaves fewer open lots, asks another lender, or is the last. A"
    " shared loss leaves no debt of its asset.",
    title="unwinding ends",
    kind=Kind.STEP,
    on=(Unwind, SellAsset, BuyAsset, ChargeLender),
)
def unwinding_ends(before: State, beat: object, after: Accepted[State]) -> bool:
    state, was, now = after.state, before.liquidating, after.state.liquidating
    if was is None or now is None:
        return now is None
    if isinstance(beat, ChargeLender):
        if was.loss is None:
            return False
        if now.loss is None:
            return debt_is_gone(after.state, now.account, was.loss)
        return state.accounts.total(not_asked, was.loss.offer) < before.accounts.total(not_asked, was.loss.offer)
    if isinstance(beat, Unwind):
        done, was_done = sum(1 if each else 0 for each in now.done), sum(1 if each else 0 for each in was.done)
        return done > was_done or (was.loss is None and now.loss is not None)
    return now.trade is None or state.orders.total(open_lots) < before.orders.total(open_lots)


def not_asked(account: Account, offer: int) -> int:
    """1 for an account that has not been asked."""
    return 0 if account.asked == offer else 1


def debt_is_gone(state: State, key: AccountId, loss: PoolLoss) -> bool:
    """Does the account owe nothing more of the asset of the loss?"""
    account, place = state.accounts.get(key), asset_place(state.parameters, loss.asset)
    return account is not None and place is not None and account.holdings.loans[place].borrowed == 0


@claim(
    "EX-DEBT-8",
    "A trade for a debt cancels a resting order only with a reason. It is the account's own, or the trade would leave"
    " its owner without margin.",
    title="a debt's trade cancels only with reason",
    kind=Kind.STEP,
    on=(SellAsset, BuyAsset),
    source="rules §3, §7",
)
def orders_are_cancelled_with_a_reason(before: State, beat: SellAsset | BuyAsset, after: Accepted[State]) -> bool:
    return all(trade_cancels(before, event) for event in after.events if isinstance(event, OrderCancelled))


@measure
def trade_cancels(before: State, event: OrderCancelled) -> bool:
    """Is there a reason in the state for this cancellation?"""
    at_work, order = before.liquidating, before.orders.get(event.order)
    if at_work is None or at_work.trade is None or order is None:
        return False
    account, owner = before.accounts.get(at_work.account), before.accounts.get(order.owner)
    place = market_place(before.parameters, order.market)
    if account is None or owner is None or place is None or event.lots != order.open:
        return False
    if order.owner == at_work.account:
        return event.cause == Cause.SELF_TRADE
    market, lots = before.parameters.markets[place], min(at_work.trade.open, order.open)
    signed = lots if order.side == Side.BUY else -lots
    claim_on_pool = max(signed * market.lot - free_of(before, at_work.account, account, market.base), 0)
    fee = fee_on(order, order.maker * lots * order.price)
    traded = after_trade(market, owner, place, signed, order.price, fee, claim_on_pool)
    return event.cause == Cause.MARGIN and not in_margin_after(before, owner, traded, place)
