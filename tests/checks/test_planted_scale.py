"""Wrong rules that `check --quick` notices by a claim: in its campaign, or exploring a world of several assets."""

import pytest

import scale_rules as wrong
from clearspec import registry
from clearspec_checks.runs.campaign import campaign
from clearspec_checks.runs.explore import explore
from clearspec_cli.check import QUICK

CAMPAIGN = [
    ("exchange", "match", wrong.fills_itself, "EX-STP-1"),
    ("exchange", "prevent_self_trade", wrong.the_resting_one_alone, "EX-STP-2"),
    ("exchange", "match", wrong.goes_before_it_meets_anybody, "EX-STP-2"),
    ("exchange", "adl_rank", wrong.the_ruined_first, "EX-ADL-1"),
]
TROUBLE = [
    ("exchange", "offer", wrong.smallest_first, "EX-CNV-2"),
    ("exchange", "in_the_row", wrong.the_ruined_too, "EX-TIER-8"),
    ("clearing", "collateral_of", wrong.with_that_of_clients, "CL-REJ-1"),
    ("clearing", "use_margin", wrong.with_margin_of_clients, "CL-FRM-1"),
    ("clearing", "with_turn", wrong.of_what_is_left, "CL-WFL-2"),
]


def name_of(value):
    """What a case is called: by its wrong rule."""
    return value.__name__ if callable(value) else str(value)


@pytest.mark.parametrize(("machine", "name", "rule", "code"), CAMPAIGN, ids=name_of)
def test_a_quick_campaign_names_it(monkeypatch, machine, name, rule, code):
    machine = registry.find(machine)
    wrong.planted(monkeypatch, name, rule)
    finding = campaign(machine, QUICK.commands, shrink_seconds=0).finding
    assert finding is not None
    assert finding.code == code


@pytest.mark.parametrize(("machine", "name", "rule", "code"), TROUBLE, ids=name_of)
def test_a_quick_exploration_names_it(monkeypatch, machine, name, rule, code):
    machine = registry.find(machine)
    wrong.planted(monkeypatch, name, rule)
    finding = explore(machine, "trouble", seconds=QUICK.seconds_per_scope).finding
    assert finding is not None
    assert finding.code == code


@pytest.mark.parametrize("machine", registry.names())
def test_the_rules_themselves_break_nothing(machine):
    assert explore(registry.find(machine), "trouble", seconds=QUICK.seconds_per_scope).finding is None
