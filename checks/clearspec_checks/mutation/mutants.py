"""Mutants of the rules, enumerated from their syntax tree: each is one small wrong change in one place."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from types import CodeType, FunctionType, ModuleType
from typing import Any

from attrs import evolve, frozen

from clearspec.core import quantities
from clearspec.core.machine import Machine
from clearspec_checks.mutation.operators import OPERATORS, ROUNDINGS, Sites
from clearspec_checks.opinions.reach import rules_of

SHARED = ("clearspec.core.ledger", "clearspec.core.quantities", "clearspec.mechanisms")
"""Modules and packages whose rules every machine may use."""


@frozen
class Mutant:
    """One change: the `number`-th site of its operator in its function."""

    id: str
    file: str
    line: int
    operator: str
    change: str
    module: str
    function: str
    number: int


def modules_of(module: ModuleType) -> list[ModuleType]:
    """The modules of a machine's package that hold rules, and those that every machine shares.

    Claims are what rules are judged by, so they are left out.
    """
    package = module.__name__.rpartition(".")[0]
    own = _under(import_module(package)) if package else [module]
    shared = [each for name in SHARED for each in _shared(name)]
    return [*own, *shared]


def mutants_of(machine: Machine[Any], module: ModuleType, operators: Sequence[str] = OPERATORS) -> list[Mutant]:
    """All mutants of the rules of this machine, which stands in this module."""
    modules = modules_of(module)
    rules = {(each.__module__, each.__qualname__) for each in rules_of(machine, modules)}
    claimed = {(each.holds.__module__, each.holds.__qualname__) for each in machine.spec.claims}
    found: list[Mutant] = []
    for each in modules:
        file = _file_of(each)
        for name, node in _definitions(_tree(each)):
            if (each.__name__, name) in rules - claimed:
                sites = Sites(operators, machine.spec.reasons.__name__)
                sites.visit(deepcopy(node))
                found.extend(
                    Mutant(f"{file}:{line}:{column}:{operator}", file, line, operator, change, each.__name__, name, i)
                    for operator, line, column, change, i in sites.found
                )
    # Of parts of parts several may begin at one place.
    times = Counter[str]()
    for i, mutant in enumerate(found):
        times[mutant.id] += 1
        if times[mutant.id] > 1:
            found[i] = evolve(mutant, id=f"{mutant.id}:{times[mutant.id]}")
    return found


def sample(mutants: Sequence[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """So many of the mutants, each operator in proportion.

    A smaller sample is part of a larger one; and where a mutant stands in its file does not matter, so that the sample
    of tomorrow's rules is that of today's but for what has changed.
    """
    if size is None or size >= len(mutants):
        return list(mutants)
    ranked: list[tuple[float, str, Mutant]] = []
    for operator in sorted({each.operator for each in mutants}):
        times = Counter[str]()
        drawn: list[tuple[str, Mutant]] = []
        for each in mutants:
            if each.operator == operator:
                name = f"{each.file} {each.function} {each.change}"
                times[name] += 1
                drawn.append((sha256(f"{seed} {name} {times[name]}".encode()).hexdigest(), each))
        drawn.sort(key=lambda entry: entry[0])
        ranked.extend(((i + 0.5) / len(drawn), lot, each) for i, (lot, each) in enumerate(drawn))
    return [each for _, _, each in sorted(ranked, key=lambda entry: entry[:2])[:size]]


def function_of(mutant: Mutant) -> FunctionType:
    """The live function that the mutant changes."""
    found: Any = import_module(mutant.module)
    for name in mutant.function.split("."):
        found = inspect.getattr_static(found, name)
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    unwrapped = inspect.unwrap(found)
    assert isinstance(unwrapped, FunctionType), f"{mutant.function} is a function"
    return unwrapped


def mutated_code(mutant: Mutant, machine: Machine[Any]) -> CodeType:
    """The code of the function with the change in it."""
    module = import_module(mutant.module)
    tree = _tree(module)
    for name, node in _definitions(tree):
        if name == mutant.function:
            Sites([mutant.operator], machine.spec.reasons.__name__, target=mutant.number).visit(node)
    ast.fix_missing_locations(tree)
    for name in ROUNDINGS:
        # The other rounding may not be imported there.
        vars(module).setdefault(name, getattr(quantities, name))
    return _code_named(mutant.function, compile(tree, str(module.__file__), "exec"))


@contextmanager
def applied(mutant: Mutant, machine: Machine[Any]) -> Iterator[None]:
    """Changes the live function for so long: everything that calls it calls the mutant."""
    function, code = function_of(mutant), mutated_code(mutant, machine)
    right = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = right


def _definitions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module by qualified name."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.append((node.name, node))
        elif isinstance(node, ast.ClassDef):
            found.extend((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))
    return found


def _code_named(name: str, code: CodeType) -> CodeType:
    todo = [code]
    while todo:
        here = todo.pop()
        if here.co_qualname == name:
            return here
        todo.extend(each for each in here.co_consts if isinstance(each, CodeType))
    raise LookupError(f"no code of {name}")


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(_source(module))


@cache
def _source(module: ModuleType) -> str:
    """Read once, so that a file edited during a run does not mix two versions."""
    return inspect.getsource(module)


def _file_of(module: ModuleType) -> str:
    name = module.__name__.replace(".", "/")
    return f"{name}/__init__.py" if hasattr(module, "__path__") else f"{name}.py"


def _under(package: ModuleType) -> list[ModuleType]:
    """The modules of a package, without its claims."""
    found = []
    for each in sorted(iter_modules(package.__path__), key=lambda each: each.name):
        if each.name == "claims":
            continue
        module = import_module(f"{package.__name__}.{each.name}")
        found.extend(_under(module) if each.ispkg else [module])
    return found


def _shared(name: str) -> Iterable[ModuleType]:
    try:
        module = import_module(name)
    except ModuleNotFoundError:
        return []
    return _under(module) if hasattr(module, "__path__") else [module]
