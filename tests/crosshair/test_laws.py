"""CrossHair finds nothing against any law, and finds much when a law or a rule is wrong.

It is given a moment for each law here, and more by `make crosshair`.
"""

import os

import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.claims import Claim, Kind
from clearspec.core.quantities import RATE_SCALE, mul_div_ceil, mul_div_floor
from clearspec.mechanisms.pro_rata import allotment

pytest.importorskip("crosshair")

from clearspec_checks.mutation.mutants import applied, function_of, modules_of, mutants_of
from clearspec_checks.opinions.falsifier import FAILED, SAMPLES, opinion
from clearspec_checks.opinions.reach import laws_that_call

SECONDS = float(os.environ.get("CROSSHAIR_SECONDS", "0.3"))
"""Of the processor, for a law."""

LAWS = {
    each.code: each for name in registry.names() for each in registry.find(name).spec.claims if each.kind is Kind.LAW
}

POWERS = {"EX-COL-1", "EX-COL-2", "EX-COL-3", "EX-REQ-1", "EX-REQ-2", "EX-REQ-3"}
"""Laws of curves, in which a symbol is squared: CrossHair cannot do that with every version of Z3, and ends."""


@pytest.mark.parametrize("code", LAWS)
def test_nothing_is_found_against_a_law(code):
    found = opinion(LAWS[code], SECONDS)
    assert found.arguments is None, found
    assert found.word != FAILED or (code in POWERS and "Z3" in found.said), found


@pytest.mark.parametrize("code", LAWS)
def test_a_law_is_run_to_its_end(code):
    """Against the opposite of a law arguments are found at once: those of any run that ends."""
    law = LAWS[code]
    opposite = evolve(law, holds=lambda *arguments: not law(*arguments))
    assert opinion(opposite, max(SECONDS, 2)).arguments is not None


def law(holds, *sample):
    """A law of these types."""
    return Claim("WRONG", "This is false.", Kind.LAW, holds, sample=lambda _: sample)


def down_for_up(amount, rate):
    return amount < 0 or rate < 0 or mul_div_floor(amount, rate, RATE_SCALE) * RATE_SCALE >= amount * rate


def never_one_more(amount, rate):
    return not 0 <= amount <= 10**12 or not 0 <= rate <= 10**6 or mul_div_ceil(amount, rate, RATE_SCALE) < 4_294_967


def first_come(amount, before, weight, after):
    if min(amount, before, weight, after) < 0:
        return True
    whole = before + weight + after
    return allotment(amount, before, weight, whole) <= allotment(amount, 0, weight, whole)


def raises(amount):
    return 10 // (amount - 123_456_789) != 11


@pytest.mark.parametrize(
    "wrong",
    [law(down_for_up, 1, 1), law(never_one_more, 1, 1), law(first_come, 1, 1, 1, 1), law(raises, 1)],
    ids=lambda wrong: wrong.holds.__name__,
)
def test_a_false_law_is_refuted(wrong):
    found = opinion(wrong, 5).arguments
    assert found is not None
    try:
        assert wrong(*found) is False
    except ZeroDivisionError:
        assert found == (123_456_789,)


def test_a_law_is_asked_of_every_shape_of_its_samples():
    def empty_is_right(numbers):
        return bool(numbers) or not numbers

    def empty_is_wrong(numbers):
        return bool(numbers)

    def sample(choices):
        return (tuple(choices.integer(0, 9) for _ in range(choices.integer(0, 2))),)

    assert opinion(evolve(law(empty_is_right, ()), sample=sample), 2).arguments is None
    assert opinion(evolve(law(empty_is_wrong, ()), sample=sample), 2).arguments == ((),)
    assert SAMPLES > 10


WRONG_RULES = {
    "exchange": (
        "clearspec.mechanisms.pro_rata",
        "clearspec.machines.exchange.formulas.tranche",
        "clearspec.machines.exchange.formulas.backstop",
    ),
    "clearing": (
        "clearspec.mechanisms.flows",
        "clearspec.mechanisms.waterfall",
        "clearspec.machines.clearing.formulas.penalties",
    ),
}
"""By machine, modules of measures that are each changed in one place: in a rounding, a sign, a minimum or a maximum."""


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_wrong_measure_is_noticed(name):
    machine, module = registry.find(name), registry.module(name)
    mutants = [
        each
        for each in mutants_of(machine, module, ("rounding", "sign", "bounds"))
        if each.module in WRONG_RULES[name] and laws_that_call(function_of(each), machine, modules_of(module))
    ]
    assert len(mutants) > 15
    unnoticed = []
    for mutant in mutants:
        laws = laws_that_call(function_of(mutant), machine, modules_of(module))
        with applied(mutant, machine):
            if all(opinion(LAWS[code], 1).arguments is None for code in laws):
                unnoticed.append(mutant)
    assert unnoticed == []
