"""Where a run of a machine can start: its initial state, its variants, and the small worlds of its scopes."""

from typing import Any

from clearspec.machine import Machine

INITIAL = "initial"


def starts(machine: Machine[Any]) -> dict[str, Any]:
    """The states that campaigns start from, by name."""
    return {INITIAL: machine.initial, **machine.variants}


def all_starts(machine: Machine[Any]) -> dict[str, Any]:
    """The states that a scenario or a finding may start from, by name; a scope goes by `scope:NAME`."""
    return starts(machine) | {f"scope:{name}": scope.initial for name, scope in machine.scopes.items()}
