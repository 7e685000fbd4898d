"""A start with other parameters than its variant has, as a scenario file may ask for.

A change names what it changes by field, and a row of a tuple by its `id`:

    {"leverage_max": 20, "markets": {"SOL-PERP": {"initial": {"base": 30000}}}}
"""

from collections.abc import Iterator
from typing import Any, get_type_hints

import attrs

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Machine
from clearspec_checks.wire.codec import Malformed, decode, describe, one_of

PARAMETERS = "parameters"


def with_parameters(machine: Machine[Any], start: Any, changes: Any, path: str) -> Any:
    """The start with these parameters changed.

    Raises Malformed, with the place, if one is not there, is of another type, belongs to the shape, or makes no sense.
    """
    if not isinstance(changes, dict):
        raise Malformed(path, describe(changes), "an object with the parameters to change")
    if not changes:
        return start
    if PARAMETERS not in attrs.fields_dict(type(start)):
        raise Malformed(path, f"{machine.name} has no parameters", "no key 'parameters'")
    parameters = getattr(start, PARAMETERS)
    changed = attrs.evolve(start, **{PARAMETERS: _changed(parameters, changes, path)})
    broken = broken_by(machine, changed)
    if broken is not None:
        expected = f"a start of which it holds: {broken.sentence}"
        raise Malformed(_culprit(machine, start, changes, path), f"with this, {broken.code} does not hold", expected)
    return changed


def broken_by(machine: Machine[Any], start: Any) -> Claim | None:
    """The first claim about states that does not hold of this start, if any."""
    for claim in machine.spec.claims:
        if claim.kind is Kind.STATE and not _holds(claim, start):
            return claim
    return None


def _holds(claim: Claim, start: Any) -> bool:
    try:
        return claim(start) is True
    except Exception:  # parameters that make no sense may well make a claim raise
        return False


def _culprit(machine: Machine[Any], start: Any, changes: dict[str, Any], path: str) -> str:
    """The place of the first change without which the others make sense; of all of them, if there is none."""
    parameters = getattr(start, PARAMETERS)
    for place, others in _each_left_out(changes, path):
        if broken_by(machine, attrs.evolve(start, **{PARAMETERS: _changed(parameters, others, path)})) is None:
            return place
    return path


def _each_left_out(changes: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The place of each change, with all the other changes."""
    for key, value in changes.items():
        if isinstance(value, dict):
            for place, others in _each_left_out(value, f"{path}.{key}"):
                yield place, changes | {key: others}
        else:
            yield f"{path}.{key}", {name: each for name, each in changes.items() if name != key}


def _changed(value: Any, changes: Any, path: str) -> Any:
    """A frozen object with some of its fields changed."""
    if not isinstance(changes, dict):
        raise Malformed(path, describe(changes), f"an object with fields of {type(value).__name__}")
    hints, known = get_type_hints(type(value)), attrs.fields_dict(type(value))
    fields = {}
    for name, each in changes.items():
        place = f"{path}.{name[:60]}"
        if name not in known:
            raise Malformed(path, f"no field {name[:60]!r} in {type(value).__name__}", one_of(name, known))
        if known[name].metadata.get("fixed"):
            raise Malformed(place, "belongs to the shape of the variant", "another variant")
        fields[name] = _field(hints[name], getattr(value, name), each, place)
        if "per" in known[name].metadata and len(fields[name]) != len(getattr(value, name)):
            raise Malformed(place, f"{len(fields[name])} entries", f"{len(getattr(value, name))}, as the variant has")
    return attrs.evolve(value, **fields)


def _field(annotation: Any, value: Any, change: Any, path: str) -> Any:
    """A field changed: part by part if it has parts with names, else as a whole."""
    if isinstance(value, tuple) and value and all(hasattr(row, "id") for row in value):
        return _rows(value, change, path)
    if attrs.has(type(value)):
        return _changed(value, change, path)
    return decode(annotation, change, path)


def _rows(rows: tuple[Any, ...], changes: Any, path: str) -> tuple[Any, ...]:
    """The rows, with some of them changed, by their ids."""
    if not isinstance(changes, dict):
        raise Malformed(path, describe(changes), 'an object {"id": {fields}}')
    places = {str(row.id): place for place, row in enumerate(rows)}
    found = list(rows)
    for name, each in changes.items():
        if name not in places:
            raise Malformed(path, f"nothing of the name {name[:60]!r}", one_of(name, places))
        found[places[name]] = _changed(rows[places[name]], each, f"{path}.{name[:60]}")
    return tuple(found)
