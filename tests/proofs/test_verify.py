"""Obligations are verified by the solvers alone, and whatever is wrong with them is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clearspec_proofs.matrix.matrix import matrix, prove
from clearspec_proofs.record.manifest import Bad, Part, digest_of_matrix, read_manifest, write_manifest
from clearspec_proofs.record.verify import plain, verify
from clearspec_proofs.solving.solvers import CVC5, Z3
from clearspec_proofs.solving.store import Grounds, Store, digest_of, well_formed
from toy import MACHINE

GROUNDS = Grounds("0" * 64, {})
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def proved(tmp_path_factory) -> Path:
    machine, store = MACHINE, Store(tmp_path_factory.mktemp("proved"))
    prove(machine, workers=1, store=store, grounds=GROUNDS)
    write_manifest(store, [Part(machine.name, machine.spec.shape, GROUNDS, matrix(machine))])
    return store.place


@pytest.fixture
def kept(proved: Path, tmp_path: Path) -> Path:
    """The obligations of the toy."""
    return Path(shutil.copytree(proved, tmp_path / "kept"))


def changed(kept: Path, change) -> None:
    """Change the manifest."""
    manifest = json.loads((kept / "manifest.json").read_text())
    change(manifest)
    (kept / "manifest.json").write_text(json.dumps(manifest))


def overdrawn(manifest):
    """The cell of the toy for which solvers had work."""
    [cell] = [each for each in manifest["cells"] if (each["claim"], each["beat"]) == ("TOY-2", "Transfer")]
    return cell


def text_of(kept: Path) -> Path:
    [path] = [each for each in overdrawn(read_manifest(kept))["paths"] if each["texts"]][:1]
    return Store(kept).text_file(path["texts"][Z3][0])


def replaced(kept: Path, text: str) -> None:
    """Let another text answer for all, with a digest that is right."""
    (kept / "texts" / digest_of(text)[:2]).mkdir(exist_ok=True)
    Store(kept).text_file(digest_of(text)).write_text(text)

    def change(manifest):
        for path in overdrawn(manifest)["paths"]:
            path["texts"] = {solver: [digest_of(text)] for solver in path["texts"]}

    changed(kept, change)


def test_both_solvers_are_asked_of_every_text_again(kept):
    found = verify(kept)
    assert found.wrong == ()
    assert found.open_cells == ()
    assert found.cells == 9
    assert found.texts > 0
    assert {(each.digest, each.solver) for each in found.answers} == {
        (digest, solver)
        for path in overdrawn(read_manifest(kept))["paths"]
        for digest in path["texts"].get(Z3, [])
        for solver in (Z3, CVC5)
    }


def test_a_manifest_lists_each_cell_and_each_path_with_its_verdict(kept):
    manifest = read_manifest(kept)
    assert [cell["verdict"] for cell in manifest["cells"] if cell["verdict"] == "unchanged"]
    cell = overdrawn(manifest)
    assert [path["ending"] for path in cell["paths"]] == ["accepted"] * cell["accepted"]
    assert manifest["solvers"].keys() == {Z3, CVC5}


@pytest.mark.parametrize(
    ("old", "new"), [("(check-sat)", "(assert true)\n(check-sat)"), ("(assert", "(assert  ")], ids=["longer", "spaced"]
)
def test_a_text_that_was_changed_is_refused(old, new, kept):
    file = text_of(kept)
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(Bad, match=f"toy TOY-2 Transfer.*{file.stem} is another one"):
        verify(kept)


def test_a_text_that_is_missing_is_refused(kept):
    file = text_of(kept)
    file.unlink()
    with pytest.raises(Bad, match=f"{file.stem} is missing"):
        verify(kept)


def test_a_text_that_can_be_met_is_named(kept):
    text = "(set-logic QF_LIA)\n(declare-fun |x| () Int)\n(assert (<= |x| 0))\n(check-sat)\n"
    replaced(kept, text)
    wrong = verify(kept).wrong
    assert {(each.solver, each.result) for each in wrong} == {(Z3, "sat"), (CVC5, "sat")}
    assert {(each.digest, each.cell) for each in wrong} == {(digest_of(text), "toy TOY-2 Transfer")}


def test_a_text_that_no_solver_can_read_is_named(kept):
    replaced(kept, "(set-logic QF_LIA)\n(assert (nothing))\n(check-sat)\n")
    assert {(each.solver, each.result) for each in verify(kept).wrong} == {(Z3, "unknown"), (CVC5, "unknown")}


def test_a_text_without_end_takes_no_more_than_its_time(kept):
    squares = " ".join(f"(* |{a}| |{a}| |{a}|)" for a in "abc")
    declared = "".join(f"(declare-fun |{a}| () Int)\n" for a in "abc")
    replaced(kept, f"(set-logic QF_NIA)\n{declared}(assert (= (+ {squares}) 114))\n(check-sat)\n")
    assert {each.result for each in verify(kept, timeout=0.5).wrong} == {"unknown"}


@pytest.mark.parametrize(
    "line",
    [
        '(set-option :regular-output-channel "/tmp/x")',
        "(exit)",
        "(assert true)(exit)",
        "(assert true) ; (",
        "(assert (= |x| |x))",
        "(declare-fun |x| () Int",
        "(push 1)",
        "(set-logic QF_NIA)",
    ],
)
def test_a_text_is_one_question_and_nothing_else(line):
    question = "(set-logic QF_LIA)\n(declare-fun |y| () Int)\n{}\n(check-sat)\n"
    assert plain(question.format("(assert (<= |y| 0))"))
    assert not plain(question.format(line))


def dropped(manifest):
    del manifest["cells"][-1]


def twice(manifest):
    manifest["cells"].append(manifest["cells"][-1])


def fewer(manifest):
    manifest["matrix"]["cells"].pop()


def no_text(manifest):
    for path in overdrawn(manifest)["paths"]:
        path["texts"] = {}


def one_text(manifest):
    for path in overdrawn(manifest)["paths"]:
        path["texts"].pop(CVC5, None)


def path_dropped(manifest):
    overdrawn(manifest)["paths"].pop()


def better(manifest):
    overdrawn(manifest)["verdict"] = "unchanged"


def elsewhere(manifest):
    for path in overdrawn(manifest)["paths"]:
        path["texts"] = {solver: ["../../../etc/passwd"] for solver in path["texts"]}


def coloured(manifest):
    overdrawn(manifest)["claim"] = "\x1b[31mTOY-2"


def nameless(manifest):
    manifest["matrix"]["cells"][0][1] = "../TOY"
    manifest["matrix"]["digest"] = digest_of_matrix(map(tuple, manifest["matrix"]["cells"]))


def newer(manifest):
    manifest["format"] = 2


def nothing(manifest):
    manifest["cells"], manifest["matrix"] = [], {"digest": digest_of_matrix([]), "cells": []}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dropped, "1 of 9 cells of the matrix are missing, the first is toy"),
        (twice, "the cell stands twice"),
        (fewer, "its matrix does not have the digest that it says"),
        (no_text, "'toy' 'TOY-2' 'Transfer': the cell is not well formed"),
        (one_text, "'toy' 'TOY-2' 'Transfer': the cell is not well formed"),
        (path_dropped, "'toy' 'TOY-2' 'Transfer': the cell is not well formed"),
        (better, "'toy' 'TOY-2' 'Transfer': the cell is not well formed"),
        (elsewhere, "'toy' 'TOY-2' 'Transfer': the cell is not well formed"),
        (coloured, r"'toy' '\\x1b\[31mTOY-2' 'Transfer': the cell is not well formed"),
        (nameless, "its matrix has cells without proper names"),
        (newer, "is of format 2, and this reads format 1"),
        (nothing, "has no cells"),
        (dict.clear, "is not a manifest of format 1"),
    ],
)
def test_a_manifest_that_is_not_whole_is_refused(change, said, kept):
    changed(kept, change)
    with pytest.raises(Bad, match=said):
        verify(kept)


@pytest.mark.parametrize("wrong", [b"", b"\xff", b"[", b"[]", b"null", b"7", b"[" * 100_000, b'{"format": 1}'])
def test_what_is_no_manifest_is_refused(wrong, kept):
    (kept / "manifest.json").write_bytes(wrong)
    with pytest.raises(Bad, match=r"is not|no such file"):
        verify(kept)


def test_other_versions_of_the_solvers_are_told(kept):
    assert verify(kept).other_versions == ()
    changed(kept, lambda manifest: manifest["solvers"][Z3].update(version="4.8.7"))
    assert [each.partition(" and is ")[0] for each in verify(kept).other_versions] == ["z3 was 4.8.7"]


def test_a_sample_is_drawn_by_its_seed(kept):
    everything = {each.digest for each in verify(kept).answers}
    assert {each.digest for each in verify(kept, sample=1, seed=3).answers} <= everything
    assert {each.digest for each in verify(kept, sample=10**6).answers} == everything
    one = verify(kept, sample=1, seed=3)
    assert len({each.digest for each in one.answers}) == 1
    assert verify(kept, sample=1, seed=3).answers == one.answers


def test_no_model_is_imported(kept):
    """Where there is none: the prover alone is on the path, and the command beside it."""
    script = (
        "import sys\n"
        "from clearspec_cli.main import run\n"
        "code = run(['prove', '--verify', sys.argv[1]])\n"
        "print(code, sorted(name for name in sys.modules if name.split('.')[0] == 'clearspec'))\n"
    )
    paths = os.pathsep.join(str(ROOT / room) for room in ("model", "proofs", "cli"))
    env = {**os.environ, "PYTHONPATH": paths}
    ran = subprocess.run([sys.executable, "-c", script, str(kept)], env=env, capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "0 []", ran.stdout + ran.stderr


def cell_of(manifest, claim: str, beat: str):
    return next(each for each in manifest["cells"] if (each["claim"], each["beat"]) == (claim, beat))


def one_path_more(manifest):
    cell = cell_of(manifest, "TOY-2", "Open")
    cell["accepted"] += 1


def said_to_crash(manifest):
    cell_of(manifest, "TOY-2", "Open").update(kind="crash", accepted=99)


def said_to_be_a_law(manifest):
    cell_of(manifest, "TOY-2", "Open")["kind"] = "law"


def said_to_be_of_commands(manifest):
    cell_of(manifest, "TOY-2", "Open")["kind"] = "command"


def said_to_be_of_initial_states(manifest):
    cell_of(manifest, "TOY-2", "Open").update(beat="initial", paths=[])


def initial_agreed(manifest):
    cell_of(manifest, "TOY-2", "initial")["verdict"] = "agreed"


def initial_of_a_step(manifest):
    cell_of(manifest, "TOY-2", "initial")["kind"] = "step"


def crash_of_another_kind(manifest):
    manifest["cells"].append({**cell_of(manifest, "TOY-2", "Open"), "claim": "no-crash"})


@pytest.mark.parametrize(
    "change",
    [
        one_path_more,
        said_to_crash,
        said_to_be_a_law,
        said_to_be_of_commands,
        said_to_be_of_initial_states,
        initial_agreed,
        initial_of_a_step,
        crash_of_another_kind,
    ],
)
def test_a_cell_that_its_claim_or_column_cannot_have_is_refused(change, kept):
    changed(kept, change)
    with pytest.raises(Bad, match=r"the cell is not well formed|the cell stands twice"):
        verify(kept)


@pytest.mark.parametrize(
    ("kind", "column", "verdict", "fits"),
    [
        ("command", "command", "bounded", True),
        ("command", "command", "normalised", False),
        ("state", "-", "unknown", True),
        ("law", "-", "unknown", True),
        ("law", "-", "normalised", False),
        ("crash", "-", "unknown", False),
        ("law", "Open", "unknown", False),
        ("state", "law", "unknown", False),
        ("outcome", "initial", "unknown", False),
    ],
)
def test_each_kind_has_its_columns(kind, column, verdict, fits):
    claim = "no-crash" if kind == "crash" else "A-1"
    cell = {"machine": "toy", "claim": claim, "beat": column, "kind": kind, "verdict": verdict, "bound": ""}
    cell |= {"reason": "", "accepted": 0, "rejected": 0, "seconds": 0, "paths": []}
    assert well_formed(cell) is fits


def normalised_instead(manifest):
    cell = overdrawn(manifest)
    cell["verdict"] = "normalised"
    for path in cell["paths"]:
        path.update(verdict="normalised", texts={})


def without_a_claim(manifest):
    places = [place for place in manifest["matrix"]["cells"] if place[1] != "TOY-2"]
    manifest["matrix"] = {"digest": digest_of_matrix(map(tuple, places)), "cells": places}
    manifest["cells"] = [cell for cell in manifest["cells"] if cell["claim"] != "TOY-2"]


@pytest.mark.parametrize("change", [normalised_instead, without_a_claim])
def test_what_the_docs_say_is_not_shown_is_not_noticed(change, kept):
    """A verdict for which no text answers, and a matrix that is not the model's: only proving again shows these."""
    before = verify(kept)
    changed(kept, change)
    after = verify(kept)
    assert after.wrong == ()
    assert (after.without_solver > before.without_solver) or after.matrix != before.matrix


def test_a_text_of_another_contradiction_is_not_noticed(kept):
    replaced(kept, "(set-logic QF_LIA)\n(assert false)\n(check-sat)\n")
    assert verify(kept).wrong == ()
