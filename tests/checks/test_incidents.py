"""Failures of real venues: each is a worked example in which a naive rule fails, and the rule here holds.

This is the one place where all of them are found; docs/exchange/incidents.md prints the table.
"""

from pathlib import Path

import pytest
from attrs import frozen

import incident_rules as naive
import naive_venue
from broken import broken_by, first_broken
from clearspec.machines.exchange import machine
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules import custody, exposure, gates, lending, liquidation, takeover
from clearspec.machines.exchange.rules import trades as settlement
from clearspec.machines.exchange.state.commands import Borrow, Match, Redeem, SetRiskTaking
from clearspec.machines.exchange.state.types import AccountId
from clearspec_checks.runs.scenarios import load, named_scenarios, perform

PAGE = Path(__file__).parents[2] / "docs" / "exchange" / "incidents.md"


@frozen
class Incident:
    """What happened, the naive rule in the place of which part or beat, and every claim that it breaks."""

    name: str
    year: str
    went_wrong: str
    place: object
    rule: object
    claims: tuple[str, ...]
    scenario: str

    def played(self, monkeypatch):
        """The codes that break at the first beat at which anything breaks, under the naive rule."""
        if isinstance(self.place, type):
            monkeypatch.setitem(machine.RULES, self.place, self.rule)
        else:
            monkeypatch.setattr(*self.place, self.rule)
        return first_broken(MACHINE, self.scenario)

    @property
    def row(self):
        """The incident as a row of the page's table."""
        told = self.rule.__doc__.strip().splitlines()[0].rstrip(".")
        codes = ", ".join(f"`{code}`" for code in self.claims)
        return f"| {self.name} | {self.year} | {self.went_wrong} | {told} | {codes} | `{self.scenario}` |"


def lent_to_the_affiliate(state, command):
    """The venue lends one client's balance to another, who is asked nothing, and writes the debt down."""
    lender = naive_venue.lent_by(AccountId("bob"), friend=AccountId("affiliate"))
    return lender(state, command) or lending.borrow(state, command)


INCIDENTS = [
    Incident(
        "Herstatt", "1974", "one leg of a trade was delivered, the other never came",
        (settlement, "settle_spot"), naive.one_leg_alone, ("EX-SET-1", "EX-HOLD-1", "EX-BAL-1"), "spot-sol",
    ),
    Incident(
        "Drift", "2022", "a client withdrew more than it was entitled to: gains that nobody had paid",
        Match, naive.gains_are_paid_at_once, ("EX-LED-3", "EX-PERP-1"), "gains-wait-for-losses",
    ),
    Incident(
        "Mango", "2022", "the mark was pumped, and the vault lent on the unrealised gain",
        (custody, "meets_initial"), naive.gains_are_money, ("EX-CUS-3", "EX-REJ-1"), "nothing-unrealised-leaves",
    ),
    Incident(
        "FTX, liquidation", "2022", "one account was exempt from it",
        (liquidation, "liquidatable"), naive.one_is_exempt, ("EX-LOOP-1",), "waterfall",
    ),
    Incident(
        "FTX, custody", "2022", "clients' assets were lent to an affiliate",
        Borrow, lent_to_the_affiliate,
        ("EX-FRM-1", "EX-LND-2", "EX-HOLD-1", "EX-BAL-1", "EX-REJ-1"), "ftx",
    ),
    Incident(
        "Euler", "2023", "of all paths that lower an account's health one did not ask for it",
        (custody, "meets_initial"), naive.not_asked, ("EX-CUS-3", "EX-REJ-1"), "health-on-every-path",
    ),
    Incident(
        "Hundred", "2023", "in an empty pool one share was made worth a fortune, and redeeming rounded it down",
        Redeem, naive.shares_rounded_down, ("EX-LND-1", "EX-POOL-2"), "empty-pool",
    ),
    Incident(
        "Mango v4, health", "2023", "health was overstated by orders that cross the mark",
        (exposure, "loss_at"), naive.orders_at_the_mark, ("EX-REJ-1",), "worst-case-corners",
    ),
    Incident(
        "Mango v4, lenders", "2023", "withdrawals pushed utilisation past 100 %",
        (lending, "utilisation_within_bound"), naive.bound_not_asked, ("EX-LND-2", "EX-REJ-1"), "redeem-to-the-bound",
    ),
    Incident(
        "JELLY", "2025", "the backstop was not ring-fenced, so deleveraging never came",
        (takeover, "with_capacity"), naive.never_used_up, ("EX-TIER-3",), "waterfall",
    ),
    Incident(
        "10 October", "2025", "deleveraging overshot, and left winners below zero",
        (takeover, "deleveraged_lots"), naive.uncapped, ("EX-TIER-4",), "adl-cap",
    ),
    Incident(
        "Drift 2.159", "2026", "an account was stuck in liquidation",
        (liquidation, "liquidatable"), naive.flag_sticks, ("EX-LOOP-1",), "leaves-liquidation",
    ),
    Incident(
        "Drift", "2026", "worthless collateral was listed, and limits were lifted",
        SetRiskTaking, naive.anything_is_listed, ("EX-PAR-3",), "listed-and-limited",
    ),
]  # fmt: skip


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda each: f"{each.name} {each.year}")
class TestIncident:
    def test_the_naive_rule_breaks_these_claims(self, monkeypatch, incident):
        assert incident.played(monkeypatch) == set(incident.claims)

    def test_the_rule_here_holds_all_of_them(self, incident):
        assert perform(load(named_scenarios()[incident.scenario])).failures == ()


@pytest.mark.parametrize(
    ("path", "codes"),
    [(custody, {"EX-CUS-3", "EX-REJ-1"}), (lending, {"EX-CUS-3", "EX-REJ-1"}), (gates, {"EX-REJ-1"})],
    ids=["withdraw", "borrow", "order"],
)
def test_whichever_path_does_not_ask_for_health_is_named(monkeypatch, path, codes):
    monkeypatch.setattr(path, "meets_initial", naive.not_asked)
    assert first_broken(MACHINE, "health-on-every-path") == codes


def test_where_anything_may_be_listed_no_other_claim_saves_the_lenders(monkeypatch):
    monkeypatch.setitem(machine.RULES, SetRiskTaking, naive.anything_is_listed)
    state, broken = MACHINE.spec.initial, set()
    for command in load(named_scenarios()["listed-and-limited"]).commands:
        for before, beat, outcome in MACHINE.run(state, command):
            broken |= broken_by(MACHINE, before, beat, outcome)
        state = getattr(outcome, "state", state)
    assert broken == {"EX-PAR-3"}
    assert state.venue.withdrawals.balances[0] == 900_000_000
    assert state.venue.pool.balances[0] == 100_000_000


def test_the_page_prints_this_table():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    assert rows[1:] == [each.row for each in INCIDENTS]
