"""Trades from capture to novation: a contract of two accounts, then two contracts with the central counterparty."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms, Millis, Price
from clearspec.machines.clearing.formulas.calendar import is_open, settlement_day, trade_date
from clearspec.machines.clearing.state.commands import CaptureTrade, Novate, PublishPrice, Reason
from clearspec.machines.clearing.state.events import TradeCaptured, TradeNovated
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import SecurityId, Units, security_place
from clearspec.machines.clearing.state.types import (
    Line,
    Quotation,
    State,
    SystemAccount,
    Trade,
    TradeStatus,
    account_of,
    book,
    member_of,
    put_at,
)
from clearspec.machines.clearing.state.work import Stage


def publish_price(state: State, command: PublishPrice) -> Outcome[State]:
    """Publish a price of a security, which the next settlement day settles at.

    Rule: CL-FRM-5.  Rejects: SECURITY_EXISTS, PRICE_WITHIN_LIMIT.
    """
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if not 1 <= command.price <= state.parameters.securities[place].price_max:
        return Rejected(Reason.PRICE_WITHIN_LIMIT)
    quoted = Quotation(command.price, state.prices[place].settlement)
    return Accepted(evolve(state, prices=put_at(state.prices, place, quoted)))


def capture_trade(state: State, command: CaptureTrade) -> Outcome[State]:
    """Record a trade of today and its settlement day.  Neither side owes the central counterparty yet.

    Rule: CL-TRD-1, CL-TRD-2.
    Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, TRADE_ID_UNUSED, SIDES_DIFFER, TRADED_TODAY, QUANTITY_WITHIN_LIMIT,
    PRICE_WITHIN_LIMIT, MEMBERS_ACTIVE.
    """
    buyer, seller = state.accounts.get(command.buyer), state.accounts.get(command.seller)
    if buyer is None or seller is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if state.trades.get(command.trade) is not None:
        return Rejected(Reason.TRADE_ID_UNUSED)
    if command.buyer == command.seller:
        return Rejected(Reason.SIDES_DIFFER)
    unmet = unmet_terms(state, place, command.quantity, command.price, command.at)
    if unmet is not None:
        return Rejected(unmet)
    if suspended(state, command.buyer) or suspended(state, command.seller):
        return Rejected(Reason.MEMBERS_ACTIVE)
    settles_on = settlement_day(state.parameters.settling, state.parameters.cycle, state.today)
    trade = Trade(
        buyer=command.buyer,
        seller=command.seller,
        security=command.security,
        quantity=command.quantity,
        amount=Atoms(command.quantity * command.price),
        traded_on=state.today,
        settles_on=settles_on,
        status=TradeStatus.CAPTURED,
    )
    return Accepted(
        evolve(state, trades=state.trades.put(command.trade, trade)), (TradeCaptured(command.trade, settles_on),)
    )


def unmet_terms(state: State, place: int, quantity: Units, price: Price, at: Millis) -> Reason | None:
    """The first requirement of the exchange that the terms of a trade or an order do not meet, if any.

    In order of precedence: TRADED_TODAY, QUANTITY_WITHIN_LIMIT, PRICE_WITHIN_LIMIT.
    """
    if trade_date(state.parameters.trading, state.parameters.session, at) != state.today:
        return Reason.TRADED_TODAY
    security = state.parameters.securities[place]
    if not 1 <= quantity <= security.quantity_max:
        return Reason.QUANTITY_WITHIN_LIMIT
    return None if 1 <= price <= security.price_max else Reason.PRICE_WITHIN_LIMIT


def suspended(state: State, account: AccountId) -> bool:
    """Is the account's member suspended or in default?  Requires: the account exists."""
    member = member_of(state, account_of(state, account))
    return member.suspended or member.defaulted


def captured(trade: Trade) -> bool:
    """Is the trade still a contract between buyer and seller?"""
    return trade.status == TradeStatus.CAPTURED


def in_turn(trade: Trade) -> tuple[int]:
    """A rank by which the earliest trade comes first."""
    return (trade.traded_on,)


def unsettled(trade: Trade) -> bool:
    """Is the trade not netted yet?"""
    return trade.status != TradeStatus.NETTED


def has_unsettled(state: State, account: AccountId, security: SecurityId) -> bool:
    """Has the account a trade in the security that is not netted yet?"""
    bought = state.trades.first(in_turn, unsettled, buyer=account, security=security)
    sold = state.trades.first(in_turn, unsettled, seller=account, security=security)
    return bought is not None or sold is not None


def captured_quantity(trade: Trade) -> Units:
    """The units of a trade that is not novated yet; else 0."""
    return Units(trade.quantity if captured(trade) else 0)


def captured_units(state: State, account: AccountId, security: SecurityId) -> Units:
    """The units of the security that the account has bought, less those sold, in trades not novated yet."""
    bought = state.trades.total(captured_quantity, buyer=account, security=security)
    sold = state.trades.total(captured_quantity, seller=account, security=security)
    return Units(bought - sold)


def novate(state: State, _: Novate) -> Accepted[State]:
    """Novate one trade: the central counterparty sells to its buyer and buys from its seller, whose contract ends.

    Rule: CL-NOV-1.  When no trade is left, fails are carried on a settlement day, and else margin is measured.
    """
    name = state.trades.first(in_turn, captured)
    trade = None if name is None else state.trades.get(name)
    if name is None or trade is None:
        settles = is_open(state.parameters.settling, state.today)
        return Accepted(evolve(state, stage=Stage.CARRYING if settles else Stage.MARGINING))
    place = security_place(state.parameters, trade.security)
    assert place is not None, "a trade is in a security that exists"
    units = book(state.parameters, Line.CLEARED, place)
    cash = book(state.parameters, Line.CLEARED_CASH, state.parameters.securities[place].currency)
    postings = (
        Posting(units, trade.quantity, SystemAccount.CCP, trade.buyer),
        Posting(cash, trade.amount, trade.buyer, SystemAccount.CCP),
        Posting(units, trade.quantity, trade.seller, SystemAccount.CCP),
        Posting(cash, trade.amount, SystemAccount.CCP, trade.seller),
    )
    novated = evolve(trade, status=TradeStatus.NOVATED)
    return Accepted(
        evolve(post(state, postings), trades=state.trades.put(name, novated)), (TradeNovated(name), Posted(postings))
    )
