"""Which functions a function may call, found on the live objects: the rules of a machine, without its scaffolding."""

from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from clearspec.core.claims import Kind
from clearspec.core.machine import Machine


def rules_of(machine: Machine[Any], modules: Iterable[ModuleType]) -> set[FunctionType]:
    """The functions of these modules that transitions and claims may call.

    What only draws commands, samples laws, names landmarks or builds worlds is not among them.
    """
    roots = [
        machine.spec.beat,
        machine.spec.due,
        machine.spec.conclude,
        machine.views.statement,
        *(each.holds for each in machine.spec.claims),
    ]
    return reachable(roots, modules)


def beats_that_call(function: FunctionType, machine: Machine[Any], modules: Iterable[ModuleType]) -> tuple[str, ...]:
    """The names of the beats whose transition may call this function."""
    listed = list(modules)
    return tuple(
        beat.__name__
        for beat in (*machine.spec.commands, *machine.spec.beats)
        if function in reachable([machine.spec.beat], listed, beat)
    )


def laws_that_call(function: FunctionType, machine: Machine[Any], modules: Iterable[ModuleType]) -> tuple[str, ...]:
    """The codes of the laws whose predicate may call this function."""
    listed = list(modules)
    laws = [each for each in machine.spec.claims if each.kind is Kind.LAW]
    return tuple(law.code for law in laws if function in reachable([law.holds], listed))


def outside_of_beats(function: FunctionType, machine: Machine[Any], modules: Iterable[ModuleType]) -> bool:
    """May the last word on a command, or the statement, call this function?"""
    return function in reachable([machine.spec.conclude, machine.views.statement], modules)


def reachable(roots: Iterable[Any], modules: Iterable[ModuleType], beat: type | None = None) -> set[FunctionType]:
    """The functions of these modules that the roots may call, directly or not.

    A name that is read counts as called, and so does every method of that name.  From a table of functions by
    type, such as the rules by type of command, only those of `beat` are taken if it is given.
    """
    listed = list(modules)
    names_of_modules = {module.__name__ for module in listed}
    methods = [(name, each) for module in listed for name, each in _methods(module)]
    found: set[FunctionType] = set()
    read: set[str] = set()
    todo = [function for root in roots for function in _functions(root, beat)]
    while todo:
        function = todo.pop()
        if function in found:
            continue
        found.add(function)
        names = _names(function.__code__)
        read |= names
        todo.extend(_called(function, names, beat))
        todo.extend(method for name, method in methods if name in read and method not in found)
    return {each for each in found if each.__module__ in names_of_modules}


def _called(function: FunctionType, names: set[str], beat: type | None) -> Iterator[FunctionType]:
    for name in names:
        value = function.__globals__.get(name)
        yield from _functions(value, beat)
        if isinstance(value, ModuleType):
            for attribute in names:
                yield from _functions(getattr(value, attribute, None), beat)
    for cell in function.__closure__ or ():
        yield from _functions(cell.cell_contents, beat)


def _functions(value: Any, beat: type | None) -> Iterator[FunctionType]:
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, dict):
        by_type = value and all(isinstance(key, type) for key in value)
        for key, each in value.items():
            if beat is None or not by_type or key is beat:
                yield from _functions(each, beat)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _functions(each, beat)
    elif hasattr(value, "__wrapped__"):
        yield from _functions(value.__wrapped__, beat)


def _methods(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            for name, member in vars(value).items():
                for function in (member, getattr(member, "fget", None), getattr(member, "__func__", None)):
                    if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                        yield name, function


def _names(code: CodeType) -> set[str]:
    return {name for each in codes_in(code) for name in each.co_names}


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """This code, and that of every function and comprehension in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes_in(constant)
