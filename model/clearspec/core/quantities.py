"""Units, and the only places where the model rounds.

Every quantity is a Python integer.  The direction of a rounding is in the name of the function
that does it, and a formula is rounded once: never a chain of roundings.
"""

from collections.abc import Callable
from typing import NewType

Atoms = NewType("Atoms", int)
"""The smallest unit of an asset (for example 1e-6 USDC)."""
Lots = NewType("Lots", int)
"""The smallest tradable size of a market; a base asset has a whole number of atoms per lot."""
Price = NewType("Price", int)
"""Quote atoms per lot, so that notional = price * lots, exactly."""
Rate = NewType("Rate", int)
"""A fraction in units of 1 / RATE_SCALE (parts per million)."""
Millis = NewType("Millis", int)
"""Milliseconds since the machine's epoch; time is an input."""

RATE_SCALE = 1_000_000


def mul_div_floor(a: int, b: int, divisor: int) -> int:
    """The largest integer not above a * b / divisor.

    Requires: divisor > 0.
    """
    return a * b // divisor


def mul_div_ceil(a: int, b: int, divisor: int) -> int:
    """The smallest integer not below a * b / divisor.

    Requires: divisor > 0.
    """
    return -(-a * b // divisor)


def largest(fits: Callable[[int], bool], near: Callable[[], int], ends: str = "") -> int:  # noqa: ARG001  (for the prover)
    """The largest integer n >= 0 that fits: how a correctly rounded floor of a curve is defined.

    `near` is a first guess; the result does not depend on it.  `ends` is the code of the law that there is one.
    Requires: fits(0), and whatever fits at n fits at every smaller n; some n does not fit.
    """
    n = guessed(near)
    while not fits(n):
        n -= 1
    while fits(n + 1):
        n += 1
    return n


def smallest(covers: Callable[[int], bool], near: Callable[[], int], ends: str = "") -> int:  # noqa: ARG001  (for the prover)
    """The smallest integer n >= 0 that covers: how a correctly rounded ceiling of a curve is defined.

    `near` is a first guess; the result does not depend on it.  `ends` is the code of the law that there is one.
    Requires: whatever covers at n covers at every larger n; some n covers.
    """
    n = guessed(near)
    while not covers(n):
        n += 1
    while n and covers(n - 1):
        n -= 1
    return n


def guessed(near: Callable[[], int]) -> int:
    """Where a search begins: at the guess, or at nothing where there is none; a guess is no part of the rule."""
    try:
        return max(near(), 0)
    except Exception:
        return 0
