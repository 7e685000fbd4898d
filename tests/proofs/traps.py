"""False theorems that a careless prover accepts, and true ones beside them."""

import sys
from enum import Enum
from typing import get_args

from attrs import evolve, frozen

from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Spec, measure
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Side = Enum("Side", "LONG SHORT")
Reason = Enum("Reason", "NEW")


@frozen
class Account:
    cash: int
    size: int
    side: Side


@frozen
class State:
    accounts: Table[AccountId, Account]
    mark: int
    deposited: int
    opened: int
    dust: int


@frozen
class SetMark:
    price: int


@frozen
class Open:
    account: AccountId


@frozen
class Flip:
    account: AccountId


@frozen
class Close:
    account: AccountId


@frozen
class Sweep:
    """Once nobody has or owes cash, all that was deposited is dust."""


@frozen
class Skim:
    """The same once nobody has cash, whoever may still owe some: which is wrong."""


@frozen
class Conclude:
    """Once nobody waits in this round, whose number is the mark, all is dust: which is right."""


@frozen
class ConcludeLong:
    """The same once nobody waits who is long, whoever else may: which is wrong."""


@frozen
class ConcludeNext:
    """The same once nobody would wait in the next round: which is wrong."""


@frozen
class ConcludeRich:
    """The same once nobody waits for more than one: which is wrong."""


@frozen
class ConcludeBut:
    """The same once nobody but this account waits: which is wrong, for it still does."""

    account: AccountId


Concluding = Conclude | ConcludeLong | ConcludeNext | ConcludeRich | ConcludeBut


def anyone(*_: object) -> tuple[int]:
    return (0,)


def waiting(account: Account, turn: int) -> int:
    return account.cash if account.size != turn else 0


def waits(account: Account, turn: int) -> bool:
    return waiting(account, turn) > 0


def waits_for_more(account: Account, turn: int) -> bool:
    return waiting(account, turn) > 1


def conclude(state: State, command: Concluding) -> Outcome[State]:
    asked = state.accounts
    if type(command) is ConcludeBut:
        account = asked.get(command.account)
        if account is None:
            return Rejected(Reason.NEW)
        asked = asked.put(command.account, evolve(account, cash=0))
    if type(command) is ConcludeLong:
        left = asked.first(anyone, waits, state.mark, side=Side.LONG)
    elif type(command) is ConcludeNext:
        left = asked.first(anyone, waits, state.mark + 1)
    else:
        left = asked.first(anyone, waits_for_more if type(command) is ConcludeRich else waits, state.mark)
    return Rejected(Reason.NEW) if left is not None else Accepted(evolve(state, dust=state.deposited))


def has_or_owes(account: Account) -> bool:
    return account.cash != 0


def has(account: Account) -> bool:
    return account.cash > 0


@measure
def amount(account: Account) -> int:
    return absolute(account.cash)


def absolute(value: int) -> int:
    return value if value >= 0 else -value


def close(state: State, command: Close) -> Outcome[State]:
    account = state.accounts.get(command.account)
    if account is None or amount(account) > 5:
        return Rejected(Reason.NEW)
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account), dust=state.dust + account.cash))


def sweep(state: State, command: Sweep | Skim) -> Outcome[State]:
    left = state.accounts.first(anyone, has_or_owes if type(command) is Sweep else has)
    return Rejected(Reason.NEW) if left is not None else Accepted(evolve(state, dust=state.deposited))


def beat(state: State, command: SetMark | Open | Flip | Close | Sweep | Skim | Concluding) -> Outcome[State]:
    if isinstance(command, Concluding):
        return conclude(state, command)
    if type(command) in (Sweep, Skim):
        return sweep(state, command)
    if type(command) is Close:
        return close(state, command)
    if type(command) is SetMark:
        return Accepted(evolve(state, mark=command.price))
    account = state.accounts.get(command.account)
    if type(command) is Open:
        if account is not None:
            return Rejected(Reason.NEW)
        accounts = state.accounts.put(command.account, Account(0, 0, Side.LONG))
        return Accepted(evolve(state, accounts=accounts, opened=state.opened + 1))
    if account is None:
        return Rejected(Reason.NEW)
    side = Side.SHORT if account.side == Side.LONG else Side.LONG
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, side=side))))


def cash(account: Account) -> int:
    return account.cash


def also_cash(account: Account) -> int:
    return 1 * account.cash + 0


def size(account: Account) -> int:
    return account.size


def worth(account: Account, mark: int) -> int:
    return account.cash + account.size * mark


def one(_: Account) -> int:
    return 1


@claim(
    "MARK",
    "What all accounts are worth does not depend on the mark.",
    title="the worth does not depend on the mark",
    kind=Kind.STATE,
)
def worth_is_deposited(state: State) -> bool:
    return state.accounts.total(worth, state.mark) == state.deposited


@claim(
    "CLOSURE", "The same with a measure that hides the mark.", title="a measure that hides the mark", kind=Kind.STATE
)
def hidden_mark(state: State) -> bool:
    return state.accounts.total(lambda account: account.cash + account.size * state.mark) == state.deposited


@claim(
    "LINEAR", "The same, with the mark outside of the total.", title="the mark outside of the total", kind=Kind.STATE
)
def linear(state: State) -> bool:
    return state.accounts.total(cash) + state.mark * state.accounts.total(size) == state.deposited


@claim("FLAT", "Sizes sum to zero.", title="sizes sum to zero", kind=Kind.STATE)
def flat(state: State) -> bool:
    return state.accounts.total(size) == 0


@claim(
    "SOLVENT", "Every account is solvent at the mark.", title="every account is solvent at the mark", kind=Kind.STATE
)
def solvent(state: State) -> bool:
    return state.accounts.every(lambda _, account: account.cash + account.size * state.mark >= 0)


@claim("NOBODY", "No account exists.", title="no account exists", kind=Kind.STATE)
def nobody(state: State) -> bool:
    return state.accounts.every(lambda _, __: False)


@claim(
    "SOMEBODY",
    "If an account was opened, not every account is without cash.",
    title="somebody has cash once one is open",
    kind=Kind.STATE,
)
def somebody(state: State) -> bool:
    return state.opened == 0 or not state.accounts.every(lambda _, account: account.cash == 0)


@claim("ALL-LONG", "Every account is long.", title="every account is long", kind=Kind.STATE)
def all_long(state: State) -> bool:
    return state.accounts.every(lambda _, account: account.side == Side.LONG)


@claim("COUNT-LONG", "As many are long as were opened.", title="as many are long as were opened", kind=Kind.STATE)
def count_long(state: State) -> bool:
    return state.accounts.total(one, side=Side.LONG) == state.opened


@claim("ONE-CASH", "No two accounts have the same cash.", title="no two accounts have the same cash", kind=Kind.STATE)
def one_cash(state: State) -> bool:
    return state.accounts.every_two(lambda _, a, __, b: a.cash != b.cash)


@claim("NESTED", "All accounts have the same cash.", title="all accounts have the same cash", kind=Kind.STATE)
def nested(state: State) -> bool:
    return state.accounts.every(lambda _, account: state.accounts.every(lambda __, other: other.cash == account.cash))


@claim(
    "SAME-SUM",
    "The same measure written twice has the same sum.",
    title="the same measure, written twice",
    kind=Kind.STATE,
)
def same_sum(state: State) -> bool:
    return state.accounts.total(cash) == state.accounts.total(also_cash)


@claim("COUNTED", "Every account was opened.", title="every account was opened", kind=Kind.STATE)
def counted(state: State) -> bool:
    return state.accounts.total(one) == state.opened


@claim(
    "KEPT", "What is left of closed accounts is kept.", title="what is left of closed accounts is kept", kind=Kind.STATE
)
def kept(state: State) -> bool:
    return state.accounts.total(cash) + state.dust == state.deposited


@claim("NOT-OWED", "Nobody owes cash.", title="nobody owes cash", kind=Kind.STATE)
def not_owed(state: State) -> bool:
    return state.accounts.every(lambda _, account: account.cash >= 0)


@claim(
    "WAITING",
    "All that was deposited is waited for or is dust.",
    title="deposits are waited for or dust",
    kind=Kind.STATE,
)
def waited_for(state: State) -> bool:
    return state.accounts.total(waiting, state.mark) + state.dust == state.deposited


@claim(
    "COUNT", "Never have fewer than none been opened.", title="never have fewer than none been opened", kind=Kind.STATE
)
def count(state: State) -> bool:
    return state.opened >= 0


def endless(number: int) -> bool:
    return number < 0 or endless(number + 1)


@claim("ENDLESS", "This never comes to an end.", title="this never comes to an end", kind=Kind.STATE)
def never_ends(state: State) -> bool:
    return state.opened == 1 or endless(state.opened * state.opened)


def machine(*codes: str, **start: int) -> Machine[State]:
    claims = claims_of(sys.modules[__name__])
    return Machine(
        name="traps",
        spec=Spec(
            initial=State(Table(), **{"mark": 1, "deposited": 0, "opened": 0, "dust": 0, **start}),
            beat=beat,
            commands=(SetMark, Open, Flip, Close, Sweep, Skim, *get_args(Concluding)),
            reasons=Reason,
            claims=tuple(each for each in claims if each.code in codes),
        ),
        drive=Drive(
            generate=lambda _, choices: choices.pick((SetMark(2), Open(AccountId("a")), Flip(AccountId("a")))),
        ),
    )
