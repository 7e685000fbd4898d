"""What of a withdrawal has not been sent."""

from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.state.types import (
    Withdrawal,
    WithdrawalStatus,
)


def unpaid(withdrawal: Withdrawal) -> Atoms:
    """What the chain has still to pay: all of it while it is pending, then nothing."""
    return withdrawal.amount if withdrawal.status == WithdrawalStatus.PENDING else Atoms(0)
