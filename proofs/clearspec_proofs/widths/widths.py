"""How wide integers get: a bound of everything that a machine stores, and of everything that it computes.

Given are the ranges that a machine publishes (`Machine.limits`): of its parameters, of what a command says, and of what
is stored before a beat.  Each beat is run on symbols that lie in these ranges, and otherwise are any that the state
claims allow.  Of each operation of the rules a bound of the result is noted, on every path, rejected ones too.  Of each
stored integer is to be shown that it lies in its range again after the beat: an induction over beats.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import chain
from multiprocessing import get_context
from time import monotonic
from types import FunctionType
from typing import Any

import attrs
from attrs import define, field, frozen

from clearspec.core.machine import Accepted, Machine
from clearspec_proofs.executor.arithmetic import Number, le
from clearspec_proofs.executor.forks import Forks, branching
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.logic.terms import FALSE, TRUE, Formula, Int, both
from clearspec_proofs.matrix.prover import Followed, Prefix, entrances, follow
from clearspec_proofs.solving.obligations import BOTH, Learned, Obligations
from clearspec_proofs.widths.bounds import Bounds, Heard, hull
from clearspec_proofs.widths.places import Place, listening, marked
from clearspec_proofs.widths.ranges import Within


@frozen
class Stored:
    """What is known of a stored integer after a beat: in its range by bounds alone or by both solvers, or why not.

    Of what is `not asked` it is not known whether it can be shown: there was no time to ask.
    """

    verdict: str
    reason: str = ""


BY_BOUNDS, AGREED, ONE_SOLVER, NOT_ASKED, NOT_SHOWN = "by bounds", "agreed", "one-solver", "not asked", "not shown"
STRENGTH = (NOT_SHOWN, NOT_ASKED, ONE_SOLVER, AGREED, BY_BOUNDS)

EXCUSED, GLANCE = 1 / 3, 1.0
"""Of the time for questions, for those of what is said not to be kept: waiting for them would use up all of it; and
seconds for each."""


@define
class Beat:
    """What is known of one beat; `left` counts beginnings of paths that there was no time to follow."""

    name: str
    endings: Counter[str] = field(factory=Counter)
    left: int = 0
    seconds: float = 0.0
    reason: str = ""
    computed: dict[Place, Bounds] = field(factory=dict)
    stored: dict[str, Stored] = field(factory=dict)
    places: set[str] = field(factory=set)

    def join(self, other: "Beat") -> None:
        """What is known of both."""
        self.endings += other.endings
        self.left += other.left
        self.reason = self.reason or other.reason
        self.places |= other.places
        for place, bounds in other.computed.items():
            self.note(place, bounds)
        for name, each in other.stored.items():
            self.keep(name, each)

    def note(self, place: Place, bounds: Bounds) -> None:
        """Here a value with these bounds was computed, too."""
        self.computed[place] = hull(self.computed[place], bounds) if place in self.computed else bounds

    def keep(self, name: str, found: Stored) -> None:
        """Of this field this was found on one more path: the weakest counts."""
        known = self.stored.get(name)
        if known is None or STRENGTH.index(found.verdict) < STRENGTH.index(known.verdict):
            self.stored[name] = found

    @property
    def finished(self) -> bool:
        """Was every path followed to its end?"""
        return not self.left and not self.reason and self.endings["accepted"] + self.endings["rejected"] > 0


class Follower:
    """Follows the paths of beats within the published ranges, with two solvers of its own."""

    def __init__(self, machine: Machine[Any], timeout: float = 3.0, prove: bool = True) -> None:
        self.machine, self.prove, self.obligations = machine, prove, Obligations(timeout)
        self._timeout = timeout
        self._published = cache(machine.limits.of)
        self._given_up: set[tuple[str, str]] = set()
        self._seconds = self._ask_until = 0.0

    def stop(self) -> None:
        """End the solvers."""
        self.obligations.stop()

    def beat(self, kind: type, prefixes: Collection[Prefix], seconds: float) -> Beat:
        """All paths of a beat that begin so, as far as there is time.

        So many seconds are for what the solvers are asked, and as many again for the paths: what takes the solvers long
        is left open by itself, and the paths are followed to their end.
        """
        whole, started = Beat(kind.__name__), monotonic()
        self._seconds, self._ask_until = seconds, started + seconds
        for prefix in prefixes:
            for each in self._paths(kind, prefix, started + 2 * seconds):
                whole.join(each)
        whole.seconds = monotonic() - started
        return whole

    def _paths(self, kind: type, prefix: Prefix, until: float) -> list[Beat]:
        self.obligations.start()
        self.obligations.learned()
        forks = Forks(lambda: monotonic() > until, self._learn)
        return branching(
            forks, lambda here: self._path(kind, prefix, here), lambda: (self.obligations.learned(), self._given_up)
        )

    def _learn(self, learned: tuple[Learned, set[tuple[str, str]]]) -> None:
        self.obligations.learn(learned[0])
        self._given_up |= learned[1]

    def _path(self, kind: type, prefix: Prefix, forks: Forks) -> Beat:
        found = Beat(kind.__name__)

        def make(prefix: Prefix, forks: Forks | None) -> Path:
            path = Within(self._published, found.name, prefix, forks)
            found.places = path.places
            return path

        def then(run: Followed) -> None:
            if run.ending == "accepted" and isinstance(run.outcome, Accepted):
                self._stored(run, found)

        with listening(Heard(found.note)):
            run = follow(self.machine, kind, prefix, then, forks, make)
        found.endings[run.ending] += 1
        found.left = len(run.path.alternatives)
        if run.ending == "unsupported":
            found.reason = run.reason
        return found

    def _stored(self, run: Followed, found: Beat) -> None:
        """What became of each stored integer, on this path."""
        left: dict[tuple[str, Formula], None] = {}
        after = run.outcome.state
        for place, value in chain(_changed(run.before, after, ""), _totals(self.machine, after)):
            limits = self._published(place)
            if limits is None:
                found.keep(place, Stored(NOT_SHOWN, "no range is published"))
                continue
            goal = both(le(limits[0], value), le(value, limits[1]))
            simple = run.path.knowledge.simplified(goal)
            if simple is TRUE:
                found.keep(place, Stored(BY_BOUNDS))
            elif simple is FALSE or (found.name, place) in self._given_up:
                found.keep(place, Stored(NOT_SHOWN, f"{value!r}"[:160]))
            elif not self._may_ask():
                found.keep(place, Stored(NOT_ASKED))
            else:
                left.update(dict.fromkeys((place, each) for each in _parts(simple)))
        if not left:
            return
        goals = list(dict.fromkeys(goal for _, goal in left))
        shown, failing = self.obligations.at_once(run.path.knowledge, goals)
        for place, goal in left:
            if (found.name, place) in self._given_up:
                continue
            texts = shown.get(goal)
            excused = self.machine.limits.excuse(place) is not None
            if texts is None and excused and not self._may_ask(excused):
                texts = {}
            if texts is None and not self._may_ask():
                found.keep(place, Stored(NOT_ASKED))
                continue
            if texts is None:
                self.obligations.timeout = min(self._timeout, GLANCE) if excused else self._timeout
                self.obligations.patient, self.obligations.about = not excused, place
                texts = self.obligations.shown(run.path.knowledge, goal, goal in failing)
            verdict = AGREED if texts.keys() == BOTH else ONE_SOLVER if texts else NOT_SHOWN
            if verdict == NOT_SHOWN:
                self._given_up.add((found.name, place))
            found.keep(place, Stored(verdict, "" if texts else f"open: {goal!r}"[:160]))

    def _may_ask(self, excused: bool = False) -> bool:
        """Is there time to ask?  For what is known not to be kept, only a part of it."""
        return self.prove and monotonic() < self._ask_until - excused * (1 - EXCUSED) * self._seconds


def _parts(goal: Formula) -> tuple[Formula, ...]:
    return goal.parts if goal.kind == "and" else (goal,)


def _changed(before: Any, after: Any, place: str) -> Iterator[tuple[str, Number]]:
    """The integers of a state after a beat that are not the very ones of before, each with its place."""
    if after is before:
        return
    if type(after) in (int, Int):
        yield place, after
    elif type(after) is SymTable:
        for row in after.now.values():
            yield from _changed(None, row, place)
    elif type(after) is tuple:
        alike = type(before) is tuple and len(before) == len(after)
        for i, each in enumerate(after):
            yield from _changed(before[i] if alike else None, each, place)
    elif attrs.has(type(after)):
        alike = type(before) is type(after)
        for each in attrs.fields(type(after)):
            was = getattr(before, each.name) if alike else None
            yield from _changed(was, getattr(after, each.name), f"{place}.{each.name}" if place else each.name)


def _totals(machine: Machine[Any], after: Any) -> Iterator[tuple[str, Number]]:
    """The totals of which a range is published, of each group that a changed row belongs to, after a beat."""
    for total in machine.limits.totals:
        table = getattr(after, total.table)
        for role, row in table.now.items():
            for each in (row, table.origin.rows[role]):
                if each is not None:
                    group = {name: getattr(each, name) for name in total.by}
                    yield total.place, table.total(total.measure, *total.seen, **group)


def follow_beats(
    machine: Machine[Any],
    beats: Collection[str] | None = None,
    *,
    seconds: float = 60,
    timeout: float = 3.0,
    prove: bool = True,
    functions: Collection[FunctionType] | None = None,
    workers: int = 1,
    on_beat: Callable[[Beat], None] = lambda _: None,
) -> list[Beat]:
    """Each beat, with so many seconds for its paths; of operations those in these functions, if any are named."""
    done = []
    with marked(machine, functions), patched(machine):
        ways = entrances(machine, partial(Within, cache(machine.limits.of), ""))
        kinds = [kind for kind in ways if beats is None or kind.__name__ in beats]

        def one(kind: type) -> Beat:
            follower = Follower(machine, timeout, prove)
            try:
                return follower.beat(kind, ways[kind], seconds)
            finally:
                follower.stop()

        found: Iterable[Beat]
        if workers == 1:
            found = map(one, kinds)
        else:
            # Forked workers inherit the machine: its lambdas could not be sent to them.
            _work["one"], _work["kinds"] = one, kinds
            found = _forked(workers, len(kinds))
        for beat in found:
            done.append(beat)
            on_beat(beat)
    return done


_work: dict[str, Any] = {}


def _in_worker(number: int) -> Beat:
    beat: Beat = _work["one"](_work["kinds"][number])
    return beat


def _forked(workers: int, count: int) -> Iterator[Beat]:
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from pool.map(_in_worker, range(count))
