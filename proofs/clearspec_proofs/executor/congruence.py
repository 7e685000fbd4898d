"""What was learned after a term was made: the term as it would be made now, and equal terms under one name.

A maximum, a quotient, a case distinction or a searched value is a function of what it is made of.  So two of them
made of what is equal by now are equal, and a case distinction whose condition is known by now is one of its two cases.
And where one of x = 0 and y = z is known to hold, x y is x z.
"""

from collections.abc import Iterator
from typing import Any

from clearspec_proofs.executor.arithmetic import Number, active, le, term_key
from clearspec_proofs.executor.path import Path
from clearspec_proofs.logic.terms import (
    FALSE,
    ONE,
    TRUE,
    Formula,
    Poly,
    added,
    any_of,
    at_most_zero,
    both,
    formula,
    integer,
    is_zero,
    multiplied,
    negated,
    poly,
    symbol,
)


class Congruence:
    """The terms of a path, rewritten by what is known at its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now: dict[str, Poly] = {}
        self._beside: dict[str, dict[str, Poly]] = {}
        self._formulas: dict[Formula, Formula] = {}
        with active(path):
            for name in path.knowledge.same:
                self._now[name] = poly(path.knowledge.canonical(symbol(name)))
            self._collect()
            for fact in path.knowledge.facts:
                for factor, name, same in equal_beside(fact):
                    self._beside.setdefault(name, {}).setdefault(factor, same)
            for fact in list(path.knowledge.facts):
                now = self.formula(fact)
                if now is not fact:
                    path.state(now)

    def _collect(self) -> None:
        """From the oldest term on, so that what a term is made of comes before it."""
        first: dict[Any, Number] = {}
        for key, value in self._path.definitions():
            (name,) = next(iter(poly(value)))
            now = self._key(key)
            same = self._value(now)
            if same is None:
                same = first.setdefault(now, value)
            if same is not value and name not in self._now:
                self._now[name] = poly(same)
                self._path.state(formula(value == same))

    def _key(self, key: Any) -> Any:
        kind, *parts = key
        return kind, *(self._part(part) for part in parts)

    def _part(self, part: Any) -> Any:
        if isinstance(part, Formula):
            return self._path.knowledge.simplified(self.formula(part))
        if isinstance(part, int | str):
            return part
        if all(isinstance(each, tuple) for each in part):
            return term_key(integer(self._poly(dict(part))))
        return frozenset(self._part(each) for each in part)

    def _value(self, key: Any) -> Number | None:
        """What the term is, where that is known by now: one of its cases."""
        kind, *parts = key
        if kind == "if" and parts[0] in (TRUE, FALSE):
            return _integer(parts[1 if parts[0] is TRUE else 2])
        if kind == "//" and all(isinstance(each, int) for each in parts) and parts[1] > 0:
            return parts[0] // parts[1]  # type: ignore[no-any-return]
        if kind == "max":
            options = [_integer(each) for each in parts[0]]
            knows = self._path.knows
            return next((a for a in options if all(a is b or knows(le(b, a)) for b in options)), None)
        return None

    def _poly(self, terms: Poly) -> Poly:
        if not any(atom in self._now or atom in self._beside for monomial in terms for atom in monomial):
            return terms
        total: Poly = {}
        for monomial, coefficient in terms.items():
            product: Poly = {ONE: coefficient}
            for atom in monomial:
                product = multiplied(product, self._now.get(atom, {(atom,): 1}))
            total = added(total, product)
        return self._with_same_products(total)

    def _with_same_products(self, terms: Poly) -> Poly:
        """One factor of a product after another is replaced by what is the same beside those that stay."""
        total: Poly = {}
        for monomial, coefficient in terms.items():
            for i, atom in enumerate(monomial):
                others = monomial[:i] + monomial[i + 1 :]
                same = next((same for each, same in self._beside.get(atom, {}).items() if each in others), None)
                if same is not None:
                    product = self._with_same_products(multiplied(same, {others: coefficient}))
                    break
            else:
                product = {monomial: coefficient}
            total = added(total, product)
        return total

    def formula(self, f: Formula) -> Formula:
        """The formula in the terms of now.  What is said of all rows of a table stays as it is."""
        found = self._formulas.get(f)
        if found is None:
            found = self._formulas[f] = self._rewritten(f)
        return found

    def _rewritten(self, f: Formula) -> Formula:
        if f.kind in ("le", "eq"):
            terms = dict(f.linear)
            now = self._poly(terms)
            if now is terms:
                return f
            whole = added(now, {ONE: f.constant}) if f.constant else now
            return at_most_zero(whole) if f.kind == "le" else is_zero(whole)
        if f.kind == "not":
            return negated(self.formula(f.parts[0]))
        if f.kind in ("and", "or"):
            parts = [self.formula(part) for part in f.parts]
            return both(*parts) if f.kind == "and" else any_of(*parts)
        return f


def equal_beside(fact: Formula) -> Iterator[tuple[str, str, Poly]]:
    """Of a fact that x = 0 or y = z: x, y and z, where y comes after all that z is made of.

    Beside x, then, y may be replaced by z: if x is not 0 they are equal, and if it is, so are the products.
    """
    if fact.kind != "or" or len(fact.parts) != 2:
        return
    for one, other in (fact.parts, reversed(fact.parts)):
        if one.kind != "eq" or one.constant or len(one.linear) != 1 or len(one.linear[0][0]) != 1:
            continue
        for equation in other.parts if other.kind == "and" else (other,):
            if equation.kind != "eq" or any(len(monomial) != 1 for monomial, _ in equation.linear):
                continue
            last, sign = max(equation.linear)
            if abs(sign) == 1:
                rest = {monomial: -sign * c for monomial, c in equation.linear if monomial != last}
                yield one.linear[0][0][0], last[0], added(rest, poly(-sign * equation.constant))


def _integer(key: Any) -> Number:
    return key if isinstance(key, int) else integer(dict(key))
