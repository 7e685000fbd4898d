"""A changed function is proved to change nothing, or shown to change something, beat by beat."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from clearspec.core import quantities
from clearspec_proofs.change.equivalence import same, same_function

FEE = "mul_div_ceil(command.amount, 700, RATE_SCALE)"

CHANGES = [
    ("command.amount <= 0", "command.amount < 1", True),
    ("command.amount <= 0", "not command.amount > 0", True),
    ("command.amount <= 0", "command.amount < 0", False),
    ("source.cash < command.amount + fee", "source.cash - fee - command.amount <= -1", True),
    ("source.cash < command.amount + fee", "source.cash <= command.amount + fee", False),
    (FEE, "-(-7 * command.amount // 10_000)", True),
    (FEE, "(7 * command.amount + 9_999) // 10_000", True),
    (FEE, "7 * command.amount // 10_000", False),
    ("command.source, command.target)", "command.target, command.source)", False),
    ("Reason.FUNDS_SUFFICIENT", "Reason.AMOUNT_POSITIVE", False),
]


def swapped(module: ModuleType, other: ModuleType, name: str):
    function = getattr(module, name)

    @contextmanager
    def swap() -> Iterator[None]:
        code = function.__code__
        function.__code__ = getattr(other, name).__code__
        try:
            yield
        finally:
            function.__code__ = code

    return swap


@pytest.mark.parametrize(("old", "new", "equivalent"), CHANGES)
def test_a_change_is_equivalent_or_has_an_example(old: str, new: str, equivalent: bool, load) -> None:
    module, other = load("toy"), load("toy", (old, new))
    found = same(module.MACHINE, "Transfer", swapped(module, other, "transfer"))
    assert found.verdict in (("agreed", "normalised") if equivalent else ("refuted",)), found
    if not equivalent:
        before, command = found.counterexample.before, found.counterexample.beat
        assert str(module.MACHINE.spec.beat(before, command)) in str(found.counterexample)
        with swapped(module, other, "transfer")():
            assert str(module.MACHINE.spec.beat(before, command)) in str(found.counterexample)


def test_a_changed_helper_is_noticed_although_its_callers_are_the_same(load) -> None:
    module, other = load("toy"), load("toy", ("fees=self.fees + amount", "fees=self.fees - amount"))
    function, changed = module.Bank.credited, other.Bank.credited
    holder = ModuleType("holder")
    holder.credited, after = function, ModuleType("after")
    after.credited = changed
    assert same(module.MACHINE, "Transfer", swapped(holder, after, "credited")).verdict == "refuted"
    assert same(module.MACHINE, "Open", swapped(holder, after, "credited")).verdict == "normalised"


ABSOLUTE = pytest.mark.parametrize(
    ("old", "new", "equivalent"),
    [
        ("value if value >= 0 else", "value if value > 0 else", True),
        ("value if value >= 0 else -value", "abs(value)", True),
        ("value if value >= 0 else -value", "max(-value, value)", True),
        ("if value >= 0 else -value", "if value >= -6 else -value", False),
        ("else -value", "else value", False),
    ],
)


@ABSOLUTE
def test_a_change_beneath_a_measure_is_noticed_though_its_values_are_remembered(old, new, equivalent, load) -> None:
    module, other = load("traps"), load("traps", (old, new))
    found = same(module.machine("COUNT"), "Close", swapped(module, other, "absolute"))
    assert found.verdict in (("agreed", "normalised") if equivalent else ("refuted",)), found


@ABSOLUTE
def test_a_function_alone_is_the_same_for_any_arguments_or_not(old, new, equivalent, load) -> None:
    module, other = load("traps"), load("traps", (old, new))
    swap = swapped(module, other, "absolute")
    function = inspect.unwrap(module.absolute)
    found = same_function(module.machine("COUNT"), function, swap)
    assert found.verdict in (("agreed", "normalised") if equivalent else ("unknown",)), found


def test_a_change_of_a_primitive_that_the_prover_replaces_is_not_judged(load) -> None:
    def largest(_, near):
        return near()

    @contextmanager
    def swap() -> Iterator[None]:
        code = quantities.largest.__code__
        quantities.largest.__code__ = largest.__code__
        try:
            yield
        finally:
            quantities.largest.__code__ = code

    assert same(load("toy").MACHINE, "Transfer", swap).verdict == "unknown"
