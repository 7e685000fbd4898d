"""Symbolic states, commands and arguments, made from the types that the model declares.

A symbol goes by the way to its field, `s.accounts[3].cash`; what is no field has a name with a sign that stands in
none: `s.accounts[3]@present`.
"""

from collections.abc import Callable
from enum import Enum, Flag
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from clearspec.core.claims import Kind
from clearspec.core.machine import Machine, is_frozen
from clearspec.core.table import Id, Table
from clearspec_proofs.executor.arithmetic import root
from clearspec_proofs.executor.rows import Forms
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.executor.world import World
from clearspec_proofs.logic.terms import Bool, Code, Formula, Int, Unsupported, both, formula, symbol

Shape = dict[str, int]
Choose = Callable[[int, Any], int]
_hints: dict[type, dict[str, Any]] = {}


def world_of(machine: Machine[Any]) -> World:
    """An empty world whose rows have the machine's shape."""
    shape = dict(machine.spec.shape)
    world = World(lambda kind, name: forms(kind, name, shape))
    world.laws = frozenset(each.code for each in machine.spec.claims if each.kind is Kind.LAW and not each.unproved)
    return world


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
    case = symbol(f"{name}@case")
    root().parted(f"{name}@case", options)
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
        if kind.__eq__ is not str.__eq__:
            raise Unsupported(f"{kind.__qualname__}: an id with an equality of its own; ids are compared as they are")
        return Code(kind, symbol(name))
    if isinstance(kind, type) and issubclass(kind, Enum):
        refuse_enum(kind)
        number = symbol(name)
        root().state(formula(number >= 0))
        root().state(formula(number <= len(kind) - 1))
        return Code(kind, number)
    if isinstance(kind, type) and attrs.has(kind):
        refuse_mutable(kind)
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
        length = shape.get(each.metadata["per"])
        if length is None:
            raise Unsupported(
                f"{inner}: as long as there are {each.metadata['per']}, and no field of a state says how many"
            )
        return _entries(get_args(hints[each.name]), inner, given, shape, choose, length)
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


def refuse_enum(kind: type[Enum]) -> None:
    """Refuse members that are equal to something that is none of them, such as a number."""
    if issubclass(kind, int | str | Flag) or kind.__eq__ is not object.__eq__:
        raise Unsupported(f"{kind.__qualname__}: a member of it equals what is none; use a plain Enum")


def refuse_mutable(kind: type) -> None:
    """Refuse a class whose objects can change in place: what was supposed of one would be said of another."""
    if not is_frozen(kind):
        raise Unsupported(
            f"{kind.__qualname__}: not frozen, so that it can change in place; declare it with attrs.frozen"
        )
    if getattr(kind, "__eq__", None) is object.__eq__:
        raise Unsupported(f"{kind.__qualname__}: compared by identity; leave eq as attrs.frozen has it")
    hidden = [each.name for each in attrs.fields(kind) if not each.init]
    if hidden:
        raise Unsupported(
            f"{kind.__qualname__}.{hidden[0]}: not given when it is made, so it would be one value in all"
        )


def misfit(kind: Any, value: Any, template: Any, shape: Shape, place: str = "state") -> str | None:
    """Where a value is not one that `symbolic` can stand for: another class, another length, another fixed value.

    None if it is one; else what is there, in one line.  The induction goes on from what this lets pass.
    """
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    origin = get_origin(kind)
    if kind is int:
        return None if type(value) in (Int, int, Bool, bool) else _other(place, value, "an integer")
    if kind is bool:
        return None if type(value) in (Bool, bool) else _other(place, value, "a truth value")
    if kind is NoneType:
        return None if value is None else _other(place, value, "None")
    if origin in (Union, UnionType):
        found = [misfit(each, value, template, shape, place) for each in get_args(kind)]
        return None if None in found else _other(place, value, f"one of {kind}")
    if origin is Table:
        key, row = get_args(kind)
        return _misfit_rows(key, row, value, shape, place)
    if origin is tuple:
        return _misfit_entries(get_args(kind), value, template, None, shape, place)
    if isinstance(kind, type) and issubclass(kind, Id | Enum):
        is_one = value.kind is kind if type(value) is Code else type(value) is kind
        return None if is_one else _other(place, value, f"a {kind.__name__}")
    if not attrs.has(kind) or type(value) is not kind:
        return _other(place, value, f"a {getattr(kind, '__name__', kind)}")
    hints = get_type_hints(kind)
    for each in attrs.fields(kind):
        part, inner = getattr(value, each.name), f"{place}.{each.name}"
        given = getattr(template, each.name) if type(template) is kind else None
        if each.metadata.get("fixed"):
            same = part is given or (type(part) is type(given) and part == given)
            wrong = None if same else _other(inner, part, f"{given!r}, which is fixed,")
        elif "per" in each.metadata:
            length = shape[each.metadata["per"]]
            wrong = _misfit_entries(get_args(hints[each.name]), part, given, length, shape, inner)
        else:
            wrong = misfit(hints[each.name], part, given, shape, inner)
        if wrong is not None:
            return wrong
    return None


def _misfit_rows(key: Any, row: Any, value: Any, shape: Shape, place: str) -> str | None:
    """Rows that were not put are as the table had them; a plain table has none that were not."""
    if type(value) is Table:
        rows = [each for _, each in value.rows()]
    elif type(value) is SymTable and (value.origin.kind, value.origin.row) == (key, row):
        rows = [each for each in value.now.values() if each is not None]
    else:
        return _other(place, value, f"a table of {getattr(row, '__name__', row)}")
    return next(filter(None, (misfit(row, each, None, shape, f"{place}[…]") for each in rows)), None)


def _misfit_entries(
    kinds: tuple[Any, ...], value: Any, template: Any, length: int | None, shape: Shape, place: str
) -> str | None:
    if length is None:
        length = len(template) if kinds[-1] is ... and type(template) is tuple else len(kinds)
    if type(value) is not tuple or len(value) != length:
        return _other(place, value, f"a tuple with {length} entries")
    if kinds[-1] is ...:
        kinds = kinds[:1] * len(value)
    entries = template if type(template) is tuple and len(template) == length else (None,) * length
    found = (
        misfit(each, part, entry, shape, f"{place}[{i}]")
        for i, (each, part, entry) in enumerate(zip(kinds, value, entries, strict=True))
    )
    return next(filter(None, found), None)


def _other(place: str, value: Any, wanted: str) -> str:
    told = f"{len(value)} entries" if type(value) is tuple else "None" if value is None else type(value).__name__
    return f"{place} has {told} where {wanted} is supposed of every state"
