"""The small world of most traps: accounts that have cash and a partner, their orders, and a beat that does nothing."""

from enum import Enum
from typing import Any

from attrs import evolve, frozen

from clearspec.core.machine import Accepted
from clearspec.core.table import Id, Table

Reason = Enum("Reason", "NO")


class AccountId(Id): ...


class OrderId(Id): ...


@frozen
class Account:
    cash: int
    live: bool
    partner: AccountId


@frozen
class Order:
    owner: AccountId
    size: int


@frozen
class State:
    accounts: Table[AccountId, Account]
    orders: Table[OrderId, Order]
    lost: int


@frozen
class Touch:
    """Changes nothing of the tables."""


@frozen
class Do:
    """Names an account and an amount."""

    account: AccountId
    amount: int


A, B, C = AccountId("a"), AccountId("b"), AccountId("c")
EMPTY = State(Table(), Table(), 0)
MIXED = State(
    Table({A: Account(1, True, B), B: Account(-2, False, A), C: Account(3, True, A)}),
    Table({OrderId("x"): Order(A, 5), OrderId("y"): Order(A, 7), OrderId("z"): Order(AccountId("gone"), 1)}),
    0,
)
"""One owes, two have cash, each another amount; one has two orders, and one order has no account."""


def touch(state: Any, _: Any) -> Accepted[Any]:
    """A beat that changes none of the tables."""
    return Accepted(evolve(state, lost=state.lost))
