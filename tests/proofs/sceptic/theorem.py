"""A theorem, false or true: what a machine is put together from, a claim of it, and a run on plain Python."""

import os
import pickle
import select
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from attrs import field, fields, frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Drive, Machine, Rejected, Spec
from clearspec_proofs.logic.terms import Unsupported
from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.verdicts import PROVED

SECONDS = 60
"""How long a proof of one theorem may take: whatever takes longer has no end."""

CRASH = "no-crash"


@frozen
class Theorem:
    """One claim against one beat of a small machine.

    - parts: what the machine is put together from, claims and all
    - code, beat: the cell; without a beat, the weakest of all cells of the claim
    - start, run: commands that show on plain Python whether it is true; the arguments of a law
    - says: a pattern that the prover's line has to have, if it refuses or does not know
    - prints: a pattern that the row has to have, if it is proved all the same of less than it seems
    - only: prove this claim alone
    - unheld: what is given does not hold in all states of the run
    - empty: it speaks of nothing that occurs, or of what never ends, so that no run can break it
    """

    name: str
    parts: Mapping[str, Any] = field(repr=False)
    code: str
    beat: str
    start: Any = None
    run: tuple[Any, ...] = ()
    says: str = ""
    prints: str = ""
    only: bool = False
    unheld: bool = False
    empty: bool = False


@frozen
class Verdict:
    """What the prover says of a theorem: the weakest verdict of its cells, its line, and all that is printed."""

    word: str
    line: str = ""
    printed: str = ""

    @property
    def proved(self) -> bool:
        """Does it count as proved?  What has no cell is not looked at, which shows as green."""
        return self.word in PROVED or self.word == "no cell"


def failure(theorem: Theorem) -> str:
    """What fails of the theorem on plain Python; "" if it holds in this run.

    All state claims hold of each state up to there, so that the run is one that the induction speaks of.
    """
    claims: tuple[Claim, ...] = theorem.parts["claims"]
    about = [claim for claim in claims if claim.code == theorem.code]
    before = theorem.start
    for command in theorem.run:
        if about and about[0].kind is Kind.LAW:
            if not about[0](*command):
                return f"{command}"
            continue
        beat: Any = command
        while beat is not None:
            wrong = [claim.code for claim in claims if claim.kind is Kind.STATE and not claim(before)]
            assert theorem.unheld or not wrong, f"{wrong} do not hold before {beat}"
            try:
                outcome = theorem.parts["beat"](before, beat)
            except Exception as error:
                return f"{beat} raises {error!r}" if theorem.code == CRASH else ""
            if not all(_kept(claim, theorem.parts, before, beat, outcome) for claim in about):
                return f"after {beat}: {outcome}"
            if isinstance(outcome, Rejected):
                break
            before = outcome.state
            beat = theorem.parts.get("due", lambda _: None)(before)
        else:
            whole = theorem.parts.get("conclude", lambda _, __, accepted: accepted)(before, command, outcome)
            if not all(claim(whole.state) for claim in about if claim.kind is Kind.STATE):
                return f"after all of {command}: {whole}"
    return ""


def _kept(claim: Claim, parts: Mapping[str, Any], before: Any, beat: Any, outcome: Any) -> bool:
    if claim.kind is Kind.STATE:
        return isinstance(outcome, Rejected) or claim(outcome.state)
    concerned = claim.concerns(beat) and (claim.kind is Kind.OUTCOME or isinstance(outcome, Accepted))
    return not concerned or claim(before, beat, outcome)


def judged(theorem: Theorem) -> Verdict:
    """What the prover says, in a process of its own that is killed when it takes too long."""
    return bounded(lambda: _judged(theorem))


def put_together(name: str, **parts: Any) -> Machine[Any]:
    """The machine of these parts, each of which stands in its specification, its drive or its limits."""
    drive = {each.name: parts.pop(each.name) for each in fields(Drive) if each.name in parts}
    limits = {each: parts.pop(each) for each in ("limits",) if each in parts}
    return Machine(name, Spec(**parts), Drive(**drive), **limits)


def _judged(theorem: Theorem) -> Verdict:
    try:
        machine = put_together(**theorem.parts)
        rows = prove(
            machine,
            beats=[theorem.beat] if theorem.beat else None,
            codes=[theorem.code] if theorem.only else None,
            workers=1,
            timeout=2,
            longest=SECONDS / 2,
        )
    except (ValueError, Unsupported) as error:
        return Verdict("refused", str(error))
    order = ["refuted", "unknown", "bounded", "one-solver", *PROVED]
    rows = sorted(rows, key=lambda row: order.index(row.verdict))
    about = [row for row in rows if row.invariant == theorem.code]
    if theorem.code == CRASH and not about:  # a beat that is refused as a whole has no such row
        about = [row for row in rows if row.verdict == "unknown"]
    return Verdict(about[0].verdict, about[0].reason, repr(about)) if about else Verdict("no cell")


def bounded(work: Callable[[], Verdict], seconds: float = SECONDS) -> Verdict:
    """The result of work in a process group of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _work(work, writing)
    os.close(writing)
    parts = []
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], seconds)[0]:
            parts.append(pipe.read(1 << 16))
            if not parts[-1]:
                break
        else:
            parts = [pickle.dumps(Verdict("no end", f"not done after {seconds:.0f} seconds"))]
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return pickle.loads(b"".join(parts))  # type: ignore[no-any-return]


def _work(work: Callable[[], Verdict], writing: int) -> None:
    """Do the work, and leave this process."""
    try:
        os.setsid()
        try:
            verdict = work()
        except BaseException as error:
            verdict = Verdict("failed", f"{type(error).__name__}: {error}")
        os.write(writing, pickle.dumps(verdict))
    finally:
        os._exit(0)
