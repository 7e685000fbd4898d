"""Collateral that the venue sells: what is put up for sale, at what limit, and what a sale moves."""

from typing import Any

from attrs import evolve

from clearspec.choices import Choices
from clearspec.claims import Kind, claim
from clearspec.exchange.claims.margin import in_margin_after
from clearspec.exchange.claims.matching import fee_due
from clearspec.exchange.claims.orders import held_of
from clearspec.exchange.commands import Collect, Convert
from clearspec.exchange.conversion import lots_for
from clearspec.exchange.events import CollateralSold
from clearspec.exchange.exposure import open_lots
from clearspec.exchange.marks import valid_mark
from clearspec.exchange.parameters import lowest_taker, market_place
from clearspec.exchange.state import Account, AccountId, Conversion, State
from clearspec.machine import Accepted, measure
from clearspec.quantities import RATE_SCALE, Price, Rate


@claim(
    "EX-CNV-1",
    "What is for sale is collateral of an account that exists, in the market that prices it, at a fee rate that a taker"
    " pays.",
    kind=Kind.STATE,
)
def what_is_for_sale_is_in_order(state: State) -> bool:
    sale = state.conversion
    return sale is None or (
        state.accounts.get(sale.account) is not None
        and any(prices(state, sale, asset) for asset in range(len(state.parameters.assets)))
        and sale.open >= 0
        and sale.limit > 0
        and sale.accrued >= 0
        and lowest_taker(state.parameters) <= sale.taker < RATE_SCALE
    )


@measure
def prices(state: State, sale: Conversion, asset: int) -> bool:
    """Is the sale one of this asset, in the market that prices it?"""
    priced_by = state.parameters.assets[asset].priced_by
    return priced_by is not None and state.parameters.markets[priced_by].id == sale.market and sale.tried[asset]


@claim(
    "EX-CNV-2",
    "Collateral is put up for sale only for what is still owed: of the assets not tried yet the one with the largest"
    " free value at mark, at a limit no further below its mark than the bound.",
    kind=Kind.STEP,
    on=(Collect,),
    source="rules §6: largest mark notional first",
)
def the_largest_collateral_is_sold_first(before: State, beat: Collect, after: Accepted[State]) -> bool:
    sale, state = after.state.conversion, after.state
    if sale is None:
        return True
    place, account = market_place(state.parameters, sale.market), state.accounts.get(sale.account)
    if place is None or account is None:
        return False
    market, mark = state.parameters.markets[place], state.markets[place].mark
    tried = (False,) * len(state.parameters.assets) if before.conversion is None else before.conversion.tried
    return (
        sum(position.unsettled for position in account.holdings.positions) < 0
        and sale.open > 0
        and sale.limit * RATE_SCALE >= mark * (RATE_SCALE - market.slippage)
        and (sale.limit - market.tick) * RATE_SCALE < mark * (RATE_SCALE - market.slippage)
        and all(
            tried[asset]
            or value_for_sale(state, sale.account, account, asset)
            <= value_for_sale(state, sale.account, account, market.base)
            for asset in range(len(state.parameters.assets))
        )
    )


def value_for_sale(state: State, key: AccountId, account: Account, asset: int) -> int:
    """What the lots of an asset that no open order holds are worth at mark; nothing without a valid mark."""
    priced_by = state.parameters.assets[asset].priced_by
    if priced_by is None or not valid_mark(state, priced_by):
        return 0
    held = evolve(state, conversion=None)
    free = account.holdings.balances[asset] - held_of(held, key, asset)
    return free // state.parameters.markets[priced_by].lot * state.markets[priced_by].mark


def owed_arguments(choices: Choices) -> tuple[Any, ...]:
    """An amount, a limit and a rate."""
    return choices.integer(0, 10**9), Price(choices.integer(1, 10**6)), Rate(choices.integer(0, RATE_SCALE - 1))


@claim(
    "EX-CNV-3",
    "The lots for sale are the fewest that bring in what is owed at the limit, after the fee.",
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
    "A sale is to the best bid at its price, at the limit or better; the seller delivers the lots and gets what the"
    " buyer pays, each less its own fee, and the buyer is in margin after it.",
    kind=Kind.STEP,
    on=(Convert,),
    source="rules §6",
)
def a_sale_is_a_trade(before: State, beat: Convert, after: Accepted[State]) -> bool:
    return all(sold_as_told(before, after.state, event) for event in after.events if isinstance(event, CollateralSold))


@measure
def sold_as_told(before: State, after: State, event: CollateralSold) -> bool:
    """Does the sale follow from the collateral for sale and the bid?"""
    sale, rest = before.conversion, after.conversion
    bid, left = before.orders.get(event.maker), after.orders.get(event.maker)
    place = market_place(before.parameters, event.market)
    if sale is None or rest is None or bid is None or left is None or place is None:
        return False
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if seller is None or sold is None or buyer is None or bought is None:
        return False
    base, cash = before.parameters.markets[place].base, event.lots * event.price
    delivered = event.lots * before.parameters.markets[place].lot
    return (
        event.seller == sale.account
        and event.buyer == bid.owner
        and event.buyer != event.seller
        and event.price == bid.price >= sale.limit
        and event.lots == min(sale.open, bid.open)
        and rest.open == sale.open - event.lots
        and left.open == bid.open - event.lots
        and sold.holdings.balances[0] == seller.holdings.balances[0] + cash - event.seller_fee
        and sold.holdings.balances[base] == seller.holdings.balances[base] - delivered
        and worth_of(bought, 0) == worth_of(buyer, 0) - cash - event.buyer_fee
        and worth_of(bought, base) == worth_of(buyer, base) + delivered
        and fee_due(bid, left, bid.maker, cash, event.buyer_fee)
        and in_margin_after(after, buyer, bought, place)
    )


def worth_of(account: Account, asset: int) -> int:
    """What the account has of an asset: its balance and what it has lent, less what it has borrowed."""
    loan = account.holdings.loans[asset]
    return account.holdings.balances[asset] + loan.lent - loan.borrowed


@claim(
    "EX-CNV-5",
    "Sales end: each beat leaves fewer lots in the book, or is the last.",
    kind=Kind.STEP,
    on=(Convert,),
)
def sales_end(before: State, beat: Convert, after: Accepted[State]) -> bool:
    sale = after.state.conversion
    return sale is not None and (sale.open == 0 or after.state.orders.total(open_lots) < before.orders.total(open_lots))
