"""Wrong rules of the settlement loop that balance: the campaign finds each and names the claim that forbids it."""

import pytest
from attrs import evolve

import settlement_rules as wrong
from clearspec.machines.exchange import machine
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules import conversion, pools
from clearspec.machines.exchange.rules import settlement as reconciler
from clearspec.machines.exchange.state.commands import BorrowToSettle, Collect, Convert, Offer, PayOut, PlaceOrder
from clearspec.machines.exchange.state.types import OrderId
from clearspec_checks.runs.campaign import campaign
from clearspec_checks.runs.scenarios import load, named_scenarios
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

COMMANDS = 24_000

BEATS = [
    pytest.param(MACHINE, Collect, wrong.winners_first, "EX-STL-2", id="winners are paid before losers are asked"),
    pytest.param(MACHINE, PayOut, wrong.shared(wrong.floor), "EX-STL-1", id="a floor for each leaves money over"),
    pytest.param(MACHINE, PayOut, wrong.shared(wrong.ceiling), "EX-STL-1", id="a ceiling for each pays too much"),
    pytest.param(MACHINE, PayOut, wrong.fees_first, "EX-STL-4", id="fees are paid before winners"),
    pytest.param(MACHINE, BorrowToSettle, wrong.borrows_unasked, "EX-STL-3", id="borrowing without auto-borrow"),
    pytest.param(wrong.WIDE, Offer, wrong.smallest_first, "EX-CNV-2", id="the smallest is sold first"),
]
PARTS = [
    pytest.param(MACHINE, reconciler, "free_balances", wrong.also_what_is_held, "EX-STL-2", id="taking what is held"),
    pytest.param(
        MACHINE, reconciler, "redeemable", wrong.an_atom_less(pools.redeemable), "EX-STL-2", id="an atom stays lent"
    ),
    pytest.param(
        MACHINE,
        reconciler,
        "borrowable",
        wrong.an_atom_less(pools.borrowable),
        "EX-STL-3",
        id="an atom left",
    ),
    pytest.param(MACHINE, reconciler, "borrowable", wrong.no_room, "EX-STL-3", id="nothing is ever borrowed"),
    pytest.param(MACHINE, reconciler, "allotted", wrong.ceiling, "EX-STL-1", id="a ceiling of running sums"),
    pytest.param(MACHINE, conversion, "lowest_price", wrong.one_less, "EX-CNV-2", id="a limit beyond the bound"),
    pytest.param(MACHINE, conversion, "lots_for", lambda *_: 10**9, "EX-CNV-2", id="selling more than is owed"),
    pytest.param(wrong.WIDE, reconciler, "unsettled", wrong.losses_alone, "EX-STL-2", id="markets are not netted"),
]
SALES = [
    pytest.param(wrong.takes_any_price, "EX-CNV-4", id="selling below the limit"),
    pytest.param(wrong.proceeds_at_work, "EX-CNV-4", id="proceeds are put to work"),
    pytest.param(wrong.never_sells, "EX-CNV-6", id="bids are not met"),
    pytest.param(wrong.sells_to_the_worst, "EX-CNV-6", id="the lowest bid is met first"),
]
"""Random commands seldom come to a sale of which these are wrong, so a worked example does."""


@pytest.mark.parametrize(("venue", "beat", "rule", "code"), BEATS)
def test_a_wrong_beat_is_named(monkeypatch, venue, beat, rule, code):
    monkeypatch.setitem(machine.RULES, beat, rule)
    assert found(venue) == code


@pytest.mark.parametrize(("venue", "module", "name", "rule", "code"), PARTS)
def test_a_wrong_part_is_named(monkeypatch, venue, module, name, rule, code):
    monkeypatch.setattr(module, name, rule)
    assert found(venue) == code


@pytest.mark.parametrize(("rule", "code"), SALES)
def test_a_wrong_sale_is_named(monkeypatch, rule, code):
    assert found_in_a_sale() is None
    monkeypatch.setitem(machine.RULES, Convert, rule)
    assert found_in_a_sale() == code


def test_the_rules_themselves_keep_every_claim_with_two_markets_and_two_assets():
    assert campaign(wrong.WIDE, 1_500).finding is None


def found(venue):
    """The code of the claim that a campaign finds broken, if any."""
    finding = campaign(venue, COMMANDS, shrink_seconds=0).finding
    return None if finding is None else finding.code


def found_in_a_sale():
    """The code of the claim that breaks in settle-sources, with too few lots bid for at the limit."""
    scenario = load(named_scenarios()["settle-sources"])
    watch, state = Watch(MACHINE), scenario.start
    try:
        for command in scenario.commands:
            few = isinstance(command, PlaceOrder) and command.order == OrderId("c1")
            state = watch.run(state, evolve(command, size=5) if few else command).state
    except Violation as violation:
        return violation.code
    return None
