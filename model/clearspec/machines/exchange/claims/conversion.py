"""Collateral that the venue sells: what is put up for sale, at what limit, and what a sale moves."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Price, Rate
from clearspec.machines.exchange.claims.exposure import held_of
from clearspec.machines.exchange.claims.margin import in_margin_after
from clearspec.machines.exchange.claims.marks import mark_is_valid_at
from clearspec.machines.exchange.claims.settlement import unpaid
from clearspec.machines.exchange.claims.trades import after_trade, fee_due, fee_on, net_of
from clearspec.machines.exchange.formulas.conversion import lots_for, lowest_price
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.state.commands import Convert, Offer
from clearspec.machines.exchange.state.events import Cause, CollateralSold, OrderCancelled
from clearspec.machines.exchange.state.parameters import MarketId, lowest_taker, market_place, tier_named
from clearspec.machines.exchange.state.types import Account, Order, Sale, Side, Stage, State, Turn


@claim(
    "EX-CNV-1",
    "What is for sale is collateral of an account that exists, in the market that prices it, at a fee rate that a taker"
    " pays.",
    title="collateral for sale is in order",
    kind=Kind.STATE,
)
def what_is_for_sale_is_in_order(state: State) -> bool:
    turn = state.collecting
    return (
        turn is None
        or turn.sale is None
        or (
            any(prices(state, turn.sale, turn.tried, asset) for asset in range(len(state.parameters.assets)))
            and turn.sale.open >= 0
            and turn.sale.limit > 0
            and turn.sale.accrued >= 0
            and lowest_taker(state.parameters) <= turn.sale.taker < RATE_SCALE
        )
    )


@measure
def prices(state: State, sale: Sale, tried: tuple[bool, ...], asset: int) -> bool:
    """Is the sale one of this asset, in the market that prices it?"""
    priced_by = state.parameters.assets[asset].priced_by
    return priced_by is not None and state.parameters.markets[priced_by].id == sale.market and tried[asset]


@claim(
    "EX-CNV-2",
    "Collateral is offered only for what is still owed. Of the untried assets the largest free value at mark comes"
    " first, at a limit within the bound and at the account's own fee rate.",
    title="the largest collateral is sold first",
    kind=Kind.STEP,
    on=(Offer,),
    source="rules §6: largest mark notional first",
)
def the_largest_collateral_is_sold_first(before: State, beat: Offer, after: Accepted[State]) -> bool:
    was, now = before.collecting, after.state.collecting
    if was is None:
        return False
    account = before.accounts.get(was.account)
    if account is None:
        return False
    if now is None:
        return all(
            was.tried[asset] or value_for_sale(before, was, account, asset) == 0
            for asset in range(len(before.parameters.assets))
        )
    sale = now.sale
    place = None if sale is None else market_place(before.parameters, sale.market)
    if sale is None or place is None:
        return False
    market, bound = before.parameters.markets[place], before.parameters.markets[place].slippage
    lowest = before.markets[place].mark * (RATE_SCALE - bound)
    chosen = value_for_sale(before, was, account, market.base)
    tier = tier_named(before.parameters, account.tier)
    return (
        now.account == was.account
        and now.stage == (Stage.REQUEST if market.by_request else Stage.SELL)
        and now.waits == was.waits
        and chosen > 0
        and not was.tried[market.base]
        and sale.accrued == 0
        and tier is not None
        and sale.taker == tier.taker
        and sale.limit * RATE_SCALE >= lowest > (sale.limit - 1) * RATE_SCALE
        and all(
            was.tried[asset] or value_for_sale(before, was, account, asset) <= chosen
            for asset in range(len(before.parameters.assets))
        )
        and sale.open == min(chosen // before.markets[place].mark, lots_for(-unpaid(account), sale.limit, sale.taker))
    )


def value_for_sale(state: State, turn: Turn, account: Account, asset: int) -> int:
    """What the lots of an asset that no open order holds are worth at mark; nothing without a valid mark, or while a
    request waits and this asset would need one too."""
    priced_by = state.parameters.assets[asset].priced_by
    if priced_by is None or not mark_is_valid_at(state, priced_by):
        return 0
    if turn.waits and state.parameters.markets[priced_by].by_request:
        return 0
    free = account.holdings.balances[asset] - held_of(state, turn.account, asset)
    return free // state.parameters.markets[priced_by].lot * state.markets[priced_by].mark


def mark_and_slippage(choices: Choices) -> tuple[Price, Rate]:
    """A mark, and how far below or above it the venue trades for a client."""
    return Price(choices.integer(1, 10 ** choices.integer(1, 9))), Rate(choices.integer(0, RATE_SCALE - 1))


@claim(
    "EX-CNV-8",
    "The venue sells at the mark less the slippage, or at the next whole price above that.",
    title="collateral is sold near the mark",
    kind=Kind.LAW,
    sample=mark_and_slippage,
    source="rules §6",
)
def collateral_is_sold_near_the_mark(mark: Price, slippage: Rate) -> bool:
    allowed, lowest = mark * (RATE_SCALE - slippage), lowest_price(mark, slippage)
    return lowest * RATE_SCALE >= allowed > (lowest - 1) * RATE_SCALE


def owed_arguments(choices: Choices) -> tuple[Any, ...]:
    """An amount, a limit and a rate."""
    return choices.integer(0, 10**9), Price(choices.integer(1, 10**6)), Rate(choices.integer(0, RATE_SCALE - 1))


@claim(
    "EX-CNV-3",
    "The lots for sale are the fewest that bring in what is owed at the limit, after the fee.",
    title="no more is sold than is owed",
    kind=Kind.LAW,
    sample=owed_arguments,
    source="rules §6",
)
def no_more_is_sold_than_owed(owed: int, limit: Price, taker: Rate) -> bool:
    if owed < 0 or limit <= 0 or not 0 <= taker < RATE_SCALE:
        return True
    lots, net = lots_for(owed, limit, taker), limit * (RATE_SCALE - taker)
    return lots * net >= owed * RATE_SCALE > (lots - 1) * net


@claim(
    "EX-CNV-4",
    "A sale is to the best bid, at its price, within the limit. The seller delivers the lots, both pay their own"
    " fees, and the buyer is in margin afterwards.",
    title="a sale of collateral is a trade",
    kind=Kind.STEP,
    on=(Convert,),
    source="rules §6",
)
def a_sale_is_a_trade(before: State, beat: Convert, after: Accepted[State]) -> bool:
    return all(sold_as_told(before, after.state, event) for event in after.events if isinstance(event, CollateralSold))


@measure
def sold_as_told(before: State, after: State, event: CollateralSold) -> bool:
    """Does the sale follow from the collateral for sale and the bid?"""
    turn, then = before.collecting, after.collecting
    if turn is None or then is None or turn.sale is None or then.sale is None:
        return False
    sale, rest = turn.sale, then.sale
    bid, left = before.orders.get(event.maker), after.orders.get(event.maker)
    place = market_place(before.parameters, event.market)
    if bid is None or left is None or place is None:
        return False
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if seller is None or sold is None or buyer is None or bought is None:
        return False
    base, cash = before.parameters.markets[place].base, event.lots * event.price
    delivered = event.lots * before.parameters.markets[place].lot
    return (
        event.seller == turn.account == then.account
        and event.buyer == bid.owner
        and event.buyer != event.seller
        and event.price == bid.price >= sale.limit
        and event.lots == min(sale.open, bid.open)
        and rest.open == sale.open - event.lots
        and left.open == bid.open - event.lots
        and sold.holdings.balances[0] == seller.holdings.balances[0] + cash - event.seller_fee
        and sold.holdings.balances[base] == seller.holdings.balances[base] - delivered
        and net_of(bought, 0) == net_of(buyer, 0) - cash - event.buyer_fee
        and net_of(bought, base) == net_of(buyer, base) + delivered
        and fee_due(bid, left, bid.maker, cash, event.buyer_fee)
        and fee_due(sale, rest, sale.taker, cash, event.seller_fee)
        and rest.taker == sale.taker
        and rest.limit == sale.limit
        and in_margin_after(after, buyer, bought, place)
    )


@claim(
    "EX-CNV-5",
    "Sales end: each beat leaves fewer lots in the book, or is the last.",
    title="sales of collateral end",
    kind=Kind.STEP,
    on=(Convert,),
)
def sales_end(before: State, beat: Convert, after: Accepted[State]) -> bool:
    turn = after.state.collecting
    over = turn is not None and turn.stage == Stage.COLLECT
    return over or after.state.orders.total(open_lots) < before.orders.total(open_lots)


@claim(
    "EX-CNV-6",
    "A sale ends only when everything is sold or nobody bids at the limit. It never goes to a bid while there is a"
    " higher one.",
    title="no bid is passed over",
    kind=Kind.STEP,
    on=(Convert,),
    source="rules §6",
)
def no_bid_is_passed_over(before: State, beat: Convert, after: Accepted[State]) -> bool:
    turn, now = before.collecting, after.state.collecting
    if turn is None or now is None or turn.sale is None:
        return False
    sale = turn.sale
    if now.stage == Stage.COLLECT:
        return sale.open == 0 or before.orders.every(
            lambda _, order: not bids_in(order, sale.market) or order.price < sale.limit
        )
    return all(
        before.orders.every(lambda _, order: not bids_in(order, sale.market) or order.price <= event.price)
        for event in after.events
        if isinstance(event, CollateralSold)
    )


@measure
def bids_in(order: Order, market: MarketId) -> bool:
    """Is it an open bid in that market?"""
    return order.market == market and order.side == Side.BUY and order.open > 0


@claim(
    "EX-CNV-7",
    "A sale cancels a bid only if it is the seller's own, or if the trade would leave the bidder without margin.",
    title="a sale cancels bids only with reason",
    kind=Kind.STEP,
    on=(Convert,),
    source="rules §3, §6",
)
def bids_are_cancelled_with_a_reason(before: State, beat: Convert, after: Accepted[State]) -> bool:
    return all(sale_cancels(before, event) for event in after.events if isinstance(event, OrderCancelled))


@measure
def sale_cancels(before: State, event: OrderCancelled) -> bool:
    """Is there a reason in the state for this cancellation?"""
    turn, bid = before.collecting, before.orders.get(event.order)
    if turn is None or turn.sale is None or bid is None:
        return False
    owner, place = before.accounts.get(bid.owner), market_place(before.parameters, bid.market)
    if owner is None or place is None or event.lots != bid.open:
        return False
    if bid.owner == turn.account:
        return event.cause == Cause.SELF_TRADE
    lots = min(turn.sale.open, bid.open)
    fee = fee_on(bid, bid.maker * lots * bid.price)
    bought = after_trade(before.parameters.markets[place], owner, place, lots, bid.price, fee)
    return event.cause == Cause.MARGIN and not in_margin_after(before, owner, bought, place)
