"""Does a changed function change anything?  The same question twice on each path, before and after the change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from itertools import product
from time import monotonic
from types import FunctionType
from typing import Any, get_type_hints

import attrs

from clearspec.core import quantities
from clearspec.core.choices import Choices
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Machine
from clearspec_proofs.executor.arithmetic import on_plain_integers
from clearspec_proofs.executor.congruence import Congruence
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.replay import Counterexample, concrete, models
from clearspec_proofs.executor.tables import equal
from clearspec_proofs.logic.terms import FALSE, TRUE, Formula, Unsupported, both, negated
from clearspec_proofs.matrix.matrix import Row
from clearspec_proofs.matrix.prover import Followed, Prover, demanded, follow, left_of

Swap = Callable[[], AbstractContextManager[Any]]


def same(machine: Machine[Any], beat_name: str, swap: Swap, *, timeout: float = 5, seconds: float = 60) -> Row:
    """Prove that a beat does the same, events and reasons included, with the function that `swap()` puts in place.

    What runs beside beats is not looked at: a change of `conclude` is not found.
    """
    kind = next(each for each in (*machine.spec.commands, *machine.spec.beats) if each.__name__ == beat_name)
    return _compared(machine, beat_name, kind, partial(_same_outcome, machine), swap, timeout, seconds)


def same_function(
    machine: Machine[Any], function: FunctionType, swap: Swap, *, timeout: float = 5, seconds: float = 30
) -> Row:
    """Prove that the function returns the same for any arguments of its types, valid or not.

    What is fixed in an argument is as in some place of the initial states.  A guess that a search starts from is not
    looked at: by the laws of the search, its result does not depend on it.
    """
    hints = get_type_hints(function)
    del hints["return"]
    states = (machine.spec.initial, *machine.drive.variants.values())
    templates = [_parts(hint, states) if attrs.has(hint) else [None] for hint in hints.values()]
    row = Row("same", machine.name, function.__qualname__, "unknown", reason="no arguments")
    for chosen in product(*templates):
        law = Claim("-", "", Kind.LAW, function, sample=partial(_given, chosen))
        row = _compared(machine, function.__qualname__, law, partial(_same_result, function), swap, timeout, seconds)
        if row.verdict not in ("normalised", "agreed"):
            break
    return row


def _compared(
    machine: Machine[Any],
    name: str,
    kind: type | Claim,
    same_again: Callable[[Followed, Swap], Formula],
    swap: Swap,
    timeout: float,
    seconds: float,
) -> Row:
    prover, started = Prover(machine, (), timeout), monotonic()
    verdict, reason, solvers, paths = "normalised", "", frozenset({"z3", "cvc5"}), 0
    found: Counterexample | None = None
    left: list[tuple[int, ...]] = [()]

    def then(run: Followed) -> None:
        nonlocal verdict, reason, solvers, found
        goal = demanded(run.path, same_again(run, swap))
        if goal is not TRUE:
            goal = left_of(run.path.knowledge, Congruence(run.path).formula(goal))
        for part in () if goal is TRUE else goal.parts if goal.kind == "and" else (goal,):
            names = frozenset(prover.obligations.shown(run.path.knowledge, part))
            solvers &= names
            verdict = "agreed" if len(solvers) == 2 else "one-solver"
            if not names:
                found = _difference(machine, run, swap, part, prover) if run.before is not None else None
                verdict, reason = ("refuted", "it differs") if found else ("unknown", f"open: {part!r}"[:300])
                return

    try:
        with patched(machine):
            _refuse_primitives(swap)
            while left and verdict not in ("refuted", "unknown"):
                run = follow(machine, kind, left.pop(), then)
                left.extend(run.path.alternatives)
                paths += run.ending in ("accepted", "rejected")
                if run.ending == "unsupported":
                    verdict, reason = "unknown", run.reason
                elif monotonic() - started > seconds:
                    verdict, reason = "unknown", "out of time"
    except Unsupported as signal:
        verdict, reason = "unknown", str(signal)
    finally:
        prover.stop()
    if not paths and verdict == "normalised":
        verdict, reason = "unknown", "vacuous: no path"
    names = tuple(sorted(solvers)) if verdict in ("agreed", "one-solver") else ()
    return Row("same", machine.name, name, verdict, names, monotonic() - started, paths, "", reason, found)


def _parts(kind: Any, whole: Any) -> list[Any]:
    """The values of that type in the initial states that differ in what is fixed; any one, if there is none."""
    fixed = [each.name for each in attrs.fields(kind) if each.metadata.get("fixed")]
    seen: dict[tuple[Any, ...], Any] = {}
    todo = [whole]
    while todo:
        here = todo.pop()
        if type(here) is kind:
            seen.setdefault(tuple(getattr(here, name) for name in fixed), here)
        elif isinstance(here, tuple):
            todo.extend(here)
        elif attrs.has(type(here)):
            todo.extend(getattr(here, each.name) for each in attrs.fields(type(here)))
    return list(seen.values()) or [None]


def _given(chosen: tuple[Any, ...], _: Choices) -> tuple[Any, ...]:
    return chosen


def _refuse_primitives(swap: Swap) -> None:
    codes = [function.__code__ for function in (quantities.largest, quantities.smallest)]
    with swap():
        if codes != [function.__code__ for function in (quantities.largest, quantities.smallest)]:
            raise Unsupported("the change is in a primitive that the prover replaces")


def _same_result(function: FunctionType, run: Followed, swap: Swap) -> Formula:
    if run.ending == "crash":
        return FALSE
    run.path.forget()
    with swap():
        try:
            return equal(run.outcome, function(*run.beat))
        except Exception:
            return FALSE
        finally:
            run.path.forget()


def _same_outcome(machine: Machine[Any], run: Followed, swap: Swap) -> Formula:
    if run.ending == "crash":
        return FALSE
    due = machine.spec.due(run.before)
    run.path.forget()
    with swap():
        try:
            other_due = machine.spec.due(run.before)
            outcome = machine.spec.beat(run.before, run.beat)
        except Exception:
            return FALSE
        finally:
            run.path.forget()
    return both(equal(due, other_due), equal(run.outcome, outcome))


def _difference(
    machine: Machine[Any], run: Followed, swap: Swap, part: Formula, prover: Prover
) -> Counterexample | None:
    for values in models(run.path, (run.before, run.beat), negated(part), prover.obligations.solvers[0], 2.0):
        before, beat = concrete(run.before, values), concrete(run.beat, values)
        with on_plain_integers():
            first = _printed(machine, before, beat)
            with swap():
                second = _printed(machine, before, beat)
        if first != second:
            return Counterexample(before, beat, f"{before}\n-- {beat} -->\n{first}\nbut changed\n{second}")
    return None


def _printed(machine: Machine[Any], before: Any, beat: Any) -> str:
    try:
        return str(machine.spec.beat(before, beat))
    except Exception as error:
        return repr(error)
