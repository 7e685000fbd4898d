"""Parameters: valid in every state, and what valid means, said once more."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.clearing.drive.worlds import DEFAULT, SMALL
from clearspec.machines.clearing.formulas.calendar import DAY, Calendar, valid_calendar, valid_cycle
from clearspec.machines.clearing.formulas.margin import Scenario
from clearspec.machines.clearing.state.parameters import Parameters, valid
from clearspec.machines.clearing.state.types import State, put_at


@claim(
    "CL-PAR-1",
    "The parameters are valid.",
    title="the parameters are valid",
    kind=Kind.STATE,
)
def parameters_are_valid(state: State) -> bool:
    return valid(state.parameters)


def parameter_arguments(choices: Choices) -> tuple[Any, ...]:
    """Valid parameters, with one number moved to an edge of what is valid."""
    parameters = choices.pick((SMALL, DEFAULT))
    kind = choices.integer(1, 6)
    place = choices.integer(0, 1)
    if kind == 1:
        name = choices.pick(("deliveries_max", "buy_in_after", "accounts_max", "advance_max", "call_days"))
        count: dict[str, Any] = {name: choices.integer(0, 1)}
        return (evolve(parameters, **count),)
    if kind == 2:
        limits: dict[str, Any] = choices.pick(
            ({"supply_max": choices.integer(0, 1)}, {"call_above": choices.integer(-1, 0)})
        )
        currency = evolve(parameters.currencies[place], **limits)
        return (evolve(parameters, currencies=put_at(parameters.currencies, place, currency)),)
    if kind == 3:
        name, edges = choices.pick((("ahead", (-DAY, 1 - DAY, DAY - 1, DAY)), ("cut_off", (0, 1, DAY, DAY + 1))))
        clock: dict[str, Any] = {name: choices.pick(edges)}
        return (evolve(parameters, session=evolve(parameters.session, **clock)),)
    if kind == 4:
        name = choices.pick(("trading", "settling"))
        backwards: dict[str, Any] = {name: Calendar(tuple(reversed(getattr(parameters, name).closed)))}
        return (evolve(parameters, **backwards),)
    if kind == 6:
        crash = Scenario((Rate(-RATE_SCALE - choices.integer(0, 1)),) * len(parameters.securities))
        worse: dict[str, Any] = choices.pick(
            (
                {"assessment_multiple": choices.integer(-1, 0)},
                {"risk": evolve(parameters.risk, scenarios=(crash, *parameters.risk.scenarios[1:]))},
            )
        )
        return (evolve(parameters, **worse),)
    security = parameters.securities[place]
    name, possible = choices.pick(
        (
            ("supply_max", (0, 1)),
            ("quantity_max", (0, 1)),
            ("reference", (0, 1, security.price_max, security.price_max + 1)),
            ("penalty", (-1, 0, RATE_SCALE, RATE_SCALE + 1)),
            ("haircut", (-1, 0, RATE_SCALE, RATE_SCALE + 1)),
        )
    )
    limit: dict[str, Any] = {name: choices.pick(possible)}
    return (evolve(parameters, securities=put_at(parameters.securities, place, evolve(security, **limit))),)


@claim(
    "CL-PAR-2",
    "Valid parameters are exactly these: positive limits, possible reference prices, fractions for penalties and"
    " haircuts, and a clock and cut-off within a day. Calendars, cycle and risk model are in order too.",
    title="what valid parameters are",
    kind=Kind.LAW,
    source="rules §1",
    prevents="a limit of nothing, which lets everything fail",
    sample=parameter_arguments,
)
def validity_is_what_it_says(parameters: Parameters) -> bool:
    sane = valid_calendar(parameters.trading) and valid_calendar(parameters.settling) and valid_cycle(parameters.cycle)
    for security in parameters.securities:
        sane = sane and min(security.supply_max, security.quantity_max, security.reference) >= 1
        sane = sane and not security.reference > security.price_max
        sane = sane and security.penalty > -1 and security.penalty < RATE_SCALE + 1
        sane = sane and security.haircut > -1 and security.haircut < RATE_SCALE + 1
    for currency in parameters.currencies:
        sane = sane and currency.supply_max >= 1 and currency.call_above > -1
    for scenario in parameters.risk.scenarios:
        sane = sane and all(move + RATE_SCALE >= 0 for move in scenario.moves)
    for concentration in parameters.risk.concentrations:
        sane = sane and concentration.liquid > -1 and concentration.rate > -1
    sane = sane and parameters.assessment_multiple > -1 and parameters.call_days >= 1
    sane = sane and abs(parameters.session.ahead) < DAY
    sane = sane and parameters.session.cut_off >= 1 and not parameters.session.cut_off > DAY
    counts = (parameters.deliveries_max, parameters.buy_in_after, parameters.accounts_max, parameters.advance_max)
    return valid(parameters) == (sane and min(counts) >= 1)
