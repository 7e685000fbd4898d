"""Bounds of what is computed: noted as it is computed, from what is known on the path at that point."""

import operator
from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any
from weakref import WeakKeyDictionary

from clearspec.core.limits import DOUBLE, WORD
from clearspec_proofs.executor.arithmetic import Number, le, root
from clearspec_proofs.executor.merging import merged
from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import Formula, Int, Linear, contexts, current, formula, integer
from clearspec_proofs.widths.places import BEGUN, CUT, SEARCHES, Place, Site, product_of, rounded, searched, silence

MOST_BITS = 200
"""Of what a search finds; more is as good as unbounded."""

MOST_TERMS = 4
"""Of a fact that passes on bounds."""

ANY = "@any"
"""What a search calls the number of which it asks what its test says."""

Bounds = tuple[int | None, int | None]
"""The least and the greatest value; None where nothing is known."""

FITS, DOUBLED, WIDE, UNBOUNDED, OPEN = "fits", "double", "wide", "unbounded", "open"
"""One word; two words; more than two; no bound is known; or not all that may come to it was followed."""


def hull(a: Bounds, b: Bounds) -> Bounds:
    """The least range that holds both."""
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    high = None if a[1] is None or b[1] is None else max(a[1], b[1])
    return low, high


def bits_of(bounds: Bounds) -> int | None:
    """How many bits the absolute value needs, or None if there is no bound."""
    low, high = bounds
    return None if low is None or high is None else max(abs(low), abs(high)).bit_length()


def verdict_of(bounds: Bounds) -> str:
    """Into how many words a value goes."""
    count = bits_of(bounds)
    if count is None:
        return UNBOUNDED
    return FITS if count <= WORD else DOUBLED if count <= DOUBLE else WIDE


class Heard:
    """Notes the bounds of what a beat computes, as it is computed.

    What the test of a search computes waits until there is a bound of what the search finds.
    """

    def __init__(self, note: Callable[[Place, Bounds], None]) -> None:
        self._note = note
        self._learned: WeakKeyDictionary[Knowledge, dict[Formula, None]] = WeakKeyDictionary()
        self._waiting: list[list[tuple[Site, tuple[Any, ...], Number]]] = []

    def __call__(self, site: Site, operands: tuple[Any, ...], result: Any) -> None:
        if not contexts:
            return
        if result is BEGUN:
            self._waiting.append([])
            return
        if site.compute is searched:
            if result is not CUT:
                _state(result, partial(_found, *operands[:2]))
            waiting = self._waiting.pop()
            for each in waiting:
                if not any(map(_arbitrary, each[1])) and not _arbitrary(each[2]):
                    self(*each)
        if result is CUT:
            return
        if self._waiting:
            self._waiting[-1].append((site, operands, result))
        elif type(result) in (int, Int):
            self._computed(site, operands, result)

    def _spread(self) -> None:
        """What is at most something else has the bounds of that: each fact that is new passes on the bounds it can."""
        for i, here in enumerate(contexts):
            learned = self._learned.setdefault(here.knowledge, {})
            new = [f for f in here.knowledge.facts if f not in learned]
            learned.update(dict.fromkeys(new))
            for f in new:
                if f.kind in ("le", "eq") and 2 <= len(f.linear) <= MOST_TERMS:
                    _pass_on(f.linear, f.constant, i)
                    if f.kind == "eq":
                        _pass_on(tuple((m, -c) for m, c in f.linear), -f.constant, i)

    def _computed(self, site: Site, operands: tuple[Any, ...], result: Number) -> None:
        """What is known here of a result; of a rounding, of its product too."""
        self._spread()
        if site.compute is operator.mul:
            _state(result, partial(_product, *operands))
        elif site.compute is operator.floordiv:
            _state(result, partial(_quotient, *operands))
        elif site.compute is rounded:
            _, a, b, divisor = operands
            self._note(product_of(site.place), _product(a, b, current()))
            _state(result, partial(_share, a, b, divisor))
        self._note(site.place, known(result, current()))


def _pass_on(linear: Linear, constant: int, since: int) -> None:
    """Of terms whose sum is at most so much each is bounded by the least that the others can be."""
    here = contexts[since]
    least: list[int | None] = []
    for monomial, coefficient in linear:
        low, high = here.knowledge.range(monomial)
        end = low if coefficient > 0 else high
        least.append(None if end is None else coefficient * end)
    for i, (monomial, coefficient) in enumerate(linear):
        others = [each for j, each in enumerate(least) if j != i]
        if any(each is None for each in others):
            continue
        most = -constant - sum(each for each in others if each is not None)
        term = integer({monomial: 1})
        fact = le(term, most // coefficient) if coefficient > 0 else le(-(most // -coefficient), term)
        for each in contexts[since:]:
            each.knowledge.note(fact)


def _arbitrary(value: Any) -> bool:
    """Is this made of the number that stands for any one, in the question what a test says?"""
    if type(value) is not Int:
        return False
    made = {name: key for key, term in root().definitions() if type(term) is Int for (name,) in term.poly}
    return any(_mentions(name, made) for monomial in value.poly for name in monomial)


def _mentions(part: Any, made: dict[str, Any]) -> bool:
    """Does a name, or what it was made of, name that number?  What a search has found is a number of its own."""
    if isinstance(part, Formula):
        return any(_mentions(name, made) for monomial in part.monomials() for name in monomial)
    if isinstance(part, str):
        key = made.get(part)
        return str(part).startswith(ANY) or (key is not None and key[0] not in SEARCHES and _mentions(key[1:], made))
    return isinstance(part, tuple | frozenset) and any(_mentions(each, made) for each in part)


def _state(value: Number, bounds: Callable[[Any], Bounds]) -> None:
    """From here on these bounds are known, as far out as they are known to hold."""
    if type(value) is not Int:
        return
    for here in dict.fromkeys(contexts):
        low, high = bounds(here)
        if low is not None:
            here.knowledge.note(le(low, value))
        if high is not None:
            here.knowledge.note(le(value, high))


def known(value: Number, here: Any) -> Bounds:
    """What is known of a value in this context."""
    if type(value) is not Int:
        return int(value), int(value)
    low, high = here.bound(-value), here.bound(value)
    return None if low is None else -low, high


def _product(a: Number, b: Number, here: Any) -> Bounds:
    """A product lies within the products of what its factors lie within; it may be known better as a whole."""
    ends = [x * y for x, y in product(known(a, here), known(b, here)) if x is not None and y is not None]
    low, high = known(a * b, here)
    if len(ends) < 4:
        return low, high
    return max(min(ends), min(ends) if low is None else low), min(max(ends), max(ends) if high is None else high)


def _quotient(a: Number, divisor: Number, here: Any) -> Bounds:
    """A quotient is no further from nothing than by the least divisor, but for one that rounding adds."""
    return _divided(known(a, here), known(divisor, here))


def _divided(dividend: Bounds, divisor: Bounds) -> Bounds:
    """A quotient by a whole number is no further from nothing than what is divided."""
    (low, high), least = dividend, divisor[0]
    if low is None or high is None:
        return None, None
    if least is None or least < 1:
        most = max(abs(low), abs(high))
        return -most, most
    return min(low // least, 0), max(-(-high // least), 0)


def _narrower(a: Bounds, b: Bounds) -> bool:
    """Does the first need no more bits than the second?"""
    one, other = bits_of(a), bits_of(b)
    return one is not None and (other is None or one <= other)


def _share(a: Number, b: Number, divisor: Number, here: Any) -> Bounds:
    """A share of a whole is no further from nothing than the whole."""
    found = _divided(_product(a, b, here), known(divisor, here))
    if here not in (contexts[0], contexts[-1]):
        return found
    for whole, part in ((a, b), (b, a)):
        low, high = known(whole, here)
        if low is None or high is None or _narrower(found, (low, high)):
            continue
        if all(here.proved(each) for each in (le(0, part), le(part, divisor), le(1, divisor))):
            found = min(low, 0), max(high, 0)
    return found


def _found(search: Any, test: Callable[[int], Any], here: Any) -> Bounds:
    """What a search finds is not negative; the smallest that covers is not above what covers, the largest that fits
    is below what does not fit.  The test is asked of numbers of more and more bits, until its answer is known."""
    smallest = search.__name__ == "smallest"

    def enough(count: int) -> bool:
        return here.knows(formula(merged(partial(test, (1 << count) - smallest)))) is smallest

    with silence():
        if not enough(MOST_BITS):
            return 0, None
        return 0, (1 << bisect_left(range(MOST_BITS), True, key=enough)) - 1
