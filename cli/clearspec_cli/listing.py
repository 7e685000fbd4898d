"""clearspec list: what there is."""

from typing import Any

from clearspec import registry
from clearspec.core.claims import Claim
from clearspec.core.machine import Machine
from clearspec_checks.runs.scenarios import named_scenarios
from clearspec_cli.output import Output, counted
from clearspec_cli.run import read_scenario, show_titles, show_topics


def list_all(*, json: str | None) -> bool:
    """List the machines, each with its claims, its reasons of rejection and its worked examples."""
    output = Output(json)
    machines = [registry.find(name) for name in registry.names()]
    scenarios = [read_scenario(path) for path in named_scenarios().values()]
    for machine in machines:
        output.heading(f"machine {machine.name}")
        rows = [
            ("commands", ", ".join(each.__name__ for each in machine.spec.commands)),
            ("beats", ", ".join(each.__name__ for each in machine.spec.beats) or "none"),
            ("variants", ", ".join(machine.drive.variants) or "none"),
            ("cover", counted(len(machine.drive.cover), "parameter set")),
            ("scopes", ", ".join(machine.drive.scopes) or "none"),
        ]
        output.table(("", ""), rows)
        output.say()
        show_topics(
            output,
            ("code", "kind", "title"),
            [(each.topic, each.code, each.kind.value, each.title) for each in sorted_by_topic(machine)],
        )
        output.say()
        output.table(
            ("reason of rejection", "the requirement"),
            [(each.name, _words(each.value)) for each in machine.spec.reasons],
        )
        own = [each for each in scenarios if each.machine is machine]
        if own:
            output.say()
            show_titles(output, own)
    names = [each.name for each in scenarios]
    output.deliver({"machines": [_machine_json(each) for each in machines], "scenarios": names, "vectors": []})
    return True


def sorted_by_topic(machine: Machine[Any]) -> list[Claim]:
    """The claims of a machine, topics in alphabetical order, those of a topic as they stand there."""
    return sorted(machine.spec.claims, key=lambda each: each.topic)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _machine_json(machine: Machine[Any]) -> dict[str, Any]:
    return {
        "name": machine.name,
        "transitions": [each.__name__ for each in (*machine.spec.commands, *machine.spec.beats)],
        "invariants": [each.code for each in machine.spec.claims],
        "reasons": [each.name for each in machine.spec.reasons],
        "profiles": [],
    }
