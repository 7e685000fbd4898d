"""Every bad input: one clear line on standard error, exit code 2, nothing on standard output."""

import builtins
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFUSALS = [
    (("fuzz", "toi"), "no machine 'toi'; did you mean toy?"),
    (("paths", "Transfr"), "no machine or beat 'Transfr'; did you mean Transfer"),
    (("explore", "toy", "--scope", "two acounts"), "no scope 'two acounts'; did you mean two accounts?"),
    (("explain", "TOY-33"), "no claim 'TOY-33'; did you mean TOY-3"),
    (("run", "nothing-like-it"), "no scenario 'nothing-like-it'"),
    (("run", "nothing.json"), "cannot read nothing.json: No such file or directory"),
    (("run",), "name a scenario or a file, or ask for the list: clearspec run --list"),
    (("run", "."), "cannot read .: Is a directory"),
    (("fuzz", "--commands", "-3"), "--commands"),
    (("fuzz", "--commands", "many"), "--commands"),
    (("fuzz", "--seed", "-1"), "--seed"),
    (("explore", "--seconds", "0"), "--seconds"),
    (("fuzz", "toy", "--json", "no/such/place.json"), "there is no directory no/such"),
    (("fuzz", "toy", "--json", "."), "it is a directory"),
    (("catalogue", "--page", "no/such/page.md"), "there is no directory no/such"),
    (("catalogue", "--page", "."), "cannot write ."),
    (("replay", "lobster", "no-such.csv"), "cannot read no-such.csv: No such file or directory"),
    (("study",), "Missing command"),
    (("study", "liquidation-tiem"), "No such command 'liquidation-tiem'"),
    (("study", "liquidation-time", "--runs", "0"), "--runs"),
    (("study", "liquidation-time", "--runs", "10000001"), "--runs"),
    (("study", "liquidation-time", "--size", "0"), "--size"),
    (("study", "liquidation-time", "--plot", "time.pdf"), "expected a name that ends in .png or .svg"),
    (("study", "liquidation-time", "--plot", "no/such/time.png"), "there is no directory no/such"),
    (("study", "liquidation-time", "--json", "no/such/time.json"), "there is no directory no/such"),
    (("study", "liquidation-time", "--plot", "a.svg", "--json", "./a.svg"), "--plot and --json both name a.svg"),
    (("widths", "toi"), "no machine 'toi'; did you mean toy?"),
    (("widths", "toy"), "toy: no limits are published"),
    (("widths", "exchange", "--beat", "Mach"), "no beat 'Mach'; did you mean Match?"),
    (("widths", "--page", "no/such/page.md"), "there is no directory no/such"),
    (("fuz",), "No such command 'fuz'"),
    (("fuzz", "--sede", "1"), "--seed"),
    (("fuzz", "toy", "toy"), "unexpected extra argument"),
    (("explain",), "Missing argument 'code'"),
    (("mutate", "toy", "--operators", "roundign"), "no operator of mutation 'roundign'; did you mean rounding"),
    (("prove", "nonsense-topic"), "no topic 'nonsense-topic'"),
    (("prove", "TOY-3", "Deposit"), "no claim of TOY-3 Deposit is obliged of such a beat"),
    (("prove", "--verify", "nowhere"), "nowhere/manifest.json: there is no such file"),
    (("prove", "--verify", "nowhere", "--all"), "no topics, no --all, no --keep"),
    (("prove", "TOY-1", "--verify", "nowhere"), "no topics, no --all, no --keep"),
    (("prove", "--sample", "5"), "say which with --verify DIR"),
    (("prove", "--keep", "/dev/null/there"), "cannot keep obligations in /dev/null/there: Not a directory"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS, ids=lambda each: " ".join(each) if each else "")
def test_is_one_line_that_says_what_would_be_right(clearspec, arguments, message):
    called = clearspec(*arguments)
    assert called.code == 2
    assert called.out == ""
    assert called.err.startswith("clearspec: ")
    assert called.err.count("\n") == 1
    assert message in called.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "bad.json: line 1 column 2: "),
        ("[]", "bad.json: $: []; expected an object"),
        ('{"machine": "toy", "title": "", "commands": [{"Opne": {}}]}', "$.commands[0]: no command 'Opne'"),
        ('{"machine": "toy", "title": "", "commands": [{"Open": {"account": 3}}]}', "$.commands[0].Open.account: 3"),
        ("[" * 200_000, "nested too deep"),
        ("9" * 10_000, "a number of 10000 digits; expected at most 40 digits"),
        ("-" + "9" * 100, "a number of 100 digits; expected at most 40 digits"),
        (" " * 2_000_000, "expected at most 1,000,000"),
        ("\0", "expected valid JSON"),
    ],
    ids=lambda each: each[:40],
)
def test_a_hostile_scenario_is_refused_with_its_place(clearspec, text, message):
    Path("bad.json").write_text(text)
    called = clearspec("run", "bad.json")
    assert called.code == 2
    assert message in called.err
    assert called.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_without_permission_is_refused_before_the_work(clearspec):
    Path("closed").mkdir(mode=0o500)
    assert "permission denied" in clearspec("fuzz", "toy", "--json", "closed/out.json").err


def test_a_missing_extra_says_what_to_install(clearspec, monkeypatch):
    real = builtins.__import__

    def without_prover(name, *rest, **more):
        if name.startswith("clearspec_proofs.") and name != "clearspec_proofs.verdicts":
            raise ModuleNotFoundError("No module named 'z3'", name="z3")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_prover)
    for arguments in (("prove",), ("check",), ("mutate", "toy")):
        called = clearspec(*arguments)
        assert called.code == 2
        assert "pip install 'clearspec[prove]'" in called.err
    assert clearspec("explore", "toy").code == 0


def test_a_picture_without_the_library_is_refused_before_the_work(clearspec, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("clearspec_cli.study.study", lambda *_, **__: pytest.fail("worked for nothing"))
    called = clearspec("study", "liquidation-time", "--plot", "time.svg")
    assert called.code == 2
    assert called.out == ""
    assert called.err == "clearspec: drawing needs matplotlib, which is not installed: pip install 'clearspec[docs]'\n"
    assert list(Path.cwd().iterdir()) == []


def test_ctrl_c_is_one_line_and_130(clearspec, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("clearspec_checks.runs.campaign.run_episode", interrupted)
    called = clearspec("fuzz", "toy", "--jobs", "1")
    assert called.code == 130
    assert called.err == "clearspec: interrupted; the figures above are of the commands until then\n"


def test_ctrl_c_where_nothing_can_be_reported_is_one_line_too(clearspec, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("clearspec_cli.prove.rows_of", interrupted)
    pytest.importorskip("z3")
    called = clearspec("prove")
    assert called.code == 130
    assert called.err == "clearspec: interrupted\n"


def test_help_starts_no_solver_and_no_test_library():
    program = (
        "import sys; from clearspec_cli.main import run; run(['--help']);"
        "print(sorted({'z3', 'cvc5', 'hypothesis', 'numba', 'matplotlib', 'clearspec_proofs'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_a_reader_that_stops_reading_is_no_error():
    command = f"{sys.executable} -m clearspec_cli.main list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_parameter_that_makes_no_sense_is_refused_with_its_place(clearspec):
    value = {"machine": "exchange", "title": "No leverage", "parameters": {"leverage_max": 0}, "commands": []}
    Path("mine.json").write_text(json.dumps(value))
    called = clearspec("run", "mine.json")
    assert called.code == 2
    assert called.err.startswith("clearspec: mine.json: $.parameters.leverage_max: with this, EX-PAR-1 does not hold;")
    assert called.err.count("\n") == 1
