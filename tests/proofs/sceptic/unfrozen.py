"""States and rows that can change in place: what was supposed of them before is said of them after."""

from attrs import define, evolve, field, frozen

from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted, Rejected
from clearspec.core.table import Id, Table
from sceptic.stated import Stated, false
from sceptic.worlds import Reason

SAYS = "frozen|in place|changed|changes"


class AccountId(Id): ...


A = AccountId("a")


@frozen
class Row:
    cash: int


@define
class LooseRow:
    cash: int


@define
class LooseState:
    rows: Table[AccountId, Row]
    lost: int = 0


@frozen
class RowState:
    rows: Table[AccountId, LooseRow]
    lost: int = 0


@define
class Counter:
    count: int = 0


@frozen
class PartState:
    counter: Counter = field(factory=Counter)
    lost: int = 0


@define
class LooseDo:
    account: AccountId
    amount: int


@frozen
class Do:
    account: AccountId
    amount: int


def lose_in_place(state, command):
    state.lost = state.lost + command.amount
    if state.rows.get(command.account) is None:
        return Rejected(Reason.NO)
    return Accepted(state)


def lose_in_a_row(state, command):
    row = state.rows.get(command.account)
    if row is None:
        return Rejected(Reason.NO)
    row.cash = row.cash - command.amount
    return Accepted(state)


def lose_in_a_part(state, command):
    state.counter.count = state.counter.count + command.amount
    return Accepted(state)


def change_the_command(state, command):
    command.amount = 0
    return Accepted(evolve(state, lost=state.lost + 1))


def nobody_owes(state):
    return state.lost == 0 and state.rows.every(lambda _, row: row.cash >= 0)


def count_is_none(state):
    return state.counter.count == 0


def made(name, holds, rule, start, run, kind=Kind.STATE):
    """One trap: nothing is the same object twice, since it is changed in place."""
    more = {"initial": start(), "start": start(), "run": (run,), "kind": kind}
    return Stated(False, holds, {"name": name, "rule": rule, "says": SAYS, **more})


def amount_is_as_it_was(before, command, after):
    return command.amount != 0


UNFROZEN = [
    made("a_state_in_place", nobody_owes, lose_in_place, lambda: LooseState(Table({A: Row(1)})), Do(A, 5)),
    made("a_row_in_place", nobody_owes, lose_in_a_row, lambda: RowState(Table({A: LooseRow(1)})), Do(A, 5)),
    made("a_part_in_place", count_is_none, lose_in_a_part, PartState, Do(A, 5)),
    made("a_command_in_place", amount_is_as_it_was, change_the_command, PartState, LooseDo(A, 5), Kind.STEP),
]


def nothing(state, _):
    return Accepted(state)


@false(
    rule=nothing,
    initial=LooseState(Table()),
    start=LooseState(Table(), 1),
    run=(Do(A, 5),),
    says=SAYS,
)
def a_state_that_could_change_in_place(before, _, after):
    return after.state.lost == 0
