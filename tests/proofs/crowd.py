"""Claims on many rows at once that hold in some states and not in others: how they read as goals is held to Python."""

import sys
from enum import Enum

from attrs import evolve, frozen

from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Spec
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Reason = Enum("Reason", "NONE")


@frozen
class Account:
    cash: int
    friend: AccountId


@frozen
class State:
    accounts: Table[AccountId, Account]
    clock: int


@frozen
class Touch:
    """Changes nothing of the accounts."""


@frozen
class Pay:
    """To one account."""

    account: AccountId
    amount: int


@frozen
class Drain:
    """One account of all that it has."""

    account: AccountId


def beat(state: State, command: Touch | Pay | Drain) -> Outcome[State]:
    if isinstance(command, Touch):
        return Accepted(evolve(state, clock=state.clock + 1))
    account = state.accounts.get(command.account)
    if isinstance(command, Drain):
        if account is None:
            return Rejected(Reason.NONE)
        return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, cash=0))))
    row = Account(command.amount, command.account) if account is None else evolve(account, cash=command.amount)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, row)))


Some = Touch | Pay | Drain


def richest(account: Account, accounts: Table[AccountId, Account]) -> int:
    return 1 if accounts.every(lambda _, other: other.cash <= account.cash) else 0


def richer(other: Account, cash: int) -> int:
    return 1 if other.cash > cash else 0


def one(_: Account) -> int:
    return 1


@claim("OR", "All have cash or none has.", title="all have cash or none has", kind=Kind.STEP)
def all_or_none(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.every(lambda _, each: each.cash > 0) or accounts.every(lambda _, each: each.cash <= 0)


@claim("IF", "If not all have cash, none has.", title="if not all have cash, none has", kind=Kind.STEP)
def if_not_all(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    if not accounts.every(lambda _, each: each.cash > 0):
        return accounts.every(lambda _, each: each.cash <= 0)
    return True


@claim(
    "TURNS",
    "All have cash or none has: in the first turn; in the last it is always so.",
    title="all have cash or none, by turns",
    kind=Kind.STEP,
)
def in_turns(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return all(
        accounts.every(lambda _, each: each.cash > 0) or accounts.every(lambda _, each: each.cash <= 0 or last)  # noqa: B023
        for last in (False, True)
    )


@claim("TWO", "All agree in pairs, or no two do.", title="all agree in pairs, or no two do", kind=Kind.STEP)
def agree_or_differ(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return any((
        accounts.every_two(lambda _, a, __, b: a.cash == b.cash),
        accounts.every_two(lambda _, a, __, b: a.cash != b.cash),
    ))  # fmt: skip


@claim(
    "PIGEON",
    "Of any two accounts, every account has the cash of one of them.",
    title="every account has the cash of either",
    kind=Kind.STEP,
)
def pigeon(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.every_two(lambda _, a, __, b: accounts.every(lambda _, c: c.cash == a.cash or c.cash == b.cash))


@claim(
    "PAIRED", "Of no account are there two others with as much.", title="no three accounts have as much", kind=Kind.STEP
)
def paired(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.every(
        lambda one, c: accounts.every_two(lambda i, a, j, b: one in (i, j) or not a.cash == b.cash == c.cash)
    )


@claim("SOME", "Some account has cash.", title="some account has cash", kind=Kind.STATE)
def some(state: State) -> bool:
    return not state.accounts.every(lambda _, each: each.cash <= 0)


@claim("EQUAL", "Of no account is there a richer one.", title="of no account is there a richer one", kind=Kind.STEP)
def equal(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.every(lambda _, account: accounts.total(richer, account.cash) == 0)


@claim("RICHEST", "All accounts are the richest.", title="all accounts are the richest", kind=Kind.STEP)
def all_richest(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.total(richest, accounts) == accounts.total(one)


@claim(
    "SHARE",
    "No account has more than a hundredth of the time; there is none before one o'clock.",
    title="no account exceeds its share of the time",
    kind=Kind.STATE,
)
def share(state: State) -> bool:
    return state.accounts.every(lambda _, each: 100 * each.cash // state.clock <= 100_000)


@claim(
    "FRIEND", "The friend of each account has no less.", title="the friend of each account has no less", kind=Kind.STEP
)
def friends(_: State, __: Some, after: Accepted[State]) -> bool:
    accounts = after.state.accounts
    return accounts.every(lambda _, each: has(accounts.get(each.friend), each.cash))


def has(account: Account | None, cash: int) -> bool:
    """Is it there, with so much?"""
    return account is not None and account.cash >= cash


A, B, C = (AccountId(name) for name in "abc")
ALL = ("OR", "IF", "TURNS", "TWO", "PIGEON", "PAIRED", "SOME", "EQUAL", "RICHEST", "SHARE", "FRIEND")


def machine(*codes: str, clock: int = 1) -> Machine[State]:
    people = Table({A: Account(1, B), B: Account(-2, A), C: Account(1, C)})
    return Machine(
        name="crowd",
        spec=Spec(
            initial=State(Table({A: Account(1, A)}), clock),
            beat=beat,
            commands=(Touch, Pay, Drain),
            reasons=Reason,
            claims=tuple(each for each in claims_of(sys.modules[__name__]) if each.code in (codes or ALL)),
        ),
        drive=Drive(
            variants={"three": State(people, clock)},
            generate=lambda _, choices: choices.pick((Touch(), Pay(A, 3), Pay(B, 1), Pay(C, -1))),
        ),
    )
