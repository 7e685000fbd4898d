"""What a proof is of is printed with it: the shape, what is fixed in it, and what it rests on."""

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from clearspec_proofs.matrix.extent import extent_of
from clearspec_proofs.matrix.matrix import Row, matrix, prove
from clearspec_proofs.matrix.shapes import at_shape, shapes_of
from clearspec_proofs.solving.store import Grounds, Store, digest_of
from clearspec_proofs.verdicts import PROVED
from parted import MACHINE, raises

HERE = "parts=2, settings.mode=0, settings.steps 1 long"
LARGER = "parts=3, settings.mode=0, settings.steps 2 long"


def row(rows: Iterable[Row], code: str, beat: str) -> Row:
    return next(each for each in rows if (each.invariant, each.beat) == (code, beat))


def test_a_row_says_what_it_is_proved_of_and_what_is_only_tested() -> None:
    rows, extent = prove(MACHINE, workers=1), extent_of(MACHINE)
    assert {each.bound for each in rows if each.beat in ("Turn", "Lose")} == {HERE}
    assert row(rows, "STEPS", "law").bound == "parts=2, steps 1 or 2 long"
    assert extent.starts == ("initial", "cover:same")
    assert extent.others == ("other", "wide", "shape:larger")
    assert row(rows, "LOST", "initial").reason == "evaluated on 5 starts, 2 of this shape"


def test_more_fixed_values_than_fit_are_counted() -> None:
    parts = {f"mode{i}": (str(i),) for i in range(5)}
    many = evolve(extent_of(MACHINE), fixed=parts)
    assert many.of_beats() == "parts=2, 5 fixed values, settings.steps 1 long"


def test_a_claim_is_proved_at_each_shape_by_itself() -> None:
    assert shapes_of(MACHINE) == ("", "larger")
    larger = at_shape(MACHINE, "larger")
    assert (dict(larger.spec.shape), list(larger.drive.variants)) == ({"parts": 3}, ["wide"])
    first, second = prove(MACHINE, workers=1), prove(larger, workers=1)
    assert {each.shape for each in first} == {""}
    assert {(each.machine, each.shape) for each in second} == {("parted", "larger")}
    assert {each.bound for each in second if each.beat in ("Turn", "Lose")} == {LARGER}
    assert row(first, "FEW", "Turn").verdict in PROVED
    assert row(second, "FEW", "Turn").verdict == "refuted"


def test_what_is_kept_of_one_shape_is_nothing_of_another(tmp_path: Any) -> None:
    store, grounds = Store(tmp_path), Grounds("key", {})
    larger = at_shape(MACHINE, "larger")
    prove(MACHINE, workers=1, store=store, grounds=grounds)
    assert {place for place, _, _ in matrix(MACHINE)} == {"parted"}
    assert {place for place, _, _ in matrix(larger)} == {"parted-larger"}
    assert not any(each.kept for each in prove(larger, workers=1, store=store, grounds=grounds) if each.beat == "Turn")
    again = prove(larger, workers=1, store=store, grounds=grounds)
    assert (row(again, "SUM", "Turn").kept, row(again, "SUM", "Turn").shape) == (True, "larger")
    assert row(again, "FEW", "Turn").verdict == "refuted"
    assert row(prove(MACHINE, workers=1, store=store, grounds=grounds), "FEW", "Turn").kept


def test_what_is_proved_names_the_claims_it_rests_on_that_are_not() -> None:
    whole = prove(MACHINE, workers=1)
    assert {each.rests for each in whole} == {()}
    part = prove(MACHINE, codes=["SUM"], workers=1)
    assert row(part, "SUM", "Turn").rests == ("LOST", "FEW")
    assert row(prove(MACHINE, beats=["Turn"], workers=1), "LOST", "Turn").rests == ("LOST", "FEW")
    larger = prove(at_shape(MACHINE, "larger"), workers=1)
    assert row(larger, "SUM", "Turn").rests == ("FEW",)
    assert (row(larger, "FEW", "initial").rests, row(larger, "STEPS", "law").rests) == ((), ())


def test_nothing_is_proved_of_a_beat_that_may_raise_an_exception() -> None:
    rows = prove(MACHINE.altered(beat=raises), workers=1)
    assert row(rows, "no-crash", "Lose").verdict == "refuted"
    lost = row(rows, "LOST", "Lose")
    assert lost.verdict == "unknown"
    assert lost.reason.startswith("the beat may raise an exception: ")
    assert row(rows, "LOST", "Turn").verdict in PROVED
    assert row(rows, "LOST", "Turn").rests == ("LOST", "FEW")


def test_a_beat_that_one_solver_says_never_raises_is_proved_again(tmp_path: Any) -> None:
    store, grounds = Store(tmp_path), Grounds("key", {})
    prove(MACHINE, workers=1, store=store, grounds=grounds)
    known = store.cells("parted", "Turn", "key")
    path = {"path": "1", "ending": "crash", "verdict": "one-solver", "texts": {"z3": [digest_of("no")]}}
    said = {"claim": "no-crash", "kind": "crash", "verdict": "one-solver", "paths": [path]}
    store.put("parted", "Turn", "key", {"no-crash": known["SUM"] | said})
    assert "no-crash" in store.cells("parted", "Turn", "key")
    again = prove(MACHINE, workers=1, store=store, grounds=grounds)
    assert not any(each.kept for each in again if each.beat == "Turn")
    assert all(each.kept for each in again if each.beat == "Lose")
