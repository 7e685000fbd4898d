"""Which part of a position is at risk, and whether an order reduces it."""

from clearspec.core.machine import measure
from clearspec.machines.exchange.formulas.exposure import Exposures
from clearspec.machines.exchange.state.types import Loan


@measure
def at_risk(exposed: Exposures, loans: tuple[Loan, ...]) -> bool:
    """Is there a position, an open order that may lead to one, a realised loss that is not paid, or a debt?"""
    return any(each.lots > 0 or each.position.unsettled < 0 for _, each in exposed) or any(
        loan.borrowed > 0 for loan in loans
    )


@measure
def reduced(was: int, now: int) -> bool:
    """Did a position of that size become smaller without changing its side?  Units: signed lots."""
    return 0 <= now < was or was < now <= 0
