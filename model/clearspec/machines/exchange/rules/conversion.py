"""Collateral conversion: the venue sells assets of an account that owes, at once and within a slippage bound."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms, Lots, Price
from clearspec.machines.exchange.formulas.conversion import lots_for, lowest_price
from clearspec.machines.exchange.formulas.exposure import charged
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.rules.lending import put_to_work
from clearspec.machines.exchange.rules.margin import free_balances
from clearspec.machines.exchange.rules.marks import valid_mark
from clearspec.machines.exchange.rules.matching import bears_fill, cancel_maker
from clearspec.machines.exchange.rules.settlement import turn_over, unsettled
from clearspec.machines.exchange.rules.trades import forced_fee, traded
from clearspec.machines.exchange.state.commands import Convert, Offer
from clearspec.machines.exchange.state.events import Cause, CollateralSold
from clearspec.machines.exchange.state.parameters import QUOTE, tier_named
from clearspec.machines.exchange.state.types import (
    AccountId,
    Line,
    Order,
    OrderId,
    Sale,
    Side,
    Stage,
    State,
    SystemAccount,
    Turn,
    account_of,
    book,
    place_of,
    put_at,
)


def offer(state: State, _: Offer) -> Accepted[State]:
    """The largest collateral goes up for sale, as much of it as is owed; without any, the account's turn is over.

    Rule: EX-CNV-2.  Of the assets that this turn has not tried, with a valid mark, the one whose free lots are worth
    most at mark, the first listed among equals.  While a request waits, no other asset is sold by one.
    """
    assert state.collecting is not None, "Offer is due only in the turn of an account"
    turn = state.collecting
    row = account_of(state, turn.account)
    free = free_balances(state, turn.account, row.holdings)
    largest, chosen = 0, None
    for place, asset in enumerate(state.parameters.assets):
        if asset.priced_by is not None and not turn.tried[place] and may_be_sold(state, turn, asset.priced_by):
            worth = free[place] // state.parameters.markets[asset.priced_by].lot * state.markets[asset.priced_by].mark
            if worth > largest:
                largest, chosen = worth, place
    if chosen is None:
        return Accepted(turn_over(state, turn.account))
    priced_by = state.parameters.assets[chosen].priced_by
    tier = tier_named(state.parameters, row.tier)
    assert priced_by is not None, "only an asset with a market is chosen"
    assert tier is not None, "an account is only opened in a tier that exists"
    market = state.parameters.markets[priced_by]
    limit = lowest_price(state.markets[priced_by].mark, market.slippage)
    lots = Lots(min(free[chosen] // market.lot, lots_for(-unsettled(row), limit, tier.taker)))
    sale = Sale(market=market.id, limit=limit, open=lots, accrued=0, taker=tier.taker)
    tried = put_at(turn.tried, chosen, True)
    stage = Stage.REQUEST if market.by_request else Stage.SELL
    return Accepted(evolve(state, collecting=Turn(turn.account, stage, sale, turn.waits, tried)))


def may_be_sold(state: State, turn: Turn, place: int) -> bool:
    """Has the market a valid mark and, if it is one of requests, does no other request wait?"""
    return valid_mark(state, place) and not (state.parameters.markets[place].by_request and turn.waits)


def convert(state: State, _: Convert) -> Accepted[State]:
    """Sell to the best bid at its price, or end the sale if there is none at the limit.

    Rule: EX-CNV-4, EX-CNV-6.  A bid of the same account is cancelled, and one whose owner would be left without margin.
    The seller's own margin is not asked: the sale is to settle what it owes.
    Requires: collateral is for sale.
    """
    turn = state.collecting
    assert turn is not None, "Convert is due only in the turn of an account"
    assert turn.sale is not None, "Convert is due only while collateral is for sale"
    sale = turn.sale
    maker_id = best(state, sale.market, Side.BUY)
    maker = None if maker_id is None else state.orders.get(maker_id)
    if sale.open == 0 or maker_id is None or maker is None or maker.price < sale.limit:
        return Accepted(evolve(state, collecting=evolve(turn, stage=Stage.COLLECT)))
    # Even a sale that brings in nothing, or a bid that goes, may give others something to pay with in the next round.
    state = evolve(state, quiet=False)
    if maker.owner == turn.account:
        return cancel_maker(state, maker_id, maker, Cause.SELF_TRADE)
    sold = sell(state, turn, sale, maker_id, maker)
    if not bears_fill(state, sold.state, maker.owner, place_of(state, sale.market)):
        return cancel_maker(state, maker_id, maker, Cause.MARGIN)
    return sold


def sell(state: State, turn: Turn, sale: Sale, maker_id: OrderId, maker: Order) -> Accepted[State]:
    """Deliver lots against the bid's price, and charge both fees; the proceeds stay as they are, to settle with.

    Rule: EX-CNV-4.  Fees are cumulative, per sale as per order.
    """
    lots = Lots(min(sale.open, maker.open))
    bought = traded(maker, lots, maker.price, maker.maker)
    buyer_fee = Atoms(charged(bought) - charged(maker))
    noted = evolve(state, orders=state.orders.put(maker_id, bought))
    sold, seller_fee = delivered(noted, turn, sale, maker.owner, lots, maker.price, buyer_fee)
    event = CollateralSold(sale.market, maker_id, maker.owner, turn.account, lots, maker.price, buyer_fee, seller_fee)
    return Accepted(sold.state, (event, *sold.events))


def delivered(
    state: State, turn: Turn, sale: Sale, buyer: AccountId, lots: Lots, price: Price, buyer_fee: Atoms
) -> tuple[Accepted[State], Atoms]:
    """Lots of the sale against cash, and both fees; and what the seller was charged."""
    place = place_of(state, sale.market)
    market, more = state.parameters.markets[place], sale.taker * lots * price
    noted, seller_fee = forced_fee(state, place, sale.accrued, more)
    cash, base = book(state.parameters, Line.BALANCE, QUOTE), book(state.parameters, Line.BALANCE, market.base)
    postings = (
        Posting(cash, lots * price, buyer, turn.account),
        Posting(base, lots * market.lot, turn.account, buyer),
        Posting(cash, buyer_fee, buyer, SystemAccount.FEES),
        Posting(cash, seller_fee, turn.account, SystemAccount.FEES),
    )
    rest = evolve(sale, open=Lots(sale.open - lots), accrued=sale.accrued + more)
    noted = evolve(noted, collecting=evolve(turn, sale=rest))
    worked = put_to_work(post(noted, postings), market.base, buyer, lots * market.lot)
    return Accepted(worked.state, (Posted(postings), *worked.events)), seller_fee
