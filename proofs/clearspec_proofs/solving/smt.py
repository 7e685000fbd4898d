"""Obligations as SMT-LIB text, printed straight from the normal form, from the easiest reading to the hardest.

Any subset of the hypotheses is sound, and so is taking products for unknowns, or integers for reals.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, combinations_with_replacement

from attrs import frozen

from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Formula,
    Monomial,
    Poly,
    at_most_zero,
    is_zero,
    multiplied,
    negated,
    poly,
)

LINEAR, REAL, INTEGER = "QF_LIA", "QF_NRA", "QF_NIA"
"""Products as unknowns; products of reals; products of integers."""

MOST_TERMS, HIGHEST_DEGREE, PAIRED = 6, 6, 120
"""Which facts are multiplied, how far, and how many of them with each other."""


def text(facts: Sequence[Formula], logic: str) -> str:
    """The question whether all these can hold."""
    names: set[str] = set()
    for fact in facts:
        for monomial in fact.monomials():
            names.update(("*".join(monomial),) if logic == LINEAR else monomial)
    sort = "Real" if logic == REAL else "Int"
    declared = [f"(declare-fun |{name}| () {sort})" for name in sorted(names)]
    asserted = [f"(assert {printed(fact, logic)})" for fact in facts]
    return "\n".join([f"(set-logic {logic})", *declared, *asserted, "(check-sat)"]) + "\n"


def short_text(facts: Sequence[Formula]) -> str:
    """The question whether all these can hold of integers, with a name for what occurs in them more than once."""
    often, order = dict[Formula, int](), list[Formula]()

    def count(f: Formula) -> None:
        often[f] = often.get(f, 0) + 1
        if often[f] == 1:
            for part in () if f.kind == "every" else f.parts:
                count(part)
            order.append(f)

    for fact in facts:
        count(fact)
    said: dict[Formula, str] = {}
    defined: list[str] = []
    for f in order:
        parts = () if f.kind == "every" else f.parts
        said[f] = f"({f.kind} {' '.join(said[part] for part in parts)})" if parts else printed(f, INTEGER)
        if often[f] > 1 and f.kind not in ("true", "false"):
            defined.append(f"(define-fun |is!{len(defined)}| () Bool {said[f]})")
            said[f] = f"|is!{len(defined) - 1}|"
    names = sorted({name for fact in facts for monomial in fact.monomials() for name in monomial})
    declared = [f"(declare-fun |{name}| () Int)" for name in names]
    asserted = [f"(assert {said[fact]})" for fact in facts]
    return "\n".join([f"(set-logic {INTEGER})", *declared, *defined, *asserted, "(check-sat)"]) + "\n"


def printed(f: Formula, logic: str) -> str:
    """The formula in that logic."""
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
    return f"({f.kind} {' '.join(printed(part, logic) for part in f.parts)})"


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


@frozen
class Lemma:
    """What follows about a product, and from what: an obligation of its own."""

    follows: Formula
    given: tuple[Formula, ...]


def lemma_text(lemma: Lemma) -> str | None:
    """The question whether a lemma can fail, in names of its own; None if it says what is given."""
    if lemma.follows in lemma.given:
        return None
    question = text([*lemma.given, negated(lemma.follows)], REAL)
    names = dict.fromkeys(re.findall(r"\|[^|]*\|", question.partition("(assert")[2]))
    short = {name: f"|x{i}|" for i, name in enumerate(names)}
    head, *lines = re.sub(r"\|[^|]*\|", lambda found: short[found[0]], question).splitlines()
    declared = len(short)
    return "\n".join([head, *sorted(lines[:declared]), *lines[declared:]]) + "\n"


def bounds(monomial: Monomial, known: Knowledge) -> Iterator[Formula]:
    """What is known of how large the factors of a product are, and the whole of it."""
    for part in dict.fromkeys([*((name,) for name in monomial), monomial]):
        low, high = known.stated(part)
        if low is not None:
            yield at_most_zero({part: -1, **poly(low)})
        if high is not None:
            yield at_most_zero({part: 1, **poly(-high)})


def products(facts: Sequence[Formula], goal: Formula, known: Knowledge, most: int = 900) -> list[Lemma]:
    """Products of the facts that say something about the products in the goal."""
    sums = [f for fact in [*facts, goal] for f in (fact.parts if fact.kind == "and" else (fact,))]
    sums = [f for f in sums if f.kind in ("le", "eq") and len(f.linear) <= MOST_TERMS]
    occurring = {m for fact in [*facts, goal] for m in fact.monomials() if len(m) > 1}
    touched = [f for f in sums if any(m in goal.monomials() for m in f.monomials())]
    targets = {m for f in (*touched, goal) for m in f.monomials() if len(m) > 1}
    found = {lemma.follows: lemma for lemma in _along(sums, targets or occurring, known, most)}
    for lemma in _pairs([f for f in sums if f.kind == "le"], occurring, most):
        found.setdefault(lemma.follows, lemma)
    return [lemma for f, lemma in found.items() if f not in (TRUE, FALSE)]


def _along(sums: list[Formula], targets: set[Monomial], known: Knowledge, most: int) -> Iterator[Lemma]:
    """From each product m = c * d, with the sign of c known, to others by c times a fact about d; three steps far."""
    about: dict[Monomial, list[Formula]] = {}
    for f in sums:
        for monomial, _ in f.linear:
            about.setdefault(monomial, []).append(f)
    seen, count = set(targets), 0
    for _ in range(3):
        new: set[Monomial] = set()
        for target in sorted(targets):
            for part, cofactor in _splits(target):
                low, high = known.range(cofactor)
                sign = 1 if low is not None and low >= 0 else -1 if high is not None and high <= 0 else 0
                signed = tuple(bounds(cofactor, known)) if sign else ()
                for f in about.get(part, ()):
                    if len(cofactor) + _degree(_poly(f)) > HIGHEST_DEGREE or (not sign and f.kind == "le"):
                        continue
                    product = multiplied(_poly(f), {cofactor: sign or 1})
                    follows = at_most_zero(product) if f.kind == "le" else is_zero(product)
                    yield Lemma(follows, (f, *(signed if f.kind == "le" else ())))
                    new.update(m for m in product if len(m) > 1)
                    count += 1
                    if count >= most:
                        return
        targets = new - seen
        seen |= new


def _splits(monomial: Monomial) -> Iterator[tuple[Monomial, Monomial]]:
    """Each way to take some factors out of a product: what is taken, what is left."""
    for size in range(1, len(monomial)):
        for taken in dict.fromkeys(combinations(range(len(monomial)), size)):
            yield (
                tuple(monomial[i] for i in taken),
                tuple(name for i, name in enumerate(monomial) if i not in taken),
            )


def _pairs(below: list[Formula], occurring: set[Monomial], most: int) -> list[Lemma]:
    """Products of two facts, both at most zero, that lead to at most one new product."""
    found: list[tuple[int, int, Lemma]] = []
    for (f, a), (g, b) in combinations_with_replacement([(f, _poly(f)) for f in below][:PAIRED], 2):
        if _degree(a) + _degree(b) <= HIGHEST_DEGREE:
            product = multiplied(a, b)
            new = sum(len(m) > 1 and m not in occurring for m in product)
            if new <= 1 and any(m in occurring for m in product):
                follows = at_most_zero({m: -c for m, c in product.items()})
                found.append((new, len(product), Lemma(follows, (f, g))))
    found.sort(key=lambda each: each[:2])
    return [lemma for _, _, lemma in found[:most]]


def _poly(f: Formula) -> Poly:
    return {**dict(f.linear), **poly(f.constant)}


def _degree(p: Poly) -> int:
    return max((len(m) for m in p), default=0)
