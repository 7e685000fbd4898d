"""Proofs in other shapes: what is asked for, what is shown, and that nothing is mixed up."""

import json
from pathlib import Path

import pytest

from clearspec import registry

HERE = Path(__file__).parent.parent / "proofs"


@pytest.fixture(autouse=True)
def only_parted(monkeypatch):
    """A machine with two shapes, in the larger of which a claim fails."""
    pytest.importorskip("z3")
    pytest.importorskip("cvc5")
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setattr(registry, "_MODULES", {"parted": "parted"})


def test_the_first_shape_is_proved_if_none_is_named(clearspec):
    proved = clearspec("prove", "--json", "-")
    assert proved.code == 0
    assert {row["shape"] for row in proved.json["rows"]} == {""}
    assert proved.json["proved_at"] == {code: [""] for code in ("LOST", "FEW", "SUM", "STEPS")}
    [of] = proved.json["proved_of"]
    assert of["fixed"] == {"settings.mode": ["0"]}
    assert of["tuples"] == {"settings.steps": ["1"]}
    assert of["laws"] == {"STEPS": {"fixed": {}, "tuples": {"steps": ["1", "2"]}}}
    assert (of["starts"], of["tested_not_proved"]) == (["initial", "cover:same"], ["other", "wide", "shape:larger"])


def test_all_shapes_are_proved_each_by_itself(clearspec):
    proved = clearspec("prove", "--shape", "all", "--json", "-")
    assert proved.code == 1
    at = proved.json["proved_at"]
    assert at == {"LOST": ["", "larger"], "FEW": [""], "SUM": ["", "larger"], "STEPS": ["", "larger"]}
    assert {row["machine"] for row in proved.json["rows"]} == {"parted"}
    again = clearspec("prove", "--shape", "all", "--json", "-").json
    refuted = [(row["shape"], row["invariant"], row["beat"]) for row in again["rows"] if row["verdict"] == "refuted"]
    assert refuted == [("larger", "FEW", "Turn")]
    assert Path(".clearspec/refutations/parted-larger-FEW-Turn.json").exists()


def test_what_is_proved_of_is_printed_once_and_what_it_rests_on(clearspec):
    whole = clearspec("prove", "--shape", "all").out
    assert whole.count("parted, first shape: parts=2") == 1
    assert whole.count("parted, larger shape: parts=3") == 1
    assert "  fixed: settings.mode 0" in whole
    assert "  tested, not proved: other, wide, shape:larger" in whole
    assert whole.count("rests on 1 state claim that this run has not proved: FEW") == 1
    assert "rests on" not in clearspec("prove").out
    assert "rests on 2 state claims that this run has not proved: LOST, FEW" in clearspec("prove", "SUM").out


def test_what_a_machine_has_not_is_refused(clearspec):
    refused = clearspec("prove", "--shape", "large")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "no shape 'large'; did you mean larger?" in refused.err
    assert clearspec("prove", "--verify", ".", "--shape", "larger").code == 2


def test_both_shapes_are_verified_and_the_last_run_shows_both(clearspec):
    clearspec("prove")
    one = json.loads(Path(".clearspec/obligations/manifest.json").read_text())
    assert [each["name"] for each in one["machines"]] == ["parted"]
    clearspec("prove", "--shape", "larger", "LOST")
    assert clearspec("prove", "--verify", ".clearspec/obligations").code == 2, "the rest of the shape is missing"
    clearspec("prove", "--shape", "larger")
    two = json.loads(Path(".clearspec/obligations/manifest.json").read_text())
    assert [each["name"] for each in two["machines"]] == ["parted", "parted-larger"]
    shown = clearspec("explain", "SUM", "--json", "-").json
    assert [(row["shape"], row["verdict"]) for row in shown["proof"]] == [("", "normalised"), ("larger", "normalised")]
