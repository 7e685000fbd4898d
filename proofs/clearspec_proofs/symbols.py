"""Symbolic states, commands and arguments, made from the types that the model declares."""

from collections.abc import Callable
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from clearspec.machine import Machine
from clearspec.table import Id, Table
from clearspec_proofs.paths import root
from clearspec_proofs.tables import Forms, World
from clearspec_proofs.terms import Code, Formula, Unsupported, both, formula, symbol

Shape = dict[str, int]
Choose = Callable[[int, Any], int]
_hints: dict[type, dict[str, Any]] = {}


def world_of(machine: Machine[Any]) -> World:
    """An empty world whose rows have the machine's shape."""
    shape = dict(machine.shape)
    return World(lambda kind, name: forms(kind, name, shape))


def forms(kind: Any, name: str, shape: Shape) -> Forms:
    """Any row of that type, in each of its forms, and when it has it: where a field has one of several types, a symbol
    says which.  It is no decision of the path, since of rows that are not named each can have another form."""
    found: list[tuple[tuple[Formula, ...], Any]] = []
    left: list[tuple[int, ...]] = [()]
    while left:
        script, taken, when = left.pop(0), list[int](), list[Formula]()

        def choose(options: int, question: tuple[str, Any]) -> int:
            choice = script[len(taken)] if len(taken) < len(script) else 0  # noqa: B023
            if len(taken) >= len(script):  # noqa: B023
                left.extend((*taken, other) for other in range(1, options))  # noqa: B023
            taken.append(choice)  # noqa: B023
            when.append(_case(*question, choice))  # noqa: B023
            return choice

        row = symbolic(kind, name, None, shape, choose)
        found.append((tuple(when), row))
    return tuple(found)


def _case(name: str, options: tuple[Any, ...], choice: int) -> Formula:
    """Which of its types a field has; a symbol tells them apart, whatever its value."""
    case = symbol(f"{name}.case")
    root().parted(f"{name}.case", options)
    least, most = formula(case >= choice), formula(case <= choice)
    return most if choice == 0 else least if choice == len(options) - 1 else both(least, most)


def symbolic(kind: Any, name: str, template: Any, shape: Shape, choose: Choose | None = None) -> Any:
    """Any value of that type.  The template, where there is one, gives fixed fields and lengths of tuples.

    Which of several types a field has is a decision of the path, or else what `choose` says.
    """
    choose = choose or root().choose
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    origin = get_origin(kind)
    if kind is int:
        value = symbol(name)
        root().born(name, value)
        return value
    if kind is bool:
        return symbol(name) >= 1
    if kind is NoneType:
        return None
    if origin in (Union, UnionType):
        options = get_args(kind)
        chosen = options[choose(len(options), (name, options))]
        return symbolic(chosen, name, template, shape, choose)
    if origin is Table:
        return root().world.table(name, *get_args(kind))
    if origin is tuple:
        return _entries(get_args(kind), name, template, shape, choose, None)
    if isinstance(kind, type) and issubclass(kind, Id):
        return Code(kind, symbol(name))
    if isinstance(kind, type) and issubclass(kind, Enum):
        number = symbol(name)
        root().state(formula(number >= 0))
        root().state(formula(number <= len(kind) - 1))
        return Code(kind, number)
    if isinstance(kind, type) and attrs.has(kind):
        return kind(
            **{
                each.alias: _field(kind, each, name, template, shape, choose)
                for each in attrs.fields(kind)
                if each.init
            }
        )
    raise Unsupported(f"{name}: no symbolic form of {kind}")


def _field(kind: type, each: Any, name: str, template: Any, shape: Shape, choose: Choose) -> Any:
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
        return _entries(get_args(hints[each.name]), inner, given, shape, choose, shape[each.metadata["per"]])
    return symbolic(hints[each.name], inner, given, shape, choose)


def _entries(
    kinds: tuple[Any, ...], name: str, template: Any, shape: Shape, choose: Choose, length: int | None
) -> tuple[Any, ...]:
    if kinds[-1] is ...:
        if length is None and type(template) is not tuple:
            raise Unsupported(f"{name}: how long is this tuple? use `per`, or give it in the initial state")
        kinds = kinds[:1] * (len(template) if length is None else length)
    entries = template if type(template) is tuple and len(template) == len(kinds) else (None,) * len(kinds)
    return tuple(
        symbolic(kind, f"{name}[{i}]", entry, shape, choose)
        for i, (kind, entry) in enumerate(zip(kinds, entries, strict=True))
    )
