"""Wrong rules of the waterfall that balance: a worked example finds each and names the claim that forbids it."""

import pytest

from clearspec.exchange import liquidation, takeover
from clearspec.exchange.backstop import Split
from clearspec.quantities import Atoms, Lots
from clearspec_checks.scenarios import load, named_scenarios
from clearspec_checks.starts import all_starts
from clearspec_checks.violation import Violation
from clearspec_checks.watch import Watch

RIGHT_SLICE, RIGHT_FEE = liquidation.slice_lots, liquidation.liquidation_fee
RIGHT_LIQUIDATABLE, RIGHT_CAPACITY = liquidation.liquidatable, takeover.with_capacity


def uncapped(_, __, need, position, ___):
    """All that is needed, whatever it costs the account that is made to close: 10 October 2025."""
    return Lots(min(need, position))


def all_for_the_provider(paid):
    """The fund gets nothing of a spread."""
    return Split(Atoms(paid), Atoms(0))


def of_what_remains(_, remaining, fraction, least):
    """A tenth of what remains, which never ends."""
    return RIGHT_SLICE(remaining, remaining, fraction, least)


def friend_is_exempt(state, account):
    """One account is never liquidated: FTX."""
    return account.holdings.balances[0] != 40_900_000 and RIGHT_LIQUIDATABLE(state, account)


def twice(state, account, deal):
    """A liquidation fee of twice the rate."""
    return Atoms(2 * RIGHT_FEE(state, account, deal))


def never_used_up(account, place, _):
    """A provider is asked for the same lots again and again: JELLY, 2025."""
    return RIGHT_CAPACITY(account, place, 300)


PARTS = [
    pytest.param("adl-cap", takeover, "deleveraged_lots", uncapped, "EX-TIER-4", id="the cap is missing"),
    pytest.param("waterfall", takeover, "split_spread", all_for_the_provider, "EX-TIER-3", id="nothing for the fund"),
    pytest.param("waterfall", takeover, "with_capacity", never_used_up, "EX-TIER-3", id="capacity is not used up"),
    pytest.param("waterfall", takeover, "room_to_ask", lambda *_: 0, "EX-TIER-7", id="providers are skipped"),
    pytest.param("waterfall", takeover, "spread", lambda *_: 0, "EX-TIER-3", id="providers take over at the mark"),
    pytest.param("waterfall", liquidation, "slice_lots", of_what_remains, "EX-LOOP-3", id="a tenth of what remains"),
    pytest.param("waterfall", liquidation, "liquidation_fee", twice, "EX-LOOP-5", id="a fee of twice the rate"),
    pytest.param("waterfall", liquidation, "liquidatable", friend_is_exempt, "EX-LOOP-1", id="one account is exempt"),
    pytest.param("waterfall", liquidation, "auto_close_below", lambda *_: 0, "EX-LOOP-3", id="the book goes on"),
]


def found(scenario):
    """The code of the claim that breaks in the worked example, if any."""
    scenario = load(named_scenarios()[scenario])
    watch, state = Watch(scenario.machine), all_starts(scenario.machine)[scenario.variant]
    try:
        for command in scenario.commands:
            state = watch.run(state, command).state
    except Violation as violation:
        return violation.code
    return None


@pytest.mark.parametrize(("scenario", "module", "name", "rule", "code"), PARTS)
def test_a_wrong_part_is_named(monkeypatch, scenario, module, name, rule, code):
    assert found(scenario) is None
    monkeypatch.setattr(module, name, rule)
    assert found(scenario) == code
