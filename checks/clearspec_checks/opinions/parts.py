"""Which parts of claims are evaluated in runs: a claim of which a part is never reached says less than it seems to.

Of `not due(order) or paid(order)` the second half is evaluated only where something is due.  A claim may hold of a
million states and have said nothing in any.
"""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence, Set
from types import CodeType, FrameType, FunctionType
from typing import Any

from attrs import evolve, frozen

from clearspec.core.claims import Claim
from clearspec_checks.opinions.reach import codes_in, reachable

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


class Parts:
    """What of claims, and of the functions of their modules that they call, is evaluated when they are asked.

    Not a part is a plain value such as True, None or an empty list: what a claim says where it has nothing to say.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        """`self.claims` are the same claims, and remember what of them was evaluated."""
        modules = {each.holds.__module__: sys.modules[each.holds.__module__] for each in claims}
        self._parts = {name: dict(_parts(name, ast.parse(inspect.getsource(each)))) for name, each in modules.items()}
        self._at: dict[CodeType, dict[int, Part]] = {}
        """The part that an instruction belongs to, by where that stands in its code."""
        self._missing: dict[CodeType, set[Part]] = {}
        self.claims = tuple(self._watched(each, reachable([each.holds], modules.values())) for each in claims)

    def missing(self) -> set[Part]:
        """What was never evaluated: with a part, all that lies within it."""
        return set().union(*self._missing.values())

    def _watched(self, claim: Claim, functions: Iterable[FunctionType]) -> Claim:
        codes = []
        for function in functions:
            named = self._parts[function.__module__]
            for code in codes_in(function.__code__):
                # An instruction is two bytes.
                at = {2 * i: named[span] for i, span in enumerate(code.co_positions()) if span in named}
                self._at[code] = at
                self._missing.setdefault(code, set(at.values()))
                codes.append(code)

        def holds(*arguments: Any) -> bool:
            while codes and not self._missing[codes[-1]]:
                codes.pop()
            if not codes:
                return claim.holds(*arguments)
            before = sys.gettrace()
            sys.settrace(self._enter)
            try:
                return claim.holds(*arguments)
            finally:
                sys.settrace(before)

        return evolve(claim, holds=holds)

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


def largest(parts: Set[Part]) -> list[Part]:
    """Those that lie within no other one of them, in the order in which they stand."""
    return sorted(each for each in parts if not any(other.holds(each) for other in parts))


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
