"""The shapes at which a machine is proved: that of its initial state first, then those that it names."""

from typing import Any

from clearspec.core.machine import Machine
from clearspec_proofs.runs import fits

FIRST = ""
"""The shape of the initial state."""


def shapes_of(machine: Machine[Any]) -> tuple[str, ...]:
    """The names of all shapes."""
    return (FIRST, *machine.spec.shapes)


def at_shape(machine: Machine[Any], name: str) -> Machine[Any]:
    """The machine as it starts in that shape, with those of its variants that are of it."""
    if name == FIRST:
        return machine
    start = machine.spec.shapes[name]
    variants = {other: state for other, state in machine.drive.variants.items() if fits(state, start)}
    return machine.altered(initial=start, variants=variants)


def shape_of(machine: Machine[Any]) -> str:
    """The name of the shape in which a machine starts."""
    return next((name for name, start in machine.spec.shapes.items() if start is machine.spec.initial), FIRST)


def place_of(machine: Machine[Any]) -> str:
    """The name under which cells are kept of a machine in this shape."""
    shape = shape_of(machine)
    return f"{machine.name}-{shape}" if shape else machine.name
