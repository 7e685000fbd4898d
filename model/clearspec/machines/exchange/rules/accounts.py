"""Opening an account."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.machines.exchange.state.commands import OpenAccount, Reason
from clearspec.machines.exchange.state.events import AccountOpened
from clearspec.machines.exchange.state.parameters import tier_named
from clearspec.machines.exchange.state.types import Account, State, empty


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
        inspected=0,
        asked=0,
        holdings=empty(state.parameters),
    )
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, account)),
        (AccountOpened(command.account),),
    )
