"""Wrong rules of the exchange that balance, and that only one claim stands against: the campaign names that claim."""

import pytest
from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.custody import moved
from clearspec.machines.exchange.state.commands import Deposit, PayFunding, PlaceOrder, Reason, SendWithdrawal, Withdraw
from clearspec.machines.exchange.state.events import FundingPaid, OrderFilled
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import Line, TimeInForce, WithdrawalStatus, book
from clearspec_checks.runs.campaign import campaign

COMMANDS, SEED = 12_000, 1


def shifted(outcome, line, place, payer, payee):
    """The outcome with one atom more from one client to another, posted and said."""
    posting = Posting(book(outcome.state.parameters, line, place), 1, payer, payee)
    return Accepted(post(outcome.state, (posting,)), (*outcome.events, Posted((posting,))))


def others(state, *named):
    """The clients that are not named."""
    return [key for key, _ in state.accounts.rows() if key not in named]


def no_fill_or_kill(state, command, accepted):
    """A fill-or-kill order is always killed."""
    if isinstance(command, PlaceOrder) and command.time_in_force is TimeInForce.FILL_OR_KILL:
        return Rejected(Reason.FILL_OR_KILL_FILLS)
    return MACHINE.spec.conclude(state, command, accepted)


def placing_moves_gains(state, command, outcome):
    """Whoever places an order gets an unsettled atom from somebody else."""
    victims = others(state, getattr(command, "account", None))
    if isinstance(command, PlaceOrder) and victims:
        return shifted(outcome, Line.UNSETTLED, 1, victims[0], command.account)
    return outcome


def deposits_move_others(state, command, outcome):
    """A deposit moves an atom between two other clients."""
    victims = others(state, getattr(command, "account", None))
    rich = [each for each in victims if state.accounts.get(each).holdings.balances[0] > 500]
    if isinstance(command, Deposit) and rich and len(victims) > 1:
        return shifted(outcome, Line.BALANCE, 0, rich[0], next(each for each in victims if each != rich[0]))
    return outcome


def fills_move_others(state, _, outcome):
    """A trade moves an unsettled atom between one who trades and one who does not."""
    for event in outcome.events:
        if isinstance(event, OrderFilled) and (victims := others(state, event.buyer, event.seller)):
            return shifted(outcome, Line.UNSETTLED, 1, victims[0], event.buyer)
    return outcome


def somebody_else_pays_funding(state, beat, outcome):
    """What one owes in funding is paid by somebody else."""
    for event in outcome.events:
        if (
            isinstance(beat, PayFunding)
            and isinstance(event, FundingPaid)
            and (victims := others(state, event.account))
        ):
            return shifted(outcome, Line.UNSETTLED, 1, victims[0], event.account)
    return outcome


def cold_storage_pays(state, command, outcome):
    """What is sent comes out of the cold wallet, where that holds it."""
    if isinstance(command, SendWithdrawal):
        row = state.withdrawals.get(command.withdrawal)
        place = asset_place(state.parameters, row.asset)
        if state.wallets[place].cold >= row.amount:
            return evolve(outcome, state=moved(outcome.state, place, hot=row.amount, cold=-row.amount))
    return outcome


def owned_by(outcome, name, owner):
    """The outcome with that withdrawal in another name."""
    rows = outcome.state.withdrawals
    return evolve(outcome, state=evolve(outcome.state, withdrawals=rows.put(name, evolve(rows.get(name), owner=owner))))


def withdrawals_in_another_name(state, command, outcome):
    """What one asks for is written down for somebody else, who could cancel it."""
    victims = others(state, getattr(command, "account", None))
    if isinstance(command, Withdraw) and victims:
        return owned_by(outcome, command.withdrawal, victims[0])
    return outcome


def deposits_take_withdrawals_over(state, command, outcome):
    """Who deposits gets a withdrawal that somebody else waits for."""
    if isinstance(command, Deposit):
        for key, row in state.withdrawals.rows():
            if row.status == WithdrawalStatus.PENDING and row.owner != command.account:
                return owned_by(outcome, key, command.account)
    return outcome


def with_rule(change):
    """The exchange whose every accepted beat is changed so."""

    def beat(state, command):
        outcome = MACHINE.spec.beat(state, command)
        return change(state, command, outcome) if isinstance(outcome, Accepted) else outcome

    return MACHINE.altered(beat=beat)


def without(code, machine):
    """The machine without that claim, so that another one has to notice."""
    return machine.altered(claims=tuple(each for each in machine.spec.claims if each.code != code))


PLANTED = [
    pytest.param(MACHINE.altered(conclude=no_fill_or_kill), "EX-ORD-4", id="fill-or-kill never fills"),
    pytest.param(with_rule(placing_moves_gains), "EX-FRM-1", id="placing moves gains"),
    pytest.param(with_rule(deposits_move_others), "EX-FRM-1", id="deposits move others"),
    pytest.param(with_rule(fills_move_others), "EX-FRM-1", id="fills move others"),
    pytest.param(with_rule(cold_storage_pays), "EX-CUS-9", id="cold storage pays"),
    pytest.param(with_rule(withdrawals_in_another_name), "EX-CUS-2", id="withdrawals in another name"),
    pytest.param(with_rule(deposits_take_withdrawals_over), "EX-CUS-8", id="deposits take withdrawals over"),
    pytest.param(with_rule(somebody_else_pays_funding), "EX-FRM-1", id="somebody else pays funding"),
    pytest.param(without("EX-FRM-1", with_rule(somebody_else_pays_funding)), "EX-FUN-3", id="whoever pays funding"),
]


@pytest.mark.parametrize(("machine", "code"), PLANTED)
def test_the_claim_is_named(machine, code):
    finding = campaign(machine, COMMANDS, SEED, shrink_seconds=0).finding
    assert finding is not None
    assert finding.code == code
