"""Liquidation of debts: assets are bought to repay them, and sold to have the cash for it and for losses."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import Atoms, Lots, Price, Rate
from clearspec.machines.exchange.formulas.conversion import lots_for, lowest_price
from clearspec.machines.exchange.formulas.debts import highest_price, lots_bought, side_for
from clearspec.machines.exchange.formulas.exposure import charged
from clearspec.machines.exchange.rules.bad_debt import loss_found, written_off
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.rules.collateral import debt_exposure
from clearspec.machines.exchange.rules.lending import put_to_work
from clearspec.machines.exchange.rules.loans import grown, repaid
from clearspec.machines.exchange.rules.margin import free_balances, liquidatable
from clearspec.machines.exchange.rules.marks import valid_mark
from clearspec.machines.exchange.rules.matching import bears_fill, cancel_maker
from clearspec.machines.exchange.rules.settlement import unsettled
from clearspec.machines.exchange.rules.trades import forced_fee, traded
from clearspec.machines.exchange.state.commands import BuyAsset, SellAsset, Unwind
from clearspec.machines.exchange.state.events import AssetTraded, Cause
from clearspec.machines.exchange.state.parameters import QUOTE, spots, tier_named
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    AssetSlice,
    Line,
    Liquidation,
    Order,
    OrderId,
    Side,
    State,
    SystemAccount,
    account_of,
    book,
    place_of,
    put_at,
)


def at_hand(state: State, key: AccountId, account: Account, place: int) -> int:
    """What the account can deliver of an asset: its free balance, and its claim on the pool."""
    return free_balances(state, key, account.holdings)[place] + account.holdings.loans[place].lent


def lots_at_hand(state: State, key: AccountId, account: Account, place: int) -> Lots:
    """The lots of an asset that the account can deliver.  Requires: a spot market prices it.  Rounding: down."""
    priced_by = state.parameters.assets[place].priced_by
    assert priced_by is not None, "what a spot market delivers is priced by one"
    return Lots(at_hand(state, key, account, place) // state.parameters.markets[priced_by].lot)


@measure
def cash_needed(state: State, key: AccountId, account: Account) -> int:
    """What the account owes at mark, losses and debts of every asset, beyond the cash that it has at hand.

    Rule: EX-DEBT-2.  Units: quote atoms.  Rounding: each debt once, up.
    """
    debts = sum(debt_exposure(state, place, loan.borrowed) for place, loan in enumerate(account.holdings.loans))
    return max(-unsettled(account), 0) + debts - at_hand(state, key, account, QUOTE)


@measure
def lots_to_trade(state: State, key: AccountId, account: Account, place: int) -> Lots:
    """How many lots to trade in a spot market: to buy what is owed of its asset, or sell for what is owed of others.

    Rule: EX-DEBT-2.  Nothing without a valid mark.
    """
    if not valid_mark(state, place):
        return Lots(0)
    market, limit, taker = state.parameters.markets[place], limit_for(state, account, place), taker_rate(state, account)
    if account.holdings.loans[market.base].borrowed > 0:
        return lots_bought_with(state, account, place, free_balances(state, key, account.holdings)[QUOTE])
    needed = lots_for(max(cash_needed(state, key, account), 0), limit, taker)
    return Lots(min(lots_at_hand(state, key, account, market.base), needed))


def lots_bought_with(state: State, account: Account, place: int, cash: int) -> Lots:
    """How many lots to buy of what the account owes of the market's asset, with so much cash.  Rule: EX-DEBT-2."""
    market, limit, taker = state.parameters.markets[place], limit_for(state, account, place), taker_rate(state, account)
    return lots_bought(account.holdings.loans[market.base].borrowed, market.lot, cash, limit, taker)


def limit_for(state: State, account: Account, place: int) -> Price:
    """How far from the mark to trade: as far as collateral is sold, and as far above as below.  Rule: EX-DEBT-1."""
    market, mark = state.parameters.markets[place], state.markets[place].mark
    if side_for(account, market) == Side.SELL:
        return lowest_price(mark, market.slippage)
    return highest_price(mark, market.slippage)


def taker_rate(state: State, account: Account) -> Rate:
    """The account's fee rate as a taker."""
    tier = tier_named(state.parameters, account.tier)
    assert tier is not None, "an account is only opened in a tier that exists"
    return tier.taker


def unwind(state: State, _: Unwind) -> Accepted[State]:
    """Trade in the next spot market for what the account owes; if there is nothing to trade in any, its loop is over.

    Rule: EX-DEBT-1.  An account that has nothing more to give, and no position, is freed of what it owes: lenders bear
    its debts, asset by asset, and then its losses are written off.
    """
    assert state.liquidating is not None, "Unwind is due only while an account is at work"
    at_work = state.liquidating
    row = account_of(state, at_work.account)
    over = evolve(state, liquidating=None)
    if not liquidatable(state, row):
        return Accepted(over)
    for place in spots(state.parameters):
        lots = lots_to_trade(state, at_work.account, row, place)
        if not at_work.done[place] and lots > 0:
            market, limit = state.parameters.markets[place], limit_for(state, row, place)
            trade = AssetSlice(market.id, side_for(row, market), limit, lots, 0, taker_rate(state, row))
            done = put_at(at_work.done, place, True)
            return Accepted(evolve(state, liquidating=evolve(at_work, trade=trade, done=done)))
    if not exhausted(state, at_work.account, row):
        return Accepted(over)
    for place, loan in enumerate(row.holdings.loans):
        if loan.borrowed > 0:
            return loss_found(state, at_work, place)
    return written_off(over, at_work.account) if unsettled(row) < 0 else Accepted(over)


@measure
def exhausted(state: State, key: AccountId, account: Account) -> bool:
    """Has the account no position, no lot of an asset to sell, and no cash that would buy a lot of what it owes, with
    what it waits for counted?

    Rule: EX-DEBT-1.
    """
    if any(position.size != 0 for position in account.holdings.positions):
        return False
    for place in spots(state.parameters):
        if lots_at_hand(state, key, account, state.parameters.markets[place].base) > 0:
            return False
    cash = cash_in_all(state, key, account)
    if cash == 0:
        return True
    if unsettled(account) < 0 or account.holdings.loans[QUOTE].borrowed > 0:
        return False
    return all(
        account.holdings.loans[state.parameters.markets[place].base].borrowed == 0
        or (valid_mark(state, place) and lots_bought_with(state, account, place, cash) <= 0)
        for place in spots(state.parameters)
    )


@measure
def cash_in_all(state: State, key: AccountId, account: Account) -> int:
    """The cash that the account has at hand, also what the pool cannot pay yet, and gains that it waits for.

    Rule: EX-DEBT-1.  Units: quote atoms.
    """
    return at_hand(state, key, account, QUOTE) + max(unsettled(account), 0)


def sell_asset(state: State, _: SellAsset) -> Accepted[State]:
    """Sell to the best bid at its price, or end the offer if there is none at the limit, or not the asset for it; the
    cash repays debt.

    Rule: EX-DEBT-3.  As in the first tier: a bid whose owner would be left without margin is cancelled.
    """
    at_work, trade = traded_now(state)
    maker_id = best(state, trade.market, Side.BUY)
    maker = None if maker_id is None else state.orders.get(maker_id)
    if trade.open == 0 or maker_id is None or maker is None or maker.price < trade.limit:
        return offer_over(state, at_work)
    if maker.owner == at_work.account:
        return cancelled(state, maker_id, maker, Cause.SELF_TRADE)
    lots, market = Lots(min(trade.open, maker.open)), state.parameters.markets[place_of(state, trade.market)]
    if lots * market.lot > at_hand(state, at_work.account, account_of(state, at_work.account), market.base):
        return offer_over(state, at_work)
    sold = sell(state, at_work, trade, maker_id, maker, lots)
    if not bears_fill(state, sold.state, maker.owner, place_of(state, trade.market)):
        return cancelled(state, maker_id, maker, Cause.MARGIN)
    return sold


def sell(
    state: State, at_work: Liquidation, trade: AssetSlice, maker_id: OrderId, maker: Order, lots: Lots
) -> Accepted[State]:
    """Deliver lots, what there is no balance of as a claim on the pool, against cash, which repays debt of cash.

    Rule: EX-DEBT-3.
    """
    account, place = at_work.account, place_of(state, trade.market)
    market = state.parameters.markets[place]
    delivered, cash = lots * market.lot, lots * maker.price
    free = free_balances(state, account, account_of(state, account).holdings)[market.base]
    claim = Atoms(max(delivered - free, 0))
    noted, fee, maker_fee = fees_noted(state, at_work, trade, maker_id, maker, lots)
    postings = (
        Posting(book(state.parameters, Line.BALANCE, QUOTE), cash, maker.owner, account),
        Posting(book(state.parameters, Line.BALANCE, market.base), Atoms(delivered - claim), account, maker.owner),
        Posting(book(state.parameters, Line.LENT, market.base), claim, account, maker.owner),
        Posting(book(state.parameters, Line.BALANCE, QUOTE), maker_fee, maker.owner, SystemAccount.FEES),
        Posting(book(state.parameters, Line.BALANCE, QUOTE), fee, account, SystemAccount.FEES),
    )
    grew = grown(grown(noted, market.base, maker.owner), market.base, account)
    worked = put_to_work(post(grew, postings), market.base, maker.owner, delivered - claim)
    row = account_of(worked.state, account)
    repayment = min(max(cash - fee, 0), row.holdings.loans[QUOTE].borrowed)
    after = repaid(worked.state, QUOTE, account, repayment)
    event = AssetTraded(
        trade.market, Side.SELL, account, maker_id, maker.owner, lots, maker.price, fee, maker_fee, claim
    )
    return Accepted(after.state, (event, Posted(postings), *worked.events, *after.events))


def buy_asset(state: State, _: BuyAsset) -> Accepted[State]:
    """Buy from the best ask at its price, or end the offer if there is none at the limit, or not the cash for it; what
    is bought repays debt.

    Rule: EX-DEBT-3.  As in the first tier: an ask whose owner would be left without margin is cancelled.
    """
    at_work, trade = traded_now(state)
    maker_id = best(state, trade.market, Side.SELL)
    maker = None if maker_id is None else state.orders.get(maker_id)
    if trade.open == 0 or maker_id is None or maker is None or maker.price > trade.limit:
        return offer_over(state, at_work)
    if maker.owner == at_work.account:
        return cancelled(state, maker_id, maker, Cause.SELF_TRADE)
    lots = Lots(min(trade.open, maker.open))
    cash = free_balances(state, at_work.account, account_of(state, at_work.account).holdings)[QUOTE]
    fee = fees_noted(state, at_work, trade, maker_id, maker, lots)[1]
    if lots * maker.price + fee > cash:
        return offer_over(state, at_work)
    bought = buy(state, at_work, trade, maker_id, maker, lots)
    if not bears_fill(state, bought.state, maker.owner, place_of(state, trade.market)):
        return cancelled(state, maker_id, maker, Cause.MARGIN)
    return bought


def buy(
    state: State, at_work: Liquidation, trade: AssetSlice, maker_id: OrderId, maker: Order, lots: Lots
) -> Accepted[State]:
    """Pay for lots, which repay debt of the same asset.  Rule: EX-DEBT-3."""
    account, place = at_work.account, place_of(state, trade.market)
    market = state.parameters.markets[place]
    noted, fee, maker_fee = fees_noted(state, at_work, trade, maker_id, maker, lots)
    postings = (
        Posting(book(state.parameters, Line.BALANCE, QUOTE), lots * maker.price, account, maker.owner),
        Posting(book(state.parameters, Line.BALANCE, market.base), lots * market.lot, maker.owner, account),
        Posting(book(state.parameters, Line.BALANCE, QUOTE), maker_fee, maker.owner, SystemAccount.FEES),
        Posting(book(state.parameters, Line.BALANCE, QUOTE), fee, account, SystemAccount.FEES),
    )
    worked = put_to_work(post(noted, postings), QUOTE, maker.owner, max(lots * maker.price - maker_fee, 0))
    owed = account_of(worked.state, account).holdings.loans[market.base].borrowed
    after = repaid(worked.state, market.base, account, min(lots * market.lot, owed))
    event = AssetTraded(
        trade.market, Side.BUY, account, maker_id, maker.owner, lots, maker.price, fee, maker_fee, Atoms(0)
    )
    return Accepted(after.state, (event, Posted(postings), *worked.events, *after.events))


def fees_noted(
    state: State, at_work: Liquidation, trade: AssetSlice, maker_id: OrderId, maker: Order, lots: Lots
) -> tuple[State, Atoms, Atoms]:
    """The state with the trade noted where it is counted, and both fees: the account's, and the resting order's."""
    other = traded(maker, lots, maker.price, maker.maker)
    more = trade.taker * lots * maker.price
    noted, fee = forced_fee(state, place_of(state, trade.market), trade.accrued, more)
    rest = evolve(trade, open=Lots(trade.open - lots), accrued=trade.accrued + more)
    noted = evolve(
        noted,
        orders=noted.orders.put(maker_id, other),
        liquidating=evolve(at_work, trade=rest),
        calm=False,
        quiet=False,
    )
    return noted, fee, Atoms(charged(other) - charged(maker))


def traded_now(state: State) -> tuple[Liquidation, AssetSlice]:
    """The account at work, and what is traded for it.  Requires: there is something."""
    assert state.liquidating is not None, "an account is at work"
    assert state.liquidating.trade is not None, "an asset is traded for it"
    return state.liquidating, state.liquidating.trade


def offer_over(state: State, at_work: Liquidation) -> Accepted[State]:
    """Nothing more is traded in this market in this loop."""
    return Accepted(evolve(state, liquidating=evolve(at_work, trade=None)))


def cancelled(state: State, maker_id: OrderId, maker: Order, cause: Cause) -> Accepted[State]:
    """The resting order is cancelled, and the loop has moved something."""
    return cancel_maker(evolve(state, calm=False, quiet=False), maker_id, maker, cause)
