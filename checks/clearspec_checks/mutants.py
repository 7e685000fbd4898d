"""Mutants of the rules, enumerated from their syntax tree: each is one small wrong change in one place.

- rejection: a `return` of a rejection is removed
- strictness: < for <=, > for >=, and the other way round
- rounding: a floor for a ceiling, and the other way round
- postings: payer and payee are swapped
- equality: == for !=, and the other way round; only if asked for
"""

import ast
import inspect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from types import CodeType, FunctionType, ModuleType
from typing import Any

from attrs import frozen

from clearspec import quantities
from clearspec.machine import Machine
from clearspec_checks.reach import rules_of

OPERATORS = ("rejection", "strictness", "rounding", "postings")
EQUALITY = "equality"
SHARED = ("clearspec.ledger", "clearspec.quantities", "clearspec.mechanisms")
"""Modules and packages whose rules every machine may use."""

_COMPARISONS: dict[str, dict[type[ast.cmpop], type[ast.cmpop]]] = {
    "strictness": {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    "equality": {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
}
_ROUNDINGS = {"mul_div_floor": "mul_div_ceil", "mul_div_ceil": "mul_div_floor"}
_POSTING_FIELDS = ("book", "amount", "payer", "payee")


@frozen
class Mutant:
    """One change: the `number`-th site of its function."""

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
    claimed = {(each.holds.__module__, each.holds.__qualname__) for each in machine.claims}
    found: list[Mutant] = []
    for each in modules:
        file = _file_of(each)
        for name, node in _definitions(_tree(each)):
            if (each.__name__, name) in rules - claimed:
                sites = _Sites(operators, machine.reasons.__name__)
                sites.visit(deepcopy(node))
                found.extend(
                    Mutant(f"{file}:{line}:{column}:{operator}", file, line, operator, change, each.__name__, name, i)
                    for i, (operator, line, column, change) in enumerate(sites.found)
                )
    return found


def sample(mutants: Sequence[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """So many of the mutants, each operator in proportion; a smaller sample is part of a larger one."""
    if size is None or size >= len(mutants):
        return list(mutants)
    random = Random(seed)
    ranked: list[tuple[float, str, Mutant]] = []
    for operator in sorted({each.operator for each in mutants}):
        own = [each for each in mutants if each.operator == operator]
        random.shuffle(own)
        ranked.extend(((i + 0.5) / len(own), each.id, each) for i, each in enumerate(own))
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


def mutated_code(mutant: Mutant, machine: Machine[Any], operators: Sequence[str] = OPERATORS) -> CodeType:
    """The code of the function with the change in it."""
    module = import_module(mutant.module)
    tree = _tree(module)
    for name, node in _definitions(tree):
        if name == mutant.function:
            _Sites(operators, machine.reasons.__name__, target=mutant.number).visit(node)
    ast.fix_missing_locations(tree)
    for name in _ROUNDINGS:
        # The other rounding may not be imported there.
        vars(module).setdefault(name, getattr(quantities, name))
    return _code_named(mutant.function, compile(tree, str(module.__file__), "exec"))


@contextmanager
def applied(mutant: Mutant, machine: Machine[Any], operators: Sequence[str] = OPERATORS) -> Iterator[None]:
    """Changes the live function for so long: everything that calls it calls the mutant."""
    function, code = function_of(mutant), mutated_code(mutant, machine, operators)
    right = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = right


class _Sites(ast.NodeTransformer):
    """Finds the sites of one function in a fixed order; changes the one with the number `target`."""

    def __init__(self, operators: Sequence[str], reasons: str, target: int | None = None) -> None:
        self.found: list[tuple[str, int, int, str]] = []
        self._operators, self._reasons, self._target = operators, reasons, target

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        for i, each in enumerate(node.body):
            if isinstance(each, ast.Return) and self._rejects(each.value):
                node.body[i] = self._site("rejection", each, ast.copy_location(ast.Pass(), each))
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for i, comparison in enumerate(node.ops):
            for operator, swaps in _COMPARISONS.items():
                if type(comparison) in swaps:
                    changed = deepcopy(node)
                    changed.ops[i] = swaps[type(comparison)]()
                    at = node.comparators[i]
                    chosen = self._site(operator, node, changed, at.lineno, at.col_offset)
                    if chosen is changed:
                        node.ops[i] = changed.ops[i]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.FloorDiv):
            return node
        negative = ast.UnaryOp(ast.USub(), node.left)
        ceiling = ast.UnaryOp(ast.USub(), ast.BinOp(negative, ast.FloorDiv(), node.right))
        at = node.right
        return self._site("rounding", node, ast.copy_location(ceiling, node), at.lineno, at.col_offset)

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _ROUNDINGS:
            changed = deepcopy(node)
            changed.func = ast.copy_location(ast.Name(_ROUNDINGS[node.func.id], ast.Load()), node.func)
            return self._site("rounding", node, changed)
        if isinstance(node.func, ast.Name) and node.func.id == "Posting":
            changed = deepcopy(node)
            sides = {name: i for i, name in enumerate(_POSTING_FIELDS[: len(node.args)])}
            keywords = {each.arg: each for each in changed.keywords}
            if "payer" in sides and "payee" in sides:
                payer, payee = sides["payer"], sides["payee"]
                changed.args[payer], changed.args[payee] = changed.args[payee], changed.args[payer]
            elif "payer" in keywords and "payee" in keywords:
                keywords["payer"].arg, keywords["payee"].arg = "payee", "payer"
            else:
                changed.args[2], keywords["payee"].value = keywords["payee"].value, changed.args[2]
            return self._site("postings", node, changed)
        return node

    def _rejects(self, value: ast.expr | None) -> bool:
        """Is that `Rejected(…)`, or a reason, as a chain of gates returns it?"""
        if isinstance(value, ast.Call):
            return isinstance(value.func, ast.Name) and value.func.id == "Rejected"
        return (
            isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == self._reasons
        )

    def _site(
        self, operator: str, node: ast.AST, changed: Any, line: int | None = None, column: int | None = None
    ) -> Any:
        if operator not in self._operators:
            return node
        number = len(self.found)
        line = node.lineno if line is None else line  # type: ignore[attr-defined]
        column = node.col_offset if column is None else column  # type: ignore[attr-defined]
        self.found.append((operator, line, column, f"{_short(node)} -> {_short(changed)}"))
        return changed if number == self._target else node


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."


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
