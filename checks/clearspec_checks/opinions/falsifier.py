"""CrossHair as a falsifier: it runs the model on symbols of its own, and shares nothing with our prover but Z3.

What it finds is run again on plain values, and counts only if it is wrong there.  That it finds nothing proves nothing,
also where it says that it has confirmed all paths: that is one solver's word, by way of a model of Python of its own.
"""

from ast import literal_eval
from collections.abc import Callable, Iterator
from enum import Enum
from inspect import BoundArguments, Parameter, Signature
from typing import Any

import attrs
from attrs import evolve, frozen

from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Claim

SAMPLES = 20
"""So many samples of a law are looked at for the shapes that its arguments have."""

CONFIRMED, FAILED = "confirmed", "failed"


@frozen
class Opinion:
    """Arguments of which a law does not hold, if any were found; else what CrossHair says, in one word and more."""

    arguments: tuple[Any, ...] | None
    word: str
    said: str


def opinion(law: Claim, seconds: float) -> Opinion:
    """Look for arguments of which a law is false or raises, in so many seconds of the processor.

    They have the shape of some sample: as many entries, the same ids, something where there is something.  All numbers,
    flags and choices in them are any of their type.
    """
    opinions = []
    shapes = _shapes(law)
    for template in shapes:
        opinions.append(_of_shape(law, template, seconds / len(shapes)))
        if opinions[-1].arguments is not None:
            return opinions[-1]
    return next((each for each in opinions if each.word != CONFIRMED), opinions[0])


@frozen
class Difference:
    """Arguments with which two functions do not do the same, and what each returns or raises."""

    arguments: dict[str, Any]
    one: str
    other: str


def difference(one: Callable[..., Any], other: Callable[..., Any], seconds: float) -> Difference | None:
    """Look for numbers and flags with which two functions do not return, or raise, the same."""
    from crosshair.diff_behavior import diff_behavior
    from crosshair.fnutil import FunctionInfo
    from crosshair.options import DEFAULT_OPTIONS

    options = DEFAULT_OPTIONS.overlay(per_condition_timeout=seconds)
    found = diff_behavior(FunctionInfo.from_fn(one), FunctionInfo.from_fn(other), options)
    if isinstance(found, str):
        raise ValueError(found)
    for each in found:
        arguments = {name: literal_eval(text) for name, text in each.args.items()}
        results = _result(one, arguments), _result(other, arguments)
        if results[0] != results[1]:
            return Difference(arguments, *results)
    return None


def _result(function: Callable[..., Any], arguments: dict[str, Any]) -> str:
    try:
        return repr(function(**arguments))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _of_shape(law: Claim, template: tuple[Any, ...], seconds: float) -> Opinion:
    from crosshair.condition_parser import POSTCONDITION, ConditionExpr, Conditions
    from crosshair.core import ConditionCheckable
    from crosshair.core_and_libs import run_checkables
    from crosshair.fnutil import FunctionInfo
    from crosshair.options import DEFAULT_OPTIONS

    def holds(*leaves: Any) -> bool:
        return law(*_rebuilt(template, iter(leaves)))

    found: list[tuple[Any, ...]] = []

    def noted(arguments: BoundArguments, returned: object, _: object) -> tuple[str, str]:
        found.append(_rebuilt(template, iter(arguments.args)))
        return law.code, repr(returned)

    kinds = [type(each) for each in _leaves(template)]
    typed = Signature([Parameter(f"x{i}", Parameter.POSITIONAL_ONLY, annotation=kind) for i, kind in enumerate(kinds)])
    wanted = ConditionExpr(POSTCONDITION, lambda names: names["__return__"] is True, "", 0, law.sentence)
    conditions = Conditions(holds, law.holds, [], [wanted], frozenset(), typed, None, [], noted)
    options = DEFAULT_OPTIONS.overlay(per_condition_timeout=seconds)
    try:
        messages = run_checkables([ConditionCheckable(FunctionInfo.from_fn(holds), options, conditions)])
    except Exception as error:  # its own; one that the law raises is a message
        return Opinion(None, FAILED, f"{type(error).__name__}: {error}")
    said = "; ".join(each.message for each in messages)
    wrong = next((each for each in found if not _true(law, each)), None)
    words = {each.state.name.lower() for each in messages}
    return Opinion(wrong, "wrong" if wrong is not None else CONFIRMED if words == {CONFIRMED} else "open", said)


def _true(law: Claim, arguments: tuple[Any, ...]) -> bool:
    try:
        return law(*arguments) is True
    except Exception:
        return False


def _shapes(law: Claim) -> list[tuple[Any, ...]]:
    """One sample of each shape."""
    assert law.sample is not None, "a law has a sample"
    samples = [tuple(law.sample(SeededChoices(seed))) for seed in range(SAMPLES)]
    return list({repr(_rebuilt(each, _blank())): each for each in reversed(samples)}.values())


def _blank() -> Iterator[Any]:
    while True:
        yield 0


def _leaves(value: Any) -> Iterator[Any]:
    """The numbers, flags and choices in a value, from left to right."""
    if isinstance(value, int | Enum):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _leaves(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _leaves(getattr(value, field.name))


def _rebuilt(value: Any, leaves: Iterator[Any]) -> Any:
    """The value with these in the place of its leaves."""
    if isinstance(value, int | Enum):
        return next(leaves)
    if isinstance(value, tuple):
        return tuple(_rebuilt(each, leaves) for each in value)
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return evolve(value, **{each.alias: _rebuilt(getattr(value, each.name), leaves) for each in fields})
    return value
