"""How each claim is read as a goal, against Python: where Python says False, some rows have to make the goal false.

A run leads a path of its own: at each decision the path goes where the run goes, and supposes of the state before only
what Python finds true of it.  At its end every claim that the beat has to keep is made a goal as a proof makes it, and
evaluated in the run by Python.  A goal says what it says of any arbitrary rows; so each of these is taken for each row
of the run in turn.  If Python says False and the goal holds whatever the rows, the goal says less than the claim, and a
proof of it is none.  And each fact of the path, what is supposed among them, has to hold whatever the rows.
"""

from collections import Counter
from collections.abc import Callable, Collection
from random import Random
from time import monotonic
from typing import Any

from attrs import evolve, frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Machine
from clearspec_proofs.executor.arithmetic import on_plain_integers
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.replay import holds
from clearspec_proofs.fidelity.disturbing import disturbed
from clearspec_proofs.fidelity.runs import Watched, compared, number_ids
from clearspec_proofs.fidelity.samples import Pair, samples
from clearspec_proofs.logic.terms import Formula, Infeasible, Unsupported, negated
from clearspec_proofs.matrix.prover import Followed, claims_of, claims_on, follow, goals_of, left_to_show

MOST = 1_000
"""Combinations of rows that are taken for the arbitrary rows of one formula."""

TRIED = 40
"""Changes of a run that are tried until some claim is False of it that was not before."""


@frozen
class Reading:
    """What came of one run: how many claims were compared, and which Python finds False.

    `stricter` are goals that some rows make false though Python says True: they ask for more than the claim says.
    `cut` counts formulas of which not all rows were tried.
    """

    compared: int = 0
    false: tuple[str, ...] = ()
    stricter: tuple[str, ...] = ()
    cut: int = 0
    facts: int = 0
    differences: tuple[str, ...] = ()
    unread: str = ""
    """Why no goal was compared."""


class Led(Watched):
    """A path that goes where one run goes."""

    def __init__(self, before: Any, beat: Any) -> None:
        super().__init__(runs=((before, beat),))
        (self.run,) = self.runs

    def decide(self, f: Formula) -> bool:
        self._follow(lambda: int(holds(f, self.run)))
        return super().decide(f)

    def choose(self, options: int, question: Any = None) -> int:
        self._follow(lambda: self.run.answer(question))
        return super().choose(options, question)

    def _follow(self, choice: Callable[[], int]) -> None:
        if not self.runs:
            raise Infeasible("the run takes another way")
        self.prefix = (*self.decisions, choice())

    def excluded(self, f: Formula) -> None:
        super().excluded(f)
        rows, _ = self.run.falsified(negated(f), MOST)
        if rows:
            self.differ(f"a run meets what is not followed, its arbitrary rows {_told(rows)}: {f}"[:700], self.run)


def read(machine: Machine[Any], before: Any, beat: Any, codes: Collection[str] | None = None) -> Reading:
    """Lead a path along this run, and compare each claim on it as a goal with what Python says.

    Requires: the machine's modules are patched; Python runs this beat in this state without an exception.
    """
    number_ids((before, beat))
    with on_plain_integers():
        supposed = tuple(
            each for each in machine.spec.claims if each.kind is not Kind.STATE or not _false(each, before)
        )
    made: list[Led] = []
    found: list[Reading] = []

    def make(*_: Any) -> Led:
        made.append(Led(before, beat))
        return made[-1]

    def then(followed: Followed) -> None:
        found.append(_compared(machine, made[-1], followed, codes))

    with on_plain_integers():
        run = follow(machine.altered(claims=supposed), type(beat), (), then, None, make)
    (path,) = made
    if run.ending == "infeasible" and not path.differences:
        path.differ(f"a run takes a path on which {run.reason}", path.run)
    reading = found[0] if found else Reading(unread=run.reason or run.ending)
    return evolve(reading, differences=tuple(map(str, path.differences)))


def _compared(machine: Machine[Any], path: Led, followed: Followed, codes: Collection[str] | None) -> Reading:
    what = compared(machine, path.run, path, followed.before, followed.beat, followed.ending, followed.outcome)
    if what:
        path.differ(what, path.run)
    if what or followed.ending == "crash":
        return Reading(unread=followed.reason)
    claims = claims_of(followed, claims_on(machine, type(path.run.beat), codes))
    goals = left_to_show(path, goals_of(followed, claims))
    with on_plain_integers():
        outcome = machine.spec.beat(path.run.before, path.run.beat)
        false = tuple(each.code for each in claims if not _true(each, *about(each, path.run, outcome)))
    stricter, cut = [], 0
    for code, goal in goals.items():
        rows, all_of_them = path.run.falsified(goal, MOST)
        cut += rows is None and not all_of_them
        if code in false and rows is None and all_of_them:
            path.differ(
                f"Python says False of {code}, and no rows of the run make its goal false: {goal}"[:1_500], path.run
            )
        if code not in false and rows is not None:
            stricter.append(code)
    facts = dict.fromkeys(path.said)
    for fact in facts:
        rows, all_of_them = path.run.falsified(fact, MOST)
        cut += rows is None and not all_of_them
        if rows is not None:
            path.differ(f"a fact of the path is false, its arbitrary rows {_told(rows)}: {fact}"[:1_500], path.run)
            break
    return Reading(len(goals), false, tuple(stricter), cut, len(facts))


def about(claim: Claim, run: Any, outcome: Any) -> tuple[Any, ...]:
    """What a claim is asked of."""
    return (outcome.state,) if claim.kind is Kind.STATE else (run.before, run.beat, outcome)


def _told(rows: Any) -> str:
    return ", ".join(f"{name} = {row}" for name, row in rows.items())


def _false(claim: Claim, *arguments: Any) -> bool:
    """Does it say no, without an exception?"""
    try:
        return not claim(*arguments)
    except Exception:
        return False


def _true(claim: Claim, *arguments: Any) -> bool:
    try:
        return bool(claim(*arguments))
    except Exception:
        return False


def false_after(machine: Machine[Any], before: Any, beat: Any) -> frozenset[str]:
    """The claims that Python finds False of the outcome; none of a run that raises an exception."""
    try:
        outcome = machine.spec.beat(before, beat)
        number = Followed(Watched(), before, beat, outcome)
        claims = claims_of(number, claims_on(machine, type(beat), None))
        return frozenset(each.code for each in claims if not _true(each, *about(each, number, outcome)))
    except (Exception, Unsupported):
        return frozenset()


def broken(
    machine: Machine[Any], before: Any, beat: Any, random: Random, seen: Counter[str]
) -> tuple[Machine[Any], Pair] | None:
    """This run with something changed so that claims are False after it, rather those that were `seen` less often."""
    best: tuple[float, tuple[Machine[Any], Pair]] | None = None
    with on_plain_integers():
        for _ in range(TRIED):
            for changed_machine, pair in disturbed(machine, before, beat, random):
                false = false_after(changed_machine, *pair)
                worth = sum(1 / (1 + seen[code]) ** 2 for code in false)
                if false and (best is None or worth > best[0]):
                    best = worth, (changed_machine, pair)
    return None if best is None else best[1]


class Reader:
    """Reads runs as they are and changed, and counts which claims were False."""

    def __init__(self, machine: Machine[Any], seed: int) -> None:
        self.seen: Counter[str] = Counter()
        self._machine, self._seed = machine, seed

    def read(self, before: Any, beat: Any, place: Any = "") -> list[Reading]:
        """This run, and it with something changed; `place` says which one it is, for the dice."""
        found = [read(self._machine, before, beat)]
        random = Random(f"{self._seed} {place}")
        other = broken(self._machine, before, beat, random, self.seen)
        if other is not None:
            found.append(read(other[0], *other[1]))
            self.seen.update(found[-1].false)
        return found


@frozen
class Figures:
    """What came of many runs: how many claims were compared in how many runs, and how often Python said False.

    `stricter`: how many goals asked for more than their claims, `cut`: of how many formulas not all rows were tried.
    """

    runs: int = 0
    compared: int = 0
    false: int = 0
    stricter: int = 0
    cut: int = 0
    claims_false: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


def figures(readings: Collection[Reading]) -> Figures:
    """The sums of these."""
    return Figures(
        len(readings),
        sum(each.compared for each in readings),
        sum(len(each.false) for each in readings),
        sum(len(each.stricter) for each in readings),
        sum(each.cut for each in readings),
        tuple(sorted({code for each in readings for code in each.false})),
        tuple(what for each in readings for what in each.differences),
    )


def sample(machine: Machine[Any], *, seconds: float, seed: int, given: Collection[Pair] = ()) -> Figures:
    """A few runs of each beat, drawn by the seed, for so many seconds; a third of them goes by to find the runs."""
    runs, random = samples(machine, seconds=seconds / 3, seed=seed, given=given), Random(seed)
    number_ids(tuple(pair for kept in runs.values() for pair in kept))
    left = {kind: random.sample(kept, len(kept)) for kind, kept in runs.items()}
    reader, found, until = Reader(machine, seed), list[Reading](), monotonic() + 2 * seconds / 3
    with patched(machine):
        while any(left.values()):
            for kind in random.sample([kind for kind in left if left[kind]], sum(map(bool, left.values()))):
                if monotonic() > until:
                    return figures(found)
                before, beat = left[kind].pop()
                found += reader.read(before, beat, len(found))
    return figures(found)
