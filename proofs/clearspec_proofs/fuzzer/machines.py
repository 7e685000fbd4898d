"""A small machine as the text of a module: tables of people and orders, random rules, claims and hypotheses."""

from random import Random
from typing import Final

from clearspec_proofs.fuzzer.grammar import Grammar

CLAIMS: Final = 24
"""Of each machine."""

HEAD: Final = '''"""A machine that was drawn: {seed}."""

import sys
from enum import Enum

from attrs import evolve, frozen

from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Rejected, Spec, measure
from clearspec.core.table import Id, Table


class AccountId(Id): ...


class OrderId(Id): ...


Side = Enum("Side", "LONG SHORT")
Reason = Enum("Reason", "NO")


@frozen
class Person:
    cash: int
    side: Side
    live: bool
    limit: int | None
    friend: AccountId


@frozen
class Order:
    size: int
    owner: AccountId


@frozen
class State:
    people: Table[AccountId, Person]
    orders: Table[OrderId, Order]
    number: int
    open: bool
    leader: AccountId


@frozen
class Do:
    one: AccountId
    other: AccountId
    order: OrderId
    amount: int


def one(_): return 1
def cash(row): return row.cash
def debt(row): return -row.cash if row.cash < 0 else 0
def signed(row): return row.cash if row.side == Side.LONG else -row.cash
def limited(row): return 0 if row.limit is None else row.limit
def size(row): return row.size
def above(row, n): return 1 if row.cash > n else 0
def same_as(_, n): return n
def gap(row, n): return row.cash - n
def above_size(row, n): return 1 if row.size > n else 0
def by_cash(row): return (row.cash,)
def by_debt(row): return (-row.cash, 0 if row.live else 1)
def by_what(row, _): return (row.cash,)
def by_size(row): return (row.size,)
def by_size_(row, _): return (row.size,)
def anyone(_): return True
def rich(row): return row.cash > 0
def is_live(row): return row.live
def is_limited(row): return row.limit is not None
def big(row): return row.size > 1
def richer(row, n): return row.cash > n
def differs(row, n): return row.cash != n
def bigger(row, n): return row.size > n
def cash_of(row): return 0 if row is None else row.cash
@measure
def limit_of(limit): return 0 if limit is None or limit < 0 else limit
@measure
def share(row): return {share}
def part(row): return {part}
def fair(row): return {fair}
def by_share(row): return (share(row),)
'''

TAIL: Final = """

MACHINE = Machine(
    name="fuzzed",
    spec=Spec(
        initial=State(Table(), Table(), 0, True, AccountId("a")),
        beat=beat,
        commands=(Do,),
        reasons=Reason,
        claims=claims_of(sys.modules[__name__]),
    ),
    drive=Drive(
        lambda _, choices: Do(AccountId(choices.pick("ab")), AccountId(choices.pick("ab")), OrderId("x"), choices.integer(-1, 2))
    ),
)
"""

BEFORE: Final = {"b.people": "people", "b.orders": "orders", "b.number": "int", "b.open": "bool", "b.leader": "id"}
AFTER: Final = {"a.people": "people", "a.orders": "orders", "a.number": "int", "a.open": "bool", "a.leader": "id"}
COMMAND: Final = {"do.one": "id", "do.other": "id", "do.order": "order_id", "do.amount": "int"}
STATE: Final = {"s.people": "people", "s.orders": "orders", "s.number": "int", "s.open": "bool", "s.leader": "id"}

SHARES: Final = (
    "row.cash // 2",
    "row.cash // (row.limit or 1)",
    "row.cash // row.cash",
    "1 if row.live else row.cash // row.limit",
)
PARTS: Final = ("row.size // 2", "row.size // (row.size - 1)", "row.size % 3")
FAIRS: Final = (
    "row.cash > row.limit",
    "row.limit is None or row.cash > row.limit",
    "row.live and row.cash // row.cash == 1",
)


class Author:
    """Writes one machine."""

    def __init__(self, seed: int) -> None:
        self._seed, self._random = seed, Random(seed)
        self._wild = self._random.random() < 0.2
        self._grammar = Grammar(self._random, wild=self._random.random() < 0.4)
        self._rules = Grammar(self._random, wild=self._wild)

    def text(self) -> str:
        """The module."""
        random = self._random
        total = not self._wild
        head = HEAD.format(
            seed=self._seed,
            share=SHARES[0] if total else random.choice(SHARES),
            part=PARTS[0] if total else random.choice(PARTS),
            fair=FAIRS[1] if total else random.choice(FAIRS),
        )
        return "\n\n".join([head, self._beat(), *self._hypotheses(), *self._claims()]) + TAIL

    def _beat(self) -> str:
        lines = ["def beat(b, do):", "    s = b"]
        for _ in range(self._random.randint(0, 3)):
            lines += [f"    {line}" for line in self._statement(0)]
        return "\n".join([*lines, "    return Accepted(s)"])

    def _statement(self, depth: int) -> list[str]:
        random, draw = self._random, self._rules.draw
        names = {**STATE, **COMMAND}
        who = random.choice(("do.one", "do.other", "s.leader"))
        kind = random.randint(0, 11)
        if kind <= 2:
            change = random.choice((
                f"cash=row.cash + {draw('int', {**COMMAND, 'row': 'person'}, 2)}", f"cash={draw('int', names, 2)}",
                "live=not row.live", "limit=None", f"limit={draw('int', names, 3)}", f"friend={draw('id', names, 3)}",
                "side=Side.SHORT if row.side == Side.LONG else Side.LONG",
            ))  # fmt: skip
            absent = random.choice(
                ("return Rejected(Reason.NO)", "pass", "raise KeyError(0)" if self._wild else "pass")
            )
            return [f"row = s.people.get({who})", "if row is None:", f"    {absent}", "else:",
                    f"    s = evolve(s, people=s.people.put({who}, evolve(row, {change})))"]  # fmt: skip
        if kind == 3:
            return [f"if s.people.get({who}) is not None:", f"    s = evolve(s, people=s.people.drop({who}))"]
        if kind == 4:
            person = f"Person({draw('int', names, 3)}, Side.LONG, True, None, {draw('id', names, 3)})"
            return [f"s = evolve(s, people=s.people.put({who}, {person}))"]
        if kind == 5:
            return [f"s = evolve(s, orders=s.orders.put(do.order, Order({draw('int', names, 2)}, {who})))"]
        if kind == 6:
            return [f"s = evolve(s, number={draw('int', names, 1)})"]
        if kind == 7:
            return [f"s = evolve(s, open={draw('bool', names, 1)})"]
        if kind == 8:
            rank = random.choice(
                ("by_cash, rich", "by_debt, is_live", "by_cash, anyone, side=Side.LONG", "by_share, fair")
            )
            return [f"found = s.people.first({rank})", "if found is not None:",
                    "    row = s.people.get(found)",
                    f"    s = evolve(s, people=s.people.put(found, evolve(row, cash={draw('int', {**names, 'row': 'person'}, 2)})))"]  # fmt: skip
        if kind == 9:
            return [f"if s.people.get({who}) is None:", "    return Rejected(Reason.NO)"]
        if depth < 2:
            lines = [f"if {draw('bool', names, 1)}:", *(f"    {line}" for line in self._statement(depth + 1))]
            if random.random() < 0.4:
                lines += ["else:", *(f"    {line}" for line in self._statement(depth + 1))]
            return lines
        return ["s = evolve(s, number=s.number + 1)"]

    def _hypotheses(self) -> list[str]:
        options = [
            "s.people.every(lambda k, r: r.cash >= 0)", "s.people.total(cash) == s.number", "s.number >= 0",
            "s.orders.every(lambda k, r: s.people.get(r.owner) is not None)", "s.people.total(debt) == 0",
            "s.people.every(lambda k, r: r.limit is None or r.limit > 0)", "s.orders.every(lambda k, r: r.size > 1)",
            "s.people.every_two(lambda i, a, j, b: a.cash != b.cash)", "s.open or s.people.every(lambda k, r: not r.live)",
            "s.number == 0 or not s.people.every(lambda k, r: r.cash == 0)",
        ]  # fmt: skip
        chosen = self._random.sample(options, self._random.choice((0, 1, 1, 2)))
        if self._random.random() < 0.2:
            chosen.append(f"s.number == 0 or ({self._grammar.truth(STATE, 1)})")
        return [
            f'@claim("H-{i}", "A hypothesis.", title="a hypothesis", kind=Kind.STATE)\ndef h{i}(s: State) -> bool:\n    return {each}'
            for i, each in enumerate(chosen)
        ]

    def _claims(self) -> list[str]:
        return [
            f'@claim("C-{i}", "A claim.", title="a claim", kind=Kind.STEP)\ndef c{i}(b: State, do: Do, after) -> bool:\n'
            f"    a = after.state\n    return {self._claim()}"
            for i in range(CLAIMS)
        ]

    def _claim(self) -> str:
        """Random ones, most of them false; and ones that are true unless the rule is about them."""
        random = self._random
        grammar = self._grammar
        kind = random.randint(0, 11)
        if kind == 10:
            return grammar.all_or_none({**BEFORE, **COMMAND})
        if kind == 11:
            one, other = (grammar.every({**BEFORE, **COMMAND}, random.choice((1, 2))) for _ in range(2))
            return f"{random.choice(('', '', 'not '))}{one} or {random.choice(('', '', 'not '))}{other}"
        if kind <= 1:
            return grammar.truth({**BEFORE, **AFTER, **COMMAND}, random.choice((0, 1)))
        here = grammar.truth({**BEFORE, **COMMAND}, random.choice((0, 1, 1, 2)))
        after = here.replace("b.", "a.")
        if kind <= 4:
            return f"not ({here}) or ({after})"
        if kind == 5:
            return f"({here}) == ({after})"
        if kind == 6:
            return f"({here}) or not ({here})"
        if kind == 7:
            more = grammar.truth({**BEFORE, **COMMAND}, 1)
            return f"not (({here}) and ({more})) or ({here})"
        if kind == 8:
            number = grammar.integer({**BEFORE, **COMMAND}, 0)
            return f"({number}) {random.choice(('==', '<=', '>='))} ({number.replace('b.', 'a.')})"
        return f"({here}) or ({after}) or ({grammar.truth({**BEFORE, **AFTER, **COMMAND}, 1)})"
