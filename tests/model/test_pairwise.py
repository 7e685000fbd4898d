"""Any two choices meet in some row; there are few rows, and always the same."""

from itertools import combinations, product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.pairwise import pairwise

SMALL = st.lists(st.integers(1, 4), min_size=2, max_size=6)


def dimensions(lengths: list[int]) -> dict[str, range]:
    return {f"d{i}": range(length) for i, length in enumerate(lengths)}


def pairs(rows: list[dict[str, int]]) -> set[tuple[tuple[str, int], ...]]:
    """Every two choices that stand in one row."""
    return {pair for row in rows for pair in combinations(row.items(), 2)}


@given(SMALL)
def test_any_two_choices_meet(lengths: list[int]) -> None:
    every = [dict(zip(dimensions(lengths), row, strict=True)) for row in product(*map(range, lengths))]
    rows = pairwise(dimensions(lengths))
    assert pairs(list(rows)) == pairs(every)
    assert all(row in every for row in rows)


@given(SMALL)
def test_no_row_is_idle(lengths: list[int]) -> None:
    rows = list(pairwise(dimensions(lengths)))
    for i, row in enumerate(rows):
        assert not pairs([row]) <= pairs(rows[:i])


@pytest.mark.parametrize(
    ("lengths", "most"),
    [([2] * 20, 12), ([3] * 4, 12), ([3] * 10, 24), ([4, *[3] * 8, *[2] * 12], 26)],
    ids=["twenty of two", "four of three", "ten of three", "mixed"],
)
def test_there_are_few_rows(lengths: list[int], most: int) -> None:
    rows = pairwise(dimensions(lengths))
    assert len(rows) <= most < prod(lengths)


def test_the_rows_are_always_the_same() -> None:
    assert pairwise({"fee": ("none", "rebate"), "tick": (1, 3)}) == (
        {"fee": "none", "tick": 1},
        {"fee": "none", "tick": 3},
        {"fee": "rebate", "tick": 1},
        {"fee": "rebate", "tick": 3},
    )
    assert pairwise(dimensions([3, 2, 4, 2])) == pairwise(dimensions([3, 2, 4, 2]))
