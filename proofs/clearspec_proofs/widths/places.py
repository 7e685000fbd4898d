"""Every place where the model computes: what its rules add, multiply and divide is told to whoever listens.

The code that runs is the model's own, function by function, with each arithmetic operation `a + b` replaced by a call
that computes `a + b` and reports it; on plain integers and on symbols alike.
"""

import ast
import inspect
import operator
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from attrs import evolve, frozen

from clearspec.core.machine import Machine

SHARED: Final = ("clearspec.core.ledger", "clearspec.core.quantities", "clearspec.mechanisms")
"""Modules and packages whose rules every machine may use."""

JUDGES: Final = frozenset({"claims", "drive", "examples"})
"""Packages of a machine that hold none of its rules."""

ROUNDINGS: Final = frozenset({"mul_div_floor", "mul_div_ceil"})
"""What multiplies and divides at once: an engine gives it a product of two words, so it is one operation."""

REPORT: Final = "__width__"

BINARY: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
BEGUN, CUT = object(), object()
"""What is told of a search in place of a result."""

SEARCHES: Final = frozenset({"largest", "smallest"})


@frozen
class Place:
    """An operation in the text of the model, `line` and `text` as they stand there."""

    file: str
    function: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.text}"


@frozen
class Site:
    """A place, and what is computed there of the operands."""

    place: Place
    compute: Callable[..., Any]


Listener = Callable[[Site, tuple[Any, ...], Any], None]

_sites: list[Site] = []
_listeners: list[Listener] = []


def report(number: int, *operands: Any) -> Any:
    """Compute what stands at a site, and tell it.

    Of a sum, each of the sums on the way.  Of a search that it has begun, then what it finds, or that it was cut short.
    """
    site = _sites[number]
    if site.compute is sum:
        total: Any = 0
        for value in operands[0]:
            total = total + value
            _tell(site, (), total)
        return total
    if site.compute is searched:
        _tell(site, operands, BEGUN)
        result = CUT
        try:
            result = site.compute(*operands)
        finally:
            _tell(site, operands, result)
        return result
    result = site.compute(*operands)
    _tell(site, operands, result)
    return result


def _tell(site: Site, operands: tuple[Any, ...], result: Any) -> None:
    if _listeners and (result is BEGUN or result is CUT or isinstance(result, int)):
        _listeners[-1](site, operands, result)


def searched(search: Callable[..., Any], test: Any, near: Any, ends: str = "") -> Any:
    """What a search finds."""
    return search(test, near, ends)


@contextmanager
def silence() -> Iterator[None]:
    """Tell nobody."""
    saved = _listeners[:]
    _listeners.clear()
    try:
        yield
    finally:
        _listeners[:] = saved


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell this listener, and no other."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.pop()


class _Marked(ast.NodeTransformer):
    """A function with its operations replaced by calls that report them."""

    def __init__(self, file: str, function: str) -> None:
        self._file, self._function = file, function

    def _call(self, node: ast.AST, compute: Callable[..., Any], operands: Sequence[Any], told: str = "") -> ast.Call:
        text = told or ast.unparse(node)
        place = Place(self._file, self._function, getattr(node, "lineno", 0), text)
        _sites.append(Site(place, compute))
        number = ast.Constant(len(_sites) - 1)
        return ast.copy_location(ast.Call(ast.Name(REPORT, ast.Load()), [number, *operands], []), node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        told = ast.unparse(node)
        self.generic_visit(node)
        compute = BINARY.get(type(node.op))
        return node if compute is None else self._call(node, compute, [node.left, node.right], told)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        told = ast.unparse(node)
        self.generic_visit(node)
        if not isinstance(node.op, ast.USub) or isinstance(node.operand, ast.Constant):
            return node
        return self._call(node, operator.neg, [node.operand], told)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        told = ast.unparse(node)
        self.generic_visit(node)
        compute = BINARY.get(type(node.op))
        if compute is None or not isinstance(node.target, ast.Name):
            return node
        read = ast.copy_location(ast.Name(node.target.id, ast.Load()), node)
        return ast.copy_location(ast.Assign([node.target], self._call(node, compute, [read, node.value], told)), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        told = ast.unparse(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in SEARCHES:
            # The first guess of a search is the engine's own affair: the result does not depend on it.
            node.args[:1] = [self.visit(each) for each in node.args[:1]]
            return self._call(node, searched, [node.func, *node.args], told)
        self.generic_visit(node)
        if name in ROUNDINGS and len(node.args) == 3:
            return self._call(node, rounded, [node.func, *node.args], told)
        if name == "abs":
            return self._call(node, abs, node.args, told)
        if name == "sum" and len(node.args) == 1:
            return self._call(node, sum, node.args, told)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "total":
            return self._call(node, _itself, [node], told)
        return node


def _itself(value: Any) -> Any:
    return value


def product_of(place: Place) -> Place:
    """The place of the product that a rounding divides."""
    return evolve(place, text=f"{place.text}: product")


def rounded(rounding: Callable[..., Any], a: Any, b: Any, divisor: Any) -> Any:
    """The product of the first two by the third, rounded in this way."""
    return rounding(a, b, divisor)


def _code_named(name: str, code: CodeType) -> CodeType | None:
    todo = [code]
    while todo:
        here = todo.pop()
        if here.co_qualname == name:
            return here
        todo.extend(each for each in here.co_consts if isinstance(each, CodeType))
    return None


def rules(machine: Machine[Any]) -> list[ModuleType]:
    """The modules that hold the rules of a machine: those beside its transitions, and those that all machines share."""
    own = sys.modules[machine.spec.beat.__module__]
    package = own.__name__.rpartition(".")[0]
    return [
        *(_under(import_module(package)) if package else [own]),
        *(each for name in SHARED for each in _named(name)),
    ]


def _named(name: str) -> list[ModuleType]:
    module = import_module(name)
    return _under(module) if hasattr(module, "__path__") else [module]


def _under(package: ModuleType) -> list[ModuleType]:
    found = []
    for each in sorted(iter_modules(package.__path__), key=lambda each: each.name):
        if each.name not in JUDGES:
            module = import_module(f"{package.__name__}.{each.name}")
            found.extend(_under(module) if each.ispkg else [module])
    return found


@contextmanager
def marked(machine: Machine[Any], functions: Collection[FunctionType] | None = None) -> Iterator[None]:
    """Let the rules of the machine report what they compute; only these functions, if any are named."""
    undo: list[tuple[FunctionType, CodeType]] = []
    modules = rules(machine)
    judged = {claim.holds for claim in machine.spec.claims}
    try:
        for module in modules:
            setattr(module, REPORT, report)
            for function, code in _marked(module):
                if function not in judged and (functions is None or function in functions):
                    undo.append((function, function.__code__))
                    function.__code__ = code
        yield
    finally:
        for function, code in undo:
            function.__code__ = code
        for module in modules:
            delattr(module, REPORT)


def places_of(functions: Collection[FunctionType]) -> set[Place]:
    """All places in these functions.  Requires: their modules were marked."""
    names = {(each.__module__.replace(".", "/") + ".py", each.__qualname__) for each in functions}
    return {site.place for site in _sites if (site.place.file, site.place.function) in names}


_known: dict[ModuleType, list[tuple[FunctionType, CodeType]]] = {}


def _marked(module: ModuleType) -> list[tuple[FunctionType, CodeType]]:
    """The functions of a module that compute anything, and their code with reports."""
    if module not in _known:
        tree = ast.parse(inspect.getsource(module))
        file = module.__name__.replace(".", "/") + ".py"
        names: list[str] = []
        before = len(_sites)
        for name, node in _definitions(tree):
            if node.name in SEARCHES | ROUNDINGS:
                continue
            count = len(_sites)
            node.body = [_Marked(file, name).visit(each) for each in node.body]
            if len(_sites) > count:
                names.append(name)
        ast.fix_missing_locations(tree)
        whole = compile(tree, str(module.__file__), "exec") if len(_sites) > before else None
        _known[module] = [] if whole is None else [_pair(module, name, whole) for name in names]
    return _known[module]


def _pair(module: ModuleType, name: str, whole: CodeType) -> tuple[FunctionType, CodeType]:
    found: Any = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    function, code = inspect.unwrap(found), _code_named(name, whole)
    assert isinstance(function, FunctionType), f"{name} is a function"
    assert code is not None, f"{name} has code"
    return function, code


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module by qualified name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))
