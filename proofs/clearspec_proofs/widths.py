"""How wide integers get: a bound of everything that a machine stores, and of everything that it computes.

Given are the ranges that a machine publishes (`Machine.limits`): of its parameters, of what a command says, and of what
is stored before a beat.  Each beat is run on symbols that lie in these ranges, and otherwise are any that the state
claims allow.  Of each operation of the rules a bound of the result is noted, on every path, rejected ones too.  Of each
stored integer is to be shown that it lies in its range again after the beat: an induction over beats.
"""

import gc
import operator
import os
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, product
from multiprocessing import get_context
from time import monotonic
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from attrs import define, evolve, field, frozen

from clearspec.limits import DOUBLE, WORD, Range, integers
from clearspec.machine import Accepted, Machine
from clearspec_proofs.cells import Prefix, Run, entrances, follow
from clearspec_proofs.forks import Forks
from clearspec_proofs.knowledge import Knowledge
from clearspec_proofs.obligations import BOTH, Core, Obligations, Said
from clearspec_proofs.paths import Number, le, merged, root
from clearspec_proofs.places import BEGUN, CUT, Place, Site, listening, marked, rounded, searched, silence
from clearspec_proofs.primitives import patched
from clearspec_proofs.tables import Born, SymTable
from clearspec_proofs.terms import FALSE, TRUE, Formula, Int, Linear, both, contexts, current, formula, integer

MOST_BITS = 200
"""Of what a search finds; more is as good as unbounded."""

MOST_TERMS = 4
"""Of a fact that passes on bounds."""

ANY = "any"
"""What a search calls the number of which it asks what its test says."""

Bounds = tuple[int | None, int | None]
"""The least and the greatest value; None where nothing is known."""

FITS, DOUBLED, WIDE, UNBOUNDED, OPEN = "fits", "double", "wide", "unbounded", "open"
"""One word; two words; more than two; no bound is known; or not all that may come to it was followed."""

OUTLINE = re.compile(r"\[\d+\]|\.other\d+")


@frozen
class Stored:
    """What is known of a stored integer after a beat: in its range by bounds alone or by both solvers, or why not."""

    verdict: str
    reason: str = ""


BY_BOUNDS, AGREED, ONE_SOLVER, NOT_SHOWN = "by bounds", "agreed", "one-solver", "not shown"
STRENGTH = (NOT_SHOWN, ONE_SOLVER, AGREED, BY_BOUNDS)


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
        self.seconds += other.seconds
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


def hull(a: Bounds, b: Bounds) -> Bounds:
    """The least range that holds both."""
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    high = None if a[1] is None or b[1] is None else max(a[1], b[1])
    return low, high


def bits_of(bounds: Bounds) -> int | None:
    """How many bits the absolute value needs, or None if there is no bound."""
    low, high = bounds
    return None if low is None or high is None else max(abs(low), abs(high)).bit_length()


def verdict_of(bounds: Bounds) -> str:
    """Into how many words a value goes."""
    count = bits_of(bounds)
    if count is None:
        return UNBOUNDED
    return FITS if count <= WORD else DOUBLED if count <= DOUBLE else WIDE


def place_named(name: str, beat: str) -> str:
    """The place of the limits that a symbol is named after."""
    head, *rest = OUTLINE.sub("", name).split(".")
    return ".".join({"c": [beat, *rest], "total": [head, *rest[1:]]}.get(head, rest))


def outside(machine: Machine[Any], state: Any) -> list[tuple[str, int]]:
    """The integers of a state that are beyond a published range."""
    found = []
    for place, value in integers(state):
        limits = machine.limits.of(place)
        if limits is not None and not limits[0] <= value <= limits[1]:
            found.append((place, value))
    return found


def within(machine: Machine[Any], beat: str = "", places: set[str] | None = None) -> Born:
    """Let each integer of a state, and of a command of this type, lie in its published range; add its place."""

    def born(name: str, value: Int) -> None:
        place = place_named(name, beat)
        if places is not None:
            places.add(place)
        limits = machine.limits.of(place)
        if limits is not None:
            root().state(both(le(limits[0], value), le(value, limits[1])))

    return born


class Follower:
    """Follows the paths of beats within the published ranges, with two solvers of its own."""

    def __init__(self, machine: Machine[Any], timeout: float = 3.0, prove: bool = True) -> None:
        self.machine, self.prove, self.obligations = machine, prove, Obligations(timeout)
        self._given_up: set[tuple[str, str]] = set()

    def stop(self) -> None:
        """End the solvers."""
        self.obligations.stop()

    def beat(self, kind: type, prefixes: Collection[Prefix], seconds: float) -> Beat:
        """All paths of a beat that begin so, as far as there is time."""
        whole, until = Beat(kind.__name__), monotonic() + seconds
        for prefix in prefixes:
            for each in self._paths(kind, prefix, until):
                whole.join(each)
        return whole

    def _paths(self, kind: type, prefix: Prefix, until: float) -> Iterator[Beat]:
        self.obligations.start()
        self.obligations.learned()
        forks = Forks(lambda: monotonic() > until, self._learn)
        try:
            found = self._path(kind, prefix, forks)
            if forks.in_copy():
                forks.end(found, (self.obligations.learned(), self._given_up))
        except BaseException:
            if forks.in_copy():
                os._exit(1)
            raise
        gc.unfreeze()
        yield from (*forks.reports, found)

    def _learn(self, learned: tuple[tuple[list[Core], list[Said]], set[tuple[str, str]]]) -> None:
        self.obligations.learn(*learned[0])
        self._given_up |= learned[1]

    def _path(self, kind: type, prefix: Prefix, forks: Forks) -> Beat:
        found, started = Beat(kind.__name__), monotonic()

        def then(run: Run) -> None:
            if run.ending == "accepted" and isinstance(run.outcome, Accepted):
                self._stored(run, found)

        with listening(Heard(found.note)):
            run = follow(self.machine, kind, prefix, then, forks, within(self.machine, found.name, found.places))
        found.endings[run.ending] += 1
        found.left = len(run.path.alternatives)
        if run.ending == "unsupported":
            found.reason = run.reason
        found.seconds = monotonic() - started
        return found

    def _stored(self, run: Run, found: Beat) -> None:
        """What became of each stored integer, on this path."""
        left: dict[tuple[str, Formula], None] = {}
        after = run.outcome.state
        for place, value in chain(_changed(run.before, after, ""), _totals(self.machine, after)):
            limits = self.machine.limits.of(place)
            if limits is None:
                found.keep(place, Stored(NOT_SHOWN, "no range is published"))
                continue
            goal = both(le(limits[0], value), le(value, limits[1]))
            simple = run.path.knowledge.simplified(goal)
            if simple is TRUE:
                found.keep(place, Stored(BY_BOUNDS))
            elif simple is FALSE or not self.prove or (found.name, place) in self._given_up:
                found.keep(place, Stored(NOT_SHOWN, f"{value!r}"[:160]))
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
            if texts is None:
                texts = self.obligations.shown(run.path.knowledge, goal, goal in failing)
            verdict = AGREED if texts.keys() == BOTH else ONE_SOLVER if texts else NOT_SHOWN
            if verdict == NOT_SHOWN:
                self._given_up.add((found.name, place))
            found.keep(place, Stored(verdict, "" if texts else f"open: {goal!r}"[:160]))


def _parts(goal: Formula) -> tuple[Formula, ...]:
    return goal.parts if goal.kind == "and" else (goal,)


class Heard:
    """Notes the bounds of what a beat computes, as it is computed.

    What the test of a search computes waits until there is a bound of what the search finds.
    """

    def __init__(self, note: Callable[[Place, Bounds], None]) -> None:
        self._note = note
        self._learned: WeakKeyDictionary[Knowledge, dict[Formula, None]] = WeakKeyDictionary()
        self._waiting: list[list[tuple[Site, tuple[Any, ...], Number]]] = []

    def __call__(self, site: Site, operands: tuple[Any, ...], result: Any) -> None:
        if not contexts:
            return
        if result is BEGUN:
            self._waiting.append([])
            return
        if site.compute is searched:
            if result is not CUT:
                _state(result, partial(_found, *operands[:2]))
            waiting = self._waiting.pop()
            for each in waiting:
                if not any(map(_arbitrary, each[1])) and not _arbitrary(each[2]):
                    self(*each)
        if result is CUT:
            return
        if self._waiting:
            self._waiting[-1].append((site, operands, result))
        elif type(result) in (int, Int):
            self._computed(site, operands, result)

    def _spread(self) -> None:
        """What is at most something else has the bounds of that: each fact that is new passes on the bounds it can."""
        for i, here in enumerate(contexts):
            learned = self._learned.setdefault(here.knowledge, {})
            new = [f for f in here.knowledge.facts if f not in learned]
            learned.update(dict.fromkeys(new))
            for f in new:
                if f.kind in ("le", "eq") and 2 <= len(f.linear) <= MOST_TERMS:
                    _pass_on(f.linear, f.constant, i)
                    if f.kind == "eq":
                        _pass_on(tuple((m, -c) for m, c in f.linear), -f.constant, i)

    def _computed(self, site: Site, operands: tuple[Any, ...], result: Number) -> None:
        """What is known here of a result; of a rounding, of its product too."""
        self._spread()
        if site.compute is operator.mul:
            _state(result, partial(_product, *operands))
        elif site.compute is operator.floordiv:
            _state(result, partial(_quotient, *operands))
        elif site.compute is rounded:
            _, a, b, divisor = operands
            self._note(evolve(site.place, text=f"{site.place.text}: product"), _product(a, b, current()))
            _state(result, partial(_share, a, b, divisor))
        self._note(site.place, known(result, current()))


def _pass_on(linear: Linear, constant: int, since: int) -> None:
    """Of terms whose sum is at most so much each is bounded by the least that the others can be."""
    here = contexts[since]
    least: list[int | None] = []
    for monomial, coefficient in linear:
        low, high = here.knowledge.range(monomial)
        end = low if coefficient > 0 else high
        least.append(None if end is None else coefficient * end)
    for i, (monomial, coefficient) in enumerate(linear):
        others = [each for j, each in enumerate(least) if j != i]
        if any(each is None for each in others):
            continue
        most = -constant - sum(each for each in others if each is not None)
        term = integer({monomial: 1})
        fact = le(term, most // coefficient) if coefficient > 0 else le(-(most // -coefficient), term)
        for each in contexts[since:]:
            each.knowledge.note(fact)


def _arbitrary(value: Any) -> bool:
    """Is this made of the number that stands for any one, in the question what a test says?"""
    if type(value) is not Int:
        return False
    names = {name for monomial in value.poly for name in monomial}
    if ANY in names:
        return True
    made = {next(iter(symbol_.poly))[0]: key for key, symbol_ in root().definitions() if type(symbol_) is Int}
    return any(name in made and _mentions(made[name], made) for name in names)


def _mentions(part: Any, made: dict[str, Any]) -> bool:
    """Does a term's key name the number that stands for any?"""
    if isinstance(part, Formula):
        return any(name == ANY or (name in made and _mentions(made[name], made)) for m in part.monomials() for name in m)
    if isinstance(part, str):
        return part == ANY or (part in made and _mentions(made[part], made))
    return isinstance(part, tuple | frozenset) and any(_mentions(each, made) for each in part)


def _state(value: Number, bounds: Callable[[Any], Bounds]) -> None:
    """From here on these bounds are known, as far out as they are known to hold."""
    if type(value) is not Int:
        return
    for here in dict.fromkeys(contexts):
        low, high = bounds(here)
        if low is not None:
            here.knowledge.note(le(low, value))
        if high is not None:
            here.knowledge.note(le(value, high))


def known(value: Number, here: Any) -> Bounds:
    """What is known of a value in this context."""
    if type(value) is not Int:
        return int(value), int(value)
    low, high = here.bound(-value), here.bound(value)
    return None if low is None else -low, high


def _product(a: Number, b: Number, here: Any) -> Bounds:
    """A product lies within the products of what its factors lie within; it may be known better as a whole."""
    ends = [x * y for x, y in product(known(a, here), known(b, here)) if x is not None and y is not None]
    low, high = known(a * b, here)
    if len(ends) < 4:
        return low, high
    return max(min(ends), min(ends) if low is None else low), min(max(ends), max(ends) if high is None else high)


def _quotient(a: Number, divisor: Number, here: Any) -> Bounds:
    """A quotient is no further from nothing than by the least divisor, but for one that rounding adds."""
    return _divided(known(a, here), known(divisor, here))


def _divided(dividend: Bounds, divisor: Bounds) -> Bounds:
    """A quotient by a whole number is no further from nothing than what is divided."""
    (low, high), least = dividend, divisor[0]
    if low is None or high is None:
        return None, None
    if least is None or least < 1:
        most = max(abs(low), abs(high))
        return -most, most
    return min(low // least, 0), max(-(-high // least), 0)


def _narrower(a: Bounds, b: Bounds) -> bool:
    """Does the first need no more bits than the second?"""
    one, other = bits_of(a), bits_of(b)
    return one is not None and (other is None or one <= other)


def _share(a: Number, b: Number, divisor: Number, here: Any) -> Bounds:
    """A share of a whole is no further from nothing than the whole."""
    found = _divided(_product(a, b, here), known(divisor, here))
    if here not in (contexts[0], contexts[-1]):
        return found
    for whole, part in ((a, b), (b, a)):
        low, high = known(whole, here)
        if low is None or high is None or _narrower(found, (low, high)):
            continue
        if all(here.proved(each) for each in (le(0, part), le(part, divisor), le(1, divisor))):
            found = min(low, 0), max(high, 0)
    return found


def _found(search: Any, test: Callable[[int], Any], here: Any) -> Bounds:
    """What a search finds is not negative; the smallest that covers is not above what covers, the largest that fits
    is below what does not fit.  The test is asked of numbers of more and more bits, until its answer is known."""
    wanted = search.__name__ == "smallest"

    def enough(count: int) -> bool:
        return here.knows(formula(merged(partial(test, (1 << count) - 1)))) is wanted

    with silence():
        if not enough(MOST_BITS):
            return 0, None
        return 0, (1 << bisect_left(range(MOST_BITS), True, key=enough)) - 1


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
        ways = {kind: ways for kind, ways in entrances(machine, within(machine)).items()}
        kinds = [kind for kind in ways if beats is None or kind.__name__ in beats]

        def one(kind: type) -> Beat:
            follower = Follower(machine, timeout, prove)
            try:
                return follower.beat(kind, ways[kind], seconds)
            finally:
                follower.stop()

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


@frozen
class Field:
    """A stored integer, or a total: its range, and which beats are not known to keep it in there, and why."""

    place: str
    range: Range | None
    verdict: str
    not_kept: Mapping[str, str]
    excuse: str | None = None

    @property
    def bits(self) -> int | None:
        """What its range takes."""
        return None if self.range is None else bits_of(self.range)


@frozen
class Operation:
    """An operation of the rules: bounds of its result over all paths of all beats, and in which beats it is done."""

    place: Place
    bounds: Bounds
    verdict: str
    beats: tuple[str, ...]


KEPT, KEPT_BY_ONE, NOT_KEPT = "kept", "one-solver", "not kept"


def fields(machine: Machine[Any], beats: Collection[Beat]) -> list[Field]:
    """What is known of each stored integer; nothing is said of one that some beat may still change unseen."""
    initial = dict(outside(machine, machine.initial))
    names = sorted(set().union(*(beat.places for beat in beats)) | {total.place for total in machine.limits.totals})
    kinds = {kind.__name__ for kind in machine.commands}
    checked = {total.place for total in machine.limits.totals}
    missing = [beat.name for beat in beats if not beat.finished]
    missing += [kind.__name__ for kind in (*machine.commands, *machine.beats) if kind.__name__ not in {b.name for b in beats}]
    found = []
    for name in names:
        if name.partition(".")[0] in kinds or name.startswith("parameters."):
            continue
        range_ = machine.limits.of(name)
        if range_ is None and name.startswith("total."):
            continue
        marks = {beat.name: beat.stored[name] for beat in beats if name in beat.stored}
        wrong = {beat: mark.reason for beat, mark in marks.items() if mark.verdict == NOT_SHOWN}
        if name in initial:
            wrong["initial"] = f"{initial[name]} is outside"
        if name.startswith("total.") and name not in checked:
            wrong = {"": "supposed"}
        verdict = KEPT
        if range_ is None:
            verdict = UNBOUNDED
        elif wrong:
            verdict = NOT_KEPT
        elif missing:
            verdict = OPEN
        elif any(mark.verdict == ONE_SOLVER for mark in marks.values()):
            verdict = KEPT_BY_ONE
        found.append(Field(name, range_, verdict, wrong, machine.limits.excuse(name)))
    return found


def operations(beats: Collection[Beat], unseen: Callable[[Place], bool] = lambda _: False) -> list[Operation]:
    """What is known of each operation; `unseen` says that one may be done on a path that was not followed."""
    found: dict[Place, Bounds] = {}
    where: dict[Place, list[str]] = {}
    for beat in beats:
        for place, bounds in beat.computed.items():
            found[place] = hull(found[place], bounds) if place in found else bounds
            where.setdefault(place, []).append(beat.name)
    return [
        Operation(place, bounds, OPEN if unseen(place) else verdict_of(bounds), tuple(where[place]))
        for place, bounds in sorted(found.items(), key=lambda each: (each[0].file, each[0].line, each[0].text))
    ]
