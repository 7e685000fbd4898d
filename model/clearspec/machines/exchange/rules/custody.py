"""What comes into the venue and leaves it: deposits, the wallets on chain, and withdrawals that wait to be paid."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.formulas.margin import at_risk
from clearspec.machines.exchange.rules.margin import Gains, exposures, free_balances, meets_initial
from clearspec.machines.exchange.rules.marks import all_marks_valid
from clearspec.machines.exchange.state.commands import (
    CancelWithdrawal,
    Deposit,
    MoveWallet,
    Reason,
    SendWithdrawal,
    Withdraw,
)
from clearspec.machines.exchange.state.events import (
    WalletMoved,
    WithdrawalCancelled,
    WithdrawalRequested,
    WithdrawalSent,
)
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import (
    Line,
    State,
    SystemAccount,
    Wallet,
    Withdrawal,
    WithdrawalId,
    WithdrawalStatus,
    book,
    put_at,
)


def deposit(state: State, command: Deposit) -> Outcome[State]:
    """Take in an asset from outside, into the hot wallet.

    The limit counts what waits to be paid as well: a withdrawal may still be cancelled.

    Rule: EX-CUS-1, EX-CUS-9.
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
    return Accepted(moved(post(state, postings), place, hot=command.amount), (Posted(postings),))


def withdraw(state: State, command: Withdraw) -> Outcome[State]:
    """Take an asset out of an account, to be paid on chain: nothing that an order holds, and nothing against gains
    that are not settled.

    While the account risks something, every mark must be valid: a dead feed may hide a loss.  What waits is no longer
    the account's: it backs nothing, and no later loss reaches it.

    Rule: EX-CUS-1, EX-CUS-2, EX-CUS-3.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, WITHDRAWAL_ID_UNUSED, AMOUNT_POSITIVE, BALANCE_FREE, GAINS_SETTLED,
    MARK_VALID.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if state.withdrawals.get(command.withdrawal) is not None:
        return Rejected(Reason.WITHDRAWAL_ID_UNUSED)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > free_balances(state, command.account, account.holdings)[place]:
        return Rejected(Reason.BALANCE_FREE)
    postings = (
        Posting(
            book(state.parameters, Line.BALANCE, place), command.amount, command.account, SystemAccount.WITHDRAWALS
        ),
    )
    after = post(state, postings)
    if not meets_initial(after, command.account, Gains.NOT_AT_ALL):
        return Rejected(Reason.GAINS_SETTLED)
    exposed = exposures(state, command.account, account.holdings)
    if at_risk(exposed, account.holdings.loans) and not all_marks_valid(state):
        return Rejected(Reason.MARK_VALID)
    withdrawal = Withdrawal(command.account, command.asset, command.amount, WithdrawalStatus.PENDING)
    return Accepted(
        evolve(after, withdrawals=after.withdrawals.put(command.withdrawal, withdrawal)),
        (WithdrawalRequested(command.withdrawal), Posted(postings)),
    )


def send_withdrawal(state: State, command: SendWithdrawal) -> Outcome[State]:
    """Pay a pending withdrawal on chain, in full and out of the hot wallet.  The operator chooses in which order.

    Rule: EX-CUS-8, EX-CUS-9.
    Rejects: WITHDRAWAL_PENDING, HOT_WALLET_COVERS.
    """
    withdrawal = state.withdrawals.get(command.withdrawal)
    if withdrawal is None or withdrawal.status != WithdrawalStatus.PENDING:
        return Rejected(Reason.WITHDRAWAL_PENDING)
    place = asset_place(state.parameters, withdrawal.asset)
    assert place is not None, "a withdrawal is of an asset that exists"
    if withdrawal.amount > state.wallets[place].hot:
        return Rejected(Reason.HOT_WALLET_COVERS)
    postings = (
        Posting(
            book(state.parameters, Line.BALANCE, place),
            withdrawal.amount,
            SystemAccount.WITHDRAWALS,
            SystemAccount.CUSTODY,
        ),
    )
    after = moved(post(state, postings), place, hot=-withdrawal.amount)
    return Accepted(
        ended(after, command.withdrawal, withdrawal, WithdrawalStatus.SENT),
        (WithdrawalSent(command.withdrawal), Posted(postings)),
    )


def cancel_withdrawal(state: State, command: CancelWithdrawal) -> Outcome[State]:
    """Give a pending withdrawal back to the account that asked for it.

    Rule: EX-CUS-1, EX-CUS-8.
    Rejects: WITHDRAWAL_PENDING.
    """
    withdrawal = state.withdrawals.get(command.withdrawal)
    if withdrawal is None or withdrawal.owner != command.account or withdrawal.status != WithdrawalStatus.PENDING:
        return Rejected(Reason.WITHDRAWAL_PENDING)
    place = asset_place(state.parameters, withdrawal.asset)
    assert place is not None, "a withdrawal is of an asset that exists"
    postings = (
        Posting(
            book(state.parameters, Line.BALANCE, place), withdrawal.amount, SystemAccount.WITHDRAWALS, command.account
        ),
    )
    return Accepted(
        ended(post(state, postings), command.withdrawal, withdrawal, WithdrawalStatus.CANCELLED),
        (WithdrawalCancelled(command.withdrawal), Posted(postings)),
    )


def move_wallet(state: State, command: MoveWallet) -> Outcome[State]:
    """Move an asset between the wallets: to the cold one, or with a negative amount to the hot one.

    Rule: EX-CUS-9.
    Rejects: ASSET_EXISTS, AMOUNT_NOT_ZERO, HOT_WALLET_COVERS, COLD_WALLET_COVERS.
    """
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount == 0:
        return Rejected(Reason.AMOUNT_NOT_ZERO)
    if command.amount > state.wallets[place].hot:
        return Rejected(Reason.HOT_WALLET_COVERS)
    if -command.amount > state.wallets[place].cold:
        return Rejected(Reason.COLD_WALLET_COVERS)
    return Accepted(
        moved(state, place, hot=-command.amount, cold=command.amount), (WalletMoved(command.asset, command.amount),)
    )


def moved(state: State, place: int, hot: int, cold: int = 0) -> State:
    """The state with so much more in the wallets of the asset at that place."""
    wallet = state.wallets[place]
    wallet = Wallet(hot=Atoms(wallet.hot + hot), cold=Atoms(wallet.cold + cold))
    return evolve(state, wallets=put_at(state.wallets, place, wallet))


def ended(state: State, name: WithdrawalId, withdrawal: Withdrawal, status: WithdrawalStatus) -> State:
    """The state in which the withdrawal has come to this end."""
    return evolve(state, withdrawals=state.withdrawals.put(name, evolve(withdrawal, status=status)))
