"""The published ranges as what is supposed of symbols, and states that are beyond them."""

import re
from typing import Any

from clearspec.limits import integers
from clearspec.machine import Machine
from clearspec_proofs.paths import le, root
from clearspec_proofs.tables import Born
from clearspec_proofs.terms import Int, both

OUTLINE = re.compile(r"\[\d+\]|\.other\d+")


def place_named(name: str, beat: str) -> str:
    """The place of the limits that a symbol is named after."""
    head, *rest = OUTLINE.sub("", name).split(".")
    return ".".join({"c": [beat, *rest], "total": [head, *rest[1:]]}.get(head, rest))


def outside(machine: Machine[Any], state: Any) -> list[tuple[str, int]]:
    """The integers of a state that are beyond a published range."""
    found = []
    for place, value in integers(state):
        limits = machine.limits.of(place)
        if limits is not None and not limits[0] <= value <= limits[1]:
            found.append((place, value))
    return found


def within(machine: Machine[Any], beat: str = "", places: set[str] | None = None) -> Born:
    """Let each integer of a state, and of a command of this type, lie in its published range; add its place."""

    def born(name: str, value: Int) -> None:
        place = place_named(name, beat)
        if places is not None:
            places.add(place)
        limits = machine.limits.of(place)
        if limits is not None:
            root().state(both(le(limits[0], value), le(value, limits[1])))

    return born
