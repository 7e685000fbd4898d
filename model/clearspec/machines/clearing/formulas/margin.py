"""Margin of an account at the clearing house: what it must post before prices move, and what it pays when they have.

Each account is margined alone, the house apart from its clients: what one of them gains does not secure another.
"""

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Price, Rate, mul_div_ceil


@frozen
class Scenario:
    """One thing that may happen to prices before a defaulter's positions are closed: a move of each security.

    Units: signed parts per million of the price.
    """

    moves: tuple[Rate, ...]


@frozen
class Concentration:
    """How much of a security can be closed out in time, long or short, and what is added on the value of the rest."""

    liquid: int
    rate: Rate


@frozen
class RiskModel:
    """What initial margin is computed from: the scenarios, and the concentration add-on of each security."""

    scenarios: tuple[Scenario, ...]
    concentrations: tuple[Concentration, ...]


Positions = tuple[int, ...]
Prices = tuple[Price, ...]


@measure
def valid_model(model: RiskModel) -> bool:
    """Can no price fall below nothing, is no add-on negative, and does each scenario move every security?

    Rule: CL-IM-3.
    """
    return all(
        len(scenario.moves) == len(model.concentrations) and all(move >= -RATE_SCALE for move in scenario.moves)
        for scenario in model.scenarios
    ) and all(each.liquid >= 0 and each.rate >= 0 for each in model.concentrations)


@measure
def scenario_loss(positions: Positions, prices: Prices, scenario: Scenario) -> int:
    """What the portfolio loses in a scenario; negative where it gains.

    Rule: CL-IM-1.  Units: atoms / RATE_SCALE.  Rounding: none.
    """
    return sum(-units * price * move for units, price, move in zip(positions, prices, scenario.moves, strict=True))


@measure
def concentration_charge(positions: Positions, prices: Prices, model: RiskModel) -> int:
    """What is added for positions too large to be closed out in time.

    Rule: CL-IM-1.  Units: atoms / RATE_SCALE.  Rounding: none.
    """
    return sum(
        max(abs(units) - each.liquid, 0) * price * each.rate
        for units, price, each in zip(positions, prices, model.concentrations, strict=True)
    )


@measure
def initial_margin(positions: Positions, prices: Prices, model: RiskModel) -> Atoms:
    """What an account has to post: its worst loss in any scenario, or nothing, and the concentration add-ons.

    Rule: CL-IM-1.  Units: atoms.  Rounding: once, up, against the member.
    The portfolio is taken as a whole: in one scenario a loss in one security is made good by a gain in another.
    Source: PFMI, principle 6; Settlement & Clearing, "A Complete Settlement Example".
    """
    worst = max((0, *(scenario_loss(positions, prices, scenario) for scenario in model.scenarios)))
    return Atoms(mul_div_ceil(worst + concentration_charge(positions, prices, model), 1, RATE_SCALE))


def variation_margin(units: int, cost: int, price: Price, received: int) -> Atoms:
    """What an account gets when its unsettled position is marked; negative where it pays.

    Rule: CL-VM-1.  Units: atoms.  Rounding: none.
    `cost` is what it is to pay for the units on settlement, negative where it is to be paid; `received` is the
    variation margin that it has got so far, less what it has paid.  Afterwards it has got all that it has gained.
    Source: PFMI, principle 6, key consideration 4.
    """
    return Atoms(units * price - cost - received)


@measure
def margin_call(required: int, collateral: int, threshold: int) -> Atoms:
    """What an account is called for: the requirement less its collateral, if that is more than the threshold.

    Rule: CL-CALL-1.  Units: atoms.  At the end of the day the threshold is nothing; within the day it keeps small
    moves from being called for.  Requires: threshold >= 0.
    """
    missing = required - collateral
    return Atoms(missing if missing > threshold else 0)


@measure
def excess_collateral(required: int, collateral: int) -> Atoms:
    """What an account may take back of its collateral.

    Rule: CL-CALL-2.  Units: atoms.
    """
    return Atoms(max(collateral - required, 0))
