"""The default fund, to which members contribute, and the central counterparty's own part in it and beside it."""

from clearspec.clearing.commands import Contribute, ProvideCapital, Reason
from clearspec.clearing.events import Contributed
from clearspec.clearing.parameters import currency_place
from clearspec.clearing.state import AccountKind, Line, State, SystemAccount, book
from clearspec.ledger import Posted, Posting, post
from clearspec.machine import Accepted, Outcome, Rejected


def contribute(state: State, command: Contribute) -> Outcome[State]:
    """Cash of a member's own account becomes part of its contribution to the default fund.

    Rule: CL-FUND-1.
    Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, HOUSE_ACCOUNT, HOLDING_COVERS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if account.kind != AccountKind.HOUSE:
        return Rejected(Reason.HOUSE_ACCOUNT)
    if command.amount > account.holdings.money[place].held:
        return Rejected(Reason.HOLDING_COVERS)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), command.amount, command.account, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.FUND, place), command.amount, SystemAccount.SAFE, command.account),
    )
    return Accepted(post(state, postings), (Contributed(command.account), Posted(postings)))


def provide_capital(state: State, command: ProvideCapital) -> Outcome[State]:
    """The central counterparty gets equity; or its part of the default fund, which pays before the members' parts.

    Rule: CL-FUND-2.  Rejects: CURRENCY_EXISTS, AMOUNT_POSITIVE, SUPPLY_WITHIN_LIMIT.
    """
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount - state.central.outside.money[place].held > state.parameters.currencies[place].supply_max:
        return Rejected(Reason.SUPPLY_WITHIN_LIMIT)
    cash, fund = book(state.parameters, Line.CASH, place), book(state.parameters, Line.FUND, place)
    postings: tuple[Posting, ...] = (Posting(cash, command.amount, SystemAccount.OUTSIDE, SystemAccount.OWN),)
    if command.skin:
        postings = (
            Posting(cash, command.amount, SystemAccount.OUTSIDE, SystemAccount.SAFE),
            Posting(fund, command.amount, SystemAccount.SAFE, SystemAccount.OWN),
        )
    return Accepted(post(state, postings), (Posted(postings),))
