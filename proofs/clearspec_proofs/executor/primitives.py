"""What is put in place of primitives in the modules under proof, by name, while a proof runs.

`largest` and `smallest` become a symbol with its defining facts, `min`, `max`, `abs`, `all` and `any`
do not fork, and what is marked as a measure is kept as one formula or term.
"""

import inspect
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, wraps
from importlib import import_module
from types import ModuleType
from typing import Any

from clearspec.core import quantities
from clearspec.core.machine import Machine
from clearspec_proofs.executor.arithmetic import Number, le, root
from clearspec_proofs.executor.guards import refuse_unsaid
from clearspec_proofs.executor.merging import CannotMerge, Given, measured, merged_formula, told
from clearspec_proofs.logic.knowledge import Contradiction
from clearspec_proofs.logic.structure import structure
from clearspec_proofs.logic.terms import (
    FALSE,
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
from clearspec_proofs.solving.store import imported

_largest, _smallest = quantities.largest, quantities.smallest
"""What stands there while no proof runs: in its own module, too, it is replaced."""


def largest(fits: Callable[[int], Any], near: Callable[[], int], ends: str = "") -> Number:
    """The symbol that fits while its successor does not.  Assumed: the law that is named says that there is one."""
    return _bound(largest, fits, near, ends)


def smallest(covers: Callable[[int], Any], near: Callable[[], int], ends: str = "") -> Number:
    """The symbol that covers while its predecessor, if any, does not.  Assumed: the law says that there is one."""
    return _bound(smallest, covers, near, ends)


def _bound(kind: Any, test: Callable[[Any], Any], near: Callable[[], int], ends: str) -> Number:
    if not contexts:
        return (_largest if kind is largest else _smallest)(test, near, ends)
    world = root().world
    if ends not in world.laws:
        raise Unsupported(f"a search for the {kind.__name__} number: no law {ends!r} of the machine says that it ends")

    def asked(value: Number) -> Formula:
        return merged_formula(lambda: test(value))

    def facts(value: Number) -> Iterator[Formula]:
        if kind is largest:
            yield asked(value)
            yield negated(asked(value + 1))
            yield le(0, value) if asked(0) is TRUE else implies(asked(0), le(0, value))
        else:
            yield le(0, value)
            yield asked(value)
            yield implies(le(1, value), negated(asked(value - 1)))

    # The question is what the test says of any integer: the same question has the same answer.
    name = f"@any{world.searches}"
    world.searches += 1
    try:
        found = told(lambda: test(symbol(name)))
    finally:
        world.searches -= 1
    if found.error is not None and found.crash is not FALSE:
        raise Unsupported(f"the test of a search may raise {found.error!r}")
    return current().defined_by((kind.__name__, name, found.formula()), facts)  # type: ignore[no-any-return]


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


def _held(values: Any) -> int:
    """How often an iterator is held that a caller has handed on once, as `_all` does."""

    def counted(values: Any) -> int:
        left = iter(values)
        return sys.getrefcount(left)

    return counted(values)


def _drawn_from(generator: Any) -> int:
    """How often an iterator is held that a generator draws from; 0 if it draws from none."""
    frame = getattr(generator, "gi_frame", None)
    found = [value for value in frame.f_locals.values() if hasattr(type(value), "__next__")] if frame else []
    return max((sys.getrefcount(each) for each in found), default=0)


HELD_BY_NOBODY_ELSE = _held(each for each in "")
DRAWN_FROM_ITS_OWN = _drawn_from(each for each in enumerate(""))


def _connected(values: Any, going_on: Callable[[Formula], Formula]) -> Any:
    """Whether all go on; Python stops at the first that does not, so what comes after it counts only if none did."""
    parts: list[Formula] = []
    depth = len(contexts)
    left = iter(values)
    if (left is values and sys.getrefcount(left) > HELD_BY_NOBODY_ELSE) or _drawn_from(left) > DRAWN_FROM_ITS_OWN:
        raise Unsupported("all or any of an iterator that is used elsewhere: Python would leave in it what comes later")
    try:
        while True:
            try:
                value = next(left)
            except StopIteration:
                break
            if type(value) is not Bool:
                if going_on(formula(bool(value))) is not TRUE:
                    return truth(FALSE)
                continue
            parts.append(going_on(value.formula))
            if not isinstance(contexts[-1], Given) or len(contexts) == depth:
                contexts.append(Given(current()))
            contexts[-1].suppose(parts[-1])
        return truth(both(*parts))
    except Contradiction:
        return False
    except CannotMerge:
        raise
    except Exception:
        del contexts[depth:]
        if current().decide(both(*parts)):
            raise
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
    """The modules whose code runs in a proof of this machine: where its beats and claims stand, and what these import
    that is neither Python's own, nor of a package, nor the prover."""
    functions = [
        machine.spec.beat,
        machine.spec.due,
        machine.spec.conclude,
        *(claim.holds for claim in machine.spec.claims),
    ]
    names = {function.__module__ for function in functions} | {kind.__module__ for kind in machine.spec.commands}
    names |= {name for name in sys.modules if name.split(".")[0] == "clearspec"}
    reached = {name for name in _reached(frozenset(names)) if not name.startswith("clearspec_")}
    found = {name: sys.modules[name] for name in sorted(names | reached) if name in sys.modules}
    return [
        each
        for name, each in found.items()
        if name != "clearspec.core.table" and (name in names or not _installed(each))
    ]


INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def _installed(module: ModuleType) -> bool:
    """Is it Python's own, or of a package?"""
    return str(getattr(module, "__file__", None) or INSTALLED[0]).startswith(INSTALLED)


@cache
def _reached(names: frozenset[str]) -> frozenset[str]:
    """The names of these modules and of all that they import, which are loaded if they were not."""
    reached = frozenset(imported(set(names)))
    for name in reached - sys.modules.keys():
        with suppress(ImportError):
            import_module(name)
    return reached


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
            refuse_unsaid(module)
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
