"""The default waterfall as it runs: who took what at which price, tier by tier, and what everybody has in between."""

import pytest

from clearspec.exchange.report import HEADERS
from clearspec.machine import Accepted
from clearspec_checks.scenarios import load, named_scenarios, perform

TRADES = [
    ("BOOK", "SOL-PERP", 100, 1_473_000, "alice", "maker", 824_880, 0, 0, 736_500),
    ("BOOK", "SOL-PERP", 100, 1_473_000, "alice", "maker", 824_880, 0, 0, 736_500),
    ("BACKSTOP", "SOL-PERP", 300, 1_464_000, "alice", "provider", 0, 1_556_340, 1_037_560, 518_780),
    ("DELEVERAGE", "SOL-PERP", 500, 1_464_000, "alice", "bob", 0, 2_593_900, 2_593_900, 0),
]
"""Fee and liquidation fee of 100 lots are 6 bp and 0.5 % of 147,300,000; the rest is in the scenario's why."""


@pytest.fixture(scope="module")
def performance():
    return perform(load(named_scenarios()["waterfall"]))


def test_every_tier_has_its_trades(performance):
    events = tuple(event for step in performance.steps for event in step.outcome.events)
    [(title, headers, rows)] = performance.scenario.machine.tables(events)
    assert (title, headers) == ("liquidation", HEADERS)
    assert list(rows) == TRADES


@pytest.mark.parametrize(
    ("command", "size", "equity"),
    [(14, 1_000, 14_000_000), (15, 800, 12_150_240), (16, 800, 4_150_240), (17, 0, 0)],
    ids=["mark 1,474,000", "two slices sold", "mark 1,464,000", "taken over and deleveraged"],
)
def test_equity_before_and_after_each_tier(performance, command, size, equity):
    step = performance.steps[command]
    assert isinstance(step.outcome, Accepted)
    machine, state = performance.scenario.machine, step.outcome.state
    assert machine.measures(state)["alice", "equity"] == equity
    assert state.accounts.get("alice").holdings.positions[1].size == size
