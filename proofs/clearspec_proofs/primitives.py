"""What is put in place of primitives in the modules under proof, by name, while a proof runs.

`largest` and `smallest` become a symbol with its defining facts, `min`, `max`, `abs`, `all` and `any`
do not fork, and what is marked as a measure is kept as one formula or term.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import Any

from clearspec import quantities
from clearspec.machine import Machine
from clearspec_proofs.knowledge import Contradiction
from clearspec_proofs.paths import Given, Number, le, measured, root
from clearspec_proofs.structure import structure
from clearspec_proofs.terms import (
    TRUE,
    Bool,
    Formula,
    Int,
    Unsupported,
    both,
    contexts,
    current,
    formula,
    implies,
    negated,
    symbol,
    truth,
)

_largest, _smallest = quantities.largest, quantities.smallest
"""What stands there while no proof runs: in its own module, too, it is replaced."""


def largest(fits: Callable[[int], Any], near: Callable[[], int]) -> Number:
    """The symbol that fits while its successor does not.  Assumed: the search ends, as its laws say."""
    return _bound(largest, fits, near)


def smallest(covers: Callable[[int], Any], near: Callable[[], int]) -> Number:
    """The symbol that covers while its predecessor, if any, does not.  Assumed: the search ends."""
    return _bound(smallest, covers, near)


def _bound(kind: Any, test: Callable[[Any], Any], near: Callable[[], int]) -> Number:
    def facts(value: Number) -> Iterator[Formula]:
        if kind is largest:
            yield formula(test(value))
            yield negated(formula(test(value + 1)))
            yield le(0, value) if formula(test(0)) is TRUE else implies(formula(test(0)), le(0, value))
        else:
            yield le(0, value)
            yield formula(test(value))
            yield implies(le(1, value), negated(formula(test(value - 1))))

    if not contexts:
        return (_largest if kind is largest else _smallest)(test, near)
    # The question is what the test says of any integer: the same question has the same answer.
    return current().defined_by((kind.__name__, formula(test(symbol("any")))), facts)  # type: ignore[no-any-return]


def _extreme(name: str, builtin: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(builtin)
    def extreme(*values: Any, **options: Any) -> Any:
        entries = list(values[0]) if len(values) == 1 else list(values)
        if not options and entries and any(type(each) is Int for each in entries):
            return getattr(current(), name)(*entries)
        return builtin(entries, **options)

    return extreme


def _all(values: Any) -> Any:
    """The conjunction; what comes later is asked on the condition of what came before."""
    return _connected(values, lambda f: f)


def _any(values: Any) -> Any:
    """The disjunction."""
    found = _connected(values, negated)
    return truth(negated(formula(found)))


def _connected(values: Any, going_on: Callable[[Formula], Formula]) -> Any:
    parts: list[Formula] = []
    depth = len(contexts)
    try:
        for value in values:
            if type(value) is not Bool:
                if going_on(formula(bool(value))) is not TRUE:
                    return False
                continue
            parts.append(going_on(value.formula))
            if not isinstance(contexts[-1], Given) or len(contexts) == depth:
                contexts.append(Given(current()))
            contexts[-1].suppose(parts[-1])
        return truth(both(*parts))
    except Contradiction:
        return False
    finally:
        del contexts[depth:]


def _measured(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def once(*arguments: Any, **named: Any) -> Any:
        if not contexts:
            return function(*arguments, **named)
        path = root()
        world = path.world
        rows = sum(len(origin.rows) for origin in world.origins)
        key = (structure((function, arguments, tuple(named.items())), path.structures), world.claiming, rows)
        return measured(lambda: function(*arguments, **named), key)

    return once


def modules_of(machine: Machine[Any]) -> list[ModuleType]:
    """The modules whose code runs in a proof of this machine: the model, and where its beats and claims stand."""
    functions = [machine.beat, machine.due, machine.conclude, *(claim.holds for claim in machine.claims)]
    names = {function.__module__ for function in functions} | {kind.__module__ for kind in machine.commands}
    names |= {name for name in sys.modules if name.split(".")[0] == "clearspec"}
    return [sys.modules[name] for name in sorted(names) if name != "clearspec.table"]


@contextmanager
def patched(machine: Machine[Any]) -> Iterator[None]:
    """Let the modules of the machine use the symbolic primitives."""
    undo: list[tuple[ModuleType, str, Any]] = []
    replacements: Mapping[str, Any] = {
        "min": _extreme("smallest_of", min),
        "max": _extreme("largest_of", max),
        "all": _all,
        "any": _any,
        "type": lambda value: value.__class__,
    }
    absent = object()
    wrapped: dict[Any, Any] = {_largest: largest, _smallest: smallest}
    try:
        for module in modules_of(machine):
            refuse_identity(module)
            for name, value in list(vars(module).items()):
                if inspect.isfunction(value):
                    if getattr(value, "__measure__", False) and value not in wrapped:
                        wrapped[value] = _measured(value)
                    if value in wrapped:
                        undo.append((module, name, value))
                        setattr(module, name, wrapped[value])
            for name, value in replacements.items():
                if getattr(module, name, absent) is absent:
                    undo.append((module, name, absent))
                    setattr(module, name, value)
        yield
    finally:
        for module, name, value in reversed(undo):
            if value is absent:
                delattr(module, name)
            else:
                setattr(module, name, value)


_looked_at: dict[str, str | None] = {}


def refuse_identity(module: ModuleType) -> None:
    """Refuse `is` between values: it is silently false of a symbol.  `is None` and `is SomeClass` are right."""
    if module.__name__ not in _looked_at:
        _looked_at[module.__name__] = _identity(module)
    if _looked_at[module.__name__]:
        raise Unsupported(f"{module.__name__}: {_looked_at[module.__name__]} compares identity; use ==")


def _identity(module: ModuleType) -> str | None:
    if module.__name__ in ("clearspec.claims", "clearspec.machine"):
        return None
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            sides = [node.left, *node.comparators]
            if not any(_never_symbolic(side, vars(module)) for side in sides):
                return ast.unparse(node)
    return None


def _never_symbolic(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """Is this None or a class?"""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "type"
    if isinstance(node, ast.Name):
        return isinstance(names.get(node.id), type)
    return isinstance(node, ast.Constant) and node.value is None
