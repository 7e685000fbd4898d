"""What was proved is not proved again while nothing it rests on has changed; and is, whatever of it has."""

import json
import os
import shutil
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from clearspec_proofs.matrix.matrix import Row, matrix, prove
from clearspec_proofs.solving import solvers
from clearspec_proofs.solving.obligations import Obligations
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver
from clearspec_proofs.solving.store import NOTHING, Grounds, Store, _environment, _files_in, answers_of, digest_of
from clearspec_proofs.verdicts import PROVED

ROOT = Path(__file__).parents[2]

CONTRADICTION = "(set-logic QF_LIA)\n(declare-fun |x| () Int)\n(assert (<= |x| 0))\n(assert (<= 1 |x|))\n(check-sat)\n"
POSSIBLE = CONTRADICTION.replace("1 |x|", "0 |x|")

NAMED = ('is overdrawn", kind=Kind.STATE', 'is overdrawn", kind=Kind.STATE, open_cells={"Transfer": "by Z3 alone"}')
"""A change of the toy that records a cell as open."""

GROUNDS = Grounds("0" * 64, {})
"""Of machines that do not change here."""


def proved(load, store: Store, **options) -> list[Row]:
    return prove(load("toy").MACHINE, workers=1, store=store, grounds=GROUNDS, **options)


def done_again(rows: list[Row]) -> set[tuple[str, str]]:
    return {(row.invariant, row.beat) for row in rows if not row.kept and row.beat != "initial"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept")


def anew(store: Store) -> Store:
    """The same directory as another process finds it."""
    return Store(store.place)


class TestTexts:
    def test_a_solver_is_not_asked_again_of_what_it_said_unsat_of(self, store, monkeypatch):
        first = Obligations(5, store)
        try:
            assert first._says_unsat(first.solvers[0], CONTRADICTION, 5)
        finally:
            first.stop()
        monkeypatch.setattr(Solver, "_asked", None)
        second = Obligations(5, anew(store))
        assert second._says_unsat(second.solvers[0], CONTRADICTION, 5)
        with pytest.raises(TypeError):
            second._says_unsat(second.solvers[1], CONTRADICTION, 5)

    def test_only_unsat_is_kept(self, store, monkeypatch):
        these = Obligations(5, store)
        try:
            assert not these._says_unsat(these.solvers[0], POSSIBLE, 5)
        finally:
            these.stop()
        assert not store.place.exists()
        monkeypatch.setattr(Solver, "ask", lambda *_: solvers.Answer("unknown", {}))
        assert not these._says_unsat(these.solvers[1], CONTRADICTION, 5)
        assert not store.place.exists()

    def test_another_version_or_another_way_to_ask_is_another_answer(self, store, monkeypatch):
        store.keep(Z3, CONTRADICTION)
        assert anew(store).says_unsat(Z3, CONTRADICTION)
        assert not anew(store).says_unsat(CVC5, CONTRADICTION)
        monkeypatch.setitem(solvers.Z3_WAYS, "QF_LIA", "another")
        assert not anew(store).says_unsat(Z3, CONTRADICTION)
        monkeypatch.undo()
        monkeypatch.setattr("clearspec_proofs.solving.store.versions", lambda: {"z3-solver": "0", "cvc5": "0"})
        assert not anew(store).says_unsat(Z3, CONTRADICTION)

    @pytest.mark.parametrize("wrong", [b"", b"\xff\xfe", b"{", b"(check-sat)\n", b"[" * 100_000])
    @pytest.mark.parametrize("suffix", [".smt2", ".z3"])
    def test_what_does_not_read_as_it_should_is_missing(self, suffix, wrong, store):
        store.keep(Z3, CONTRADICTION)
        file = store.text_file(digest_of(CONTRADICTION)).with_suffix(suffix)
        file.write_bytes(wrong)
        assert not anew(store).says_unsat(Z3, CONTRADICTION)
        assert not anew(store).holds(digest_of(CONTRADICTION), Z3)
        store.keep(Z3, CONTRADICTION)
        assert anew(store).says_unsat(Z3, CONTRADICTION)

    def test_only_plain_files_are_read(self, store, tmp_path):
        store.keep(Z3, CONTRADICTION)
        file = store.text_file(digest_of(CONTRADICTION))
        shutil.move(file, tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
        assert not anew(store).holds(file.stem, Z3)
        file.unlink()
        os.mkfifo(file)
        assert not anew(store).holds(file.stem, Z3)

    def test_a_digest_leads_nowhere_else(self, store):
        assert not store.holds("../" * 10 + "etc/passwd", Z3)
        assert store.cells("..", "passwd", "") == {}


def test_several_may_write_at_once_and_nobody_reads_half_a_file(store):
    cell = {"machine": "toy", "claim": "A", "beat": "initial", "kind": "state", "verdict": "normalised", "bound": ""}
    cell |= {"reason": "x" * 100_000, "accepted": 0, "rejected": 0, "seconds": 0, "paths": []}

    def write() -> None:
        for _ in range(30):
            store.keep(Z3, CONTRADICTION)
            store.put("toy", "initial", GROUNDS.key, {"A": cell})

    write()
    writers = [get_context("fork").Process(target=write) for _ in range(3)]
    for each in writers:
        each.start()
    looked = 0
    while any(each.is_alive() for each in writers):
        assert anew(store).says_unsat(Z3, CONTRADICTION)
        assert store.cells("toy", "initial", GROUNDS.key) == {"A": cell}
        looked += 1
    assert looked
    assert [each.exitcode for each in writers] == [0, 0, 0]
    assert not [each for each in store.place.rglob("*") if each.name.startswith(".")]


class TestCells:
    def test_what_was_proved_is_known_and_nothing_is_run(self, load, store, monkeypatch):
        first = proved(load, store)
        assert done_again(first) == {(claim, beat) for _, claim, beat in cells_of(load)}
        monkeypatch.setattr("clearspec_proofs.matrix.sharing._work", None)
        again = proved(load, anew(store))
        assert done_again(again) == set()
        told = [
            (row.invariant, row.beat, row.verdict, row.solvers, row.paths, row.accepted, row.seconds) for row in again
        ]
        assert sorted(told) == sorted(
            (row.invariant, row.beat, row.verdict, row.solvers, row.paths, row.accepted, round(row.seconds, 3))
            for row in first
        )

    def test_of_a_beat_only_what_is_not_known_is_shown(self, load, store):
        proved(load, store, codes=["TOY-1"])
        rows = proved(load, anew(store))
        assert done_again(rows) == {cell[1:] for cell in cells_of(load) if cell[1] != "TOY-1"}
        assert all(row.verdict in PROVED for row in rows)

    def test_all_is_done_where_nothing_is_believed(self, load, store):
        everything = done_again(proved(load, store))
        assert done_again(proved(load, Store(store.place, reads=False))) == everything

    def test_other_grounds_know_nothing(self, load, store):
        everything = done_again(proved(load, store))
        rows = prove(load("toy").MACHINE, workers=1, store=anew(store), grounds=Grounds("1" * 64, {}))
        assert done_again(rows) == everything

    def test_nothing_is_entered_when_a_module_has_changed_meanwhile(self, load, store):
        changed = Grounds("0" * 64, {"clearspec.core.table": "0" * 64})
        prove(load("toy").MACHINE, workers=1, store=store, grounds=changed)
        assert not (store.place / "cells").exists()

    def test_what_is_refuted_or_open_is_done_again(self, load, store):
        machine = load("toy", ("command.amount + fee:", "command.amount + fee - 1:")).MACHINE
        first = prove(machine, workers=1, store=store, grounds=GROUNDS)
        refuted = {(row.invariant, row.beat) for row in first if row.verdict not in PROVED}
        assert refuted == {("TOY-2", "Transfer")}
        assert done_again(prove(machine, workers=1, store=anew(store), grounds=GROUNDS)) == refuted

    def test_what_one_solver_shows_is_asked_again_unless_it_is_named_as_open(self, load, store, monkeypatch):
        says = Obligations._says_unsat
        monkeypatch.setattr(Obligations, "_says_unsat", lambda self, s, *rest: s.name == Z3 and says(self, s, *rest))
        for change, again in (((), {("TOY-2", "Transfer")}), ((NAMED,), set())):
            machine = load("toy", *change).MACHINE
            first = prove(machine, workers=1, store=store, grounds=GROUNDS)
            assert [row.solvers for row in first if row.verdict == "one-solver"] == [(Z3,)]
            rows = prove(machine, workers=1, store=anew(store), grounds=GROUNDS)
            assert [row.solvers for row in rows if row.verdict == "one-solver"] == [(Z3,)]
            assert done_again(rows) == again

    def test_a_cell_whose_text_is_gone_is_done_again(self, load, store):
        proved(load, store)
        ((_, _, digest), *_) = answers_of(store.cells("toy", "Transfer", GROUNDS.key)["TOY-2"])
        store.text_file(digest).unlink()
        assert done_again(proved(load, anew(store))) == {("TOY-2", "Transfer")}

    @pytest.mark.parametrize(
        "change",
        [
            {"verdict": "agreed", "paths": []},
            {"paths": None},
            {"paths": [{}]},
            {"accepted": 3},
            {"accepted": "1"},
            {"seconds": None},
            {"claim": "TOY-1"},
            {"verdict": "normalised"},
        ],
        ids=str,
    )
    def test_a_cell_that_was_tampered_with_is_done_again(self, change, load, store):
        proved(load, store)
        file = store.place / "cells" / "toy" / "Transfer.json"
        record = json.loads(file.read_text())
        record["cells"]["TOY-2"].update(change)
        file.write_text(json.dumps(record))
        assert done_again(proved(load, anew(store))) == {("TOY-2", "Transfer")}

    @pytest.mark.parametrize("wrong", [b"", b"\xff", b"[]", b"{}", b"null", b"[" * 100_000, b'{"format": 1}'])
    def test_a_file_that_does_not_read_is_missing(self, wrong, load, store):
        proved(load, store)
        (store.place / "cells" / "toy" / "Transfer.json").write_bytes(wrong)
        rows = proved(load, anew(store))
        assert done_again(rows) == {cell[1:] for cell in cells_of(load) if cell[2] == "Transfer"}
        assert done_again(proved(load, anew(store))) == set()


def cells_of(load):
    return [cell for cell in matrix(load("toy").MACHINE) if cell[2] != "initial"]


COPY = """
import json, sys
from clearspec import registry
registry._MODULES.clear()
registry._MODULES.update({"one": "one", "other": "other"})
from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.verdicts import PROVED
from clearspec_proofs.solving.store import Store, grounds
from pathlib import Path
again = []
for name in registry.names():
    machine = registry.find(name)
    rows = prove(machine, workers=1, store=Store(Path("kept")), grounds=grounds(machine))
    again += sorted(f"{name} {r.invariant} {r.beat}" for r in rows if not r.kept and r.beat != "initial")
print(json.dumps(again))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the model and the prover, and two machines that are proved, of which one imports what its fee is."""
    place = tmp_path_factory.mktemp("tree")
    for room in ("model", "proofs"):
        shutil.copytree(ROOT / room, place / room, ignore=shutil.ignore_patterns("__pycache__"))
    toy = (ROOT / "tests" / "toy.py").read_text()
    fee = "mul_div_ceil(command.amount, 700, RATE_SCALE)"
    assert fee in toy
    toy = toy.replace(fee, "mul_div_ceil(command.amount, charged(), RATE_SCALE)")
    imported = "\nfrom attrs import evolve, frozen\n"
    assert imported in toy
    for name, fees in (("one", "from fees import charged"), ("other", "charged = lambda: 700")):
        (place / f"{name}.py").write_text(toy.replace(imported, f"{imported}{fees}\n").replace('"toy"', f'"{name}"'))
    (place / "fees.py").write_text(
        "from rates import RATE\n\n\ndef charged(rate: int = RATE) -> int:\n    return rate\n"
    )
    (place / "rates.py").write_text("from enum import Enum\n\nRATE = 700\n\n\nclass Side(Enum):\n    BUY = 1\n")
    (place / "notes.md").write_text("Notes.\n")
    (place / "pages").mkdir()
    (place / "pages" / "docs.md").write_text("Fees.\n")
    assert {machine for machine, _, _ in done_again_in(place)} == BOTH
    shutil.copytree(place / "kept", place / "first")
    return place


def done_again_in(tree: Path) -> set[tuple[str, str, str]]:
    paths = os.pathsep.join(map(str, (tree, tree / "model", tree / "proofs")))
    ran = subprocess.run(
        [sys.executable, "-B", "-c", COPY],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return {tuple(cell.split()) for cell in json.loads(ran.stdout.splitlines()[-1])}


ONE, BOTH = {"one"}, {"one", "other"}
EDITS = {
    "nothing": ("pages/docs.md", "", "", set()),
    "a page": ("pages/docs.md", "Fees.", "What is charged.", set()),
    "a constant": ("rates.py", "RATE = 700", "RATE = 701", ONE),
    "an enum": ("rates.py", "BUY = 1", "BUY = 2", ONE),
    "a default": ("fees.py", "rate: int = RATE", "rate: int = 702", ONE),
    "a decorator": ("fees.py", "\ndef charged", "\n@staticmethod\ndef charged", ONE),
    "a claim": ("one.py", "No account is overdrawn.", "No account is ever overdrawn.", ONE),
    "what is shared": ("model/clearspec/core/quantities.py", "RATE_SCALE = ", "RATE_SCALE = 0 + ", BOTH),
    "a lemma": (
        "proofs/clearspec_proofs/logic/knowledge.py",
        "if p is not None and q is not None",
        "if q is not None and p is not None",
        BOTH,
    ),
    "the solvers": ("proofs/clearspec_proofs/solving/solvers.py", "MILLIS_EACH = 500", "MILLIS_EACH = 501", BOTH),
    "a file beside": ("notes.md", "Notes", "Others", BOTH),
    "another machine": ("model/clearspec/machines/clearing/state/ids.py", "class MemberId", "class  MemberId", set()),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_does_again_what_rests_on_it_and_nothing_else(edit, tree, load):
    file, old, new, machines = EDITS[edit]
    shutil.rmtree(tree / "kept")
    shutil.copytree(tree / "first", tree / "kept")
    source = (tree / file).read_text()
    assert old in source
    try:
        (tree / file).write_text(source.replace(old, new, 1))
        assert done_again_in(tree) == {(name, claim, beat) for name in machines for _, claim, beat in cells_of(load)}
    finally:
        (tree / file).write_text(source)


RUN = """
import json, sys
import bank
from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.verdicts import PROVED
from clearspec_proofs.solving.store import Store, grounds
from pathlib import Path
rows = prove(bank.MACHINE, workers=1, store=Store(Path(sys.argv[1])), grounds=grounds(bank.MACHINE), beats=["Open"])
print(json.dumps(sorted(r.invariant for r in rows if not r.kept and r.beat != "initial")))
"""

OPENED = {"TOY-1", "TOY-2"}


def bank(place: Path, added: str = "") -> None:
    """A machine whose rules lie in one module, with something added, and which another one puts together."""
    toy = (ROOT / "tests" / "toy.py").read_text()
    rules, _, made = toy.partition("MACHINE: Machine[Bank] = ")
    assert made
    assert "from attrs import evolve, frozen\n" in rules
    rules = rules.replace("from attrs import evolve, frozen\n", f"from attrs import evolve, frozen\n{added}\n")
    beat = "lambda bank, command: RULES[type(command)](bank, command)"
    assert beat in made
    made = made.replace(beat, "beat").replace("sys.modules[__name__]", "rules")
    (place / "rules.py").write_text(
        f"{rules}\n\ndef beat(bank, command):\n    return RULES[type(command)](bank, command)\n"
    )
    (place / "bank.py").write_text(f"import rules\nfrom rules import *\n\nMACHINE = {made}")


def proved_again(place: Path, **environment: str) -> set[str]:
    """Which claims of opening an account are proved, and not known from before."""
    paths = os.pathsep.join([str(place), os.environ.get("PYTHONPATH", ""), *sys.path])
    ran = subprocess.run(
        [sys.executable, "-B", "-c", RUN, str(place / "kept" / "here")],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


DATA = "from pathlib import Path\nRATE = int((Path(__file__).parent / 'rate.txt').read_text())"
ADDED = {
    "a file that is read": (DATA, "rate.txt", "700\n", "701\n"),
    "a module that goes by the name of one of Python's": (
        "from wave import RATE",
        "wave.py",
        "RATE = 700\n",
        "RATE = 701\n",
    ),
}


@pytest.mark.parametrize("added", ADDED)
def test_what_rules_read_by_other_ways_than_an_import_counts(added, tmp_path):
    lines, file, before, after = ADDED[added]
    bank(tmp_path, lines)
    (tmp_path / file).write_text(before)
    assert proved_again(tmp_path) >= OPENED
    assert proved_again(tmp_path) == set()
    (tmp_path / file).write_text(after)
    assert proved_again(tmp_path) >= OPENED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("initial=Bank(Table())", "initial=Bank(Table(), 0, 0)"),
        ("initial=Bank(Table())", "initial=Bank(Table(), 1, -1)"),
        ("claims=claims_of(rules)", "claims=claims_of(rules)[:2]"),
        ("commands=(Open, Deposit, Transfer)", "commands=(Open, Transfer, Deposit)"),
    ],
)
def test_the_module_that_puts_a_machine_together_counts(old, new, tmp_path):
    bank(tmp_path)
    assert proved_again(tmp_path) >= OPENED
    assert proved_again(tmp_path) == set()
    made = (tmp_path / "bank.py").read_text()
    assert old in made
    (tmp_path / "bank.py").write_text(made.replace(old, new))
    assert proved_again(tmp_path) >= OPENED


def test_the_environment_counts_where_a_module_asks_for_it(tmp_path):
    # The prover refuses a machine that imports `os` by a statement.
    bank(tmp_path, "from subprocess import os as system\nRATE = int(system.environ.get('RATE', '700'))")
    assert proved_again(tmp_path, RATE="700") >= OPENED
    assert proved_again(tmp_path, RATE="700") == set()
    assert proved_again(tmp_path, RATE="701") >= OPENED


def test_the_environment_does_not_count_where_nobody_asks(tmp_path):
    bank(tmp_path)
    assert proved_again(tmp_path, RATE="700") >= OPENED
    assert proved_again(tmp_path, RATE="701") == set()


def test_nothing_is_kept_of_code_that_is_not_named(tmp_path):
    bank(tmp_path, "from importlib import import_module\nNAME = 'helper'\nRATE = import_module(NAME).RATE")
    (tmp_path / "helper.py").write_text("RATE = 700\n")
    assert proved_again(tmp_path) >= OPENED
    assert proved_again(tmp_path) >= OPENED
    assert not (tmp_path / "kept" / "here" / "cells").exists()


def test_grounds_stand_until_a_file_or_the_environment_changes(tmp_path, monkeypatch):
    (tmp_path / "rate.txt").write_text("700\n")
    folders = (str(tmp_path),)
    found = Grounds("0" * 64, {}, folders, _files_in(folders), _environment())
    assert found.stand()
    assert not NOTHING.stand()
    monkeypatch.setenv("RATE", "701")
    assert not found.stand()
    monkeypatch.undo()
    assert found.stand()
    (tmp_path / "more.txt").write_text("")
    assert not found.stand()
