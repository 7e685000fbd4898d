"""Which branches are possible: one incremental solver a path, over integers, with products taken as unknowns.

It only prunes: what it excludes is excluded whatever the products are.  Limits are counted in solver
steps, not in time, so that a replay meets the same answers.
"""

from clearspec_proofs.terms import Formula, Monomial

STEPS = 400_000


class Possible:
    """Is there a state in which all these facts hold?"""

    _terms: dict[Formula, object] = {}
    _variables: dict[Monomial, object] = {}

    def __init__(self) -> None:
        self._solver: object | None = None
        self._pending: list[Formula] = []

    def add(self, facts: list[Formula]) -> None:
        """These hold; the solver hears of them when it is asked."""
        self._pending += facts

    def excludes(self, f: Formula) -> bool:
        """Do the facts rule this out?"""
        import z3

        if self._solver is None:
            self._solver = z3.SolverFor("QF_LIA")
            self._solver.set("rlimit", STEPS)
        solver: z3.Solver = self._solver
        if self._pending:
            solver.add(*(self._term(each) for each in self._pending))
            self._pending = []
        solver.push()
        solver.add(self._term(f))
        answer = solver.check()
        solver.pop()
        return bool(answer == z3.unsat)

    def _term(self, f: Formula) -> object:
        found = self._terms.get(f)
        if found is None:
            found = self._terms[f] = self._translated(f)
        return found

    def _translated(self, f: Formula) -> object:
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

    def _variable(self, monomial: Monomial) -> object:
        import z3

        if monomial not in self._variables:
            self._variables[monomial] = z3.Int("*".join(monomial))
        return self._variables[monomial]
