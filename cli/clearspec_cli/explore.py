"""clearspec explore: exhaustive search of small scopes."""

from time import monotonic
from typing import Any

from clearspec.core.machine import Machine
from clearspec_checks.runs.explore import Exploration
from clearspec_checks.runs.explore import explore as explore_scope
from clearspec_cli.findings import finding_json, show_finding
from clearspec_cli.output import Output
from clearspec_cli.progress import progress
from clearspec_cli.refusal import Interrupted, Refused, machines_named, unknown


def explore(machine: str | None, *, scope: str | None, seconds: float, states: int, json: str | None) -> bool:
    """Explore one scope or all, of one machine or all."""
    output, begun = Output(json), monotonic()
    machines = machines_named(machine)
    names = {name for each in machines for name in each.drive.scopes}
    if scope is not None and scope not in names:
        raise unknown("scope", scope, names)
    found: list[Exploration] = []
    for each in machines:
        for name in each.drive.scopes if scope is None else [scope] if scope in each.drive.scopes else []:
            found.append(explore_with_progress(each, name, seconds, states))
            if found[-1].interrupted:
                break
    if not found:
        raise Refused(f"machine {machine!r} has no scopes to explore")
    show_explorations(output, found)
    interrupted = any(each.interrupted for each in found)
    output.deliver(
        {
            "ok": all(each.finding is None for each in found) and not interrupted,
            "seconds": round(monotonic() - begun, 3),
            "interrupted": interrupted,
            "scopes": [exploration_json(each) for each in found],
        }
    )
    if interrupted:
        raise Interrupted("the figures above are of what was explored until then")
    return all(each.finding is None for each in found)


def explore_with_progress(machine: Machine[Any], name: str, seconds: float, states: int) -> Exploration:
    """An exploration with progress shown."""
    with progress(f"explore {machine.name} {name}") as show:
        return explore_scope(
            machine,
            name,
            seconds=seconds,
            states=states,
            on_progress=lambda seen, transitions: show(seen, f"states, {transitions:,} transitions"),
        )


def show_explorations(output: Output, explorations: list[Exploration]) -> None:
    """Show how much of each scope was seen, and findings."""
    numbers = ("commands", "states", "transitions", "depth", "seconds")
    output.table(
        ("machine", "scope", *numbers, "result"),
        [
            (
                each.machine,
                each.scope,
                f"{each.commands:,}",
                f"{each.states:,}",
                f"{each.transitions:,}",
                each.depth,
                f"{each.seconds:.1f}",
                result(each),
            )
            for each in explorations
        ],
        numbers=numbers,
    )
    for each in explorations:
        if each.finding is not None:
            show_finding(output, each.finding)


def result(exploration: Exploration) -> str:
    """In a word, what came of it."""
    if exploration.finding is not None:
        return f"violates {exploration.finding.code}"
    if exploration.interrupted:
        return "interrupted"
    return "exhausted" if exploration.exhausted else "not exhausted: limit reached"


def exploration_json(exploration: Exploration) -> dict[str, Any]:
    """The exploration under stable keys."""
    return {
        "machine": exploration.machine,
        "scope": exploration.scope,
        "commands": exploration.commands,
        "states": exploration.states,
        "transitions": exploration.transitions,
        "depth": exploration.depth,
        "exhausted": exploration.exhausted,
        "landmarks": dict(sorted(exploration.landmarks.items())),
        "seconds": round(exploration.seconds, 3),
        "cases": dict(sorted(exploration.cases.items())),
        "violation": finding_json(exploration.finding),
    }
