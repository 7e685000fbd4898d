"""A counterexample to a changed rule, if one is soon found: on each path that the change reaches, of what might fail.

Nothing is proved here, and nothing is said of a change in which none is found.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from types import CodeType
from typing import Any

from attrs import frozen

from clearspec.core.claims import Claim
from clearspec.core.machine import Machine
from clearspec_proofs.executor.arithmetic import on_plain_integers
from clearspec_proofs.executor.congruence import Congruence
from clearspec_proofs.executor.forks import Forks, branching
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.replay import broken, concrete
from clearspec_proofs.executor.tables import equal
from clearspec_proofs.logic.terms import TRUE, Formula, Unsupported, both, negated
from clearspec_proofs.matrix.prover import Finding, Followed, Prover, Report, conjuncts, demanded, entrances, left_of
from clearspec_proofs.solving.obligations import SHORT
from clearspec_proofs.solving.smt import LINEAR, text

Prefix = tuple[int, ...]

A_MODEL = 1.0
"""Seconds for one search for a model."""


@frozen
class Change:
    """Another code of a function, of type `FunctionType`."""

    function: Any
    code: CodeType

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The function runs this code for so long, and then what it ran before."""
        before = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = before


@frozen
class Broken:
    """On plain integers, a claim that fails after this beat of a state in which all claims hold; or a law that does."""

    claim: str
    beat: str
    before: Any
    arguments: Any


def hunt(machine: Machine[Any], kinds: "Sequence[type | Claim]", change: Change, *, seconds: float) -> Broken | None:
    """What the change breaks in one of these beats and laws, looked at in this order."""
    hunter = Hunter(machine, change, monotonic() + seconds)
    try:
        with change.applied(), patched(machine), suppress(Unsupported):
            ways = entrances(machine) if any(not isinstance(kind, Claim) for kind in kinds) else {}
            for kind in kinds:
                left: list[Prefix] = [()] if isinstance(kind, Claim) else list(ways.get(kind, ()))
                while left and not hunter.over():
                    for report in hunter.reports(kind, left.pop(), hunter.over):
                        left.extend(report.alternatives)
    finally:
        hunter.stop()
    return hunter.found


class Hunter(Prover):
    """Follows paths, and looks for what is wrong on them; without time for what is hard."""

    def __init__(self, machine: Machine[Any], change: Change, until: float) -> None:
        super().__init__(machine, None, A_MODEL, (*machine.spec.commands, *machine.spec.beats))
        self.found: Broken | None = None
        self._until = until
        self._right = Change(change.function, change.function.__code__)

    def over(self) -> bool:
        """Is enough known, or the time up?"""
        return self.found is not None or monotonic() > self._until

    def reports(self, kind: type | Claim, prefix: Prefix, wanted: Callable[[], bool]) -> list[Report]:
        """Follow all paths that start so, until enough is known."""
        self.obligations.solvers[0].start()
        return branching(Forks(wanted, self._find), lambda forks: self.report(kind, prefix, forks), lambda: self.found)

    def _find(self, found: Broken | None) -> None:
        """What a copy of this process has found."""
        self.found = self.found or found

    def _findings(self, run: Followed, kind: type | Claim) -> Iterable[Finding]:
        return () if self.over() or self._as_before(run, kind) else super()._findings(run, kind)

    def _as_before(self, run: Followed, kind: type | Claim) -> bool:
        """Does the unchanged machine do the same on this path?"""
        if isinstance(kind, Claim) or run.ending == "crash":
            return False
        with self._right.applied(), remembered(run.path):
            try:
                due = self.machine.spec.due(run.before)
                outcome = self.machine.spec.beat(run.before, run.beat)
            except Exception:
                return False
            as_due = equal(due, None if kind in self.machine.spec.commands else run.beat)
            return demanded(run.path, both(as_due, equal(outcome, run.outcome))) is TRUE

    def _shown(self, run: Followed, goals: dict[str, Formula]) -> Iterable[Finding]:
        """Nothing is shown; what may fail is looked for."""
        knowledge = run.path.knowledge
        now = Congruence(run.path)
        left = {code: left_of(knowledge, now.formula(demanded(run.path, goal))) for code, goal in goals.items()}
        parts = list(dict.fromkeys(part for goal in left.values() for part in conjuncts(goal) if part is not TRUE))
        if parts:
            wanted = [negated(part) for part in parts]
            question = text([*knowledge.facts, *wanted], LINEAR)
            answers = self.obligations.solvers[0].cores(question, len(wanted), SHORT)
            open_parts = [part for part, answer in zip(parts, answers, strict=True) if answer.result != "unsat"]
            codes = [code for code, goal in left.items() if not set(open_parts).isdisjoint(conjuncts(goal))]
            # One search is enough for many; those with products make it hard.
            hard = [part for part in open_parts if any(len(monomial) > 1 for monomial in part.monomials())]
            for few in ([part for part in open_parts if part not in hard], hard):
                if few and not self.over():
                    self._look(run, codes, negated(both(*few)))
        return ()

    def _look(self, run: Followed, codes: Sequence[str], wanted: Formula) -> None:
        for values in self._models(run, wanted, A_MODEL):
            before, beat = concrete(run.before, values), concrete(run.beat, values)
            with on_plain_integers():
                wrong = next((code for code in codes if broken(self.machine, before, beat, code) is not None), None)
            if wrong is not None:
                name = "law" if isinstance(run.beat, tuple) else type(beat).__name__
                self.found = Broken(wrong, name, before, beat)
            if self.over():
                return


@contextmanager
def remembered(path: Path) -> Iterator[None]:
    """What is worked out here with other code is forgotten afterwards, and what was before is not used."""
    memo, structures = dict(path.memo), dict(path.structures)
    path.forget()
    try:
        yield
    finally:
        path.forget()
        path.memo.update(memo)
        path.structures.update(structures)
