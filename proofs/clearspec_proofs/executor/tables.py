"""Tables of any number of rows, of which only those that are named are known: the five questions of a table.

`every` means the named rows and one arbitrary other, which may be absent.  A total is one symbol for what it was
before, plus what changed.
"""

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from functools import partial
from types import CellType, FunctionType
from typing import Any

import attrs
from attrs import define

from clearspec.core.table import Id, Table
from clearspec_proofs.executor.arithmetic import Number, active, root, term_key
from clearspec_proofs.executor.merging import Detached, explored, lexicographic, measured, merged, merged_formula, told
from clearspec_proofs.executor.path import names_in
from clearspec_proofs.executor.rows import Ghost, Ghosts, Instance, Origin, Row, Sum, in_group, weight
from clearspec_proofs.logic.structure import structure
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Int,
    Unsupported,
    both,
    constant_of,
    current,
    formula,
    implies,
    negated,
    symbol,
    truth,
)


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
    """Stands in for clearspec.core.table.Table, with the same questions, and refuses all others.

    `origin` is the table before the step; `now` has the rows that were put or dropped since, by role.

    - `get`, `put`, `drop` name the row.  Is it one that is named already, and is it there?  The path decides both.  A
      claim names no row: it sees a ghost, there or not there.
    - `every` means the named rows and one arbitrary other.  As a fact it holds of these; as a goal it has to be shown
      of them.  `every_two` has two arbitrary others.
    - `total` is the symbol of the total before the step, plus what the changed rows add now, less what they added.
    - `first` decides which row it is: a named one, a new one, or none.  That no other row ranks lower is a fact about
      all other rows, now and when they are named.  `median` supposes no such thing.

    What a function raises of some row is asked apart, since a row that nobody named raises as well.
    """

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


def _meets(row: Row, among: Callable[..., Any], seen: tuple[Any, ...], group: dict[str, Any]) -> Formula:
    return both(in_group(row, group), merged_formula(lambda: among(row, *seen)))


def _lowest(a: Any, b: Any) -> Any:
    return truth(lexicographic(a, b)) if type(a) is tuple else a <= b


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
