"""Claims are read as goals as Python reads them; where the prover reads them otherwise, a run says so."""

from itertools import product
from typing import Any

import pytest
from attrs import evolve

import cases
import crowd
import rings
import traps
from clearspec import registry
from clearspec.core.claims import claims_of
from clearspec.core.machine import Accepted
from clearspec.core.table import Table
from clearspec_proofs.executor import tables
from clearspec_proofs.executor import world as worlds
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.rows import Origin
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.executor.world import World
from clearspec_proofs.fidelity.fidelity import follow_all
from clearspec_proofs.fidelity.goals import Figures, Reader, Reading, false_after, figures, read, sample
from clearspec_proofs.fidelity.samples import samples
from clearspec_proofs.logic.terms import TRUE, Formula, any_of, both, every_row, formula, symbol
from clearspec_proofs.matrix import prover
from clearspec_proofs.matrix.matrix import prove
from crowd import Account, AccountId, State

BEATS = (crowd.Touch(), crowd.Pay(crowd.A, 3), crowd.Drain(crowd.A))


def people(*cash: int, clock: int = 1) -> State:
    names = [AccountId(name) for name in "abcdefgh"[: len(cash)]]
    return State(Table({name: Account(each, names[0]) for name, each in zip(names, cash, strict=True)}), clock)


STATES = (
    people(1),
    people(1, -2, 1),
    people(1, 2, 3),
    people(-1, 0, -1),
    people(1, 1, 1, 2),
    people(5, 5),
    people(1, 2, clock=0),
)


def figures_of(machine: Any, states: Any = STATES, beats: Any = BEATS, times: int = 1) -> Figures:
    reader, found = Reader(machine, 0), list[Reading]()
    with patched(machine):
        for place, (_, state, beat) in enumerate(product(range(times), states, beats)):
            found += reader.read(state, beat, place)
    return figures(found)


def test_goals_are_false_of_some_rows_where_python_says_false() -> None:
    found = figures_of(crowd.machine())
    assert found.differences == ()
    assert set(found.claims_false) == set(crowd.ALL)
    assert found.false >= 40
    assert found.stricter == found.cut == 0


def test_a_run_is_compared_claim_by_claim() -> None:
    machine = crowd.machine("OR", "EQUAL", "SHARE")
    with patched(machine):
        found = read(machine, people(1, -2, 1), crowd.Touch())
        right = read(machine, people(2, 2), crowd.Touch())
    assert (found.compared, set(found.false), found.differences, found.unread) == (3, {"OR", "EQUAL"}, (), "")
    assert right.facts
    assert (right.compared, right.false) == (3, ())


def one_row_for_all(world: World, goal: Formula, *_: Any) -> Any:
    """The first edition: the same arbitrary row in each part, whether both are demanded or one of them."""
    if goal.kind == "every":
        return one_row_for_all(world, goal.parts[0])
    if goal.kind in ("and", "or"):
        parts = [one_row_for_all(world, part)[0] for part in goal.parts]
        return (both if goal.kind == "and" else any_of)(*parts), frozenset()
    return goal, frozenset()


def bound_row_again(table: SymTable, predicate: Any, _: Any, exact: Any = SymTable._instance) -> Any:
    """Inside of another question the arbitrary row is the one of that question, and no other."""
    return exact(table, predicate, ())


def two_without_bound_rows(table: SymTable, predicate: Any, _: Any, exact: Any = SymTable._instance_of_two) -> Any:
    return exact(table, predicate, ())


def supposed_not_to_raise(world: World, holds: Any, *, exact: Any = World.claim, **_: Any) -> Formula:
    """That a claim which raises an exception holds for all that: the same where it is supposed as where it is shown."""
    return exact(world, holds, supposed=False)  # type: ignore[no-any-return]


def crash_is_no_failure(world: World, holds: Any, *, exact: Any = World.claim, **_: Any) -> Formula:
    """What is to be shown may raise an exception."""
    return exact(world, holds, supposed=True)  # type: ignore[no-any-return]


def supposes_more(world: World, holds: Any, *, supposed: bool, exact: Any = World.claim) -> Formula:
    """Also that there was an hour before this one."""
    found: Formula = exact(world, holds, supposed=supposed)
    return both(found, formula(symbol("s.clock") >= 2)) if supposed else found


def of_one_row(instance: Formula, *_: Any) -> Formula:
    """All rows meet it if the arbitrary one does, even where that is denied."""
    return instance


def whoever_is_named(instance: Formula, *_: Any, exact: Any = every_row) -> Formula:
    """All rows but those that are named are the same rows, whichever are named."""
    return exact(instance)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("where", "name", "wrong", "codes", "says"),
    [
        (World, "instantiated", one_row_for_all, ("OR",), "Python says False of OR"),
        (World, "instantiated", one_row_for_all, ("IF",), "Python says False of IF"),
        (SymTable, "_instance", bound_row_again, ("PIGEON",), "Python says False of PIGEON"),
        (SymTable, "_instance", bound_row_again, ("RICHEST",), "RICHEST"),
        (SymTable, "_instance_of_two", two_without_bound_rows, ("PAIRED",), "Python says False of PAIRED"),
        (Origin, "spoken_of", lambda *_: (), ("EQUAL",), "a fact of the path is false"),
        (World, "claim", supposed_not_to_raise, ("SHARE",), "a fact of the path is false"),
        (World, "claim", crash_is_no_failure, ("SHARE",), "Python says False of SHARE"),
        (World, "claim", supposes_more, ("SHARE",), "a fact of the path is false"),
        (tables, "as_it_is", lambda function: function, ("TURNS",), "Python says False of TURNS"),
        (worlds, "every_row", of_one_row, ("SOME",), "a fact of the path is false"),
        (worlds, "every_row", whoever_is_named, ("SOME",), "Python says False of SOME"),
    ],
)
def test_a_prover_that_reads_claims_otherwise_differs_from_python(
    where: Any, name: str, wrong: Any, codes: tuple[str, ...], says: str, monkeypatch
) -> None:
    monkeypatch.setattr(where, name, wrong)
    found = figures_of(crowd.machine(*codes))
    assert any(says in each for each in found.differences), found


def of_all_claims(module: Any, *but: str) -> Any:
    return module.machine(*(each.code for each in claims_of(module) if each.code not in but))


def seats() -> Any:
    one, two = cases.PersonId("a"), cases.PersonId("b")
    tickets = {cases.TicketId("x"): cases.Ticket(one, 5), cases.TicketId("y"): cases.Ticket(two, None)}
    return cases.State(Table(tickets), Table({one: cases.Person(1), two: cases.Person(None)}))


def ring() -> Any:
    names = [rings.NodeId(name) for name in "abc"]
    nodes = {name: rings.Node(after) for name, after in zip(names, names[1:] + names[:1], strict=True)}
    return rings.State(Table(nodes))


def accounts() -> Any:
    rows = {
        traps.AccountId(name): traps.Account(cash, cash - 1, traps.Side.LONG)
        for name, cash in zip("ab", (2, 0), strict=True)
    }
    return evolve(traps.machine().spec.initial, accounts=Table(rows), deposited=2, opened=2)


@pytest.mark.parametrize(
    ("machine", "state"),
    [
        (of_all_claims(traps, "ENDLESS"), accounts()),
        (of_all_claims(cases), seats()),
        (of_all_claims(rings), ring()),
    ],
)
def test_small_machines_are_read_as_python_reads_them(machine: Any, state: Any) -> None:
    found = sample(machine.altered(initial=state), seconds=4, seed=0)
    assert found.differences == ()
    assert found.compared >= 4, found
    assert found.false >= 2, found


def test_the_dice_and_the_runs_decide_what_is_changed() -> None:
    machine = crowd.machine()
    assert figures_of(machine) == figures_of(machine)


@pytest.mark.parametrize(("name", "beat", "least"), [("clearing", "Deliver", 35), ("exchange", "Lend", 25)])
def test_the_machines_are_read_as_python_reads_them(name: str, beat: str, least: int) -> None:
    machine = registry.find(name)
    runs = {kind: kept for kind, kept in samples(machine, seconds=5).items() if kind.__name__ == beat}
    (pairs,) = runs.values()
    reader = Reader(machine, 0)
    with patched(machine):
        found = figures([each for place, pair in enumerate(pairs[:2]) for each in reader.read(*pair, place)])
    assert found.differences == ()
    assert found.compared >= least
    assert found.false >= 1


def test_one_row_for_two_demands_is_noticed_in_the_claim_of_the_queue(monkeypatch) -> None:
    """With one arbitrary row for both halves of CL-DVP-4 the rule that never delivers was proved."""
    machine = registry.find("clearing")
    runs = {kind: kept for kind, kept in samples(machine, seconds=5).items() if kind.__name__ == "Deliver"}
    (pairs,) = runs.values()
    never = machine.altered(beat=lambda state, _: Accepted(state))
    with patched(machine):
        broken = [pair for pair in pairs if "CL-DVP-4" in false_after(never, *pair)]
        assert broken
        assert read(never, *broken[0], ["CL-DVP-4"]).differences == ()
        monkeypatch.setattr(World, "instantiated", one_row_for_all)
        found = [each for pair in broken[:8] for each in read(never, *pair, ["CL-DVP-4"]).differences]
    assert any("Python says False of CL-DVP-4" in each for each in found), found


def test_paths_read_the_claims_where_a_run_takes_them(load, monkeypatch) -> None:
    toy = load("toy").MACHINE
    (row,) = follow_all(toy, beats=["Deposit"], seconds=1, workers=1)
    assert not row.fails
    assert row.goals.compared >= 2
    assert row.goals.runs >= row.witnessed
    assert row.goals.false >= 1
    monkeypatch.setattr(prover, "demanded", lambda *_: TRUE)
    (row,) = follow_all(toy, beats=["Deposit"], seconds=1, workers=1)
    assert row.fails
    assert any("Python says False of TOY-" in each for each in row.differences)


def test_what_python_finds_false_is_not_proved(load, monkeypatch) -> None:
    machine = load("toy", ("    if source.cash < ", "    fee += 5\n    if source.cash < ")).MACHINE
    monkeypatch.setattr(
        prover.Prover, "_shown", lambda _, __, goals: [prover.Finding(code, "agreed") for code in goals]
    )
    found = {(row.invariant, row.beat): row for row in prove(machine, workers=1, timeout=5)}
    assert found["TOY-3", "Transfer"].verdict == "unknown"
    assert found["TOY-3", "Transfer"].reason == "Python says False of a run of this beat"
    assert found["TOY-2", "Transfer"].verdict == "agreed"
