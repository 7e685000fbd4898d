"""The covers: every combination of choices is valid, and every two choices meet in some row."""

from collections.abc import Callable
from itertools import combinations
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.machine import Machine
from clearspec.machines.clearing.drive import cover as clearing
from clearspec.machines.clearing.machine import MACHINE as CLEARING
from clearspec.machines.clearing.state.parameters import valid as valid_clearing
from clearspec.machines.exchange.drive import cover as exchange
from clearspec.machines.exchange.machine import MACHINE as EXCHANGE
from clearspec.machines.exchange.state.parameters import valid as valid_exchange

IDS = ("exchange", "clearing")
COVERS = pytest.mark.parametrize("cover", [exchange, clearing], ids=IDS)
VALID = pytest.mark.parametrize(("cover", "valid"), [(exchange, valid_exchange), (clearing, valid_clearing)], ids=IDS)


@VALID
def test_every_combination_is_valid(cover: ModuleType, valid: Callable[[Any], bool]) -> None:
    @given(st.fixed_dictionaries({name: st.sampled_from(tuple(each)) for name, each in cover.DIMENSIONS.items()}))
    def every(row: dict[str, str]) -> None:
        assert valid(cover.parameters_of(row))

    every()


@VALID
def test_every_row_is_valid(cover: ModuleType, valid: Callable[[Any], bool]) -> None:
    assert all(valid(parameters) for parameters in cover.COVER.values())


@pytest.mark.parametrize(("cover", "machine"), [(exchange, EXCHANGE), (clearing, CLEARING)], ids=IDS)
def test_every_row_starts_a_campaign(cover: ModuleType, machine: Machine[Any]) -> None:
    assert {number: start.parameters for number, start in machine.drive.cover.items()} == cover.COVER


@COVERS
def test_every_two_choices_meet(cover: ModuleType) -> None:
    met = {pair for row in cover.ROWS.values() for pair in combinations(row.items(), 2)}
    for (one, choices), (other, others) in combinations(cover.DIMENSIONS.items(), 2):
        assert {((one, a), (other, b)) for a in choices for b in others} <= met
    assert len(cover.ROWS) <= 40


@COVERS
def test_every_choice_changes_something(cover: ModuleType) -> None:
    """Two choices of a dimension that came to the same would be one."""
    some = next(iter(cover.ROWS.values()))
    for name, choices in cover.DIMENSIONS.items():
        results = [cover.parameters_of({**some, name: choice}) for choice in choices]
        assert all(one != other for one, other in combinations(results, 2)), name
