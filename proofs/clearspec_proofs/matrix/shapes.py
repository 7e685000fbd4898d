"""The shapes at which a machine is proved: that of its initial state first, then those that it names.

A state is of a shape if it fits the state that the shape starts from."""

from typing import Any

import attrs

from clearspec.core.machine import Machine
from clearspec.core.table import Table

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


def same(a: Any, b: Any) -> bool:
    """Are these built alike of equal parts, tables included?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, Table):
        return same(tuple(a.rows()), tuple(b.rows()))
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if attrs.has(type(a)):
        return all(same(getattr(a, each.name), getattr(b, each.name)) for each in attrs.fields(type(a)))
    return bool(a == b)


def fits(value: Any, template: Any) -> bool:
    """Is this state of the shape that the proofs are of: what is fixed is the same, tuples are as long?"""
    if type(value) is not type(template) or not attrs.has(type(template)):
        return type(value) is not tuple or type(template) is not tuple or _fit(value, template)
    for each in attrs.fields(type(template)):
        one, other = getattr(value, each.name), getattr(template, each.name)
        if each.metadata.get("fixed") and not same(one, other):
            return False
        if not fits(one, other):
            return False
    return True


def _fit(value: tuple[Any, ...], template: tuple[Any, ...]) -> bool:
    return len(value) == len(template) and all(map(fits, value, template))
