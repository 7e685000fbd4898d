"""Deposits at, and withdrawals from, the depository and the bank."""

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.machines.clearing.rules.trades import has_unsettled
from clearspec.machines.clearing.state.commands import (
    DepositCash,
    DepositSecurities,
    Reason,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import currency_place, security_place
from clearspec.machines.clearing.state.types import Account, Line, State, SystemAccount, account_of, book


def settled_up(state: State, name: AccountId) -> bool:
    """Has the account nothing left to deliver, receive or pay, today's trades included?"""
    return owes_nothing(account_of(state, name)) and not any(
        has_unsettled(state, name, security.id) for security in state.parameters.securities
    )


@measure
def owes_nothing(account: Account) -> bool:
    """Has the account no fails, no debt, and nothing to repay of what others bore for it?"""
    return all(position.failed == 0 for position in account.holdings.positions) and all(
        money.payable >= 0 and money.borne == 0 for money in account.holdings.money
    )


def deposit_securities(state: State, command: DepositSecurities) -> Outcome[State]:
    """An account deposits securities at the depository.

    Rule: CL-CUS-1.  Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, SUPPLY_WITHIN_LIMIT.
    """
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if command.units <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.units - state.central.outside.positions[place].held > state.parameters.securities[place].supply_max:
        return Rejected(Reason.SUPPLY_WITHIN_LIMIT)
    postings = (
        Posting(book(state.parameters, Line.SECURITIES, place), command.units, SystemAccount.OUTSIDE, command.account),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def withdraw_securities(state: State, command: WithdrawSecurities) -> Outcome[State]:
    """An account withdraws securities, even those it must deliver: units missing on their day are a fail.

    Rule: CL-CUS-1.  Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, HOLDING_COVERS, DEFAULT_SETTLED.
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
    if account.defaulted and not settled_up(state, command.account):
        return Rejected(Reason.DEFAULT_SETTLED)
    postings = (
        Posting(book(state.parameters, Line.SECURITIES, place), command.units, command.account, SystemAccount.OUTSIDE),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def deposit_cash(state: State, command: DepositCash) -> Outcome[State]:
    """An account deposits cash at the bank.

    Rule: CL-CUS-2.  Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, SUPPLY_WITHIN_LIMIT.
    """
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount - state.central.outside.money[place].held > state.parameters.currencies[place].supply_max:
        return Rejected(Reason.SUPPLY_WITHIN_LIMIT)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), command.amount, SystemAccount.OUTSIDE, command.account),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def withdraw_cash(state: State, command: WithdrawCash) -> Outcome[State]:
    """An account withdraws cash from the bank.

    Rule: CL-CUS-2.  Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, HOLDING_COVERS, DEFAULT_SETTLED.
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
    if account.defaulted and not settled_up(state, command.account):
        return Rejected(Reason.DEFAULT_SETTLED)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), command.amount, command.account, SystemAccount.OUTSIDE),
    )
    return Accepted(post(state, postings), (Posted(postings),))
