"""clearspec prove: the matrix of claims and beats, or the part of it that is asked for."""

from collections.abc import Sequence
from pathlib import Path
from re import sub
from time import monotonic
from typing import Any

from attrs import evolve, frozen

from clearspec import registry
from clearspec.core.claims import Claim
from clearspec.core.machine import Machine
from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.proofs import FIRST, KEPT, Keep, failing, prove_rows, require_prover, save_rows
from clearspec_cli.refusal import Refused, unknown
from clearspec_cli.refutations import show_refutation, write_refutations
from clearspec_proofs.verdicts import PROVED, VERDICTS

ALL = "all"
"""What stands for all shapes."""

SHOWN = 8
"""Of the claims that a run rests on; the JSON has all."""


@frozen
class Part:
    """The part of the matrix of one machine in one of its shapes that is asked for; None means all."""

    machine: Machine[Any]
    codes: tuple[str, ...] | None
    beats: tuple[str, ...] | None
    shape: str = ""

    @property
    def name(self) -> str:
        """The machine, and its shape if that is not the first."""
        return f"{self.machine.name} in the shape {self.shape}" if self.shape else self.machine.name


def prove(
    topics: Sequence[str], *, timeout: float, jobs: int, anew: bool, keep: str | None, shape: str, json: str | None
) -> bool:
    """Prove what the topics name, or everything; what has not changed is not done again, unless all is done `anew`."""
    output, begun = Output(json), monotonic()
    require_prover()
    machines = [registry.find(name) for name in registry.names()]
    parts = in_shapes([part for part in parts_of(machines, topics) if cells_of(part)], shape)
    if not parts:
        raise Refused(f"no claim of {' '.join(topics)} is obliged of such a beat; see clearspec explain CLAIM")
    kept = Keep(KEPT if keep is None else Path(keep), anew=anew)
    rows: list[dict[str, Any]] = []
    for part in parts:
        rows.extend(rows_of(part, timeout=timeout, jobs=jobs, keep=kept))
    save_rows(rows, registry.names())
    matrix = kept.write_manifest()
    show_rows(output, rows)
    proved_of = [extent_json(part) for part in parts]
    show_extents(output, proved_of, rows)
    seconds = monotonic() - begun
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS}
    output.say()
    output.say(f"{counted(len(rows), 'cell')} in {seconds:.1f} s: {in_words(counts)}")
    known = sum(row["kept"] for row in rows)
    output.say(f"{counted(known, 'cell')} known from before; obligations in {kept.store.place}, matrix {matrix}")
    ok = not any(failing(row, part.machine) for part in parts for row in rows if row["machine"] == part.machine.name)
    data = {"ok": ok, "seconds": round(seconds, 3), "rows": rows, "counts": counts}
    data |= {"proved_at": proved_at(rows), "proved_of": proved_of}
    output.deliver(data | {"kept": known, "matrix": matrix, "obligations": str(kept.store.place)})
    return ok


def rows_of(part: Part, *, timeout: float, jobs: int, keep: Keep) -> list[dict[str, Any]]:
    """Prove one part with progress shown, and write the files of what is refuted."""
    with progress(f"prove {part.name}") as show:
        done = 0

        def on_row(row: dict[str, Any]) -> None:
            nonlocal done
            done += 1
            show(done, f"cells; {row['invariant']} by {row['beat']}: {row['verdict']}")

        rows = prove_rows(
            part.machine,
            codes=part.codes,
            beats=part.beats,
            jobs=jobs,
            timeout=timeout,
            on_row=on_row,
            keep=keep,
            shape=part.shape,
        )
        write_refutations(part.machine, rows, lambda cell: show(done, f"cells; looking for a run that breaks {cell}"))
    return rows


def parts_of(machines: Sequence[Machine[Any]], topics: Sequence[str]) -> list[Part]:
    """What the topics name: claims by code, its beginning or their file, narrowed by beats.

    Of a name that is both it is written as it stands: beats begin with a capital.
    """
    codes: set[str] = set()
    beats: set[str] = set()
    named = {beat for machine in machines for beat in beats_of(machine)}
    for topic in topics:
        found_codes = {each.code for machine in machines for each in machine.spec.claims if _names(topic, each)}
        # `Deleverage` is the beat, and `deleverage` the claims of that file.
        found_codes = set() if topic in named else found_codes
        found_beats = set() if found_codes else {beat for beat in named if beat.lower() == topic.lower()}
        if not found_codes and not found_beats:
            raise unknown("topic", topic, _topics(machines))
        codes |= found_codes
        beats |= found_beats
    parts = []
    for machine in machines:
        own = tuple(each.code for each in machine.spec.claims if each.code in codes)
        of = tuple(beat for beat in beats_of(machine) if beat in beats)
        if (codes and not own) or (beats and not of):
            continue
        parts.append(Part(machine, own if codes else None, of if beats else None))
    return parts


def in_shapes(parts: Sequence[Part], shape: str) -> list[Part]:
    """The parts in the shape that is asked for; in all of their shapes for ALL, in the first for ""."""
    from clearspec_proofs.matrix.shapes import shapes_of

    known = {""} | {name for part in parts for name in shapes_of(part.machine)}
    if shape != ALL and shape not in known:
        raise unknown("shape", shape, {*known - {""}, ALL})
    return [evolve(part, shape=name) for part in parts for name in shapes_of(part.machine) if shape in (name, ALL)]


def cells_of(part: Part) -> list[Any]:
    """The places of the matrix that are asked for."""
    from clearspec_proofs.matrix.matrix import matrix

    return [
        (name, code, beat)
        for name, code, beat in matrix(part.machine)
        if (part.codes is None or code in part.codes) and (part.beats is None or beat in part.beats)
    ]


def beats_of(machine: Machine[Any]) -> list[str]:
    """The names of all transitions."""
    return [each.__name__ for each in (*machine.spec.commands, *machine.spec.beats)]


def _names(topic: str, claim: Claim) -> bool:
    return claim.code.upper().startswith(topic.upper()) or claim.topic == topic.lower()


def _topics(machines: Sequence[Machine[Any]]) -> set[str]:
    return {
        name
        for machine in machines
        for name in (
            *beats_of(machine),
            *(each.code for each in machine.spec.claims),
            *(each.topic for each in machine.spec.claims),
        )
    }


def show_rows(output: Output, rows: Sequence[dict[str, Any]]) -> None:
    """Show one line for each invariant and the shapes in which it is proved, then every cell that is not proved by all
    means."""
    used = [verdict for verdict in VERDICTS if any(row["verdict"] == verdict for row in rows)]
    codes = list(dict.fromkeys(row["invariant"] for row in rows))
    lines, proved = [], proved_at(rows)
    for code in codes:
        own = [row for row in rows if row["invariant"] == code]
        counts = [sum(row["verdict"] == verdict for row in own) for verdict in used]
        spent = f"{sum(r['seconds'] for r in own):.1f}"
        shapes = ", ".join(shape or FIRST for shape in proved[code])
        lines.append((code, len(own), *(count or "" for count in counts), spent, shapes))
    columns = ("invariant", "cells", *used, "seconds", "proved in shape")
    output.table(columns, lines, numbers=("cells", *used, "seconds"))
    show_open(output, rows)


def proved_at(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """Of each invariant the shapes in which all of its cells that were asked for are proved."""
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        own = found.setdefault(row["invariant"], {})
        own[row["shape"]] = own.get(row["shape"], True) and row["verdict"] in PROVED
    return {code: [shape for shape, proved in own.items() if proved] for code, own in found.items()}


def extent_json(part: Part) -> dict[str, Any]:
    """What the proofs of a machine in one shape are of, under stable keys."""
    from clearspec_proofs.matrix.extent import extent_of
    from clearspec_proofs.matrix.shapes import at_shape

    extent = extent_of(at_shape(part.machine, part.shape))
    return {
        "machine": extent.machine,
        "shape": extent.shape,
        "lengths": dict(extent.dimensions),
        "fixed": dict(extent.fixed),
        "tuples": dict(extent.lengths),
        "laws": {code: {"fixed": dict(fixed), "tuples": dict(tuples)} for code, (fixed, tuples) in extent.laws.items()},
        "starts": list(extent.starts),
        "tested_not_proved": list(extent.others),
    }


def show_extents(output: Output, extents: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
    """Show once what all cells are proved of, beside what stands in them, and which claims they suppose unproved."""
    output.say()
    for each in extents:
        shape = ", ".join(f"{dimension}={length}" for dimension, length in each["lengths"].items())
        output.say(f"{each['machine']}, {each['shape'] or FIRST} shape{': ' if shape else ''}{shape}", style="bold")
        for title, parts in (("fixed", each["fixed"]), ("lengths of tuples", each["tuples"])):
            if parts:
                output.say(f"  {title}: {_listed(parts)}")
        output.say(f"  proved of {', '.join(each['starts'])}, and of all that are so")
        if each["tested_not_proved"]:
            cover = [name for name in each["tested_not_proved"] if name.startswith("cover:")]
            named = [name for name in each["tested_not_proved"] if name not in cover]
            named += [f"{len(cover)} of the cover"] if cover else []
            output.say(f"  tested, not proved: {', '.join(named)}")
        own = [row for row in rows if (row["machine"], row["shape"]) == (each["machine"], each["shape"])]
        rests = list(dict.fromkeys(code for row in own for code in row["rests"]))
        if rests:
            few = ", ".join(rests[:SHOWN]) + (", …" if len(rests) > SHOWN else "")
            output.say(f"  rests on {counted(len(rests), 'state claim')} that this run has not proved: {few}")


def show_open(output: Output, rows: Sequence[dict[str, Any]]) -> None:
    """Show every cell that is refuted, unknown, bounded or proved by one solver only."""
    open_rows = [row for row in rows if row["verdict"] in ("refuted", "unknown", "bounded", "one-solver")]
    if not open_rows:
        return
    output.heading("not agreed")
    output.table(
        ("invariant", "shape", "beat", "verdict", "reason"),
        [
            (r["invariant"], r["shape"] or FIRST, r["beat"], r["verdict"], r["reason"] or r["bound"] or "")
            for r in open_rows
        ],
    )
    for row in open_rows:
        if row["counterexample"]:
            output.say()
            output.say(f"{row['invariant']} by {row['beat']} is refuted by", style="bold red")
            output.say(row["counterexample"])
            show_refutation(output, row)


def _listed(parts: dict[str, list[str]]) -> str:
    """Places with what stands there, the entries of a tuple together."""
    found: dict[str, list[str]] = {}
    for place, values in parts.items():
        found.setdefault(sub(r"\[\d+\]", "[]", place), []).append(" or ".join(values))
    return "; ".join(f"{place} {', '.join(values)}" for place, values in found.items())


def in_words(counts: dict[str, int]) -> str:
    """The verdicts that occur, with their numbers."""
    return ", ".join(f"{count} {verdict}" for verdict, count in reversed(counts.items()) if count) or "nothing to prove"
