"""What comes in, lies on chain and leaves: deposits, hot and cold wallets, withdrawals from request to payment."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.claims.accounts import same_loans, same_positions
from clearspec.machines.exchange.claims.ledger import came_in
from clearspec.machines.exchange.claims.margin import initial_margin_met
from clearspec.machines.exchange.formulas.custody import unpaid
from clearspec.machines.exchange.state.commands import (
    Borrow,
    CancelWithdrawal,
    Deposit,
    MoveWallet,
    SendWithdrawal,
    Withdraw,
)
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import State, Withdrawal, WithdrawalId, WithdrawalStatus


@claim(
    "EX-CUS-1",
    "A deposit, a withdrawal or its cancellation changes one balance by its amount, and no position or loan.",
    title="a deposit or withdrawal changes one balance",
    kind=Kind.STEP,
    on=(Deposit, Withdraw, CancelWithdrawal),
)
def one_balance_changes(before: State, command: Deposit | Withdraw | CancelWithdrawal, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if isinstance(command, CancelWithdrawal):
        cancelled = before.withdrawals.get(command.withdrawal)
        if cancelled is None:
            return False
        place, more = asset_place(before.parameters, cancelled.asset), cancelled.amount
    else:
        place, more = asset_place(before.parameters, command.asset), command.amount
    if was is None or now is None or place is None:
        return False
    signed = -more if isinstance(command, Withdraw) else more
    return all(
        now.holdings.balances[asset] == was.holdings.balances[asset] + (signed if asset == place else 0)
        for asset in range(len(before.parameters.assets))
    ) and (same_positions(was, now) and same_loans(was, now))


@claim(
    "EX-CUS-2",
    "What is asked to leave is written down as asked, under a name of its own, and waits.",
    title="a withdrawal is recorded once and waits",
    kind=Kind.STEP,
    on=(Withdraw,),
    prevents="a withdrawal paid twice because it was asked for twice",
)
def a_withdrawal_is_new_and_waits(before: State, command: Withdraw, after: Accepted[State]) -> bool:
    row = after.state.withdrawals.get(command.withdrawal)
    return (
        before.withdrawals.get(command.withdrawal) is None
        and row is not None
        and row.owner == command.account
        and row.asset == command.asset
        and row.amount == command.amount
        and row.status == WithdrawalStatus.PENDING
    )


@claim(
    "EX-CUS-3",
    "Nothing unrealised leaves: after a withdrawal or a borrowing margin suffices with every gain counted as nothing.",
    title="nothing unrealised leaves",
    kind=Kind.STEP,
    on=(Withdraw, Borrow),
    source="rules §3",
    prevents="Mango 2022: unrealised gains from a pumped mark borrowed against",
)
def nothing_unrealised_leaves(before: State, command: Withdraw | Borrow, after: Accepted[State]) -> bool:
    return initial_margin_met(after.state, command.account, counting_gains=False)


@claim(
    "EX-CUS-4",
    "No wallet ever holds less than nothing.",
    title="no wallet is overdrawn",
    kind=Kind.STATE,
    source="a chain lets nobody send what he has not",
)
def wallets_are_not_overdrawn(state: State) -> bool:
    return all(wallet.hot >= 0 and wallet.cold >= 0 for wallet in state.wallets)


@claim(
    "EX-CUS-5",
    "Per asset, what lies on chain, hot and cold, is what the ledger says came in less what left.",
    title="the chain agrees with the ledger",
    kind=Kind.STATE,
    source="rules §2",
    prevents="FTX: coins that left without a posting, while every book balanced",
)
def the_chain_agrees_with_the_ledger(state: State) -> bool:
    return all(
        wallet.hot + wallet.cold == -booked
        for wallet, booked in zip(state.wallets, state.venue.custody.balances, strict=True)
    )


@claim(
    "EX-CUS-6",
    "Per asset, the withdrawals account holds exactly what pending withdrawals are still to be paid.",
    title="pending withdrawals are set aside",
    kind=Kind.STATE,
    source="rules §2",
    prevents="a queue of withdrawals that is longer than what was set aside for it",
)
def withdrawals_are_set_aside(state: State) -> bool:
    return all(
        state.venue.withdrawals.balances[place] == state.withdrawals.total(unpaid, asset=asset.id)
        for place, asset in enumerate(state.parameters.assets)
    )


@claim(
    "EX-CUS-7",
    "Every withdrawal is of an account and an asset that exist, and of more than nothing.",
    title="withdrawals are well formed",
    kind=Kind.STATE,
)
def withdrawals_are_in_order(state: State) -> bool:
    return state.withdrawals.every(
        lambda _, row: (
            state.accounts.get(row.owner) is not None
            and asset_place(state.parameters, row.asset) is not None
            and row.amount > 0
        )
    )


@claim(
    "EX-CUS-8",
    "A withdrawal changes only its status, and once. The operator sends it or its owner cancels it, while it is"
    " pending. None appears without a request.",
    title="a withdrawal ends once",
    kind=Kind.STEP,
    source="rules §2",
    prevents="a withdrawal sent twice, or cancelled after it was sent",
)
def withdrawals_end_once(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.withdrawals.every(
        lambda key, row: ended_as_told(key, row, after.state.withdrawals.get(key), beat)
    ) and after.state.withdrawals.every(
        lambda key, _: (
            before.withdrawals.get(key) is not None or (isinstance(beat, Withdraw) and key == beat.withdrawal)
        )
    )


@measure
def ended_as_told(key: WithdrawalId, was: Withdrawal, now: Withdrawal | None, beat: object) -> bool:
    """Is the withdrawal what it was, or has the one beat that names it ended it?"""
    if now is None or now.owner != was.owner or now.asset != was.asset or now.amount != was.amount:
        return False
    if isinstance(beat, SendWithdrawal) and key == beat.withdrawal:
        return was.status == WithdrawalStatus.PENDING and now.status == WithdrawalStatus.SENT
    if isinstance(beat, CancelWithdrawal) and key == beat.withdrawal:
        own = was.owner == beat.account
        return own and was.status == WithdrawalStatus.PENDING and now.status == WithdrawalStatus.CANCELLED
    return now.status == was.status


@claim(
    "EX-CUS-9",
    "A deposit goes into the hot wallet, and a withdrawal leaves it, in full. Otherwise wallets change only when the"
    " operator moves an asset between them.",
    title="wallets change only as told",
    kind=Kind.STEP,
    source="rules §2",
    prevents="cold storage that pays withdrawals, or pays anybody",
)
def wallets_change_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    for place, asset in enumerate(before.parameters.assets):
        was, now = before.wallets[place], after.state.wallets[place]
        cooled = beat.amount if isinstance(beat, MoveWallet) and beat.asset == asset.id else 0
        if now.hot != was.hot + came_in(before, beat, asset.id) - cooled or now.cold != was.cold + cooled:
            return False
    return True


# What refusals.py compares each refusal of this topic with.


def withdrawal_is_new(state: State, command: Withdraw) -> bool:
    return state.withdrawals.get(command.withdrawal) is None


def withdrawal_is_pending(state: State, command: SendWithdrawal) -> bool:
    withdrawal = state.withdrawals.get(command.withdrawal)
    return withdrawal is not None and withdrawal.status == WithdrawalStatus.PENDING


def withdrawal_is_pending_and_own(state: State, command: CancelWithdrawal) -> bool:
    withdrawal = state.withdrawals.get(command.withdrawal)
    return (
        withdrawal is not None and withdrawal.owner == command.account and withdrawal.status == WithdrawalStatus.PENDING
    )


def hot_wallet_pays(state: State, command: SendWithdrawal) -> bool:
    withdrawal = state.withdrawals.get(command.withdrawal)
    return withdrawal is not None and all(
        asset.id != withdrawal.asset or wallet.hot - withdrawal.amount >= 0
        for asset, wallet in zip(state.parameters.assets, state.wallets, strict=True)
    )


def something_is_moved(state: State, command: MoveWallet) -> bool:
    return command.amount != 0


def hot_wallet_gives(state: State, command: MoveWallet) -> bool:
    return all(
        asset.id != command.asset or wallet.hot >= command.amount
        for asset, wallet in zip(state.parameters.assets, state.wallets, strict=True)
    )


def cold_wallet_gives(state: State, command: MoveWallet) -> bool:
    return all(
        asset.id != command.asset or wallet.cold + command.amount >= 0
        for asset, wallet in zip(state.parameters.assets, state.wallets, strict=True)
    )
