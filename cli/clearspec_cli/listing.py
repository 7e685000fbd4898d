"""clearspec list: what there is."""

from typing import Any

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.runs.scenarios import named_scenarios
from clearspec_cli.output import Output, counted
from clearspec_cli.run import read_scenario, show_titles


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
        output.table(
            ("code", "kind", "title"), [(each.code, each.kind.value, each.title) for each in machine.spec.claims]
        )
        output.say()
        output.table(
            ("reason of rejection", "the requirement"),
            [(each.name, _words(each.value)) for each in machine.spec.reasons],
        )
        output.say()
        show_titles(output, [each for each in scenarios if each.machine is machine])
    names = [each.name for each in scenarios]
    output.deliver({"machines": [_machine_json(each) for each in machines], "scenarios": names, "vectors": []})
    return True


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
