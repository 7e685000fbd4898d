"""What takes a path and no random run has found is looked for: near other runs, and in worlds of few rows."""

from multiprocessing import get_context
from typing import Any

import pytest

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec_proofs.executor import replay
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.replay import closed
from clearspec_proofs.fidelity import fidelity, seeking
from clearspec_proofs.fidelity.fidelity import Row, follow_all
from clearspec_proofs.fidelity.samples import samples
from clearspec_proofs.fidelity.seeking import simplified
from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import Formula, any_of, at_most_zero, both, formula, negated
from clearspec_proofs.matrix.prover import Followed, follow
from clearspec_proofs.matrix.shapes import fits
from clearspec_proofs.solving.smt import INTEGER, short_text, text
from clearspec_proofs.solving.solvers import Z3, Solver


def at_least(least: int, *names: str) -> Formula:
    """The product of the symbols of these names is no less."""
    return at_most_zero({tuple(sorted(names)): -1, (): least})


def at_most(most: int, *names: str) -> Formula:
    """The product of the symbols of these names is no more."""
    return at_most_zero({tuple(sorted(names)): 1, (): -most})


@pytest.fixture
def no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of random runs and of worked examples there are none."""
    monkeypatch.setattr(fidelity, "samples", lambda *_, **__: {})


def touched(machine: Any, beat: str = "Touch") -> Row:
    (row,) = follow_all(machine, beats=(beat,), workers=1)
    return row


@pytest.mark.usefixtures("no_runs")
@pytest.mark.parametrize("codes", [("NEXT",), ("NEXT", "APART")])
def test_the_rows_that_claims_reach_from_those_of_a_path_refer_to_each_other(codes, load) -> None:
    row = touched(load("rings").machine(*codes))
    assert not row.fails
    assert (row.paths, row.witnessed, row.by_model) == (4, 4, 4), row


@pytest.mark.usefixtures("no_runs")
def test_there_may_be_rows_that_the_path_does_not_name(load) -> None:
    row = touched(load("rings").machine("NEXT"), "Count")
    assert (row.paths, row.witnessed) == (2, 2), row


def test_what_a_path_has_found_is_first_among_the_rows_that_claims_bring_up(load) -> None:
    module, solver, said = load("rings"), Solver(Z3), list[str]()

    def then(run: Followed) -> None:
        if run.ending != "accepted":
            return
        (nodes,) = run.path.world.origins
        facts, (node,) = closed(run.path, others=False), nodes.rows.values()
        (code,) = nodes.codes.values()
        lower = [
            both(each.present, formula(each.code != code), formula(each.row.rank < node.rank))
            for each in nodes.ghosts
            if each not in nodes.others
        ]
        said.extend(solver.ask(short_text([*facts, *more]), 10).result for more in ([], [any_of(*lower)]))

    machine, left = module.machine("NEXT"), [()]
    try:
        with patched(machine):
            while left:
                left += follow(machine, module.Find, left.pop(), then).path.alternatives
    finally:
        solver.stop()
    assert said == ["sat", "unsat"]


@pytest.mark.usefixtures("no_runs")
def test_a_state_that_claims_forbid_is_no_witness(load) -> None:
    dead_end = ("has_next(state: State) -> bool:\n    return", "has_next(state: State) -> bool:\n    return False and")
    row = touched(load("rings", dead_end).machine("NEXT"))
    assert row.witnessed == 0
    nobody = ("is not None)", "is None and node.next == name)")
    row = touched(load("rings", ("lambda _, node", "lambda name, node"), nobody).machine("NEXT"))
    assert (row.witnessed, row.impossible + row.open) == (1, row.paths - 1), row


@pytest.mark.usefixtures("no_runs")
def test_what_takes_a_path_goes_beside_those_that_branch_off(load, monkeypatch) -> None:
    asked, worlds = get_context("fork").RawValue("i", 0), seeking.small_worlds

    def counted(*arguments: Any) -> Any:
        asked.value += 1
        yield from worlds(*arguments)

    monkeypatch.setattr(seeking, "small_worlds", counted)
    row = touched(load("rings").machine("NEXT"))
    assert row.witnessed == row.paths == 4
    assert asked.value < row.paths, "some are found near others"


def test_what_is_given_goes_beside_paths_if_its_shape_fits(load) -> None:
    module = load("rings")
    machine, node = module.machine("NEXT"), module.NodeId("a")
    pair = module.State(module.Table({node: module.Node(node)})), module.Touch(node, 5)
    assert samples(machine, seconds=0, given=[pair]) == {module.Touch: [pair]}


def test_what_is_given_of_another_shape_does_not_go_beside_paths() -> None:
    machine = registry.find("exchange")
    given = [(state, machine.drive.generate(state, SeededChoices(0))) for state in machine.drive.cover.values()]
    kept = samples(machine, seconds=0, given=given)
    fit = [pair for pair in given if fits(pair[0], machine.spec.initial)]
    assert 0 < len(fit) < len(given)
    assert all(pair in fit for pairs in kept.values() for pair in pairs)
    assert {type(command) for _, command in fit} == set(kept)


def test_what_is_learned_later_is_not_in_a_copy() -> None:
    known = Knowledge()
    known.learn(any_of(at_most(0, "x"), at_most(0, "y")))
    copy, before = known.copied(), dict(known.facts)
    known.learn(at_least(1, "x"))
    assert known.knows(at_most(0, "y"))
    assert copy.facts == before
    assert copy.knows(at_most(0, "y")) is None
    copy.learn(at_least(1, "x"))
    assert copy.knows(at_most(0, "y")), "and what waited in it still does"


SHARED = any_of(at_least(6, "x", "y"), at_most(1, "z"))
QUESTIONS = [
    ([SHARED, any_of(SHARED, at_most(3, "x")), at_least(2, "z"), at_most(2, "x"), at_most(3, "y")], "sat"),
    ([both(SHARED, at_least(2, "z")), any_of(negated(SHARED), at_most(0, "x")), at_least(1, "y")], "unsat"),
]


@pytest.mark.parametrize(("facts", "result"), QUESTIONS)
def test_a_text_with_names_for_parts_asks_the_same(facts: list[Formula], result: str) -> None:
    solver = Solver(Z3)
    try:
        for question in (text(facts, INTEGER), short_text(facts), short_text(simplified(facts))):
            answer = solver.ask(question, 10, values=True)
            assert answer.result == result
            assert result == "unsat" or all(replay.holds(fact, answer.values) for fact in facts)
    finally:
        solver.stop()
    assert "define-fun" in short_text(facts)
