"""What a proof is of: the lengths and values that it takes as they are, and the starts that have them."""

from collections.abc import Iterator, Mapping
from enum import Enum
from inspect import signature
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Machine
from clearspec_proofs.logic.terms import Unsupported
from clearspec_proofs.matrix.prover import samples_of
from clearspec_proofs.matrix.shapes import fits, shape_of

MOST_VALUES = 4
"""Values that are printed beside a cell; more are counted there, and stand once beside the table."""

Parts = Mapping[str, tuple[str, ...]]
"""What is taken as it is: of each place the lengths or values, one after the other."""


@frozen
class Extent:
    """What the proofs of a machine are of, in one shape.

    `fixed` and `lengths` are what every state has in them, `laws` what the arguments of each law have.  Proofs are of
    the `starts`, and of all others with the same lengths and fixed values; the `others` are tested and not proved.
    """

    machine: str
    shape: str
    dimensions: Mapping[str, int]
    fixed: Parts
    lengths: Parts
    laws: Mapping[str, tuple[Parts, Parts]]
    starts: tuple[str, ...]
    others: tuple[str, ...]

    def of_beats(self) -> str:
        """In a line: what the cells of all beats are of."""
        return _line(self.dimensions, self.fixed, self.lengths)

    def of_law(self, law: Claim) -> str:
        """In a line: what the cell of this law is of."""
        return _line(self.dimensions, *self.laws.get(law.code, ({}, {})))


def extent_of(machine: Machine[Any]) -> Extent:
    """What the proofs of this machine are of."""
    fixed, lengths = _found(_taken(type(machine.spec.initial), machine.spec.initial, ""))
    starts = starts_of(machine)
    here = tuple(name for name, start in starts.items() if fits(start, machine.spec.initial))
    return Extent(
        machine=machine.name,
        shape=shape_of(machine),
        dimensions=machine.spec.shape,
        fixed=fixed,
        lengths=lengths,
        laws={law.code: _of_law(law) for law in machine.spec.claims if law.kind is Kind.LAW and not law.unproved},
        starts=here,
        others=tuple(name for name in starts if name not in here),
    )


def starts_of(machine: Machine[Any]) -> dict[str, Any]:
    """All states that a run may start from, by name."""
    found = {"initial": machine.spec.initial, **machine.drive.variants}
    found |= {f"cover:{name}": start for name, start in machine.drive.cover.items()}
    others = {name: start for name, start in machine.spec.shapes.items() if start is not machine.spec.initial}
    return found | {f"shape:{name}": start for name, start in others.items()}


def _of_law(law: Claim) -> tuple[Parts, Parts]:
    hints = get_type_hints(law.holds)
    names = list(signature(law.holds).parameters)
    try:
        samples = samples_of(law)
        return _found(
            each
            for sample in samples
            for name, value in zip(names, sample, strict=True)
            for each in _taken(hints[name], value, name)
        )
    except (Unsupported, KeyError):  # its cell says why it is not proved
        return {}, {}


def _found(taken: Iterator[tuple[str, str, bool]]) -> tuple[Parts, Parts]:
    """Fixed values, and lengths, by place."""
    fixed: dict[str, tuple[str, ...]] = {}
    lengths: dict[str, tuple[str, ...]] = {}
    for place, said, is_fixed in taken:
        parts = fixed if is_fixed else lengths
        if said not in parts.get(place, ()):
            parts[place] = tuple(sorted((*parts.get(place, ()), said), key=lambda each: (len(each), each)))
    return fixed, lengths


def _taken(kind: Any, value: Any, place: str) -> Iterator[tuple[str, str, bool]]:
    """What a symbol of that type takes from this value: place, value or length, and whether it is a fixed value."""
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    if get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _taken(each, value, place)
    elif get_origin(kind) is tuple and isinstance(value, tuple):
        yield from _entries(get_args(kind), value, place, counts=True)
    elif attrs.has(kind) and type(value) is kind:
        hints = get_type_hints(kind)
        for each in attrs.fields(kind):
            inner, part = f"{place}.{each.name}" if place else each.name, getattr(value, each.name)
            if each.metadata.get("fixed"):
                yield inner, part.name if isinstance(part, Enum) else str(part), True
            elif "per" in each.metadata:
                yield from _entries(get_args(hints[each.name]), part, inner, counts=False)
            else:
                yield from _taken(hints[each.name], part, inner)


def _entries(kinds: tuple[Any, ...], value: Any, place: str, *, counts: bool) -> Iterator[tuple[str, str, bool]]:
    if kinds[-1] is ...:
        if counts:
            yield place, str(len(value)), False
        kinds = kinds[:1] * len(value)
    for i, (kind, part) in enumerate(zip(kinds, value, strict=False)):
        yield from _taken(kind, part, f"{place}[{i}]")


def _line(dimensions: Mapping[str, int], fixed: Parts, lengths: Parts) -> str:
    said = [f"{name}={length}" for name, length in dimensions.items()]
    said += _few([f"{place}={' or '.join(values)}" for place, values in fixed.items()], "fixed values")
    said += _few([f"{place} {' or '.join(values)} long" for place, values in lengths.items()], "lengths of tuples")
    return ", ".join(said)


def _few(said: list[str], what: str) -> list[str]:
    return said if len(said) <= MOST_VALUES else [f"{len(said)} {what}"]
