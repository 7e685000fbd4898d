"""What comes to the depository and to the bank, and what leaves them."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted
from clearspec.machines.clearing.state.commands import DepositCash, DepositSecurities, WithdrawCash, WithdrawSecurities
from clearspec.machines.clearing.state.types import State


@claim(
    "CL-CUS-1",
    "Securities come to the account that deposits them and leave the one that withdraws them, in full, and nothing"
    " else of it changes.",
    title="securities come and leave in full",
    kind=Kind.STEP,
    on=(DepositSecurities, WithdrawSecurities),
)
def securities_come_and_leave(
    before: State, command: DepositSecurities | WithdrawSecurities, after: Accepted[State]
) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    signed = command.units if isinstance(command, DepositSecurities) else -command.units
    return (
        command.units > 0
        and all(
            new.held == old.held + (signed if security.id == command.security else 0)
            and new.cleared == old.cleared
            and new.due == old.due
            and new.failed == old.failed
            for security, old, new in zip(
                before.parameters.securities, was.holdings.positions, now.holdings.positions, strict=True
            )
        )
        and all(
            new.held == old.held and new.cleared == old.cleared and new.payable == old.payable
            for old, new in zip(was.holdings.money, now.holdings.money, strict=True)
        )
    )


@claim(
    "CL-CUS-2",
    "Cash comes to the account that deposits it and leaves the one that withdraws it, in full, and nothing else of it"
    " changes.",
    title="cash comes and leaves in full",
    kind=Kind.STEP,
    on=(DepositCash, WithdrawCash),
)
def cash_comes_and_leaves(before: State, command: DepositCash | WithdrawCash, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    signed = command.amount if isinstance(command, DepositCash) else -command.amount
    return (
        command.amount > 0
        and all(
            new.held == old.held + (signed if currency.id == command.currency else 0)
            and new.cleared == old.cleared
            and new.payable == old.payable
            for currency, old, new in zip(
                before.parameters.currencies, was.holdings.money, now.holdings.money, strict=True
            )
        )
        and all(
            new.held == old.held and new.cleared == old.cleared and new.due == old.due and new.failed == old.failed
            for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
        )
    )
