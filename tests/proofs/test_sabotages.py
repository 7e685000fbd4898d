"""A sample of the sabotages of the prover: each is noticed.  All of them: python tests/proofs/sabotages.py."""

from pathlib import Path

import pytest

from sabotages import REPO, SABOTAGES, Sabotage, noticed

SAMPLE = (
    "one row for two demands of which one is enough",
    "the id of a row has the name of a field",
    "a case may be True",
)


@pytest.mark.parametrize("what", SAMPLE)
def test_the_prover_made_wrong_is_noticed(what: str) -> None:
    (sabotage,) = [each for each in SABOTAGES if each.what == what]
    assert noticed(sabotage)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.what)
def test_what_is_made_wrong_stands_in_the_prover(sabotage: Sabotage) -> None:
    text = (Path(REPO) / "proofs" / "clearspec_proofs" / f"{sabotage.file}.py").read_text()
    assert sabotage.old in text
    assert sabotage.new != sabotage.old


def test_every_root_is_made_wrong() -> None:
    assert {each.root for each in SABOTAGES} == set("ABCDE")
    assert len(SABOTAGES) >= 25
