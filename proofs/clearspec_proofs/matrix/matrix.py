"""The matrix: every claim against every beat, on the code that runs, by two solvers."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

from attrs import define, evolve, field, frozen

from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Machine
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.replay import Counterexample
from clearspec_proofs.logic.terms import Unsupported
from clearspec_proofs.matrix.extent import Extent, extent_of, starts_of
from clearspec_proofs.matrix.last_word import open_last_word
from clearspec_proofs.matrix.prover import NO_CRASH, Finding, Pair, Prefix, Prover, Report, claims_on, entrances
from clearspec_proofs.matrix.shapes import place_of, shape_of
from clearspec_proofs.matrix.sharing import LONGEST, shared
from clearspec_proofs.record.manifest import Place
from clearspec_proofs.solving.store import Grounds, KeptCell, Store
from clearspec_proofs.verdicts import PROVED, VERDICTS


@frozen
class Row:
    """One claim against one beat.

    `paths` counts the accepted and the rejected paths of the beat, `bound` says what is not unbounded, `kept` that this
    was found out earlier, of the same model and by the same prover.  `shape` names the shape in which the machine
    starts, "" the first.  `rests` names the claims that are supposed before the beat and that the same run has not
    proved, or not in all of their cells.
    """

    invariant: str
    machine: str
    beat: str
    verdict: str
    solvers: tuple[str, ...] = ()
    seconds: float = 0.0
    paths: int = 0
    bound: str = ""
    reason: str = ""
    counterexample: Counterexample | None = None
    accepted: int = 0
    rejected: int = 0
    kept: bool = False
    shape: str = ""
    rests: tuple[str, ...] = ()


@define
class Cell:
    """All paths of one beat."""

    kind: type | Claim
    left: int = 1
    endings: Counter[str] = field(factory=Counter)
    findings: dict[str, list[Finding]] = field(factory=dict)
    paths: dict[str, list[dict[str, Any]]] = field(factory=dict)
    reason: str = ""
    last_word: str = ""
    witness: bool = False
    seconds: float = 0.0

    def take(self, report: Report) -> None:
        """Count one path."""
        self.endings[report.ending] += 1
        self.witness |= report.witness
        if report.ending == "unsupported":
            self.reason = report.reason
        for finding in report.findings:
            self.findings.setdefault(finding.code, []).append(finding)
            self.paths.setdefault(finding.code, []).append(
                {
                    "path": ".".join(map(str, report.path)),
                    "ending": report.ending,
                    "verdict": finding.verdict,
                    "texts": {solver: sorted(digests) for solver, digests in sorted(finding.texts.items())},
                }
            )


def prove(
    machine: Machine[Any],
    *,
    codes: Collection[str] | None = None,
    beats: Collection[str] | None = None,
    workers: int = 2,
    on_progress: Callable[[Row], None] | None = None,
    timeout: float = 10,
    longest: float = LONGEST,
    store: Store | None = None,
    grounds: Grounds | None = None,
) -> list[Row]:
    """Prove the claims of a machine, and say how each fared against each beat.

    What a store holds of the same model and prover is not done again, and what is done goes there; `grounds` say what
    is the same.  What a row rests on is known when all are done: those that `on_progress` takes do not say so yet.
    """
    rows: list[Row] = []
    earlier, extent = Known(machine, store, grounds), extent_of(machine)

    def add(row: Row) -> None:
        rows.append(row)
        if on_progress is not None:
            on_progress(row)

    def wanted(claim: Claim, beat: str) -> bool:
        return bool(beat) and (codes is None or claim.code in codes) and (beats is None or beat in beats)

    for claim in machine.spec.claims:
        if wanted(claim, _apart(claim)):
            add(_row_apart(machine, claim, extent))
    earlier.enter(rows)
    kinds = [kind for kind in kinds_of(machine) if beats is None or _name(kind) in beats]
    asked = {kind: [claim.code for claim in claims_on(machine, kind, codes)] for kind in kinds}
    known = {(kind, code) for kind in kinds for code in asked[kind] if earlier.knows(_name(kind), code)}
    for kind in kinds:
        for code in asked[kind]:
            if (kind, code) in known:
                add(earlier.row(_name(kind), code))
    left = [kind for kind in kinds if any((kind, code) not in known for code in asked[kind])]
    for cell in _explored(machine, left, codes, workers, timeout, longest, store, known):
        found = [row for row in _rows(machine, cell, codes, extent) if (cell.kind, row.invariant) not in known]
        earlier.enter(found, cell)
        for row in found:
            add(row)
    return _resting(machine, rows)


def _resting(machine: Machine[Any], rows: list[Row]) -> list[Row]:
    """The rows, and of each what it rests on: before a beat all claims on states are supposed."""
    proved = {(row.invariant, row.beat) for row in rows if row.verdict in PROVED}
    columns = ["initial", *(_name(kind) for kind in (*machine.spec.beats, *machine.spec.commands))]
    supposed = [claim.code for claim in machine.spec.claims if claim.kind is Kind.STATE and not claim.unproved]
    rests = tuple(code for code in supposed if any((code, column) not in proved for column in columns))
    return [evolve(row, rests=rests) if row.beat in columns[1:] else row for row in rows]


class Known:
    """What a store holds of the cells of a machine, as long as its modules are what they were."""

    def __init__(self, machine: Machine[Any], store: Store | None, grounds: Grounds | None) -> None:
        self._machine, self._store, self._grounds = machine, store, grounds
        self._place, self._shape = place_of(machine), shape_of(machine)
        self._known: dict[str, dict[str, KeptCell]] = {}

    def knows(self, beat: str, code: str) -> bool:
        """Is this cell proved already, or shown by one solver and recorded as open?"""
        if self._store is None or self._grounds is None:
            return False
        if beat not in self._known:
            named = [claim.code for claim in self._machine.spec.claims if beat in claim.open_cells]
            crash = self._store.cells(self._place, beat, self._grounds.key).get(NO_CRASH)
            whole = crash is None or crash["verdict"] in PROVED  # else it is asked again, or no row would say so
            self._known[beat] = self._store.known(self._place, beat, self._grounds.key, named) if whole else {}
        return code in self._known[beat]

    def row(self, beat: str, code: str) -> Row:
        """The row of a cell that is proved already."""
        kept = self._known[beat][code]
        solvers = {tuple(sorted(path["texts"])) for path in kept["paths"]}
        return Row(
            invariant=code,
            machine=self._machine.name,
            beat=beat,
            verdict=kept["verdict"],
            solvers=max(solvers, default=()),
            seconds=kept["seconds"],
            paths=kept["accepted"] + kept["rejected"],
            bound=kept["bound"],
            reason=kept["reason"],
            accepted=kept["accepted"],
            rejected=kept["rejected"],
            kept=True,
            shape=self._shape,
        )

    def enter(self, rows: Collection[Row], cell: Cell | None = None) -> None:
        """Write down how these fared; nothing is written when a module has changed since this began."""
        if self._store is None or self._grounds is None or not self._grounds.stand():
            return
        kinds = {claim.code: claim.kind.value for claim in self._machine.spec.claims}
        for beat in {row.beat: None for row in rows}:
            entries = {row.invariant: row for row in rows if row.beat == beat}
            if cell is not None and NO_CRASH in cell.findings and NO_CRASH not in entries:
                verdict, _ = _weakest(cell.findings[NO_CRASH])
                entries[NO_CRASH] = Row(NO_CRASH, self._machine.name, beat, verdict or "unknown")
            cells = {
                code: {
                    "machine": self._place,
                    "claim": code,
                    "beat": beat,
                    "kind": kinds.get(code, "crash"),
                    "verdict": row.verdict,
                    "bound": row.bound,
                    "reason": row.reason,
                    "accepted": row.accepted,
                    "rejected": row.rejected,
                    "seconds": round(row.seconds, 3),
                    "paths": cell.paths.get(code, []) if cell is not None else [],
                }
                for code, row in entries.items()
            }
            self._store.put(self._place, beat, self._grounds.key, cells)


def kinds_of(machine: Machine[Any]) -> list[type | Claim]:
    """What is followed path by path.  Laws first: each is one task, and the last task should be a short one."""
    laws = [each for each in machine.spec.claims if each.kind is Kind.LAW and not each.unproved]
    return [*laws, *machine.spec.beats, *machine.spec.commands]


def matrix(machine: Machine[Any]) -> list[Place]:
    """All cells of a machine, under the name by which they are kept."""
    place = place_of(machine)
    apart = [(place, claim.code, _apart(claim)) for claim in machine.spec.claims if _apart(claim)]
    return apart + [
        (place, claim.code, _name(kind)) for kind in kinds_of(machine) for claim in claims_on(machine, kind, None)
    ]


def _apart(claim: Claim) -> str:
    """The column of a claim that is beside all beats; "" if there is none."""
    if claim.unproved:
        return "-"
    return {Kind.STATE: "initial", Kind.COMMAND: "command"}.get(claim.kind, "")


def _row_apart(machine: Machine[Any], claim: Claim, extent: Extent) -> Row:
    if claim.unproved:
        return Row(claim.code, machine.name, "-", "unknown", reason=claim.unproved, shape=extent.shape)
    if claim.kind is Kind.STATE:
        return _initial(machine, claim, extent)
    reason = "checked on whole commands by exploration and campaigns, not proved"
    return Row(claim.code, machine.name, "command", "bounded", bound="runs", reason=reason, shape=extent.shape)


def _name(kind: type | Claim) -> str:
    return "law" if isinstance(kind, Claim) else kind.__name__


def _initial(machine: Machine[Any], claim: Claim, extent: Extent) -> Row:
    row = Row(claim.code, machine.name, "initial", "normalised", paths=1, shape=extent.shape)
    for name, state in starts_of(machine).items():
        if not claim(state):
            found = Counterexample(state, None, f"the state {name!r}: {state}")
            return evolve(row, verdict="refuted", paths=0, reason=f"fails in {name!r}", counterexample=found)
    total = len(extent.starts) + len(extent.others)
    return evolve(row, reason=f"evaluated on {total} starts, {len(extent.starts)} of this shape")


def _rows(machine: Machine[Any], cell: Cell, codes: Collection[str] | None, extent: Extent) -> Iterator[Row]:
    accepted, rejected = cell.endings["accepted"], cell.endings["rejected"]
    bound = extent.of_law(cell.kind) if isinstance(cell.kind, Claim) else extent.of_beats()
    found = [claim.code for claim in claims_on(machine, cell.kind, codes)]
    crash, crashing = _weakest(cell.findings.get(NO_CRASH, []))
    found += [NO_CRASH] if crash not in (None, *PROVED) else []
    for code in found:
        verdict, finding = _weakest(cell.findings.get(code, []))
        findings = cell.findings.get(code, [])
        reason = finding.reason if finding else ""
        if verdict != "refuted" and cell.reason:
            verdict, reason = "unknown", cell.reason
        elif verdict in ("refuted", "unknown"):
            pass
        elif cell.last_word:
            verdict, reason = "unknown", cell.last_word
        elif crashing is not None and crash in ("refuted", "unknown"):
            verdict, reason = "unknown", f"the beat may raise an exception: {crashing.reason}"
        elif not (accepted and cell.witness):
            verdict, reason = "unknown", "vacuous: no accepted path has a witness"
        yield Row(
            invariant=code,
            machine=machine.name,
            beat=_name(cell.kind),
            verdict=verdict or "unknown",
            solvers=tuple(sorted(finding.texts)) if finding else (),
            seconds=sum(each.seconds for each in findings),
            paths=accepted + rejected,
            bound=bound,
            reason=reason,
            counterexample=finding.counterexample if finding else None,
            accepted=accepted,
            rejected=rejected,
            shape=extent.shape,
        )


def _weakest(findings: list[Finding]) -> tuple[str | None, Finding | None]:
    weakest = min(findings, key=lambda each: VERDICTS.index(each.verdict), default=None)
    return (weakest.verdict, weakest) if weakest else (None, None)


def _explored(
    machine: Machine[Any],
    kinds: list[type | Claim],
    codes: Collection[str] | None,
    workers: int,
    timeout: float,
    longest: float,
    store: Store | None,
    known: Collection[tuple[Any, str]],
) -> Iterator[Cell]:
    """Each beat with all of its paths; the workers share the paths of a beat."""
    if not kinds:
        return
    cells = [Cell(kind) for kind in kinds]
    beats = {cell.kind for cell in cells if not isinstance(cell.kind, Claim)}
    seen = _seen_in_runs(machine, beats)
    ways = _entrances(machine) if beats else {}
    todo: list[tuple[int, list[Prefix]]] = []
    for i, cell in reversed(list(enumerate(cells))):
        cell.witness = cell.kind in seen
        if cell.kind in machine.spec.commands:
            cell.last_word = open_last_word(machine, cell.kind)
        todo.append((i, [()] if isinstance(cell.kind, Claim) else ways.get(cell.kind, [()])))
    yield from shared(
        machine,
        cells,
        todo,
        lambda: Prover(machine, codes, timeout, seen, store, known),
        workers=workers,
        longest=longest,
    )


def _entrances(machine: Machine[Any]) -> dict[type, list[Prefix]]:
    """Where the paths of each beat start; of none, if the workers have to say why that cannot be found out."""
    try:
        with patched(machine):
            return entrances(machine)
    except Unsupported:
        return {}


def _seen_in_runs(
    machine: Machine[Any], kinds: Collection[type], commands: int = 2_000, seconds: float = 5
) -> dict[type, Pair]:
    """Of those of these beats that are accepted in a random run from one of the starts, the state and the beat.  A
    crash shows nothing."""
    seen: dict[type, Pair] = {}
    starts = [machine.spec.initial, *machine.drive.variants.values()]
    for start in starts:
        with suppress(Exception):
            state, choices, until = start, SeededChoices(1), monotonic() + seconds / len(starts)
            for _ in range(commands):
                if seen.keys() >= set(kinds):
                    return seen
                if monotonic() > until:
                    break
                command = machine.drive.generate(state, choices)
                for before, beat, outcome in machine.run(state, command):
                    if isinstance(outcome, Accepted):
                        seen.setdefault(type(beat), (before, beat))
                outcome = machine.step(state, command)
                state = outcome.state if isinstance(outcome, Accepted) else state
    return seen
