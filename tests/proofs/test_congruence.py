"""Terms made of what is equal by now are equal; terms made of what is not, are not."""

import pytest

from clearspec_proofs.executor.arithmetic import active
from clearspec_proofs.executor.congruence import Congruence
from clearspec_proofs.executor.path import Path
from clearspec_proofs.logic.terms import FALSE, TRUE, any_of, formula, symbol


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


def either_nothing_or_equal(path, x, y, z):
    path.state(any_of(formula(x == 0), formula(y == z)))


def same(path, one, other):
    """Are these the same by what is known?  Never said where numbers say that they are not."""
    now = Congruence(path)
    return now.formula(formula(one == other)) is TRUE


def test_beside_a_factor_that_is_nothing_or_makes_it_equal_a_factor_is_replaced(path):
    a, b, c = letters()
    either_nothing_or_equal(path, a, c, b + 7)
    assert same(path, a * c, a * b + 7 * a)
    assert same(path, a * a * c * c, a * a * (b + 7) * (b + 7))


def test_a_factor_is_replaced_also_by_nothing(path):
    a, _, c = letters()
    either_nothing_or_equal(path, a, c, 0)
    assert same(path, a * c + 1, 1)


def test_alone_or_beside_another_factor_it_stays(path):
    a, b, c = letters()
    d = symbol("d")
    either_nothing_or_equal(path, a, c, b)
    for one, other in ((c, b), (c * d, b * d), (c * c, b * b)):
        assert not same(path, one, other)


def test_a_factor_does_not_stand_beside_itself(path):
    a, b, c = letters()
    either_nothing_or_equal(path, c, c, b)
    assert not same(path, a * c, a * b)


def test_two_factors_that_vouch_for_each_other_are_not_both_replaced(path):
    a, b, c = letters()
    d = symbol("d")
    either_nothing_or_equal(path, c, d, a)
    either_nothing_or_equal(path, d, c, b)
    # c = d = 0, and a and b as they like
    assert not same(path, c * d, a * b)


def test_of_what_is_below_nothing_or_equal_no_factor_is_replaced(path):
    a, b, c = letters()
    path.state(any_of(formula(a <= 0), formula(c == b)))
    assert not same(path, a * c, a * b)
