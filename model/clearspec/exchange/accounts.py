"""Opening an account, and what comes into the venue and leaves it."""

from attrs import evolve

from clearspec.exchange.commands import Deposit, OpenAccount, Reason, Withdraw
from clearspec.exchange.events import AccountOpened
from clearspec.exchange.margin import Gains, at_risk, exposures, free_balances, meets_initial
from clearspec.exchange.marks import all_marks_valid
from clearspec.exchange.parameters import asset_place, tier_named
from clearspec.exchange.state import Account, Line, State, SystemAccount, book, empty
from clearspec.ledger import Posted, Posting, post
from clearspec.machine import Accepted, Outcome, Rejected


def one(_: Account) -> int:
    """Counts an account."""
    return 1


def open_account(state: State, command: OpenAccount) -> Outcome[State]:
    """Open a client account that holds nothing.

    Rule: EX-ACC-1.
    Rejects: ACCOUNT_ID_UNUSED, TIER_EXISTS, LEVERAGE_WITHIN_LIMIT, ACCOUNTS_WITHIN_LIMIT.
    """
    if state.accounts.get(command.account) is not None:
        return Rejected(Reason.ACCOUNT_ID_UNUSED)
    if tier_named(state.parameters, command.tier) is None:
        return Rejected(Reason.TIER_EXISTS)
    if not 1 <= command.leverage <= state.parameters.leverage_max:
        return Rejected(Reason.LEVERAGE_WITHIN_LIMIT)
    if state.accounts.total(one) >= state.parameters.accounts_max:
        return Rejected(Reason.ACCOUNTS_WITHIN_LIMIT)
    account = Account(
        tier=command.tier,
        leverage=command.leverage,
        auto_repay=False,
        auto_lend=False,
        auto_borrow=False,
        turn=0,
        holdings=empty(state.parameters),
    )
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, account)),
        (AccountOpened(command.account),),
    )


def deposit(state: State, command: Deposit) -> Outcome[State]:
    """Take in an asset from outside.

    Rule: EX-CUS-1.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, SUPPLY_WITHIN_LIMIT.
    """
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount - state.venue.custody.balances[place] > state.parameters.assets[place].supply_max:
        return Rejected(Reason.SUPPLY_WITHIN_LIMIT)
    postings = (
        Posting(book(state.parameters, Line.BALANCE, place), command.amount, SystemAccount.CUSTODY, command.account),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def withdraw(state: State, command: Withdraw) -> Outcome[State]:
    """Let an asset leave the venue: nothing that an order holds, and nothing against gains that are not settled.

    While the account risks something, every mark must be valid: a dead feed may hide a loss.

    Rule: EX-CUS-2, EX-CUS-3.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, BALANCE_FREE, GAINS_SETTLED, MARK_VALID.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > free_balances(state, command.account, account.holdings)[place]:
        return Rejected(Reason.BALANCE_FREE)
    postings = (
        Posting(book(state.parameters, Line.BALANCE, place), command.amount, command.account, SystemAccount.CUSTODY),
    )
    after = post(state, postings)
    if not meets_initial(after, command.account, Gains.NOT_AT_ALL):
        return Rejected(Reason.GAINS_SETTLED)
    exposed = exposures(state, command.account, account.holdings)
    if at_risk(exposed, account.holdings.loans) and not all_marks_valid(state):
        return Rejected(Reason.MARK_VALID)
    return Accepted(after, (Posted(postings),))
