"""What comes to the depository and to the bank, and what leaves them."""

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
from clearspec.machines.clearing.state.parameters import currency_place, security_place
from clearspec.machines.clearing.state.types import Account, AccountId, Line, State, SystemAccount, account_of, book


def settled_up(state: State, name: AccountId) -> bool:
    """Is nothing left for the account to deliver, to receive or to pay, for the trades of today neither?"""
    return owes_nothing(account_of(state, name)) and not any(
        has_unsettled(state, name, security.id) for security in state.parameters.securities
    )


@measure
def owes_nothing(account: Account) -> bool:
    """Is nothing of the account left that has failed, and nothing to be paid, or back to who bore it?"""
    return all(position.failed == 0 for position in account.holdings.positions) and all(
        money.payable >= 0 and money.borne == 0 for money in account.holdings.money
    )


def deposit_securities(state: State, command: DepositSecurities) -> Outcome[State]:
    """Take securities into the depository.

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
    """Let securities leave the depository.  They are free: what is not held on its day is a fail.

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
    """Take cash into the bank.

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
    """Let cash leave the bank.

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
