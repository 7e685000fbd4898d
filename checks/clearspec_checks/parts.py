"""Which parts of claims are evaluated in runs: a claim of which a part is never reached says less than it seems to.

Of `not due(order) or paid(order)` the second half is evaluated only where something is due.  A claim may hold of a
million states and have said nothing in any.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType
from typing import Any

from attrs import frozen

from clearspec.claims import Claim
from clearspec_checks.reach import reachable

Span = tuple[int | None, int | None, int | None, int | None]
"""First and last line, first and end column."""


@frozen(order=True)
class Part:
    """An expression of a claim, or of a function beside claims that a claim calls, and where it stands in its file."""

    module: str
    begin: tuple[int, int]
    end: tuple[int, int]
    text: str

    def holds(self, other: "Part") -> bool:
        """Does the other lie within this one?"""
        within = self.begin <= other.begin and other.end <= self.end
        return self != other and self.module == other.module and within

    def __str__(self) -> str:
        return f"{self.module}:{self.begin[0]}: {self.text}"


class Parts:
    """What is evaluated of claims, and of the functions of their modules that they call, while it watches.

    Not a part is a plain value such as True, None or an empty list: what a claim says where it has nothing to say.
    """

    def __init__(self, claims: tuple[Claim, ...]) -> None:
        modules = {each.holds.__module__: sys.modules[each.holds.__module__] for each in claims}
        parts = {name: dict(_parts(name, ast.parse(inspect.getsource(each)))) for name, each in modules.items()}
        self._at: dict[CodeType, dict[int, Part]] = {}
        """The part that an instruction belongs to, by where that stands in its code."""
        for function in reachable([each.holds for each in claims], modules.values()):
            named = parts[function.__module__]
            for code in _codes(function):
                # An instruction is two bytes.
                self._at[code] = {2 * i: named[span] for i, span in enumerate(code.co_positions()) if span in named}
        self._missing = {code: set(each.values()) for code, each in self._at.items()}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While this lasts, what this thread evaluates counts."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def missing(self) -> list[Part]:
        """The largest parts that were never evaluated."""
        missing = set().union(*self._missing.values())
        return sorted(each for each in missing if not any(other.holds(each) for other in missing))

    def _enter(self, frame: FrameType, _: str, __: Any) -> Any:
        if not self._missing.get(frame.f_code):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return self._step

    def _step(self, frame: FrameType, event: str, _: Any) -> Any:
        part = self._at[frame.f_code].get(frame.f_lasti) if event == "opcode" else None
        if part is not None:
            self._missing[frame.f_code].discard(part)
        return self._step


def _parts(module: str, node: ast.AST) -> Iterator[tuple[Span, Part]]:
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple | ast.List) and not node.elts):
        return
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if isinstance(node, ast.expr) and node.end_lineno is not None and node.end_col_offset is not None:
        span = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
        begin, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        yield span, Part(module, begin, end, ast.unparse(node))
    for child in ast.iter_child_nodes(node):
        yield from _parts(module, child)


def _codes(function: FunctionType) -> Iterator[CodeType]:
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        yield code
        todo += [each for each in code.co_consts if isinstance(each, CodeType)]
