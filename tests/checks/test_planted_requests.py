"""Wrong rules of requests for a price: a worked example finds each and names the claim that forbids it."""

import pytest

import request_rules as wrong
from clearspec.core.machine import Accepted
from clearspec.machines.exchange import machine
from clearspec.machines.exchange.drive.worlds import SOL
from clearspec.machines.exchange.rules import conversion, requests
from clearspec.machines.exchange.state.commands import AnswerRequest, Deposit, TakeAnswer
from clearspec_checks.runs.scenarios import load, named_scenarios
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

TAKEN, LAPSED = "settle-by-request", "settle-answers-lapse"

BEATS = [
    pytest.param(TAKEN, AnswerRequest, wrong.keeps_the_first, "EX-RFQ-2", id="the first answer is kept"),
    pytest.param(TAKEN, AnswerRequest, wrong.closed_by_the_first, "EX-REJ-1", id="the first answer closes the request"),
    pytest.param(TAKEN, TakeAnswer, wrong.none_is_good, "EX-RFQ-3", id="no answer is ever taken"),
    pytest.param(TAKEN, TakeAnswer, wrong.stranger_sells, "EX-RFQ-3", id="a stranger's collateral is sold"),
    pytest.param(LAPSED, Deposit, wrong.forgotten, "EX-RFQ-4", id="a request is forgotten while others act"),
    pytest.param(LAPSED, TakeAnswer, wrong.at_the_limit_of_then, "EX-RFQ-3", id="an answer below the present limit"),
]
PARTS = [
    pytest.param(TAKEN, requests, "delivered", wrong.buyer_pays_a_fee, "EX-RFQ-5", id="the buyer is charged"),
    pytest.param(LAPSED, requests, "stands", wrong.never_over, "EX-RFQ-3", id="an answer whose time is over is taken"),
    pytest.param(
        LAPSED, requests, "free_balances", wrong.anybody_can_pay, "EX-RFQ-3", id="an account that cannot pay buys"
    ),
    pytest.param(
        TAKEN, conversion, "turn_over", wrong.over_with_the_turn, "EX-RFQ-4", id="no request outlives its turn"
    ),
    pytest.param(LAPSED, requests, "asked", wrong.not_asked_again, "EX-RFQ-3", id="nobody is asked again"),
]
"""That an account must be able to pay was missing from the rule until a proof failed: margin alone asks nothing of an
account without risk."""


@pytest.mark.parametrize(("scenario", "beat", "rule", "code"), BEATS)
def test_a_wrong_beat_is_named(monkeypatch, scenario, beat, rule, code):
    assert found(scenario) is None
    monkeypatch.setitem(machine.RULES, beat, rule)
    assert found(scenario) == code


@pytest.mark.parametrize(("scenario", "module", "name", "rule", "code"), PARTS)
def test_a_wrong_part_is_named(monkeypatch, scenario, module, name, rule, code):
    assert found(scenario) is None
    monkeypatch.setattr(module, name, rule)
    assert found(scenario) == code


def found(name):
    """The code of the claim that breaks in the worked example, if any, with collateral that is a stranger's too."""
    scenario = load(named_scenarios()[name])
    *commands, last = scenario.commands
    watch, state = Watch(scenario.machine), scenario.start
    try:
        for command in (*commands, Deposit(wrong.STRANGER, SOL, 1_000_000_000), last):
            outcome = watch.run(state, command)
            state = outcome.state if isinstance(outcome, Accepted) else state
    except Violation as violation:
        return violation.code
    return None
