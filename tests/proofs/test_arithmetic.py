"""The executor against Python: on random integers each symbolic result is what Python computes, and nothing else."""

from collections.abc import Iterator
from random import Random
from types import ModuleType
from typing import Any

import pytest

from clearspec_proofs.executor.arithmetic import Context, active
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.symbols import world_of
from clearspec_proofs.logic.terms import Formula, Int, formula, negated, symbol
from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.solving.smt import INTEGER, text
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver

NAMES = ("a", "b", "c")
EDGES = (0, 1, -1, 2, 3, -3, 7, -7, 9, 10, -14, 100)


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    solver = Solver(Z3)
    yield solver
    solver.stop()


def paths_of(machine, function) -> Iterator[tuple[list[Formula], Int | int | str]]:
    """The facts and the result of each path of the function on three symbols."""
    left: list[tuple[int, ...]] = [()]
    while left:
        path = Path(left.pop())
        with active(path), patched(machine):
            path.world = world_of(machine)
            result: Int | int | str
            try:
                result = function(*(symbol(name) for name in NAMES))
            except ZeroDivisionError:
                result = "division by zero"
            facts = list(path.knowledge.facts)
        left.extend(path.alternatives)
        yield facts, result


def values(random: Random) -> tuple[int, ...]:
    """Three numbers, often special ones, and often two that are the same."""
    found = [random.choice(EDGES) if random.random() < 0.6 else random.randint(-60, 60) for _ in NAMES]
    if random.random() < 0.4:
        found[random.randrange(3)] = found[random.randrange(3)]
    return tuple(found)


def expected(function, arguments: tuple[int, ...]) -> int | str:
    try:
        return int(function(*arguments))
    except ZeroDivisionError:
        return "division by zero"


def hold_against_python(module: ModuleType, index: int, solver: Solver, times: int = 12) -> None:
    """On random integers: exactly the paths that Python takes are open, and all have Python's result, and no other."""
    function, random, followed = module.FUNCTIONS[index], Random(index), 0
    paths = list(paths_of(module.MACHINE, function))
    for _ in range(times):
        arguments = values(random)
        wanted = expected(function, arguments)
        bound = [formula(symbol(name) == value) for name, value in zip(NAMES, arguments, strict=True)]
        taken = [(f, r) for f, r in paths if solver.ask(text([*f, *bound], INTEGER), 5).result == "sat"]
        assert taken, (function.__name__, arguments)
        for facts, result in taken:
            if isinstance(wanted, str) or isinstance(result, str):
                assert result == wanted, (function.__name__, arguments)
                continue
            right = formula(result == wanted)
            assert solver.ask(text([*facts, *bound, right], INTEGER), 5).result == "sat", (arguments, wanted)
            assert solver.ask(text([*facts, *bound, negated(right)], INTEGER), 5).result == "unsat", (arguments, wanted)
            followed += 1
    assert followed or isinstance(wanted, str)


FUNCTIONS = 23


@pytest.mark.parametrize("index", range(FUNCTIONS))
def test_symbolic_arithmetic_is_pythons(index: int, load, solver: Solver) -> None:
    hold_against_python(load("arithmetic"), index, solver)


def test_every_function_is_held_against_python(load) -> None:
    assert len(load("arithmetic").FUNCTIONS) == FUNCTIONS


def towards_zero(self: Context, dividend: Any, divisor: Any, exact: Any = Context.quotient) -> Any:
    if bool(dividend >= 0) == bool(divisor >= 0):
        return exact(self, dividend, divisor)
    return -exact(self, -dividend, divisor)


def first_of(_: Context, *values: Any) -> Any:
    return values[0]


def never_equal(a: Int, b: Any) -> Any:
    return a < b


def swapped(self: Context, condition: Formula, yes: Any, no: Any, exact: Any = Context.either) -> Any:
    return exact(self, condition, no, yes)


@pytest.mark.parametrize(
    ("where", "name", "wrong", "functions"),
    [
        (Context, "quotient", towards_zero, ("floor_divided", "remainder", "by_either_sign", "short_of_the_end")),
        (Context, "largest_of", first_of, ("least", "most", "distance", "nested")),
        (Context, "either", swapped, ("counted", "merged", "truths", "of_many", "measured_in_measured")),
        (Int, "__le__", never_equal, ("compared", "chained")),
        (Int, "__bool__", lambda value: bool(value > 0), ("in_conditions",)),
    ],
)
def test_an_operation_that_is_wrong_is_noticed(
    where: Any, name: str, wrong: Any, functions: tuple[str, ...], load, solver: Solver, monkeypatch
) -> None:
    module = load("arithmetic")
    names = [each.__name__ for each in module.FUNCTIONS]
    with monkeypatch.context() as planted:
        planted.setattr(where, name, wrong)
        for each in functions:
            with pytest.raises(AssertionError):
                hold_against_python(module, names.index(each), solver, times=100)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("FLOOR", "agreed"),
        ("FALSE-FLOOR", "refuted"),
        ("CRASH", "refuted"),
        ("CUBES", "unknown"),
        ("ROOT", "agreed"),
        ("SQUARE", "refuted"),
        ("SEARCHES", "refuted"),
    ],
)
def test_laws_are_proved_for_all_integers_or_refuted_by_some(code: str, expected: str, load) -> None:
    machine = load("arithmetic").MACHINE
    (found,) = prove(machine, codes=[code], workers=1, timeout=1)
    assert found.verdict in ((expected, "normalised") if expected == "agreed" else (expected,)), found
    if expected == "refuted":
        claim = next(each for each in machine.spec.claims if each.code == code)
        if code == "CRASH":
            with pytest.raises(ZeroDivisionError):
                claim(*found.counterexample.beat)
        else:
            assert not claim(*found.counterexample.beat)


@pytest.mark.parametrize("name", [Z3, CVC5])
def test_a_solver_that_does_not_keep_its_time_is_unknown_and_answers_the_next_question(name: str) -> None:
    a, b, c = (symbol(each) for each in NAMES)
    cubes = formula(a**3 + b**3 + c**3 == 42)
    solver = Solver(name)
    try:
        answer = solver.ask(text([cubes], INTEGER), 0.3)
        assert answer.result == "unknown"
        assert answer.seconds < 5
        assert solver.ask(text([formula(a >= 1), formula(a <= 0)], INTEGER), 5).result == "unsat"
        assert solver.ask(text([formula(a >= 1)], INTEGER), 5).result == "sat"
    finally:
        solver.stop()
