"""A counterexample is looked for on the paths that a change reaches, and on no others."""

from unittest.mock import Mock

import pytest

from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, mul_div_ceil
from clearspec_proofs.change import hunt as hunting
from clearspec_proofs.change.hunt import Change, hunt
from clearspec_proofs.executor.replay import broken

CHANGES = [
    ("mul_div_ceil(command.amount, 700, RATE_SCALE)", "command.amount * 700 // RATE_SCALE", "TOY-3"),
    ("source.cash < command.amount + fee", "source.cash < command.amount", "TOY-2"),
    ("if source is None or bank", "if bank", "no-crash"),
]


def changed(module, load, *change):
    return Change(module.transfer, load("toy", change).transfer.__code__)


@pytest.mark.parametrize(("old", "new", "code"), CHANGES)
def test_what_a_change_breaks_is_found_and_fails_on_plain_integers(old, new, code, load):
    module = load("toy")
    change = changed(module, load, old, new)
    before = module.transfer.__code__
    found = hunt(module.MACHINE, [module.Transfer], change, seconds=20)
    assert found is not None
    assert found.claim == code
    assert module.transfer.__code__ == before
    assert broken(module.MACHINE, found.before, found.arguments, code) is None
    with change.applied():
        assert broken(module.MACHINE, found.before, found.arguments, code) is not None


def test_nothing_is_found_where_the_change_is_none_or_where_no_claim_speaks_of_it(load):
    module = load("toy")
    for change in (
        ("command.amount <= 0", "command.amount < 1"),
        ("source.cash < command.amount + fee", "source.cash <= command.amount + fee"),
    ):
        assert hunt(module.MACHINE, [module.Transfer], changed(module, load, *change), seconds=20) is None


def test_only_paths_on_which_the_outcome_differs_are_asked_about(load, monkeypatch):
    module, asked = load("toy"), Mock(return_value=())
    monkeypatch.setattr(hunting.Hunter, "_shown", asked)
    monkeypatch.setattr(hunting.Hunter, "reports", in_one_process)
    hunt(
        module.MACHINE,
        [module.Transfer],
        changed(module, load, "command.amount <= 0", "command.amount < 1"),
        seconds=20,
    )
    assert not asked.called
    hunt(module.MACHINE, [module.Transfer], changed(module, load, *CHANGES[0][:2]), seconds=20)
    assert asked.called


def in_one_process(self, kind, prefix, _):
    return [self.report(kind, prefix)]


def charge(amount):
    return mul_div_ceil(amount, 700, RATE_SCALE)


def charged_less(amount):
    return amount * 700 // RATE_SCALE


@claim(
    "TOY-5",
    "A charge covers its share.",
    title="a charge covers its share",
    kind=Kind.LAW,
    sample=lambda choices: (choices.integer(0, 9),),
)
def covered(amount: int) -> bool:
    return charge(amount) * RATE_SCALE >= 700 * amount


def test_a_law_that_runs_the_change_is_asked(load):
    machine = load("toy").MACHINE
    machine = machine.altered(claims=(*machine.spec.claims, covered.__claim__))
    found = hunt(machine, [covered.__claim__], Change(charge, charged_less.__code__), seconds=20)
    assert found is not None
    assert (found.claim, found.beat) == ("TOY-5", "law")
    assert hunt(machine, [covered.__claim__], Change(charge, charge.__code__), seconds=20) is None


def test_no_time_no_search(load):
    module = load("toy")
    assert hunt(module.MACHINE, [module.Transfer], changed(module, load, *CHANGES[0][:2]), seconds=0) is None
