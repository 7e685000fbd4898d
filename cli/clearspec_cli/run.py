"""clearspec run: one scenario, readable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import pairwise
from json import dumps
from pathlib import Path
from typing import Any

import attrs

from clearspec.core.ledger import Posted
from clearspec.core.machine import Accepted
from clearspec_checks.runs.scenarios import (
    Performance,
    Scenario,
    Statement,
    Step,
    load,
    measures_of,
    named_scenarios,
    perform,
    statement_of,
)
from clearspec_checks.wire.codec import Malformed, encode, encode_command
from clearspec_cli.output import Output
from clearspec_cli.refusal import Refused, unknown


def list_scenarios(*, json: str | None) -> bool:
    """List the named scenarios."""
    output = Output(json)
    scenarios = [read_scenario(path) for path in named_scenarios().values()]
    for machine in dict.fromkeys(each.machine.name for each in scenarios):
        output.heading(machine)
        show_titles(output, [each for each in scenarios if each.machine.name == machine])
    if not scenarios:
        output.say("There are no named scenarios.")
    output.deliver(
        {
            "scenarios": [
                {
                    "name": each.name,
                    "machine": each.machine.name,
                    "title": each.title,
                    "why": each.why,
                    "claim": each.claim.code if each.claim is not None else None,
                    "topic": each.topic,
                    "source": each.source,
                    "commands": len(each.commands),
                }
                for each in scenarios
            ]
        }
    )
    return True


def show_titles(output: Output, scenarios: Sequence[Scenario]) -> None:
    """A line for each worked example, by topic: its name, and what it shows."""
    by_topic = sorted(scenarios, key=lambda each: (each.topic, each.name))
    show_topics(output, ("worked example", "what it shows"), [(each.topic, each.name, each.title) for each in by_topic])


def show_topics(output: Output, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    """A table of rows that begin with their topic, which is said once for those that follow each other."""
    topics = ["", *(row[0] for row in rows)]
    said = ["" if topic == last else topic.replace("_", " ") for last, topic in pairwise(topics)]
    output.table(("topic", *columns), [(topic, *row[1:]) for topic, row in zip(said, rows, strict=True)])


def run(name: str, *, verbose: bool, json: str | None) -> bool:
    """Run one scenario and show it."""
    output = Output(json)
    performance = perform(scenario_named(name))
    show(output, performance, verbose=verbose)
    output.deliver(performance_json(performance))
    return performance.ok


def scenario_named(name: str) -> Scenario:
    """The named scenario, or the one in that file."""
    named = named_scenarios()
    if name in named:
        return read_scenario(named[name])
    if not name.endswith(".json") and not Path(name).exists():
        raise unknown("scenario", name, named)
    return read_scenario(Path(name))


def read_scenario(path: Path) -> Scenario:
    """The scenario in that file, or a refusal that names the file."""
    try:
        return load(path)
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None
    except Malformed as error:
        raise Refused(f"{path}: {error}") from None


def show(output: Output, performance: Performance, *, verbose: bool) -> None:
    """Show what it is for, what happened after the set-up, and what that changed; or all of it."""
    scenario, folded = performance.scenario, 0 if verbose else set_up(performance)
    output.say(f"{scenario.name}: {scenario.title}", style="bold")
    for text in (scenario.why, scenario.source):
        if text:
            output.say(text)
    if scenario.claim is not None:
        output.say(f"claim {scenario.claim.code}: {scenario.claim.sentence}", style="cyan")
    output.heading(f"commands, from {scenario.variant!r}{told(scenario.changes)}")
    if folded:
        kinds = Counter(type(step.command).__name__ for step in performance.steps[:folded])
        output.say(f"  0 to {folded - 1}: set-up, {', '.join(f'{count} {kind}' for kind, count in kinds.items())}")
    for i, step in enumerate(performance.steps[folded:], folded):
        show_step(output, i, step)
    accepted = [step.outcome for step in performance.steps if isinstance(step.outcome, Accepted)]
    for title, headers, rows in scenario.machine.views.tables(
        tuple(event for each in accepted for event in each.events)
    ):
        output.heading(title)
        numbers = tuple(name for i, name in enumerate(headers) if all(isinstance(row[i], int) for row in rows))
        cells = [tuple(f"{each:,}" if isinstance(each, int) else str(each) for each in row) for row in rows]
        output.table(headers, cells, numbers=numbers)
    before, measured = performance.before, performance.measured_before
    if folded:
        state = accepted[folded - 1].state
        before, measured = statement_of(scenario.machine, state), measures_of(scenario.machine, state)
    since = ", since the set-up" if folded else ""
    show_changes(output, f"ledger{since}", "book", before, performance.after, still=verbose)
    show_changes(output, f"measures{since}", "measure", measured, performance.measured, still=verbose)
    output.heading("expected")
    for failure in performance.failures:
        output.say(f"FAILED  {failure}", style="red")
    expected = len(scenario.statement) + len(scenario.measures) + len(scenario.commands)
    if performance.ok:
        output.say(f"all as expected: {len(scenario.commands)} outcomes, {expected - len(scenario.commands)} amounts")
    if not verbose:
        output.say("the set-up and what stayed the same: --verbose", style="dim")


def set_up(performance: Performance) -> int:
    """How many commands only set the scene: the first ones of such a kind that were accepted; 0 if all are."""
    prepares = performance.scenario.machine.views.prepares
    for i, step in enumerate(performance.steps):
        if type(step.command) not in prepares or not isinstance(step.outcome, Accepted):
            return i if i > 1 else 0
    return 0


def told(changes: Mapping[str, Any]) -> str:
    """The changes of parameters, if any."""
    return f" with {dumps(changes)}" if changes else ""


def show_step(output: Output, number: int, step: Step) -> None:
    """Show a command, and its events or its refusal."""
    output.say(f"{number:>3}  {in_words(step.command)}")
    if isinstance(step.outcome, Accepted):
        for event in step.outcome.events:
            for line in event_lines(event):
                output.say(f"       {line}", style="dim")
    else:
        output.say(f"       rejected {step.outcome.reason.name}: {step.outcome.reason.value}", style="yellow")


def show_changes(
    output: Output, title: str, what: str, before: Statement, after: Statement, *, still: bool = False
) -> None:
    """Show every holding that changed; with `still`, every one that is not nothing all the time."""
    accounts = sorted(
        each
        for each in before.keys() | after.keys()
        if before.get(each, 0) != after.get(each, 0) or (still and after.get(each, 0))
    )
    if not accounts:
        return
    output.heading(title)
    rows = []
    for account in accounts:
        was, now = before.get(account, 0), after.get(account, 0)
        rows.append((*account, f"{was:,}", f"{now:,}", f"{now - was:+,}" if now != was else ""))
    output.table(("holder", what, "before", "after", "change"), rows, numbers=("before", "after", "change"))


def in_words(value: Any) -> str:
    """A command or an event on one line."""
    fields = " ".join(f"{each.name}={brief(getattr(value, each.name))}" for each in attrs.fields(type(value)))
    return f"{type(value).__name__} {fields}".rstrip()


A_MILLION = 1_000_000


def brief(value: Any) -> str:
    """A field of a command or an event: an id in quotation marks, a member of an enum by its name.

    Amounts from a million on are grouped; shorter numbers may as well be days or counts.
    """
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int) and abs(value) >= A_MILLION:
        return f"{value:,}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def event_lines(event: Any) -> list[str]:
    """An event, a posting a line."""
    if isinstance(event, Posted):
        return [
            f"{posting.payer} -> {posting.payee}: {posting.amount:,} {posting.book}"
            for posting in event.postings
            if posting.amount != 0
        ]
    return [in_words(event)]


def performance_json(performance: Performance) -> dict[str, Any]:
    """The performance under stable keys."""
    return {
        "scenario": performance.scenario.name,
        "machine": performance.scenario.machine.name,
        "title": performance.scenario.title,
        "claim": performance.scenario.claim.code if performance.scenario.claim is not None else None,
        "ok": performance.ok,
        "failures": list(performance.failures),
        "before": _nested(performance.before),
        "after": _nested(performance.after),
        "measures": _nested(performance.measured),
        "steps": [
            {
                "command": encode_command(step.command),
                "rejected": None if isinstance(step.outcome, Accepted) else step.outcome.reason.name,
                "events": [_event_json(each) for each in step.outcome.events]
                if isinstance(step.outcome, Accepted)
                else [],
            }
            for step in performance.steps
        ],
    }


def _event_json(event: Any) -> Any:
    if isinstance(event, Posted):
        postings = [
            {
                "book": str(each.book),
                "amount": str(each.amount),
                "payer": str(each.payer),
                "payee": str(each.payee),
            }
            for each in event.postings
        ]
        return {"Posted": {"postings": postings}}
    return {type(event).__name__: encode(event)}


def _nested(statement: Statement) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (holder, book), amount in sorted(statement.items()):
        if amount != 0:
            found.setdefault(holder, {})[book] = str(amount)
    return found
