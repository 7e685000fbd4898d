"""What is known of the rows of a table: those that are named, those that are not, and their sums.

A row is named by an id of the command, of the state or of another row; whether two ids name the same
row, and whether it is there, are decisions of the path.  Claims name no rows: they see a row that the path did not
name as a ghost, there or not there.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from attrs import define, field, frozen

from clearspec.core.table import Id
from clearspec_proofs.executor.arithmetic import Number, active, root
from clearspec_proofs.executor.merging import Explored, merged_formula, valued
from clearspec_proofs.executor.path import names_in
from clearspec_proofs.logic.terms import (
    FALSE,
    Code,
    Formula,
    Unsupported,
    any_of,
    both,
    current,
    formula,
    implies,
    negated,
    symbol,
    truth,
)

Row = Any
Ghosts = tuple["Ghost", ...]
Forms = tuple[tuple[tuple[Formula, ...], Row], ...]
Make = Callable[[Any, str], Forms]


@define(eq=False)
class Ghost:
    """A row that may or may not be there, in the forms that it can have."""

    name: str
    code: Code
    forms: Forms
    present: Formula

    @property
    def row(self) -> Row:
        """The row in the form that it has here.  That of a row that is not named is no decision of the path."""
        for when, row in self.forms[:-1]:
            if all(current().knows(case) for case in when) or all(map(self._decided, when)):
                return row
        return self.forms[-1][1]

    def now(self) -> Row:
        """The same, asked where it is needed."""
        return self.row

    def _decided(self, case: Formula) -> bool:
        if current() is root() and current().knows(case) is None:
            raise Unsupported(f"whether a row that is not named has a field decides about the path: {self.code!r}")
        return current().decide(case)  # type: ignore[no-any-return]


@define(eq=False)
class Sum:
    """A total before the step, as one symbol.

    `signs` are those that the measures of its rows are known to have: 1 if none is negative, -1 if none is positive.
    `named` counts the rows that were named when that was looked at last.
    """

    measure: Callable[..., Any]
    seen: tuple[Any, ...]
    group: dict[str, Any]
    symbol: Number
    apart: Ghosts
    """The arbitrary rows that `seen` and `group` speak of: the arbitrary row of the rest is none of these."""
    signs: set[int] = field(factory=set)
    named: int = -1


@define(eq=False)
class Origin:
    """A table as it was before the step: the rows that the path named in it, and stand-ins for all others.

    `rows` are the named rows by role, None where there is no such row.  `ghosts` are all rows that were asked for by
    an id, each of which may be there or not: a claim sees a row that the path did not name in this way.  `others` are
    arbitrary rows, each of them none of the named and none of the others: what holds of such a row holds of every row
    that nobody named.  `sums` are the totals before the step.  `lasting` are facts that searches found out about all
    rows: they are stated of each row that is named later.
    """

    name: str
    kind: type[Id]
    row: Any
    rows: dict[str, Row | None] = field(factory=dict)
    ghosts: list[Ghost] = field(factory=list)
    others: list[Ghost] = field(factory=list)
    sums: dict[Any, list[Sum]] = field(factory=dict)
    lasting: list[Callable[[str, Row], Formula]] = field(factory=list)
    codes: dict[str, Code] = field(factory=dict)

    def ghost(self, code: Code) -> Ghost:
        """The row of that id, wherever it is none of the named."""
        for each in self.ghosts:
            if current().knows(formula(each.code == code)):
                return each
        return self._new(code, f"{self.name}[{len(self.ghosts)}]")

    def other(self, number: int) -> Ghost:
        """An arbitrary row that is none of the named, nor another of these."""
        while number >= len(self.others):
            name = f"{self.name}@other{len(self.others)}"
            with active(root()) as path:
                other = self._new(Code(self.kind, symbol(f"{name}@id")), name)
                for code in [*self.codes.values(), *(each.code for each in self.others)]:
                    path.state(negated(formula(other.code == code)))
                for fact in self.lasting:
                    path.state(implies(other.present, merged_formula(partial(_lasting, fact, self, other))))
            self.others.append(other)
        return self.others[number]

    def unbound(self, bound: Collection[Ghost]) -> Ghost:
        """An arbitrary row that is none of these."""
        return self.other(
            next(i for i in range(len(bound) + 1) if i >= len(self.others) or self.others[i] not in bound)
        )

    def spoken_of(self, value: Any) -> Ghosts:
        """The arbitrary rows that a value depends on."""
        rows = root().unnamed.among(names_in(value))
        return tuple(each for each in self.others if each.name in rows)

    def pristine(self) -> Ghost:
        """A row of which nothing is supposed."""
        name = f"{self.name}@pristine"
        return self._made(Code(self.kind, symbol(f"{name}@id")), name)

    def _new(self, code: Code, name: str) -> Ghost:
        self.ghosts.append(self._made(code, name))
        return self.ghosts[-1]

    def _made(self, code: Code, name: str) -> Ghost:
        with active(root()) as path:
            path.met(self, code, name)
            path.unnamed.row(name, code)
            return Ghost(name, code, path.world.make(self.row, name), formula(symbol(f"{name}@present") >= 1))

    def _row_of(self, ghost: Ghost) -> Row:
        """The row in its form: of a row that is named, this is a decision of the path."""
        for when, row in ghost.forms[:-1]:
            if all(root().decide(case) for case in when):
                return row
        return ghost.forms[-1][1]

    def named(self, role: str) -> Row | None:
        """The row of that role before the step, or None; names it if it is new."""
        if role not in self.rows:
            path = root()
            code = path.world.codes[role]
            with active(path):
                for other in self.others:
                    path.state(negated(formula(other.code == code)))
                ghost = self.ghost(code)
                path.unnamed.name(ghost.name)
                self.codes[role] = code
                self.rows[role] = self._row_of(ghost) if path.decide(ghost.present) else None
                path.world.suppose(self)
                if self.rows[role] is not None:
                    for fact in list(self.lasting):
                        path.state(fact(role, self.rows[role]))
        return self.rows[role]


@frozen
class Instance:
    """What a predicate says of the rows that stand for all, and of which of them it raises an exception.

    `bound` are the arbitrary rows in it that stand for all others.
    """

    says: Formula
    crash: Formula
    error: Exception | None
    bound: Ghosts

    @classmethod
    def of(cls, parts: "list[Explored]", bound: Ghosts) -> "Instance":
        """The predicate of all of these rows; who raises before another row answers is not told apart."""
        errors = [each.error for each in parts if each.error is not None and each.crash is not FALSE]
        crash = any_of(*(each.crash for each in parts))
        return cls(both(*(each.formula() for each in parts)), crash, next(iter(errors), None), bound)

    def said(self) -> Formula:
        return self.says

    def safe(self) -> Formula:
        """It raises no exception."""
        return negated(self.crash)


@define(eq=False)
class Whole:
    """That all rows of a table meet a predicate: how its instance is made, for any arbitrary rows."""

    origin: Origin
    named: int
    inside: Ghosts
    bound: Ghosts
    condition: Formula
    instance: Callable[[Ghosts], Instance]
    take: Callable[[Instance], Formula]

    def again(self, taken: Collection[Ghost]) -> tuple[Formula, Ghosts]:
        """The instance for arbitrary rows that are none of these, which it is asked of, too."""
        own = [each for each in self.origin.others if each in taken and each not in self.inside]
        with active(root()) as path, path.world.asking():
            found = self.instance((*self.inside, *own))
        return implies(self.condition, self.take(found)), found.bound


def _lasting(fact: Callable[[str, Row], Formula], origin: Origin, ghost: Ghost) -> Any:
    with root().world.asked_of(origin, (ghost,)):
        return truth(fact("", ghost.row))


def in_group(row: Row, group: dict[str, Any]) -> Formula:
    return both(*(formula(getattr(row, name) == value) for name, value in group.items()))


def weight(row: Row | None, measure: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Number:
    """What a row adds to a total."""
    if row is None:
        return 0
    belongs = in_group(row, group)
    if current().knows(belongs) is False:
        return 0
    value: Number = valued(lambda: measure(row, *seen))
    return current().either(belongs, value, 0)  # type: ignore[no-any-return]
