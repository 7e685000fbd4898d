"""Claims that cannot agree with a mistake: a law pins each formula that a claim of states or steps uses.

A formula that is wrong in a rule is wrong in the claim that uses it, too.  A law says of it in other words what it is.
"""

import sys

import pytest

from clearspec import registry
from clearspec.core.claims import Kind
from clearspec_checks.opinions.reach import reachable

BY_RULES = {"EX-ORD-4": "decision 0010: the claim runs the rules on a copy"}
"""Claims that run rules, and with them whatever these use."""

UNPINNED = {
    "book.protection_price": "EX-ORD-5 says in words of its own at which price a market order stands",
    "custody.unpaid": "EX-CUS-6 says in words of its own what is on the way; nothing else of a withdrawal is unpaid",
    "exposure.open_lots": "one field of an order, as a measure of a total",
}
"""Formulas that claims use and no law pins, each with the reason."""


def formulas_of(machine, claim):
    """The formulas that a claim may call, directly or not."""
    loaded = {name: module for name, module in sys.modules.items() if name.startswith("clearspec.")}
    named = [f"clearspec.machines.{machine.name}.claims.", *rooms(machine)]
    modules = [module for name, module in loaded.items() if name.startswith(tuple(named))]
    found = reachable([claim.holds], modules)
    return {name_of(each) for each in found if each.__module__.startswith(rooms(machine))}


def rooms(machine):
    """Where formulas stand: of the machine, and of all."""
    return f"clearspec.machines.{machine.name}.formulas.", "clearspec.mechanisms."


def name_of(function):
    return f"{function.__module__.rsplit('.', 1)[1]}.{function.__qualname__}"


def unpinned(machine):
    """The formulas that claims of states or steps use and no law does, each with the codes of these claims."""
    claims = [each for each in machine.spec.claims if each.code not in BY_RULES]
    pinned = {name for each in claims if each.kind is Kind.LAW for name in formulas_of(machine, each)}
    found = {}
    for claim in claims:
        for name in formulas_of(machine, claim) - pinned if claim.kind is not Kind.LAW else ():
            found.setdefault(name, []).append(claim.code)
    return found


def test_a_law_pins_each_formula_that_claims_use():
    found = {name: codes for machine in registry.names() for name, codes in unpinned(registry.find(machine)).items()}
    assert set(found) == set(UNPINNED), found


@pytest.mark.parametrize("code", ["EX-CNV-8", "EX-MAT-8", "EX-DEBT-9"])
def test_a_law_that_is_gone_would_be_missed(code):
    machine = registry.find("exchange")
    without = machine.altered(claims=tuple(each for each in machine.spec.claims if each.code != code))
    assert set(unpinned(without)) > set(unpinned(machine))
