"""The toy machine is proved as it stands, and each bug planted in it is refuted on plain integers."""

import pytest

from clearspec_proofs.executor.replay import broken
from clearspec_proofs.matrix.matrix import Row, prove
from clearspec_proofs.verdicts import PROVED

MUL = "mul_div_ceil(command.amount, 700, RATE_SCALE)"
STALE = """target = bank.accounts.get(command.target)
    fee = 0
    accounts = bank.accounts.put(command.source, Account(source.cash - command.amount))
    accounts = accounts.put(command.target, Account(target.cash + command.amount))
    return Accepted(evolve(bank, accounts=accounts))
    fee = """

BUGS = {
    "stale read when source is target": ("TOY-1", "Transfer", "fee = ", STALE),
    "fee rounded in favour of the client": ("TOY-3", "Transfer", MUL, "command.amount * 700 // RATE_SCALE"),
    "funds not checked": ("TOY-2", "Transfer", "        return Rejected(Reason.FUNDS_SUFFICIENT)", "        pass"),
    "fee forgotten in the check": (
        "TOY-2",
        "Transfer",
        "source.cash < command.amount + fee",
        "source.cash < command.amount",
    ),
    "one too many let through": ("TOY-2", "Transfer", "command.amount + fee:", "command.amount + fee - 1:"),
    "negative deposits": ("TOY-2", "Deposit", "if command.amount <= 0:", "if command.amount == 0:"),
    "fee charged to nobody": ("TOY-1", "Transfer", "fees=self.fees + amount", "fees=self.fees + 0 * amount"),
    "opening an account again empties it": (
        "TOY-1",
        "Open",
        "        return Rejected(Reason.ACCOUNT_NEW)",
        "        pass",
    ),
    "target not checked": (
        "no-crash",
        "Transfer",
        "source is None or bank.accounts.get(command.target) is",
        "source is",
    ),
}


def row(rows: list[Row], code: str, beat: str) -> Row:
    return next(each for each in rows if (each.invariant, each.beat) == (code, beat))


def test_every_claim_of_the_toy_is_proved_by_both_solvers_or_without_any(load) -> None:
    rows = prove(load("toy").MACHINE)
    assert {(each.invariant, each.beat) for each in rows} == {
        *((code, beat) for code in ("TOY-1", "TOY-2") for beat in ("initial", "Open", "Deposit", "Transfer")),
        ("TOY-3", "Transfer"),
    }
    assert [each for each in rows if each.verdict not in PROVED] == []
    overdrawn = row(rows, "TOY-2", "Transfer")
    assert (overdrawn.verdict, overdrawn.solvers) == ("agreed", ("cvc5", "z3"))
    # Three ways to be rejected; source and target are the same account or two.
    assert (overdrawn.accepted, overdrawn.rejected) == (2, 6)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_refuted_by_a_counterexample_that_replays(bug: str, load) -> None:
    code, beat, *change = BUGS[bug]
    machine = load("toy", tuple(change)).MACHINE
    rows = prove(machine, beats=[beat], workers=1)
    found = row(rows, code, beat)
    assert found.verdict == "refuted", found
    assert found.counterexample is not None
    before, command = found.counterexample.before, found.counterexample.beat
    assert broken(machine, before, command, code) is not None
    # The same state and command are harmless without the bug.
    sound = load("toy").MACHINE
    assert all(each.verdict in PROVED for each in prove(sound, beats=[beat], workers=1))


def test_the_counterexample_of_a_stale_read_has_the_same_account_twice(load) -> None:
    code, beat, *change = BUGS["stale read when source is target"]
    found = row(prove(load("toy", tuple(change)).MACHINE, beats=[beat], codes=[code], workers=1), code, beat)
    assert found.counterexample is not None
    assert found.counterexample.beat.source == found.counterexample.beat.target
    assert "Transfer" in str(found.counterexample)


def test_a_claim_that_fails_at_the_start_is_refuted_there(load) -> None:
    machine = load("toy", ("fees: int = 0", "fees: int = 1")).MACHINE
    found = row(prove(machine, beats=["initial"]), "TOY-1", "initial")
    assert found.verdict == "refuted"
    assert "fees=1" in str(found.counterexample)


def test_a_beat_that_never_succeeds_proves_nothing(load) -> None:
    machine = load("toy", ("if command.amount <= 0:", "if command.amount <= 0 or command.amount > 0:")).MACHINE
    rows = prove(machine, beats=["Deposit"], workers=1)
    assert {each.verdict for each in rows} == {"unknown"}
    assert all("vacuous" in each.reason for each in rows)


def test_a_claim_marked_unproved_says_why_and_is_not_run(load) -> None:
    old = 'title="Nobody is overdrawn", kind=Kind.STATE'
    machine = load("toy", (old, f'{old}, unproved="too hard"')).MACHINE
    rows = [each for each in prove(machine) if each.invariant == "TOY-2"]
    assert [(each.verdict, each.reason) for each in rows] == [("unknown", "too hard")]
