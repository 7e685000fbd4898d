"""Rounding has the direction that its name says, for all signs, and curves are rounded once."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import largest, mul_div_ceil, mul_div_floor, smallest

INTEGERS = st.integers(-(10**20), 10**20)


@given(INTEGERS, INTEGERS, st.integers(1, 10**20))
def test_floor_and_ceiling_enclose_the_exact_quotient(a: int, b: int, divisor: int) -> None:
    exact = Fraction(a * b, divisor)
    assert mul_div_floor(a, b, divisor) <= exact < mul_div_floor(a, b, divisor) + 1
    assert mul_div_ceil(a, b, divisor) - 1 < exact <= mul_div_ceil(a, b, divisor)


@given(st.integers(0, 10**6), st.integers(-5, 1100))
def test_largest_and_smallest_do_not_depend_on_the_guess(n: int, guess: int) -> None:
    root = largest(lambda x: x * x <= n, lambda: guess)
    assert root * root <= n < (root + 1) ** 2
    cover = smallest(lambda x: x * x >= n, lambda: guess)
    assert cover * cover >= n
    assert cover == 0 or (cover - 1) ** 2 < n
