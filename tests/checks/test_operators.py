"""What each operator of mutation changes, and that it changes nothing else."""

import ast
from copy import deepcopy

import pytest

from clearspec_checks.mutation.operators import OPERATORS, Sites

CASES = [
    ("rejection", "if a:\n    return Rejected(Reason.X)", ["if a:\n    pass"]),
    ("rejection", "if a:\n    return Reason.X", ["if a:\n    pass"]),
    ("condition", "return a and b", ["return b", "return a"]),
    ("condition", "return (a or b) and c", ["return b and c", "return a and c", "return c", "return a or b"]),
    ("strictness", "return a < b <= c", ["return a <= b <= c", "return a < b < c"]),
    ("equality", "return a == b", ["return a != b"]),
    ("rounding", "return mul_div_floor(a, b, c)", ["return mul_div_ceil(a, b, c)"]),
    ("rounding", "return a // b", ["return -(-a // b)"]),
    ("sign", "return a - b", ["return a + b"]),
    ("sign", "return -a", ["return a"]),
    ("sign", "return f'{a}' + 'b'", []),
    ("bounds", "return min(a, b)", ["return max(a, b)"]),
    ("one", "return a + 1", ["return a"]),
    ("one", "return a + 2", []),
    ("postings", "return Posting(k, n, a, b)", ["return Posting(k, n, b, a)"]),
    ("postings", "return Posting(k, n, payer=a, payee=b)", ["return Posting(k, n, payee=a, payer=b)"]),
    ("postings", "return Posting(k, n, a, payee=b)", ["return Posting(k, n, b, payee=a)"]),
    ("sides", "return Side.BUY", ["return Side.SELL"]),
    ("sides", "return a.taker * b", ["return a.maker * b"]),
    ("omission", "return evolve(a, x=1, y=2)", ["return evolve(a, y=2)", "return evolve(a, x=1)"]),
]


@pytest.mark.parametrize(("operator", "body", "changed"), CASES)
def test_each_site_is_changed_alone(operator, body, changed):
    function = ast.parse("def rule():\n" + "\n".join(f"    {line}" for line in body.splitlines())).body[0]
    sites = Sites([operator], "Reason")
    unchanged = sites.visit(deepcopy(function))
    assert ast.unparse(unchanged) == ast.unparse(function)
    assert [(each[0], each[-1]) for each in sites.found] == [(operator, i) for i in range(len(changed))]
    for i, wanted in enumerate(changed):
        mutant = Sites([operator], "Reason", target=i).visit(deepcopy(function))
        assert ast.unparse(ast.Module(mutant.body, [])) == wanted


def test_every_operator_has_a_case():
    assert {operator for operator, _, changed in CASES if changed} == set(OPERATORS)
