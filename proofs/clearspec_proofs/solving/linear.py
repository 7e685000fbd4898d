"""Which branches are possible: one incremental solver a path, over integers, with products taken as unknowns.

It only prunes: what it excludes is excluded whatever the products are.  Limits are counted in solver
steps, not in time, so that a replay meets the same answers.
"""

from collections.abc import Iterator
from typing import Any

from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import ONE, Formula, Monomial, at_most_zero

STEPS = 400_000


class Possible:
    """Is there a state in which all these facts hold?"""

    _terms: dict[Formula, Any] = {}
    _variables: dict[Monomial, Any] = {}

    def __init__(self) -> None:
        self._solver: Any = None
        self._pending: list[Formula] = []
        self._products: set[Monomial] = set()
        self._told: set[Formula] = set()

    def add(self, facts: list[Formula]) -> None:
        """These hold; the solver hears of them when it is asked."""
        self._pending += facts

    def excludes(self, f: Formula, known: Knowledge, here: bool = False) -> bool:
        """Do the facts rule this out?  Products have the bounds that are known, for good or only `here`."""
        import z3

        if self._solver is None:
            self._solver = z3.SolverFor("QF_LIA")
            self._solver.set("rlimit", STEPS)
        solver = self._solver
        if self._pending:
            solver.add(*(self._term(each) for each in self._pending))
            self._products.update(m for each in self._pending for m in each.monomials() if len(m) > 1)
            self._pending = []
        self._products.update(m for m in f.monomials() if len(m) > 1)
        bounds = [each for each in ranges(self._products, known) if each not in self._told]
        if here:
            solver.push()
        else:
            self._told.update(bounds)
        solver.add(*(self._term(each) for each in bounds))
        if not here:
            solver.push()
        solver.add(self._term(f))
        answer = solver.check()
        solver.pop()
        return bool(answer == z3.unsat)

    def _term(self, f: Formula) -> Any:
        found = self._terms.get(f)
        if found is None:
            found = self._terms[f] = self._translated(f)
        return found

    def _translated(self, f: Formula) -> Any:
        import z3

        if f.kind in ("le", "eq"):
            total = z3.Sum([c * self._variable(m) for m, c in f.linear])
            return total <= -f.constant if f.kind == "le" else total == -f.constant
        if f.kind == "not":
            return z3.Not(self._term(f.parts[0]))
        if f.kind == "every":
            return z3.Bool(f"every!{f.number}")
        if f.kind in ("and", "or"):
            parts = [self._term(part) for part in f.parts]
            return z3.And(parts) if f.kind == "and" else z3.Or(parts)
        return z3.BoolVal(f.kind == "true")

    def _variable(self, monomial: Monomial) -> Any:
        import z3

        if monomial not in self._variables:
            self._variables[monomial] = z3.Int("*".join(monomial))
        return self._variables[monomial]


def ranges(products: "set[Monomial]", known: Knowledge) -> Iterator[Formula]:
    """The bounds of these products that follow from those of their factors."""
    for product in sorted(products):
        low, high = known.range(product)
        if low is not None:
            yield at_most_zero({product: -1, ONE: low} if low else {product: -1})
        if high is not None:
            yield at_most_zero({product: 1, ONE: -high} if high else {product: 1})
