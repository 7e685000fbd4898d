"""What a careless prover accepts although it is false stays refuted or unproved; what is true beside it is proved."""

import pytest

from clearspec_proofs.matrix.matrix import Row, prove
from clearspec_proofs.verdicts import PROVED

NEVER_PROVED = [
    ("SetMark", ["MARK"], "MARK", "refuted"),
    ("SetMark", ["LINEAR"], "LINEAR", "refuted"),
    ("SetMark", ["SOLVENT"], "SOLVENT", "refuted"),
    ("Open", ["NOBODY"], "NOBODY", "refuted"),
    ("Open", ["SOMEBODY"], "SOMEBODY", None),
    ("Flip", ["ALL-LONG"], "ALL-LONG", "refuted"),
    ("Flip", ["COUNT-LONG"], "COUNT-LONG", None),
    ("Open", ["ONE-CASH"], "ONE-CASH", "refuted"),
    ("Open", ["NESTED"], "NESTED", None),
    ("Close", ["COUNTED"], "COUNTED", "refuted"),
    ("Skim", ["KEPT"], "KEPT", None),
    ("Open", ["COUNTED", "COUNT-LONG", "ALL-LONG", "NOBODY"], "NOBODY", None),
    ("Conclude", ["WAITING"], "WAITING", "refuted"),
    ("ConcludeLong", ["NOT-OWED", "WAITING"], "WAITING", "refuted"),
    ("ConcludeNext", ["NOT-OWED", "WAITING"], "WAITING", "refuted"),
    ("ConcludeRich", ["NOT-OWED", "WAITING"], "WAITING", "refuted"),
    ("ConcludeBut", ["NOT-OWED", "WAITING"], "WAITING", "refuted"),
]

PROVED_TOO = [
    ("SetMark", ["LINEAR", "FLAT"], "LINEAR"),
    ("Open", ["MARK"], "MARK"),
    ("Open", ["SOLVENT"], "SOLVENT"),
    ("Open", ["ALL-LONG"], "ALL-LONG"),
    ("Open", ["ALL-LONG", "COUNTED", "COUNT-LONG"], "COUNT-LONG"),
    ("Flip", ["COUNTED"], "COUNTED"),
    ("Flip", ["SAME-SUM"], "SAME-SUM"),
    ("Open", ["COUNTED", "COUNT"], "COUNT"),
    ("SetMark", ["ONE-CASH"], "ONE-CASH"),
    ("SetMark", ["NESTED"], "NESTED"),
    ("Close", ["KEPT"], "KEPT"),
    ("Sweep", ["KEPT"], "KEPT"),
    ("Conclude", ["NOT-OWED", "WAITING"], "WAITING"),
    ("ConcludeLong", ["NOT-OWED", "ALL-LONG", "WAITING"], "WAITING"),
]


def verdict_of(machine, beat: str, code: str) -> Row:
    return next(each for each in prove(machine, beats=[beat], workers=1, timeout=3) if each.invariant == code)


@pytest.mark.parametrize(("beat", "codes", "code", "expected"), NEVER_PROVED)
def test_a_false_theorem_is_not_proved(beat: str, codes: list[str], code: str, expected: str | None, load) -> None:
    found = verdict_of(load("traps").machine(*codes), beat, code)
    assert found.verdict in ((expected,) if expected else ("refuted", "unknown")), found


@pytest.mark.parametrize(("beat", "codes", "code"), PROVED_TOO)
def test_a_true_theorem_beside_it_is_proved(beat: str, codes: list[str], code: str, load) -> None:
    found = verdict_of(load("traps").machine(*codes), beat, code)
    assert found.verdict in PROVED, found


def test_a_measure_that_hides_what_it_sees_is_not_proved(load) -> None:
    found = verdict_of(load("traps").machine("CLOSURE"), "SetMark", "CLOSURE")
    assert found.verdict not in PROVED


@pytest.mark.parametrize(
    "change",
    [
        ("if account.side == Side.LONG else Side.LONG\n", "if account.side is Side.LONG else Side.LONG\n"),
        ("account.side == Side.LONG)\n", "account.side is not Side.SHORT)\n"),
    ],
)
def test_identity_of_an_enum_member_fails_the_proof(change: tuple[str, str], load) -> None:
    found = verdict_of(load("traps", change).machine("COUNTED"), "Flip", "COUNTED")
    assert found.verdict == "unknown"
    assert "identity" in found.reason


def test_a_claim_that_the_prover_cannot_evaluate_is_not_taken_for_a_false_one(load) -> None:
    machine = load("traps").machine("ENDLESS", "COUNTED", opened=1)
    rows = prove(machine, beats=["Flip"], workers=1, timeout=1)
    assert {each.verdict for each in rows} == {"unknown"}
    assert all("without end" in each.reason or "failed" in each.reason for each in rows)
