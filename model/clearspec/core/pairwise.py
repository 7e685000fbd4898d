"""A few rows out of very many combinations: any two choices meet in some row, and most faults need no more than two.

Source: Kuhn, Wallace, Gallo, "Software fault interactions and implications for software testing", 2004.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeVar

T = TypeVar("T")

Place = tuple[int, int]
"""A choice by number: of which dimension, and which one of it."""

Pair = tuple[Place, Place]
"""Two choices of two dimensions, the earlier dimension first."""


def pairwise(dimensions: Mapping[str, Sequence[T]]) -> tuple[dict[str, T], ...]:
    """Rows with one choice for each dimension, such that any two choices of two dimensions stand together in some row.

    Greedy: a row starts from the first pair that is still missing; in each other dimension, in turn, it takes the
    choice that meets most missing pairs, and of equals the one that was taken least.  The same dimensions give the
    same rows.  Requires: at least two dimensions, each with a choice.
    """
    lengths = [len(choices) for choices in dimensions.values()]
    missing = dict.fromkeys(
        ((one, i), (other, j))
        for one, other in combinations(range(len(lengths)), 2)
        for i in range(lengths[one])
        for j in range(lengths[other])
    )
    taken = [[0] * length for length in lengths]
    rows = []
    while missing:
        row = _row(next(iter(missing)), missing, taken)
        for pair in combinations(enumerate(row), 2):
            missing.pop(pair, None)
        for dimension, choice in enumerate(row):
            taken[dimension][choice] += 1
        rows.append(row)
    return tuple(
        {name: choices[choice] for (name, choices), choice in zip(dimensions.items(), row, strict=True)} for row in rows
    )


def _row(first: Pair, missing: Mapping[Pair, None], taken: Sequence[Sequence[int]]) -> list[int]:
    """A row that holds this pair, and as many other missing ones as a greedy choice finds."""
    chosen = dict(first)

    def merit(place: Place) -> tuple[int, int]:
        met = sum(((place, each) if place < each else (each, place)) in missing for each in chosen.items())
        return met, -taken[place[0]][place[1]]

    for dimension, counts in enumerate(taken):
        if dimension not in chosen:
            chosen[dimension] = max(((dimension, choice) for choice in range(len(counts))), key=merit)[1]
    return [chosen[dimension] for dimension in range(len(taken))]
