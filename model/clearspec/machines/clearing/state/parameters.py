"""What the central counterparty and the depository publish: securities, currencies, days, and how settlement works."""

from enum import Enum
from typing import NewType

from attrs import frozen

from clearspec.core.machine import fixed, measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Price, Rate
from clearspec.core.table import Id
from clearspec.machines.clearing.formulas.calendar import DAY, Calendar, Cycle, Session, valid_calendar, valid_cycle
from clearspec.machines.clearing.formulas.margin import RiskModel, valid_model

Units = NewType("Units", int)
"""Shares, or whatever a security is counted in; a price is atoms of its currency per unit."""


class SecurityId(Id):
    """Names a security, for example XYZ."""


class CurrencyId(Id):
    """Names a currency, for example USD."""


class DeliveryModel(Enum):
    """How delivery and payment depend on each other.  Source: BIS, "Delivery versus payment", 1992."""

    GROSS = "model 1: each delivery is paid in the moment it is made"
    NET_CASH = "model 2: each delivery is final at once, cash is paid net at the end of the day"
    NET = "model 3: securities and cash move net, at the end of the day"


@frozen(kw_only=True)
class Security:
    """A security at the depository.

    `currency` is the place of the currency that it trades in, `reference` the price it has until one is published.
    `penalty` is what a day of failing to deliver costs, as a fraction of the value that fails; `haircut` is what is cut
    off its value as collateral.
    """

    id: SecurityId = fixed()
    currency: int = fixed()
    supply_max: Units
    quantity_max: Units
    price_max: Price
    reference: Price
    penalty: Rate
    haircut: Rate


@frozen(kw_only=True)
class Currency:
    """A currency at the bank.  Within the day, only who is short of more than `call_above` is called for margin."""

    id: CurrencyId = fixed()
    supply_max: Atoms
    call_above: Atoms


@frozen(kw_only=True)
class Parameters:
    """Everything that is fixed before the first command.

    `trading` and `settling` are the calendars of the market and of settlement, `session` the clock of the market and
    the time at which its trade date ends.  The depository makes `deliveries_max`
    deliveries on a day; with `partial`, also of a part by who has not all of it.  A fail may be bought in once it has
    lasted `buy_in_after` settlement days.  `advance_max` is how many days the clock moves at most at once.
    With `margining`, members are called for margin: initial margin is by the model `risk`, and a call has to be met
    within `call_days`.  In all, a member can be assessed
    `assessment_multiple` times its contribution to the default fund.
    """

    securities: tuple[Security, ...]
    currencies: tuple[Currency, ...]
    trading: Calendar
    settling: Calendar
    session: Session
    cycle: Cycle
    delivery: DeliveryModel
    partial: bool
    deliveries_max: int
    buy_in_after: int
    accounts_max: int
    advance_max: int
    margining: bool
    risk: RiskModel
    call_days: int
    assessment_multiple: Rate


@measure
def valid(parameters: Parameters) -> bool:
    """Do the parameters make sense?  Rule: CL-PAR-1."""
    return (
        all(valid_security(security) for security in parameters.securities)
        and all(currency.supply_max > 0 and currency.call_above >= 0 for currency in parameters.currencies)
        and valid_calendar(parameters.trading)
        and valid_calendar(parameters.settling)
        and valid_cycle(parameters.cycle)
        and -DAY < parameters.session.ahead < DAY
        and 0 < parameters.session.cut_off <= DAY
        and parameters.deliveries_max > 0
        and parameters.buy_in_after > 0
        and parameters.accounts_max > 0
        and parameters.advance_max > 0
        and valid_model(parameters.risk)
        and len(parameters.risk.concentrations) == len(parameters.securities)
        and parameters.call_days > 0
        and parameters.assessment_multiple >= 0
    )


@measure
def valid_security(security: Security) -> bool:
    """Are the limits positive, the reference price within them, the penalty and the haircut fractions?"""
    return (
        security.supply_max > 0
        and security.quantity_max > 0
        and 0 < security.reference <= security.price_max
        and 0 <= security.penalty <= RATE_SCALE
        and 0 <= security.haircut <= RATE_SCALE
    )


def security_place(parameters: Parameters, security: SecurityId) -> int | None:
    """The place of the security of that name, or None."""
    for place, listed in enumerate(parameters.securities):
        if listed.id == security:
            return place
    return None


def currency_place(parameters: Parameters, currency: CurrencyId) -> int | None:
    """The place of the currency of that name, or None."""
    for place, listed in enumerate(parameters.currencies):
        if listed.id == currency:
            return place
    return None
