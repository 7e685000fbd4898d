"""Laws of the margin requirement: exact, monotone, superadditive, and found by a search that ends."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.formulas.requirement import covers_curve, requirement
from clearspec.machines.exchange.state.parameters import Curve


def requirement_arguments(choices: Choices) -> tuple[Any, ...]:
    """A curve, leverage, dollars and two exposures."""
    factor = choices.pick((0, 5, 10, 30_000, choices.integer(0, 100_000)))
    curve = Curve(Rate(choices.integer(1, 200_000)), Rate(factor))
    leverage = choices.pick((None, choices.integer(1, 50)))
    return curve, leverage, choices.pick((1, 2, 1_000_000)), amount(choices), amount(choices)


def sensible(curve: Curve, leverage: int | None, usd: int) -> bool:
    """Are these parameters of a margin requirement that valid parameters allow?"""
    return (leverage is None or leverage > 0) and usd > 0 and curve.base >= 0 and curve.factor >= 0


@claim(
    "EX-REQ-1",
    "A margin requirement is the smallest whole amount that covers max(1 / leverage, base, factor * sqrt(dollars)) of"
    " the exposure.",
    title="the margin requirement is exact",
    kind=Kind.LAW,
    source="Settlement & Clearing, Pre-Trade Clearing; rules §3",
    sample=requirement_arguments,
)
def requirement_is_exact(curve: Curve, leverage: int | None, usd: int, exposure: int, _: int) -> bool:
    if exposure < 0 or not sensible(curve, leverage, usd):
        return True
    margin = requirement(curve, leverage, usd, exposure)
    covers, less_covers = (
        (leverage is None or each * leverage >= exposure)
        and each * RATE_SCALE >= curve.base * exposure
        and each * each * usd * RATE_SCALE**2 >= curve.factor**2 * exposure**3
        for each in (margin, margin - 1)
    )
    return margin >= 0 and covers and (margin == 0 or not less_covers)


@claim(
    "EX-REQ-2",
    "More exposure never needs less margin.",
    title="the margin requirement is monotone",
    kind=Kind.LAW,
    source="rules §3",
    sample=requirement_arguments,
)
def requirement_is_monotone(curve: Curve, leverage: int | None, usd: int, exposure: int, more: int) -> bool:
    if exposure < 0 or more < 0 or not sensible(curve, leverage, usd):
        return True
    return requirement(curve, leverage, usd, exposure) <= requirement(curve, leverage, usd, exposure + more)


@claim(
    "EX-REQ-3",
    "Splitting an exposure in two saves at most one atom of margin: in n parts, at most n - 1.",
    title="splitting an exposure saves at most one atom",
    kind=Kind.LAW,
    source="rules §3",
    prevents="an exposure split over sub-accounts to escape concentration margin",
    sample=requirement_arguments,
    open_cells={"law": "Z3 proves it; cvc5 did not within its time on any of the prover's readings, nor on Z3's core"},
)
def requirement_is_superadditive(curve: Curve, leverage: int | None, usd: int, one: int, other: int) -> bool:
    if one < 0 or other < 0 or not sensible(curve, leverage, usd):
        return True
    apart = requirement(curve, leverage, usd, one) + requirement(curve, leverage, usd, other)
    return requirement(curve, leverage, usd, one + other) >= apart - 1


def end_of_requirement(choices: Choices) -> tuple[Any, ...]:
    """A curve, leverage, dollars, an exposure, and two margins."""
    curve, leverage, usd, exposure, margin = requirement_arguments(choices)
    most = exposure * (1 + curve.base + curve.factor * exposure)
    return curve, leverage, usd, exposure, choices.pick((margin, most)), margin + amount(choices)


@claim(
    "EX-REQ-4",
    "As many times the exposure as its rates and it add up to is margin enough; and more than margin enough is enough.",
    title="the search for the requirement ends",
    kind=Kind.LAW,
    source="rules §3",
    prevents="a search for the smallest that has no end, of which anything could be proved",
    sample=end_of_requirement,
)
def requirement_ends(curve: Curve, leverage: int | None, usd: int, exposure: int, margin: int, more: int) -> bool:
    if exposure < 0 or not sensible(curve, leverage, usd):
        return True
    most = exposure * (1 + curve.base + curve.factor * exposure)
    if 0 <= margin <= more and covers_curve(curve, leverage, usd, margin, exposure):
        return covers_curve(curve, leverage, usd, more, exposure)
    return margin != most or covers_curve(curve, leverage, usd, margin, exposure)
