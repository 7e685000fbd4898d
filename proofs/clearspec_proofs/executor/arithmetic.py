"""Arithmetic that needs to know something: division, maxima and "either", as symbols with defining facts.

A path knows what it has decided, a branch of a merged evaluation knows what it supposes.  Both are a `Context`: what
is known there makes a sum simpler, gives a quotient its bounds, or shows that one of two cases is the only one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Formula,
    Int,
    Monomial,
    Poly,
    Signal,
    added,
    any_of,
    both,
    contexts,
    formula,
    implies,
    integer,
    multiplied,
    negated,
    poly,
    sum_of,
)

if TYPE_CHECKING:
    from clearspec_proofs.executor.path import Path

Number = Int | int


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
