"""The clock: days, and the work at the end of each."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.commands import Advance, Reason, Tick
from clearspec.machines.clearing.state.events import DayBegan
from clearspec.machines.clearing.state.types import State
from clearspec.machines.clearing.state.work import Stage


def advance(state: State, command: Advance) -> Outcome[State]:
    """Set the clock's target day.  The beats that follow do the work of each day until then.

    Rule: CL-CLK-1.  Rejects: CLOCK_FORWARD, CLOCK_WITHIN_LIMIT.
    """
    if command.day <= state.today:
        return Rejected(Reason.CLOCK_FORWARD)
    if command.day > state.today + state.parameters.advance_max:
        return Rejected(Reason.CLOCK_WITHIN_LIMIT)
    return Accepted(evolve(state, target=command.day, stage=Stage.NOVATION))


def tick(state: State, _: Tick) -> Accepted[State]:
    """Begin the next day.  Its work follows unless it is the target day.

    Rule: CL-CLK-2.
    """
    today = Day(state.today + 1)
    stage = Stage.OPEN if today == state.target else Stage.NOVATION
    return Accepted(evolve(state, today=today, stage=stage, deliveries=0), (DayBegan(today),))
