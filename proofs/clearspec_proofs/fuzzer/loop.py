"""Machine after machine: drawn, proved, and whatever is proved looked at in a small world."""

import importlib.util
import os
import pickle
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from types import ModuleType
from typing import Any, Final

from attrs import evolve, field, frozen

from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.fuzzer.machines import Author
from clearspec_proofs.fuzzer.scope import Untrue, search
from clearspec_proofs.logic.terms import Unsupported
from clearspec_proofs.matrix.prover import NO_CRASH, Finding, Prover, claims_on, entrances
from clearspec_proofs.solving.obligations import Obligations
from clearspec_proofs.solving.solvers import end_with_parent
from clearspec_proofs.verdicts import PROVED, VERDICTS

SECONDS: Final = 20.0
"""Of one machine, before the process that proves it is ended."""

LONGEST: Final = 1.0
MOST_PATHS: Final = 60
"""Seconds and paths of one claim, after which it counts as unknown."""

WHOLE: Final = 10
"""Every so many machines the solvers are asked whatever it takes; of the others, what they see at once counts."""


@frozen
class Drawn:
    """One machine: its seed and text, the verdict of each claim, and what is proved of it and is not so."""

    seed: int
    verdicts: dict[str, str] = field(factory=dict)
    states: int = 0
    wrong: tuple[tuple[str, str], ...] = ()
    ended: str = ""


class Glancing(Prover):
    """Shows what both solvers see at once, and looks for no counterexample."""

    def _alone(self, run: Any, code: str, known: Any, left: Any, seconds: float) -> Finding:
        if left:
            return Finding(code, "unknown", reason="not seen at once")
        return super()._alone(run, code, known, left, seconds)


def machines(seed: int, place: Path, *, first: Callable[[], bool] = lambda: True) -> Iterator[Drawn]:
    """One machine after another, from this seed on, while `first` says so; texts of false theorems go to that place."""
    while first():
        worker = _Worker(seed, place)
        try:
            for drawn in worker.results():
                seed = drawn.seed + 1
                yield drawn
                if not first():
                    break
        finally:
            worker.stop()


class _Worker:
    """A process that draws and proves, ended with all of its own when one machine takes it too long."""

    def __init__(self, seed: int, place: Path) -> None:
        self._seed = seed
        reading, writing = os.pipe()
        self._child = os.fork()
        if not self._child:
            os.close(reading)
            _work(seed, place, writing)
        os.close(writing)
        self._pipe = os.fdopen(reading, "rb")

    def results(self) -> Iterator[Drawn]:
        """What was found, until a machine takes too long; of that one, that it did."""
        seed = self._seed
        while True:
            if not select.select([self._pipe], [], [], SECONDS)[0]:
                yield Drawn(seed, ended=f"not done after {SECONDS:.0f} seconds")
                return
            try:
                drawn = pickle.load(self._pipe)
            except EOFError:
                yield Drawn(seed, ended="the process that proved it has ended")
                return
            seed = drawn.seed + 1
            yield drawn

    def stop(self) -> None:
        """End the process, and all that it has begun."""
        with suppress(ProcessLookupError):
            os.killpg(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        self._pipe.close()


def _work(seed: int, place: Path, writing: int) -> None:
    """Never comes back."""
    try:
        os.setsid()
        end_with_parent()
        obligations = Obligations(0.3)
        obligations.start()
        with os.fdopen(writing, "wb", buffering=0) as pipe, TemporaryDirectory() as folder:
            while True:
                pipe.write(pickle.dumps(one(seed, Path(folder), place, obligations)))
                seed += 1
    except BaseException:
        os._exit(1)
    os._exit(0)


def one(seed: int, folder: Path, place: Path, obligations: Obligations) -> Drawn:
    """Draw one machine, prove it, and look at what is proved."""
    text = Author(seed).text()
    name = f"fuzzed_{seed}"
    module = _imported(name, text, folder)
    try:
        try:
            verdicts = proved(module, obligations, whole=seed % WHOLE == 0)
        except Unsupported as signal_:
            return Drawn(seed, {"*": "unknown"}, ended=str(signal_))
        good = {code for code, verdict in verdicts.items() if verdict in PROVED}
        wrong, states = search(module, good, Random(seed))
        if wrong:
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{name}.py").write_text(text)
        told = tuple((code, _told(each)) for code, each in wrong.items())
        return Drawn(seed, verdicts, states, told)
    finally:
        del sys.modules[name]
        (folder / f"{name}.py").unlink()


def _told(wrong: Untrue) -> str:
    return f"{wrong.before}\n-- {wrong.beat} -->\n{wrong.what}"


def _imported(name: str, text: str, folder: Path) -> ModuleType:
    file = folder / f"{name}.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def proved(module: ModuleType, obligations: Obligations, *, whole: bool) -> dict[str, str]:
    """The verdict of each claim against the one command, and of that it raises nothing.

    Each claim is proved by itself, for what one claim asks is decided on the paths of all that are proved with it.
    """
    machine, kind = module.MACHINE, module.Do
    with patched(machine):
        starts = list(entrances(machine)[kind])

        def verdict(code: str) -> str:
            prover = (Prover if whole else Glancing)(machine, [code], 0.3, [kind])
            prover.obligations = obligations
            return weakest(prover, kind, code, starts)

        found = {code: verdict(code) for code in (NO_CRASH, *(each.code for each in claims_on(machine, kind, None)))}
    if found[NO_CRASH] not in PROVED:  # a path that may raise is not followed for the claims
        return {code: "unknown" if said in PROVED else said for code, said in found.items()}
    return found


def weakest(prover: Prover, kind: type, code: str, starts: list[Any]) -> str:
    """The weakest verdict of a claim on all paths; unknown if they are many, or take long."""
    left, verdict, until = list(starts), "unchanged", monotonic() + LONGEST
    for _ in range(MOST_PATHS):
        report = prover.report(kind, left.pop())
        left += report.alternatives
        found = [each.verdict for each in report.findings if each.code == code]
        verdict = min(verdict, *found, "unknown" if report.ending == "unsupported" else verdict, key=VERDICTS.index)
        if not left or verdict not in PROVED or monotonic() > until:
            break
    return min(verdict, "unknown", key=VERDICTS.index) if left else verdict


@frozen
class Tally:
    """What came of all machines so far."""

    machines: int = 0
    claims: int = 0
    verdicts: Counter[str] = field(factory=Counter)
    states: int = 0
    ended: int = 0
    wrong: tuple[tuple[int, str, str], ...] = ()
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def proved(self) -> int:
        """How many claims are proved."""
        return sum(self.verdicts[each] for each in PROVED)

    def with_(self, drawn: Drawn) -> "Tally":
        """One machine more."""
        return Tally(
            self.machines + 1,
            self.claims + len(drawn.verdicts),
            self.verdicts + Counter(drawn.verdicts.values()),
            self.states + drawn.states,
            self.ended + bool(drawn.ended),
            (*self.wrong, *((drawn.seed, code, what) for code, what in drawn.wrong)),
        )


def fuzz(
    *,
    seed: int = 0,
    claims: int | None = None,
    seconds: float | None = None,
    place: Path = Path(".clearspec") / "fuzzer",
    on_progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Draw machines until so many claims or seconds are over; without either, until it is interrupted."""
    tally, until = Tally(), None if seconds is None else monotonic() + seconds
    begun = monotonic()

    def going_on() -> bool:
        return (claims is None or tally.claims < claims) and (until is None or monotonic() < until)

    try:
        for drawn in machines(seed, place, first=going_on):
            tally = tally.with_(drawn)
            on_progress(tally)
    except KeyboardInterrupt:
        tally = evolve(tally, interrupted=True)
    return evolve(tally, seconds=monotonic() - begun)
