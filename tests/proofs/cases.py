"""Rows that have a field or not: what holds of an arbitrary row that has it need not hold of all the others."""

import sys
from enum import Enum

from attrs import frozen

from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Spec
from clearspec.core.table import Id, Table


class TicketId(Id): ...


class PersonId(Id): ...


Reason = Enum("Reason", "NONE")


@frozen
class Ticket:
    person: PersonId
    price: int | None


@frozen
class Person:
    seat: int | None


@frozen
class State:
    tickets: Table[TicketId, Ticket]
    people: Table[PersonId, Person]


@frozen
class Touch:
    """Changes nothing."""


def beat(state: State, _: Touch) -> Outcome[State]:
    return Accepted(state)


def sold(ticket: Ticket) -> int:
    return 0 if ticket.price is None else 1


def worth(ticket: Ticket) -> int:
    return 0 if ticket.price is None else ticket.price


def one(_: Ticket) -> int:
    return 1


@claim(
    "SOLD",
    "There are not fewer than no tickets sold.",
    title="there are not fewer than no tickets sold",
    kind=Kind.STEP,
)
def not_fewer_than_none(_: State, __: Touch, after: Accepted[State]) -> bool:
    return after.state.tickets.total(sold) >= 0


@claim(
    "ALL-OR-NONE",
    "Either every ticket is sold or none is.",
    title="either every ticket is sold or none is",
    kind=Kind.STEP,
)
def all_or_none(_: State, __: Touch, after: Accepted[State]) -> bool:
    tickets = after.state.tickets
    return tickets.every(lambda _, ticket: ticket.price is not None) or tickets.total(sold) == 0


@claim("NONE-ELSE", "If one ticket is not sold, none is.", title="if one ticket is not sold, none is", kind=Kind.STEP)
def none_else(_: State, __: Touch, after: Accepted[State]) -> bool:
    tickets = after.state.tickets
    return tickets.every(lambda _, ticket: ticket.price is not None or tickets.total(sold) == 0)


@claim(
    "SEATED",
    "Who has a seat has a ticket that is sold, and who has none has one that is not.",
    title="a seat is a ticket that is sold",
    kind=Kind.STATE,
)
def seated(state: State) -> bool:
    return state.tickets.every(lambda _, ticket: sold_to(ticket, state.people.get(ticket.person)))


def sold_to(ticket: Ticket, person: Person | None) -> bool:
    """Is the ticket sold if its person has a seat, and worth nothing if not?"""
    return person is not None and (worth(ticket) >= 1 if person.seat is not None else worth(ticket) <= 0)


@claim(
    "WORTH",
    "What all tickets are worth is not infinite.",
    title="what all tickets are worth is not infinite",
    kind=Kind.STATE,
)
def worth_something(state: State) -> bool:
    return state.tickets.total(worth) < 1_000_000


@claim(
    "POOR",
    "If one person has no seat, all tickets are worth nothing.",
    title="without one seat, tickets are worth nothing",
    kind=Kind.STEP,
)
def poor(_: State, __: Touch, after: Accepted[State]) -> bool:
    tickets, people = after.state.tickets, after.state.people

    def has_no_seat(ticket: Ticket) -> bool:
        person = people.get(ticket.person)
        return person is not None and person.seat is None

    return tickets.every(lambda _, ticket: not has_no_seat(ticket) or tickets.total(worth) <= 0)


def machine(*codes: str) -> Machine[State]:
    return Machine(
        name="cases",
        spec=Spec(
            initial=State(Table(), Table()),
            beat=beat,
            commands=(Touch,),
            reasons=Reason,
            claims=tuple(each for each in claims_of(sys.modules[__name__]) if each.code in codes),
        ),
        drive=Drive(
            generate=lambda _, __: Touch(),
        ),
    )
