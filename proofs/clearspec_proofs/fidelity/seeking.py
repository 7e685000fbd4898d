"""A state and a beat on plain integers that take a path: what no random run has found, solvers are asked for.

First near the runs that went along with the path for long: with what they left it for, and what hangs on that, to be
found, and all else as it is.  Then in small worlds: with no rows but those that the path and its claims speak of, and
with the claims of all of these.  What is found counts for nothing here: who asked runs it.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

from clearspec_proofs.executor.arithmetic import active
from clearspec_proofs.executor.replay import closed, concrete, names_of, parameters_as, rests, within
from clearspec_proofs.fidelity.runs import Watched
from clearspec_proofs.fidelity.samples import Pair
from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import Formula, Infeasible, Int, Unsupported, formula, symbol
from clearspec_proofs.matrix.prover import Followed
from clearspec_proofs.solving.smt import INTEGER, short_text, text
from clearspec_proofs.solving.solvers import Solver

NEAREST, SEARCH = 4, 3.0
"""How many runs that took part of the path are led along the rest of it; and seconds to look for a model, in all."""

MODELS = 0.5
"""Seconds of a solver for a model near a run."""

BOUND, ROUNDS = 10_000, 3
"""Small numbers; and how often facts are simplified by what was found in them."""

IN_A_WORLD, SMALL = 1.0, 8.0
"""Seconds of a solver for a model in a small world, and of all such models of a path."""


def sought(run: Followed, solver: Solver, given: tuple[Any, ...]) -> Iterator[Pair]:
    """States and beats that may take the path of this run; parameters of the `given` states are tried first."""
    path = run.path
    assert isinstance(path, Watched)
    for search in (near_runs(run, solver), small_worlds(run, solver, given)):
        try:
            yield from search
        except (Infeasible, Unsupported):
            path.signal = None  # said of what was looked for, not of the path


def near_runs(run: Followed, solver: Solver) -> Iterator[Pair]:
    """From runs that left the path late."""
    path = run.path
    assert isinstance(path, Watched)
    inputs, until = (run.before, run.beat), monotonic() + SEARCH
    names, facts, asked = names_of(path, inputs), list(path.knowledge.facts), set[str]()
    with active(path):
        others = [rest for rest in rests(path) if type(rest) is Int]
    for near, condition in path.nearest(NEAREST):
        for wide in (False, True):
            if monotonic() > until:
                return
            free = _free(path, condition, names, wide)
            with suppress(Exception):  # it is on another way: not each symbol has a value there
                fixed = [formula(symbol(name) == near[name]) for name in names if name not in free]
                kept = [formula(rest == near.plain(rest)) for rest in others]
                question = text([*facts, *fixed, *kept], INTEGER)
                if question in asked:
                    continue
                asked.add(question)
                answer = solver.ask(question, MODELS, values=True)
                if answer.result == "sat":
                    yield near.led(run.before, answer.values), near.led(run.beat, answer.values)


def _free(path: Watched, condition: Formula | None, names: list[str], wide: bool) -> set[str]:
    """Of these names: the beat's, and those that a condition is about, through all that they stand for; `wide`, all of
    the rows in which those stand."""
    about: set[str] = set()
    left: list[Any] = [condition]
    while left:
        part = left.pop()
        if isinstance(part, Formula):
            left += [name for monomial in part.monomials() for name in monomial]
        elif isinstance(part, str) and part not in about:
            about.add(part)
            left.append(path.meaning(part) if "!" in part else None)
        elif isinstance(part, tuple | frozenset):
            left += part
    rows = {name.partition("]")[0] for name in about if wide and "]" in name}
    return {name for name in names if name in about or name.startswith("c.") or name.partition("]")[0] in rows}


def small_worlds(run: Followed, solver: Solver, given: tuple[Any, ...]) -> Iterator[Pair]:
    """Without rows that nobody speaks of; first without those that only claims on all rows speak of."""
    path, inputs, until = run.path, (run.before, run.beat), monotonic() + SMALL
    fixed = [parameters_as(run.before, state) for state in given]
    for others in (False, True):
        facts = closed(path, others)
        names = names_of(path, inputs)
        limits = [limit for name in names for limit in within(symbol(name), BOUND)]
        for own, bounds in (
            *((each, limits) for each in fixed),
            ([], []),
            *((each, []) for each in fixed),
            ([], limits),
        ):
            if monotonic() > until:
                return
            question = simplified(own, bounds, facts)
            answer = solver.ask(short_text(question), IN_A_WORLD, values=True) if question else None
            if answer is not None and answer.result == "sat":
                yield concrete(run.before, answer.values), concrete(run.beat, answer.values)
            elif not own and not bounds and (answer is None or answer.result == "unsat"):
                break  # there is no such world


def simplified(*facts: Iterable[Formula]) -> list[Formula]:
    """The facts in simplest form; none if they are seen to contradict each other."""
    left = list(dict.fromkeys(each for some in facts for each in some))
    for _ in range(ROUNDS):
        known = Knowledge()
        try:
            for fact in sorted(left, key=lambda fact: fact.kind == "or"):
                known.learn(fact)
        except Contradiction:
            return []
        left = list(known.facts)
    return left
