"""What a deficit comes to: bad debt, the part that lenders bear, and each lender's share."""

from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, spread
from clearspec.mechanisms.pro_rata import allotment


@measure
def bad_debt(zero: ZeroPrice, closed: int) -> Atoms:
    """What is left of the deficit of one market when so many lots were closed at the zero price, the rest at mark.

    Rule: EX-BAD-1.  Units: quote atoms.  Rounding: none of its own, so that what the fund and the others paid, and
    this, is the deficit.  Requires: 0 <= closed <= position.
    Source: rules §7.
    """
    return Atoms(-spread(zero, closed, zero.position - closed) if zero.equity < 0 else 0)


@measure
def absorbed_by_lenders(loss: int, claims: int) -> Atoms:
    """What all lenders to a pool bear of a debt to it that is not paid: all of it, as far as their claims go.

    Rule: EX-BAD-2.  What is beyond their claims is bad debt.
    Units: atoms of the asset.  Rounding: none.  Requires: loss >= 0, claims >= 0.
    """
    return Atoms(min(loss, claims))


@measure
def lender_loss(loss: int, before: int, claim: int, claims: int) -> Atoms:
    """What one lender bears of a debt to the pool that is not paid: pro rata to its claim, and never more than that.

    Rule: EX-BAD-3.  Units: atoms of the asset; the claims of the lenders before it, its own, and of all, the venue's
    among them, each grown up to the pool's index.  Rounding: by running sums, so that losses borne are losses found.
    Requires: loss >= 0, before >= 0, claim >= 0, before + claim <= claims.
    Source: rules §7.
    """
    return Atoms(allotment(absorbed_by_lenders(loss, claims), before, claim, claims))
