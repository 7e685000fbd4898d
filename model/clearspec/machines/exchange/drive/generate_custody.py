"""Random commands of custody, and which landmarks of it a beat reached."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.state.commands import CancelWithdrawal, MoveWallet, SendWithdrawal, Withdraw
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import AccountId, State, Withdrawal, WithdrawalId, WithdrawalStatus

LANDMARKS = (
    "withdrawal waits for the hot wallet",
    "withdrawal sent",
    "withdrawal cancelled",
    "moved to cold",
    "moved back to hot",
)


def each_once(_: Withdrawal) -> int:
    """Counts withdrawals."""
    return 1


def withdraw(state: State, choices: Choices, who: AccountId) -> Withdraw:
    """About as much as there is, mostly of what there is, under a name that is new, but for once in a while."""
    row = state.accounts.get(who)
    balances = (1,) if row is None else row.holdings.balances
    owned = [each for each, amount in enumerate(balances) if amount > 0]
    what = choices.pick(owned) if owned and choices.integer(1, 8) > 1 else choices.integer(0, len(balances) - 1)
    balance = balances[what]
    amount = choices.pick((balance, balance // 2, balance + 1, choices.integer(0, max(balance, 1))))
    named = state.withdrawals.total(each_once)
    name = named if choices.integer(1, 20) > 1 else choices.integer(0, named)
    return Withdraw(who, WithdrawalId(f"w{name}"), state.parameters.assets[what].id, Atoms(amount))


def custody(state: State, choices: Choices) -> Any:
    """A withdrawal sent or cancelled, or something moved between the wallets, about as much as there is."""
    pending = [(key, row) for key, row in state.withdrawals.rows() if row.status == WithdrawalStatus.PENDING]
    if pending and choices.integer(1, 3) > 1:
        key, row = choices.pick(pending)
        if choices.integer(1, 4) > 1:
            return SendWithdrawal(key)
        return CancelWithdrawal(row.owner if choices.integer(1, 4) > 1 else AccountId("a"), key)
    if choices.integer(1, 8) == 1:
        name = WithdrawalId(f"w{choices.integer(0, state.withdrawals.total(each_once))}")
        return choices.pick((SendWithdrawal(name), CancelWithdrawal(AccountId("a"), name)))
    place = choices.integer(0, len(state.wallets) - 1)
    wallet = state.wallets[place]
    hot, cold = wallet.hot + choices.pick((0, 0, 0, 1)), wallet.cold + choices.pick((0, 0, 0, 1))
    amounts = [each for each in (hot, hot - hot // 8, hot // 2, -cold, -cold, -(cold // 2)) if each != 0]
    amount = choices.pick(amounts or [0])
    return MoveWallet(state.parameters.assets[place].id, Atoms(amount))


def landmarks_of(before: State, beat: Any, accepted: Accepted[State]) -> tuple[str, ...]:
    """Which landmarks of custody this beat reached."""
    after = accepted.state
    if isinstance(beat, Withdraw):
        place = asset_place(before.parameters, beat.asset)
        assert place is not None, "what was withdrawn is of an asset that exists"
        return ("withdrawal waits for the hot wallet",) if beat.amount > after.wallets[place].hot else ()
    if isinstance(beat, SendWithdrawal):
        return ("withdrawal sent",)
    if isinstance(beat, CancelWithdrawal):
        return ("withdrawal cancelled",)
    if isinstance(beat, MoveWallet):
        return ("moved to cold",) if beat.amount > 0 else ("moved back to hot",)
    return ()
