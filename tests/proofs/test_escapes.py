"""Code that would make a symbol concrete, or that swallows the executor's signals, fails the proof."""

import pytest

from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.verdicts import PROVED

FIRST = "    if bank.accounts.get(command.account) is None:"
POSITIVE = "    if command.amount <= 0:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n"
LAST = "    return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))"
HOUSE = """    house = bank.accounts.get(AccountId('house'))
    if house is not None:
        accounts = bank.accounts.put(AccountId('house'), Account(house.cash - 1))
        bank = evolve(bank, accounts=accounts, vault=bank.vault + 1)
"""

ESCAPES = {
    "int": "int(command.amount)",
    "hash": "hash(command.amount)",
    "a set": "{command.account}",
    "text": "f'{command.amount}'",
    "str of an id": "str(command.account)",
    "range": "list(range(command.amount))",
    "an index": "(1, 2, 3)[command.amount]",
    "float": "command.amount / 2",
    "bits": "command.amount & 1",
    "dictionary": "{AccountId('a'): 1}.get(command.account)",
    "order of ids": "command.account < AccountId('m')",
    "part of an id": "command.account.upper()",
    "all rows": "list(bank.accounts)",
    "number of rows": "len(bank.accounts)",
    "comparison of tables": "bank.accounts == bank.accounts",
    "sorted rows": "sorted(bank.accounts.rows())",
    "another kind of id": "bank.accounts.get(Id('a'))",
    "comparison across kinds": "command.account == Id('a')",
}


def verdicts(machine) -> list:
    return prove(machine, beats=["Deposit"], workers=1, timeout=3)


@pytest.mark.parametrize("escape", ESCAPES)
def test_what_would_make_a_symbol_concrete_fails_the_proof(escape: str, load) -> None:
    rows = verdicts(load("toy", (FIRST, f"    _ = {ESCAPES[escape]}\n{FIRST}")).MACHINE)
    assert {each.verdict for each in rows} == {"unknown"}, rows
    assert all(each.reason for each in rows)


@pytest.mark.parametrize("clause", ["except BaseException:", "except:"])
@pytest.mark.parametrize("tried", ["int(command.amount)", "hash(command.account)", "len(bank.accounts)"])
def test_swallowing_the_signal_fails_the_proof(tried: str, clause: str, load) -> None:
    body = f"    try:\n        {tried}\n    {clause}\n        pass\n{FIRST}"
    rows = verdicts(load("toy", (FIRST, body)).MACHINE)
    assert {each.verdict for each in rows} == {"unknown"}
    assert all("concrete" in each.reason or "unbounded" in each.reason for each in rows)


def test_swallowing_an_ordinary_exception_means_what_it_means_in_python(load) -> None:
    body = "    try:\n        _ = None + 1\n    except TypeError:\n        pass\n"
    rows = verdicts(load("toy", (POSITIVE + LAST, body + POSITIVE + LAST)).MACHINE)
    assert {each.verdict for each in rows} <= set(PROVED)


def test_a_row_that_the_code_itself_names_may_be_any_of_the_others(load) -> None:
    rows = {each.invariant: each for each in verdicts(load("toy", (LAST, HOUSE + LAST)).MACHINE)}
    assert rows["TOY-1"].verdict in PROVED
    assert rows["TOY-2"].verdict == "refuted"
    assert rows["TOY-2"].counterexample.before.accounts.get("house") is not None


def test_a_crash_that_cannot_happen_is_no_finding_and_one_that_can_is(load) -> None:
    harmless = "    assert command.amount * command.amount > 0\n"
    kept = load("toy", (POSITIVE + LAST, POSITIVE + harmless + LAST)).MACHINE
    assert {each.verdict for each in verdicts(kept)} <= set(PROVED)
    broken = load("toy", (POSITIVE + LAST, POSITIVE + "    assert command.amount != 7\n" + LAST)).MACHINE
    crash = next(each for each in verdicts(broken) if each.invariant == "no-crash")
    assert crash.verdict == "refuted"
    assert crash.counterexample.beat.amount == 7
