"""Symbolic states, commands and arguments, made from the types that the model declares."""

from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from clearspec.machine import Machine
from clearspec.table import Id, Table
from clearspec_proofs.paths import root
from clearspec_proofs.tables import Born, World, unbounded
from clearspec_proofs.terms import Code, Unsupported, formula, symbol

Shape = dict[str, int]
_hints: dict[type, dict[str, Any]] = {}


def world_of(machine: Machine[Any], born: Born = unbounded) -> World:
    """An empty world whose rows have the machine's shape."""
    shape = dict(machine.shape)
    return World(lambda kind, name: symbolic(kind, name, None, shape), born)


def symbolic(kind: Any, name: str, template: Any, shape: Shape) -> Any:
    """Any value of that type.  The template, where there is one, gives fixed fields and lengths of tuples."""
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    origin = get_origin(kind)
    if kind is int:
        value = symbol(name)
        root().world.born(name, value)
        return value
    if kind is bool:
        return symbol(name) >= 1
    if kind is NoneType:
        return None
    if origin in (Union, UnionType):
        options = get_args(kind)
        chosen = options[root().choose(len(options))]
        return symbolic(chosen, name, template, shape)
    if origin is Table:
        return root().world.table(name, *get_args(kind))
    if origin is tuple:
        return _entries(get_args(kind), name, template, shape, None)
    if isinstance(kind, type) and issubclass(kind, Id):
        return Code(kind, symbol(name))
    if isinstance(kind, type) and issubclass(kind, Enum):
        number = symbol(name)
        root().state(formula(number >= 0))
        root().state(formula(number <= len(kind) - 1))
        return Code(kind, number)
    if isinstance(kind, type) and attrs.has(kind):
        return kind(
            **{each.alias: _field(kind, each, name, template, shape) for each in attrs.fields(kind) if each.init}
        )
    raise Unsupported(f"{name}: no symbolic form of {kind}")


def _field(kind: type, each: Any, name: str, template: Any, shape: Shape) -> Any:
    hints = _hints.get(kind)
    if hints is None:
        hints = _hints[kind] = get_type_hints(kind)
    given = getattr(template, each.name) if type(template) is kind else None
    inner = f"{name}.{each.name}"
    if each.metadata.get("fixed"):
        if type(template) is not kind:
            raise Unsupported(f"{inner} is fixed, and the initial state does not say to what")
        return given
    if "per" in each.metadata:
        return _entries(get_args(hints[each.name]), inner, given, shape, shape[each.metadata["per"]])
    return symbolic(hints[each.name], inner, given, shape)


def _entries(kinds: tuple[Any, ...], name: str, template: Any, shape: Shape, length: int | None) -> tuple[Any, ...]:
    if kinds[-1] is ...:
        if length is None and type(template) is not tuple:
            raise Unsupported(f"{name}: how long is this tuple? use `per`, or give it in the initial state")
        kinds = kinds[:1] * (len(template) if length is None else length)
    entries = template if type(template) is tuple and len(template) == len(kinds) else (None,) * len(kinds)
    return tuple(
        symbolic(kind, f"{name}[{i}]", entry, shape) for i, (kind, entry) in enumerate(zip(kinds, entries, strict=True))
    )
