"""What follows without a solver: bounds of sums and products, one thing from another, and always to an end."""

import signal
from collections.abc import Iterator

import pytest

from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import FALSE, TRUE, any_of, both, every_row, formula, implies, negated, symbol
from clearspec_proofs.solving.obligations import cases

SYMBOLS = [symbol(name) for name in "abc"]
p, q, r = (formula(each >= 1) for each in SYMBOLS)


@pytest.fixture(autouse=True)
def _an_end() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError("this does not come to an end")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(10)
    yield
    signal.alarm(0)


def test_bounds_of_sums_and_products_follow_from_those_of_their_symbols() -> None:
    a, b, c = SYMBOLS
    known = Knowledge()
    for fact in (a >= 2, b >= 3, b <= 5, c <= -1):
        known.learn(formula(fact))
    assert known.simplified(formula(a * b >= 6)) is TRUE
    assert known.simplified(formula(a * b >= 7)) not in (TRUE, FALSE)
    assert known.simplified(formula(b * c >= -2)) is FALSE
    assert known.simplified(formula(b * c >= -3)) not in (TRUE, FALSE)
    assert known.simplified(formula(a + b - c >= 6)) is TRUE
    assert known.simplified(formula(a - b >= 0)) not in (TRUE, FALSE)
    assert known.simplified(formula(c * c >= 1)) is TRUE


def test_one_thing_follows_from_another_and_a_contradiction_is_seen() -> None:
    known = Knowledge()
    known.learn(implies(p, both(q, implies(q, r))))
    assert not known.refutes(p)
    assert known.refutes(both(p, negated(r)))
    known.learn(p)
    assert known.simplified(r) is TRUE
    with pytest.raises(Contradiction):
        known.learn(negated(q))


def test_equal_symbols_have_one_name_and_a_number_where_there_is_one() -> None:
    a, b, _ = SYMBOLS
    known = Knowledge()
    known.learn(formula(a == b))
    here = Knowledge(known)
    here.learn(formula(a == 7))
    assert here.canonical(b) == here.canonical(a) == 7
    assert repr(known.canonical(a)) == repr(known.canonical(b)) == "1*a"


def test_every_implies_its_instance_and_its_opposite_implies_nothing() -> None:
    whole = every_row(p)
    known = Knowledge()
    known.learn(whole)
    assert known.simplified(p) is TRUE
    other = Knowledge()
    other.learn(negated(whole))
    assert other.simplified(p) is p
    assert other.simplified(whole) is FALSE


def test_learning_ends_where_a_fact_comes_back_to_what_was_learned() -> None:
    known = Knowledge()
    known.learn(any_of(p, negated(any_of(p, q)), both(r, q)))
    known.learn(r)
    here = Knowledge(known)
    here.learn(any_of(p, q))
    assert list(here.facts) == [any_of(p, q)]


def test_cases_are_all_the_ways_to_hold_and_no_others() -> None:
    known = Knowledge()
    known.learn(negated(r))
    found = cases(any_of(both(p, q), both(negated(p), any_of(q, r)), r), known)
    assert found is not None
    assert len(found) == 2
    assert all(known.refutes(both(case, negated(q))) for case in found)
    assert cases(both(r, p), known) == []
    assert cases(both(every_row(any_of(p, q)), negated(p)), known) is not None
