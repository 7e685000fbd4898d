"""What a claim on a pool and a debt have come to by their indices."""

from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.state.types import (
    Account,
)


def claim_of(account: Account, place: int) -> Atoms:
    """What the account has lent of the asset at that place."""
    return account.holdings.loans[place].lent


def debt_of(account: Account, place: int) -> Atoms:
    """What the account has borrowed of the asset at that place."""
    return account.holdings.loans[place].borrowed


def grows(account: Account, *indices: int) -> bool:
    """Has the account a loan that has not grown up to these indices: of claims, then of debts, asset by asset?"""
    loans = account.holdings.loans
    return any(
        (loan.lent != 0 and loan.lent_at != lent_index) or (loan.borrowed != 0 and loan.borrowed_at != borrowed_index)
        for loan, lent_index, borrowed_index in zip(loans, indices[: len(loans)], indices[len(loans) :], strict=True)
    )
