"""The published ranges as what is supposed of symbols, and states that are beyond them."""

import re
from collections.abc import Callable
from typing import Any

from clearspec.core.limits import Range, integers
from clearspec.core.machine import Machine
from clearspec_proofs.executor.arithmetic import le
from clearspec_proofs.executor.forks import Forks
from clearspec_proofs.executor.path import Path
from clearspec_proofs.logic.terms import Int, both

Prefix = tuple[int, ...]

OUTLINE = re.compile(r"\[\d+\]|@other\d+|@pristine")


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


class Within(Path):
    """A path on which each integer of a state, and of a command of this type, lies in its published range."""

    def __init__(
        self, published: Callable[[str], Range | None], beat: str, prefix: Prefix = (), forks: Forks | None = None
    ) -> None:
        super().__init__(prefix, forks)
        self._published, self._beat = published, beat
        self.places: set[str] = set()

    def born(self, name: str, value: Int) -> None:
        place = place_named(name, self._beat)
        self.places.add(place)
        limits = self._published(place)
        if limits is not None:
            self.state(both(le(limits[0], value), le(value, limits[1])))
