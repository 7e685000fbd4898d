"""The default waterfall as it runs: who took what at which price, tier by tier, and what everybody has in between."""

import pytest

from clearspec.core.machine import Accepted
from clearspec.machines.exchange.drive.worlds import PERP, STANDARD, USDC
from clearspec.machines.exchange.report import DEBT_HEADERS, HEADERS
from clearspec.machines.exchange.state.commands import Advance, Deposit, OpenAccount, SetBackstop
from clearspec.machines.exchange.state.events import LossWrittenOff, PositionTaken, SliceTraded
from clearspec.machines.exchange.state.types import AccountId, Line, SystemAccount, Tier, book
from clearspec_checks.runs.scenarios import load, named_scenarios, perform

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
    [(title, headers, rows)] = performance.scenario.machine.views.tables(events)
    assert (title, headers) == ("liquidation", HEADERS)
    assert list(rows) == TRADES


def test_what_is_sold_for_a_debt_and_who_bears_the_rest_is_shown():
    performed = perform(load(named_scenarios()["debt-lenders"]))
    events = tuple(event for step in performed.steps for event in step.outcome.events)
    [(title, headers, rows)] = performed.scenario.machine.views.tables(events)
    assert (title, headers) == ("debts", DEBT_HEADERS)
    assert list(rows) == [
        ("sold", "SOL-USDC", 70, 795_000, "alice", "bob", 33_390, 0, ""),
        ("sold", "SOL-USDC", 30, 790_000, "alice", "carl", 14_220, 0, ""),
        ("not paid", "USDC", "", "", "alice", "lars", "", "", 6_899_423),
        ("not paid", "USDC", "", "", "alice", "lena", "", "", 13_798_847),
        ("not paid", "USDC", "", "", "alice", "venue", "", "", 10),
    ]


@pytest.mark.parametrize(
    ("command", "size", "equity"),
    [(14, 1_000, 14_000_000), (15, 800, 12_150_240), (16, 800, 4_150_240), (17, 0, 0)],
    ids=["mark 1,474,000", "two slices sold", "mark 1,464,000", "taken over and deleveraged"],
)
def test_equity_before_and_after_each_tier(performance, command, size, equity):
    step = performance.steps[command]
    assert isinstance(step.outcome, Accepted)
    machine, state = performance.scenario.machine, step.outcome.state
    assert machine.views.measures(state)["alice", "equity"] == equity
    assert state.accounts.get("alice").holdings.positions[1].size == size


def ruined(fund, lots):
    """The start of scenario adl-cap up to its loop, with a fund and a provider."""
    scenario = load(named_scenarios()["adl-cap"])
    machine, state = scenario.machine, scenario.start
    provider = AccountId("provider")
    start = (
        OpenAccount(provider, STANDARD, 50),
        Deposit(provider, USDC, 10_000_000),
        *scenario.commands[:-2],
        SetBackstop(provider, PERP, lots),
    )
    for command in start:
        state = machine.step(state, command).state
    for holder, amount in ((SystemAccount.FUND, fund), (SystemAccount.CUSTODY, -fund)):
        state = state.credited(holder, book(state.parameters, Line.BALANCE, 0), amount)
    return machine, state


def events_of(machine, state, now, kind):
    """What happened of that kind until then."""
    outcome = machine.step(state, Advance(now))
    return [event for event in outcome.events if isinstance(event, kind)]


def test_the_fund_pays_for_as_many_lots_as_it_can():
    """Deficit 150, fund 20: the provider takes 10 * 20 / 150 lots at mark, the rest reaches deleveraging."""
    machine, state = ruined(fund=200_000, lots=10)
    taken = events_of(machine, state, 1_000, PositionTaken)
    assert [(event.tier, event.lots, event.spread, event.fund) for event in taken] == [
        (Tier.BACKSTOP, 1, -150_000, -150_000),
        (Tier.DELEVERAGE, 8, -1_200_000, 0),
        (Tier.AT_MARK, 1, 0, 0),
    ]


@pytest.mark.parametrize(("fund", "paid"), [(0, 0), (100_000, 100_000), (400_000, 300_000)])
def test_a_loss_is_the_funds_before_it_is_bad_debt(fund, paid):
    machine, state = ruined(fund, lots=0)
    [written_off] = events_of(machine, state, 11_000, LossWrittenOff)
    assert (written_off.fund, written_off.bad_debt) == (paid, 300_000 - paid)


def test_what_liquidation_realises_is_settled_in_the_next_round():
    """A slice sold after a round that moved nothing: the clock must not skip the rounds that follow."""
    scenario = load(named_scenarios()["waterfall"])
    machine, state = scenario.machine, scenario.start
    for command in scenario.commands[:15]:
        state = machine.step(state, command).state
    heads_in_the_loop_at_21_seconds = 1 << 20
    outcome = machine.step(state, Advance(120_000, heads_in_the_loop_at_21_seconds))
    [traded] = [event for event in outcome.events if isinstance(event, SliceTraded)]
    assert traded.lots == 100
    assert [row.holdings.positions[1].unsettled for _, row in outcome.state.accounts.rows()] == [0, 0, 0, 0]
