"""A machine that is put into its folder is in every harness, with nothing else edited."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
SMALL = REPO / "tests" / "folder" / "escrow"
ROOMS = tuple(dict.fromkeys(package.parent for package in sorted(REPO.glob("*/clearspec_*"))))
CODES = {f"ESC-{i}" for i in range(1, 7)}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the model, with one more folder; `alone`, with that folder in the place of all others."""
    root = tmp_path_factory.mktemp("house")
    hidden = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPO / "model", root / "model", ignore=hidden)
    shutil.copytree(SMALL, root / "model" / "clearspec" / "machines" / "escrow", ignore=hidden)
    shutil.copytree(root / "model", root / "alone")
    for machine in (root / "alone" / "clearspec" / "machines").iterdir():
        if machine.is_dir() and machine.name != "escrow":
            shutil.rmtree(machine)
    return root


def run(house, *command, model="model", code=0):
    """What a command prints, in a process that finds that model."""
    path = os.pathsep.join(map(str, (house / model, *ROOMS, REPO / "tests")))
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=house,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def clearspec(house, *command, model="model"):
    """The result of a command, as JSON."""
    return json.loads(run(house, "clearspec_cli", *command, "--json", "-", model=model))


def test_it_is_listed_beside_the_others(house):
    listed = clearspec(house, "list")
    assert {"clearing", "escrow", "exchange"} <= {each["name"] for each in listed["machines"]}
    assert "held-until-released" in listed["scenarios"]


def test_it_is_fuzzed_and_explored(house):
    [fuzzed] = clearspec(house, "fuzz", "escrow", "--commands", "3000", "--jobs", "1")["machines"]
    assert fuzzed["machine"] == "escrow"
    assert fuzzed["violation"] is None
    assert clearspec(house, "explore", "escrow")["ok"]


def test_it_is_proved_and_its_paths_are_followed(house):
    proved = clearspec(house, "prove", "ESC", "--jobs", "1")
    assert {row["invariant"] for row in proved["rows"]} >= CODES
    assert proved["ok"]
    followed = clearspec(house, "paths", "escrow", "--seconds", "1", "--jobs", "1")
    assert {row["beat"] for row in followed["beats"]} == {"due", "PayIn", "Release"}


def test_its_widths_are_bounded(house):
    bounded = clearspec(house, "widths", "escrow")
    assert {each["name"] for each in bounded["machines"][0]["beats"]} == {"PayIn", "Release"}


def test_its_mutants_are_noticed(house):
    mutated = clearspec(house, "mutate", "escrow", "--sample", "6", "--jobs", "1")
    assert mutated["ok"]


def test_everything_of_it_is_checked(house):
    checked = clearspec(house, "check", "--jobs", "1", model="alone")
    assert checked["ok"]
    assert {each["code"] for each in checked["invariants"] if each["machine"] == "escrow"} == CODES
    assert all(each["proved"] and each["tested"] for each in checked["invariants"])
    assert checked["scenarios"] == [{"name": "held-until-released", "ok": True}]


def test_it_stands_in_the_catalogue(house):
    run(house, "clearspec_cli", "catalogue", "--page", str(house / "claims.md"))
    page = (house / "claims.md").read_text()
    assert all(f"`{code}`" in page for code in CODES)


def test_the_tests_of_claims_ask_it(house):
    ran = run(house, "pytest", "-q", "-p", "no:cacheprovider", str(REPO / "tests/meta/test_claims.py"), "-k", "escrow")
    assert "4 passed" in ran
