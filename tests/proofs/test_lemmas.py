"""What is added to the facts of a path is an obligation of its own: products, their bounds, and the cases there are."""

from collections.abc import Iterator

import pytest

from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import any_of, both, formula, negated, symbol
from clearspec_proofs.solving.obligations import BOTH, LINEAR, Obligations
from clearspec_proofs.solving.smt import Lemma, lemma_text
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver
from clearspec_proofs.solving.store import Store


class S:
    """Three symbols; not at module level, where they would be taken for tests."""

    a, b, c = (symbol(name) for name in "abc")


DONE = {Z3: frozenset({"this"}), CVC5: frozenset({"that"})}


@pytest.fixture
def obligations(tmp_path) -> Iterator[Obligations]:
    these = Obligations(5, Store(tmp_path))
    these._patience = these.timeout  # also where the machine is busy
    yield these
    these.stop()


def knowing(*facts):
    known = Knowledge()
    for fact in facts:
        known.learn(formula(fact))
    return known


def test_a_product_comes_with_the_text_that_it_follows_in(obligations, tmp_path):
    known = knowing(S.a >= 2, S.b >= 3, S.c >= S.a * S.b)
    texts = obligations.shown(known, formula(S.c >= 6))
    assert texts.keys() == BOTH
    said = [Store(tmp_path).text_file(digest).read_text() for digest in texts[Z3]]
    assert len(said) > 1
    assert any("|x0|" in text and "QF_NRA" in text for text in said)
    assert all(Store(tmp_path).holds(digest, solver) for solver, digests in texts.items() for digest in digests)


def test_the_bounds_of_a_product_and_products_of_facts_are_lemmas(obligations):
    known = knowing(S.a >= 2, S.b >= 3, S.c <= S.b)
    for added in (
        obligations._with_ranges([formula(S.c >= S.a * S.b)], known)[1:],
        obligations._with_products([formula(S.c <= S.b), formula(S.a >= 2)], formula(S.c * S.a >= 1), known)[3:],
    ):
        assert added
        for fact in added:
            texts = obligations._with_lemmas(DONE, [fact])
            assert texts.keys() == BOTH
            assert texts[Z3] > DONE[Z3]


def test_a_fact_of_the_path_is_no_lemma(obligations):
    obligations._with_products(
        [formula(S.c <= S.b), formula(S.a >= 2)], formula(S.c * S.a >= 1), knowing(S.a >= 2, S.c <= S.b)
    )
    assert obligations._with_lemmas(DONE, [formula(S.c <= S.b), formula(S.a >= 2)]) == DONE


def test_what_does_not_follow_is_shown_by_nobody(obligations):
    wrong = Lemma(formula(S.a * S.b >= 1), (formula(S.a >= 1), formula(S.b >= 0)))
    obligations._added[wrong.follows] = wrong
    assert obligations._with_lemmas(DONE, [wrong.follows]) == {}


def test_what_one_solver_cannot_follow_it_has_not_shown(obligations, monkeypatch):
    says = Obligations._says_unsat
    monkeypatch.setattr(Obligations, "_says_unsat", lambda self, s, *rest: s.name == Z3 and says(self, s, *rest))
    (fact,) = obligations._with_ranges([formula(S.c >= S.a * S.b)], knowing(S.a >= 2, S.b >= 3))[1:]
    assert obligations._with_lemmas(DONE, [fact]).keys() == {Z3}


def test_a_lemma_is_the_same_question_whatever_its_symbols_are_called():
    def lemma(x, y):
        return lemma_text(Lemma(formula(x * y >= 0), (formula(x >= 0), formula(y >= 0))))

    assert lemma(S.a, S.b) == lemma(S.b, S.c)
    assert lemma_text(Lemma(formula(S.a >= 0), (formula(S.a >= 0),))) is None


def test_a_lemma_that_was_learned_is_not_asked_again(obligations, monkeypatch):
    (fact,) = obligations._with_ranges([formula(S.c >= S.a * S.b)], knowing(S.a >= 2, S.b >= 3))[1:]
    found = obligations._with_lemmas(DONE, [fact])
    learned = obligations.learned()
    assert (learned.cores, {name for name, _ in learned.said}) == ((), BOTH)
    monkeypatch.setattr(Solver, "ask", None)
    other = Obligations(5)
    other._added.update(obligations._added)
    with pytest.raises(TypeError):
        other._with_lemmas(DONE, [fact])
    other.learn(learned)
    assert other._with_lemmas(DONE, [fact]) == found


def test_what_follows_in_a_case_is_no_lemma_outside_of_it(obligations):
    (fact,) = obligations._with_ranges([formula(S.c >= S.a * S.b)], knowing(S.a >= 2, S.b >= 3))[1:]
    outside = obligations._lemma(fact)
    case = both(formula(S.a >= 2), formula(S.b >= 3), formula(S.a <= 7), formula(S.c >= S.a * S.b), formula(S.c <= 5))
    assert obligations._small(case).keys() == BOTH
    assert obligations._lemma(fact) == outside


def test_cases_count_only_if_there_is_no_other(obligations):
    either = any_of(formula(S.a <= 0), formula(S.b <= 0))
    cases = [formula(S.a <= 0), formula(S.b <= 0)]
    texts = obligations._by_cases([either], cases, lambda _: DONE)
    assert texts.keys() == BOTH
    assert texts[CVC5] > DONE[CVC5]
    assert obligations._by_cases([either], cases[:1], lambda _: DONE) == {}
    assert obligations._by_cases([either], [], lambda _: DONE) == {}


def test_all_cases_have_to_be_shown(obligations):
    cases = [formula(S.a <= 0), negated(formula(S.a <= 0))]
    assert obligations._by_cases([], cases, lambda case: DONE if case is cases[0] else {}) == {}
    partly = obligations._by_cases([], cases, lambda case: DONE if case is cases[0] else {Z3: frozenset({"other"})})
    assert partly.keys() == {Z3}
    assert partly[Z3] > {"this", "other"}


def test_a_core_that_is_known_is_no_core_where_a_lemma_in_it_does_not_follow(obligations, monkeypatch):
    facts = obligations._with_ranges([formula(S.c >= S.a * S.b)], knowing(S.a >= 2, S.b >= 3))
    wanted = negated(formula(S.c >= 6))
    assert obligations._contradicted(facts, [wanted], LINEAR)[wanted].keys() == BOTH
    monkeypatch.setattr(Obligations, "_lemma", lambda *_: Lemma(formula(S.a >= 3), (formula(S.a >= 2),)))
    monkeypatch.setattr(Obligations, "_core", lambda *_: {})
    assert obligations._contradicted(facts, [wanted], LINEAR)[wanted] == {}
