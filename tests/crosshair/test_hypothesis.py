"""The tests that Hypothesis makes of a machine, with its choices made by CrossHair: the same claims, of symbols."""

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import toy
from clearspec import registry
from clearspec.core.machine import Accepted, Rejected
from clearspec.core.quantities import mul_div_ceil
from clearspec_checks.runs.stateful import laws
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

pytest.importorskip("hypothesis_crosshair_provider")

SYMBOLIC = settings(backend="crosshair", max_examples=8, deadline=None, database=None, derandomize=True)
A, B = toy.AccountId("a"), toy.AccountId("b")
CODES = {"exchange": ("PRO-1", "EX-BCK-5"), "clearing": ("CL-HC-1", "CL-CALL-1")}


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, codes in CODES.items() for code in codes])
def test_a_law_holds(name, code):
    SYMBOLIC(laws(registry.find(name))[code])()


def run_of(machine):
    """A deposit and a transfer of any amounts, with every claim checked."""

    @SYMBOLIC
    @given(deposited=st.integers(1, 10**12), sent=st.integers(-5, 10**12), to_itself=st.booleans())
    def transfers(deposited, sent, to_itself):
        watch, state = Watch(machine.altered(statement=None)), machine.spec.initial
        for command in (
            toy.Open(A),
            toy.Open(B),
            toy.Deposit(A, deposited),
            toy.Transfer(A, A if to_itself else B, sent),
        ):
            outcome = watch.run(state, command)
            if isinstance(outcome, Accepted):
                state = outcome.state

    return transfers


def test_of_the_toy_every_claim_holds():
    run_of(toy.MACHINE)()


def one_too_many(bank, command):
    """The toy, but a transfer of very much may leave one atom of debt."""
    outcome = toy.MACHINE.spec.beat(bank, command)
    if isinstance(outcome, Rejected) and type(command) is toy.Transfer and command.amount > 10**9:
        fee, source = mul_div_ceil(command.amount, 700, 1_000_000), bank.accounts.get(command.source)
        if source.cash - command.amount - fee == -1 and command.source != command.target:
            accounts = bank.accounts.put(command.source, toy.Account(-1))
            target = accounts.get(command.target)
            accounts = accounts.put(command.target, toy.Account(target.cash + command.amount))
            return Accepted(evolve(bank, accounts=accounts, fees=bank.fees + fee))
    return outcome


def test_one_amount_in_a_million_million_is_found():
    with pytest.raises(Violation, match="TOY-2"):
        run_of(toy.MACHINE.altered(beat=one_too_many))()
