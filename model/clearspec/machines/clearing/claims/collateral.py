"""Laws of collateral: what a haircut leaves."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.clearing.claims.margin import amount
from clearspec.machines.clearing.formulas.collateral import value_after_haircut

SOURCE = "PFMI, principle 5; rules §8"


def haircut_arguments(choices: Choices) -> tuple[Any, ...]:
    """A haircut, a worth, and a greater one."""
    worth = amount(choices)
    haircuts = (0, 1, 20_000, 150_000, RATE_SCALE - 1, RATE_SCALE, choices.integer(0, RATE_SCALE))
    return Rate(choices.pick(haircuts)), worth, worth + amount(choices)


@claim(
    "CL-HC-1",
    "Collateral counts the largest whole amount that is not above its worth less the haircut on it.",
    title="a haircut is cut off",
    kind=Kind.LAW,
    source=SOURCE,
    sample=haircut_arguments,
)
def a_haircut_is_cut_off(haircut: Rate, worth: int, _: int) -> bool:
    if worth < 0 or not 0 <= haircut <= RATE_SCALE:
        return True
    value = value_after_haircut(worth, haircut)
    cut, more_cut = ((worth - each) * RATE_SCALE >= worth * haircut for each in (value, value + 1))
    return 0 <= value <= worth and cut and not more_cut


@claim(
    "CL-HC-2",
    "More collateral never counts less, and two parts of it never more than the whole nor an atom less.",
    title="more collateral counts no less",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="collateral pledged in many pieces, each rounded in the member's favour",
    sample=haircut_arguments,
)
def more_collateral_counts_no_less(haircut: Rate, worth: int, more: int) -> bool:
    if not 0 <= worth <= more or not 0 <= haircut <= RATE_SCALE:
        return True
    part, whole = value_after_haircut(worth, haircut), value_after_haircut(more, haircut)
    rest = value_after_haircut(more - worth, haircut)
    return part <= whole and 0 <= whole - part - rest <= 1
