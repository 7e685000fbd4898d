"""Recoveries of the machine, one payee a beat, against the pure waterfall: who has borne what in the end."""

from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clearspec.core.machine import Accepted, Rejected
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate
from clearspec.core.table import Table
from clearspec.machines.clearing.drive.worlds import DEFAULT, MONDAY, USD
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.state.commands import CoverLoss, DepositCash, Reason, Recover
from clearspec.machines.clearing.state.ids import AccountId, MemberId
from clearspec.machines.clearing.state.parameters import Parameters
from clearspec.machines.clearing.state.start import empty, start
from clearspec.machines.clearing.state.types import Account, AccountKind, Holdings, Member, State
from clearspec.mechanisms.waterfall import absorb, recover
from clearspec_checks.runs.watch import Watch

ONCE: Parameters = evolve(DEFAULT, assessment_multiple=Rate(RATE_SCALE))
DEBTOR = AccountId("debtor")


def in_default(margin: int, contribution: int, skin: int, fund: list[int], equity: int, loss: int) -> State:
    """A member in default that owes a loss, and all that there is to pay it; each may be assessed once its part."""
    world, nothing = start(ONCE, MONDAY), empty(ONCE)

    def has(**money: int) -> Holdings:
        changed: Any = evolve(nothing.money[0], **money)  # type: ignore[arg-type]
        return evolve(nothing, money=(changed, *nothing.money[1:]))

    rows = {"debtor": has(posted=margin, fund=contribution, payable=-loss), "owed": has(payable=loss)}
    rows |= {f"survivor{i}": has(fund=each) for i, each in enumerate(fund)}
    safe = margin + contribution + skin + sum(fund)
    return evolve(
        world,
        members=Table({MemberId(name): Member(False, AccountId(name), name == "debtor") for name in rows}),
        accounts=Table(
            {
                AccountId(name): Account(MemberId(name), AccountKind.HOUSE, 0, each, MONDAY, name == "debtor")
                for name, each in rows.items()
            }
        ),
        central=evolve(
            world.central,
            outside=has(held=-safe - equity),
            safe=has(held=safe, posted=-margin, fund=margin - safe),
            own=has(held=equity, fund=skin),
        ),
    )


def after(state: State, *commands: object) -> State:
    """The state after these commands, with every claim checked on the way."""
    watch = Watch(MACHINE)
    for command in commands:
        outcome = watch.run(state, command)
        assert isinstance(outcome, Accepted)
        state = outcome.state
    return state


def borne_by(state: State) -> tuple[int, ...]:
    """What skin in the game, contributions, assessments, equity and those who went without have borne."""
    own, rows = state.central.own.money[0], [row.holdings.money[0] for _, row in state.accounts.rows()]
    return own.used, sum(row.used for row in rows), sum(row.assessed for row in rows), own.assessed, -own.payable


amounts = st.integers(0, 60)


@settings(max_examples=60, deadline=None)
@given(amounts, amounts, amounts, st.lists(amounts, min_size=1, max_size=4), amounts, st.integers(1, 400), st.data())
def test_an_estate_repays_what_the_law_says(
    margin: int, contribution: int, skin: int, fund: list[int], equity: int, loss: int, data: st.DataObject
) -> None:
    state = after(in_default(margin, contribution, skin, fund, equity, loss), CoverLoss(DEBTOR, USD))
    layers = tuple(map(Atoms, (margin, contribution, skin, sum(fund), sum(fund), equity)))
    lost = absorb(layers, loss)
    assert borne_by(state) == (*lost.paid[2:], lost.uncovered)
    others = sum(borne_by(state))
    if others == 0:
        outcome = MACHINE.spec.beat(after(state, DepositCash(DEBTOR, USD, Atoms(1))), Recover(DEBTOR, USD))
        assert outcome == Rejected(Reason.RECOVERY_FOUND)
        return
    amount = data.draw(st.integers(1, others + 20))
    first = data.draw(st.integers(1, amount))
    recovered = recover(lost, min(amount, others)).borne
    expected = (*recovered.paid[2:], recovered.uncovered)
    brought = DepositCash(DEBTOR, USD, Atoms(first)), Recover(DEBTOR, USD)
    state = after(state, *brought)
    if first < min(amount, others):
        state = after(state, DepositCash(DEBTOR, USD, Atoms(amount - first)), Recover(DEBTOR, USD))
    elif first < amount:
        state = after(state, DepositCash(DEBTOR, USD, Atoms(amount - first)))
    assert borne_by(state) == expected
    row = state.accounts.get(DEBTOR)
    assert row is not None
    assert row.holdings.money[0].held == max(amount - others, 0)
    assert row.holdings.money[0].borne == max(others - amount, 0)


def test_the_example_of_the_page() -> None:
    """160 against 50, 10, 5, 30, 30 and 20: of 40 that come back, 15, 20 and 5 of the 30 that were assessed."""
    state = after(in_default(50, 10, 5, [20, 10], 20, 160), CoverLoss(DEBTOR, USD))
    assert borne_by(state) == (5, 30, 30, 20, 15)
    state = after(state, DepositCash(DEBTOR, USD, Atoms(40)), Recover(DEBTOR, USD))
    assert borne_by(state) == (5, 30, 25, 0, 0)
