"""Parameters: valid in every state, and what valid means, said once more."""

from typing import Any

import attrs
from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate
from clearspec.machines.exchange.drive.worlds import DEFAULT, SMALL
from clearspec.machines.exchange.state.parameters import Curve, Parameters, valid
from clearspec.machines.exchange.state.types import State, put_at


@claim(
    "EX-PAR-1",
    "The parameters are valid, each alone and all together.",
    title="parameters are valid",
    kind=Kind.STATE,
)
def parameters_are_valid(state: State) -> bool:
    return valid(state.parameters)


@claim(
    "EX-PAR-3",
    "The parameters never change: what is listed, weighted and limited before the first command is so to the last.",
    title="parameters never change",
    kind=Kind.STEP,
    prevents="Drift 2026: worthless collateral listed, limits lifted",
)
def parameters_never_change(before: State, beat: object, after: Accepted[State]) -> bool:
    return after.state.parameters == before.parameters


def parameter_arguments(choices: Choices) -> tuple[Any, ...]:
    """Valid parameters, with one or two numbers moved to the edge of what is valid."""
    parameters = choices.pick((SMALL, DEFAULT))
    if choices.integer(1, 10) == 1:
        steep = Curve(base=Rate(RATE_SCALE), factor=Rate(RATE_SCALE))
        markets = tuple(evolve(market, initial=steep) for market in parameters.markets)
        return (evolve(parameters, markets=markets, usd=Atoms(3), exposure_max=Atoms(choices.integer(2, 4))),)
    for _ in range(choices.integer(1, 2)):
        parameters = nudged(parameters, choices)
    return (parameters,)


def nudged(thing: Any, choices: Choices) -> Any:
    """The thing with one number in it moved next to another one in it, or next to an edge."""
    free = [each.name for each in attrs.fields(type(thing)) if not each.metadata.get("fixed")]
    name = choices.pick(free)
    value = getattr(thing, name)
    if isinstance(value, tuple):
        place = choices.integer(0, len(value) - 1)
        return evolve(thing, **{name: put_at(value, place, nudged(value[place], choices))})
    if attrs.has(type(value)):
        return evolve(thing, **{name: nudged(value, choices)})
    numbers = [each for each in (getattr(thing, other) for other in free) if isinstance(each, int)]
    rates = [rate for tier in SMALL.tiers for rate in (tier.maker, -tier.maker, tier.taker, -tier.taker)]
    market = SMALL.markets[1]
    curves = [part for curve in (market.initial, market.maintenance) for part in attrs.astuple(curve)]
    pools = ((0,), (0,), (RATE_SCALE, -RATE_SCALE), numbers, rates, curves)
    near = choices.pick(choices.pick(pools))
    return evolve(thing, **{name: near + choices.integer(-1, 1)})


@claim(
    "EX-PAR-2",
    "Valid parameters have positive, ordered limits, no paid taker, no losing pair of tiers, debts in full, and"
    " maintenance above fees and below initial margin. Margin rates and shares are within 1, and borrowing rates never"
    " fall.",
    title="what valid parameters are",
    kind=Kind.LAW,
    source="rules §1",
    prevents="1e-4 * sqrt(200 million dollars) is 141 %, and the zero price is negative",
    sample=parameter_arguments,
)
def validity_is_what_it_says(parameters: Parameters) -> bool:
    sane = all(
        asset.supply_max >= 1 and asset.weight >= 0 and asset.weight <= RATE_SCALE and asset.penalty > -1
        for asset in parameters.assets
    ) and all((asset.priced_by is None) == (place == 0) for place, asset in enumerate(parameters.assets))
    for asset in parameters.assets:
        rates, shares = asset.lending, (asset.interest_fee, asset.fee_returned, asset.utilisation_max)
        sane = sane and min(rates.base, rates.gentle, rates.steep) > -1 and 1 <= rates.kink <= RATE_SCALE - 1
        sane = sane and min(*shares) > -1 and max(*shares) < RATE_SCALE + 1 and not asset.liability_weight < RATE_SCALE
        sane = sane and ordered(parameters, asset.debt_initial, asset.debt_maintenance)
    for tier in parameters.tiers:
        sane = sane and tier.taker > -1
        for other in parameters.tiers:
            sane = sane and not tier.maker + other.taker < 0
    for market in parameters.markets:
        least = market.maintenance
        sane = sane and market.lot >= 1 and market.tick >= 1 and not market.tick > market.price_max
        sane = sane and market.size_max >= 1 and not market.size_max > market.open_max
        sane = sane and market.notional_min >= 1 and not market.notional_min > market.notional_max
        sane = sane and market.protection > -1 and market.protection <= RATE_SCALE - 1
        sane = sane and market.slippage > -1 and market.slippage <= RATE_SCALE - 1
        sane = sane and not market.position_weight < RATE_SCALE and not market.slice_min < 1
        sane = sane and market.liquidation_fee > -1 and market.liquidation_fee < RATE_SCALE + 1
        sane = sane and market.slice >= 1 and market.slice < RATE_SCALE + 1
        sane = sane and ordered(parameters, market.initial, least)
        sane = sane and market.funding_cap > -1 and market.funding_cap < RATE_SCALE + 1 and market.funding_divisor >= 1
        for tier in parameters.tiers:
            sane = sane and tier.taker + 1 <= least.base and tier.maker + 1 <= least.base
    bounds = (parameters.usd, parameters.leverage_max, parameters.exposure_max, parameters.accounts_max)
    sane = sane and min(*bounds, parameters.advance_max, parameters.sources_min) >= 1
    sane = (
        sane
        and -1 < parameters.auto_close < RATE_SCALE + 1
        and min(parameters.backstop_min, parameters.answer_life) > -1
    )
    return valid(parameters) == (sane and parameters.stale_after > -1 and parameters.outlier > -1)


@measure
def ordered(parameters: Parameters, most: Curve, least: Curve) -> bool:
    """Is maintenance not negative and not above initial margin, and is that within 1 up to the exposure limit?"""
    return (
        least.base > -1
        and not least.base > most.base
        and most.base < RATE_SCALE + 1
        and least.factor > -1
        and not least.factor > most.factor
        and not most.factor**2 * parameters.exposure_max > RATE_SCALE**2 * parameters.usd
    )
