"""A refuted cell as files to paste: commands that lead there if a run does, else the state; each with its test."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import attrs

from clearspec.core.machine import Machine
from clearspec.core.table import Id
from clearspec_checks.runs.finding import Finding, literal, only, violation_of
from clearspec_checks.runs.search import search
from clearspec_checks.runs.unusual import unusual
from clearspec_checks.runs.violation import Violation
from clearspec_checks.wire.codec import Malformed
from clearspec_checks.wire.situation import decode_situation, simplified
from clearspec_checks.wire.starts import campaign_starts
from clearspec_cli.output import Output, counted, write_whole

REFUTATIONS = Path(".clearspec") / "refutations"
"""The files of the cells that proof runs in this directory refuted last."""

SECONDS, SECONDS_EACH = 60.0, 5.0
"""To look for runs that break what is refuted: for all cells together, and for one of them."""

SHOWN = 8
"""Of the facts that may be missing; the files have all."""


def write_refutations(
    machine: Machine[Any], rows: Sequence[dict[str, Any]], on_cell: Callable[[str], None] = lambda _: None
) -> None:
    """Give each row its `refutation`: where its files are, and what they say.  Files of other cells are removed."""
    refuted = sum(row["situation"] is not None for row in rows)
    for row in rows:
        for path in _files(row):
            path.unlink(missing_ok=True)
        row["refutation"] = None
        if row["situation"] is not None:
            on_cell(f"{row['invariant']} by {row['beat']}")
            row["refutation"] = _written(machine, row, min(SECONDS / refuted, SECONDS_EACH))


def show_refutation(output: Output, row: dict[str, Any]) -> None:
    """Show what became of the search, and where the files are."""
    found = row["refutation"]
    output.say(found["advice"], style="bold")
    for fact in found["missing"][:SHOWN]:
        output.say(f"  {fact}")
    if len(found["missing"]) > SHOWN:
        output.say(f"  and {len(found['missing']) - SHOWN} more, in the file")
    output.say(f"as a test: {found['pytest']}")
    output.say(f"to replay: clearspec replay finding {found['json']}")


def _files(row: dict[str, Any]) -> tuple[Path, Path]:
    name = "-".join(filter(None, (row["machine"], row["shape"], row["invariant"], row["beat"])))
    return REFUTATIONS / f"{name}.json", REFUTATIONS / f"test_{name.replace('-', '_').lower()}.py"


def _written(machine: Machine[Any], row: dict[str, Any], seconds: float) -> dict[str, Any]:
    data, test = _content(machine, row, seconds)
    REFUTATIONS.mkdir(parents=True, exist_ok=True)
    data_file, test_file = _files(row)
    write_whole(data_file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    write_whole(test_file, test)
    told = {key: data[key] for key in ("reached", "advice", "missing")}
    return {"json": str(data_file), "pytest": str(test_file)} | told


def _content(machine: Machine[Any], row: dict[str, Any], seconds: float) -> tuple[dict[str, Any], str]:
    """What `clearspec replay finding` takes, and the test."""
    from clearspec_proofs.matrix.prover import NO_CRASH

    code = row["invariant"]
    if row["beat"] == "initial":
        finding = _at_a_start(machine, code)
        return _reached(finding, f"broken in the state {finding.start!r}, in which a run may start")
    try:
        before, beat = decode_situation(machine, code, row["situation"])
    except Malformed as error:
        return _situation(machine, row, False, f"not looked for in runs, since this is not read again: {error}", ())
    if before is None:
        return _situation(machine, row, True, "a law holds for all arguments, and not for these", ())
    found = search(machine, Violation.CRASH if code == NO_CRASH else code, beat, seconds=seconds)
    if found.finding is not None:
        by = f"{counted(len(found.finding.commands), 'command')} from {found.finding.start!r}"
        return _reached(found.finding, f"reached by {by}: a rule or the claim is wrong")
    advice = (
        f"not reached from any start in {counted(found.runs, 'run')} of {counted(found.commands, 'command')} together:"
        " the claim may not be inductive; strengthen it"
    )
    row = row | {"situation": _simplified(machine, code, row["situation"])}
    before, beat = decode_situation(machine, code, row["situation"])
    named = [each for each in attrs.astuple(beat, recurse=False) if isinstance(each, Id)]
    facts = tuple(map(str, unusual(machine, before, named)))
    advice += ", perhaps by a claim of what is unusual in this state:" if facts else "; nothing simple is unusual here"
    return _situation(machine, row, False, advice, facts)


def _simplified(machine: Machine[Any], code: str, situation: dict[str, Any]) -> dict[str, Any]:
    """A situation with less in it, of which the same is wrong."""
    from clearspec_proofs.executor.replay import broken

    def still(changed: dict[str, Any]) -> bool:
        try:
            return broken(machine, *decode_situation(machine, code, changed), code) is not None
        except Exception:  # no such state, or one of which not even what is due can be said
            return False

    return simplified(situation, still, SECONDS_EACH)


def _at_a_start(machine: Machine[Any], code: str) -> Finding:
    for start in campaign_starts(machine):
        violation = violation_of(only(machine, code), start, ())
        if violation is not None:
            return Finding(machine.name, start, (), code, str(violation), alone=True)
    raise AssertionError("a claim that is refuted initially is false in some start")


def _reached(finding: Finding, advice: str) -> tuple[dict[str, Any], str]:
    return finding.as_json() | {"reached": True, "advice": advice, "missing": []}, finding.as_pytest()


def _situation(
    machine: Machine[Any], row: dict[str, Any], reached: bool, advice: str, facts: Sequence[str]
) -> tuple[dict[str, Any], str]:
    """A state and a beat, or arguments, with which the claim fails."""
    code, situation = row["invariant"], row["situation"]
    data = {"machine": machine.name, "code": code, **situation, "reached": reached, "advice": advice}
    name = f"{code}_by_{row['beat']}".replace("-", "_").lower()
    said = "".join(fill(each, 116, initial_indent="# ", subsequent_indent="# ") + "\n" for each in (advice, *facts))
    test = (
        f"{said}\n"
        "from clearspec import registry\n"
        "from clearspec_checks.wire.situation import decode_situation\n"
        "from clearspec_proofs.executor.replay import broken\n\n"
        f"SITUATION = {literal(situation)}\n\n\n"
        f"def test_{name}():\n"
        f"    machine = registry.find({machine.name!r})\n"
        f"    before, beat = decode_situation(machine, {code!r}, SITUATION)\n"
        f"    assert broken(machine, before, beat, {code!r}) is None\n"
    )
    return data | {"missing": list(facts)}, test
