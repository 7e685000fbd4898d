"""Tables of any number of rows, of which only those that are named are known.

A row is named by an id of the command, of the state or of another row; whether two ids name the same
row, and whether it is there, are decisions of the path.  `every` means the named rows and one
arbitrary other, which may be absent.  A total is one symbol for what it was before, plus what changed.
Claims name no rows: they see a row that the path did not name as a ghost, there or not there.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import partial
from types import CellType, FunctionType
from typing import Any

import attrs
from attrs import define, field, frozen

from clearspec.core.table import Id, Table
from clearspec_proofs.executor.arithmetic import Number, active, le, root, term_key
from clearspec_proofs.executor.merging import (
    Branch,
    CannotMerge,
    DeadBranch,
    Detached,
    Explored,
    explored,
    lexicographic,
    measured,
    merged,
    merged_formula,
    told,
    valued,
)
from clearspec_proofs.executor.path import names_in
from clearspec_proofs.logic.structure import structure
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Infeasible,
    Int,
    Unsupported,
    any_of,
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
    """A total before the step, and the signs that the measures of its rows are known to have."""

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
    """Stands in for clearspec.core.table.Table, with the same questions."""

    def __init__(self, origin: Origin, now: dict[str, Row | None]) -> None:
        self.origin, self.now = origin, now

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return Table

    def _refused(self, *_: object) -> Any:
        raise Unsupported(f"{self.origin.name}: an unbounded table is not iterated, measured or compared")

    __iter__ = __len__ = __contains__ = __getitem__ = __bool__ = __hash__ = __eq__ = __ne__ = rows = _refused

    def structure(self, part: Callable[[Any], int]) -> tuple[Any, ...]:
        """What a key of this table is made of."""
        return id(self.origin), *((role, part(row)) for role, row in sorted(self.now.items(), key=lambda item: item[0]))

    def changed(self) -> tuple[Row | None, ...]:
        """The rows that were put or dropped since the step began."""
        return tuple(self.now.values())

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

    def put(self, key: Any, row: Row) -> "SymTable":
        if row is None:
            raise Unsupported(f"{self.origin.name}: None is put in the place of a row; drop the row instead")
        return self._with(key, row)

    def drop(self, key: Any) -> "SymTable":
        if self.get(key) is None:
            raise KeyError(key)
        return self._with(key, None)

    def _with(self, key: Any, row: Row | None) -> "SymTable":
        role = root().world.role(_code(self.origin.kind, key))
        self._row(role)
        return SymTable(self.origin, {**self.now, role: row})

    def _row(self, role: str) -> Row | None:
        before = self.origin.named(role)
        return self.now.get(role, before)

    def _named(self) -> list[tuple[str, Row]]:
        rows = ((role, self.now.get(role, before)) for role, before in self.origin.rows.items())
        return [(role, row) for role, row in rows if row is not None]

    # All rows

    def every(self, predicate: Callable[[Any, Row], Any]) -> Any:
        asked = as_it_is(predicate)
        return self._whole(("every", asked), lambda inside: self._instance(asked, inside))

    def every_two(self, predicate: Callable[[Any, Row, Any, Row], Any]) -> Any:
        asked = as_it_is(predicate)
        return self._whole(("every_two", asked), lambda inside: self._instance_of_two(asked, inside))

    def _whole(self, question: Any, instance: "Callable[[Ghosts], Instance]") -> Any:
        """The truth that all rows meet a predicate, if it is decided that it raises an exception of none."""
        world = root().world
        world.consult(self.origin)
        inside = tuple(world.inside.get(self.origin, ()))
        found = instance(inside)
        key = structure(question, root().structures)
        said = world.whole(self.origin, (key, "says"), inside, found.says, found.bound, instance, Instance.said)
        if found.error is not None and found.crash is not FALSE:
            safe = world.whole(self.origin, (key, "safe"), inside, found.safe(), found.bound, instance, Instance.safe)
            if not truth(safe):
                raise found.error
        return truth(said)

    def _instance(self, predicate: Callable[[Any, Row], Any], inside: Ghosts) -> "Instance":
        """The predicate of the named rows, of those that are bound around, and of one arbitrary other."""
        world = root().world
        key = structure(predicate, root().structures)
        other = self.origin.unbound(inside)
        parts = [
            world.remembered(
                (key, role, structure(row, root().structures)), partial(predicate, world.codes[role], row), TRUE
            )
            for role, row in self._named()
        ]
        with world.bound(self.origin, inside):
            parts += [world.told(partial(_asked, predicate, ghost), ghost.present) for ghost in inside]
        with world.bound(self.origin, (*inside, other)):
            asked = (key, *(each.name for each in (*inside, other)))
            parts.append(world.remembered(asked, partial(_asked, predicate, other), other.present))
        return Instance.of(parts, (other,))

    def _instance_of_two(self, predicate: Callable[[Any, Row, Any, Row], Any], inside: Ghosts) -> "Instance":
        """The predicate of each two of the named rows, of those that are bound around, and of two arbitrary others."""
        world = root().world
        one = self.origin.unbound(inside)
        two = self.origin.unbound((*inside, one))
        some: list[Any] = [(world.codes[role], partial(_same, row), TRUE, ()) for role, row in self._named()]
        some += [(each.code, each.now, each.present, ()) for each in inside]
        first, second = [(each.code, each.now, each.present, (each,)) for each in (one, two)]
        pairs = [(a, b) for a in [*some, first] for b in [*some, first] if a is not b]
        parts = []
        for (i, a, here, mine), (j, b, there, others) in [*pairs, (first, second), (second, first)]:
            apart = negated(formula(i == j)) if inside else TRUE
            asked = partial(lambda i, a, j, b: predicate(i, a(), j, b()), i, a, j, b)
            with world.bound(self.origin, (*inside, *mine, *others)):
                parts.append(world.told(asked, both(here, there, apart)))
        return Instance.of(parts, (one, two))

    def _refuse_crash(
        self,
        function: Callable[..., Any],
        seen: tuple[Any, ...],
        group: dict[str, Any],
        among: Callable[..., Any] | None = None,
        among_seen: tuple[Any, ...] = (),
    ) -> None:
        """Raise what the function raises of some row of the group that meets the condition, if it is decided so."""
        path = root()
        key = ("raises", self.origin.name, structure((function, seen), path.structures))
        if key not in path.memo:
            row = self.origin.pristine()
            with active(Detached(path)) as here, path.world.asking():
                found = explored(lambda: _ran(function, row.row, seen), here)
            path.memo[key] = found.error if found.crash is not FALSE else TRUE
        error = path.memo[key]

        def raises_nothing(_: Any, row: Row) -> Any:
            given = both(
                in_group(row, group), TRUE if among is None else told(partial(among, row, *among_seen)).formula()
            )
            crash = explored(lambda: _ran(function, row, seen), current()).crash
            return truth(implies(given, negated(crash)))

        if error is not TRUE and not self.every(raises_nothing):
            raise error

    def total(self, measure: Callable[..., Any], *seen: Any, **group: Any) -> Number:
        _refuse_closure(measure)
        root().world.consult(self.origin)
        self._refuse_crash(measure, seen, group if seen else {})
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
        apart = self.origin.spoken_of((seen, group))
        code = structure((measure, seen), path.structures)
        free = self.origin.unbound(apart)
        with active(path), path.world.asked_of(self.origin, (*apart, free)):
            any_row = measured(lambda: measure(free.row, *seen), ("measure", self.origin.name, code))
        family = (tuple(group), free.name, term_key(any_row))
        sums = self.origin.sums.setdefault(family, [])
        for each in sums:
            if current().knows(_same_group(each.group, group)):
                return each
        with active(path):
            values = structure(tuple(group.values()), path.structures)
            name = f"{self.origin.name}.{measure.__name__}!{path.name_of((self.origin.name, family, values))}"
            path.unnamed.make(name, names_in((seen, group)))
            new = Sum(measure, seen, dict(group), symbol(name), apart)
            for each in sums:
                path.state(implies(_same_group(each.group, group), formula(each.symbol == new.symbol)))
            sums.append(new)
            path.world.settle(self.origin, new)
        return new

    def first(self, rank: Callable[..., Any], among: Callable[..., Any], *seen: Any, **group: Any) -> Any:
        """The id of a row that ranks lowest; which of the known rows it is, or a new one, is a decision."""
        _refuse_closure(rank)
        _refuse_closure(among)
        self._refuse_crash(among, seen, group if seen else {})
        self._refuse_crash(rank, seen, group if seen else {}, among, seen)

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
        self._refuse_crash(among, seen, group)
        self._refuse_crash(measure, (), group, among, seen)

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
        path.refuse_unnamed((seen, group, self))
        same = structure((question, seen, tuple(group.items()), self), path.structures)
        if same in path.world.answers:
            return path.world.answers[same]  # type: ignore[no-any-return]
        other = self.origin.other(0)
        measured_seen = seen if question[0] == "first" else ()
        with active(path), path.world.asked_of(self.origin, (other,)):
            meaning = merged(lambda: question[1](other.row, *measured_seen))
            key = structure((tuple(group), tuple(group.values()), self, meaning), path.structures)
            here = merged_formula(lambda: question[2](other.row, *seen))
            asked = (question[0], key, here)
        if asked in path.world.answers:
            path.world.answers[same] = path.world.answers[asked]
            return path.world.answers[asked]  # type: ignore[no-any-return]
        with active(path):
            candidates = [role for role, _ in self._named()]
            name = f"{self.origin.name}@{question[0]}{len(path.world.answers)}"
            case = path.choose(len(candidates) + 2, Search(self, question, seen, group, tuple(candidates), name))
            found: str | None = candidates[case] if case < len(candidates) else None
            if case == len(candidates):
                found = path.world.another(self.origin, name)
            path.world.answers[asked] = path.world.answers[same] = found
            best = None if found is None else self._row(found)
            if found is not None:
                path.state(_meets(best, question[2], seen, group))

            def lasting(role: str, row: Row) -> Formula:
                return TRUE if role == found or role in self.now else fact(row, best)

            for role, row in self._named():
                if role != found:
                    path.state(fact(row, best))
            for other in [*self.origin.others]:
                path.state(implies(other.present, merged_formula(partial(_fact, fact, self.origin, other, best))))
            self.origin.lasting.append(lasting)
            if found is None:
                path.world.settle_again(self.origin, seen)
        return found


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


def _of_no_whole(condition: Formula) -> Formula:
    """What a condition says beside what it says of all rows of a table."""
    parts = condition.parts if condition.kind == "and" else (condition,)
    return both(*(part for part in parts if not any("every!" in name for name in names_in(part))))


def as_it_is(function: Any, known: dict[int, Any] | None = None) -> Any:
    """The function with the values that it closes over now: a loop around it goes on, and it may be asked again."""
    known = {} if known is None else known
    if type(function) is not FunctionType or not function.__closure__:
        return function
    if id(function) not in known:
        cells = tuple(CellType() for _ in function.__closure__)
        copy = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, cells)
        copy.__kwdefaults__ = function.__kwdefaults__
        known[id(function)] = copy
        for mine, cell in zip(cells, function.__closure__, strict=True):
            with suppress(ValueError):  # an empty one
                mine.cell_contents = as_it_is(cell.cell_contents, known)
    return known[id(function)]


def _same(row: Row) -> Row:
    return row


def _ran(function: Callable[..., Any], row: Row, seen: tuple[Any, ...]) -> None:
    """Run it, whatever comes out."""
    function(row, *seen)


def _fact(fact: Callable[[Row, Row | None], Formula], origin: Origin, ghost: Ghost, best: Row | None) -> Any:
    with root().world.asked_of(origin, (ghost,)):
        return truth(fact(ghost.row, best))


def _lasting(fact: Callable[[str, Row], Formula], origin: Origin, ghost: Ghost) -> Any:
    with root().world.asked_of(origin, (ghost,)):
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


def in_group(row: Row, group: dict[str, Any]) -> Formula:
    return both(*(formula(getattr(row, name) == value) for name, value in group.items()))


def _meets(row: Row, among: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Formula:
    return both(in_group(row, group), merged_formula(lambda: among(row, *seen)))


def _lowest(a: Any, b: Any) -> Any:
    return truth(lexicographic(a, b)) if type(a) is tuple else a <= b


def weight(row: Row | None, measure: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Number:
    """What a row adds to a total."""
    if row is None:
        return 0
    belongs = in_group(row, group)
    if current().knows(belongs) is False:
        return 0
    value: Number = valued(lambda: measure(row, *seen))
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
        self.inside: dict[Origin, Ghosts] = {}
        self.wholes: dict[Formula, dict[Any, Whole]] = {}
        self._fresh: set[Ghost] = set()
        self.laws: frozenset[str] = frozenset()
        self.searches = 0
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
        root().refuse_unnamed(code)
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

    @contextmanager
    def asking(self) -> Iterator[None]:
        """What runs here is asked of rows: it names none, and sees those that nobody named as ghosts."""
        was, self.claiming = self.claiming, True
        try:
            yield
        finally:
            self.claiming = was

    @contextmanager
    def asked_of(self, origin: Origin, rows: Ghosts) -> Iterator[None]:
        """What runs here is asked of these arbitrary rows, and names none."""
        with self.asking(), self.bound(origin, rows):
            yield

    @contextmanager
    def bound(self, origin: Origin, rows: Ghosts) -> Iterator[None]:
        """What runs here is asked of these arbitrary rows."""
        was = self.inside.get(origin, ())
        self.inside[origin] = rows
        try:
            yield
        finally:
            self.inside[origin] = was

    def told(self, predicate: Callable[[], Any], given: Formula) -> Explored:
        """What a predicate says of a row."""
        with self.asking():
            return told(predicate, given)

    def remembered(self, key: Any, predicate: Callable[[], Any], given: Formula) -> Explored:
        """The same; asked again only if it reads tables and rows were named since."""
        path = root()
        named = sum(len(origin.rows) for origin in self.origins)
        found = path.memo.get(key)
        if found is not None and found[1] in (None, named):
            self._consulted |= found[2]
            return found[0]  # type: ignore[no-any-return]
        around, self._consulted = self._consulted, set()
        said = self.told(predicate, given)
        if current().condition() is TRUE:
            path.memo[key] = (said, named if self._consulted else None, self._consulted)
        self._consulted = around | self._consulted
        return said

    def whole(
        self,
        origin: Origin,
        key: Any,
        inside: Ghosts,
        says: Formula,
        bound: Ghosts,
        instance: Callable[[Ghosts], Instance],
        take: Callable[[Instance], Formula],
    ) -> Formula:
        """That all rows meet a predicate, of which this is the instance; from where it can be made for other rows."""
        named = tuple(origin.rows)
        f = every_row(says, root().name_of(("named", origin.name, named)))
        if f.kind == "every":
            condition = _of_no_whole(current().condition())
            known = self.wholes.setdefault(f, {})
            if (key, inside, condition) not in known:
                known[key, inside, condition] = Whole(origin, len(named), inside, bound, condition, instance, take)
                root().unnamed.bind(f"every!{f.number}", names_in(says), (each.name for each in bound))
        return f

    def instance(self, whole: Formula, taken: frozenset[Ghost]) -> tuple[Formula, frozenset[Ghost]]:
        """The instance of "all rows" for arbitrary rows that are none of those taken, and which rows these are."""
        known = self.wholes.get(whole, {}).values()
        bound = frozenset(each for one in known for each in one.bound)
        late = any(each.named < len(each.origin.rows) for each in known)
        if known and not bound & taken and not late:
            return whole.parts[0], bound
        if not known and not taken:
            return whole.parts[0], frozenset()
        if not known:
            raise Unsupported("that all rows meet a predicate is asked of a second arbitrary row, and nobody knows how")
        found = [each.again(taken) for each in known]
        self._fresh.update(each for _, rows in found for each in rows)
        return both(*(f for f, _ in found)), frozenset(each for _, rows in found for each in rows)

    def instantiated(self, goal: Formula, taken: frozenset[Ghost] = frozenset()) -> tuple[Formula, frozenset[Ghost]]:
        """The goal with each "all rows" that it demands replaced by its instance of arbitrary rows, and which.

        One row may stand for all in two demands that both have to be met.  Where one of two is enough, each has a row
        of its own: that all rows meet one or the other is less than that all meet the one or all the other.
        """
        if goal.kind == "every":
            f, bound = self.instance(goal, taken)
            f, more = self.instantiated(f, taken | bound)
            return f, bound | more
        if goal.kind == "and":
            found = [self.instantiated(part, taken) for part in goal.parts]
            return both(*(f for f, _ in found)), frozenset(each for _, rows in found for each in rows)
        if goal.kind == "or":
            parts, used = [], frozenset[Ghost]()
            for part in goal.parts:
                f, rows = self.instantiated(part, taken | used)
                parts.append(f)
                used |= rows
            return any_of(*parts), used
        return goal, frozenset()

    def demanded(self, goal: Formula) -> Formula:
        """What is to be shown of arbitrary rows, so that the goal holds of all; the claims before hold of them, too."""
        self._fresh.clear()
        f, _ = self.instantiated(goal)
        fresh, self._fresh = self._fresh, set()
        supposed = {each for before in self.before.values() for each in _everies(before)}
        for ghost in fresh:
            for whole in supposed | _everies(negated(f)):
                for each in list(self.wholes.get(whole, {}).values()):
                    if ghost in each.origin.others and ghost not in each.bound and not each.inside:
                        before = each.origin.others[: each.origin.others.index(ghost)]
                        root().state(implies(whole, each.again(before)[0]))
        return f

    def claim(self, holds: Callable[[], Any], *, supposed: bool) -> Formula:
        """The formula of a claim.  A claim that raises an exception says nothing where it is supposed, and fails where
        it is to be shown."""
        with active(root()), self.asking():
            found = told(holds)
        if supposed:
            return any_of(found.formula(), found.crash)
        return both(found.formula(), negated(found.crash))

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
            self.before[code] = self.claim(self.hypotheses[code], supposed=True)
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
        with active(path), self.asking():
            total.signs |= self._signs(origin, total, again)
            if total.signs:
                rest = total.symbol
                for row in list(origin.rows.values()):
                    rest = rest - weight(row, total.measure, total.seen, total.group)
                for ghost in total.apart:
                    with self.bound(origin, total.apart):
                        here = weight(ghost.row, total.measure, total.seen, total.group)
                    rest = rest - path.either(ghost.present, here, 0)
                for sign in total.signs:
                    path.state(le(0, sign * rest))

    def _signs(self, origin: Origin, total: Sum, again: bool) -> set[int]:
        other = origin.unbound(total.apart)
        belongs = merged_formula(lambda: truth(in_group(other.row, total.group)))
        try:
            here = Sole(root(), (both(other.present, belongs),))
            with active(here), self.bound(origin, (*total.apart, other)):
                value = merged(lambda: total.measure(other.row, *total.seen))
                known = {sign for sign in (1, -1) if here.knows(le(0, sign * value))}
                if (known or total.signs) and not again:
                    return known
                return known | {sign for sign in {1, -1} - known - total.signs if here.proved(le(0, sign * value))}
        except DeadBranch:
            return {1, -1}
        except CannotMerge:
            return set()


class Sole(Branch):
    """A branch of which no other side is followed: nothing is decided on it."""

    def decide(self, f: Formula) -> bool:
        known = self.knows(f)
        if known is None:
            raise CannotMerge
        return known
