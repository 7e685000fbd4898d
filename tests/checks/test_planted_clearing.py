"""Wrong rules of clearing, most of which balance: the campaign finds each, and names the claim that it breaks."""

import pytest
from attrs import evolve

from clearspec.core.ledger import Posting
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.rules import fails, finality, netting, payments, settlement, trades
from clearspec.machines.clearing.state.types import Line, SystemAccount, Trade, TradeStatus
from clearspec.machines.clearing.state.work import Cause
from clearspec_checks.runs.campaign import campaign

COMMANDS = 6_000
CCP = SystemAccount.CCP


def without_cash(state, place, seller, buyer, units):
    """A delivery that nobody pays for."""
    postings = BETWEEN(state, place, seller, buyer, units)
    return tuple(each for each in postings if each.book.line not in (Line.CASH, Line.PAYABLE, Line.PROVISIONAL_CASH))


def not_through_the_ccp(state, place, seller, buyer, units):
    """A delivery in which the cash of the buyer stays with the central counterparty."""
    return tuple(each for each in BETWEEN(state, place, seller, buyer, units)[:-1])


def a_day_early(trade: Trade, today: int) -> bool:
    """Trades are netted the day before."""
    return trade.status == TradeStatus.NOVATED and trade.settles_on <= today + 1


def a_day_late(calendar, cycle, trade_date):
    """Trades settle on the settlement day after the right one."""
    return SETTLEMENT_DAY(calendar, evolve(cycle, days=cycle.days + 1), trade_date)


def last_in_line(account, *_):
    """The queue is turned round."""
    return (-account.priority,)


def always_the_seller(*_):
    """Who was to deliver answers for every fail."""
    return Cause.UNITS


def in_turn_of_arrival(amount, before, _):
    """Who comes first is paid in full."""
    return min(amount, before)


def for_nothing(*_):
    """A buy-in costs nothing."""
    return 0


def never_short(*_):
    """Nobody is ever unwound."""
    return False


def nobody_waits(*_):
    """Nobody is ever paid."""
    return False


def cheap(units, price, rate):
    """Penalties are rounded down."""
    return units * price * rate // 1_000_000


def forgiven(state, place, account, amount):
    """Who pays or is paid is forgiven the days of its fails."""
    done = SETTLED(state, place, account, amount)
    row = done.state.accounts.get(account)
    positions = tuple(evolve(each, fails_to_deliver=0) for each in row.holdings.positions)
    row = evolve(row, holdings=evolve(row.holdings, positions=positions))
    return evolve(done, state=evolve(done.state, accounts=done.state.accounts.put(account, row)))


SETTLED = payments.settled
BETWEEN, SETTLEMENT_DAY = settlement.between, trades.settlement_day

PLANTED = [
    pytest.param((settlement, "between", without_cash), "CL-NET-3", id="delivered for nothing"),
    pytest.param((settlement, "between", not_through_the_ccp), "CL-NET-3", id="the ccp keeps the cash"),
    pytest.param((netting, "falls_due", a_day_early), "CL-NET-1", id="netted early"),
    pytest.param((trades, "settlement_day", a_day_late), "CL-TRD-2", id="settled late"),
    pytest.param((settlement, "queue", last_in_line), "CL-DVP-4", id="queue turned round"),
    pytest.param((finality, "last", settlement.queue), "CL-DVP-6", id="the first are unwound"),
    pytest.param((finality, "short", never_short), "CL-DVP-6", id="never unwound"),
    pytest.param((payments, "cause_of", always_the_seller), "CL-FAIL-5", id="always the seller"),
    pytest.param((payments, "allotted", in_turn_of_arrival), "CL-PAY-3", id="paid in turn of arrival"),
    pytest.param((payments, "waits", nobody_waits), "CL-PAY-2", id="never paid"),
    pytest.param((payments, "settled", forgiven), "CL-FRM-3", id="forgiven the days of a fail"),
    pytest.param((fails, "buy_in_difference", for_nothing), "CL-NET-3", id="bought in for nothing"),
    pytest.param((fails, "penalty", cheap), "CL-FAIL-2", id="penalties rounded down"),
]


@pytest.mark.parametrize(("wrong", "code"), PLANTED)
def test_the_claim_is_named(monkeypatch, wrong, code):
    monkeypatch.setattr(*wrong)
    finding = campaign(MACHINE, COMMANDS, shrink_seconds=0).finding
    assert finding is not None
    assert finding.code == code


def test_a_delivery_without_postings_is_seen_by_the_auditor(monkeypatch):
    """The events say less than what was moved: no claim reads events for amounts, the auditor does."""

    def moved_more(state, place, account, amount):
        done = SETTLED(state, place, account, amount)
        wrong = tuple(
            evolve(event, postings=(*event.postings, Posting(event.postings[0].book, 1, account, CCP)))
            for event in done.events
        )
        return evolve(done, events=wrong)

    monkeypatch.setattr(payments, "settled", moved_more)
    finding = campaign(MACHINE, COMMANDS, shrink_seconds=0).finding
    assert finding is not None
    assert not finding.code.startswith("CL-")
