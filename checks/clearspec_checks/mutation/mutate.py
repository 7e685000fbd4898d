"""Mutation testing: each mutant in a process of its own, against one killer after the other.

Results are kept in a file, line by line, so that a run that was ended goes on where it was.
"""

import hashlib
import json
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import asdict, define, field, frozen

from clearspec.core.machine import Machine
from clearspec_checks.mutation.judged import BY_HAND
from clearspec_checks.mutation.killers import CLAIMS, EQUIVALENT, Killer
from clearspec_checks.mutation.mutants import Mutant, applied

MOST_MEMORY = 6 * 2**30
"""Bytes of address space of one mutant: one that eats memory dies alone."""
PACKAGES = ("clearspec", "clearspec_checks", "clearspec_proofs")
"""A result holds as long as no file of these changes."""


@frozen
class Fate:
    """What became of a mutant.

    `killed_by` names columns; `because` what the first killer found, or why it is equivalent; `unanswered` what
    could not be asked, and why: an error of the prover, say, which tells nothing of the mutant.
    """

    id: str
    file: str
    line: int
    operator: str
    change: str
    killed_by: tuple[str, ...]
    equivalent: bool
    because: str
    seconds: float
    unanswered: tuple[str, ...] = ()

    @property
    def survived(self) -> bool:
        return not self.killed_by and not self.equivalent

    @property
    def by_hand(self) -> bool:
        """Is it called equivalent by somebody who has thought about it, and by no proof?"""
        return self.equivalent and self.because.startswith(BY_HAND)


@define
class Trial:
    """A mutant on its way through the killers."""

    mutant: Mutant
    left: list[Killer]
    killed_by: list[str]
    because: str
    begun: float
    unanswered: list[str] = field(factory=list)
    deadline: float = 0.0
    child: BaseProcess | None = None


@frozen
class Answer:
    """What a killer found, "" if nothing; or why it could not look."""

    verdict: str = ""
    failed: str = ""


def mutate(
    machine: Machine[Any],
    mutants: Sequence[Mutant],
    killers: Sequence[Killer],
    *,
    jobs: int = 2,
    matrix: bool = False,
    kept: "Kept | None" = None,
    on_fate: Callable[[Fate], None] = lambda _: None,
) -> list[Fate]:
    """The fate of each mutant.

    `matrix` goes on after the first kill.  A killer in the column `EQUIVALENT` is asked only of what is still alive.
    `kept` holds the results of an earlier run, and takes those of this one.
    """
    fates = {}
    todo = []
    for mutant in mutants:
        known = kept.get(mutant) if kept is not None else None
        if known is not None:
            fates[mutant.id] = known
            on_fate(known)
        else:
            todo.append(mutant)
    for fate in _trials(machine, todo, killers, jobs, matrix):
        fates[fate.id] = fate
        if kept is not None:
            kept.add(fate)
        on_fate(fate)
    return [fates[mutant.id] for mutant in mutants]


def _trials(
    machine: Machine[Any],
    mutants: Sequence[Mutant],
    killers: Sequence[Killer],
    jobs: int,
    matrix: bool,
) -> Iterator[Fate]:
    waiting = list(reversed(mutants))
    running: dict[Connection, Trial] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                trial = Trial(waiting.pop(), list(killers), [], "", monotonic())
                _start(running, machine, trial, trial.left[0])
            soonest = min(trial.deadline for trial in running.values())
            ready = wait(list(running), timeout=max(soonest - monotonic(), 0))
            late = [pipe for pipe, trial in running.items() if pipe not in ready and trial.deadline <= monotonic()]
            for pipe in (*ready, *late):
                assert isinstance(pipe, Connection), "only pipes are waited for"
                trial = running.pop(pipe)
                answer = _received(pipe, trial.left[0]) if pipe in ready else _late(trial.left[0])
                _end(trial)
                pipe.close()
                fate = _judged(trial, answer, matrix)
                if fate is not None:
                    yield fate
                else:
                    _start(running, machine, trial, trial.left[0])
    finally:
        for trial in running.values():
            _end(trial)


def _judged(trial: Trial, answer: Answer, matrix: bool) -> Fate | None:
    """The fate of the mutant, or None if there is more to try."""
    killer, verdict = trial.left.pop(0), answer.verdict
    if answer.failed:
        trial.unanswered.append(f"{killer.name}: {answer.failed}")
    if verdict and killer.column == EQUIVALENT:
        return _fate(trial, True, verdict)
    if verdict:
        trial.because = trial.because or f"{killer.name}: {verdict}"
        trial.killed_by.append(killer.column)
        if not matrix:
            return _fate(trial, False, trial.because)
        trial.left = [each for each in trial.left if _still_asked(each, trial.killed_by)]
    return None if trial.left else _fate(trial, False, trial.because or "survived")


def _still_asked(killer: Killer, killed_by: Sequence[str]) -> bool:
    """Is this one asked of a mutant that is dead?  One kill in a column is enough."""
    if killer.column == EQUIVALENT or killer.column in killed_by:
        return False
    return not (killer.thorough and any(column in CLAIMS for column in killed_by))


def _fate(trial: Trial, equivalent: bool, because: str) -> Fate:
    mutant = trial.mutant
    return Fate(
        id=mutant.id,
        file=mutant.file,
        line=mutant.line,
        operator=mutant.operator,
        change=mutant.change,
        killed_by=tuple(trial.killed_by),
        equivalent=equivalent,
        because=because,
        seconds=round(monotonic() - trial.begun, 1),
        unanswered=tuple(trial.unanswered),
    )


def _start(running: dict[Connection, Trial], machine: Machine[Any], trial: Trial, killer: Killer) -> None:
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_try, args=(machine, trial.mutant, killer, there))
    child.start()
    there.close()
    trial.child = child
    trial.deadline = monotonic() + killer.seconds
    running[here] = trial


def _try(machine: Machine[Any], mutant: Mutant, killer: Killer, pipe: Connection) -> None:
    """In a process of its own, the leader of a group, so that whatever it starts ends with it."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if killer.endless_kills:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        # Forked for one killer of one mutant, so that no cached total outlives the change.
        with applied(mutant, machine) if killer.mutated else nullcontext():
            answer = Answer(killer.look(machine, mutant))
    except Exception as error:
        answer = _stopped(killer, f"{type(error).__name__}: {error}")
    pipe.send(answer)


def _stopped(killer: Killer, why: str) -> Answer:
    """What it says that the killer did not end as it should: the mutant did it, unless it was the prover itself."""
    return Answer(verdict=why) if killer.endless_kills else Answer(failed=why)


def _late(killer: Killer) -> Answer:
    """The prover may run out of time; what does a fixed amount of work may not."""
    return Answer(f"did not end in {killer.seconds:.0f} s" if killer.endless_kills else "")


def _received(pipe: Connection, killer: Killer) -> Answer:
    try:
        answer: Answer = pipe.recv()
    except EOFError:
        return _stopped(killer, "its process died")
    return answer


def _end(trial: Trial) -> None:
    """End its process and all that this has started, and keep nothing of it open: a run starts thousands."""
    child, trial.child = trial.child, None
    if child is None or child.pid is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.join()
    child.close()


class Kept:
    """The fates of earlier runs, as long as the sources and the kind of run are the same."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._key = hashlib.sha256(f"{sources_hash()} {kind}".encode()).hexdigest()
        self._fates: dict[str, Fate] = {}
        with suppress(FileNotFoundError):
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        # A run that was ended may have left half a line.
        with suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            if entry.pop("key") == self._key:
                fate = Fate(**entry | {each: tuple(entry[each]) for each in ("killed_by", "unanswered")})
                self._fates[fate.id] = fate

    def get(self, mutant: Mutant) -> Fate | None:
        """The fate of this mutant, if it is known."""
        return self._fates.get(mutant.id)

    def add(self, fate: Fate) -> None:
        """Keep this one."""
        self._fates[fate.id] = fate
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": self._key, **asdict(fate)}) + "\n")

    def forget(self) -> None:
        """Start anew."""
        self._fates.clear()
        self._path.unlink(missing_ok=True)


def sources_hash() -> str:
    """One number for every file that decides what becomes of a mutant."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        spec = find_spec(name)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in (".py", ".json"):
                    digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
