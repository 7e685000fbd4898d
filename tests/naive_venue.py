"""A venue with a friend: the rules of the exchange but for one account, which is asked nothing and given what it wants.

By the complaints of the CFTC and the SEC of December 2022, FTX exempted the account of its affiliate from liquidation,
let its balance fall below nothing, and so lent it the assets of other clients.  Here are the ways to book that, one a
function; every one of them balances.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.custody import moved
from clearspec.machines.exchange.state.commands import Borrow, MoveWallet, Withdraw
from clearspec.machines.exchange.state.events import WithdrawalRequested
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import AccountId, Line, SystemAccount, Withdrawal, WithdrawalStatus, book

FRIEND = AccountId("a")


def with_rule(rule):
    """The exchange with this rule in front of its own: it answers, or leaves the command to them with None."""

    def beat(state, command):
        answer = rule(state, command)
        return MACHINE.spec.beat(state, command) if answer is None else answer

    return MACHINE.altered(beat=beat)


def posted(state, *postings):
    return Accepted(post(state, postings), (Posted(postings),))


def asset_of(state, command, friend=FRIEND):
    """The place of the asset, if a friend who is known asks for some of one that is listed."""
    known = state.accounts.get(friend) is not None and command.amount > 0
    return asset_place(state.parameters, command.asset) if known else None


def asked_nothing(state, command):
    """The friend withdraws what it has not: its balance falls below nothing, and nobody looks."""
    if not isinstance(command, Withdraw) or command.account != FRIEND:
        return None
    place = asset_of(state, command)
    if place is None or state.withdrawals.get(command.withdrawal) is not None:
        return None
    balance = book(state.parameters, Line.BALANCE, place)
    done = posted(state, Posting(balance, command.amount, FRIEND, SystemAccount.WITHDRAWALS))
    row = Withdrawal(FRIEND, command.asset, command.amount, WithdrawalStatus.PENDING)
    after = evolve(done.state, withdrawals=done.state.withdrawals.put(command.withdrawal, row))
    return Accepted(after, (WithdrawalRequested(command.withdrawal), *done.events))


def lent_by(payer, friend=FRIEND):
    """The friend borrows without collateral, a debt is written down, and the cash comes from this holder."""

    def rule(state, command):
        if not isinstance(command, Borrow) or command.account != friend:
            return None
        place = asset_of(state, command, friend)
        if place is None or (isinstance(payer, AccountId) and state.accounts.get(payer) is None):
            return None
        return posted(
            state,
            Posting(book(state.parameters, Line.BALANCE, place), command.amount, payer, friend),
            Posting(book(state.parameters, Line.BORROWED, place), command.amount, SystemAccount.POOL, friend),
        )

    return rule


def taken_from_the_wallet(state, command):
    """What the operator moves to the cold wallet never arrives there, and nothing is posted."""
    if not isinstance(command, MoveWallet) or command.amount <= 0:
        return None
    place = asset_place(state.parameters, command.asset)
    if place is None or command.amount > state.wallets[place].hot:
        return None
    return Accepted(moved(state, place, hot=-command.amount))
