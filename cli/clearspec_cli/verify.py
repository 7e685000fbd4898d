"""clearspec prove --verify: the obligations of an earlier run, asked again of the solvers alone.

No model is imported here, so none can have a say.
"""

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.refusal import Refused


def verify(place: str, *, timeout: float, jobs: int, sample: int | None, seed: int, json: str | None) -> bool:
    """Verify what is kept in a directory; True if every text that was asked is answered as it says."""
    output, begun = Output(json), monotonic()
    for solver in ("z3", "cvc5"):
        if find_spec(solver) is None:
            raise Refused(f"verifying needs {solver}, which is not installed: pip install 'clearspec[prove]'")
    try:
        from clearspec_proofs.record.manifest import Bad
        from clearspec_proofs.record.verify import verify as verify_texts
    except ModuleNotFoundError as error:
        raise Refused(f"verifying needs {error.name}, which is not installed: pip install 'clearspec[prove]'") from None
    try:
        with progress("verify") as show:
            found = verify_texts(
                Path(place),
                timeout=timeout,
                jobs=jobs,
                sample=sample,
                seed=seed,
                on_progress=lambda done, of: show(done, f"of {of:,} answers"),
            )
    except Bad as bad:
        raise Refused(str(bad)) from None
    for answer in found.wrong:
        output.say(f"{answer.solver} says {answer.result} of {answer.digest}, for {answer.cell}", style="red")
    for cell in found.open_cells:
        output.say(f"open: {cell}")
    for each in found.other_versions:
        output.say(each)
    asked = len({each.digest for each in found.answers})
    said = Counter(each.solver for each in found.answers if each.result == "unsat")
    ok = not found.wrong
    output.say(
        f"{'ok' if ok else 'FAILED'}: {counted(found.cells, 'cell')}, matrix {found.matrix};"
        f" {counted(asked, 'text')} of {found.texts:,} asked, unsat by "
        f"{', '.join(f'{name} {count:,}' for name, count in sorted(said.items())) or 'no solver'};"
        f" {found.without_solver:,} cells need none, {len(found.open_cells)} are open; {monotonic() - begun:.1f} s",
        style="bold green" if ok else "bold red",
    )
    output.deliver(
        {
            "ok": ok,
            "seconds": round(monotonic() - begun, 3),
            "cells": found.cells,
            "matrix": found.matrix,
            "without_solver": found.without_solver,
            "open": list(found.open_cells),
            "other_versions": list(found.other_versions),
            "texts": found.texts,
            "asked": asked,
            "unsat": dict(said),
            "wrong": [
                {"text": each.digest, "solver": each.solver, "cell": each.cell, "answer": each.result}
                for each in found.wrong
            ],
        }
    )
    return ok
