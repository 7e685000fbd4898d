"""Liquidation, first tier: an account below its maintenance margin closes slice by slice on the book."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, mul_div_ceil
from clearspec.machines.exchange.formulas.backstop import auto_close_below
from clearspec.machines.exchange.formulas.book import crosses_limit, protection_price
from clearspec.machines.exchange.formulas.exposure import charged, open_lots
from clearspec.machines.exchange.formulas.tranche import slice_lots
from clearspec.machines.exchange.formulas.zero_price import NO_ZERO_PRICE
from clearspec.machines.exchange.rules.book import best, fillable
from clearspec.machines.exchange.rules.loans import lent, repaid, repaid_by_claim
from clearspec.machines.exchange.rules.margin import (
    Gains,
    equity_alone,
    free_balances,
    liquidatable,
    margin_required,
    positions_alone,
)
from clearspec.machines.exchange.rules.marks import valid_mark
from clearspec.machines.exchange.rules.matching import bears_fill, cancel_maker
from clearspec.machines.exchange.rules.takeover import beyond_the_book, exposure_alone
from clearspec.machines.exchange.rules.trades import Deal, forced_fee, settle_perpetual, traded
from clearspec.machines.exchange.state.commands import Inspect, OfferSlice, TradeSlice
from clearspec.machines.exchange.state.events import Cause, LiquidationEnded, LiquidationGoesOn, SliceTraded
from clearspec.machines.exchange.state.parameters import perpetuals, tier_named
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Line,
    Liquidation,
    Order,
    OrderId,
    Side,
    Slice,
    State,
    SystemAccount,
    Tier,
    account_of,
    anyone,
    book,
    opposite,
    place_of,
    put_at,
)


def not_inspected(account: Account, this: int) -> bool:
    """Has this loop still to look at the account?"""
    return account.inspected != this


def inspect(state: State, _: Inspect) -> Accepted[State]:
    """Inspect one account.  If it is liquidatable, cancel its orders, repay and redeem its loans, then offer slices.

    When every account has been inspected, the loop is over.  Whether an account is liquidatable is computed anew: a
    healthy account leaves liquidation.

    Rule: EX-LOOP-1.
    """
    account = state.accounts.first(anyone, not_inspected, state.loop)
    if account is None:
        return Accepted(evolve(state, liquidation_due=False))
    row = account_of(state, account)
    if not liquidatable(state, row):
        was_in_it = any(position.at_entry > 0 for position in row.holdings.positions)
        left = evolve(state, accounts=state.accounts.put(account, evolve(entered(row, 0), inspected=state.loop)))
        return Accepted(left, (LiquidationEnded(account),) if was_in_it else ())
    if state.orders.total(open_lots, owner=account) > 0:
        return Accepted(evolve(state, leaving=account, calm=False, quiet=False))
    row = evolve(entered(row, 1), inspected=state.loop)
    at_work = Liquidation(account, None, False, None, None, (False,) * len(state.parameters.markets))
    marked = evolve(state, accounts=state.accounts.put(account, row), liquidating=at_work)
    ended = loans_ended(marked, account)
    return Accepted(ended.state, (LiquidationGoesOn(account), *ended.events))


def entered(account: Account, counts: int) -> Account:
    """The account with `at_entry` set: kept while in liquidation, the present size on entry, 0 on leaving.

    Rule: EX-LOOP-1.  `counts` is 1 in liquidation and 0 outside of it.
    """
    positions = tuple(
        evolve(position, at_entry=Lots(counts * max(position.at_entry, abs(position.size))))
        for position in account.holdings.positions
    )
    return evolve(account, holdings=evolve(account.holdings, positions=positions))


def loans_ended(state: State, account: AccountId) -> Accepted[State]:
    """Repay each debt from the free balance of its asset, then from the account's own claim on the pool.

    The pool redeems the rest of the claim, as far as it has cash.  The bound on utilisation does not apply.

    Rule: EX-LOOP-2.
    """
    events: tuple[object, ...] = ()
    moved = 0
    for place in range(len(state.parameters.assets)):
        row = account_of(state, account)
        owed = row.holdings.loans[place].borrowed
        cash = min(free_balances(state, account, row.holdings)[place], owed)
        paid = repaid(state, place, account, cash)
        own = min(row.holdings.loans[place].lent, owed - cash)
        freed = repaid_by_claim(paid.state, place, account, own)
        rest = min(row.holdings.loans[place].lent - own, freed.state.venue.pool.balances[place])
        redeemed = lent(freed.state, place, account, -rest)
        state, events = redeemed.state, (*events, *paid.events, *freed.events, *redeemed.events)
        moved += cash + own + rest
    still = moved == 0
    return Accepted(evolve(state, calm=state.calm and still, quiet=state.quiet and still), events)


def offer_slice(state: State, _: OfferSlice) -> Accepted[State]:
    """Offer lots of the account's next position: on the book while equity lasts, then beyond it.

    Rule: EX-LOOP-3, EX-TIER-7.  On the book a slice, if the toss of this loop is heads; beyond it without a toss.
    A market without a valid mark is left alone in this loop.  When all positions had their turn, assets are next.
    """
    assert state.liquidating is not None, "OfferSlice is due only while an account is at work"
    at_work = state.liquidating
    row = account_of(state, at_work.account)
    chosen = None
    for place in perpetuals(state.parameters):
        held = row.holdings.positions[place].size != 0
        if chosen is None and held and not at_work.done[place] and valid_mark(state, place):
            chosen = place
    if chosen is None:
        return Accepted(evolve(state, liquidating=evolve(at_work, unwinding=True)))
    if not liquidatable(state, row):
        return Accepted(evolve(state, liquidating=None))
    at_work = evolve(at_work, done=put_at(at_work.done, chosen, True))
    required = margin_required(state, row, positions_alone(state, row.holdings), initial=False)
    threshold = auto_close_below(required, exposure_alone(state, row.holdings), state.parameters.auto_close)
    if equity_alone(state, row.holdings, Gains.IN_FULL) < threshold:
        return beyond_the_book(state, at_work, chosen, required)
    return on_the_book(state, at_work, chosen)


def on_the_book(state: State, at_work: Liquidation, place: int) -> Accepted[State]:
    """Offer a slice on the book if the toss is heads.  Rule: EX-LOOP-3."""
    row = account_of(state, at_work.account)
    market, position = state.parameters.markets[place], row.holdings.positions[place]
    lots = slice_lots(position.at_entry, abs(position.size), market.slice, market.slice_min) if state.heads else Lots(0)
    tier = tier_named(state.parameters, row.tier)
    assert tier is not None, "an account is only opened in a tier that exists"
    offered = Slice(
        market=market.id,
        tier=Tier.BOOK,
        open=lots,
        accrued=0,
        taker=tier.taker,
        zero=NO_ZERO_PRICE,
        closed=Lots(0),
        offer=0,
        offered=Lots(0),
        before=Lots(0),
        whole=Lots(0),
    )
    # Tails: nothing moves in this loop, but a later toss may change that.
    calm = state.calm and (state.heads or state.coins == 0)
    return Accepted(evolve(state, liquidating=evolve(at_work, slice=offered), calm=calm))


def trade_slice(state: State, _: TradeSlice) -> Accepted[State]:
    """Trade the slice with the best resting order, within the protection limit, or end the slice for this loop.

    The resting order is cancelled instead if it is of the same account, if it has nothing left to reduce, or if the
    trade would leave its owner without margin.  The account in liquidation needs no margin for the trade.

    Rule: EX-LOOP-4.
    """
    assert state.liquidating is not None, "TradeSlice is due only while an account is at work"
    assert state.liquidating.slice is not None, "TradeSlice is due only while a slice is offered"
    account, offered = state.liquidating.account, state.liquidating.slice
    place = place_of(state, offered.market)
    side = Side.SELL if account_of(state, account).holdings.positions[place].size > 0 else Side.BUY
    limit = protection_price(state.parameters.markets[place], state.markets[place].mark, side)
    maker_id = best(state, offered.market, opposite(side))
    maker = None if maker_id is None else state.orders.get(maker_id)
    if offered.open == 0 or maker_id is None or maker is None or not crosses_limit(side, limit, maker):
        return Accepted(evolve(state, liquidating=evolve(state.liquidating, slice=None)))
    if maker.owner == account:
        return cancelled(state, maker_id, maker, Cause.SELF_TRADE)
    if fillable(state, maker, place) == 0:
        return cancelled(state, maker_id, maker, Cause.REDUCE_ONLY)
    closed = close(state, maker_id, maker, place, side)
    if not bears_fill(state, closed.state, maker.owner, place):
        return cancelled(state, maker_id, maker, Cause.MARGIN)
    return closed


def cancelled(state: State, maker_id: OrderId, maker: Order, cause: Cause) -> Accepted[State]:
    """Cancel the resting order, and clear `calm` and `quiet`, for the loop has moved something."""
    return cancel_maker(evolve(state, calm=False, quiet=False), maker_id, maker, cause)


def close(state: State, maker_id: OrderId, maker: Order, place: int, side: Side) -> Accepted[State]:
    """Close lots of the position against the resting order at its price; charge both fees and the liquidation fee.

    Rule: EX-LOOP-4.
    """
    assert state.liquidating is not None, "an account is at work"
    assert state.liquidating.slice is not None, "a slice is offered"
    account, offered = state.liquidating.account, state.liquidating.slice
    deal = Deal(place, Lots(min(offered.open, fillable(state, maker, place))), maker.price)
    other = traded(maker, deal.lots, deal.price, maker.maker)
    maker_fee = Atoms(charged(other) - charged(maker))
    more = offered.taker * deal.lots * deal.price
    noted, fee = forced_fee(state, place, offered.accrued, more)
    rest = evolve(offered, open=Lots(offered.open - deal.lots), accrued=offered.accrued + more)
    noted = evolve(
        noted,
        orders=noted.orders.put(maker_id, other),
        liquidating=evolve(state.liquidating, slice=rest),
        calm=False,
        quiet=False,
    )
    if side == Side.SELL:
        settled = settle_perpetual(noted, deal, maker.owner, account, maker_fee, fee)
    else:
        settled = settle_perpetual(noted, deal, account, maker.owner, fee, maker_fee)
    extra = liquidation_fee(settled.state, account, deal)
    postings = (Posting(book(state.parameters, Line.UNSETTLED, place), extra, account, SystemAccount.FUND),)
    event = SliceTraded(offered.market, account, maker_id, maker.owner, deal.lots, deal.price, fee, maker_fee, extra)
    return Accepted(post(settled.state, postings), (event, *settled.events, Posted(postings)))


def liquidation_fee(state: State, account: AccountId, deal: Deal) -> Atoms:
    """The fee on the lots that liquidation closed, up to the account's equity; the venue drops the rest.

    Rule: EX-LOOP-5.  Units: quote atoms.  Rounding: once, up, against the account.
    """
    equity = equity_alone(state, account_of(state, account).holdings, Gains.IN_FULL)
    rate = state.parameters.markets[deal.place].liquidation_fee
    return Atoms(min(mul_div_ceil(rate * deal.lots * deal.price, 1, RATE_SCALE), max(equity, 0)))
