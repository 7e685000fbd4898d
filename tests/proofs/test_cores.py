"""What both solvers have said of a few facts is not asked again; and is not said where one of the facts is missing."""

import os
from collections.abc import Iterator
from signal import SIGKILL
from typing import Any

import pytest

from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import Formula, formula, symbol
from clearspec_proofs.solving.obligations import BOTH, INTEGER, LINEAR, REAL, SHORT, Learned, Obligations
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver
from clearspec_proofs.solving.store import Texts

SYMBOLS = [symbol(name) for name in "abcde"]


def le(one: str, other: str, times: int = 1) -> Formula:
    """One symbol is at most so many times the other."""
    named = dict(zip("abcde", SYMBOLS, strict=True))
    return formula(named[one] <= times * named[other])


HALVES = (le("a", "b", 2), le("b", "c", 3))
"""Together, and not alone, they make a at most six times c."""
GOAL, OPEN = le("a", "c", 6), le("a", "d")


def knowing(*facts: Formula) -> Knowledge:
    known = Knowledge()
    for fact in facts:
        known.learn(fact)
    return known


def told_apart(obligations: Obligations, known: Knowledge, goals: list[Formula]) -> tuple[set[Formula], set[Formula]]:
    shown, failing = obligations.at_once(known, goals)
    return set(shown), failing


@pytest.fixture
def obligations() -> Iterator[Obligations]:
    these = Obligations(5)
    these._patience = these.timeout  # also where the machine is busy
    yield these
    these.stop()


def test_goals_are_told_apart_those_that_follow_and_those_that_do_not(obligations: Obligations) -> None:
    known = knowing(*HALVES, le("d", "e"))
    assert told_apart(obligations, known, [GOAL, OPEN]) == ({GOAL}, {OPEN})


def test_a_core_is_the_few_facts_and_no_solver_is_asked_of_it_again(
    obligations: Obligations, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told_apart(obligations, knowing(*HALVES, le("d", "e")), [GOAL]) == ({GOAL}, set())
    ((logic, _, few, _),) = obligations.learned().cores
    assert (logic, len(few)) == (LINEAR, len(HALVES))
    monkeypatch.setattr(Solver, "_asked", None)
    assert told_apart(obligations, knowing(*HALVES, le("e", "d")), [GOAL]) == ({GOAL}, set())


def test_a_core_says_nothing_where_one_of_its_facts_is_missing(obligations: Obligations) -> None:
    assert told_apart(obligations, knowing(*HALVES), [GOAL]) == ({GOAL}, set())
    for fact in HALVES:
        assert told_apart(obligations, knowing(fact), [GOAL]) == (set(), {GOAL})


def test_what_is_shown_case_by_case_is_a_core_too_and_says_nothing_where_a_fact_is_missing(
    obligations: Obligations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Obligations, "_agreed", lambda *_: {})
    assert told_apart(obligations, knowing(*HALVES), [GOAL]) == ({GOAL}, set())
    ((logic, _, few, _),) = obligations.learned().cores
    assert (logic, len(few)) == (LINEAR, len(HALVES))
    for fact in HALVES:
        assert told_apart(obligations, knowing(fact), [GOAL]) == (set(), {GOAL})
    monkeypatch.setattr(Solver, "_asked", None)
    assert told_apart(obligations, knowing(*HALVES, le("d", "e")), [GOAL]) == ({GOAL}, set())


def test_a_core_counts_only_if_the_second_solver_agrees(
    obligations: Obligations, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = Obligations._says_unsat
    monkeypatch.setattr(Obligations, "_says_unsat", lambda self, s, *rest: s.name == Z3 and says(self, s, *rest))
    shown, failing = told_apart(obligations, knowing(*HALVES), [GOAL])
    assert (shown, failing, obligations.learned()) == (set(), set(), Learned())
    monkeypatch.undo()
    assert obligations.shown(knowing(*HALVES), GOAL).keys() == BOTH


def test_a_product_is_shown_by_both_from_the_least_facts(obligations: Obligations) -> None:
    a, b, c, d, e = SYMBOLS
    known = knowing(formula(a >= 2), formula(b >= 3), formula(c >= a * b), formula(d >= 0), formula(e >= d))
    assert obligations.shown(known, formula(c >= 6)).keys() == BOTH
    assert obligations.shown(known, formula(c >= 7)).keys() != BOTH


@pytest.mark.parametrize("name", [Z3, CVC5])
def test_a_solver_that_was_ended_is_started_again_and_the_question_is_not_lost(name: str) -> None:
    solver = Solver(name)
    try:
        os.kill(solver.start().pid, SIGKILL)
        text = "(set-logic QF_LIA)\n(declare-fun |x| () Int)\n(assert (<= |x| 0))\n(assert (<= 1 |x|))\n(check-sat)\n"
        assert solver.ask(text, 5).result == "unsat"
        assert solver.ask(text.replace("1 |x|", "0 |x|"), 5).result == "sat"
    finally:
        solver.stop()


def test_what_takes_long_in_one_reading_is_read_in_others_before_it_is_waited_for(
    obligations: Obligations, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, float]] = []

    def reading(*arguments: Any) -> Texts:
        asked.append((arguments[3][0], arguments[4]))
        return {Z3: frozenset("x"), CVC5: frozenset("x")} if asked[-1] == answered else {}

    monkeypatch.setattr(Obligations, "_reading", reading)
    answered = (INTEGER, SHORT)
    assert obligations.shown(knowing(), OPEN, failing=True).keys() == BOTH
    assert (REAL, SHORT) in asked
    assert {timeout for _, timeout in asked} == {SHORT}
    asked.clear()
    assert obligations.shown(knowing(), OPEN, failing=True).keys() == BOTH
    assert asked == [answered], "what showed the last one is tried first"
    asked.clear()
    answered = (LINEAR, SHORT)
    assert obligations.shown(knowing(), OPEN, failing=True).keys() == BOTH
    obligations.about = "another claim"
    asked.clear()
    answered = (REAL, obligations.timeout)
    assert obligations.shown(knowing(), OPEN, failing=True).keys() == BOTH
    assert asked.index(answered) > asked.index((INTEGER, SHORT))
