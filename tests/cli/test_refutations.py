"""A refuted cell leaves files that work: a test that fails as long as the rule is wrong, and JSON to replay."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import toy
from clearspec import registry

RIGHT = Path(toy.__file__).read_text()
UNCHECKED_FEE = ("source.cash < command.amount + fee", "source.cash < command.amount")
UNCHECKED_TARGET = ("source is None or bank.accounts.get(command.target) is None", "source is None")
OWED = """
@claim("TOY-4", "The fees are paid out of the vault.", title="the fees are paid out of the vault", kind=Kind.STATE)
def fees_are_owed(bank: Bank) -> bool:
    return bank.fees <= -bank.vault


def generate("""
FALSE_LAW = """
@claim(
    "TOY-5", "A fee is less than its base.", title="a fee is less", kind=Kind.LAW,
    sample=lambda choices: (choices.integer(2, 9),),
)
def fee_is_less(amount: int) -> bool:
    return amount <= 0 or mul_div_ceil(amount, 700, RATE_SCALE) < amount


def generate("""
WITHOUT_TOY_2 = "claims=tuple(each for each in claims_of(sys.modules[__name__]) if each.code != 'TOY-2')"


@pytest.fixture(autouse=True)
def only_the_toy(monkeypatch, workplace):
    pytest.importorskip("z3")
    pytest.importorskip("cvc5")
    monkeypatch.setattr(registry, "_MODULES", {})
    monkeypatch.syspath_prepend(str(workplace))


def use(name, *changes):
    """Make the toy with some of its text replaced known as the toy."""
    text = RIGHT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(f"{name}.py").write_text(text)
    registry.add("toy", name)


def passes(test, name):
    """Does the pasted test pass, in a process of its own, with that toy?  Anything but pass or fail is an error."""
    Path("conftest.py").write_text(f"from clearspec import registry\nregistry.add('toy', {name!r})\n")
    path = os.pathsep.join((str(Path.cwd()), *sys.path))
    arguments = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", test)
    ran = subprocess.run(arguments, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    assert f"1 {'failed' if ran.returncode else 'passed'}" in ran.stdout
    return ran.returncode == 0


def refuted(clearspec, *topics):
    """What `prove` says of the one cell that is refuted."""
    proved = clearspec("prove", *topics, "--json", "-")
    assert proved.code == 1
    rows = proved.json["rows"]
    assert [row["verdict"] == "refuted" for row in rows] == [row["refutation"] is not None for row in rows]
    [found] = filter(None, (row["refutation"] for row in rows))
    return found


def test_what_a_run_reaches_is_a_list_of_commands(clearspec):
    use("toy_unchecked", UNCHECKED_FEE)
    found = refuted(clearspec, "TOY-2")
    assert found["reached"]
    assert found["advice"].startswith("reached by 4 commands from")
    commands = json.loads(Path(found["json"]).read_text())["commands"]
    assert [name for each in commands for name in each] == ["Open", "Open", "Deposit", "Transfer"]
    replayed = clearspec("replay", "finding", found["json"])
    assert replayed.code == 1
    assert "TOY-2: No account is overdrawn." in replayed.out
    assert not passes(found["pytest"], "toy_unchecked")
    use("toy_right")
    assert passes(found["pytest"], "toy_right")
    assert clearspec("replay", "finding", found["json"], "--json", "-").json == {
        "ok": True,
        "machine": "toy",
        "code": "TOY-2",
        "wrong": "",
    }


def test_what_no_run_reaches_says_so_and_names_the_missing_fact(clearspec):
    added = ("\ndef generate(", OWED), ("claims=claims_of(sys.modules[__name__])", WITHOUT_TOY_2)
    use("toy_weak", *added)
    found = refuted(clearspec, "TOY-4")
    assert not found["reached"]
    assert "not reached from any start in" in found["advice"]
    assert "the claim may not be inductive; strengthen it" in found["advice"]
    [fact] = [each for each in found["missing"] if each.startswith("accounts.cash ")]
    assert fact.startswith("accounts.cash >= 0 in all of")
    assert "; here -" in fact
    shown = clearspec("prove", "TOY-4").out
    assert fact in shown
    assert found["pytest"] in shown
    assert fact.split(";")[0] in " ".join(Path(found["pytest"]).read_text().replace("#", "").split())
    assert clearspec("replay", "finding", found["json"]).code == 1
    assert not passes(found["pytest"], "toy_weak")
    # With the missing claim the state is no longer one from which anything need be shown.
    use("toy_strong", added[0])
    assert passes(found["pytest"], "toy_strong")
    assert clearspec("replay", "finding", found["json"]).code == 0
    assert clearspec("prove", "TOY-4").code == 0
    assert not Path(found["json"]).exists()
    assert not Path(found["pytest"]).exists()


def test_a_law_fails_of_some_arguments(clearspec):
    use("toy_lawless", ("\ndef generate(", FALSE_LAW))
    found = refuted(clearspec, "TOY-5")
    assert json.loads(Path(found["json"]).read_text())["arguments"] == [1]
    assert found["advice"] == "a law holds for all arguments, and not for these"
    assert clearspec("replay", "finding", found["json"]).code == 1
    assert not passes(found["pytest"], "toy_lawless")
    use("toy_lawful", ("\ndef generate(", FALSE_LAW.replace(") < amount", ") <= amount")))
    assert passes(found["pytest"], "toy_lawful")


def test_a_crash_is_reached(clearspec):
    use("toy_crashing", UNCHECKED_TARGET)
    found = refuted(clearspec, "TOY-2", "Transfer")
    assert found["reached"]
    assert clearspec("replay", "finding", found["json"]).code == 1
    assert not passes(found["pytest"], "toy_crashing")
    use("toy_right")
    assert passes(found["pytest"], "toy_right")


def test_a_claim_that_fails_at_the_start_needs_no_command(clearspec):
    use("toy_rich", ("fees: int = 0", "fees: int = 1"))
    found = refuted(clearspec, "TOY-1")
    assert found["advice"] == "broken in the state 'initial', in which a run may start"
    assert json.loads(Path(found["json"]).read_text())["commands"] == []
    assert not passes(found["pytest"], "toy_rich")
    use("toy_right")
    assert passes(found["pytest"], "toy_right")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([], "$: []; expected an object"),
        ({"machine": "toi"}, "$.machine: \"toi\"; expected 'toy'"),
        ({"start": "nowhere"}, '$.start: "nowhere"; expected one of initial'),
        ({"code": "TOY-9"}, "$.code: \"TOY-9\"; expected 'TOY-3'"),
        ({"commands": {}}, "$.commands: {}; expected a list of commands"),
        ({"commands": [{"Opne": {}}]}, "$.commands[0]: no command 'Opne'"),
        ({"commands": None}, "$.commands: null; expected a list"),
    ],
    ids=str,
)
def test_a_hostile_finding_is_refused_with_its_place(clearspec, change, message):
    use("toy_right")
    value = {"machine": "toy", "start": "initial", "commands": [], "code": "TOY-1"}
    Path("bad.json").write_text(json.dumps(value | change if isinstance(change, dict) else change))
    called = clearspec("replay", "finding", "bad.json")
    assert (called.code, called.out) == (2, "")
    assert message in called.err
    assert called.err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": {}}, "$.state: Bank without 'accounts'"),
        ({"state": {"accounts": []}}, "$.state.accounts: []; expected an object with a row for each id"),
        ({"state": {"accounts": {"a": {"cash": "x"}}}}, '$.state.accounts.a.cash: "x"; expected an integer'),
        ({"beat": {}}, "$.beat: {}; expected an object with one key"),
        ({"arguments": []}, "expected an object with state and beat"),
        ({"code": "TOY-9"}, "$.code"),
    ],
    ids=str,
)
def test_a_hostile_state_is_refused_with_its_place(clearspec, change, message):
    use("toy_right")
    value = {"machine": "toy", "code": "TOY-1", "state": {"accounts": {}}, "beat": {"Open": {"account": "a"}}}
    Path("bad.json").write_text(json.dumps(value | change))
    called = clearspec("replay", "finding", "bad.json")
    assert (called.code, called.out) == (2, "")
    assert message in called.err
    Path("good.json").write_text(json.dumps(value))
    assert clearspec("replay", "finding", "good.json").code == 0
