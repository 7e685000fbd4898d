"""The prover as the command sees it: started late, since its solvers are heavy and may be missing."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.wire.situation import encode_situation
from clearspec_cli.output import write_whole
from clearspec_cli.refusal import Refused
from clearspec_proofs.verdicts import VERDICTS

FIRST = "first"
"""How the shape of the initial state is shown, which has no name."""

SAVED = Path(".clearspec") / "proofs.json"
"""The rows of the last proof run in this directory."""

KEPT = Path(".clearspec") / "obligations"
"""The obligations of proof runs in this directory."""


def require_prover() -> Callable[..., Any]:
    """The function that proves, or a refusal that says what to install."""
    try:
        from clearspec_proofs.matrix.matrix import prove
    except ModuleNotFoundError as error:
        raise Refused(
            f"proofs need {error.name}, which is not installed: pip install 'clearspec[prove]'"
            " (clearspec check --no-proofs does without)"
        ) from None
    return prove


def prove_rows(
    machine: Machine[Any],
    *,
    codes: Sequence[str] | None = None,
    beats: Sequence[str] | None = None,
    jobs: int = 2,
    timeout: float = 10,
    on_row: Callable[[dict[str, Any]], None] = lambda _: None,
    keep: "Keep | None" = None,
    shape: str = "",
) -> list[dict[str, Any]]:
    """The rows of a proof run under stable keys, in one shape of the machine.

    The prover runs in a process group of its own: Ctrl-C ends it whole, its solvers included, without a word.
    """
    require_prover()
    rows: list[dict[str, Any]] = []
    for found in apart(_prove, machine, codes, beats, jobs, timeout, keep, shape):
        if isinstance(found, list):
            rows = found
        else:
            on_row(found)
    return rows


def apart(work: Callable[..., None], *arguments: Any) -> Iterator[Any]:
    """What the work sends, its last argument being the pipe, until it sends None.

    It runs in a process group of its own, which is ended whole.
    """
    here, there = get_context("fork").Pipe(duplex=False)
    child = get_context("fork").Process(target=work, args=(*arguments, there))
    child.start()
    there.close()
    try:
        while (found := here.recv()) is not None:
            yield found
    except EOFError:
        raise Refused("the prover ended before its work was done; what it said stands above") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid or 0, signal.SIGKILL)
        child.join()


def _prove(
    machine: Machine[Any],
    codes: Sequence[str] | None,
    beats: Sequence[str] | None,
    jobs: int,
    timeout: float,
    keep: "Keep | None",
    shape: str,
    pipe: Connection,
) -> None:
    """Send each row as soon as it is known, then all of them, with what they rest on."""
    os.setsid()
    prove = require_prover()
    from clearspec_proofs.matrix.shapes import at_shape

    own = keep.own(machine, shape) if keep is not None else None
    rows = prove(
        at_shape(machine, shape),
        codes=codes,
        beats=beats,
        workers=jobs,
        timeout=timeout,
        store=keep.store if keep is not None and own is not None else None,
        grounds=own,
        on_progress=lambda row: pipe.send(row_json(row)),
    )
    pipe.send([row_json(row) for row in rows])
    pipe.send(None)


def row_json(row: Any) -> dict[str, Any]:
    """A row of the matrix under stable keys."""
    found = attrs.asdict(row, recurse=False)
    keys = (
        "invariant",
        "machine",
        "shape",
        "beat",
        "verdict",
        "solvers",
        "seconds",
        "paths",
        "bound",
        "reason",
        "kept",
    )
    data = {key: found[key] for key in keys} | {"rests": list(found["rests"])}
    data["seconds"] = round(data["seconds"], 3)
    data["solvers"] = list(data["solvers"]) if not isinstance(data["solvers"], str) else data["solvers"]
    counterexample = found.get("counterexample")
    data["counterexample"] = str(counterexample) if counterexample else None
    data["situation"] = encode_situation(counterexample.before, counterexample.beat) if counterexample else None
    return data


class Keep:
    """Where obligations are kept, and what the proofs of each machine rest on."""

    def __init__(self, place: Path, *, anew: bool) -> None:
        """Requires: `require_prover` was asked.  What is there already does not count if all is done `anew`."""
        from clearspec_proofs.matrix.shapes import at_shape, shapes_of
        from clearspec_proofs.solving.store import Store, grounds

        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(f"cannot keep obligations in {place}: {error.strerror}") from None
        if not os.access(place, os.W_OK):
            raise Refused(f"cannot keep obligations in {place}: permission denied")
        self.store = Store(place, reads=not anew)
        machines = [registry.find(name) for name in registry.names()]
        # A machine that is not the one of its module is not known by its files.
        self._own = {
            (machine.name, shape): (machine, grounds(at_shape(machine, shape)))
            for machine in machines
            if machine is registry.module(machine.name).MACHINE
            for shape in shapes_of(machine)
        }

    def own(self, machine: Machine[Any], shape: str) -> Any:
        """What the proofs of a machine in that shape rest on; None if its files do not say so."""
        known, found = self._own.get((machine.name, shape), (None, None))
        return found if machine is known else None

    def write_manifest(self) -> str:
        """Write down what is known of every machine; returns the digest of the matrix.

        The first shape of a machine has to be whole, and each other one of which anything is known.
        """
        from clearspec_proofs.matrix.matrix import matrix
        from clearspec_proofs.matrix.shapes import at_shape, place_of
        from clearspec_proofs.record.manifest import Part, write_manifest

        parts = []
        for (_, shape), (machine, found) in self._own.items():
            shaped = at_shape(machine, shape)
            places, name = matrix(shaped), place_of(shaped)
            beats = {beat for _, _, beat in places}
            if not shape or any(self.store.cells(name, beat, found.key) for beat in beats):
                parts.append(Part(name, shaped.spec.shape, found, places))
        try:
            return write_manifest(self.store, parts)
        except OSError as error:
            raise Refused(f"cannot write the manifest in {self.store.place}: {error.strerror}") from None


def worst(rows: Sequence[dict[str, Any]]) -> str:
    """The verdict of the weakest cell; "none" without any."""
    verdicts = [row["verdict"] for row in rows]
    return next((verdict for verdict in VERDICTS if verdict in verdicts), "none")


def failing(row: dict[str, Any], machine: Machine[Any]) -> bool:
    """Does this cell fail a check?  A refuted one does, and one that no solver shows and of which nothing is recorded.

    A cell that one solver shows is open and named; it does not fail, since a slower machine may run out of time for the
    other.
    """
    recorded = any(
        each.code == row["invariant"] and (each.unproved or row["beat"] in each.open_cells)
        for each in machine.spec.claims
    )
    return row["verdict"] == "refuted" or (row["verdict"] == "unknown" and not recorded)


def save_rows(rows: list[dict[str, Any]], machines: Sequence[str]) -> None:
    """Keep the rows for `clearspec explain`, in place of earlier ones of the same cells."""
    fresh = set(map(_place, rows))
    kept = [row for row in last_rows() or [] if _place(row) not in fresh]
    kept = [row for row in kept if row["machine"] in machines]
    SAVED.parent.mkdir(exist_ok=True)
    write_whole(SAVED, json.dumps({"rows": kept + rows}, indent=1))


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    return row["invariant"], row["machine"], row.get("shape", ""), row["beat"]


def last_rows() -> list[dict[str, Any]] | None:
    """The rows that were saved last, or None."""
    try:
        saved = json.loads(SAVED.read_text(encoding="utf-8"))
        rows: list[dict[str, Any]] = saved["rows"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rows
