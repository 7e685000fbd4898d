"""Default of a member: its declaration, the porting of its clients, and the close-out of its house account.

No default touches clients' assets: a client account is ported as it is, or stays.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.formulas.calendar import is_open, settlement_day
from clearspec.machines.clearing.rules.calls import in_default
from clearspec.machines.clearing.rules.trades import captured_units, suspended
from clearspec.machines.clearing.state.commands import CloseOut, DeclareDefault, Port, Reason
from clearspec.machines.clearing.state.events import AccountPorted, ClosedOut, MemberDefaulted
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import Units, security_place
from clearspec.machines.clearing.state.types import (
    AccountKind,
    Line,
    State,
    SystemAccount,
    Trade,
    TradeStatus,
    account_of,
    book,
    member_of,
)


def declare_default(state: State, command: DeclareDefault) -> Outcome[State]:
    """Put a member into default: the exchange refuses its trades, and its house account may be closed out.

    Rule: CL-DEF-1.  Rejects: MEMBER_EXISTS, MEMBER_NOT_IN_DEFAULT.
    """
    member = state.members.get(command.member)
    if member is None:
        return Rejected(Reason.MEMBER_EXISTS)
    if member.defaulted:
        return Rejected(Reason.MEMBER_NOT_IN_DEFAULT)
    return Accepted(in_default(state, command.member), (MemberDefaulted(command.member),))


def port(state: State, command: Port) -> Outcome[State]:
    """Port a client account to another member, with its holdings, obligations and collateral.

    Rule: CL-DEF-2.
    Rejects: MEMBER_EXISTS, ACCOUNT_EXISTS, CLIENT_ACCOUNT, MEMBERS_ACTIVE, MEMBER_IN_DEFAULT.
    """
    member = state.members.get(command.member)
    if member is None:
        return Rejected(Reason.MEMBER_EXISTS)
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    if account.kind != AccountKind.CLIENT:
        return Rejected(Reason.CLIENT_ACCOUNT)
    if member.suspended or member.defaulted:
        return Rejected(Reason.MEMBERS_ACTIVE)
    if not member_of(state, account).defaulted:
        return Rejected(Reason.MEMBER_IN_DEFAULT)
    ported = evolve(account, member=command.member)
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, ported)),
        (AccountPorted(command.account, command.member),),
    )


def left_open(state: State, name: AccountId, place: int) -> Units:
    """The account's position once all its trades have settled; negative if it lacks units.

    Today's trades count, for they are novated tonight.
    """
    position = account_of(state, name).holdings.positions[place]
    captured = captured_units(state, name, state.parameters.securities[place].id)
    return Units(position.held + position.cleared + position.failed + captured)


def close_out(state: State, command: CloseOut) -> Outcome[State]:
    """Close out a chunk of the defaulter's position: the central counterparty sells it to, or buys it from, a bidder.

    Rule: CL-DEF-3.  The trade is novated at once and settles like any trade of today.
    Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, TRADE_ID_UNUSED, SIDES_DIFFER, MARKET_OPEN,
    PRICE_WITHIN_LIMIT, MEMBERS_ACTIVE, MEMBER_IN_DEFAULT, UNITS_WITHIN_POSITION.
    """
    account, bidder = state.accounts.get(command.account), state.accounts.get(command.bidder)
    if account is None or bidder is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if command.units <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if state.trades.get(command.trade) is not None:
        return Rejected(Reason.TRADE_ID_UNUSED)
    if command.account == command.bidder:
        return Rejected(Reason.SIDES_DIFFER)
    if not is_open(state.parameters.trading, state.today):
        return Rejected(Reason.MARKET_OPEN)
    if not 1 <= command.price <= state.parameters.securities[place].price_max:
        return Rejected(Reason.PRICE_WITHIN_LIMIT)
    if suspended(state, command.bidder):
        return Rejected(Reason.MEMBERS_ACTIVE)
    if not account.defaulted:
        return Rejected(Reason.MEMBER_IN_DEFAULT)
    left = left_open(state, command.account, place)
    if command.units > max(left, -left):
        return Rejected(Reason.UNITS_WITHIN_POSITION)
    return closed_out(state, command, place, sells=left > 0)


def closed_out(state: State, command: CloseOut, place: int, sells: bool) -> Accepted[State]:
    """Record the close-out as a novated trade.  Requires: no requirement of `close_out` is unmet."""
    buyer, seller = (command.bidder, command.account) if sells else (command.account, command.bidder)
    amount = Atoms(command.units * command.price)
    trade = Trade(
        buyer=buyer,
        seller=seller,
        security=command.security,
        quantity=command.units,
        amount=amount,
        traded_on=state.today,
        settles_on=settlement_day(state.parameters.settling, state.parameters.cycle, state.today),
        status=TradeStatus.NOVATED,
    )
    units = book(state.parameters, Line.CLEARED, place)
    cash = book(state.parameters, Line.CLEARED_CASH, state.parameters.securities[place].currency)
    postings = (
        Posting(units, command.units, SystemAccount.CCP, buyer),
        Posting(cash, amount, buyer, SystemAccount.CCP),
        Posting(units, command.units, seller, SystemAccount.CCP),
        Posting(cash, amount, SystemAccount.CCP, seller),
    )
    signed = Units(-command.units if sells else command.units)
    event = ClosedOut(command.trade, command.account, command.bidder, command.security, signed, amount)
    after = evolve(post(state, postings), trades=state.trades.put(command.trade, trade))
    return Accepted(after, (event, Posted(postings)))
