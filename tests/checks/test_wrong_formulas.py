"""Each formula that a claim uses, made wrong by one and made constant, is noticed by a claim.

The laws are asked first, on their samples.  What none of them notices, a campaign does.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import getmembers, isfunction
from types import FunctionType
from typing import Any

import attrs
import pytest

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Kind
from clearspec_checks.opinions.reach import reachable
from clearspec_checks.runs.campaign import campaign

SAMPLES, COMMANDS, SECONDS = 100, 12_000, 4


def modules(machine: str, *rooms: str) -> list[Any]:
    """The modules of these rooms of a machine, and the mechanisms that machines share."""
    registry.find(machine)
    named = tuple(f"clearspec.machines.{machine}.{room}." for room in rooms)
    return [each for name, each in sorted(sys.modules.items()) if name.startswith((*named, "clearspec.mechanisms."))]


def formulas(machine: str) -> Iterator[Any]:
    """The formulas that a claim of the machine may call."""
    used = reachable(
        [each.holds for each in registry.find(machine).spec.claims], modules(machine, "claims", "formulas")
    )
    for module in modules(machine, "formulas"):
        for _, function in getmembers(module, isfunction):
            if function.__module__ == module.__name__ and function in used:
                yield function


def one_more(value: Any) -> Any:
    return other(value, 1)


def one_less(value: Any) -> Any:
    return other(value, -1)


def other(value: Any, by: int) -> Any:
    """The value with its first number so much larger; what is true, false."""
    if value is True or value is False:
        return not value
    if isinstance(value, int):
        return value + by
    if isinstance(value, tuple) and value:
        return (other(value[0], by), *value[1:])
    if attrs.has(type(value)):
        first = attrs.fields(type(value))[0].name
        return attrs.evolve(value, **{first: other(getattr(value, first), by)})
    return value


def always(answers: list[Any]) -> Any:
    def first(value: Any) -> Any:
        answers.append(value)
        return answers[0]

    return first


WRONGS = {"one more": lambda: one_more, "one less": lambda: one_less, "constant": lambda: always([])}


def _through(*arguments: Any, **named: Any) -> Any:
    return wrong(function(*arguments, **named))  # type: ignore[name-defined]  # noqa: F821


@contextmanager
def planted(function: Any, wrong: Any) -> Iterator[None]:
    """What the function gives goes through `wrong`, wherever a module of the model knows it."""

    # Tables refuse a measure that holds on to something, so the two names are globals of a module that is none.
    changed = FunctionType(_through.__code__, {"function": function, "wrong": wrong}, function.__name__)
    vars(changed).update(vars(function))
    places = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key.startswith("clearspec.")
        for name, value in list(vars(module).items())
        if value is function
    ]
    with pytest.MonkeyPatch.context() as patch:
        for module, name in places:
            patch.setattr(module, name, changed)
        yield


def noticed_by_a_law(machine: str, function: Any, wrong: str) -> str:
    """The law that notices the wrong formula; "" if none does."""
    codes = laws_about(machine)[function]
    with planted(function, WRONGS[wrong]()):
        return next(
            (each.code for each in registry.find(machine).spec.claims if each.code in codes and breaks(each)), ""
        )


def noticed_in_a_campaign(machine: str, function: Any, wrong: str) -> str:
    """The claim that notices the wrong formula in a campaign; "" if none does."""
    with planted(function, WRONGS[wrong]()):
        finding = campaign(registry.find(machine), COMMANDS, processes=1).finding
    return "" if finding is None else finding.code


@cache
def laws_about(machine: str) -> dict[Any, list[str]]:
    """The codes of the laws that may call each formula."""
    laws = [each for each in registry.find(machine).spec.claims if each.kind is Kind.LAW]
    called = {each.code: reachable([each.holds], modules(machine, "claims", "formulas")) for each in laws}
    return {each: [code for code, own in called.items() if each in own] for each in formulas(machine)}


def breaks(law: Any) -> bool:
    """Is the law false of a sample, or does it raise, or not end in time?"""
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return not all(law.holds(*law.sample(SeededChoices(seed))) for seed in range(SAMPLES))
    except Exception:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late(*_: object) -> None:
    raise TimeoutError("a law did not end in time")


EQUIVALENT = {
    "calendar.open_days: one more": "a count from some day on: only differences of two counts are used",
    "calendar.open_days: one less": "the same",
    "book.priority: one more": "ranks are only compared, and all of them move alike",
    "book.priority: one less": "the same",
}
"""What changes nothing, with the reason."""

BY_PROOF = {"lending.valid_curve: constant": "EX-PAR-2"}
"""What neither samples nor runs notice, since few curves are not valid there; a proof of that law takes all of them."""

BY_RUNS = {
    *("margin.concentration_charge: one less", "margin.scenario_loss: one less"),
    *("pro_rata.allotted: one more", "pro_rata.allotted: one less"),
    *(f"book.crosses: {each}" for each in WRONGS),
    *(f"book.crosses_limit: {each}" for each in WRONGS),
    *(f"book.protection_price: {each}" for each in WRONGS),
    *(f"custody.unpaid: {each}" for each in WRONGS),
    *(f"exposure.alone: {each}" for each in WRONGS),
    *(f"exposure.gain: {each}" for each in WRONGS),
    *(f"exposure.open_lots: {each}" for each in WRONGS),
    *(f"margin.at_risk: {each}" for each in WRONGS),
    *("perpetual.after_fill: one more", "perpetual.change: one less", "perpetual.closed_lots: constant"),
    *(f"perpetual.cost_share: {each}" for each in WRONGS),
    "lending.lend_growth: one less",
}
"""What no law notices on its samples, and a campaign does.  CI takes some of them; all of them are asked by
`python tests/checks/test_wrong_formulas.py`."""

IN_CI = (
    "pro_rata.allotted: one more",
    "custody.unpaid: one more",
    "margin.at_risk: constant",
    "book.crosses: constant",
)


def all_of_them() -> dict[str, tuple[str, Any, str]]:
    """Each wrong formula by its name: the machine, the formula, and what is wrong with it."""
    return {
        f"{function.__module__.rsplit('.', 1)[1]}.{function.__qualname__}: {wrong}": (machine, function, wrong)
        for machine in registry.names()
        for function in formulas(machine)
        for wrong in WRONGS
    }


ALL = all_of_them()


@pytest.mark.parametrize("name", sorted({*ALL} - {*EQUIVALENT, *BY_PROOF} - BY_RUNS))
def test_a_law_notices_a_wrong_formula(name):
    assert noticed_by_a_law(*ALL[name])


@pytest.mark.parametrize("name", IN_CI)
def test_a_campaign_notices_a_wrong_formula(name):
    assert noticed_in_a_campaign(*ALL[name])


@pytest.mark.parametrize("name", BY_PROOF)
def test_a_proof_notices_a_wrong_formula(name):
    matrix = pytest.importorskip("clearspec_proofs.matrix.matrix")
    (machine, function, wrong), code = ALL[name], BY_PROOF[name]
    with planted(function, WRONGS[wrong]()):
        [row] = matrix.prove(registry.find(machine), codes=[code], workers=1)
    assert (row.invariant, row.verdict) == (code, "refuted")


def test_what_is_listed_is_there():
    assert {*EQUIVALENT, *BY_PROOF, *BY_RUNS} <= {*ALL}
    assert {*IN_CI} <= BY_RUNS


def test_what_notices_nothing_would_be_seen(monkeypatch):
    monkeypatch.setitem(WRONGS, "nothing", lambda: lambda value: value)
    [function] = [each for each in formulas("exchange") if each.__qualname__ == "adl_rank"]
    assert noticed_by_a_law("exchange", function, "nothing") == ""


def main() -> int:
    """Ask a campaign of each that no law notices; exit code 1 if it notices one of them nowhere."""
    missed = 0
    for name in sorted(BY_RUNS):
        by = noticed_in_a_campaign(*ALL[name])
        missed += not by
        print(f"{name:45} {by or 'NOTHING NOTICES'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
