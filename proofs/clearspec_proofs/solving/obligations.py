"""Showing that a goal follows: readings from the easiest to the hardest, small cores, and cases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic

from attrs import field, frozen

from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import Formula, Monomial, both, negated
from clearspec_proofs.solving.linear import ranges
from clearspec_proofs.solving.smt import INTEGER, LINEAR, REAL, Lemma, bounds, lemma_text, near, printed, products, text
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver
from clearspec_proofs.solving.store import Store, Texts, digest_of

Reading = tuple[str, int | None, bool]
Core = tuple[str, str, frozenset[str], Texts]
"""In which logic, what is not possible, given which few facts: as both solvers have read it, in which texts."""

Said = tuple[str, str]
"""A solver, and what it has said unsat of."""

BOTH = frozenset({Z3, CVC5})
NONE: Texts = {}

PRODUCTS: tuple[Reading, ...] = ((LINEAR, 1, True), (LINEAR, 2, True))
EASY: tuple[Reading, ...] = ((LINEAR, 2, False), (LINEAR, None, False), *PRODUCTS)
HARD: tuple[Reading, ...] = ((REAL, 2, False), (INTEGER, 2, False), (LINEAR, None, True), (INTEGER, None, False))
"""How an obligation is read: the logic, how far hypotheses may be from the goal, whether products are added."""

SHORT, AT_A_GLANCE = 2.0, 0.25
"""Seconds for a question that can be asked again in another way; and of few facts, before all other ways were tried."""

MOST_CASES = 40


@frozen
class Learned:
    """Contradictions, lemmas that were shown, and by which reading what each is `about` was shown last."""

    cores: Sequence[Core] = ()
    said: Sequence[Said] = ()
    worked: Mapping[str, Reading] = field(factory=dict)


class Obligations:
    """Shows goals by two solvers, and remembers what they answered.

    A goal follows if its opposite contradicts what is known, and both solvers say so.  Any weaker question will do, as
    long as the answer is `unsat`: fewer facts, products taken as unknowns, reals in the place of integers.

    **Readings.**  A reading is a logic, how far facts may be from the goal, and whether products of facts are added.
    They are tried from the easiest to the hardest, each for a short time before any of them is waited for (`_read`).
    Goals that have `about` in common are read first as the last one of them was shown.

    **Cores.**  Z3 looks for the few facts that are enough (`_contradicted`).  That search is not believed: both solvers
    are asked of these facts alone (`_agreed`).  If both say `unsat`, the core is remembered, and on another path where
    the same facts hold nobody is asked again.

    **Cases.**  Where that does not do, what is wanted is split into cases.  Each case is shown by itself.  That there
    is no other case is a question of its own (`_by_cases`).

    **Lemmas.**  What was added about products is no fact of the path.  Each lemma in a text is shown by itself; a
    solver that does not show it has not shown the goal (`_with_lemmas`).

    What comes out are `Texts`: of each solver, the digests of all texts that it said `unsat` of.  A goal for which both
    solvers stand in it is agreed.  If not `patient`, what one solver shows is left at that.
    """

    def __init__(self, timeout: float, store: Store | None = None) -> None:
        self.timeout, self.patient, self._patience = timeout, True, AT_A_GLANCE
        self._store = store
        self.solvers = [Solver(Z3), Solver(CVC5)]
        self._answers: dict[tuple[str, str], tuple[str, float]] = {}
        self._cores: dict[tuple[str, str], list[tuple[frozenset[str], Texts]]] = {}
        self._new: list[Core] = []
        self._said: list[Said] = []
        self._added: dict[Formula, Lemma | tuple[Monomial, Knowledge]] = {}
        self._lemmas: dict[Lemma, str | None] = {}
        self.about = ""
        self._worked: dict[str, Reading] = {}

    def start(self) -> None:
        """Start the solvers."""
        for solver in self.solvers:
            solver.start()

    def learned(self) -> "Learned":
        """What was not known when this was asked last."""
        new = Learned(tuple(self._new), tuple(self._said), dict(self._worked))
        self._new, self._said = [], []
        return new

    def learn(self, learned: "Learned") -> None:
        """What the solvers have said to another one, in the same words."""
        self._answers.update((each, ("unsat", 0.0)) for each in learned.said)
        for logic, wanted, few, texts in learned.cores:
            self._cores.setdefault((logic, wanted), []).append((few, texts))
        self._worked.update(learned.worked)

    def stop(self) -> None:
        """End the solvers."""
        for solver in self.solvers:
            solver.stop()

    def at_once(self, known: Knowledge, goals: Sequence[Formula]) -> tuple[dict[Formula, Texts], set[Formula]]:
        """The goals that both solvers show with products as unknowns, and those that do not follow in that way."""
        wanted = {goal: negated(goal) for goal in goals}
        facts = self._with_ranges([*known.facts, *wanted.values()], known)
        del facts[len(known.facts) : len(known.facts) + len(wanted)]
        answers = self._contradicted(facts, list(wanted.values()), LINEAR)
        found = {goal: answers[wanted[goal]] for goal in goals}
        shown = {goal: texts for goal, texts in found.items() if texts is not None and texts.keys() == BOTH}
        return shown, {goal for goal, texts in found.items() if texts is None}

    def shown(self, known: Knowledge, goal: Formula, failing: bool = False) -> Texts:
        """The solvers that show the goal, whatever it takes; if it is `failing`, not without what its products are."""
        wanted = negated(goal)
        worked = self._worked.get(self.about)
        texts = self._read(known, wanted, (worked,)) if worked is not None else NONE
        if texts.keys() == BOTH:
            return texts
        texts = self._read(known, wanted, PRODUCTS if failing else EASY, texts)
        if texts.keys() == BOTH:
            return texts
        split = cases(wanted, known)
        if not texts and split is not None and len(split) > 1:
            facts = self._with_ranges([*known.facts, wanted], known)
            return self._by_cases(facts, split, lambda case: self._patiently(known, case, (*EASY, *HARD)))
        return self._patiently(known, wanted, HARD, texts)

    def _patiently(self, known: Knowledge, wanted: Formula, readings: Sequence[Reading], texts: Texts = NONE) -> Texts:
        """As `_read`; and again, with more time for few facts, if one solver sees what the other does not."""
        texts = self._read(known, wanted, readings, texts, self.timeout)
        if texts and texts.keys() != BOTH and self.patient:
            self._patience = SHORT
            texts = self._read(known, wanted, (*EASY, *HARD), texts, self.timeout)
            self._patience = AT_A_GLANCE
        return texts

    def _read(
        self,
        known: Knowledge,
        wanted: Formula,
        readings: Sequence[Reading],
        texts: Texts = NONE,
        most: float = SHORT,
    ) -> Texts:
        """The solvers that say that what is wanted contradicts what is known, beside those that have said it.

        Where one reading takes long another one is often answered at once, so the long wait comes last.
        """
        left, asked = list(readings), set[str]()
        for timeout in dict.fromkeys((min(SHORT, most), most)):
            late = []
            for reading in left:
                began = monotonic()
                answer = self._reading(known, wanted, reading, timeout, asked)
                if answer:
                    texts = {**answer, **texts}
                if texts.keys() == BOTH:
                    if monotonic() - began < AT_A_GLANCE:
                        self._worked[self.about] = reading
                    return texts
                if answer is not None and not answer:
                    late.append(reading)
            if texts and not self.patient:
                break
            left = late
            asked.clear()
        return texts

    def _reading(
        self, known: Knowledge, wanted: Formula, reading: Reading, timeout: float, asked: set[str]
    ) -> Texts | None:
        """The solvers that say so if it is read like this; None if it does not follow, or was asked already."""
        logic, hops, multiplied = reading
        chosen = list(known.facts) if hops is None else near(list(known.facts), wanted, hops)
        chosen = self._with_products(chosen, wanted, known) if multiplied else [*chosen, wanted]
        chosen = [fact for fact in self._with_ranges(chosen, known) if fact is not wanted]
        question = text([*chosen, wanted], logic)
        if question in asked:
            return None
        asked.add(question)
        answer = self._contradicted(chosen, [wanted], logic)[wanted] if logic == LINEAR else NONE
        if answer is None or answer:
            return answer
        if self._says_unsat(self.solvers[0], question, timeout):
            return self._contradicted(chosen, [wanted], logic)[wanted] or _asked(question, [Z3])
        return None if self._answers[self.solvers[0].name, question][0] == "sat" else NONE

    def _contradicted(self, facts: list[Formula], wanted: list[Formula], logic: str) -> dict[Formula, Texts | None]:
        """The solvers that see that each of these contradicts the facts; None where it does not.

        Z3 looks for the few facts that are enough, and then both are asked of those alone, unless they were before.
        """
        have, found = {printed(fact, logic): fact for fact in facts}, dict[Formula, Texts | None]()
        for each in wanted:
            for few, texts in self._cores.get((logic, printed(each, logic)), ()):
                if few <= have.keys():
                    texts = self._with_lemmas(texts, [have[fact] for fact in few])
                    if texts.keys() == BOTH:
                        found[each] = texts
                        break
        asked = [each for each in wanted if each not in found]
        answers = (
            self.solvers[0].cores(text([*facts, *asked], logic), len(asked), min(self.timeout, SHORT)) if asked else []
        )
        for each, answer in zip(asked, answers, strict=True):
            found[each] = None if answer.result == "sat" else NONE
            if answer.result == "unsat":
                core = {fact: answer.values[str(i)] for i, fact in enumerate(facts) if str(i) in answer.values}
                found[each] = self._core(core, each, logic)
        return found

    def _core(self, core: dict[Formula, int], wanted: Formula, logic: str) -> Texts:
        """The solvers that see that what is wanted contradicts a few facts, if need be case by case.

        Products are hard: what the least facts leave open may be easy with more of them, and the other way round.
        """
        least = [fact for fact, needed in core.items() if needed]
        texts = self._agreed(least, wanted, logic)
        if not texts and len(least) < len(core):
            texts = self._agreed(list(core), wanted, logic)
        if texts:
            return texts
        # Z3 has said so while it looked for the core, which is not believed before it says so of the core alone.
        for few in (least, list(core)):
            question = text([*few, wanted], logic)
            if self._says_unsat(self.solvers[0], question, SHORT):
                texts = self._with_lemmas(_asked(question, [Z3]), few)
                break
        facts = [*core, wanted]
        split = cases(both(*facts), Knowledge())
        if split is None:
            return texts
        texts = {**texts, **self._by_cases(facts, split, self._small)}
        if texts.keys() == BOTH:
            self._remember(list(core), wanted, logic, texts)
        return texts

    def _agreed(self, few: list[Formula], wanted: Formula, logic: str) -> Texts:
        """Do both solvers see that what is wanted contradicts these facts?  If so, that is remembered."""
        question = text([*few, wanted], logic)
        if not all(self._says_unsat(solver, question, self._patience) for solver in reversed(self.solvers)):
            return NONE
        texts = _asked(question, BOTH)
        self._remember(few, wanted, logic, texts)
        texts = self._with_lemmas(texts, few)
        return texts if texts.keys() == BOTH else NONE

    def _remember(self, few: list[Formula], wanted: Formula, logic: str, texts: Texts) -> None:
        """On another path these facts contradict what is wanted there, too."""
        self._new.append((logic, printed(wanted, logic), frozenset(printed(fact, logic) for fact in few), texts))
        self.learn(Learned(self._new[-1:]))

    def _small(self, case: Formula) -> Texts:
        """The solvers that see that a few facts contradict each other."""
        around, self._added = self._added, {}  # what follows in this case need not follow without it
        try:
            return self._small_alone(case)
        finally:
            self._added = around

    def _small_alone(self, case: Formula) -> Texts:
        texts: Texts = NONE
        facts = [*(case.parts if case.kind == "and" else (case,))]
        known = Knowledge()
        known.learn(case)
        facts = self._with_ranges(facts, known)
        for logic, multiplied in ((LINEAR, True), (REAL, False), (INTEGER, False)):
            asked = facts
            if multiplied:
                few = self._few(self._with_products(facts[1:], facts[0], known), logic)
                if few is None:
                    continue
                asked = few
            question = text(asked, logic)
            for solver in self.solvers:
                if solver.name not in texts and self._says_unsat(solver, question, self._patience):
                    texts = {**self._with_lemmas(_asked(question, [solver.name]), asked), **texts}
            if texts.keys() == BOTH:
                break
        return texts

    def _few(self, facts: list[Formula], logic: str) -> list[Formula] | None:
        """Few of the facts that contradict each other, so that few lemmas have to be shown; None if Z3 finds none."""
        *others, last = facts
        (answer,) = self.solvers[0].cores(text(facts, logic), 1, SHORT)
        if answer.result != "unsat":
            return None
        return [*(fact for i, fact in enumerate(others) if str(i) in answer.values), last]

    def _by_cases(self, facts: list[Formula], split: list[Formula], show: Callable[[Formula], Texts]) -> Texts:
        """What shows that none of the cases is possible, and that the facts leave no other."""
        others = [*facts, *(negated(case) for case in split)]
        few = self._few(others, LINEAR) or others
        question = text(few, LINEAR)
        names = [each.name for each in self.solvers if self._says_unsat(each, question, SHORT)]
        found = [self._with_lemmas(_asked(question, names), few)]
        for case in split:
            if not joint(found):
                break
            found.append(show(case))
        return joint(found)

    def _with_products(self, facts: Sequence[Formula], goal: Formula, known: Knowledge) -> list[Formula]:
        """The facts, the goal, and what follows about the products in it."""
        found = products(facts, goal, known)
        self._added.update((lemma.follows, lemma) for lemma in found)
        return [*facts, goal, *(lemma.follows for lemma in found)]

    def _with_ranges(self, facts: list[Formula], known: Knowledge) -> list[Formula]:
        """The facts, and the bounds of the products in them."""
        found: list[Formula] = []
        monomials: set[Monomial] = {m for f in facts for m in f.monomials() if len(m) > 1}
        for monomial in sorted(monomials):
            for each in ranges({monomial}, known):
                found.append(each)
                self._added[each] = monomial, known
        return [*facts, *found]

    def _with_lemmas(self, texts: Texts, few: Iterable[Formula]) -> Texts:
        """The texts, with those of the lemmas that some of the facts are, by the solvers that show these too."""
        found = [texts]
        for lemma in filter(None, map(self._lemma, few)):
            if lemma not in self._lemmas:
                self._lemmas[lemma] = lemma_text(lemma)
            question = self._lemmas[lemma]
            if question is not None:
                fresh = [each.name for each in self.solvers if (each.name, question) not in self._answers]
                names = [each.name for each in self.solvers if self._says_unsat(each, question, SHORT)]
                self._said += [(name, question) for name in names if name in fresh]
                found.append(_asked(question, names))
        return joint(found)

    def _lemma(self, fact: Formula) -> Lemma | None:
        """What the fact follows from, if it says something of a product that was added to the facts of the path."""
        added = self._added.get(fact)
        return Lemma(fact, tuple(bounds(*added))) if isinstance(added, tuple) else added

    def _says_unsat(self, solver: Solver, question: str, timeout: float) -> bool:
        key = (solver.name, question)
        result, within = self._answers.get(key, ("unknown", 0.0))
        if result == "unknown" and self._store is not None and self._store.says_unsat(solver.name, question):
            result = "unsat"
            self._answers[key] = result, timeout
        if result == "unknown" and within < timeout:
            result = solver.ask(question, timeout).result
            self._answers[key] = result, timeout
            if result == "unsat":
                self._keep(solver.name, question)
        return result == "unsat"

    def _keep(self, solver: str, question: str) -> None:
        if self._store is not None:
            self._store.keep(solver, question)


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


def _asked(question: str, solvers: Iterable[str]) -> Texts:
    return dict.fromkeys(solvers, frozenset({digest_of(question)}))


def joint(found: Iterable[Texts]) -> Texts:
    """What shows all of it, by the solvers that show each."""
    first, *rest = found
    for each in rest:
        first = {solver: first[solver] | each[solver] for solver in sorted(first.keys() & each.keys())}
    return first
