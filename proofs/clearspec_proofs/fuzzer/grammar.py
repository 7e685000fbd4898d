"""Random expressions of a typed grammar, as text: what rules and claims of a small machine are made of.

An expression sees names of a few types; a row that is bound by `every` is one of them.  Some expressions raise
exceptions for some values, some stop before they would, and some are true of what a reader would not expect.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

Names = Mapping[str, str]
"""The names that an expression sees, each with its type: int, bool, side, limit, account, person, orders, people."""

DEEPEST: Final = 3

FIELDS: Final = {"person": (("cash", "int"), ("side", "side"), ("live", "bool"), ("limit", "limit"), ("friend", "id")),
                 "order": (("size", "int"), ("owner", "id"))}  # fmt: skip
ROWS: Final = {"people": "person", "orders": "order"}
IDS: Final = {"people": "id", "orders": "order_id"}

MEASURES: Final = {"people": ("cash", "one", "debt", "signed", "limited", "share"), "orders": ("size", "one", "part")}
SEEING: Final = {"people": ("above", "same_as", "gap"), "orders": ("above_size",)}
RANKS: Final = {"people": ("by_cash", "by_debt", "by_share"), "orders": ("by_size",)}
CONDITIONS: Final = {"people": ("anyone", "rich", "is_live", "is_limited", "fair"), "orders": ("anyone", "big")}
SEEING_CONDITIONS: Final = {"people": ("richer", "differs"), "orders": ("bigger",)}


class Grammar:
    """Draws expressions; only `wild` ones raise exceptions."""

    def __init__(self, random: Random, *, wild: bool) -> None:
        self._random, self._wild = random, wild
        self._bound = 0

    def draw(self, kind: str, names: Names, depth: int = 0) -> str:
        """An expression of that type."""
        return {"int": self.integer, "bool": self.truth, "side": self.side, "id": self.id, "limit": self.limit,
                "order_id": self.order_id}[kind](names, depth)  # fmt: skip

    def _one_of(self, names: Names, kind: str) -> list[str]:
        found = [name for name, each in names.items() if each == kind]
        for name, each in names.items():
            found += [f"{name}.{field}" for field, type_ in FIELDS.get(each, ()) if type_ == kind]
        return found

    def _pick(self, options: "list[Callable[[], str]]") -> str:
        return self._random.choice(options)()

    def integer(self, names: Names, depth: int) -> str:
        random, known = self._random, self._one_of(names, "int")
        leaves: list[Callable[[], str]] = [lambda: str(random.randint(-1, 3))]
        leaves += [lambda: random.choice(known)] * 4 if known else []
        if depth >= DEEPEST:
            return self._pick(leaves)
        deeper: list[Callable[[], str]] = [
            lambda: f"({self.integer(names, depth + 1)} {random.choice('+-')} {self.integer(names, depth + 1)})",
            lambda: f"{random.choice(('min', 'max'))}({self.integer(names, depth + 1)}, {self.integer(names, 9)})",
            lambda: f"({self.truth(names, depth + 1)}) {random.choice('+-*')} ({self.truth(names, 9)})",
            lambda: (
                f"({self.integer(names, depth + 1)} if {self.truth(names, depth + 1)} else {self.integer(names, 9)})"
            ),
            lambda: (
                f"{self.integer(names, 9)} // {self.integer(names, 9) if self._wild else random.choice((2, 3, -2))}"
            ),
            lambda: f"abs({self.integer(names, depth + 1)})",
        ]
        if "people" in names.values():
            deeper += [lambda: self.total(names, depth)] * 3
            deeper.append(lambda: f"cash_of({self._table(names, 'people')}.get({self.id(names, depth + 1)}))")
        limits = self._one_of(names, "limit")
        if limits:
            deeper.append(lambda: f"limit_of({random.choice(limits)})")
        return self._pick([*leaves, *deeper])

    def _table(self, names: Names, kind: str) -> str:
        return self._random.choice([name for name, each in names.items() if each == kind])

    def _some_table(self, names: Names) -> tuple[str, str]:
        kind = self._random.choice(("people", "people", "people", "orders"))
        return self._table(names, kind), kind

    def total(self, names: Names, depth: int) -> str:
        table, kind = self._some_table(names)
        if self._random.random() < 0.3:
            asked = f"{self._random.choice(SEEING[kind])}, {self.integer(names, depth + 1)}"
        else:
            asked = self._random.choice(MEASURES[kind])
        return f"{table}.total({asked}{self._group(names, kind, depth)})"

    def _group(self, names: Names, kind: str, depth: int) -> str:
        if self._random.random() < 0.65:
            return ""
        field, type_ = self._random.choice([each for each in FIELDS[ROWS[kind]] if each[1] in ("side", "bool", "id")])
        return f", {field}={self.draw(type_, names, depth + 1)}"

    def side(self, names: Names, _: int) -> str:
        return self._random.choice(["Side.LONG", "Side.SHORT", *self._one_of(names, "side") * 2])

    def id(self, names: Names, _: int) -> str:
        return self._random.choice(["AccountId('a')", *self._one_of(names, "id") * 3])

    def order_id(self, names: Names, _: int) -> str:
        return self._random.choice(["OrderId('x')", *self._one_of(names, "order_id") * 3])

    def limit(self, names: Names, depth: int) -> str:
        return self._random.choice(["None", self.integer(names, depth + 1), *self._one_of(names, "limit")])

    def truth(self, names: Names, depth: int) -> str:
        random = self._random

        def inner() -> str:
            return self.truth(names, depth + 1)

        leaves: list[Callable[[], str]] = [
            lambda: (
                f"{self.integer(names, 9)} {random.choice(('<', '<=', '==', '!=', '>', '>='))} {self.integer(names, 9)}"
            ),
            lambda: f"{self.side(names, 9)} {random.choice(('==', '!='))} {self.side(names, 9)}",
            lambda: f"{self.id(names, 9)} {random.choice(('==', '!='))} {self.id(names, 9)}",
        ]
        truths, limits = self._one_of(names, "bool"), self._one_of(names, "limit")
        leaves += [lambda: random.choice(truths)] * 2 if truths else []
        leaves += [lambda: f"{random.choice(limits)} {random.choice(('is', 'is not'))} None"] if limits else []
        if depth >= DEEPEST:
            return self._pick(leaves)
        pairs = f"({{}}, {self.integer(names, 9)})"
        deeper: list[Callable[[], str]] = [
            lambda: f"({inner()} {random.choice(('and', 'or'))} {inner()})",
            lambda: f"({inner()} {random.choice(('and', 'or'))} {inner()})",
            lambda: f"not ({inner()})",
            lambda: f"({inner()} if {inner()} else {inner()})",
            lambda: f"({inner()}) {random.choice(('==', '!=', '<=', '|', '&'))} ({inner()})",
            lambda: (
                f"{random.choice(('any', 'all'))}(each > 0 for each in {pairs.format(self.integer(names, depth + 1))})"
            ),
            lambda: f"{random.choice(('any', 'all'))}(({inner()}, {inner()}))",
            lambda: (
                f"{self.integer(names, depth + 1)} {random.choice(('<', '<=', '=='))} {self.integer(names, depth + 1)}"
            ),
        ]
        if "people" in names.values():
            deeper += [lambda: self.every(names, depth)] * 3
            deeper += [
                lambda: self.every_two(names, depth),
                lambda: self.first(names, depth),
                lambda: self.there(names, depth),
            ]
        return self._pick([*leaves, *deeper])

    def every(self, names: Names, depth: int) -> str:
        table, kind = self._some_table(names)
        self._bound += 1
        key, row = f"k{self._bound}", f"r{self._bound}"
        inside = {**names, key: IDS[kind], row: ROWS[kind]}
        return f"{table}.every(lambda {key}, {row}: {self.truth(inside, depth + 1)})"

    def all_or_none(self, names: Names) -> str:
        """Either all rows are so or none is, which is true of every single row."""
        table, kind = self._some_table(names)
        said = self.truth({**names, "r": ROWS[kind]}, self._random.choice((2, 9)))
        return f"{table}.every(lambda _, r: {said}) or {table}.every(lambda _, r: not ({said}))"

    def every_two(self, names: Names, depth: int) -> str:
        table, kind = self._some_table(names)
        self._bound += 2
        i, a, j, b = f"k{self._bound - 1}", f"r{self._bound - 1}", f"k{self._bound}", f"r{self._bound}"
        inside = {**names, i: IDS[kind], a: ROWS[kind], j: IDS[kind], b: ROWS[kind]}
        return f"{table}.every_two(lambda {i}, {a}, {j}, {b}: {self.truth(inside, depth + 1)})"

    def first(self, names: Names, depth: int) -> str:
        table, kind = self._some_table(names)
        asked = f"{self._random.choice(RANKS[kind])}, {self._random.choice(CONDITIONS[kind])}"
        if self._random.random() < 0.2:
            rank = "by_what" if kind == "people" else "by_size_"
            asked = f"{rank}, {self._random.choice(SEEING_CONDITIONS[kind])}, {self.integer(names, 9)}"
        found = f"{table}.first({asked}{self._group(names, kind, depth)})"
        if self._random.random() < 0.5:
            return f"{found} is None"
        return f"{found} == {self.draw(IDS[kind], names, 9)}"

    def there(self, names: Names, depth: int) -> str:
        table, kind = self._some_table(names)
        found = f"{table}.get({self.draw(IDS[kind], names, depth + 1)})"
        field = "cash" if kind == "people" else "size"
        return self._random.choice((
            f"{found} is None", f"{found} is None", f"{found} is not None",
            f"{found}.{field} >= 0" if self._wild else f"{found} is not None",
            f"({found} is None or {found}.{field} > {self.integer(names, 9)})",
        ))  # fmt: skip
