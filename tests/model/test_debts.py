"""Debts in liquidation as they run: what is traded at what price, who bears what, to the atom."""

import pytest
from attrs import evolve

from broken import broken_by
from clearspec.core.machine import Accepted
from clearspec.machines.exchange.formulas.bad_debt import lender_loss
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.margin import liquidatable
from clearspec.machines.exchange.state.commands import BuyAsset, SellAsset
from clearspec.machines.exchange.state.events import AssetTraded, Cause, LoanWrittenOff, OrderCancelled
from clearspec.machines.exchange.state.parameters import QUOTE
from clearspec.machines.exchange.state.types import AccountId, Line, SystemAccount, account_of, book
from clearspec_checks.runs.scenarios import load, named_scenarios

ALICE, BOB = AccountId("alice"), AccountId("bob")
SOL = 1
KINDS = (AssetTraded, LoanWrittenOff)


def played(scenario):
    """The state after each command of a worked example, the start first."""
    told = load(named_scenarios()[scenario])
    states = [told.start]
    for command in told.commands:
        states.append(told.machine.step(states[-1], command).state)
    return states, told.commands


def beats(scenario):
    """Every beat of a worked example, with the state before it and its outcome."""
    states, commands = played(scenario)
    return [each for state, command in zip(states, commands, strict=False) for each in MACHINE.run(state, command)]


def events(scenario, kind):
    """What happened of that kind."""
    return [event for _, _, outcome in beats(scenario) for event in outcome.events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("scenario", "trades"),
    [
        ("debt-short", [("BUY", "bob", 40, 2_960_000, 71_040, 0)]),
        ("debt-lenders", [("SELL", "bob", 70, 795_000, 33_390, 0), ("SELL", "carl", 30, 790_000, 14_220, 0)]),
        ("debt-claim", [("SELL", "bob", 92, 1_120_000, 61_824, 870_000_000)]),
        ("debt-waits", [("BUY", "bob", 5, 4_320_000, 12_960, 0), ("BUY", "bob", 95, 4_320_000, 246_240, 0)]),
        ("debt-gain", [("SELL", "bob", 100, 800_000, 48_000, 0)]),
    ],
)
def test_what_is_traded_for_a_debt(scenario, trades):
    assert [
        (each.side.name, each.other, each.lots, each.price, each.fee, each.claim)
        for each in events(scenario, AssetTraded)
    ] == trades


@pytest.mark.parametrize(
    ("scenario", "parts"),
    [
        ("debt-short", []),
        ("debt-lenders", [("lars", 6_899_423), ("lena", 13_798_847), (None, 10)]),
        ("debt-claim", []),
        ("debt-waits", []),
        ("debt-gain", [("lena", 19_673_161), (None, 0)]),
    ],
)
def test_who_bears_what_nobody_pays(scenario, parts):
    assert [(each.lender, each.amount) for each in events(scenario, LoanWrittenOff)] == parts


def test_what_lenders_bear_is_what_was_lost():
    """The hour of interest has left claims of 60,000,196, 120,000,393 and 80; 20,698,280 of the debt is not paid."""
    claims, loss, before = (60_000_196, 120_000_393, 80), 20_698_280, 0
    parts = []
    for claim in claims:
        parts.append(lender_loss(loss, before, claim, sum(claims)))
        before += claim
    assert parts == [6_899_423, 13_798_847, 10]
    assert sum(parts) == loss
    assert sum(loss * claim // sum(claims) for claim in claims) == loss - 1


@pytest.mark.parametrize("scenario", ["debt-short", "debt-lenders", "debt-claim", "debt-waits", "debt-gain"])
def test_she_was_in_liquidation_and_leaves_it(scenario):
    states, _ = played(scenario)
    troubled = [liquidatable(state, account_of(state, ALICE)) for state in states if state.accounts.get(ALICE)]
    assert any(troubled)
    assert not troubled[-1]


def test_lenders_are_not_asked_while_cash_is_to_come():
    """Three seconds in liquidation with a claim on a pool without cash; the claim and the debt stay as they are."""
    states, _ = played("debt-waits")
    waiting = account_of(states[-4], ALICE)
    assert states[-4].venue.pool.balances[QUOTE] == 0
    assert liquidatable(states[-4], waiting)
    assert waiting.holdings.loans[QUOTE].lent == 424_000_000
    assert waiting.holdings.loans[SOL].borrowed == 950_000_000


def owing_more(state, asset, amount):
    """The state in which Bob, whose order rests and whose proceeds repay, owes so much more of an asset."""
    repays = evolve(state, accounts=state.accounts.put(BOB, evolve(account_of(state, BOB), auto_repay=True)))
    owed = book(state.parameters, Line.BORROWED, asset)
    return repays.credited(BOB, owed, amount).credited(SystemAccount.POOL, owed, -amount)


@pytest.mark.parametrize("asset", [QUOTE, SOL])
@pytest.mark.parametrize(("scenario", "beat"), [("debt-claim", SellAsset), ("debt-short", BuyAsset)])
def test_who_would_be_left_without_margin_does_not_trade_and_who_would_not_does(scenario, beat, asset):
    """To the atom of a debt of his; and the claims on it say the same on both sides of the line."""
    before = next(before for before, each, _ in beats(scenario) if isinstance(each, beat))

    def cancels(amount):
        owing = owing_more(before, asset, amount)
        outcome = MACHINE.spec.beat(owing, beat())
        assert isinstance(outcome, Accepted)
        assert broken_by(MACHINE, owing, beat(), outcome) & {"EX-DEBT-3", "EX-DEBT-8", "EX-DEBT-10"} == set()
        causes = [event.cause for event in outcome.events if isinstance(event, OrderCancelled)]
        assert causes in ([], [Cause.MARGIN])
        return len(causes) == 1

    least, most = 0, 10**12
    assert not cancels(least)
    assert cancels(most)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if cancels(middle) else (middle, most)
    assert most > 10**6
