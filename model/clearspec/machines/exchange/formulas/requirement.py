"""How much margin an exposure needs: a rate that grows with the square root of the exposure."""

from math import isqrt

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, smallest
from clearspec.machines.exchange.state.parameters import Curve


@measure
def covers_curve(curve: Curve, leverage: int | None, usd: int, margin: int, exposure: int) -> bool:
    """Is the margin at least exposure * max(1 / leverage, base, factor * sqrt(exposure / usd))?

    Rule: EX-REQ-1.  Units: margin, exposure in quote atoms.  The curve is cross-multiplied and squared.
    """
    return (
        (leverage is None or margin * leverage >= exposure)
        and margin * RATE_SCALE >= curve.base * exposure
        and margin * margin * RATE_SCALE * RATE_SCALE * usd
        >= curve.factor * curve.factor * exposure * exposure * exposure
    )


@measure
def requirement(curve: Curve, leverage: int | None, usd: int, exposure: int) -> Atoms:
    """The margin that an exposure needs.

    Rule: EX-REQ-1.  Units: quote atoms.  Rounding: once, up, against the account.
    The account's leverage bounds initial margin alone; for maintenance there is none.  With it in both, an account at
    its full leverage would be liquidated at once.
    Requires: exposure >= 0, leverage > 0, usd > 0.
    """

    def near() -> int:
        cubed = curve.factor * curve.factor * exposure * exposure * exposure
        return max(
            0 if leverage is None else exposure // leverage,
            curve.base * exposure // RATE_SCALE,
            isqrt(cubed // (RATE_SCALE * RATE_SCALE * usd)),
        )

    return Atoms(smallest(lambda margin: covers_curve(curve, leverage, usd, margin, exposure), near, "EX-REQ-4"))
