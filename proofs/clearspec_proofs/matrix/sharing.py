"""The paths of beats, shared among worker processes: who has too many hands those that are left to who is idle."""

from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import wait
from time import monotonic
from traceback import format_exc
from typing import Any, Protocol, TypeVar

from clearspec.core.machine import Machine
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.logic.terms import Unsupported

Prefix = tuple[int, ...]

LONGEST = 600.0
"""Seconds that one worker may be at work on the paths of a beat before it is ended, and the beat left unknown."""

SLICE = 0.7
"""Seconds that a worker follows paths at least, before it hands back those that are left if another one is idle."""


class Follower(Protocol):
    """What a worker does with the paths that it is given."""

    def reports(self, kind: Any, prefix: Prefix, wanted: Callable[[], bool]) -> Sequence[Any]:
        """A report of each path that starts so; what it leaves to others is among its `alternatives`."""

    def failed(self, reason: str) -> Any:
        """The report of a path that could not be followed."""

    def stop(self) -> None:
        """The work is done."""


class Cell(Protocol):
    """What gathers the reports of all paths of one beat."""

    kind: Any
    left: int
    reason: str
    seconds: float

    def take(self, report: Any) -> None:
        """One more path."""


C = TypeVar("C", bound=Cell)


def shared(
    machine: Machine[Any],
    cells: list[C],
    todo: list[tuple[int, list[Prefix]]],
    follower: Callable[[], Follower],
    *,
    workers: int,
    longest: float = LONGEST,
) -> Iterator[C]:
    """Each cell with all of its paths, once they were followed.  `todo` says where those of a cell start; the last of
    it is done first.  A worker that is `longest` at work on a beat is ended, and the beat says so."""
    context = get_context("fork")
    hungry = context.RawValue("i", 0)
    for index, starts in todo:
        cells[index].left = 1 if starts else 0
    todo = [(index, starts) for index, starts in todo if starts]
    kinds = [cell.kind for cell in cells]
    idle: list[Any] = []
    busy: dict[Any, tuple[int, float]] = {}
    children: dict[Any, Any] = {}

    def begin() -> None:
        here, there = context.Pipe()
        children[here] = context.Process(target=_work, args=(machine, kinds, follower, hungry, there), daemon=True)
        children[here].start()
        there.close()
        idle.append(here)

    try:
        for _ in range(workers):
            begin()
        yield from (cell for cell in cells if not cell.left)
        while todo or busy:
            while todo and idle:
                index, prefixes = todo.pop()
                pipe = idle.pop()
                pipe.send((index, prefixes))
                busy[pipe] = (index, monotonic())
            hungry.value = len(idle)
            ready = wait(list(busy), min(started for _, started in busy.values()) + longest - monotonic())
            for pipe in ready or [pipe for pipe, (_, started) in busy.items() if monotonic() - started >= longest]:
                index, started = busy.pop(pipe)
                cell = cells[index]
                reports, left = _received(pipe) if pipe in ready else ([], None)
                if left is None and pipe not in ready:
                    children[pipe].kill()
                    begin()
                    cell.reason, left = f"its paths were not all followed within {longest:.0f} s", []
                elif left is None:
                    cell.reason, left = "a worker died", []
                else:
                    idle.append(pipe)
                for report in reports:
                    cell.take(report)
                cell.seconds += monotonic() - started
                half = len(left) // 2 if len(left) > 1 else len(left)
                parts = [part for part in (left[:half], left[half:]) if part]
                todo += [(index, part) for part in parts]
                cell.left += len(parts) - 1
                if not cell.left:
                    yield cell
            if todo and not busy and not idle:
                raise RuntimeError("all workers of the proof died")
    finally:
        for pipe, child in children.items():
            pipe.close()
            child.kill()
            child.join()


def _received(pipe: Any) -> tuple[list[Any], list[Prefix] | None]:
    try:
        return pipe.recv()  # type: ignore[no-any-return]
    except EOFError:
        return [], None


def _work(machine: Machine[Any], kinds: list[Any], make: Callable[[], Follower], hungry: Any, pipe: Any) -> None:
    follower, until = make(), 0.0

    def wanted() -> bool:
        return bool(hungry.value) and monotonic() > until

    try:
        while True:
            index, left = pipe.recv()
            reports, until = [], monotonic() + SLICE
            try:
                with patched(machine):
                    while left and not wanted():
                        for report in follower.reports(kinds[index], left.pop(), wanted):
                            left.extend(report.alternatives)
                            reports.append(report)
            except Unsupported as signal:
                reports, left = [follower.failed(str(signal))], []
            except Exception:
                reports, left = [follower.failed(f"the prover failed: {format_exc(limit=-4)}")], []
            pipe.send((reports, left))
    except EOFError:
        pass
    finally:
        follower.stop()
