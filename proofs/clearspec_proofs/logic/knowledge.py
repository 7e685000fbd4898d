"""What is known on a path, and what follows from it without a solver: literals, bounds and their sums."""

from collections.abc import Iterator
from math import prod

from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Formula,
    Int,
    Monomial,
    Sum,
    any_of,
    both,
    either_sign,
    negated,
    symbol,
)

Bound = int | None


class Contradiction(BaseException):
    """What was to be learned contradicts what is known."""


class Knowledge:
    """Facts that hold here, on top of those that hold around."""

    def __init__(self, around: "Knowledge | None" = None) -> None:
        self.around = around
        self.facts: dict[Formula, None] = {}
        self.same: dict[str, Int | int] = {}
        self._most: dict[Sum, int] = {} if around is None else dict(around._most)
        self._waiting: dict[Formula, list[Formula]] = {}

    def copied(self) -> "Knowledge":
        """What is known now, whatever is learned later."""
        copy = Knowledge(self.around)
        copy.facts, copy.same, copy._most = dict(self.facts), dict(self.same), dict(self._most)
        copy._waiting = {fact: list(waiting) for fact, waiting in self._waiting.items()}
        return copy

    def learn(self, fact: Formula) -> list[Formula]:
        """Add a fact and what follows from it at once; the new ones, in simplest form."""
        new: list[Formula] = []
        todo = [fact]
        while todo:
            raw = todo.pop()
            f = self.simplified(raw)
            if f is FALSE:
                raise Contradiction
            if f is TRUE:
                continue
            if f.kind == "and":
                todo.extend(reversed(f.parts))
                continue
            self.facts[f] = None
            new.append(f)
            if f.kind == "every":
                todo.append(f.parts[0])
            elif f.kind == "or":
                for part in f.parts[-2:]:
                    self._waiting.setdefault(negated(part), []).append(f)
            elif f.kind in ("le", "eq"):
                self._bound(f)
            for weaker in self._waiting.pop(f, ()):
                self.facts.pop(weaker, None)
                todo.append(weaker)
            here = self.around
            while here is not None:
                todo += here._waiting.get(f, ())
                here = here.around
        return new

    def _bound(self, f: Formula) -> None:
        self.note(f)
        if f.kind == "eq":
            self._unify(f)

    def refutes(self, f: Formula) -> bool:
        """Does it contradict what is known, by learning it and what follows at once?"""
        try:
            Knowledge(self).learn(f)
        except Contradiction:
            return True
        return False

    def note(self, f: Formula) -> None:
        """Remember the bounds that a comparison states."""
        if f.kind in ("le", "eq"):
            self._note(f.sum, -f.constant)
        if f.kind == "eq":
            self._note(f.sum.opposite(), f.constant)

    def _unify(self, f: Formula) -> None:
        """Let one symbol stand for the other where two are equal, or a number for a symbol."""
        if any(len(m) != 1 or abs(c) != 1 for m, c in f.linear):
            return
        if len(f.linear) == 1:
            (((name,), sign),) = f.linear
            self.same[name] = -f.constant * sign
        elif len(f.linear) == 2 and not f.constant and f.linear[0][1] == -f.linear[1][1]:
            self.same[f.linear[1][0][0]] = symbol(f.linear[0][0][0])

    def canonical(self, term: Int | int) -> Int | int:
        """The symbol or number that stands for all that are known to equal this symbol."""
        here = self
        while type(term) is Int and here is not None:
            (name,) = next(iter(term.poly))
            for here in self.chain():
                if name in here.same:
                    term = here.same[name]
                    break
            else:
                return term
        return term

    def _note(self, total: Sum, most: int) -> None:
        if most < self._most.get(total, most + 1):
            self._most[total] = most

    def chain(self) -> "Iterator[Knowledge]":
        """This knowledge, then what it stands on."""
        here: Knowledge | None = self
        while here is not None:
            yield here
            here = here.around

    def most(self, of: Sum) -> Bound:
        """An upper bound of the sum, from stated bounds and from those of its terms."""
        known = self._most
        stated = known.get(of)
        if of.single:
            return stated
        total = 0
        for monomial, coefficient, plus, minus in of.terms():
            if len(monomial) > 1:
                low, high = self.range(monomial)
                bound = high if coefficient > 0 else low
            else:
                bound = known.get(plus if coefficient > 0 else minus)
                if coefficient < 0 and bound is not None:
                    bound = -bound
            if bound is None:
                return stated
            total += coefficient * bound
        return total if stated is None or total < stated else stated

    def stated(self, monomial: Monomial) -> tuple[Bound, Bound]:
        """The bounds that are stated of a symbol, or of a product as a whole."""
        plus, minus = either_sign(monomial)
        high, low = self._most.get(plus), self._most.get(minus)
        return None if low is None else -low, high

    def range(self, monomial: Monomial) -> tuple[Bound, Bound]:
        """Bounds of a product of symbols."""
        low, high = self.stated(monomial)
        if len(monomial) > 1:
            low_, high_ = _product([(atom, self.range((atom,))) for atom in monomial])
            low = low_ if low is None else low if low_ is None else max(low, low_)
            high = high_ if high is None else high if high_ is None else min(high, high_)
        return low, high

    def knows(self, f: Formula) -> bool | None:
        """Is this literal known to hold, known not to, or neither?"""
        if f is TRUE or f is FALSE:
            return f is TRUE
        opposite = f.opposite or negated(f)
        here: Knowledge | None = self
        while here is not None:
            if f in here.facts:
                return True
            if opposite in here.facts:
                return False
            here = here.around
        kind = f.kind
        if kind == "not":
            other = self.knows(f.parts[0])
            return None if other is None else not other
        if kind not in ("le", "eq"):
            return None
        most, constant = self.most(f.sum), f.constant
        if kind == "le" and most is not None and most + constant <= 0:
            return True
        least = self.most(f.sum.opposite())
        if kind == "le":
            return False if least is not None and constant - least > 0 else None
        if (most is not None and most + constant < 0) or (least is not None and constant - least > 0):
            return False
        return True if most is not None and least is not None and most == -least == -constant else None

    def simplified(self, f: Formula) -> Formula:
        """The formula with all that is known replaced by true and false."""
        if f.kind in ("and", "or"):
            zero = FALSE if f.kind == "and" else TRUE
            parts, changed = [], False
            for part in f.parts:
                simple = self.simplified(part)
                if simple is zero:
                    return zero
                parts.append(simple)
                changed |= simple is not part
            if changed:
                f = both(*parts) if f.kind == "and" else any_of(*parts)
        known = self.knows(f)
        return f if known is None else TRUE if known else FALSE


def _product(ranges: list[tuple[str, tuple[Bound, Bound]]]) -> tuple[Bound, Bound]:
    """Bounds of a product; a symbol that stands in it twice is squared."""
    names = [name for name, _ in ranges]
    low: Bound = 1
    high: Bound = 1
    done: set[str] = set()
    for name, (a, b) in ranges:
        if name in done:
            continue
        done.add(name)
        times = names.count(name)
        for _ in range(times // 2):
            ends = [x * x for x in (a, b) if x is not None]
            least = min(ends) if (a is not None and a >= 0) or (b is not None and b <= 0) else 0
            low, high = _times((low, high), (least, max(ends) if len(ends) == 2 else None))
        if times % 2:
            low, high = _times((low, high), (a, b))
    return low, high


def _times(a: tuple[Bound, Bound], b: tuple[Bound, Bound]) -> tuple[Bound, Bound]:
    (p, q), (r, s) = a, b
    if p is not None and q is not None and r is not None and s is not None:
        ends = [prod(pair) for pair in ((p, r), (p, s), (q, r), (q, s))]
        return min(ends), max(ends)
    if p is not None and r is not None and p >= 0 and r >= 0:
        return p * r, None
    if q is not None and s is not None and q <= 0 and s <= 0:
        return q * s, None
    if p is not None and s is not None and p >= 0 and s <= 0:
        return None, p * s
    if q is not None and r is not None and q <= 0 and r >= 0:
        return None, q * r
    return None, None
