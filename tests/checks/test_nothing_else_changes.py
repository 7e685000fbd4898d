"""A beat of clearing that changes one thing more than its rule says is noticed, whatever that thing is.

Each number, flag and status of the state after a beat is changed in turn, and some claim must stand against it.
"""

from enum import Enum
from functools import cache

import attrs
import pytest

from broken import broken_by
from clearspec.core.machine import Accepted
from clearspec.core.table import Table
from clearspec.machines.clearing.drive.worlds import NEW_YORK, XYZ, noon
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.state.commands import (
    CancelOrder,
    PostSecurities,
    ReturnSecurities,
    SendOrder,
    SetPriority,
    SuspendMember,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId
from clearspec.machines.clearing.state.types import Side
from clearspec_checks.runs.scenarios import load, named_scenarios

SHARES = (".losses[].amount", ".losses[].weights", ".losses[].served", ".losses[].paid")
"""What a sharing counts: nothing before a layer or a payee of many, and after it what is of no use any more."""

SPARE = {
    "CoverLoss": SHARES,
    "UseMargin": SHARES,
    "UseContribution": SHARES,
    "UseFund": SHARES,
    "Assess": SHARES,
    "Recover": SHARES,
    "RepayLeftOver": SHARES,
    "RepayContributor": SHARES,
    "Pay": (".causes[]", ".payouts[]"),
}
"""What a beat may leave as it likes: nobody looks at it before it is set again, or not of a security with no fail."""

LAST, TODAY = "lehman-at-lch-2008", 739037
MORE = (
    SendOrder(OrderId("north-sells"), AccountId("north"), XYZ, Side.SELL, 5, 10_000, noon(TODAY, NEW_YORK)),
    CancelOrder(OrderId("north-sells")),
    SetPriority(AccountId("north"), 3),
    SuspendMember(MemberId("north"), True),
    WithdrawSecurities(AccountId("north"), XYZ, 5),
    PostSecurities(AccountId("north"), XYZ, 5),
    ReturnSecurities(AccountId("north"), XYZ, 5),
)
"""Commands that no worked example sends, for the end of one."""


@cache
def beats():
    """One accepted beat of each type: (before, beat, outcome), by the name of its type."""
    found = {}
    for path in named_scenarios().values():
        scenario = load(path)
        if scenario.machine.name == MACHINE.name:
            state = scenario.start
            for command in scenario.commands + MORE * (scenario.name == LAST):
                now = state
                for before, beat, outcome in MACHINE.run(state, command):
                    if isinstance(outcome, Accepted):
                        now = outcome.state
                        found[type(beat).__name__] = (before, beat, outcome)
                state = now
    return found


def one_change(value):
    """The value with one change in it, for each that there is: (where, changed value)."""
    if isinstance(value, bool):
        yield "", not value
    elif isinstance(value, Enum):
        yield from (("", each) for each in type(value) if each != value)
    elif isinstance(value, int):
        yield from (("", value + step) for step in (1, -1))
    elif isinstance(value, Table):
        for key, row in value.rows():
            yield from (("[]" + where, value.put(key, changed)) for where, changed in one_change(row))
    elif isinstance(value, tuple):
        for place, entry in enumerate(value):
            for where, changed in one_change(entry):
                yield "[]" + where, (*value[:place], changed, *value[place + 1 :])
    elif attrs.has(type(value)):
        for name in (each.name for each in attrs.fields(type(value)) if each.name != "parameters"):
            for where, changed in one_change(getattr(value, name)):
                yield f".{name}{where}", attrs.evolve(value, **{name: changed})


@pytest.mark.parametrize("name", [each.__name__ for each in (*MACHINE.spec.commands, *MACHINE.spec.beats)])
def test_nothing_else_changes(name):
    before, beat, outcome = beats()[name]
    assert broken_by(MACHINE, before, beat, outcome) == set()
    unnoticed = {
        where
        for where, state in one_change(outcome.state)
        if not where.startswith(SPARE.get(name, ()))
        and not broken_by(MACHINE, before, beat, Accepted(state, outcome.events))
    }
    assert unnoticed == set()
