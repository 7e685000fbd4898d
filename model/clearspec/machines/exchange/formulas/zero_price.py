"""The zero price of a position: closing everything at it leaves the account with exactly nothing.

The price is a quotient and never appears.  Lots are traded at the mark, and beside that the account pays what the zero
price differs from it on those lots: the spread.  It is negative where the account's equity is; then the other side
gets a price that is worse than the mark and so pays the deficit.
"""

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms, Lots
from clearspec.mechanisms.pro_rata import allotted


@frozen
class ZeroPrice:
    """What fixes the zero price of one market, when it is taken: a snapshot, for all lots that are closed at it.

    The account's equity of any sign, the maintenance requirement of its positions in the markets before this one, in
    this one, and in all, and the lots of the position, without sign.  Debts have a requirement too, but nothing to be
    closed; it is not among these.
    Requires: position > 0, required > 0, before >= 0, before + required <= whole.
    """

    equity: Atoms
    before: Atoms
    required: Atoms
    whole: Atoms
    position: Lots


NO_ZERO_PRICE = ZeroPrice(Atoms(0), Atoms(0), Atoms(0), Atoms(0), Lots(0))


@measure
def paid_up_to(zero: ZeroPrice, closed: int) -> Atoms:
    """What the account has paid when so many lots of this market are closed, and all of the markets before it.

    Rule: EX-ZP-1.  Units: quote atoms.  Rounding: once, down, in favour of the account, until the last lot of the last
    market takes the rest.  Equity is shared over the markets by requirement, and over the lots of each alike.
    Requires: 0 <= closed <= position.
    """
    weight = zero.before * zero.position + zero.required * closed
    return Atoms(allotted(zero.equity, weight, zero.whole * zero.position))


@measure
def spread(zero: ZeroPrice, closed: int, lots: int) -> Atoms:
    """What the account pays beside the mark for closing these lots at the zero price, so many being closed already.

    Rule: EX-ZP-2.  Units: quote atoms; negative where it is paid.  Rounding: by running sums, so that parts add up.
    Requires: closed >= 0, lots >= 0, closed + lots <= position.
    Source: rules §7.
    """
    return Atoms(paid_up_to(zero, closed + lots) - paid_up_to(zero, closed))
