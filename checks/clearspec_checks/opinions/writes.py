"""Which stored integers a beat may change, read off the code that it may run.

What is stored is frozen, so it changes only by new objects.  Each field on the way to it from the state has to be given
anew, by name or to a constructor, in a function that the beat may call.  So has the integer itself; or the object that
it is in was somewhere else before.
"""

import ast
import dis
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from itertools import chain
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any, NewType, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from clearspec.core.machine import Machine
from clearspec.core.table import Id
from clearspec_checks.opinions.reach import codes_in, reachable


@frozen
class Step:
    """From an object to one of its fields, and of which class the objects there are; None of integers."""

    owner: type
    name: str
    inner: type | None


@frozen
class Written:
    """What functions may give to new objects: fields of these names, all fields of these classes, or anything."""

    names: frozenset[str]
    classes: frozenset[type]
    anything: bool

    def gives(self, step: Step) -> bool:
        """May the field be given anew?"""
        return self.anything or step.name in self.names or step.owner in self.classes


def changes(machine: Machine[Any], modules: Iterable[ModuleType]) -> Callable[[str, str], bool]:
    """Whether the beat of that name may change the integers at a place, or the sum of a measure over rows."""
    listed = list(modules)
    ways: dict[str, list[tuple[Step, ...]]] = {}
    for place, way in ways_into(type(machine.spec.initial)):
        ways.setdefault(place, []).append(way)
    homes = homes_of((type(machine.spec.initial), ""), *((kind, kind.__name__) for kind in machine.spec.commands))
    found_in: dict[str, set[type]] = {}
    for step in chain.from_iterable(chain.from_iterable(ways.values())):
        if step.inner is not None:
            found_in.setdefault(step.name, set()).add(step.inner)
    written = {
        kind.__name__: written_by(reachable([machine.spec.beat], listed, kind), found_in)
        for kind in (*machine.spec.commands, *machine.spec.beats)
    }

    def may_change(beat: str, place: str) -> bool:
        if place.startswith("total."):
            table = Step(type(machine.spec.initial), place.split(".")[1], None)
            return written[beat].gives(table)
        return place not in ways or any(_given(way, written[beat], homes) for way in ways[place])

    return may_change


def _given(way: tuple[Step, ...], written: Written, homes: dict[type, set[str]]) -> bool:
    for step in way:
        if not written.gives(step):
            return False
        if step.inner is not None and len(homes[step.inner]) > 1:
            return True
    return True


def ways_into(kind: type, place: str = "", way: tuple[Step, ...] = ()) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Each integer that an object of this class holds: its place, and the way to it."""
    hints = get_type_hints(kind)
    for each in attrs.fields(kind):
        inner = f"{place}.{each.name}" if place else each.name
        for held in _held(hints[each.name]):
            if held is int:
                yield inner, (*way, Step(kind, each.name, None))
            else:
                yield from ways_into(held, inner, (*way, Step(kind, each.name, held)))


def homes_of(*roots: tuple[type, str]) -> dict[type, set[str]]:
    """The places at which objects of each class are found."""
    found: dict[type, set[str]] = {}
    for root, name in roots:
        for _, way in ways_into(root):
            place = name
            for step in way:
                place = f"{place}.{step.name}"
                if step.inner is not None:
                    found.setdefault(step.inner, set()).add(place)
    return found


def _held(hint: Any) -> Iterator[type]:
    """What is held by what is declared so: integers, and objects that may hold some."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if get_origin(hint) is not None:
        for each in get_args(hint):
            yield from _held(each)
    elif hint is int or (isinstance(hint, type) and attrs.has(hint) and not issubclass(hint, Id | Enum)):
        yield hint


def written_by(functions: Iterable[FunctionType], found_in: Mapping[str, set[type]]) -> Written:
    """What these functions may give to new objects; any text in them may be the name of a field.

    `found_in` are the classes of the objects that are found in a field of that name.
    """
    names: set[str] = set()
    classes: set[type] = set()
    anything = False
    for function in functions:
        known = [function.__defaults__, function.__kwdefaults__, *(c.cell_contents for c in function.__closure__ or ())]
        for code in codes_in(function.__code__):
            for constant in code.co_consts:
                names |= {each for each in _flat(constant) if isinstance(each, str)}
            if any(each.opname.startswith("CALL_FUNCTION_EX") for each in dis.get_instructions(code)):
                given = _given_by_computed_names(function, found_in)
                anything |= given is None
                classes |= given or set()
            read = [function.__globals__.get(name) for name in code.co_names]
            of_modules = [getattr(m, name, None) for m in read if isinstance(m, ModuleType) for name in code.co_names]
            known += [*read, *of_modules]
        classes |= _classes(known)
    return Written(frozenset(names), frozenset(classes), anything)


def _given_by_computed_names(function: FunctionType, found_in: Mapping[str, set[type]]) -> set[type] | None:
    """The classes of what the function changes by names that are no text in it; None if that cannot be told.

    It can be told of `evolve(value.field, **changed)`: of whatever is in a field of that name.
    """
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):  # a lambda has no text of its own
        return None
    found: set[type] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(each.arg is None for each in node.keywords):
            of_evolve = isinstance(node.func, ast.Name) and function.__globals__.get(node.func.id) is attrs.evolve
            if not (of_evolve and node.args and isinstance(node.args[0], ast.Attribute)):
                return None
            found |= found_in.get(node.args[0].attr, set())
    return found


def _flat(constant: Any) -> Iterator[Any]:
    if isinstance(constant, tuple | frozenset):
        for each in constant:
            yield from _flat(each)
    else:
        yield constant


def _classes(value: Any) -> set[type]:
    """The classes that a value names, and those of the objects that it holds."""
    if isinstance(value, type):
        return {value}
    if isinstance(value, dict):
        return _classes([*value, *value.values()])
    if isinstance(value, tuple | list | set | frozenset):
        return set().union(*map(_classes, value))
    if attrs.has(type(value)):
        return {type(value)} | _classes([getattr(value, each.name) for each in attrs.fields(type(value))])
    return set()
