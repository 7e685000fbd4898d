"""Obligations as SMT-LIB text, printed straight from the normal form, from the easiest reading to the hardest.

Any subset of the hypotheses is sound, and so is taking products for unknowns, or integers for reals.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement

from clearspec_proofs.terms import FALSE, TRUE, Formula, Poly, at_most_zero, is_zero, multiplied, poly

LINEAR, REAL, INTEGER = "QF_LIA", "QF_NRA", "QF_NIA"
"""Products as unknowns; products of reals; products of integers."""


def text(facts: Sequence[Formula], logic: str) -> str:
    """The question whether all these can hold."""
    names: set[str] = set()
    for fact in facts:
        for monomial in fact.monomials():
            names.update(("*".join(monomial),) if logic == LINEAR else monomial)
    sort = "Real" if logic == REAL else "Int"
    declared = [f"(declare-fun |{name}| () {sort})" for name in sorted(names)]
    asserted = [f"(assert {_formula(fact, logic)})" for fact in facts]
    return "\n".join([f"(set-logic {logic})", *declared, *asserted, "(check-sat)"]) + "\n"


def _formula(f: Formula, logic: str) -> str:
    found = f.texts.get(logic)
    if found is None:
        found = f.texts[logic] = _printed(f, logic)
    return found


def _printed(f: Formula, logic: str) -> str:
    if f.kind in ("le", "eq"):
        terms = [_term(c, _product(m, logic), logic) for m, c in f.linear]
        total = terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"
        return f"({'<=' if f.kind == 'le' else '='} {total} {_number(-f.constant, logic)})"
    if f.kind == "every":
        return f"(>= |every!{f.number}| {_number(1, logic)})"
    if f.kind in ("true", "false"):
        return f.kind
    return f"({f.kind} {' '.join(_formula(part, logic) for part in f.parts)})"


def _number(value: int, logic: str) -> str:
    digits = f"{abs(value)}.0" if logic == REAL else str(abs(value))
    return digits if value >= 0 else f"(- {digits})"


def _product(monomial: tuple[str, ...], logic: str) -> str:
    if logic == LINEAR or len(monomial) == 1:
        return f"|{'*'.join(monomial)}|"
    return f"(* {' '.join(f'|{name}|' for name in monomial)})"


def _term(coefficient: int, product: str, logic: str) -> str:
    return product if coefficient == 1 else f"(* {_number(coefficient, logic)} {product})"


def near(hypotheses: Iterable[Formula], goal: Formula, hops: int) -> list[Formula]:
    """The hypotheses that share a symbol with the goal, with those, and so on."""
    hypotheses = list(hypotheses)
    by_symbol: dict[str, list[int]] = {}
    symbols = [{name for m in h.monomials() for name in m} for h in hypotheses]
    for i, names in enumerate(symbols):
        for name in names:
            by_symbol.setdefault(name, []).append(i)
    seen = {name for m in goal.monomials() for name in m}
    front, kept = set(seen), set[int]()
    for _ in range(hops):
        found = {i for name in front for i in by_symbol.get(name, ())} - kept
        kept |= found
        front = {name for i in found for name in symbols[i]} - seen
        seen |= front
    return [h for i, h in enumerate(hypotheses) if i in kept]


def with_products(facts: Sequence[Formula], most: int = 800, degree: int = 4) -> list[Formula]:
    """The facts and the products of pairs of them that say something about products which occur already."""
    sums = [f for fact in facts for f in (fact.parts if fact.kind == "and" else (fact,))]
    below = [_poly(f) for f in sums if f.kind == "le"]
    zero = [_poly(f) for f in sums if f.kind == "eq"]
    occurring = {m for fact in facts for m in fact.monomials() if len(m) > 1}
    single = sorted({name for m in occurring for name in m})
    found: list[tuple[int, int, Formula]] = []
    for a, b in combinations_with_replacement(below, 2):
        if _degree(a) + _degree(b) <= degree:
            product = multiplied(a, b)
            new = sum(len(m) > 1 and m not in occurring for m in product)
            if new <= 1 and any(m in occurring for m in product):
                found.append((new, len(product), at_most_zero({m: -c for m, c in product.items()})))
    for a in zero:
        for name in single:
            product = multiplied(a, {(name,): 1})
            new = sum(len(m) > 1 and m not in occurring for m in product)
            if new <= 1 and _degree(product) <= degree:
                found.append((new, len(product), is_zero(product)))
    found.sort(key=lambda each: each[:2])
    products = dict.fromkeys(f for _, _, f in found[:most] if f not in (TRUE, FALSE))
    return [*facts, *products]


def _poly(f: Formula) -> Poly:
    return {**dict(f.linear), **poly(f.constant)}


def _degree(p: Poly) -> int:
    return max((len(m) for m in p), default=0)
