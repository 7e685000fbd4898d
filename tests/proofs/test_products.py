"""What is known of products that are multiplied out, and of conjunctions that are written with `and`."""

import pytest

from clearspec_proofs.executor.arithmetic import active, le, term_key
from clearspec_proofs.executor.merging import merged_formula
from clearspec_proofs.executor.path import Path
from clearspec_proofs.logic.terms import TRUE, any_of, both, current, formula, symbol, truth


@pytest.fixture
def path():
    with active(Path()) as path:
        yield path


def letters():
    """Three symbols; not at module level, where they would be taken for tests."""
    return symbol("a"), symbol("b"), symbol("c")


def test_a_product_of_sums_keeps_its_sign(path):
    a, b, _ = letters()
    path.state(formula(a >= 1))
    path.state(formula(b <= 10))
    product = (11 - b) * a
    assert path.knows(le(1, product)) is True


def test_a_product_whose_factor_has_no_sign_has_none(path):
    a, b, _ = letters()
    path.state(formula(a >= 1))
    product = (11 - b) * a
    assert path.knows(le(0, product)) is None


def test_a_sum_divides_its_multiple_exactly(path):
    a, b, c = letters()
    path.state(formula(a - b >= 1))
    assert term_key(path.quotient((a - b) * c * 3, a - b)) == term_key(3 * c)
    assert term_key(path.quotient((a - b) * (a + b), a - b)) == term_key(a + b)


def test_a_sum_does_not_divide_what_it_only_begins(path):
    a, b, c = letters()
    path.state(formula(a - b >= 1))
    quotient = path.quotient((a - b) * c + 1, a - b)
    assert term_key(quotient) != term_key(c)


def test_a_quotient_by_a_positive_unknown_is_nearer_to_nothing(path):
    a, b, c = letters()
    path.state(formula(a >= -3))
    path.state(formula(a <= 5))
    path.state(formula(b >= 1))
    quotient, below = path.quotient(a, b), path.quotient(a - 6, b)
    assert path.knows(both(le(-3, quotient), le(quotient, 5))) is True
    assert path.knows(le(-2, quotient)) is None
    assert path.knows(le(quotient, 4)) is None
    assert path.knows(le(below, -1)) is True
    assert path.knows(le(below, -2)) is None
    assert path.knows(le(-9, below)) is True
    assert path.knows(le(-8, below)) is None
    path.state(formula(c >= 0))
    assert path.knows(le(0, path.quotient((a + 3) * c, b))) is True


def test_what_is_known_of_a_quotient_in_a_branch_is_not_known_outside(path):
    a, b, _ = letters()
    path.state(formula(b >= 1))
    seen = []

    def quotient():
        value = path.quotient(a, b)
        if a >= 0:
            seen.append(current().knows(le(0, current().quotient(a, b))))
        return value >= 0

    merged_formula(lambda: truth(quotient().formula))
    assert True in seen
    assert path.knows(le(0, path.quotient(a, b))) is None


def test_a_quotient_has_bounds_only_where_its_divisor_is_positive(path):
    a, b, _ = letters()
    path.state(formula(a >= 0))
    seen = []

    def positive():
        if b >= 1:
            seen.append((current().knows(le(0, current().quotient(a, b))), current().quotient(a, b)))
        return True

    merged_formula(positive)
    ((inside, quotient),) = seen
    assert inside is True
    assert path.knows(le(0, quotient)) is None


def test_the_sign_of_a_product_in_a_branch_is_known_where_its_condition_holds(path):
    a, b, _ = letters()

    def product():
        if a >= 1 and b <= 10:
            return (11 - b) * a >= 1
        return True

    merged_formula(product)
    assert path.knows(le(1, 11 * a - b * a)) is None
    path.state(formula(a >= 1))
    assert path.knows(le(1, 11 * a - b * a)) is None
    path.state(formula(b <= 10))
    assert path.knows(le(1, 11 * a - b * a)) is True


def test_and_of_a_conjunction_is_the_conjunction_of_all(path):
    a, b, c = letters()
    first = truth(both(formula(a >= 0), formula(b >= 0)))
    f = merged_formula(lambda: first and c >= 0)
    assert path.knowledge.simplified(f) is both(formula(a >= 0), formula(b >= 0), formula(c >= 0))


def test_or_of_a_disjunction_is_true_where_it_is(path):
    a, b, c = letters()
    first = truth(any_of(formula(a >= 0), formula(b >= 0)))
    f = merged_formula(lambda: first or c >= 0)
    path.state(formula(a >= 0))
    assert path.knowledge.simplified(f) is TRUE
