"""Margin collateral: an account posts it to the central counterparty, and takes back what the requirement leaves free.

The depository and the bank hold it apart.  The central counterparty does not own it, lend it or deliver it.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules.calls import collateral_of, required
from clearspec.machines.clearing.state.commands import PostCash, PostSecurities, Reason, ReturnCash, ReturnSecurities
from clearspec.machines.clearing.state.events import CollateralPosted, CollateralReturned
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import currency_place, security_place
from clearspec.machines.clearing.state.types import Account, Line, State, SystemAccount, account_of, book, put_at


def post_cash(state: State, command: PostCash) -> Outcome[State]:
    """An account posts cash as collateral, which lowers its outstanding call.

    Rule: CL-COL-1.  Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, HOLDING_COVERS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > account.holdings.money[place].held:
        return Rejected(Reason.HOLDING_COVERS)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), command.amount, command.account, SystemAccount.SAFE),
        Posting(
            book(state.parameters, Line.COLLATERAL_CASH, place), command.amount, SystemAccount.SAFE, command.account
        ),
    )
    after = met(state, post(state, postings), command.account, place)
    return Accepted(after, (CollateralPosted(command.account), Posted(postings)))


def post_securities(state: State, command: PostSecurities) -> Outcome[State]:
    """An account posts securities as collateral, which lowers its call by their value after the haircut.

    Rule: CL-COL-2.  Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, HOLDING_COVERS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if command.units <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.units > account.holdings.positions[place].held:
        return Rejected(Reason.HOLDING_COVERS)
    postings = (
        Posting(book(state.parameters, Line.SECURITIES, place), command.units, command.account, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.COLLATERAL, place), command.units, SystemAccount.SAFE, command.account),
    )
    after = met(state, post(state, postings), command.account, state.parameters.securities[place].currency)
    return Accepted(after, (CollateralPosted(command.account), Posted(postings)))


def met(before: State, after: State, name: AccountId, currency: int) -> State:
    """Lower the account's outstanding call by the growth of its collateral from `before` to `after`."""
    account = account_of(after, name)
    grown = collateral_of(after, account, currency) - collateral_of(before, account_of(before, name), currency)
    money = account.holdings.money[currency]
    money = evolve(money, called=less_met(money.called, grown))
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, currency, money)))
    return evolve(after, accounts=after.accounts.put(name, account))


@measure
def less_met(called: Atoms, grown: int) -> Atoms:
    """The call left after collateral has `grown`, no less than 0."""
    return Atoms(max(called - grown, 0))


def return_cash(state: State, command: ReturnCash) -> Outcome[State]:
    """An account takes back cash collateral, if the rest covers the requirement and no call is outstanding.

    Rule: CL-COL-1.
    Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, COLLATERAL_POSTED, REQUIREMENT_COVERED.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > account.holdings.money[place].posted:
        return Rejected(Reason.COLLATERAL_POSTED)
    postings = (
        Posting(
            book(state.parameters, Line.COLLATERAL_CASH, place), command.amount, command.account, SystemAccount.SAFE
        ),
        Posting(book(state.parameters, Line.CASH, place), command.amount, SystemAccount.SAFE, command.account),
    )
    after = post(state, postings)
    if not covered(after, account_of(after, command.account), place):
        return Rejected(Reason.REQUIREMENT_COVERED)
    return Accepted(after, (CollateralReturned(command.account), Posted(postings)))


def return_securities(state: State, command: ReturnSecurities) -> Outcome[State]:
    """An account takes back securities, if the rest covers the requirement and no call is outstanding.

    Rule: CL-COL-2.  An account in default gets them back in any case, to be sold; it cannot withdraw them.
    Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, COLLATERAL_POSTED, REQUIREMENT_COVERED.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if command.units <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.units > account.holdings.positions[place].posted:
        return Rejected(Reason.COLLATERAL_POSTED)
    postings = (
        Posting(book(state.parameters, Line.COLLATERAL, place), command.units, command.account, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.SECURITIES, place), command.units, SystemAccount.SAFE, command.account),
    )
    after, currency = post(state, postings), state.parameters.securities[place].currency
    if not account.defaulted and not covered(after, account_of(after, command.account), currency):
        return Rejected(Reason.REQUIREMENT_COVERED)
    return Accepted(after, (CollateralReturned(command.account), Posted(postings)))


@measure
def covered(state: State, account: Account, currency: int) -> bool:
    """Does the account's collateral cover its requirement, with no call outstanding?"""
    called = account.holdings.money[currency].called
    return called == 0 and collateral_of(state, account, currency) >= required(state, account, currency)
