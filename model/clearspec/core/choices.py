"""Where the choices of a random command come from: one generator of commands, several sources.

`generate(state, choices)` of a machine draws from this interface; a seeded random source drives
campaigns, Hypothesis drives the stateful tests, a recorded list replays.
"""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of choices."""

    def integer(self, low: int, high: int) -> int:
        """An integer between low and high, both included.  Requires: low <= high."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; list one twice to make it twice as likely.  Requires: options is not empty."""


class SeededChoices:
    """Choices from a seeded generator of random numbers: the same seed, the same choices."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def integer(self, low: int, high: int) -> int:
        return (
            low + int(self._random.random() * (high - low + 1))
            if high - low < 1 << 40
            else self._random.randint(low, high)
        )

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]
