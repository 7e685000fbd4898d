"""A key that two values share if and only if they are built alike from the same terms: what memory goes by."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import attrs

from clearspec_proofs.logic.terms import Bool, Code, Int, Unsupported

_numbers: dict[Any, int] = {}


def structure(value: Any, seen: dict[int, tuple[Any, int]]) -> int:
    """The number of this structure.  `seen` remembers objects, and keeps them alive so that their ids stay theirs."""
    if isinstance(value, FunctionType):  # its code may be another one by now
        return _numbers.setdefault(_key(value, lambda part: structure(part, seen)), len(_numbers))
    found = seen.get(id(value))
    if found is not None and found[0] is value:
        return found[1]
    number = _numbers.setdefault(_key(value, lambda part: structure(part, seen)), len(_numbers))
    seen[id(value)] = (value, number)
    return number


def _key(value: Any, part: Callable[[Any], int]) -> Any:
    kind = type(value)
    if kind is Int:
        return "int", frozenset(value.poly.items())
    if kind is Bool:
        return "bool", value.formula
    if kind is Code:
        return "code", value.kind, part(value.term)
    if kind is tuple:
        return "tuple", *map(part, value)
    if attrs.has(kind):
        return kind, *(part(getattr(value, each.name)) for each in attrs.fields(kind))
    if isinstance(value, FunctionType):
        cells = tuple(cell.cell_contents for cell in value.__closure__ or ())
        named = tuple(sorted((value.__kwdefaults__ or {}).items()))
        return "function", value.__code__, id(value.__globals__), part(cells), part(value.__defaults__), part(named)
    if hasattr(kind, "__next__"):
        raise Unsupported(
            f"a {kind.__name__} is handed to a measure or a predicate: it is used up by whoever looks first"
        )
    if hasattr(kind, "structure"):
        return kind, *value.structure(part)
    try:
        hash(value)
    except TypeError:
        return "object", id(value)
    return kind, value
