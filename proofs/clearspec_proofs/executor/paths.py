"""One path through the code: decisions, facts, and arithmetic that introduces symbols with defining facts.

A path is replayed from its list of decisions.  A merged evaluation runs a function once per
combination of its own decisions and joins the results into one formula or term; it never forks the path.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from types import FunctionType
from typing import Any

import attrs
from attrs import frozen

from clearspec_proofs.executor.forks import Forks
from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Infeasible,
    Int,
    Monomial,
    Poly,
    Signal,
    Unsupported,
    added,
    any_of,
    both,
    code_term,
    contexts,
    current,
    formula,
    implies,
    integer,
    multiplied,
    negated,
    poly,
    sum_of,
    symbol,
    truth,
)
from clearspec_proofs.solving.linear import Possible

Number = Int | int
_names: dict[Any, str] = {}


def root() -> "Path":
    """The path that is being followed."""
    return contexts[0]  # type: ignore[no-any-return]


@contextmanager
def active(context: Any) -> Iterator[Any]:
    """Make terms in this context."""
    contexts.append(context)
    try:
        yield context
    finally:
        contexts.pop()


@contextmanager
def on_plain_integers() -> Iterator[None]:
    """Run the code under proof as it is, primitives included."""
    saved = contexts[:]
    contexts.clear()
    try:
        yield
    finally:
        contexts[:] = saved


def term_key(value: Number) -> Any:
    """What two integers have in common if and only if they are the same polynomial."""
    return value if type(value) is int else frozenset(poly(value).items())


def le(a: Number, b: Number) -> Formula:
    """a <= b."""
    return formula(a <= b)


class Context:
    """Arithmetic that needs to know something: shared by paths and branches."""

    knowledge: Knowledge

    def __init__(self) -> None:
        self.memo: dict[Any, Any] = {}
        self.signal: Signal | None = None
        self.partial: list[tuple[Any, Callable[[Number], Iterator[Formula]]]] = []

    def signalled(self, signal: Signal) -> None:
        self.signal = self.signal or signal

    def condition(self) -> Formula:
        """Under which condition on the path the code runs here."""
        return TRUE

    def decide(self, f: Formula) -> bool:
        raise NotImplementedError

    def canonical(self, code: Number) -> Number:
        return self.knowledge.canonical(code)

    def knows(self, f: Formula) -> bool | None:
        """Is it known here, without a solver, to hold or not to?"""
        simple = self.knowledge.simplified(f)
        return True if simple is TRUE else False if simple is FALSE else None

    def proved(self, f: Formula) -> bool:
        """Does it follow here, if need be by linear arithmetic?"""
        known = self.knows(f)
        if known is not None:
            return known
        opposite = both(self.condition(), negated(f))
        found = root().solver.excludes(opposite, self.knowledge, here=True)
        if found:
            root().excluded(opposite)
        return found

    def between(self, value: Number, options: "list[Number] | tuple[Number, ...]") -> Iterator[Formula]:
        """The bounds that all the options have in common."""
        ends = [(self.bound(-each), self.bound(each)) for each in options]
        lows, highs = [-low for low, _ in ends if low is not None], [high for _, high in ends if high is not None]
        if len(lows) == len(ends):
            yield le(min(lows), value)
        if len(highs) == len(ends):
            yield le(value, max(highs))

    def bound(self, value: Number) -> int | None:
        """A known upper bound."""
        if type(value) is int:
            return value
        terms = poly(value)
        most = self.knowledge.most(sum_of(tuple(sorted((m, c) for m, c in terms.items() if m))))
        return None if most is None else most + terms.get((), 0)

    def noted(self, value: Number, options: "list[Number] | tuple[Number, ...]") -> Number:
        """The value, now that it is known here to lie between the options."""
        for fact in self.between(value, options):
            self.knowledge.note(fact)
        return value

    def either(self, condition: Formula, yes: Number, no: Number) -> Number:
        """`yes` if the condition holds, else `no`."""
        known = self.knows(condition)
        if known is not None:
            return yes if known else no
        if term_key(yes) == term_key(no):
            return yes
        if negated(condition).number < condition.number:
            condition, yes, no = negated(condition), no, yes

        def facts(value: Number) -> Iterator[Formula]:
            yield any_of(negated(condition), formula(value == yes))
            yield any_of(condition, formula(value == no))
            yield from root().between(value, (yes, no))

        return self.noted(root().define(("if", condition, term_key(yes), term_key(no)), facts), (yes, no))

    def largest_of(self, *values: Number) -> Number:
        """The maximum."""
        kept: list[Number] = []
        for value in values:
            if any(self.knows(le(value, other)) for other in kept):
                continue
            kept = [other for other in kept if not self.knows(le(other, value))] + [value]
        if len(kept) == 1:
            return kept[0]
        kept = list(values)

        def facts(value: Number) -> Iterator[Formula]:
            yield from (le(each, value) for each in kept)
            yield any_of(*(formula(value == each) for each in kept))
            yield from root().between(value, kept)

        value = self.noted(root().define(("max", frozenset(map(term_key, kept))), facts), kept)
        lows = [-low for low in (self.bound(-each) for each in kept) if low is not None]
        if lows:
            self.knowledge.note(le(max(lows), value))
        return value

    def smallest_of(self, *values: Number) -> Number:
        """The minimum."""
        return -self.largest_of(*(-value for value in values))

    def multiplied(self, a: Int, b: Int, product: Number) -> None:
        """State the sign of a product while its factors can still be seen: multiplied out, it may be lost."""
        for here in dict.fromkeys((root(), self)):
            for one, other, whole in ((a, b, product), (-a, b, -product), (a, -b, -product), (-a, -b, product)):
                less, fewer = here.bound(-one), here.bound(-other)
                if less is not None and less <= 0 and fewer is not None and fewer <= 0:
                    root().state(implies(here.condition(), le(less * fewer, whole)))
                    return

    def quotient(self, dividend: Number, divisor: Number) -> Number:
        """Floor division as Python does it; forks where the sign of the divisor is not known."""
        if type(dividend) is int and type(divisor) is int:
            return dividend // divisor
        if not (type(divisor) is int and divisor > 0) and not self.proved(le(1, divisor)):
            if divisor == 0:
                raise ZeroDivisionError("integer division or modulo by zero")
            if divisor < 0:
                return self.quotient(-dividend, -divisor)
        if self.condition() is TRUE:
            root().state(le(1, divisor))
        whole, rest = _multiples(poly(dividend), poly(divisor))
        remaining = integer(rest)
        if type(remaining) is int and type(divisor) is int:
            return integer(whole) + remaining // divisor

        def facts(value: Number) -> Iterator[Formula]:
            positive = le(1, divisor)
            yield implies(positive, le(divisor * value, remaining))
            yield implies(positive, le(remaining + 1, divisor * value + divisor))
            yield implies(both(positive, le(0, remaining)), both(le(0, value), le(value, remaining)))
            yield implies(both(positive, le(remaining, -1)), le(value, -1))
            yield implies(both(positive, le(remaining, 0)), le(value, 0))

        if not rest:
            return integer(whole)
        value = root().define(("//", term_key(remaining), term_key(divisor)), facts)
        for here in contexts:
            if type(divisor) is int or here.knows(le(1, divisor)):
                low, high = here.bound(-remaining), here.bound(remaining)
                here.knowledge.note(TRUE if low is None else le(_quotients(-low, divisor)[0], value))
                here.knowledge.note(TRUE if high is None else le(value, _quotients(high, divisor)[1]))
        return integer(whole) + value

    def defined_by(self, key: Any, facts: Callable[[Number], Iterator[Formula]]) -> Number:
        """A symbol whose facts hold wherever code that reached this point goes on."""
        for here in contexts:
            here.partial.append((key, facts))
        guard = root().knowledge.simplified(self.condition())
        value = root().define(key, lambda _: iter(()))
        stated = root().stated.setdefault(key, set())
        if TRUE not in stated and guard not in stated:
            stated.add(guard)
            for fact in facts(value):
                root().state(implies(guard, fact))
        return value


def _quotients(dividend: int, divisor: Number) -> tuple[int, int]:
    """The least and the greatest floor of a number by a divisor of which only the sign may be known: it is positive."""
    if type(divisor) is int:
        return dividend // divisor, dividend // divisor
    return min(dividend, 0), dividend if dividend >= 0 else -1


def _multiples(dividend: Poly, divisor: Poly) -> tuple[Poly, Poly]:
    """Split off what the divisor divides exactly: dividend = divisor * first + second."""
    leading = max(divisor, key=_degree)
    whole: Poly = {}
    rest: Poly = {}
    left = dict(dividend)
    for _ in range(4 * len(dividend) + 4):
        if not left:
            break
        top = max(left, key=_degree)
        factor = _without(top, leading)
        if factor is not None and left[top] % divisor[leading] == 0:
            times = {factor: left[top] // divisor[leading]}
            whole, left = added(whole, times), added(left, multiplied(times, divisor), -1)
        else:
            rest[top] = left.pop(top)
    return (whole, rest) if not left and (len(divisor) == 1 or not rest) else ({}, dividend)


def _degree(monomial: Monomial) -> tuple[int, Monomial]:
    return len(monomial), monomial


def _without(monomial: Monomial, factors: Monomial) -> Monomial | None:
    """The monomial without these factors; None if it has not all of them."""
    left = list(monomial)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


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


class Path(Context):
    """One path: the decisions that lead along it, and all that holds on it."""

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

    def excluded(self, f: Formula) -> None:
        """What is not followed, since no run can meet it here: for who looks at that again."""

    def met(self, origin: Any, code: Any, name: str) -> None:
        """The row of this id goes by this name from here on: for who knows what stands in it."""

    def born(self, name: str, value: Int) -> None:
        """There is an integer of this name from here on: for who knows its range."""

    def parted(self, case: str, options: tuple[Any, ...]) -> None:
        """The symbol of this name says which of these types a field has: for who knows which."""

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

MOST_DECISIONS = 150
"""In one combination of a merged evaluation."""


class DeadBranch(BaseException):
    """This combination of decisions contradicts itself."""


class Branch(Context):
    """One combination of the decisions inside a merged evaluation."""

    def __init__(self, around: Context, assumed: tuple[Formula, ...]) -> None:
        super().__init__()
        self.around, self.assumed = around, assumed
        self.taken: list[Formula] = []
        self.knowledge = Knowledge(around.knowledge)
        self.dead = False
        for literal in assumed:
            self._learn(literal)

    def condition(self) -> Formula:
        return both(self.around.condition(), *self.assumed, *self.taken)

    def _learn(self, literal: Formula) -> None:
        try:
            self.knowledge.learn(literal)
        except Contradiction:
            self.dead = True
            raise DeadBranch from None

    def decide(self, f: Formula) -> bool:
        known = self.knows(f)
        if known is None and f.kind in ("and", "or"):
            # What was decided may read otherwise by now, with parts of it known.
            known = True if self.knowledge.refutes(negated(f)) else False if self.knowledge.refutes(f) else None
        if known is not None:
            return known
        if len(self.assumed) + len(self.taken) > MOST_DECISIONS:
            raise Unsupported("a measure or claim that branches without end")
        self.taken.append(f)
        self._learn(f)
        return True


class Given(Context):
    """What is asked on a condition that the code has met already; it decides as the context around does."""

    def __init__(self, around: Context) -> None:
        super().__init__()
        self.around, self._given = around, list[Formula]()
        self.knowledge = Knowledge(around.knowledge)

    def suppose(self, condition: Formula) -> None:
        """This, too, has been met."""
        self._given.append(condition)
        self.knowledge.learn(condition)

    def condition(self) -> Formula:
        return both(self.around.condition(), *self._given)

    def decide(self, f: Formula) -> bool:
        simple = self.knowledge.simplified(f)
        return simple is TRUE if simple is TRUE or simple is FALSE else self.around.decide(simple)


class CannotMerge(Exception):
    """Two branches have results that are not of one kind."""


class Detached(Context):
    """Where a measure runs without what the branch around it knows, so that its value serves in every branch."""

    def __init__(self, around: Context) -> None:
        super().__init__()
        self.around, self.knowledge = around, root().knowledge

    def condition(self) -> Formula:
        return self.around.condition()

    def decide(self, _: Formula) -> bool:
        raise CannotMerge


DEAD = object()
"""What a function comes to where nothing can be: on branches that contradict themselves."""

RAISED = object()
"""What it comes to where it raises an exception."""


@frozen
class Explored:
    """What a function comes to on all of its branches: one value, and where it raises an exception instead.

    Where it does, the value is anything.
    """

    value: Any
    crash: Formula = FALSE
    error: Exception | None = None

    def settled(self, here: Context) -> Any:
        """The value, once it is decided that no exception is raised here."""
        if self.error is not None and self.crash is not FALSE and here.decide(self.crash):
            raise self.error
        return True if self.value is DEAD else self.value

    def formula(self) -> Formula:
        """The value as a truth."""
        return TRUE if self.value is DEAD or self.value is RAISED else formula(self.value)


def merged(function: Callable[[], Any]) -> Any:
    """The value of a function as one formula or term; falls back to forking where that cannot be."""
    around: Context = current()
    try:
        found = explored(function, around)
    except CannotMerge:
        return function()
    return found.settled(around)


def valued(function: Callable[[], Any]) -> Any:
    """The same; anything where it raises an exception.  Requires: that it raises none is looked after elsewhere."""
    try:
        found = explored(function, current())
    except CannotMerge:
        return function()
    return 0 if found.value is RAISED or found.value is DEAD else found.value


def measured(function: Callable[[], Any], key: Any) -> Any:
    """The merged value of a function that is remembered under this key."""
    path, around = root(), current()
    known = path.memo.get(key) or around.memo.get(key)
    if known is None:
        try:
            with active(Detached(around)) as here:
                found = explored(function, here)
            if found.value is RAISED or found.value is DEAD:
                raise CannotMerge
            known = path.memo[key] = found, here.partial
        except CannotMerge:
            known = around.memo[key] = Explored(merged(function)), []
    for each in known[1]:
        around.defined_by(*each)
    return known[0].settled(around)


def told(predicate: Callable[[], Any], given: Formula = TRUE) -> Explored:
    """What a predicate says wherever the given holds, as one formula, and where it raises an exception."""
    around: Context = current()
    found = explored(lambda: truth(formula(predicate())), around, () if given is TRUE else (given,))
    return Explored(truth(implies(given, found.formula())), both(given, found.crash), found.error)


def merged_formula(predicate: Callable[[], Any], given: Formula = TRUE) -> Formula:
    """What a predicate says wherever the given holds.  Requires: that it raises nothing is looked after elsewhere."""
    return told(predicate, given).formula()


def explored(function: Callable[[], Any], around: Context, assumed: tuple[Formula, ...] = ()) -> Explored:
    """Run a function once for each combination of its own decisions, and join what comes out."""
    try:
        branch = Branch(around, assumed)
    except DeadBranch:
        return Explored(DEAD)
    with active(branch):
        try:
            found = Explored(function())
        except (DeadBranch, CannotMerge) as signal:
            if isinstance(signal, CannotMerge):
                raise
            found = Explored(DEAD)
        except Exception as error:
            refuse_own(error)
            found = Explored(RAISED, TRUE, error)
    if branch.dead:
        found = Explored(DEAD)
    for i in range(len(branch.taken) - 1, -1, -1):
        literal = branch.taken[i]
        other = explored(function, around, (*assumed, *branch.taken[:i], negated(literal)))
        found = _either(around, literal, found, other)
    return found


def _either(here: Context, condition: Formula, yes: Explored, no: Explored) -> Explored:
    """`yes` where the condition holds, else `no`."""
    if yes.value is DEAD or no.value is DEAD:
        return no if yes.value is DEAD else yes
    if yes.value is RAISED or no.value is RAISED:
        value = no.value if yes.value is RAISED else yes.value
    else:
        value = joined(here, condition, yes.value, no.value)
    return Explored(value, split(condition, yes.crash, no.crash), yes.error or no.error)


def refuse_own(error: Exception) -> None:
    """Let no failure of the prover itself pass for a crash of the code under proof."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    own = last is not None and last.tb_frame.f_globals.get("__name__", "").startswith("clearspec_proofs.")
    if isinstance(error, RecursionError | MemoryError) or (own and not isinstance(error, PYTHONS)):
        raise Unsupported(f"the prover failed: {error!r}") from error


PYTHONS = (ZeroDivisionError, KeyError, TypeError)
"""What the executor raises where Python would."""


def joined(here: Context, condition: Formula, yes: Any, no: Any) -> Any:
    """`yes` if the condition holds, else `no`, as one value."""
    if yes is no:
        return yes
    kind, other = type(yes), type(no)
    if kind in (Bool, bool) and other in (Bool, bool):
        a, b = formula(yes), formula(no)
        return truth(split(condition, a, b))
    if kind in (Int, int) and other in (Int, int):
        return here.either(condition, yes, no)
    if (kind is Code or isinstance(yes, Enum)) and (other is Code or isinstance(no, Enum)):
        member = yes.__class__
        first, second = code_term(member, yes), code_term(member, no)
        if first is not None and second is not None:
            return Code(member, here.either(condition, first, second))
    if kind is other and kind is tuple and len(yes) == len(no):
        return tuple(joined(here, condition, a, b) for a, b in zip(yes, no, strict=True))
    if kind is other and attrs.has(kind):
        fields = [each.name for each in attrs.fields(kind)]
        return kind(*(joined(here, condition, getattr(yes, name), getattr(no, name)) for name in fields))
    if yes is None and no is None:
        return None
    raise CannotMerge


def split(condition: Formula, yes: Formula, no: Formula) -> Formula:
    """`yes` if the condition holds, else `no`; what both demand is said once."""
    if yes is no:
        return yes
    # Python's `a and b` is `a` itself where that is false, and `a or b` where it is true.
    yes, no = (TRUE if yes is condition else yes), (FALSE if no is condition else no)
    demanded = [part.parts if part.kind == "and" else (part,) for part in (yes, no)]
    common = [part for part in demanded[0] if part in demanded[1]]
    a, b = (both(*(part for part in parts if part not in common)) for parts in demanded)
    return both(*common, any_of(both(condition, a), both(negated(condition), b)))


def lexicographic(a: tuple[Any, ...], b: tuple[Any, ...]) -> Formula:
    """a <= b, entry by entry, as one formula."""
    if not a:
        return TRUE
    rest = lexicographic(a[1:], b[1:])
    less, equal = negated(formula(b[0] <= a[0])), formula(a[0] == b[0])
    return any_of(less, both(equal, rest))
