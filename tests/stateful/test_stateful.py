"""Every machine, the toy included, goes through the same stateful test."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import toy
from clearspec import registry
from clearspec_checks.runs.stateful import laws, stateful

MACHINES = [toy.MACHINE, *(registry.find(name) for name in registry.names())]
LAWS = [pytest.param(test, id=code) for machine in MACHINES for code, test in laws(machine).items()]
BRIEF = settings(max_examples=40, stateful_step_count=40, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_claim_holds_at_each_step(machine):
    run_state_machine_as_test(stateful(machine), settings=BRIEF)


@pytest.mark.parametrize("law", LAWS)
def test_law_holds(law):
    settings(BRIEF, max_examples=100)(law)()
