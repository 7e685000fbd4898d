"""Showing that a goal follows: readings from the easiest to the hardest, small cores, and cases."""

from collections.abc import Callable, Sequence

from clearspec_proofs.knowledge import Contradiction, Knowledge
from clearspec_proofs.linear import ranges
from clearspec_proofs.smt import INTEGER, LINEAR, REAL, near, printed, text, with_products
from clearspec_proofs.solvers import CVC5, Z3, Solver
from clearspec_proofs.terms import Formula, both, negated

Reading = tuple[str, int | None, bool]
Names = frozenset[str]
Core = tuple[str, str, frozenset[str]]
"""In which logic, what is not possible, given which few facts: as both solvers have read it."""

BOTH: Names = frozenset({Z3, CVC5})
NONE: Names = frozenset()

PRODUCTS: tuple[Reading, ...] = ((LINEAR, 1, True), (LINEAR, 2, True))
EASY: tuple[Reading, ...] = ((LINEAR, 2, False), (LINEAR, None, False), *PRODUCTS)
HARD: tuple[Reading, ...] = ((REAL, 2, False), (INTEGER, 2, False), (LINEAR, None, True), (INTEGER, None, False))
"""How an obligation is read: the logic, how far hypotheses may be from the goal, whether products are added."""

SHORT, AT_A_GLANCE = 2.0, 0.25
"""Seconds for a question that can be asked again in another way; and of few facts, before all other ways were tried."""

MOST_CASES = 40


class Obligations:
    """Two solvers, and what they answered."""

    def __init__(self, timeout: float) -> None:
        self.timeout, self.patient, self._patience = timeout, True, AT_A_GLANCE
        self.solvers = [Solver(Z3), Solver(CVC5)]
        self._answers: dict[tuple[str, str], tuple[str, float]] = {}
        self._cores: dict[tuple[str, str], list[frozenset[str]]] = {}
        self._new: list[Core] = []

    def start(self) -> None:
        """Start the solvers."""
        for solver in self.solvers:
            solver.start()

    def learned(self) -> list[Core]:
        """The contradictions that were not known when this was asked last."""
        new, self._new = self._new, []
        return new

    def learn(self, cores: list[Core]) -> None:
        """What both solvers have said to another one, in the same words."""
        for logic, wanted, few in cores:
            self._cores.setdefault((logic, wanted), []).append(few)

    def stop(self) -> None:
        """End the solvers."""
        for solver in self.solvers:
            solver.stop()

    def at_once(self, known: Knowledge, goals: Sequence[Formula]) -> tuple[set[Formula], set[Formula]]:
        """The goals that both solvers show with products as unknowns, and those that do not follow in that way."""
        wanted = {goal: negated(goal) for goal in goals}
        facts = _with_ranges([*known.facts, *wanted.values()], known)
        del facts[len(known.facts) : len(known.facts) + len(wanted)]
        answers = self._contradicted(facts, list(wanted.values()), LINEAR)
        shown = {goal for goal in goals if answers[wanted[goal]] == BOTH}
        return shown, {goal for goal in goals if answers[wanted[goal]] is None}

    def shown(self, known: Knowledge, goal: Formula, failing: bool = False) -> Names:
        """The solvers that show the goal, whatever it takes; if it is `failing`, not without what its products are."""
        wanted = negated(goal)
        names = self._read(known, wanted, PRODUCTS if failing else EASY)
        if names == BOTH:
            return names
        split = cases(wanted, known)
        if not names and split is not None and len(split) > 1:
            return _all(split, lambda case: self._patiently(known, case, (*EASY, *HARD)))
        return self._patiently(known, wanted, HARD, names)

    def _patiently(self, known: Knowledge, wanted: Formula, readings: Sequence[Reading], names: Names = NONE) -> Names:
        """As `_read`; and again, with more time for few facts, if one solver sees what the other does not."""
        names |= self._read(known, wanted, readings, names)
        if names and names != BOTH and self.patient:
            self._patience = SHORT
            names |= self._read(known, wanted, readings, names)
            self._patience = AT_A_GLANCE
        return names

    def _read(self, known: Knowledge, wanted: Formula, readings: Sequence[Reading], names: Names = NONE) -> Names:
        """The solvers that say that what is wanted contradicts what is known."""
        facts = list(known.facts)
        asked: set[str] = set()
        for logic, hops, products in readings:
            chosen = facts if hops is None else near(facts, wanted, hops)
            chosen = with_products(chosen, wanted, known) if products else [*chosen, wanted]
            chosen = [fact for fact in _with_ranges(chosen, known) if fact is not wanted]
            question = text([*chosen, wanted], logic)
            if question in asked:
                continue
            asked.add(question)
            answer = self._contradicted(chosen, [wanted], logic)[wanted] if logic == LINEAR else NONE
            if not answer and answer is not None and self._says_unsat(self.solvers[0], question, self.timeout):
                answer = self._contradicted(chosen, [wanted], logic)[wanted] or frozenset({Z3})
            names |= answer or NONE
            if names == BOTH:
                break
        return names

    def _contradicted(self, facts: list[Formula], wanted: list[Formula], logic: str) -> dict[Formula, Names | None]:
        """The solvers that see that each of these contradicts the facts; None where it does not.

        Z3 looks for the few facts that are enough, and then both are asked of those alone, unless they were before.
        """
        have, found = {printed(fact, logic) for fact in facts}, dict[Formula, Names | None]()
        for each in wanted:
            if any(core <= have for core in self._cores.get((logic, printed(each, logic)), ())):
                found[each] = BOTH
        asked = [each for each in wanted if each not in found]
        answers = (
            self.solvers[0].cores(text([*facts, *asked], logic), len(asked), min(self.timeout, SHORT)) if asked else []
        )
        for each, answer in zip(asked, answers, strict=True):
            found[each] = None if answer.result == "sat" else NONE
            if answer.result == "unsat":
                core = {fact: answer.values[str(i)] for i, fact in enumerate(facts) if str(i) in answer.values}
                found[each] = frozenset({Z3}) | self._core(core, each, logic)
        return found

    def _core(self, core: dict[Formula, int], wanted: Formula, logic: str) -> Names:
        """The solvers that see that what is wanted contradicts a few facts, if need be case by case.

        Products are hard: what the least facts leave open may be easy with more of them, and the other way round.
        """
        least = [fact for fact, needed in core.items() if needed]
        if self._agreed(least, wanted, logic) or (len(least) < len(core) and self._agreed(list(core), wanted, logic)):
            return BOTH
        split = cases(both(*core, wanted), Knowledge())
        return NONE if split is None else _all(split, self._small)

    def _agreed(self, few: list[Formula], wanted: Formula, logic: str) -> bool:
        """Do both solvers see that what is wanted contradicts these facts?  If so, that is remembered."""
        question = text([*few, wanted], logic)
        agreed = all(self._says_unsat(solver, question, self._patience) for solver in reversed(self.solvers))
        if agreed:
            self._new.append((logic, printed(wanted, logic), frozenset(printed(fact, logic) for fact in few)))
            self.learn(self._new[-1:])
        return agreed

    def _small(self, case: Formula) -> Names:
        """The solvers that see that a few facts contradict each other."""
        names = NONE
        facts = [*(case.parts if case.kind == "and" else (case,))]
        known = Knowledge()
        known.learn(case)
        facts = _with_ranges(facts, known)
        for logic, products in ((LINEAR, True), (REAL, False), (INTEGER, False)):
            question = text(with_products(facts[1:], facts[0], known) if products else facts, logic)
            for solver in self.solvers:
                if solver.name not in names and self._says_unsat(solver, question, self._patience):
                    names |= {solver.name}
            if names == BOTH:
                break
        return names

    def _says_unsat(self, solver: Solver, question: str, timeout: float) -> bool:
        key = (solver.name, question)
        result, within = self._answers.get(key, ("unknown", 0.0))
        if result == "unknown" and within < timeout:
            result = solver.ask(question, timeout).result
            self._answers[key] = result, timeout
        return result == "unsat"


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


def _with_ranges(facts: list[Formula], known: Knowledge) -> list[Formula]:
    """The facts, and the bounds of the products in them."""
    return [*facts, *ranges({m for f in facts for m in f.monomials() if len(m) > 1}, known)]


def _all(split: list[Formula], show: Callable[[Formula], Names]) -> Names:
    names = BOTH
    for case in split:
        names &= show(case)
        if not names:
            break
    return names
