"""Wrong rules of the waterfall that balance: a worked example finds each, and here is every claim that it breaks."""

import pytest

import waterfall_rules as wrong
from broken import first_broken
from clearspec.machines.exchange import machine
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules import conversion, debts, liquidation, takeover
from clearspec.machines.exchange.state.commands import (
    Absorb,
    Convert,
    Deleverage,
    Inspect,
    PayOut,
    Tick,
    TradeSlice,
    Unwind,
)

PARTS = [
    # Who is asked
    ("adl-row", takeover, "adl_rank", wrong.last_first, {"EX-TIER-8"}),
    ("adl-row", takeover, "adl_rank", wrong.profit_aside, {"EX-TIER-8"}),
    ("adl-row", takeover, "in_the_row", wrong.only_winners, {"EX-TIER-6"}),
    ("adl-row", takeover, "deleveraged_lots", wrong.nobody_bears, {"EX-TIER-4"}),
    ("waterfall", takeover, "room_to_ask", wrong.nobody_bears, {"EX-TIER-7"}),
    ("waterfall", takeover, "can_take", wrong.anyone_at_all, {"EX-TIER-10"}),
    # What each takes, and who is paid
    ("waterfall", takeover, "split_spread", wrong.all_for_the_provider, {"EX-TIER-3"}),
    ("waterfall", takeover, "Posting", wrong.fund_part_for_the_venue, {"EX-TIER-3", "EX-FEE-1"}),
    ("waterfall", takeover, "spread", wrong.nobody_bears, {"EX-TIER-3"}),
    ("waterfall", takeover, "with_capacity", wrong.one_more, {"EX-TIER-1"}),
    ("waterfall", takeover, "with_capacity", wrong.capacity_for_spot, {"EX-STL-8", "EX-FRM-1"}),
    ("waterfall", takeover, "with_taken", wrong.not_taken_off, {"EX-TIER-9", "EX-TIER-2", "EX-LOOP-6"}),
    ("waterfall", liquidation, "liquidation_fee", wrong.twice, {"EX-LOOP-5"}),
    ("leaves-liquidation", liquidation, "best", wrong.lowest, {"EX-LOOP-8"}),
    ("leaves-liquidation", liquidation, "protection_price", wrong.any_price, {"EX-LOOP-8"}),
    ("adl-row", debts, "written_off", wrong.all_by_the_fund, {"EX-TIER-5", "EX-FUND-1", "EX-FUND-2", "EX-FRM-1"}),
    # What a loop does
    ("waterfall", liquidation, "slice_lots", wrong.of_what_remains, {"EX-LOOP-3"}),
    ("waterfall", liquidation, "auto_close_below", wrong.nobody_bears, {"EX-LOOP-3"}),
    ("leaves-liquidation", liquidation, "open_lots", wrong.nothing_open, {"EX-LOOP-2"}),
    ("leaves-liquidation", liquidation, "loans_ended", wrong.nothing_repaid, {"EX-LOOP-2"}),
    ("waterfall", liquidation, "tier_named", wrong.cheapest_tier, {"EX-LOOP-3"}),
    ("settle-sources", conversion, "tier_named", wrong.cheapest_tier, {"EX-CNV-2"}),
    ("settle-sources", conversion, "tier_named", wrong.no_fee_for_sales, {"EX-CNV-1", "EX-CNV-2"}),
]
BEATS = [
    ("fund-covers-in-part", Absorb, wrong.to_the_end, {"EX-TIER-6"}),
    ("waterfall", Absorb, wrong.declines, {"EX-TIER-10"}),
    ("leaves-liquidation", TradeSlice, wrong.cancels_the_best, {"EX-LOOP-9"}),
    ("settle-sources", Convert, wrong.cancels_the_bid, {"EX-CNV-7"}),
    ("waterfall", Inspect, wrong.ahead, {"EX-LOOP-6", "EX-LOOP-7"}),
    ("waterfall", Inspect, wrong.forgotten, {"EX-LOOP-7"}),
    ("adl-row", Unwind, wrong.fund_pays_bad_debt, {"EX-TIER-5", "EX-FUND-1"}),
    ("leaves-liquidation", Tick, wrong.fund_is_emptied, {"EX-CLK-2", "EX-FUND-2"}),
    # Loops that do not end
    ("waterfall", TradeSlice, wrong.waits, {"EX-LOOP-7"}),
    ("waterfall", Absorb, wrong.waits, {"EX-TIER-6"}),
    ("waterfall", Deleverage, wrong.waits, {"EX-TIER-6"}),
    ("settle-sources", Convert, wrong.waits, {"EX-CNV-5"}),
    ("settle-sources", PayOut, wrong.waits, {"EX-STL-7", "EX-STL-4"}),
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
