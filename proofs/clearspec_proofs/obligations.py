"""Showing that a goal follows: readings from the easiest to the hardest, small cores, and cases."""

from collections.abc import Callable, Sequence

from clearspec_proofs.knowledge import Contradiction, Knowledge
from clearspec_proofs.linear import ranges
from clearspec_proofs.smt import INTEGER, LINEAR, REAL, near, text, with_products
from clearspec_proofs.solvers import CVC5, Z3, Solver
from clearspec_proofs.terms import Formula, both, negated

Reading = tuple[str, int | None, bool]
Names = frozenset[str]

BOTH: Names = frozenset({Z3, CVC5})
NONE: Names = frozenset()

AT_ONCE: tuple[Reading, ...] = ((LINEAR, 2, False), (LINEAR, None, False))
EASY: tuple[Reading, ...] = (*AT_ONCE, (LINEAR, 1, True), (LINEAR, 2, True))
HARD: tuple[Reading, ...] = ((REAL, 2, False), (INTEGER, 2, False), (LINEAR, None, True), (INTEGER, None, False))
"""How an obligation is read: the logic, how far hypotheses may be from the goal, whether products are added."""

SECOND_LIMIT = 2.0
"""Seconds for the second solver on a question that can be asked again in a smaller way."""

MOST_CASES = 40


class Obligations:
    """Two solvers, and what they answered."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.solvers = [Solver(Z3), Solver(CVC5)]
        self._answers: dict[tuple[str, str], bool] = {}

    def stop(self) -> None:
        """End the solvers."""
        for solver in self.solvers:
            solver.stop()

    def at_once(self, known: Knowledge, goal: Formula) -> Names:
        """The solvers that show the goal, asked in one quick question or two."""
        return self._read(known, negated(goal), AT_ONCE)

    def shown(self, known: Knowledge, goal: Formula) -> Names:
        """The solvers that show the goal, whatever it takes."""
        wanted = negated(goal)
        names = self._read(known, wanted, EASY)
        if names == BOTH:
            return names
        split = cases(wanted, known)
        if names or split is None or len(split) <= 1:
            return names | self._read(known, wanted, HARD, names)
        return _all(split, lambda case: self._read(known, case, (*EASY, *HARD)))

    def _read(self, known: Knowledge, wanted: Formula, readings: Sequence[Reading], names: Names = NONE) -> Names:
        """The solvers that say that what is wanted contradicts what is known."""
        facts = list(known.facts)
        asked: set[str] = set()
        for logic, hops, products in readings:
            chosen = facts if hops is None else near(facts, wanted, hops)
            chosen = with_products(chosen, wanted, known) if products else [*chosen, wanted]
            chosen += ranges({m for f in chosen for m in f.monomials() if len(m) > 1}, known)
            question = text(chosen, logic)
            if question in asked:
                continue
            asked.add(question)
            if Z3 in names or self._says_unsat(self.solvers[0], question, self.timeout):
                limit = min(self.timeout, SECOND_LIMIT)
                second = logic == LINEAR and self._says_unsat(self.solvers[1], question, limit)
                names |= BOTH if second else self._core(chosen, question, logic) | {Z3}
            if names == BOTH:
                break
        return names

    def _core(self, facts: list[Formula], question: str, logic: str) -> Names:
        """The solvers that see the contradiction in the few facts that make it up, if need be case by case."""
        core = self.solvers[0].ask(question, self.timeout, core=True).values
        few = [fact for i, fact in enumerate(facts) if str(i) in core]
        if not few or self._says_unsat(self.solvers[1], text(few, logic), SECOND_LIMIT):
            return BOTH if few and self._says_unsat(self.solvers[0], text(few, logic), self.timeout) else NONE
        split = cases(both(*few), Knowledge())
        return NONE if split is None else _all(split, self._small)

    def _small(self, case: Formula) -> Names:
        """The solvers that see that a few facts contradict each other."""
        names = NONE
        facts = [*(case.parts if case.kind == "and" else (case,))]
        known = Knowledge()
        known.learn(case)
        facts += ranges({m for f in facts for m in f.monomials() if len(m) > 1}, known)
        for logic, products in ((LINEAR, True), (REAL, False), (INTEGER, False)):
            question = text(with_products(facts[1:], facts[0], known) if products else facts, logic)
            for solver in self.solvers:
                if solver.name not in names and self._says_unsat(solver, question, min(self.timeout, SECOND_LIMIT)):
                    names |= {solver.name}
            if names == BOTH:
                break
        return names

    def _says_unsat(self, solver: Solver, question: str, timeout: float) -> bool:
        key = (solver.name, question)
        if key not in self._answers:
            self._answers[key] = solver.ask(question, timeout).result == "unsat"
        return self._answers[key]


def cases(wanted: Formula, known: Knowledge) -> list[Formula] | None:
    """The ways in which a formula can hold, each a conjunction that what is known does not rule out at once.

    None if they are too many.
    """
    found: list[Formula] = []
    todo = [wanted]
    while todo:
        here = Knowledge(known)
        try:
            here.learn(todo.pop())
        except Contradiction:
            continue
        choices = [f for f in here.facts if f.kind == "or" and not any(here.knows(part) for part in f.parts)]
        if not choices:
            found.append(both(*here.facts))
        elif len(found) + len(todo) > MOST_CASES:
            return None
        else:
            choice = min(choices, key=lambda fact: len(fact.parts))
            rest = both(*(fact for fact in here.facts if fact is not choice))
            for i, part in enumerate(choice.parts):
                todo.append(both(part, *(negated(earlier) for earlier in choice.parts[:i]), rest))
    return found


def _all(split: list[Formula], show: Callable[[Formula], Names]) -> Names:
    names = BOTH
    for case in split:
        names &= show(case)
        if not names:
            break
    return names
