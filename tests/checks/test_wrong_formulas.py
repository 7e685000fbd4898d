"""Each formula that a claim uses, made wrong by one and made constant, is noticed by a claim.

The laws are asked first, on their samples.  What none of them notices, a campaign does.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from inspect import getmembers, isfunction
from typing import Any

import attrs
import pytest

from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Kind
from clearspec_checks.campaign import campaign
from clearspec_checks.reach import reachable

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


@contextmanager
def planted(function: Any, wrong: Any) -> Iterator[None]:
    """What the function gives goes through `wrong`, wherever a module of the model knows it."""

    @wraps(function)
    def changed(*arguments: Any, **named: Any) -> Any:
        return wrong(function(*arguments, **named))

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


def noticed_by(machine: str, function: Any, wrong: Any) -> str:
    """The law, or the claim in a campaign, that notices the wrong formula; "" if none does."""
    found, codes = registry.find(machine), laws_about(machine)[function]
    with planted(function, wrong):
        for law in found.spec.claims:
            if law.kind is Kind.LAW and law.code in codes and breaks(law):
                return law.code
        finding = campaign(found, COMMANDS, processes=1).finding
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


ALL = [
    pytest.param(
        machine, function, wrong, id=f"{function.__module__.rsplit('.', 1)[1]}.{function.__qualname__}: {wrong}"
    )
    for machine in registry.names()
    for function in formulas(machine)
    for wrong in WRONGS
]


@pytest.mark.parametrize(("machine", "function", "wrong"), ALL)
def test_a_wrong_formula_is_noticed(machine, function, wrong):
    assert noticed_by(machine, function, WRONGS[wrong]())


def test_what_notices_nothing_would_be_seen():
    [function] = [each for each in formulas("exchange") if each.__qualname__ == "adl_rank"]
    assert noticed_by("exchange", function, lambda value: value) == ""
