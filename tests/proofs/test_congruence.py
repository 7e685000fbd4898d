"""Terms made of what is equal by now are equal; terms made of what is not, are not."""

import pytest

from clearspec_proofs.congruence import Congruence
from clearspec_proofs.paths import Path, active
from clearspec_proofs.terms import FALSE, TRUE, formula, symbol


@pytest.fixture
def path():
    with active(Path()) as path:
        yield path


def letters():
    """Three symbols; not at module level, where they would be taken for tests."""
    return symbol("a"), symbol("b"), symbol("c")


def test_a_case_that_was_decided_later_is_that_case(path):
    a, b, c = letters()
    early = path.either(formula(c >= 1), a, b)
    squared = formula(early * early == a * a)
    assert path.knowledge.simplified(squared) is not TRUE
    path.state(formula(c >= 1))
    assert Congruence(path).formula(squared) is TRUE


def test_a_case_that_is_a_sum_is_put_in_its_place(path):
    a, b, c = letters()
    early = path.either(formula(c >= 1), a * b + 1, b)
    path.state(formula(c >= 1))
    assert Congruence(path).formula(formula(early * early == (a * b + 1) * (a * b + 1))) is TRUE


def test_what_is_made_of_equal_terms_is_equal(path):
    a, b, c = letters()
    early = path.quotient(path.largest_of(path.either(formula(c >= 1), a, b), 0) * 7, 3)
    path.state(formula(c >= 1))
    late = path.quotient(path.largest_of(a, 0) * 7, 3)
    assert Congruence(path).formula(formula(early * b == late * b)) is TRUE


def test_a_maximum_is_the_larger_once_that_is_known(path):
    a, b, _ = letters()
    early = path.largest_of(a, b)
    path.state(formula(a >= b))
    assert Congruence(path).formula(formula(early == a)) is TRUE


def test_what_is_not_known_identifies_nothing(path):
    a, b, c = letters()
    one, other = path.largest_of(a, 0), path.largest_of(b, 0)
    chosen = path.either(formula(c >= 1), a, b)
    path.state(formula(a <= b))
    now = Congruence(path)
    for goal in (formula(one == other), formula(chosen == a), formula(chosen == b)):
        assert now.formula(goal) not in (TRUE, FALSE)


def test_facts_are_rewritten_too(path):
    a, b, c = letters()
    early = path.either(formula(c >= 1), a, b)
    path.state(formula(early * b <= 5))
    path.state(formula(c >= 1))
    Congruence(path)
    assert path.knowledge.simplified(formula(a * b <= 5)) is TRUE
