"""Laws of margin and collateral: what is covered, that the clearing house pays out what it gets, what is called for."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Price, Rate
from clearspec.machines.clearing.formulas.margin import (
    Concentration,
    Positions,
    Prices,
    RiskModel,
    Scenario,
    excess_collateral,
    initial_margin,
    margin_call,
    valid_model,
    variation_margin,
)

SOURCE = "PFMI, principle 6; rules §8"


def amount(choices: Choices) -> int:
    """Small amounts half of the time, of any size otherwise."""
    return choices.integer(0, 10 ** choices.pick((1, 1, 2, 3, 6, 12)))


def portfolio_arguments(choices: Choices) -> tuple[Any, ...]:
    """Two portfolios of two securities, their prices, and a model of three scenarios."""
    positions = tuple(tuple(amount(choices) * choices.pick((1, -1)) for _ in "ab") for _ in "xy")
    prices = tuple(Price(1 + amount(choices)) for _ in "ab")
    moves = (-RATE_SCALE, -200_000, -100_000, -1, 0, 1, 50_000, 300_000)
    scenarios = tuple(Scenario(tuple(Rate(choices.pick(moves)) for _ in "ab")) for _ in range(3))
    liquid = tuple(abs(units) + choices.integer(-2, 2) for units in positions[0])
    charges = tuple(Concentration(max(each, 0), Rate(choices.pick((0, 1, 50_000)))) for each in liquid)
    return *positions, prices, RiskModel(scenarios, charges)


@measure
def beyond(units: int, liquid: int) -> int:
    """The units above or below what is liquid on either side."""
    if units > liquid:
        return units - liquid
    return -liquid - units if units < -liquid else 0


def worth(positions: Positions, prices: Prices, moves: tuple[int, ...]) -> int:
    """What the positions are worth after these moves.  Units: atoms / RATE_SCALE."""
    moved = tuple(zip(positions, prices, moves, strict=True))
    return sum(units * price * (RATE_SCALE + move) for units, price, move in moved)


@claim(
    "CL-IM-1",
    "Initial margin is the smallest whole amount, at least 0, that covers the portfolio's loss in every scenario"
    " together with the concentration add-on.",
    title="margin covers every scenario",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="margin that covers each security alone in its own worst case, or none of them in a common one",
    sample=portfolio_arguments,
    open_cells={"law": "Z3 proves it; cvc5 did not within its time on any of the prover's readings, nor on Z3's core"},
)
def margin_covers_every_scenario(positions: Positions, _: Positions, prices: Prices, model: RiskModel) -> bool:
    if not valid_model(model) or any(price < 0 for price in prices):
        return True
    margin = initial_margin(positions, prices, model)
    entries = tuple(zip(positions, prices, model.concentrations, strict=True))
    charge = sum(beyond(units, of.liquid) * price * of.rate for units, price, of in entries)
    unmoved = worth(positions, prices, (0,) * len(prices))
    losses = [unmoved - worth(positions, prices, scenario.moves) for scenario in model.scenarios]
    covers, less_covers = (
        all(each * RATE_SCALE >= loss + charge for loss in (0, *losses)) for each in (margin, margin - 1)
    )
    return margin >= 0 and covers and not less_covers


@claim(
    "CL-IM-2",
    "But for concentration, two portfolios together never need more than both apart, and one with its opposite"
    " nothing.",
    title="portfolios together need no more",
    kind=Kind.LAW,
    source=SOURCE,
    sample=portfolio_arguments,
)
def together_needs_no_more(one: Positions, other: Positions, prices: Prices, model: RiskModel) -> bool:
    if not valid_model(model) or any(price < 0 for price in prices):
        return True
    free = evolve(model, concentrations=tuple(evolve(each, rate=Rate(0)) for each in model.concentrations))
    together = tuple(a + b for a, b in zip(one, other, strict=True))
    hedged = tuple(a - a for a in one)
    apart = initial_margin(one, prices, free) + initial_margin(other, prices, free)
    return initial_margin(together, prices, free) <= apart and initial_margin(hedged, prices, free) == 0


def model_arguments(choices: Choices) -> tuple[Any, ...]:
    """A model of two securities with every number near the edge."""
    moves = (-RATE_SCALE, -RATE_SCALE + 1, 0, choices.pick((0, 1, -RATE_SCALE - 1)))
    scenarios = tuple(Scenario(tuple(Rate(choices.pick(moves)) for _ in "ab")) for _ in range(2))
    numbers = [choices.pick((0, 0, 1, choices.pick((0, -1)))) for _ in range(4)]
    charges = (Concentration(numbers[0], Rate(numbers[1])), Concentration(numbers[2], Rate(numbers[3])))
    return (RiskModel(scenarios, charges),)


@claim(
    "CL-IM-3",
    "A model is valid exactly if no scenario leaves a security worth less than nothing, and no add-on is for less than"
    " no units or less than nothing.",
    title="what a valid risk model is",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a scenario that no market can follow, or an add-on that lowers what is to be posted",
    sample=model_arguments,
)
def a_model_makes_sense(model: RiskModel) -> bool:
    falls = [RATE_SCALE + move for scenario in model.scenarios for move in scenario.moves]
    numbers = [number for each in model.concentrations for number in (each.liquid, each.rate)]
    return valid_model(model) == (min((0, *falls, *numbers)) == 0)


def variation_arguments(choices: Choices) -> tuple[Any, ...]:
    """Two positions with what is to be paid for them, what each received so far, and two prices."""
    numbers = tuple(amount(choices) * choices.pick((1, -1)) for _ in range(6))
    return *numbers, Price(amount(choices)), Price(amount(choices))


@claim(
    "CL-VM-1",
    "A marked account has received the gain of its position since the trade. A second marking pays the change of"
    " price since the first.",
    title="variation pays gains as they arise",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="losses that are carried from day to day until they are too large to be paid",
    sample=variation_arguments,
)
def gains_are_paid_as_they_arise(
    units: int, other: int, cost: int, its: int, received: int, its_received: int, price: Price, later: Price
) -> bool:
    got = received + variation_margin(units, cost, price, received)
    return got + cost == units * price and variation_margin(units, cost, later, got) == units * (later - price)


@claim(
    "CL-VM-2",
    "Two positions receive apart what they receive as one, and an empty position receives nothing. So where longs"
    " equal shorts, the clearing house pays out what it gets.",
    title="variation adds up",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a clearing house that makes or loses money by marking",
    sample=variation_arguments,
)
def variation_adds_up(
    units: int, other: int, cost: int, its: int, received: int, its_received: int, price: Price, later: Price
) -> bool:
    apart = variation_margin(units, cost, price, received) + variation_margin(other, its, price, its_received)
    together = variation_margin(units + other, cost + its, price, received + its_received)
    return apart == together and variation_margin(0, 0, price, 0) == 0


def call_arguments(choices: Choices) -> tuple[Any, ...]:
    """A requirement, collateral near it, and a threshold."""
    required, threshold = amount(choices), choices.pick((0, 1, amount(choices)))
    return required, max(required + choices.pick((-1, 0, 1, -threshold, -threshold - 1, amount(choices))), 0), threshold


@claim(
    "CL-CALL-1",
    "A call makes collateral equal to the requirement, and there is one exactly if more than the threshold is missing.",
    title="a call is the missing collateral",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a call for more than is missing, and a shortfall that nobody is called for",
    sample=call_arguments,
)
def a_call_is_what_is_missing(required: int, collateral: int, threshold: int) -> bool:
    if threshold < 0:
        return True
    called = margin_call(required, collateral, threshold)
    return collateral + called == required if collateral + threshold < required else called == 0


@claim(
    "CL-CALL-2",
    "Excess collateral is all above the requirement, to the atom. An account that may take any back is not called.",
    title="only excess collateral leaves",
    kind=Kind.LAW,
    source=SOURCE,
    sample=call_arguments,
)
def only_the_excess_leaves(required: int, collateral: int, threshold: int) -> bool:
    left = collateral - excess_collateral(required, collateral)
    return left == (required if required < collateral else collateral) and (
        threshold < 0 or left == collateral or margin_call(required, collateral, threshold) == 0
    )
