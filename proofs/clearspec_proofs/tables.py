"""Tables of any number of rows, of which only those that are named are known.

A row is named by an id of the command, of the state or of another row; whether two ids name the same
row, and whether it is there, are decisions of the path.  `every` means the named rows and one
arbitrary other, which may be absent.  A total is one symbol for what it was before, plus what changed.
Claims name no rows: they see a row that the path did not name as a ghost, there or not there.
"""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

import attrs
from attrs import define, field

from clearspec.table import Id
from clearspec_proofs.paths import (
    Branch,
    DeadBranch,
    Number,
    active,
    le,
    lexicographic,
    measured,
    merged,
    merged_formula,
    root,
    term_key,
)
from clearspec_proofs.structure import structure
from clearspec_proofs.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Infeasible,
    Int,
    Unsupported,
    both,
    constant_of,
    current,
    every_row,
    formula,
    implies,
    negated,
    symbol,
    truth,
)

Row = Any
Forms = tuple[tuple[tuple[Formula, ...], Row], ...]
Make = Callable[[Any, str], Forms]


@define(eq=False)
class Ghost:
    """A row that may or may not be there, in the forms that it can have."""

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
    """A total before the step, and the signs that the measures of its rows are known to have."""

    measure: Callable[..., Any]
    seen: tuple[Any, ...]
    group: dict[str, Any]
    symbol: Number
    signs: set[int] = field(factory=set)
    named: int = -1


@define(eq=False)
class Origin:
    """A table as it was before the step."""

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
            name = f"{self.name}.other{len(self.others)}"
            with active(root()) as path:
                other = self._new(Code(self.kind, symbol(f"{name}.id")), name)
                for code in [*self.codes.values(), *(each.code for each in self.others)]:
                    path.state(negated(formula(other.code == code)))
                for fact in self.lasting:
                    path.state(implies(other.present, merged_formula(partial(_lasting, fact, other))))
            self.others.append(other)
        return self.others[number]

    def _new(self, code: Code, name: str) -> Ghost:
        with active(root()):
            root().met(self, code, name)
            ghost = Ghost(code, root().world.make(self.row, name), formula(symbol(f"{name}.present") >= 1))
        self.ghosts.append(ghost)
        return ghost

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
                self.codes[role] = code
                self.rows[role] = self._row_of(ghost) if path.decide(ghost.present) else None
                path.world.suppose(self)
                if self.rows[role] is not None:
                    for fact in list(self.lasting):
                        path.state(fact(role, self.rows[role]))
        return self.rows[role]


@define(eq=False)
class Search:
    """Which row is the first, or has the median: one of the candidates, a new one that will have this name, or none."""

    table: "SymTable"
    question: tuple[str, Callable[..., Any], Callable[..., Any]]
    seen: tuple[Any, ...]
    group: dict[str, Any]
    candidates: tuple[str, ...]
    name: str


class SymTable:
    """Stands in for clearspec.table.Table, with the same questions."""

    def __init__(self, origin: Origin, now: dict[str, Row | None]) -> None:
        self.origin, self.now = origin, now

    def _refused(self, *_: object) -> Any:
        raise Unsupported(f"{self.origin.name}: an unbounded table is not iterated, measured or compared")

    __iter__ = __len__ = __contains__ = __getitem__ = __bool__ = __hash__ = __eq__ = __ne__ = rows = _refused

    def structure(self, part: Callable[[Any], int]) -> tuple[Any, ...]:
        """What a key of this table is made of."""
        return id(self.origin), *((role, part(row)) for role, row in sorted(self.now.items(), key=lambda item: item[0]))

    # One row

    def get(self, key: Any) -> Row | None:
        code = _code(self.origin.kind, key)
        if not root().world.claiming:
            return self._row(root().world.role(code))
        root().world.consult(self.origin)
        for role in list(self.origin.rows):
            if code == root().world.codes[role]:
                return self._row(role)
        ghost = self.origin.ghost(code)
        return ghost.row if current().decide(ghost.present) else None

    def put(self, key: Any, row: Row | None) -> "SymTable":
        role = root().world.role(_code(self.origin.kind, key))
        self._row(role)
        return SymTable(self.origin, {**self.now, role: row})

    def drop(self, key: Any) -> "SymTable":
        if self.get(key) is None:
            raise KeyError(key)
        return self.put(key, None)

    def _row(self, role: str) -> Row | None:
        before = self.origin.named(role)
        return self.now.get(role, before)

    def _named(self) -> list[tuple[str, Row]]:
        rows = ((role, self.now.get(role, before)) for role, before in self.origin.rows.items())
        return [(role, row) for role, row in rows if row is not None]

    # All rows

    def every(self, predicate: Callable[[Any, Row], Any]) -> Any:
        return truth(every_row(self._instance(predicate)))

    def every_two(self, predicate: Callable[[Any, Row, Any, Row], Any]) -> Any:
        world = root().world
        world.consult(self.origin)
        first = len(world.inside.get(self.origin, ()))
        some = [(world.codes[role], partial(_same, row), TRUE) for role, row in self._named()]
        others = [self.origin.other(first), self.origin.other(first + 1)]
        inside = [(each.code, each.now, each.present) for each in world.inside.get(self.origin, [])]
        some += inside
        one, two = [(each.code, each.now, each.present) for each in others]
        pairs = [(a, b) for a in [*some, one] for b in [*some, one] if a is not b] + [(one, two), (two, one)]
        parts = []
        for (i, a, here), (j, b, there) in pairs:
            apart = negated(formula(i == j)) if inside else TRUE
            asked = partial(lambda i, a, j, b: predicate(i, a(), j, b()), i, a, j, b)
            parts.append(merged_formula(asked, both(here, there, apart)))
        return truth(every_row(both(*parts)))

    def _instance(self, predicate: Callable[[Any, Row], Any]) -> Formula:
        """The predicate of the named rows and of one arbitrary other."""
        path = root()
        world = path.world
        world.consult(self.origin)
        inside = world.inside.setdefault(self.origin, [])
        key = structure(predicate, path.structures)
        parts = [
            world.remembered(
                (key, role, structure(row, path.structures)), partial(predicate, world.codes[role], row), TRUE
            )
            for role, row in self._named()
        ]
        parts += [merged_formula(partial(_asked, predicate, ghost), ghost.present) for ghost in inside]
        other = self.origin.other(len(inside))
        inside.append(other)
        try:
            asked = (key, "other", len(inside), self.origin.name)
            parts.append(world.remembered(asked, partial(_asked, predicate, other), other.present))
        finally:
            inside.pop()
        return both(*parts)

    def total(self, measure: Callable[..., Any], *seen: Any, **group: Any) -> Number:
        _refuse_closure(measure)
        root().world.consult(self.origin)
        total: Number = self._before(measure, seen, group).symbol
        if type(total) is Int:
            root().born(".".join(("total", self.origin.name, measure.__name__, *sorted(group))), total)
        for role, row in self.now.items():
            before = self.origin.rows[role]
            if row is not before:
                total = total + weight(row, measure, seen, group) - weight(before, measure, seen, group)
        return total

    def _before(self, measure: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Sum:
        """The total before the step; measures that agree on an arbitrary row have the same total."""
        path = root()
        code = structure((measure, seen), path.structures)
        any_row = measured(lambda: measure(self.origin.other(0).row, *seen), ("measure", self.origin.name, code))
        family = (tuple(group), term_key(any_row))
        sums = self.origin.sums.setdefault(family, [])
        for each in sums:
            if current().knows(_same_group(each.group, group)):
                return each
        with active(path):
            values = structure(tuple(group.values()), path.structures)
            name = f"{self.origin.name}.{measure.__name__}!{path.name_of((self.origin.name, family, values))}"
            new = Sum(measure, seen, dict(group), symbol(name))
            for each in sums:
                path.state(implies(_same_group(each.group, group), formula(each.symbol == new.symbol)))
            sums.append(new)
            path.world.settle(self.origin, new)
        return new

    def first(self, rank: Callable[..., Any], among: Callable[..., Any], *seen: Any, **group: Any) -> Any:
        """The id of a row that ranks lowest; which of the known rows it is, or a new one, is a decision."""
        _refuse_closure(rank)
        _refuse_closure(among)

        def fact(row: Row, best: Row | None) -> Formula:
            inside = _meets(row, among, seen, group)
            if best is None:
                return negated(inside)
            return implies(inside, merged_formula(lambda: _lowest(rank(best, *seen), rank(row, *seen))))

        found = self._found(("first", rank, among), seen, group, fact)
        return None if found is None else root().world.codes[found]

    def median(self, measure: Callable[..., Any], among: Callable[..., Any], *seen: Any, **group: Any) -> Number | None:
        """The measure of some row that meets the condition, or None if there is none; no more is assumed of it."""
        _refuse_closure(measure)
        _refuse_closure(among)

        def fact(row: Row, best: Row | None) -> Formula:
            return negated(_meets(row, among, seen, group)) if best is None else TRUE

        found = self._found(("median", measure, among), seen, group, fact)
        return None if found is None else merged(lambda: measure(self._row(found)))

    def _found(
        self, question: Any, seen: tuple[Any, ...], group: dict[str, Any], fact: Callable[[Row, Row | None], Formula]
    ) -> str | None:
        """The role of the row that answers; the facts hold of all other rows, now and when they are named."""
        path = root()
        path.world.consult(self.origin)
        other = self.origin.other(0)
        meaning = merged(lambda: question[1](other.row, *seen[: len(seen) * (question[0] == "first")]))
        key = structure((tuple(group), tuple(group.values()), self, meaning), path.structures)
        asked = (question[0], key, merged_formula(lambda: question[2](other.row, *seen)))
        if asked in path.world.answers:
            return path.world.answers[asked]  # type: ignore[no-any-return]
        with active(path):
            candidates = [role for role, _ in self._named()]
            name = f"{self.origin.name}.{question[0]}{len(path.world.answers)}"
            case = path.choose(len(candidates) + 2, Search(self, question, seen, group, tuple(candidates), name))
            found: str | None = candidates[case] if case < len(candidates) else None
            if case == len(candidates):
                found = path.world.another(self.origin, name)
            path.world.answers[asked] = found
            best = None if found is None else self._row(found)
            if found is not None:
                path.state(_meets(best, question[2], seen, group))

            def lasting(role: str, row: Row) -> Formula:
                return TRUE if role == found or role in self.now else fact(row, best)

            for role, row in self._named():
                if role != found:
                    path.state(fact(row, best))
            for other in [*self.origin.others]:
                path.state(implies(other.present, merged_formula(partial(_fact, fact, other, best))))
            self.origin.lasting.append(lasting)
            if found is None:
                path.world.settle_again(self.origin, seen)
        return found


def _same(row: Row) -> Row:
    return row


def _fact(fact: Callable[[Row, Row | None], Formula], ghost: Ghost, best: Row | None) -> Any:
    return truth(fact(ghost.row, best))


def _lasting(fact: Callable[[str, Row], Formula], ghost: Ghost) -> Any:
    return truth(fact("", ghost.row))


def _asked(predicate: Callable[[Any, Row], Any], ghost: Ghost) -> Any:
    """What the predicate says of a row, in the form that it has."""
    return predicate(ghost.code, ghost.row)


def _code(kind: type[Id], key: Any) -> Code:
    if type(key) is Code and key.kind is kind:
        return key
    if isinstance(key, kind):
        return Code(kind, constant_of(key))
    raise Unsupported(f"a table of {kind.__name__} is asked for {key!r}")


def _refuse_closure(function: Callable[..., Any]) -> None:
    if function.__closure__:
        raise TypeError(f"{function.__qualname__}: a measure sees its row and `seen`, nothing else")


def _same_group(a: dict[str, Any], b: dict[str, Any]) -> Formula:
    return both(*(formula(a[name] == b[name]) for name in a))


def _belongs(row: Row, group: dict[str, Any]) -> Formula:
    return both(*(formula(getattr(row, name) == value) for name, value in group.items()))


def _meets(row: Row, among: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Formula:
    return both(_belongs(row, group), merged_formula(lambda: among(row, *seen)))


def _lowest(a: Any, b: Any) -> Any:
    return truth(lexicographic(a, b)) if type(a) is tuple else a <= b


def weight(row: Row | None, measure: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Number:
    """What a row adds to a total."""
    if row is None:
        return 0
    belongs = _belongs(row, group)
    if current().knows(belongs) is False:
        return 0
    value: Number = merged(lambda: measure(row, *seen))
    return current().either(belongs, value, 0)  # type: ignore[no-any-return]


def equal(a: Any, b: Any) -> Formula:
    """Are the two values built alike from equal parts?"""
    if a is b:
        return TRUE
    kind, other = type(a), type(b)
    if {kind, other} <= {Int, int, Bool, bool}:
        return TRUE if kind is Int and other is Int and term_key(a) == term_key(b) else formula(a == b)
    if kind is Code or other is Code or isinstance(a, Enum):
        return formula(a == b)
    if kind is not other:
        return FALSE
    if kind is SymTable:
        rows = [(a.now.get(role, before), b.now.get(role, before)) for role, before in a.origin.rows.items()]
        return both(*(equal(one, two) for one, two in rows)) if a.origin is b.origin else FALSE
    if kind is tuple:
        return both(*(equal(x, y) for x, y in zip(a, b, strict=True))) if len(a) == len(b) else FALSE
    if attrs.has(kind):
        return both(*(equal(getattr(a, each.name), getattr(b, each.name)) for each in attrs.fields(kind)))
    return TRUE if a == b else FALSE


def _everies(f: Formula) -> set[Formula]:
    return {f} if f.kind == "every" else {each for part in f.parts for each in _everies(part)}


class World:
    """What a path knows of tables: which rows are named, what is supposed of the state before the step."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.codes: dict[str, Code] = {}
        self.roles: dict[type, list[str]] = {}
        self.claiming = False
        self.inside: dict[Origin, list[Ghost]] = {}
        self.answers: dict[Any, str | None] = {}
        self.origins: list[Origin] = []
        self.hypotheses: dict[str, Callable[[], Any]] = {}
        self.before: dict[str, Formula] = {}
        self._consulted: set[Origin] = set()
        self._reads: dict[str, set[Origin]] = {}
        self._due: set[str] = set()
        self._busy = False

    def table(self, name: str, kind: type[Id], row: Any) -> SymTable:
        """A table of any rows."""
        origin = Origin(name, kind, row)
        self.origins.append(origin)
        return SymTable(origin, {})

    def role(self, code: Code) -> str:
        """The row that this id names: one that is named already, or another one."""
        roles = self.roles.setdefault(code.kind, [])
        for role in roles:
            if current().knows(formula(code == self.codes[role])):
                return role
        with active(root()):
            for role in roles:
                if root().decide(formula(code == self.codes[role])):
                    return role
        return self._new_role(code)

    def another(self, origin: Origin, name: str) -> str:
        """A row of the table that is not yet named, and is there."""
        code = Code(origin.kind, symbol(name))
        for role in self.roles.get(origin.kind, ()):
            if role in origin.rows:
                root().state(negated(formula(code == self.codes[role])))
        root().state(origin.ghost(code).present)
        role = self.role(code)
        if origin.named(role) is None:
            raise Infeasible("the row that was found is not there")
        return role

    def _new_role(self, code: Code) -> str:
        roles = self.roles.setdefault(code.kind, [])
        role = f"#{code.kind.__name__}{len(roles)}"
        roles.append(role)
        self.codes[role] = code
        return role

    def consult(self, origin: Origin) -> None:
        """A claim reads this table."""
        self._consulted.add(origin)

    def remembered(self, key: Any, predicate: Callable[[], Any], given: Formula) -> Formula:
        """The formula of a predicate; asked again only if it reads tables and rows were named since."""
        path = root()
        named = sum(len(origin.rows) for origin in self.origins)
        found = path.memo.get(key)
        if found is not None and found[1] in (None, named):
            self._consulted |= found[2]
            return found[0]  # type: ignore[no-any-return]
        around, self._consulted = self._consulted, set()
        f = merged_formula(predicate, given)
        if current().condition() is TRUE:
            path.memo[key] = (f, named if self._consulted else None, self._consulted)
        self._consulted = around | self._consulted
        return f

    def claim(self, holds: Callable[[], Any]) -> Formula:
        """The formula of a claim."""
        was, self.claiming = self.claiming, True
        try:
            with active(root()):
                return merged_formula(holds)
        finally:
            self.claiming = was

    def suppose(self, origin: Origin | None = None) -> None:
        """The claims on the state before the step, again for those that read the table in which a row was named."""
        self._due |= {code for code in self.hypotheses if origin is None or origin in self._reads.get(code, {origin})}
        if self._busy:
            return
        self._busy = True
        while self._due:
            code = min(self._due)
            self._due.discard(code)
            around, self._consulted = self._consulted, set()
            self.before[code] = self.claim(self.hypotheses[code])
            self._reads[code] = self._consulted
            self._consulted = around
            root().state(self.before[code])
            for whole in _everies(self.before[code]):
                root().state(implies(whole, whole.parts[0]))
        self._busy = False
        for each in self.origins:
            for sums in each.sums.values():
                for one in sums:
                    self.settle(each, one)

    def settle_again(self, origin: Origin, seen: tuple[Any, ...]) -> None:
        """What is now known of every row may give a sign to sums that had none, and another one to those that see what
        the search saw: of what nobody has more than nothing, the sum is no more either."""
        known = root().structures
        for one in (one for sums in origin.sums.values() for one in sums):
            one.named = -1
            self.settle(origin, one, again=bool(seen) and structure(one.seen, known) == structure(seen, known))

    def settle(self, origin: Origin, total: Sum, again: bool = False) -> None:
        """If the measure of an arbitrary row of the group has a sign, so has the sum of those not named."""
        path = root()
        if self._busy or total.named == len(origin.rows):
            return
        total.named = len(origin.rows)
        with active(path):
            was, self.claiming = self.claiming, True
            total.signs |= self._signs(origin, total, again)
            self.claiming = was
            if total.signs:
                rest = total.symbol
                for row in list(origin.rows.values()):
                    rest = rest - weight(row, total.measure, total.seen, total.group)
                for sign in total.signs:
                    path.state(le(0, sign * rest))

    def _signs(self, origin: Origin, total: Sum, again: bool) -> set[int]:
        other = origin.other(0)
        belongs = merged_formula(lambda: truth(_belongs(other.row, total.group)))
        try:
            here = Branch(root(), (both(other.present, belongs),))
        except DeadBranch:
            return {1, -1}
        with active(here):
            value = merged(lambda: total.measure(other.row, *total.seen))
            known = {sign for sign in (1, -1) if here.knows(le(0, sign * value))}
            if (known or total.signs) and not again:
                return known
            return known | {sign for sign in {1, -1} - known - total.signs if here.proved(le(0, sign * value))}
