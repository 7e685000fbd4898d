"""clearspec paths: what the prover follows, held against Python, and what it does not follow, against the solvers."""

import os
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

import attrs

from clearspec import registry
from clearspec.core.machine import Accepted, Machine
from clearspec_checks.runs.scenarios import load, named_scenarios
from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.proofs import apart, require_prover
from clearspec_cli.prove import beats_of
from clearspec_cli.refusal import unknown

SHOWN = 3
"""Differences of one beat that are printed; the JSON has all of them."""


def paths(topics: Sequence[str], *, seconds: float, seed: int, jobs: int, json: str | None) -> bool:
    """Follow the paths of what the topics name, or of everything."""
    output, begun = Output(json), monotonic()
    require_prover()
    rows: list[dict[str, Any]] = []
    for machine, beats in _asked(topics):
        with progress(f"paths {machine.name}") as show:
            for row in apart(_follow, machine, beats, seconds, seed, jobs):
                rows.append(row)
                show(len(rows), f"beats; {row['beat']}: {counted(row['paths'], 'path')}")
    _show(output, rows)
    ok = not any(row["differences"] or row["reason"] for row in rows)
    taken = monotonic() - begun
    totals = {key: sum(row[key] for row in rows) for key in ("paths", "witnessed", "by_model", "impossible", "open")}
    excluded = {said: sum(row["excluded"][said] for row in rows) for said in rows[0]["excluded"]} if rows else {}
    output.say()
    output.say(
        f"{counted(totals['paths'], 'path')} in {taken:.1f} s: {totals['witnessed']:,} witnessed,"
        f" {totals['impossible']:,} impossible, {totals['open']:,} open; branches not followed: "
        + ", ".join(f"{count:,} {said}" for said, count in excluded.items())
    )
    read = sums(row["goals"] for row in rows)
    output.say(f"claims read as goals: {told(read)}")
    output.deliver({"ok": ok, "seconds": round(taken, 3), "beats": rows, **totals, "excluded": excluded, "goals": read})
    return ok


def _asked(topics: Sequence[str]) -> list[tuple[Machine[Any], tuple[str, ...] | None]]:
    """The machines, and of each the beats; None for all."""
    machines = [registry.find(name) for name in registry.names()]
    known = {name.lower(): name for each in machines for name in (each.name, *beats_of(each))}
    for topic in topics:
        if topic.lower() not in known:
            raise unknown("machine or beat", topic, known.values())
    names = {known[topic.lower()] for topic in topics}
    found: list[tuple[Machine[Any], tuple[str, ...] | None]] = []
    for machine in machines:
        beats = tuple(beat for beat in beats_of(machine) if beat in names)
        if not topics or machine.name in names:
            found.append((machine, None))
        elif beats:
            found.append((machine, beats))
    return found


def _follow(
    machine: Machine[Any], beats: Sequence[str] | None, seconds: float, seed: int, jobs: int, pipe: Connection
) -> None:
    os.setsid()
    from clearspec_proofs.fidelity.fidelity import follow_all

    follow_all(
        machine,
        beats=beats,
        workers=jobs,
        seconds=seconds,
        seed=seed,
        given=of_scenarios(machine),
        on_progress=lambda row: pipe.send(row_json(row)),
    )
    pipe.send(None)


def sampled(machine: Machine[Any], seconds: float, seed: int, pipe: Connection) -> None:
    """Send how claims are read as goals in a sample of runs."""
    os.setsid()
    from clearspec_proofs.fidelity.goals import sample

    figures = sample(machine, seconds=seconds, seed=seed, given=of_scenarios(machine))
    pipe.send({**goals_json(figures), "differences": list(figures.differences)})
    pipe.send(None)


def of_scenarios(machine: Machine[Any]) -> list[tuple[Any, Any]]:
    """The beats of all worked examples of the machine, each with the state before it."""
    found: list[tuple[Any, Any]] = []
    for path in named_scenarios().values():
        scenario = load(path)
        if scenario.machine is not machine:
            continue
        state = scenario.start
        for command in scenario.commands:
            found += [(before, beat) for before, beat, _ in machine.run(state, command)]
            outcome = machine.step(state, command)
            state = outcome.state if isinstance(outcome, Accepted) else state
    return found


def row_json(row: Any) -> dict[str, Any]:
    """A beat under stable keys."""
    data = attrs.asdict(row, recurse=False)
    data["seconds"], data["goals"] = round(row.seconds, 3), goals_json(row.goals)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}


def goals_json(figures: Any) -> dict[str, Any]:
    """How claims were read as goals, under stable keys; the differences stand elsewhere."""
    return {
        **{key: getattr(figures, key) for key in READ},
        "claims_false": list(figures.claims_false),
    }


READ = ("runs", "compared", "false", "stricter", "cut")


def sums(goals: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """How claims were read as goals in all of these."""
    found = list(goals)
    return {
        **{key: sum(each[key] for each in found) for key in READ},
        "claims_false": sorted({code for each in found for code in each["claims_false"]}),
    }


def told(goals: dict[str, Any]) -> str:
    """The same in a line."""
    return (
        f"{goals['compared']:,} in {counted(goals['runs'], 'run')}, {goals['false']:,} of them False in Python"
        f" ({counted(len(goals['claims_false']), 'claim')}), {goals['stricter']:,} stricter, {goals['cut']:,} cut short"
    )


def _show(output: Output, rows: Sequence[dict[str, Any]]) -> None:
    columns = ("beat", "paths", "witnessed", "impossible", "open", "excluded", "goals", "false")
    for machine in dict.fromkeys(row["machine"] for row in rows):
        output.heading(machine)
        output.table(
            columns,
            [
                (
                    row["beat"],
                    row["paths"],
                    row["witnessed"],
                    row["impossible"] or "",
                    row["open"] or "",
                    _agreed(row["excluded"]),
                    row["goals"]["compared"],
                    row["goals"]["false"],
                )
                for row in rows
                if row["machine"] == machine
            ],
            numbers=[each for each in columns if each not in ("beat", "excluded")],
        )
    for row in rows:
        for what in [row["reason"]][: len(row["reason"])] + row["differences"][:SHOWN]:
            output.say()
            output.say(
                f"{row['machine']} {row['beat']} {'differs' if row['differences'] else 'fails'}", style="bold red"
            )
            output.say(what)


def _agreed(excluded: dict[str, int]) -> str:
    """How many of the branches that are not followed both solvers exclude, and of how many if not of all."""
    total = sum(excluded.values())
    if excluded["agreed"] == total:
        return str(total or "")
    return f"{excluded['agreed']} of {total}"
