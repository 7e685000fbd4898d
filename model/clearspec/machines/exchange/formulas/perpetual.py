"""A perpetual trade: the position by quote cost, and what closing part of it realises."""

from attrs import evolve, frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms, Lots, mul_div_ceil
from clearspec.machines.exchange.state.types import (
    Position,
)


@measure
def closed_lots(size: int, signed: int) -> Lots:
    """The signed part of a trade that closes a position: opposite to it, and no larger."""
    return Lots(max(min(signed, -size), 0) if signed > 0 else min(max(signed, -size), 0))


@measure
def cost_share(position: Position, closed: int) -> Atoms:
    """The part of the cost that goes with the lots that are closed.

    Rule: EX-PERP-2.  Closing all takes all of the cost.
    Units: quote atoms.  Rounding: signed ceiling, against the account.
    """
    if closed == 0:
        return Atoms(0)
    if closed == -position.size:
        return position.cost
    return Atoms(mul_div_ceil(position.cost, abs(closed), abs(position.size)))


@frozen
class Change:
    """What a trade does to a position.  Units: quote atoms."""

    cost: Atoms
    realised: Atoms


def change(position: Position, signed: int, price: int) -> Change:
    """A trade of `signed` lots closes what is opposite at its share of the cost, and opens the rest at the price.

    Rule: EX-PERP-1.  Exact but for the share: cost - realised is always signed * price.
    """
    closed = closed_lots(position.size, signed)
    share = cost_share(position, closed)
    return Change(cost=Atoms((signed - closed) * price - share), realised=Atoms(-closed * price - share))


def after_fill(position: Position, signed: int, price: int) -> Position:
    """The position after a trade, fees aside."""
    changed = change(position, signed, price)
    return evolve(
        position,
        size=Lots(position.size + signed),
        cost=Atoms(position.cost + changed.cost),
        unsettled=Atoms(position.unsettled + changed.realised),
    )
