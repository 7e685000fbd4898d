"""Wrong rules of the fund, of default and of its waterfall, and here is every claim that each of them breaks."""

import pytest
from attrs import evolve

import default_rules as wrong
from broken import broken_in
from clearspec.core.machine import Accepted
from clearspec.machines.clearing import machine
from clearspec.machines.clearing.drive.worlds import MONDAY, SMALL, USD, XYZ, in_default, noon
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.rules import calls, default, fund, losses, pledges
from clearspec.machines.clearing.state.commands import (
    Advance,
    CaptureTrade,
    CloseOut,
    Contribute,
    CoverLoss,
    DeclareDefault,
    DepositCash,
    DepositSecurities,
    OpenAccount,
    Port,
    PostCash,
    ProvideCapital,
    ReturnCash,
    UseMargin,
)
from clearspec.machines.clearing.state.ids import AccountId, MemberId, TradeId
from clearspec.machines.clearing.state.types import AccountKind

BROKE, RICH, POOR = (MemberId(name) for name in "mno")
broke, rich, poor, client, other = (AccountId(name) for name in "mnocd")

START = in_default(evolve(SMALL, margining=True))
"""Of three members the first is in default, and owes more than there is to pay it."""


def ran(state, *commands):
    """The state after these commands, all of which are accepted."""
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), command
        state = outcome.state
    return state


READY = ran(
    START,
    OpenAccount(client, BROKE, AccountKind.CLIENT),
    DepositCash(client, USD, 50),
    PostCash(client, USD, 40),
    DepositCash(rich, USD, 60),
    PostCash(rich, USD, 20),
    DepositSecurities(broke, XYZ, 4),
)
SOUND = ran(READY, OpenAccount(other, RICH, AccountKind.CLIENT), DepositCash(other, USD, 5))
"""The second member has a client too."""

EMPTY = ran(
    START, OpenAccount(client, BROKE, AccountKind.CLIENT), DepositCash(client, USD, 50), PostCash(client, USD, 40)
)
"""The member in default has a client with margin, and no securities."""

SHORT = ran(READY, CaptureTrade(TradeId("1"), rich, poor, XYZ, 9, 12, noon(MONDAY, SMALL.session)), Advance(MONDAY + 1))
"""Buyer and seller have been called for margin."""

SOLD = CloseOut(TradeId("2"), broke, rich, XYZ, 2, 3)
LOSS = CoverLoss(broke, USD)
SKIN = ProvideCapital(USD, 5, True)

PARTS = [
    # The default fund
    (machine, Contribute, wrong.as_the_house, READY, [Contribute(client, USD, 5)], "CL-FUND-1 CL-ACC-3 CL-REJ-1"),
    (fund, "post", wrong.out_of_margin, READY, [Contribute(rich, USD, 5)], "CL-FUND-1 CL-FRM-3"),
    (fund, "post", wrong.half_contributed, READY, [Contribute(rich, USD, 5)], "CL-FUND-1 CL-NET-3"),
    (machine, ProvideCapital, wrong.the_other_purse, READY, [SKIN], "CL-FUND-2"),
    (fund, "post", wrong.capital_of_a_member, READY, [SKIN], "CL-FUND-2 CL-FRM-1 CL-FRM-3 CL-NET-3"),
    # Collateral
    (pledges, "post", wrong.into_equity, READY, [PostCash(rich, USD, 5)], "CL-LED-8"),
    (pledges, "post", wrong.into_settlement, READY, [PostCash(rich, USD, 5)], "CL-LED-8 CL-LED-6"),
    (pledges, "post", wrong.less_comes_back, READY, [ReturnCash(rich, USD, 5)], "CL-COL-1 CL-NET-3"),
    (pledges, "met", wrong.never_met, SHORT, [PostCash(rich, USD, 5)], "CL-COL-1"),
    (pledges, "met", wrong.forgiven, SHORT, [PostCash(rich, USD, 5)], "CL-COL-1"),
    # Default
    (calls, "in_default", wrong.the_member_alone, SHORT, [Advance(MONDAY + 3)], "CL-ACC-3"),
    (default, "in_default", wrong.the_member_alone, READY, [DeclareDefault(RICH)], "CL-ACC-3"),
    (default, "in_default", wrong.with_its_clients, SOUND, [DeclareDefault(RICH)], "CL-ACC-3 CL-FRM-1"),
    (machine, UseMargin, wrong.clients_pay_first, EMPTY, [LOSS], "CL-DEF-1 CL-WFL-4"),
    (machine, Port, wrong.without_its_collateral, READY, [Port(client, RICH)], "CL-DEF-1 CL-FRM-1 CL-FRM-3 CL-NET-3"),
    (machine, Port, wrong.stays_where_it_was, READY, [Port(client, RICH)], "CL-DEF-2 CL-ACC-2"),
    (default, "member_of", wrong.always_in_default, SOUND, [Port(other, POOR)], "CL-DEF-2 CL-REJ-1"),
    (default, "settlement_day", wrong.at_once, READY, [SOLD], "CL-DEF-3"),
    (default, "closed_out", wrong.a_better_price, READY, [SOLD], "CL-DEF-3 CL-NET-3"),
    (default, "closed_out", wrong.a_unit_too_many, READY, [SOLD], "CL-DEF-3 CL-NET-2 CL-NET-3"),
    (default, "closed_out", wrong.for_nobody, READY, [SOLD], "CL-DEF-3 CL-NET-2 CL-NET-3"),
    # The waterfall
    (machine, CoverLoss, wrong.margin_is_spared, START, [LOSS], "CL-WFL-3 CL-WFL-1"),
    (machine, CoverLoss, wrong.half_of_it, START, [LOSS], "CL-WFL-3 CL-WFL-1"),
    (machine, CoverLoss, wrong.of_all_currencies, START, [LOSS], "CL-WFL-3 CL-WFL-1"),
    (losses, "further", wrong.past_assessments, START, [LOSS], "CL-WFL-1 CL-WFL-6 CL-WFL-8"),
    (losses, "further", wrong.goes_on_for_ever, START, [LOSS], "CL-WFL-6 CL-WFL-8"),
    (losses, "had_its_turn", wrong.nobody_had_a_turn, START, [LOSS], "CL-WFL-6 CL-WFL-5"),
]


def planted(monkeypatch, module, part, rule):
    """Put the wrong rule in the place of the right one: of a beat, or of a part of one."""
    if isinstance(part, str):
        monkeypatch.setattr(module, part, rule)
    else:
        monkeypatch.setitem(module.RULES, part, rule)


@pytest.mark.parametrize(
    ("module", "part", "rule", "state", "commands", "codes"), PARTS, ids=[rule.__name__ for _, _, rule, *_ in PARTS]
)
def test_a_wrong_rule_is_named(monkeypatch, module, part, rule, state, commands, codes):
    assert broken_in(MACHINE, state, commands) == set()
    planted(monkeypatch, module, part, rule)
    assert broken_in(MACHINE, state, commands) == set(codes.split())
