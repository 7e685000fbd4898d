"""The cover of the exchange: every combination of choices is valid, and every two choices meet in some row."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.exchange.cover import COVER, DIMENSIONS, ROWS, parameters_of
from clearspec.exchange.machine import MACHINE
from clearspec.exchange.parameters import valid


@given(st.fixed_dictionaries({name: st.sampled_from(tuple(each)) for name, each in DIMENSIONS.items()}))
def test_every_combination_is_valid(row: dict[str, str]) -> None:
    assert valid(parameters_of(row))


@pytest.mark.parametrize("number", COVER)
def test_every_row_is_valid_and_starts_a_campaign(number: str) -> None:
    assert valid(COVER[number])
    assert MACHINE.cover[number].parameters == COVER[number]


def test_every_two_choices_meet() -> None:
    met = {pair for row in ROWS.values() for pair in combinations(row.items(), 2)}
    for (one, choices), (other, others) in combinations(DIMENSIONS.items(), 2):
        assert {((one, a), (other, b)) for a in choices for b in others} <= met
    assert len(ROWS) <= 40


def test_every_choice_changes_something() -> None:
    """Two choices of a dimension that came to the same would be one."""
    some = next(iter(ROWS.values()))
    for name, choices in DIMENSIONS.items():
        results = [parameters_of({**some, name: choice}) for choice in choices]
        assert all(one != other for one, other in combinations(results, 2)), name
