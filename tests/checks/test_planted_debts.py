"""Wrong rules of debts in liquidation that balance: a worked example finds each, and here is every claim it breaks."""

import pytest

import debt_rules as wrong
from broken import first_broken
from clearspec.machines.exchange import machine
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules import bad_debt, debts, liquidation
from clearspec.machines.exchange.state.commands import BuyAsset, ChargeLender, SellAsset, Unwind
from waterfall_rules import cheapest_tier, lowest

PARTS = [
    # What is traded
    ("debt-short", debts, "lots_bought", wrong.one_more, {"EX-DEBT-1"}),
    ("debt-short", debts, "highest_price", wrong.at_any_price, {"EX-DEBT-1"}),
    ("debt-short", debts, "tier_named", cheapest_tier, {"EX-DEBT-1"}),
    ("debt-claim", debts, "cash_needed", wrong.everything, {"EX-DEBT-1"}),
    ("debt-lenders", debts, "best", lowest, {"EX-DEBT-4"}),
    # What a trade moves
    ("debt-claim", debts, "free_balances", wrong.nothing_free, {"EX-DEBT-10"}),
    ("debt-short", debts, "repaid", wrong.nothing_repaid, {"EX-DEBT-10"}),
    ("debt-lenders", debts, "repaid", wrong.nothing_repaid, {"EX-DEBT-10"}),
    # What the pool pays
    ("debt-claim", liquidation, "lent", wrong.nothing_redeemed, {"EX-LOOP-2"}),
    ("debt-claim", liquidation, "lent", wrong.within_the_bound, {"EX-LOOP-2"}),
    # Who bears what nobody pays
    ("debt-lenders", bad_debt, "lender_loss", wrong.the_first_bears_all, {"EX-DEBT-5", "EX-DEBT-6"}),
    ("debt-lenders", bad_debt, "lender_loss", wrong.floor_of_each, {"EX-DEBT-5"}),
    ("debt-lenders", bad_debt, "Posting", wrong.venue_is_spared, {"EX-DEBT-5", "EX-POOL-2"}),
    ("debt-lenders", debts, "loss_found", wrong.part_of_it, {"EX-DEBT-1", "EX-DEBT-6"}),
    ("debt-waits", debts, "exhausted", wrong.always, {"EX-DEBT-1"}),
    ("debt-waits", debts, "cash_in_all", wrong.cash_at_hand, {"EX-DEBT-1"}),
    ("debt-gain", debts, "cash_in_all", wrong.without_gains, {"EX-DEBT-1"}),
]
BEATS = [
    ("debt-claim", Unwind, wrong.sells_for_nothing, {"EX-DEBT-1"}),
    ("debt-short", BuyAsset, wrong.at_once_over, {"EX-DEBT-4"}),
    ("debt-claim", SellAsset, wrong.at_once_over, {"EX-DEBT-4"}),
    ("debt-short", BuyAsset, wrong.cancels_the_best, {"EX-DEBT-8"}),
    ("debt-claim", SellAsset, wrong.cancels_the_best, {"EX-DEBT-8"}),
    ("debt-lenders", ChargeLender, wrong.forgiven, {"EX-DEBT-5", "EX-POOL-2"}),
]


def name_of(value):
    """What a case is called: by its scenario and its wrong rule."""
    return value.__name__ if callable(value) else str(value) if isinstance(value, str) else ""


@pytest.mark.parametrize(("scenario", "module", "name", "rule", "codes"), PARTS, ids=name_of)
def test_a_wrong_part_is_named(monkeypatch, scenario, module, name, rule, codes):
    monkeypatch.setattr(module, name, rule)
    assert first_broken(MACHINE, scenario) == codes


@pytest.mark.parametrize(("scenario", "beat", "rule", "codes"), BEATS, ids=name_of)
def test_a_wrong_beat_is_named(monkeypatch, scenario, beat, rule, codes):
    monkeypatch.setitem(machine.RULES, beat, rule)
    assert first_broken(MACHINE, scenario) == codes


@pytest.mark.parametrize("scenario", sorted({scenario for scenario, *_ in (*PARTS, *BEATS)}))
def test_the_rules_themselves_break_nothing(scenario):
    assert first_broken(MACHINE, scenario) == set()
