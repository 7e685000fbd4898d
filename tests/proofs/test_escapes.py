"""Code that would make a symbol concrete, or that swallows the executor's signals, fails the proof."""

import pytest

from clearspec_proofs.prove import PROVED, prove

BODY = (
    "    if bank.accounts.get(command.account) is None:\n        return Rejected(Reason.ACCOUNT_EXISTS)\n    if command"
)

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
    change = ("    if bank.accounts.get(command.account) is None:", f"    _ = {ESCAPES[escape]}\n    if bank.accounts.get(command.account) is None:")  # fmt: skip
    rows = verdicts(load("toy", change).MACHINE)
    assert {each.verdict for each in rows} == {"unknown"}, rows
    assert all(each.reason for each in rows)


@pytest.mark.parametrize("clause", ["except BaseException:", "except:"])
@pytest.mark.parametrize("tried", ["int(command.amount)", "hash(command.account)", "len(bank.accounts)"])
def test_swallowing_the_signal_fails_the_proof(tried: str, clause: str, load) -> None:
    body = f"    try:\n        {tried}\n    {clause}\n        pass\n    if bank.accounts.get(command.account) is None:"
    rows = verdicts(load("toy", ("    if bank.accounts.get(command.account) is None:", body)).MACHINE)
    assert {each.verdict for each in rows} == {"unknown"}
    assert all("concrete" in each.reason or "unbounded" in each.reason for each in rows)


def test_swallowing_an_ordinary_exception_means_what_it_means_in_python(load) -> None:
    body = "    try:\n        command.nothing\n    except AttributeError:\n        pass\n    if command.amount <= 0:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n    return posted(bank, Posting(Book.CASH"  # fmt: skip
    old = "    if command.amount <= 0:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n    return posted(bank, Posting(Book.CASH"
    rows = verdicts(load("toy", (old, body)).MACHINE)
    assert {each.verdict for each in rows} <= set(PROVED)


def test_a_row_that_the_code_itself_names_may_be_any_of_the_others(load) -> None:
    change = ("return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))", "house = bank.accounts.get(AccountId('house'))\n    if house is not None:\n        bank = evolve(bank, accounts=bank.accounts.put(AccountId('house'), Account(house.cash - 1)), vault=bank.vault + 1)\n    return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))")  # fmt: skip
    rows = {each.invariant: each for each in verdicts(load("toy", change).MACHINE)}
    assert rows["TOY-1"].verdict in PROVED
    assert rows["TOY-2"].verdict == "refuted"
    before, _ = rows["TOY-2"].counterexample.before, rows["TOY-2"].counterexample.beat
    assert before.accounts.get("house") is not None


def test_a_crash_that_cannot_happen_is_no_finding_and_one_that_can_is(load) -> None:
    old = "    if command.amount <= 0:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n    return posted(bank"
    kept = load("toy", (old, old.replace("    return posted", "    assert command.amount * command.amount > 0\n    return posted"))).MACHINE  # fmt: skip
    assert {each.verdict for each in verdicts(kept)} <= set(PROVED)
    broken = load("toy", (old, old.replace("    return posted", "    assert command.amount != 7\n    return posted"))).MACHINE  # fmt: skip
    crash = next(each for each in verdicts(broken) if each.invariant == "no-crash")
    assert crash.verdict == "refuted"
    assert crash.counterexample.beat.amount == 7
