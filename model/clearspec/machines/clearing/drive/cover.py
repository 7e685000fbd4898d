"""Parameter sets for long campaigns: a pairwise cover of what a central counterparty may choose.

A row is applied from top to bottom.  Every combination is valid.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from attrs import evolve

from clearspec.core.pairwise import pairwise
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate
from clearspec.machines.clearing.drive.wide import larger
from clearspec.machines.clearing.drive.worlds import DEFAULT, SMALL, day
from clearspec.machines.clearing.formulas.calendar import Calendar, Change, Cycle
from clearspec.machines.clearing.state.parameters import DeliveryModel, Parameters

Choice = Callable[[Parameters], Parameters]
"""What one choice makes of the parameters."""


def chosen(**changed: Any) -> Choice:
    """A choice of the whole."""
    return lambda parameters: evolve(parameters, **changed)


def every_security(**changed: Any) -> Choice:
    """A choice for each security."""
    return lambda parameters: evolve(
        parameters, securities=tuple(evolve(each, **changed) for each in parameters.securities)
    )


def cash_is_short(parameters: Parameters) -> Parameters:
    """So little cash that few can pay for what they are to receive."""
    return evolve(
        parameters,
        currencies=tuple(evolve(each, supply_max=Atoms(each.supply_max // 10 + 1)) for each in parameters.currencies),
    )


DIMENSIONS: Mapping[str, Mapping[str, Choice]] = {
    "scale": {"small": lambda _: SMALL, "real": lambda _: DEFAULT},
    "securities": {"two": lambda parameters: parameters, "three": larger},
    "delivery": {model.name: chosen(delivery=model) for model in DeliveryModel},
    "partial": {"in part": chosen(partial=True), "in full": chosen(partial=False)},
    "capacity": {"little": chosen(deliveries_max=1), "much": chosen(deliveries_max=1_000)},
    "cycle": {
        "T+5": chosen(cycle=Cycle(5, ())),
        "T+3": chosen(cycle=Cycle(3, (Change(day(2024, 5, 23), 2),))),
        "T+2": chosen(cycle=Cycle(2, (Change(day(2024, 5, 28), 1),))),
        "T+1": chosen(cycle=Cycle(1, (Change(day(2024, 5, 22), 0),))),
        "T+0": chosen(cycle=Cycle(0, ())),
    },
    "calendar": {
        "all days": chosen(trading=Calendar(()), settling=Calendar(())),
        "bank holidays": chosen(trading=Calendar(()), settling=Calendar((day(2024, 5, 21), day(2024, 5, 24)))),
        "closed": chosen(
            trading=Calendar((day(2024, 5, 22),)), settling=Calendar((day(2024, 5, 22), day(2024, 5, 23)))
        ),
    },
    "currencies": {"two": lambda parameters: parameters, "one": every_security(currency=0)},
    "penalty": {
        "none": every_security(penalty=Rate(0)),
        "some": every_security(penalty=Rate(7_001)),
        "all": every_security(penalty=Rate(RATE_SCALE)),
    },
    "buy-in": {"at once": chosen(buy_in_after=1), "late": chosen(buy_in_after=3)},
    "margin": {
        "none": chosen(margining=False),
        "next day": chosen(margining=True, call_days=1, assessment_multiple=Rate(RATE_SCALE)),
        "later": chosen(margining=True, call_days=3, assessment_multiple=Rate(0)),
    },
    "cash": {"enough": lambda parameters: parameters, "short": cash_is_short},
}
"""What a central counterparty may choose, by topic: names of choices, and what each makes of the parameters."""


def parameters_of(row: Mapping[str, str]) -> Parameters:
    """The parameters with these choices."""
    changes = (choices[row[dimension]] for dimension, choices in DIMENSIONS.items())
    return reduce(lambda parameters, change: change(parameters), changes, DEFAULT)


ROWS: Mapping[str, Mapping[str, str]] = {
    f"{number:02}": row
    for number, row in enumerate(pairwise({name: tuple(each) for name, each in DIMENSIONS.items()}), 1)
}
"""The cover, by number: a choice for each dimension."""

COVER: Mapping[str, Parameters] = {number: parameters_of(row) for number, row in ROWS.items()}
"""The parameters of each row."""
