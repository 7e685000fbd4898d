"""No claim has a part that nothing ever evaluates: none says less than it seems to."""

from multiprocessing import get_context

import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Claim, Kind
from clearspec_checks.opinions.parts import Part, Parts, largest
from clearspec_checks.runs.campaign import EPISODE, run_episode
from clearspec_checks.runs.scenarios import load, named_scenarios, perform

MACHINES = [registry.find(name) for name in registry.names()]
PARAMETRISED = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
SAMPLES, EPISODES, SEED = 1_000, 260, 7

UNREACHED = {
    "clearspec.machines.exchange.claims.debts: event.cause == Cause.SELF_TRADE": (
        "an account has no orders left when its assets are traded"
    ),
    "clearspec.machines.exchange.claims.debts: -lots": "tests/model/test_debts.py, on states with a debt put into them",
    "clearspec.machines.exchange.claims.liquidation: event.cause == Cause.SELF_TRADE": (
        "an account has no orders left when slices of it are offered"
    ),
    "clearspec.machines.exchange.claims.offers: account.holdings.positions[place].size == 0": (
        "a deficit goes on to the opposite side"
    ),
}
"""What no run reaches, and why."""


@PARAMETRISED
def test_samples_of_laws_reach_all_of_them(machine):
    choices = SeededChoices(1)
    parts = Parts([each for each in machine.spec.claims if each.kind is Kind.LAW])
    for law in parts.claims:
        assert all(law(*law.sample(choices)) for _ in range(SAMPLES))
    assert largest(parts.missing()) == []


@PARAMETRISED
def test_worked_examples_and_a_campaign_reach_all_of_every_claim(machine):
    with get_context("fork").Pool(2) as pool:
        one, other = pool.starmap(unreached, [(machine.name, 0), (machine.name, 1)])
    found = {f"{each.module}: {each.text}" for each in largest(one & other)}
    assert found == {each for each in UNREACHED if each.startswith(f"clearspec.machines.{machine.name}.")}


def unreached(name: str, first: int) -> set[Part]:
    """What neither the worked examples reach, nor every second episode of a campaign."""
    machine = registry.find(name)
    parts = Parts(machine.spec.claims)
    watched = machine.altered(claims=parts.claims)
    for path in named_scenarios().values():
        if (scenario := load(path)).machine is machine:
            assert perform(evolve(scenario, machine=watched)).ok
    for number in range(first, EPISODES, 2):
        if not parts.missing():
            break
        assert run_episode(watched, SEED, 1, (number, EPISODE)).finding is None
    return parts.missing()


def spoken(state, more=None):
    """A claim with halves that may not be reached."""
    if state < 0:
        return True
    return state >= 10 or all(each > state for each in more or ())


def missing(*runs):
    """The parts of that claim that these runs leave out."""
    parts = Parts([Claim("X-1", "It holds.", Kind.STATE, spoken)])
    for run in runs:
        parts.claims[0](*run)
    spoken(0, (1,))
    return parts.missing()


def texts(parts):
    return [each.text for each in largest(parts)]


def test_a_part_that_nothing_evaluates_is_named():
    assert texts(missing()) == ["state < 0", "state >= 10 or all((each > state for each in more or ()))"]
    assert texts(missing((-1,))) == ["state >= 10 or all((each > state for each in more or ()))"]
    assert texts(missing((-1,), (10,))) == ["all((each > state for each in more or ()))"]
    assert texts(missing((0,))) == ["each > state"]
    assert texts(missing((0, (1,)))) == []


def test_what_one_run_leaves_out_whole_and_another_in_part_is_left_out_in_part():
    assert texts(missing((10,)) & missing((0,))) == ["each > state"]
