"""Where a run of a machine can start: its initial state, variants, cover, and the small worlds of its scopes."""

from typing import Any

from clearspec.core.machine import Machine

INITIAL = "initial"


def starts(machine: Machine[Any]) -> dict[str, Any]:
    """The states that every harness starts from, by name."""
    return {INITIAL: machine.spec.initial, **machine.drive.variants}


def campaign_starts(machine: Machine[Any]) -> dict[str, Any]:
    """The states that campaigns start from, by name: the cover as well, each of its rows as `cover:NAME`, and what
    starts in another shape as `shape:NAME`."""
    cover = {f"cover:{name}": state for name, state in machine.drive.cover.items()}
    return starts(machine) | cover | {f"shape:{name}": state for name, state in machine.spec.shapes.items()}


def all_starts(machine: Machine[Any]) -> dict[str, Any]:
    """The states that a scenario or a finding may start from, by name; a scope goes by `scope:NAME`."""
    return campaign_starts(machine) | {f"scope:{name}": scope.initial for name, scope in machine.drive.scopes.items()}
