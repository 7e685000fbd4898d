"""Names that a symbol may have already: of fields of rows, of a union's classes, of parameters of laws."""

ROWS = """
from enum import Enum

from attrs import evolve, frozen

from clearspec.core.machine import Accepted, Rejected
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Reason = Enum("Reason", "NO")


@frozen
class Row:
    NAME: KIND
    other: int


@frozen
class State:
    rows: Table[AccountId, Row]
    lost: int


@frozen
class Audit: ...


@frozen
class Invite:
    account: AccountId


@frozen
class Pay:
    account: AccountId


A, B = AccountId("a"), AccountId("b")
EMPTY = State(Table(), 0)


def rule(state, beat):
    if type(beat) is Audit:
        return Accepted(state)
    row = state.rows.get(beat.account)
    if type(beat) is Invite:
        if row is not None:
            return Rejected(Reason.NO)
        return Accepted(evolve(state, rows=state.rows.put(beat.account, Row(False, 0))))
    if row is None:
        return Rejected(Reason.NO)
    return Accepted(state if row.NAME else evolve(state, lost=1))


def nothing_is_lost(state):
    return state.lost == 0


def each_carries_its_key(before, _, after):
    return after.state.rows.every(lambda key, row: row.NAME == key)


def each_that_does_goes_on_to(before, _, after):
    return not before.rows.every(lambda key, row: row.NAME == key) or after.state.rows.every(
        lambda key, row: row.NAME == key
    )
"""

UNION = """
from enum import Enum

from attrs import evolve, frozen

from clearspec.core.machine import Accepted
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Reason = Enum("Reason", "NO")


@frozen
class Spot:
    cash: int


@frozen
class Perp:
    NAME: int


@frozen
class State:
    row: Spot | Perp
    rows: Table[AccountId, Spot | Perp]
    lost: int


@frozen
class Audit: ...


EMPTY = State(Spot(1), Table(), 0)
START = State(Perp(5), Table({AccountId("a"): Perp(0), AccountId("b"): Perp(-3), AccountId("c"): Perp(2)}), 0)


def rule(state, _):
    return Accepted(state)


def a_perp_of_the_state_has_one(before, _, after):
    return type(before.row) is Spot or before.row.NAME == 1


def every_perp_has_some(before, _, after):
    return after.state.rows.every(lambda _, row: type(row) is Spot or row.NAME >= 1)


def every_perp_has_none_or_more(before, _, after):
    return after.state.rows.every(lambda _, row: type(row) is Spot or row.NAME >= 0)


def every_row_is_one_of_the_two(before, _, after):
    return after.state.rows.every(lambda _, row: type(row) is Spot or type(row) is Perp)
"""

LAW = """
from enum import Enum

from attrs import frozen

from clearspec.core.machine import Accepted
from clearspec.core.quantities import largest, smallest

Reason = Enum("Reason", "NO")


@frozen
class State:
    lost: int


@frozen
class Audit: ...


EMPTY = State(0)


def rule(state, _):
    return Accepted(state)


def fits_its_successor(NAME: int) -> bool:
    found = largest(lambda n: n <= NAME, lambda: NAME, "ends")
    return found == largest(lambda n: n <= NAME + 1, lambda: NAME, "ends")


def covers_its_successor(NAME: int) -> bool:
    found = smallest(lambda n: n >= NAME, lambda: NAME, "ends")
    return found == smallest(lambda n: n >= NAME + 1, lambda: NAME, "ends")


def fits_the_larger(one: int, NAME: int) -> bool:
    found = largest(lambda n: n <= NAME, lambda: 0, "ends")
    return found == largest(lambda n: n <= one or n <= NAME, lambda: 0, "ends")


def halves_are_whole(NAME: int, other: int) -> bool:
    return NAME // 2 + other // 2 == (NAME + other) // 2


def ends(number: int) -> bool:
    return number < number + 1


def is_the_most_that_fits(NAME: int) -> bool:
    return NAME < 0 or largest(lambda n: n <= NAME, lambda: NAME, "ends") == NAME


def one_more_covers(NAME: int) -> bool:
    return NAME < 0 or smallest(lambda n: n > NAME, lambda: NAME, "ends") == NAME + 1
"""

OF_ROWS = ("id", "present", "case", "key", "rows", "other0", "first0", "s", "c", "any", "row", "total", "lost")
OF_PARAMETERS = ("any", "s", "c", "div", "path", "number")
