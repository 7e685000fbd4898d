"""What a mutant changes: each operator is one kind of small wrong change, found in the syntax tree of a rule.

What a rule refuses:
- rejection: a `return` of a rejection is removed, so that a gate is skipped
- condition: one part of an `and` or an `or` is left out
- strictness: < for <=, > for >=, and the other way round
- equality: == for !=, and the other way round

What it measures:
- rounding: a floor for a ceiling, and the other way round
- sign: a plus for a minus, and the other way round; a negative without its sign
- bounds: `min` for `max`, and the other way round
- one: a one that is added or taken off is not, as in a priority or a count

What it moves:
- postings: payer and payee are swapped
- sides: the other of two: buying and selling, maker and taker, lent and borrowed, initial and maintenance
- omission: one entry of a state that changes stays as it was: interest that is not noted, a mark that goes stale
"""

import ast
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

OPERATORS: Final = (
    "rejection",
    "condition",
    "strictness",
    "equality",
    "rounding",
    "sign",
    "bounds",
    "one",
    "postings",
    "sides",
    "omission",
)

ROUNDINGS: Final = {"mul_div_floor": "mul_div_ceil", "mul_div_ceil": "mul_div_floor"}

_COMPARISONS: dict[str, dict[type[ast.cmpop], type[ast.cmpop]]] = {
    "strictness": {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    "equality": {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
}
_BOUNDS = {"min": "max", "max": "min"}
_PAIRS = (("BUY", "SELL"), ("maker", "taker"), ("lent", "borrowed"), ("LENT", "BORROWED"), ("initial", "maintenance"))
_SIDES = dict(_PAIRS) | {other: one for one, other in _PAIRS}
_SIGNS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
_POSTING_FIELDS = ("book", "amount", "payer", "payee")


class Sites(ast.NodeTransformer):
    """Finds the sites of one function in a fixed order; changes the one with the number `target`, of each operator."""

    def __init__(self, operators: Sequence[str], reasons: str, target: int | None = None) -> None:
        self.found: list[tuple[str, int, int, str, int]] = []
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

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        whole = deepcopy(node)
        for i, part in enumerate(whole.values):
            rest = [deepcopy(each) for j, each in enumerate(whole.values) if j != i]
            changed: ast.expr = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            if self._site("condition", whole, changed, part.lineno, part.col_offset) is changed:
                copied: ast.AST = ast.copy_location(changed, node)
                return copied
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        at = (node.right.lineno, node.right.col_offset)
        if isinstance(node.op, ast.FloorDiv):
            negative = ast.UnaryOp(ast.USub(), node.left)
            ceiling = ast.UnaryOp(ast.USub(), ast.BinOp(negative, ast.FloorDiv(), node.right))
            return self._site("rounding", node, ast.copy_location(ceiling, node), *at)
        if type(node.op) not in _SIGNS or _is_text(node.left) or _is_text(node.right):
            return node
        other = ast.copy_location(ast.BinOp(node.left, _SIGNS[type(node.op)](), node.right), node)
        chosen = self._site("sign", node, other, *at)
        if isinstance(node.right, ast.Constant) and node.right.value == 1:
            without = self._site("one", node, node.left, *at)
            chosen = without if chosen is node else chosen
        return chosen

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.USub) or isinstance(node.operand, ast.Constant):
            return node
        return self._site("sign", node, node.operand)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        if node.attr not in _SIDES:
            return node
        other = ast.copy_location(ast.Attribute(node.value, _SIDES[node.attr], node.ctx), node)
        return self._site("sides", node, other, node.end_lineno, node.end_col_offset)

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ROUNDINGS:
            return self._site("rounding", node, _called(node, ROUNDINGS[name]))
        if name in _BOUNDS:
            return self._site("bounds", node, _called(node, _BOUNDS[name]))
        if name == "evolve":
            return self._with_omissions(node)
        if name == "Posting":
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

    def _with_omissions(self, node: ast.Call) -> ast.Call:
        chosen = node
        for i, entry in enumerate(node.keywords):
            without = deepcopy(node)
            del without.keywords[i]
            if self._site("omission", node, without, entry.lineno, entry.col_offset) is without:
                chosen = without
        return chosen

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
        number = sum(each[0] == operator for each in self.found)
        line = node.lineno if line is None else line  # type: ignore[attr-defined]
        column = node.col_offset if column is None else column  # type: ignore[attr-defined]
        self.found.append((operator, line, column, f"{_short(node)} -> {_short(changed)}", number))
        return changed if number == self._target else node


def _called(node: ast.Call, name: str) -> ast.Call:
    changed = deepcopy(node)
    changed.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
    return changed


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple | ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."
