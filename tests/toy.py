"""How to write a machine, on a few pages: a bank with a transfer fee.

State, commands and events are frozen classes; a rule refuses first, measures second, moves third and
returns last; a claim is a predicate with a code and a sentence; MACHINE lists it all.  That is all a
new machine costs: every harness takes it from here.
"""

import sys
from enum import Enum
from typing import Any, Self

from attrs import evolve, frozen

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Scope, Spec, Views
from clearspec.core.quantities import RATE_SCALE, mul_div_ceil
from clearspec.core.table import Id, Table


class AccountId(Id): ...


Book = Enum("Book", "CASH")
System = Enum("System", "VAULT FEES")
Reason = Enum("Reason", "ACCOUNT_EXISTS ACCOUNT_NEW AMOUNT_POSITIVE FUNDS_SUFFICIENT")


@frozen
class Account:
    cash: int


@frozen
class Bank:
    accounts: Table[AccountId, Account]
    fees: int = 0
    vault: int = 0

    def credited(self, holder: Any, _: Book, amount: int) -> Self:
        if holder == System.FEES:
            return evolve(self, fees=self.fees + amount)
        if holder == System.VAULT:
            return evolve(self, vault=self.vault + amount)
        row = self.accounts.get(holder)
        return evolve(self, accounts=self.accounts.put(holder, Account(row.cash + amount)))


@frozen
class Open:
    account: AccountId


@frozen
class Deposit:
    account: AccountId
    amount: int


@frozen
class Transfer:
    source: AccountId
    target: AccountId
    amount: int


def open_account(bank: Bank, command: Open) -> Outcome[Bank]:
    if bank.accounts.get(command.account) is not None:
        return Rejected(Reason.ACCOUNT_NEW)
    return Accepted(evolve(bank, accounts=bank.accounts.put(command.account, Account(0))))


def deposit(bank: Bank, command: Deposit) -> Outcome[Bank]:
    if bank.accounts.get(command.account) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    return posted(bank, Posting(Book.CASH, command.amount, System.VAULT, command.account))


def transfer(bank: Bank, command: Transfer) -> Outcome[Bank]:
    source = bank.accounts.get(command.source)
    if source is None or bank.accounts.get(command.target) is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    fee = mul_div_ceil(command.amount, 700, RATE_SCALE)
    if source.cash < command.amount + fee:
        return Rejected(Reason.FUNDS_SUFFICIENT)
    return posted(
        bank,
        Posting(Book.CASH, command.amount, command.source, command.target),
        Posting(Book.CASH, fee, command.source, System.FEES),
    )


def posted(bank: Bank, *postings: Posting) -> Outcome[Bank]:
    return Accepted(post(bank, postings), (Posted(postings),))


RULES = {Open: open_account, Deposit: deposit, Transfer: transfer}


def cash(account: Account) -> int:
    return account.cash


@claim("TOY-1", "What is held, charged and in the vault sums to zero.", title="Money is conserved", kind=Kind.STATE)
def conserved(bank: Bank) -> bool:
    return bank.accounts.total(cash) + bank.fees + bank.vault == 0


@claim("TOY-2", "No account is overdrawn.", title="Nobody is overdrawn", kind=Kind.STATE)
def never_overdrawn(bank: Bank) -> bool:
    return bank.accounts.every(lambda _, account: account.cash >= 0)


@claim(
    "TOY-3",
    "A transfer costs its fee, and the fee goes to the bank.",
    title="A transfer costs its fee",
    kind=Kind.STEP,
    on=(Transfer,),
)
def fee_is_charged(before: Bank, command: Transfer, after: Accepted[Bank]) -> bool:
    charged = after.state.fees - before.fees
    return 1_000_000 * (charged - 1) < 700 * command.amount <= 1_000_000 * charged


def generate(_: Bank, choices: Choices) -> Open | Deposit | Transfer:
    def who() -> AccountId:
        return AccountId(choices.pick("abc"))

    kind = choices.pick((Open, Deposit, Transfer))
    if kind is Open:
        return Open(who())
    if kind is Deposit:
        return Deposit(who(), choices.integer(-1, 99))
    return Transfer(who(), who(), choices.integer(-1, 99))


def statement(bank: Bank) -> dict[tuple[str, str], int]:
    system = {("System.VAULT", "Book.CASH"): bank.vault, ("System.FEES", "Book.CASH"): bank.fees}
    return system | {(key, "Book.CASH"): row.cash for key, row in bank.accounts.rows()}


MACHINE: Machine[Bank] = Machine(
    name="toy",
    spec=Spec(
        initial=Bank(Table()),
        beat=lambda bank, command: RULES[type(command)](bank, command),
        commands=(Open, Deposit, Transfer),
        reasons=Reason,
        claims=claims_of(sys.modules[__name__]),
    ),
    drive=Drive(
        generate=generate,
        scopes={
            "two accounts": Scope(
                initial=Bank(Table()),
                values={AccountId: (AccountId("a"), AccountId("b")), int: (0, 1, 2)},
                commands=(Open, Deposit, Transfer),
                within=lambda bank: bank.vault >= -3,
            )
        },
    ),
    views=Views(
        statement=statement,
    ),
)
