"""What a path knows of all tables: which rows are named, what is supposed of them, and what a claim says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from clearspec.core.table import Id
from clearspec_proofs.executor.arithmetic import active, le, root
from clearspec_proofs.executor.merging import Branch, CannotMerge, DeadBranch, Explored, merged, merged_formula, told
from clearspec_proofs.executor.path import names_in
from clearspec_proofs.executor.rows import Ghost, Ghosts, Instance, Make, Origin, Sum, Whole, in_group, weight
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.logic.structure import structure
from clearspec_proofs.logic.terms import (
    TRUE,
    Code,
    Formula,
    Infeasible,
    Unsupported,
    any_of,
    both,
    current,
    every_row,
    formula,
    implies,
    negated,
    symbol,
    truth,
)


def _of_no_whole(condition: Formula) -> Formula:
    """What a condition says beside what it says of all rows of a table."""
    parts = condition.parts if condition.kind == "and" else (condition,)
    return both(*(part for part in parts if not any("every!" in name for name in names_in(part))))


def _everies(f: Formula) -> set[Formula]:
    return {f} if f.kind == "every" else {each for part in f.parts for each in _everies(part)}


class World:
    """What a path knows of tables: which rows are named, what is supposed of the state before the step.

    **Names.**  A row is named by a role; `codes` says by which id.  Do two ids name the same row?  The path decides
    that when the second is asked for (`role`), so that later nobody asks again.  While a claim runs (`claiming`), no
    row is named.

    **What is supposed.**  The state claims hold before the step (`hypotheses`, and as formulas `before`).  A claim that
    says "all rows" says it of the named rows and of one arbitrary other.  When one more row is named, the claims that
    read its table say more than they did, so they are stated again (`suppose`).

    **What is to be shown.**  "All rows meet a predicate" is one formula, of the kind `every`; `wholes` remembers how
    its instance is made for any arbitrary rows.  A goal has each of its "all rows" replaced by such an instance
    (`demanded`), and what is supposed of all rows is stated of these arbitrary rows too.  Where one of two demands is
    enough, each has arbitrary rows of its own (`instantiated`).

    **Sums.**  A total has a sign by induction over its rows (`settle`).
    """

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
        """Look at the sign of all sums of this table again: a search found no row, which says something of every row.

        Where no row has more than nothing, the sum is not more than nothing either.  A sum that sees the same values as
        the search did may so get a second sign, and is asked with the solver; the others only if they had none.
        """
        known = root().structures
        for one in (one for sums in origin.sums.values() for one in sums):
            one.named = -1
            self.settle(origin, one, again=bool(seen) and structure(one.seen, known) == structure(seen, known))

    def settle(self, origin: Origin, total: Sum, again: bool = False) -> None:
        """State the sign of the sum of all rows that nobody named: it is that of an arbitrary such row, by induction.

        That sum is the total less what the named rows add, and less what the arbitrary rows add that the measure itself
        speaks of (`apart`).  It is looked at again only after one more row was named.
        """
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
        """The signs that the measure of an arbitrary row of the group has: 1 if it is not negative, -1 if not positive.

        A sign that is not known at once is asked of linear arithmetic, if there is none yet or if it is asked `again`.
        Both signs if there can be no such row; none if the measure takes a decision that is not known.
        """
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
