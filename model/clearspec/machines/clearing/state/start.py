"""The state before the first command: no members, no trades, and nothing in any account."""

from clearspec.core.quantities import Atoms
from clearspec.core.table import Table
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.parameters import Parameters, Units
from clearspec.machines.clearing.state.types import Central, Holdings, Money, Position, Quotation, State, SystemAccount
from clearspec.machines.clearing.state.work import NO_LOSS, Cause, Layer, Payee, Payout, Stage

NO_POSITION = Position(
    held=Units(0),
    cleared=Units(0),
    due=Units(0),
    failed=Units(0),
    provisional=Units(0),
    fails_to_deliver=0,
    fails_to_receive=0,
    posted=Units(0),
)


NO_MONEY = Money(
    held=Atoms(0),
    cleared=Atoms(0),
    payable=Atoms(0),
    provisional=Atoms(0),
    turn=Day(0),
    posted=Atoms(0),
    called=Atoms(0),
    deadline=Day(0),
    fund=Atoms(0),
    used=Atoms(0),
    assessed=Atoms(0),
    to_replenish=Atoms(0),
    replenish_by=Day(0),
    borne=Atoms(0),
    round=0,
)


def empty(parameters: Parameters) -> Holdings:
    """Nothing of anything."""
    return Holdings(
        positions=(NO_POSITION,) * len(parameters.securities),
        money=(NO_MONEY,) * len(parameters.currencies),
    )


def start(parameters: Parameters, today: Day) -> State:
    """The chain before its first command, on that day."""
    return State(
        parameters=parameters,
        today=today,
        target=today,
        stage=Stage.OPEN,
        layer=Layer.NOTHING,
        payee=Payee.NOBODY,
        deliveries=0,
        members=Table(),
        accounts=Table(),
        orders=Table(),
        trades=Table(),
        prices=tuple(Quotation(security.reference, security.reference) for security in parameters.securities),
        causes=(Cause.UNITS,) * len(parameters.securities),
        payouts=(Payout(Atoms(0), Atoms(0), Atoms(0), Atoms(0)),) * len(parameters.currencies),
        losses=(NO_LOSS,) * len(parameters.currencies),
        residues=(0,) * len(parameters.currencies),
        central=Central(*(empty(parameters) for _ in SystemAccount)),
    )
