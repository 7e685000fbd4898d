"""What is found out about a state and a beat that break a claim: a run that does the same, or what is unusual."""

import json

import pytest
from attrs import evolve

import toy
from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted
from clearspec.core.table import Table
from clearspec.machines.exchange.state.parameters import AssetId
from clearspec.machines.exchange.state.types import AccountId, Withdrawal, WithdrawalId, WithdrawalStatus
from clearspec_checks.runs.explore import Keys
from clearspec_checks.runs.finding import run_commands, violation_of
from clearspec_checks.runs.search import search
from clearspec_checks.runs.unusual import unusual
from clearspec_checks.runs.violation import Violation
from clearspec_checks.wire.situation import decode_situation, encode_situation, simplified

A, B = toy.AccountId("a"), toy.AccountId("b")
MACHINES = pytest.mark.parametrize("name", ["toy", *registry.names()])


@MACHINES
@pytest.mark.usefixtures("toy_is_known")
def test_every_state_and_beat_of_a_run_survives_a_round_trip(name):
    machine = registry.find(name)
    state, choices, beats = machine.spec.initial, SeededChoices(3), 0
    for _ in range(120):
        command = machine.drive.generate(state, choices)
        for before, beat, outcome in machine.run(state, command):
            written = json.loads(json.dumps(encode_situation(before, beat)))
            read, read_beat = decode_situation(machine, "any", written)
            keys = Keys(before)
            assert keys.of(read) == keys.of(before)
            assert read_beat == beat
            state, beats = (outcome.state if isinstance(outcome, Accepted) else before), beats + 1
    assert beats >= 120


@pytest.mark.parametrize("name", registry.names())
def test_the_arguments_of_every_law_survive_a_round_trip(name):
    machine = registry.find(name)
    laws = [each for each in machine.spec.claims if each.kind is Kind.LAW]
    assert laws
    for law in laws:
        arguments = law.sample(SeededChoices(5))
        written = json.loads(json.dumps(encode_situation(None, arguments)))
        assert decode_situation(machine, law.code, written) == (None, tuple(arguments))


def richly(bank, choices):
    """A command of the toy; a deposit is of a thousand times as much."""
    command = toy.generate(bank, choices)
    return evolve(command, amount=1_000 * command.amount) if type(command) is toy.Deposit else command


def loses_one(bank, command):
    """The toy, but a transfer of 7,777 loses an atom."""
    outcome = toy.MACHINE.spec.beat(bank, command)
    if type(command) is toy.Transfer and command.amount == 7_777 and isinstance(outcome, Accepted):
        return evolve(outcome, state=evolve(outcome.state, vault=outcome.state.vault + 1))
    return outcome


def test_the_numbers_of_the_beat_are_tried():
    machine = toy.MACHINE.altered(beat=loses_one, generate=richly)
    found = search(machine, "TOY-1", toy.Transfer(A, B, 7_777), seconds=20).finding
    assert found is not None
    assert len(found.commands) <= 4
    assert (type(found.commands[-1]), found.commands[-1].amount) == (toy.Transfer, 7_777)
    assert violation_of(machine, found.start, found.commands).code == "TOY-1"
    # No transfer of so much is drawn without such a beat.
    assert search(machine, "TOY-1", toy.Transfer(A, B, 1), seconds=1).finding is None


def apart(bank, choices):
    """A command of the toy; a transfer is never to oneself."""
    command = toy.generate(bank, choices)
    if type(command) is toy.Transfer and command.source == command.target:
        return evolve(command, target=toy.AccountId("elsewhere"))
    return command


def loses_its_own(bank, command):
    """The toy, but a transfer to oneself of more than the scopes know loses an atom."""
    outcome = toy.MACHINE.spec.beat(bank, command)
    to_itself = type(command) is toy.Transfer and command.source == command.target
    if to_itself and command.amount > 2 and isinstance(outcome, Accepted):
        return evolve(outcome, state=evolve(outcome.state, vault=outcome.state.vault + 1))
    return outcome


def test_where_the_beat_has_one_account_twice_so_have_commands():
    machine = toy.MACHINE.altered(beat=loses_its_own, generate=apart)
    found = search(machine, "TOY-1", toy.Transfer(B, B, 3), seconds=20).finding
    assert found is not None
    assert found.commands[-1].source == found.commands[-1].target
    assert search(machine, "TOY-1", toy.Transfer(A, B, 3), seconds=1).finding is None


def lends(bank, command):
    """The toy, but funds are not checked, and what is deposited counts twice."""
    if type(command) is toy.Deposit:
        bank = evolve(bank, vault=bank.vault + 1)
    return toy.MACHINE.spec.beat(evolve(bank, accounts=richer(bank.accounts)), command)


def richer(accounts):
    return Table({key: evolve(row, cash=row.cash - 1) for key, row in accounts.rows()})


def test_a_claim_that_breaks_earlier_does_not_hide_the_one_that_is_looked_for():
    machine = toy.MACHINE.altered(beat=lends)
    found = search(machine, "TOY-2", toy.Deposit(A, 1), seconds=5).finding
    assert found is not None
    assert found.alone
    listed = found.as_json()["commands"]
    with pytest.raises(Violation, match="TOY-2"):
        run_commands(machine, found.start, listed, only_code="TOY-2")
    with pytest.raises(Violation, match="TOY-1"):
        run_commands(machine, found.start, listed)
    run_commands(toy.MACHINE, found.start, listed, only_code="TOY-2")


def test_nothing_is_found_where_nothing_is_wrong():
    searched = search(toy.MACHINE, "TOY-2", toy.Transfer(A, A, 3), seconds=1)
    assert searched.finding is None
    assert searched.runs > 1
    assert searched.commands > 300


def test_of_the_toy_the_sign_of_a_balance_is_unusual():
    poor = evolve(toy.MACHINE.spec.initial, accounts=Table({A: toy.Account(5), B: toy.Account(-3)}), fees=-2)
    facts = [(each.fact, each.here) for each in unusual(toy.MACHINE, poor)]
    assert facts == [("accounts.cash >= 0", "-3 in b"), ("fees >= 0", "-2")]
    usual = evolve(toy.MACHINE.spec.initial, accounts=Table({A: toy.Account(5)}), fees=2, vault=-7)
    assert unusual(toy.MACHINE, usual) == ()


def test_of_the_exchange_a_withdrawal_of_less_than_nothing_by_nobody_is_unusual():
    machine = registry.find("exchange")
    row = Withdrawal(AccountId("nobody"), AssetId("USDC"), -2, WithdrawalStatus.PENDING)
    state = evolve(machine.spec.initial, withdrawals=Table({WithdrawalId("w"): row}), now=7, target=3, sequence=-1)
    facts = [(each.fact, each.here) for each in unusual(machine, state, ["w"], commands=900)]
    assert facts == [
        ("withdrawals.owner among accounts is there", "missing in w"),
        ("withdrawals.amount > 0", "-2 in w"),
        ("sequence >= 0", "-1"),
        ("now <= target", "7 and 3"),
    ]


def test_a_situation_is_left_with_what_it_needs():
    bank = toy.Bank(Table({A: toy.Account(-4), B: toy.Account(9)}), fees=3, vault=2**60)
    situation = encode_situation(bank, toy.Open(B))

    def still(changed):
        try:
            read, _ = decode_situation(toy.MACHINE, "TOY-2", changed)
        except Exception:
            return False
        return not all(row.cash >= 0 for _, row in read.accounts.rows())

    assert simplified(situation, still, 5) == {
        "state": {"accounts": {"a": {"cash": -4}}, "fees": 0, "vault": 0},
        "beat": {"Open": {"account": "b"}},
    }
    assert simplified(situation, lambda _: False, 5) == situation
