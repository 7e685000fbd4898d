"""Every path of every beat against Python, and every branch that is not followed against the solvers.

A path counts as `witnessed` if a state and a beat on plain integers take it: all claims hold of the state, every
decision of the path goes the same way, every fact of it is true, and the machine itself does what the path says: the
same state, the same events, the same reason.  It is `impossible` if both solvers say that its facts contradict each
other, else `open`.  Any run that does something else than its path, or goes where none is followed, is a difference: a
bug of the executor.  What is not followed is an obligation of its own: the facts there exclude it.

Where a path is witnessed, each claim is read as a goal beside what Python says of it: see `goals`.
"""

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from attrs import define, evolve, field, frozen

from clearspec.core.machine import Machine
from clearspec_proofs.executor.forks import Forks, branching
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.fidelity.goals import Figures, Reader, Reading, figures
from clearspec_proofs.fidelity.runs import Watched, compared, number_ids, witnesses
from clearspec_proofs.fidelity.samples import Pair, samples
from clearspec_proofs.fidelity.seeking import sought
from clearspec_proofs.logic.knowledge import Knowledge
from clearspec_proofs.logic.terms import FALSE, Formula, negated
from clearspec_proofs.matrix.prover import Followed, Prefix, entrances, follow
from clearspec_proofs.matrix.sharing import shared
from clearspec_proofs.solving.obligations import BOTH, Learned, Obligations
from clearspec_proofs.solving.store import Store

COMPARED = 3
"""Runs of a path that are compared with it, if so many take it."""

GLANCE = 1.0
"""Seconds of a solver for what excludes a branch or a path."""

LONGEST = 1_800.0
"""Seconds for all paths of a beat: to run each and read every claim as a goal takes longer than to prove them."""

BRANCHES = ("agreed", "one-solver", "open")
"""What the solvers say of a branch that is not followed."""

Exclusion = tuple[frozenset[str], str]
"""A branch that is not followed: the texts that exclude it, and what the solvers say of them."""

Node = tuple[int, bool | None]
"""A decision: how many ways there are, and whether the others are excluded; None if that was seen elsewhere."""


@frozen
class Trace:
    """One path, how it is known to be one, and what is not followed along it."""

    ending: str
    decisions: Prefix = ()
    nodes: tuple[Node, ...] = ()
    alternatives: tuple[Prefix, ...] = ()
    reason: str = ""
    verdict: str = ""
    by: str = ""
    differences: tuple[str, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    stated: int = 0
    lacking: str = ""
    readings: tuple[Reading, ...] = ()


@define
class Beat:
    """All paths of one beat."""

    kind: Any
    machine: str = ""
    left: int = 1
    reason: str = ""
    seconds: float = 0.0
    traces: list[Trace] = field(factory=list)

    def take(self, trace: Trace) -> None:
        """Count one path."""
        self.traces.append(trace)
        if trace.ending == "unsupported":
            self.reason = trace.reason


@frozen
class Row:
    """One beat: its paths, those that a run or a model takes, those that nothing can take, and those not known.

    `excluded` counts the texts that say of what is not followed why not, each once, by what the solvers say; `stated`
    counts branches of which the opposite stands among the facts, and `ended` paths that ended on the way, and why.
    `lacking` says of each open path what was tried; `goals`, how claims were read as goals.
    """

    machine: str
    beat: str
    paths: int
    witnessed: int
    by_model: int
    impossible: int
    open: int
    excluded: dict[str, int]
    stated: int
    ended: dict[str, int]
    seconds: float
    differences: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    reason: str = ""
    goals: Figures = Figures()

    @property
    def fails(self) -> bool:
        """Does a run differ from a path, or is a branch neither followed nor excluded?"""
        return bool(self.differences or self.reason)


def follow_all(
    machine: Machine[Any],
    *,
    beats: Collection[str] | None = None,
    workers: int = 2,
    seconds: float = 60,
    seed: int = 0,
    given: Collection[Pair] = (),
    store: Store | None = None,
    on_progress: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Follow all paths of these beats, with runs beside them: those `given`, and others that so many seconds found."""
    kinds = [kind for kind in (*machine.spec.beats, *machine.spec.commands) if beats is None or kind.__name__ in beats]
    runs = samples(machine, seconds=seconds, seed=seed, given=given)
    number_ids(tuple(pair for kept in runs.values() for pair in kept))
    walker = Walker(machine, runs, store, seed)
    try:
        with patched(machine):
            ways, first = walker.ways()
    finally:
        walker.stop()
    cells = [Beat(kind, machine.name) for kind in kinds]
    todo = [(i, list(ways.get(cell.kind, ()))) for i, cell in reversed(list(enumerate(cells)))]
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        if on_progress is not None:
            on_progress(row)

    if beats is None:
        add(_row(Beat("due", machine.name, traces=first)))
    walkers = shared(machine, cells, todo, lambda: Walker(machine, runs, store, seed), workers=workers, longest=LONGEST)
    for cell in walkers:
        add(_row(cell, first))
    return rows


class Walker:
    """Follows paths with runs beside them, and asks the solvers of its own of what it does not follow."""

    def __init__(
        self, machine: Machine[Any], runs: dict[type, list[Pair]], store: Store | None = None, seed: int = 0
    ) -> None:
        self.machine, self._runs = machine, runs
        self._reader = Reader(machine, seed)
        self.obligations = Obligations(GLANCE, store)
        self._given = (machine.spec.initial, *machine.drive.variants.values())
        self._excluded: list[Exclusion] = []
        self._stated = 0
        self._path: Watched | None = None
        self._found: dict[type, list[Pair]] = {}
        self._new: list[Pair] = []
        self._taken: Pair | None = None

    def stop(self) -> None:
        """End the solvers."""
        self.obligations.stop()

    def failed(self, reason: str) -> Trace:
        """A path that could not be followed."""
        return Trace("unsupported", reason=reason)

    def ways(self) -> tuple[dict[type, list[Prefix]], list[Trace]]:
        """The paths into each beat, and a trace of each, whatever is due then."""
        traces: list[Trace] = []
        made: list[Watched] = []

        def note() -> None:
            traces.extend(self._traced(each, "entrance", "", "") for each in made)
            self._anew()
            made.clear()

        def make(prefix: Prefix) -> Watched:
            note()
            made.append(Watched(prefix, look=self._look))
            return made[0]

        ways = entrances(self.machine, make)
        note()
        return ways, traces

    def reports(self, kind: Any, prefix: Prefix, wanted: Callable[[], bool]) -> list[Trace]:
        """Follow all paths that start so, but those that are left since another worker `wanted` some."""
        self.obligations.start()
        self.obligations.learned()
        return branching(
            Forks(wanted, self._learn),
            lambda forks: self.report(kind, prefix, forks),
            lambda: (self.obligations.learned(), self._new, self._reader.seen),
        )

    def _learn(self, learned: tuple[Learned, list[Pair], Counter[str]]) -> None:
        """What a copy of this process has found; what took its path goes beside this one from here on."""
        self.obligations.learn(learned[0])
        self._reader.seen |= learned[2]
        for pair in learned[1]:
            self._found.setdefault(type(pair[1]), []).append(pair)
            if self._path is not None:
                self._path.welcome(*pair)

    def report(self, kind: Any, prefix: Prefix, forks: Forks | None = None) -> Trace:
        """Follow one path of a beat of this type."""
        self._excluded, self._stated = [], 0
        found = ["", "", ""]
        self._taken = None

        def make(start: Prefix, forks: Forks | None) -> Watched:
            runs = (*self._runs.get(kind, ()), *self._found.get(kind, ()))
            self._path = Watched(start, forks, runs=runs, look=self._look, anew=self._anew)
            return self._path

        def then(run: Followed) -> None:
            found[:] = self._verdict(run)

        run = follow(self.machine, kind, prefix, then, forks, make)
        path = run.path
        assert isinstance(path, Watched)
        if run.ending == "infeasible" and not path.alternatives:
            for each in path.runs[:1]:
                path.differ("a run takes a path on which the facts contradict each other", each)
        trace = self._traced(path, run.ending, run.reason, *found)
        if self._taken is None:
            return trace
        return evolve(trace, readings=tuple(self._reader.read(*self._taken, trace.decisions)))

    def _anew(self) -> None:
        """What was found so far is reported by the process of which this is a copy."""
        self._excluded, self._stated, self._new = [], 0, []

    def _traced(self, path: Watched, ending: str, reason: str, verdict: str, by: str = "", lacking: str = "") -> Trace:
        return Trace(
            ending,
            tuple(path.decisions),
            tuple(path.nodes),
            tuple(path.alternatives),
            reason,
            verdict,
            by,
            tuple(map(str, path.differences)),
            tuple(self._excluded),
            self._stated,
            lacking,
        )

    # What is not followed

    def _look(self, path: Watched, f: Formula, stating: bool) -> None:
        """Ask both solvers whether what is known here excludes it; of a path that was followed so far, not again."""
        if len(path.decisions) < len(path.prefix):
            return
        known = path.knowledge
        if not stating and negated(f) in known.facts:
            self._stated += 1
            return
        if stating:  # what is known has it in part already
            known = Knowledge()
            for fact in path.said:
                known.learn(fact)
        texts = self.obligations.shown(known, negated(f))
        said = "agreed" if texts.keys() == BOTH else "one-solver" if texts else "open"
        digests = frozenset(digest for each in texts.values() for digest in each)
        self._excluded.append((digests or frozenset({f"open: {f!r}"[:400]}), said))

    # What a path is

    def _verdict(self, run: Followed) -> tuple[str, str, str]:
        path = run.path
        assert isinstance(path, Watched)
        for each in path.runs[:COMPARED]:
            self._compare(run, path, each)
        if path.differences:
            return "open", "", ""
        if path.runs:
            self._taken = path.runs[0].before, path.runs[0].beat
            return "witnessed", "run", ""
        known, found = path.knowledge.copied(), False  # before more is supposed, to find a state
        if self._contradictory(known, hard=run.ending == "crash"):
            return "impossible", "", ""
        for before, beat in sought(run, self.obligations.solvers[0], self._given[:1]):
            found = True
            with suppress(Exception):
                if not witnesses(self.machine, before, beat):
                    continue
                joined = path.joined(before, beat)
                if joined is not None:
                    self._compare(run, path, joined)
                    if path.differences:
                        return "open", "model", ""
                    self._taken = before, beat
                    self._new.append((before, beat))
                    self._found.setdefault(type(beat), []).append((before, beat))
                    return "witnessed", "model", ""
        if run.ending != "crash" and self._contradictory(known, hard=True):
            return "impossible", "", ""
        return "open", "", "its models are not states that all claims allow" if found else "no model in time"

    def _compare(self, run: Followed, path: Watched, each: Any) -> None:
        what = compared(self.machine, each, path, run.before, run.beat, run.ending, run.outcome)
        if what:
            path.differ(what, each)

    def _contradictory(self, known: Knowledge, *, hard: bool) -> bool:
        """Do both solvers say that the facts contradict each other?  If not `hard`, with products as unknowns."""
        if hard:
            return self.obligations.shown(known, FALSE).keys() == BOTH
        shown, _ = self.obligations.at_once(known, [FALSE])
        return FALSE in shown


def _row(beat: Beat, before: Collection[Trace] = ()) -> Row:
    """What came of a beat; `before` are the traces of the ways into all beats."""
    name = beat.kind if isinstance(beat.kind, str) else beat.kind.__name__
    paths = [each for each in beat.traces if each.ending in ("accepted", "rejected", "crash")]
    excluded = dict(each for trace in beat.traces for each in trace.excluded)
    goals = figures([reading for each in paths for reading in each.readings])
    lost = lost_branch([*before, *beat.traces], _starts(beat, before))
    return Row(
        beat.machine,
        name,
        len(paths),
        sum(each.verdict == "witnessed" for each in paths),
        sum(each.verdict == "witnessed" and each.by == "model" for each in paths),
        sum(each.verdict == "impossible" for each in paths),
        sum(each.verdict == "open" for each in paths),
        {said: sum(each == said for each in excluded.values()) for said in BRANCHES},
        sum(each.stated for each in beat.traces),
        dict(Counter(each.reason for each in beat.traces if each.ending == "infeasible" and not each.alternatives)),
        beat.seconds,
        (*(what for each in beat.traces for what in each.differences), *goals.differences),
        tuple(f"{'.'.join(map(str, each.decisions))}: {each.lacking}" for each in paths if each.lacking),
        beat.reason or lost,
        goals,
    )


def _starts(beat: Beat, before: Collection[Trace]) -> set[Prefix]:
    """The ways into this beat, which are all that it has to follow."""
    ways = [each.decisions for each in before]
    return {way for way in ways if any(each.decisions[: len(way)] == way for each in beat.traces)} or {()}


def lost_branch(traces: Collection[Trace], starts: Collection[Prefix]) -> str:
    """A branch below these starts that is neither followed nor excluded; "" if there is none."""
    children: dict[Prefix, set[int]] = {}
    ways: dict[Prefix, int] = {}
    forced: set[Prefix] = set()
    for trace in traces:
        for i, (options, excluded) in enumerate(trace.nodes):
            here = trace.decisions[:i]
            ways[here] = options
            children.setdefault(here, set()).add(trace.decisions[i])
            if excluded:
                forced.add(here)
    for here, options in ways.items():
        below = any(here[: len(start)] == start for start in starts)
        if below and here not in forced and len(children[here]) < options:
            return f"a branch is neither followed nor excluded: after {'.'.join(map(str, here))}"
    return ""
