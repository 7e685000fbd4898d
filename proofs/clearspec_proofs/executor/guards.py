"""What Python does that has no exact meaning on symbols is refused before it runs, with a line that names it.

Looked at is the text of each module whose code runs in a proof.  A symbol is an object like any other: identity,
hidden memory and iterators that are used up would say of it what they do not say of the integer that it stands for.
"""

import ast
import importlib
import inspect
import operator
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final

from clearspec_proofs.logic.terms import Unsupported

LOOKED_AFTER: Final = frozenset(
    {
        "clearspec.registry",
        *(
            f"clearspec.core.{name}"
            for name in ("claims", "machine", "choices", "index", "table", "limits", "pairwise")
        ),
    }
)
"""Modules that hold no rules, or that the prover has a meaning of its own for."""

OUTSIDE: Final = frozenset({"random", "time", "os", "secrets", "uuid", "socket", "threading"})
"""Modules of Python whose answers are not those of their arguments."""

IDENTITY: Final = (operator.is_, operator.is_not, id)

LATE: Final = (importlib.import_module, __import__)
"""What brings a module that nobody has looked at."""

IMPURE: Final = frozenset(
    {"eval", "exec", "open", "input", "globals", "locals", "vars", "setattr", "delattr", "iter", "next", "id"}
)
"""Builtins that see more than their arguments, or change them."""

CHANGES: Final = frozenset({
    *("append", "extend", "insert", "remove", "clear", "update", "add", "discard", "setdefault", "popitem", "pop"),
    *("__setattr__", "__delattr__", "__setitem__"),
})  # fmt: skip
"""Methods that change what they are called on."""

_looked_at: dict[str, str | None] = {}


def refuse_unsaid(module: ModuleType) -> None:
    """Refuse a module with something in it that has no exact meaning in a proof."""
    name = module.__name__
    if name not in _looked_at:
        _looked_at[name] = None if name in LOOKED_AFTER else next(unsaid(module), None)
    if _looked_at[name]:
        raise Unsupported(f"{name}: {_looked_at[name]}")


def unsaid(module: ModuleType) -> Iterator[str]:
    """What in a module has no exact meaning, each in one line."""
    names = vars(module)
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _identity(node, names)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for each in sorted(OUTSIDE & _imported(node)):
                yield f"line {node.lineno}: imports {each}, whose answers are not those of its arguments"
        elif isinstance(node, ast.MatchSingleton) and node.value is not None:
            yield f"line {node.lineno}: `case {node.value}` compares identity; use an if"
        elif isinstance(node, ast.Name | ast.Attribute) and _value(node, names) in IDENTITY:
            yield f"line {node.lineno}: `{ast.unparse(node)}` compares identity; use =="
        elif isinstance(node, ast.Name | ast.Attribute) and _value(node, names) in LATE:
            yield f"line {node.lineno}: `{ast.unparse(node)}` brings a module that is not looked at; import it"
        elif isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) and any(
            isinstance(each, ast.NamedExpr) for each in ast.walk(node)
        ):
            yield f"line {node.lineno}: := in a comprehension, which may stop before it; name the value first"
    for name, value in names.items():
        if hasattr(type(value), "__next__"):
            yield f"`{name}` is a {type(value).__name__} that is used up by whoever asks it first; make it a tuple"
    for function in _functions(tree):
        yield from _memory(function, names)
        yield from _used_up(function, names)


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return {name.partition(".")[0] for name in names}


def _used_up(function: "Function", names: Mapping[str, Any]) -> Iterator[str]:
    """Iterators that have a name and are asked more than once."""
    for node in _own_nodes(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _one_pass(node.value, names):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = {each.id for each in targets if isinstance(each, ast.Name)}
            asked = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id in named]
            if sum(isinstance(each.ctx, ast.Load) for each in asked) > 1:
                yield f"line {node.lineno}: `{ast.unparse(node)}` is used up by whoever asks it first; make it a tuple"


def _one_pass(node: ast.expr | None, names: Mapping[str, Any]) -> bool:
    """Is this an iterator, which can be gone through once?"""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("zip", "map", "filter", "enumerate", "reversed") and node.func.id not in names
    return isinstance(node, ast.GeneratorExp)


def _identity(node: ast.Compare, names: Mapping[str, Any]) -> Iterator[str]:
    sides = [node.left, *node.comparators]
    for one, op, other in zip(sides, node.ops, sides[1:], strict=False):
        if isinstance(op, ast.Is | ast.IsNot) and not (_never_symbolic(one, names) or _never_symbolic(other, names)):
            yield f"line {node.lineno}: `{ast.unparse(node)}` compares identity; use =="


def _never_symbolic(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """Is this None or a class?"""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "type"
    if isinstance(node, ast.Name):
        return isinstance(names.get(node.id), type)
    return isinstance(node, ast.Constant) and node.value is None


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """What a name, or a name in a module, stands for; None if that is not known."""
    if isinstance(node, ast.Name):
        found = names.get(node.id, __import__ if node.id == "__import__" else None)
        return found if callable(found) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        around = names.get(node.value.id)
        return getattr(around, node.attr, None) if isinstance(around, ModuleType) else None
    return None


Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _memory(function: Function, names: Mapping[str, Any]) -> Iterator[str]:
    """What a function may remember from one call to the next, or change beside what it returns."""
    own = _local(function)
    for default in (*function.args.defaults, *(each for each in function.args.kw_defaults if each is not None)):
        if isinstance(default, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
            yield f"line {default.lineno}: a default that can change remembers earlier calls"
    for node in _own_nodes(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield f"line {node.lineno}: `{ast.unparse(node)}`: a function with memory; return the value"
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            if _root(node) not in own or isinstance(node, ast.Attribute):
                yield f"line {node.lineno}: `{ast.unparse(node)}` is changed in place; make a new one with evolve"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            if _root(node.func) not in own:
                yield f"line {node.lineno}: `{ast.unparse(node.func)}` changes what outlives the call"
        elif isinstance(node, ast.Call) and _called(node) in IMPURE - own - names.keys():
            yield f"line {node.lineno}: `{_called(node)}` sees or changes more than its arguments"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function that are not of a function in it."""
    body = function.body if isinstance(function.body, list) else [function.body]
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, Function):
            todo.extend(ast.iter_child_nodes(node))


def _local(function: Function) -> frozenset[str]:
    """The names that are made anew in each call: what the function itself assigns, and not its arguments."""
    found: set[str] = set()
    for node in _own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


def _root(node: ast.AST) -> str:
    """The name at which an expression begins; "" if it is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
