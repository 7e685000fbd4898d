"""Formulas see no state: numbers, parameters and rows are all that they take."""

from importlib import import_module
from inspect import getmembers, isfunction
from pkgutil import iter_modules
from typing import get_type_hints

import pytest

from clearspec import registry


def sees_the_state(machine, module):
    """The functions of a module that take the state of the machine, by name."""
    state = type(machine.spec.initial)
    return [name for name, function in getmembers(module, isfunction) if state in get_type_hints(function).values()]


@pytest.mark.parametrize("name", registry.names())
def test_no_formula_sees_the_state(name):
    machine, package = registry.find(name), import_module(f"clearspec.machines.{name}.formulas")
    modules = [import_module(f"{package.__name__}.{each.name}") for each in iter_modules(package.__path__)]
    assert len(modules) > 3
    assert {each.__name__: found for each in modules if (found := sees_the_state(machine, each))} == {}


def test_a_rule_among_formulas_would_be_noticed():
    machine = registry.find("exchange")
    book = import_module("clearspec.machines.exchange.rules.book")
    assert "best" in sees_the_state(machine, book)
