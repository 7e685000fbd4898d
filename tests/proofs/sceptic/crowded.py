"""Many claims of rows that name each other and have optional fields: a proof of them comes to an end."""

from enum import Enum

from attrs import evolve, frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Rejected
from clearspec.core.table import Table
from sceptic.stated import false
from sceptic.worlds import AccountId, Reason

Side = Enum("Side", "LONG SHORT")
A, B = AccountId("a"), AccountId("b")


@frozen
class Member:
    cash: int
    side: Side
    partner: AccountId
    limit: int | None


@frozen
class Club:
    members: Table[AccountId, Member]
    number: int = 0


@frozen
class Leave:
    one: AccountId
    other: AccountId
    paid: int


def cash(row):
    return row.cash


def one(_):
    return 1


def above(row, amount):
    return 1 if row.cash > amount else 0


def limited(row):
    return 0 if row.limit is None else row.limit


def pay_and_leave(state, command):
    members = state.members
    row = members.get(command.one)
    if row is None:
        return Rejected(Reason.NO)
    members.get(command.other)
    members = members.put(command.one, evolve(row, cash=row.cash - command.paid))
    return Accepted(evolve(state, members=members.drop(command.one)))


def put_two(state, command):
    members = state.members
    row, other = members.get(command.one), members.get(command.other)
    if row is None or other is None:
        return Rejected(Reason.NO)
    members = members.put(command.one, evolve(row, cash=row.cash - command.paid, partner=command.other))
    return Accepted(evolve(state, members=members.put(command.other, evolve(other, limit=command.paid))))


def every_partner_is_there(state):
    return state.members.every(lambda _, row: state.members.get(row.partner) is not None)


BESIDE = (
    lambda s, c, o: o.state.members.every(lambda key, _: s.members.get(key) is not None),
    lambda s, c, o: o.state.members.total(cash) == s.members.total(cash) + c.paid,
    lambda s, c, o: s.members.total(cash) <= o.state.members.total(cash),
    lambda s, c, o: s.members.total(one, partner=c.one) + s.members.total(one, partner=c.other) <= s.members.total(one),
    lambda s, c, o: o.state.members.every_two(lambda i, a, j, b: a.side == b.side or a.cash != b.cash),
    lambda s, c, o: o.state.members.total(above, c.paid) <= o.state.members.total(one),
    lambda s, c, o: not s.members.every(lambda _, row: row.side == Side.SHORT) or s.members.total(one) == 0,
    lambda s, c, o: o.state.members.get(c.other) == s.members.get(c.other),
    lambda s, c, o: o.state.members.total(limited) <= s.members.total(limited),
    lambda s, c, o: o.state.members.total(one, partner=c.one) >= 0,
    lambda s, c, o: s.members.total(above, 0) == 0 or s.members.total(cash) > 0,
    lambda s, c, o: s.members.total(one, side=Side.LONG) > 0 or s.members.every(lambda _, row: row.side == Side.SHORT),
)
CLAIMS = tuple(Claim(f"C-{i}", "A claim.", Kind.STEP, holds) for i, holds in enumerate(BESIDE))
CROWD = {
    "initial": Club(Table()),
    "start": Club(Table({A: Member(0, Side.LONG, B, None), B: Member(1, Side.SHORT, A, 3)})),
    "given": (every_partner_is_there,),
    "also": CLAIMS,
}


@false(rule=pay_and_leave, run=(Leave(A, B, 1),), **CROWD)
def as_many_are_long_after_one_left(before, _, after):
    return after.state.members.total(one, side=Side.LONG) == before.members.total(one, side=Side.LONG)


@false(rule=pay_and_leave, run=(Leave(A, B, 1),), **{**CROWD, "also": CLAIMS[:1]}, code="every_partner_is_there")
def every_partner_is_there_after_one_left(before, _, after):
    return True


@false(rule=put_two, run=(Leave(A, B, 1),), **{**CROWD, "also": CLAIMS[5:7]})
def nobody_has_paid(before, _, after):
    return after.state.members.total(cash) == before.members.total(cash)
