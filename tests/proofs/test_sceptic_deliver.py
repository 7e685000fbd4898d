"""A rule of clearing that never delivers, of which every claim was once shown as proved, is refuted by a run."""

import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.machine import Accepted
from clearspec.machines.clearing import machine
from clearspec.machines.clearing.rules import settlement
from clearspec.machines.clearing.state.commands import Deliver
from clearspec.machines.clearing.state.parameters import DeliveryModel
from clearspec.machines.clearing.state.work import Stage
from clearspec_proofs.matrix.matrix import Row, prove
from clearspec_proofs.verdicts import PROVED


def over(state):
    """Delivery is over, whoever could still deliver."""
    net = state.parameters.delivery == DeliveryModel.NET
    return Accepted(evolve(state, stage=Stage.UNWINDING if net else Stage.COLLECTION))


def never_in_part(state, beat):
    """In model 3 nothing is delivered where part of a delivery would do."""
    parameters = state.parameters
    if parameters.delivery == DeliveryModel.NET and parameters.partial:
        return over(state)
    return settlement.deliver(state, beat)


def never_for_payment(state, beat):
    """In model 1 nothing is delivered."""
    return over(state) if state.parameters.delivery == DeliveryModel.GROSS else settlement.deliver(state, beat)


def once_a_day(state, beat):
    """After the first delivery of the day there is no other."""
    return over(state) if state.deliveries > 0 else settlement.deliver(state, beat)


def row_of(rule=None, monkeypatch=None) -> Row:
    if rule is not None:
        monkeypatch.setitem(machine.RULES, Deliver, rule)
    (row,) = prove(registry.find("clearing"), codes=["CL-DVP-4"], beats=["Deliver"], workers=1, timeout=5)
    return row


@pytest.mark.parametrize("rule", [never_in_part, never_for_payment, once_a_day])
def test_a_delivery_that_is_left_out_is_refuted_by_a_run(rule, monkeypatch) -> None:
    row = row_of(rule, monkeypatch)
    assert row.verdict == "refuted", row
    found = row.counterexample
    venue = registry.find("clearing")
    claims = {claim.code: claim for claim in venue.spec.claims}
    assert all(claim(found.before) for claim in venue.spec.claims if claim.kind.value == "state")
    assert not claims["CL-DVP-4"](found.before, found.beat, rule(found.before, found.beat))


def test_the_rule_as_it_is_stays_proved() -> None:
    assert row_of().verdict in PROVED
