"""One path through the code: the decisions that lead along it, and all that holds on it.

A path is replayed from its list of decisions.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

import attrs

from clearspec_proofs.executor.arithmetic import Context, Number
from clearspec_proofs.executor.forks import Forks
from clearspec_proofs.executor.observed import Observed
from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Infeasible,
    Int,
    Unsupported,
    contexts,
    negated,
    symbol,
)
from clearspec_proofs.solving.linear import Possible

_names: dict[Any, str] = {}


_ROW = re.compile(r"\]|@(?:other\d+|pristine)")


class Unnamed:
    """Which rows that nobody named, and which bound variables, each symbol depends on."""

    def __init__(self) -> None:
        self._of: dict[str, frozenset[str]] = {}
        self._rows: dict[str, frozenset[str]] = {}
        self._named: set[str] = set()

    def row(self, name: str, code: Any) -> None:
        """There is a row of this name from here on, found by this id."""
        self._rows[name] = frozenset({name})
        self._rows[name] |= frozenset[str]().union(*map(self.of, names_in(code)))

    def name(self, row: str) -> None:
        """This row is named from here on: it stands for itself alone."""
        self._named.add(row)

    def make(self, name: str, names: Iterable[str]) -> None:
        """There is a symbol of this name from here on, made of these."""
        self._of[name] = frozenset[str]().union(*map(self.of, names))

    def bind(self, name: str, names: Iterable[str], rows: Iterable[str]) -> None:
        """There is a symbol of this name, made of these, in which these rows are bound: it speaks of all such rows."""
        bound = frozenset(rows)
        found = frozenset[str]().union(*map(self.of, names))
        self._of[name] = frozenset(each for each in found if not self._rows.get(each, frozenset({each})) & bound)

    def of(self, name: str) -> frozenset[str]:
        """The rows and bound variables that a symbol depends on."""
        found = self._of.get(name)
        if found is None:
            ends = [match.end() for match in _ROW.finditer(name)]
            rows = [self._rows[name[:end]] for end in ends if name[:end] in self._rows]
            bound = frozenset({name}) if name.startswith("@any") else frozenset[str]()
            found = bound.union(*rows)
            if "!" not in name:
                self._of[name] = found
        return found

    def among(self, names: Iterable[str]) -> frozenset[str]:
        """The rows that nobody has named by now among those that these symbols depend on."""
        return frozenset[str]().union(*map(self.of, names)) - self._named


def names_in(value: Any) -> set[str]:
    """The names of all symbols in a value, or in what a term is known by."""
    kind = type(value)
    if kind is Int:
        return {name for monomial in value.poly for name in monomial}
    if kind is Formula:
        return {name for monomial in value.monomials() for name in monomial}
    if kind is Bool:
        return names_in(value.formula)
    if kind is Code:
        return names_in(value.term)
    if kind is str:
        return {value}
    if kind in (tuple, frozenset, list):
        return set().union(*map(names_in, value))
    if kind is dict:
        return names_in(tuple(value.values()))
    if attrs.has(kind):
        return names_in(tuple(getattr(value, each.name) for each in attrs.fields(kind)))
    if kind is FunctionType:
        return names_in(tuple(cell.cell_contents for cell in value.__closure__ or ()))
    return names_in(value.changed()) if hasattr(kind, "changed") else set()


class Path(Context, Observed):
    """One path: the decisions that lead along it, and all that holds on it.

    **Deciding.**  Python asks a symbolic truth for a `bool`, and the path answers (`decide`).  Where what is known, or
    linear arithmetic, excludes one side, the other is taken.  Where both are possible, one is taken and the other is
    left in `alternatives`, as the list of decisions that leads to it.  A path with a `prefix` takes those decisions
    first: so all paths are followed, each from the start, or by a copy of the process (`forks`).

    **Knowing.**  Each decision is a fact, and so is each thing that is stated (`state`): what a fresh symbol is defined
    by, and the claims that are supposed of the state before.  `knowledge` has the facts in normal form, `solver` the
    same for linear arithmetic.  A path on which facts contradict each other ends as infeasible.

    **Defining.**  A quotient, a maximum or an "either" is a symbol with defining facts (`define`).  The same key gives
    the same symbol, so that equal things are one term.

    **Refusing.**  No decision may depend on a row that nobody named (`refuse_unnamed`): such a row stands for many,
    and the next one may decide otherwise.
    """

    def __init__(self, prefix: tuple[int, ...] = (), forks: Forks | None = None) -> None:
        super().__init__()
        self.prefix, self.decisions, self.forks = prefix, list[int](), forks
        self.alternatives: list[tuple[int, ...]] = []
        self.knowledge = Knowledge()
        self.solver = Possible()
        self.stated: dict[Any, set[Formula]] = {}
        self.claiming = False
        self.world: Any = None
        self.structures: dict[int, tuple[Any, int]] = {}
        self.unnamed = Unnamed()
        self._defined: dict[Any, Number] = {}

    def forget(self) -> None:
        """Functions have other code now: what was remembered of their values no longer counts."""
        self.memo.clear()
        self.structures.clear()

    def state(self, fact: Formula) -> None:
        """From here on this holds."""
        try:
            new = self.knowledge.learn(fact)
        except Contradiction:
            self.excluded(fact)
            raise Infeasible("the facts contradict each other") from None
        self.solver.add(new)
        for context in contexts[1:]:
            for f in new:
                context.knowledge.note(f)

    def choose(self, options: int, _: Any = None) -> int:
        """One of so many cases; all are followed.  The question that they answer is for who knows the answer."""
        at = self._next()
        if at < len(self.prefix):
            choice = self.prefix[at]
        else:
            choice = 0
            while choice < options - 1 and not self._is_here(range(options - 1, choice, -1)):
                choice += 1
        self.decisions.append(choice)
        return choice

    def _is_here(self, others: Iterable[int]) -> bool:
        """Is the first case followed here?  If not, it was followed elsewhere, and the next one is.

        The other cases are left to whoever follows the path again; or copies of this process follow one by one.
        """
        left = [(*self.decisions, other) for other in others]
        if self.forks is None or self.forks.wanted():
            self.alternatives += left
            return True
        if self.forks.branch():
            self.alternatives = []
            return True
        if self.forks.wanted():
            self.alternatives += left
            raise Infeasible("left to another worker")
        return False

    def decide(self, f: Formula) -> bool:
        simple = self.knowledge.simplified(f)
        if simple is TRUE or simple is FALSE:
            self.excluded(f if simple is FALSE else negated(f))
            return simple is TRUE
        self.refuse_unnamed(simple)
        at = self._next()
        if at < len(self.prefix):
            choice = bool(self.prefix[at])
        else:
            no, choice = not self._excludes(negated(simple)), not self._excludes(simple)
            if not choice and not no:
                raise Infeasible("neither a condition nor its opposite is possible")
            if choice and no:
                choice = self._is_here((0,))
        self.decisions.append(int(choice))
        self.state(simple if choice else negated(simple))
        return choice

    def _next(self) -> int:
        """Which decision of the path comes next."""
        if len(self.decisions) >= MOST_ON_A_PATH:
            raise Unsupported(f"a path with more than {MOST_ON_A_PATH} decisions: a loop whose length is not known?")
        return len(self.decisions)

    def refuse_unnamed(self, value: Any) -> None:
        """Refuse to decide about the path by a row that nobody named: the next such row can be otherwise."""
        rows = self.unnamed.among(names_in(value))
        if rows:
            raise Unsupported(f"an arbitrary row or number decides about the whole path: {', '.join(sorted(rows))}")

    def _excludes(self, f: Formula) -> bool:
        found = self.solver.excludes(f, self.knowledge)
        if found:
            self.excluded(f)
        return found

    def define(self, key: Any, facts: Callable[[Number], Iterator[Formula]]) -> Number:
        """The symbol with these defining facts; the same one whenever the key is the same."""
        value = self._defined.get(key)
        if value is None:
            kind = key[0]
            name = f"{kind}!{self.name_of(key)}"
            value = self._defined[key] = symbol(name)
            self.unnamed.bind(name, names_in(key), (part for part in key if isinstance(part, str)))
            for fact in facts(value):
                self.state(fact)
        return value

    def definitions(self) -> list[tuple[Any, Number]]:
        """What each term is made of, the oldest first."""
        return list(self._defined.items())

    def name_of(self, key: Any) -> int:
        """A number for a name: the same one whenever the key is the same."""
        return int(_names.setdefault(key, str(len(_names))))


MOST_ON_A_PATH = 200
"""Decisions along one path."""
