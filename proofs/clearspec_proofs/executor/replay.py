"""From a solver's model back to plain integers: a state and a beat that the machine itself can run."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from math import prod
from typing import Any

import attrs
from attrs import frozen

from clearspec.core.claims import Kind
from clearspec.core.machine import Machine, Rejected
from clearspec.core.table import Id, Table
from clearspec_proofs.executor.arithmetic import active, le
from clearspec_proofs.executor.merging import merged, merged_formula
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.rows import Ghost, Sum, weight
from clearspec_proofs.executor.tables import SymTable, equal
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Int,
    any_of,
    both,
    formula,
    id_of,
    implies,
    negated,
    symbol,
    truth,
)
from clearspec_proofs.solving.smt import INTEGER, text
from clearspec_proofs.solving.solvers import Solver

Values = Mapping[str, int]
BOUNDS = (3, 40, 10_000, 10_000_000, None)
"""Small numbers first."""


@frozen
class Counterexample:
    """A state on which every claim holds, and a beat after which one does not: on plain integers."""

    before: Any
    beat: Any
    text: str

    def __str__(self) -> str:
        return self.text


def evaluated(terms: Mapping[tuple[str, ...], int], values: Values) -> int:
    """The value of a polynomial."""
    return sum(c * prod(values.get(name, 0) for name in m) for m, c in terms.items())


class Exact(Mapping[str, int]):
    """Values that know all rows of the tables, and so whether all rows meet a predicate."""

    @abstractmethod
    def whole(self, f: Formula) -> bool:
        """The truth that all rows meet the predicate of which this is the instance."""


def holds(f: Formula, values: Values) -> bool:
    """The truth of a formula.  Of values that do not know all rows: "all rows" is what it says of those known."""
    if f.kind == "every" and isinstance(values, Exact):
        return values.whole(f)
    if f.kind in ("le", "eq"):
        value = evaluated(dict(f.linear), values) + f.constant
        return value <= 0 if f.kind == "le" else value == 0
    if f.kind == "not":
        return not holds(f.parts[0], values)
    if f.kind == "or":
        return any(holds(part, values) for part in f.parts)
    return f.kind == "true" or (f.kind != "false" and all(holds(part, values) for part in f.parts))


def concrete(value: Any, values: Values, table: "Callable[[SymTable, Values], Table[Id, Any]] | None" = None) -> Any:
    """What a symbolic value is in this model; tables have the rows that are known, or what `table` says."""
    kind = type(value)
    if kind is Int:
        return evaluated(value.poly, values)
    if kind is Bool:
        return holds(value.formula, values)
    if kind is Code:
        number = concrete(value.term, values)
        if issubclass(value.kind, Enum):
            return list(value.kind)[number]
        assert issubclass(value.kind, Id)
        return id_of(value.kind, number)
    if kind is tuple:
        return tuple(concrete(each, values, table) for each in value)
    if kind is SymTable:
        return (table or _table)(value, values)
    if attrs.has(kind):
        return kind(
            **{
                each.alias: concrete(getattr(value, each.name), values, table)
                for each in attrs.fields(kind)
                if each.init
            }
        )
    return value


def _table(table: SymTable, values: Values) -> Table[Id, Any]:
    rows: dict[Id, Any] = {}
    for ghost in table.origin.ghosts:
        if holds(ghost.present, values):
            form = next(row for when, row in ghost.forms if all(holds(case, values) for case in when))
            rows[concrete(ghost.code, values)] = concrete(form, values)
    for role, row in table.origin.rows.items():
        key = concrete(table.origin.codes[role], values)
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = concrete(row, values)
    return Table(rows)


def models(
    path: Path, inputs: tuple[Any, ...], wanted: Formula, solver: Solver, timeout: float, given: tuple[Any, ...] = ()
) -> Iterator[Values]:
    """Models of the path in which the wanted holds, with small numbers and no rows beyond those that are known.

    The parameters of states that are `given` are tried first: with constants for symbols a search is short.
    """
    facts, names = [*closed(path), wanted], names_of(path, inputs)
    own = [fixed for fixed in (parameters_as(inputs[0], state) for state in given) if fixed]
    parameters = set(_integers(inputs[0].parameters)) if own else set()
    searches: list[tuple[list[Formula], int | None]] = [
        (fixed, bound) for fixed in own[:2] for bound in BOUNDS[1:3]
    ] + [([], bound) for bound in BOUNDS]
    for fixed, bound in searches:
        free = [name for name in names if not (fixed and name in parameters)]
        limits = [] if bound is None else [f for name in free for f in within(symbol(name), bound)]
        answer = solver.ask(text([*facts, *fixed, *limits], INTEGER), timeout, values=True)
        if answer.result == "sat":
            yield answer.values


def closed(path: Path, others: bool = True) -> list[Formula]:
    """The facts of a path, and that there are no rows beyond those that are known; arbitrary ones among them if there
    may be `others`."""
    with active(path):
        more = [*_claims_of_ghosts(path, others), *_nothing_else(path)]
    return [*path.knowledge.facts, *more]


def names_of(path: Path, inputs: tuple[Any, ...]) -> list[str]:
    """The symbols of the inputs, and of the rows that are known."""
    names = dict.fromkeys(_integers(inputs))
    for origin in path.world.origins:
        forms = tuple(form for ghost in origin.ghosts for form in ghost.forms)
        cases = [name for when, _ in forms for case in when for monomial in case.monomials() for name in monomial]
        names.update(dict.fromkeys((*_integers((*origin.rows.values(), *(row for _, row in forms))), *cases)))
    return list(names)


def _values(value: Any, given: Any) -> Iterator[tuple[str, int]]:
    """The symbols of a value, each with what stands in its place in another one built alike."""
    kind = type(value)
    if kind is Int and type(given) is int:
        yield next(iter(value.poly))[0], given
    elif kind is tuple and type(given) is tuple:
        for one, other in zip(value, given, strict=False):
            yield from _values(one, other)
    elif attrs.has(kind) and type(given) is kind:
        for field in attrs.fields(kind):
            yield from _values(getattr(value, field.name), getattr(given, field.name))


def parameters_as(symbolic: Any, state: Any) -> list[Formula]:
    """The parameters of a symbolic state are those of this one; nothing of a state that has none."""
    if not (hasattr(symbolic, "parameters") and hasattr(state, "parameters")):
        return []
    return [formula(symbol(name) == value) for name, value in _values(symbolic.parameters, state.parameters)]


def within(value: Int, bound: int) -> tuple[Formula, Formula]:
    """The absolute value is no more than the bound."""
    return le(-bound, value), le(value, bound)


def _claims_of_ghosts(path: Path, others: bool) -> Iterator[Formula]:
    """Let the claims hold of the rows that the path did not name, too; what that brings up is one of these, or not
    there."""
    world = path.world
    for origin in world.origins:
        world.inside[origin] = tuple(each for each in origin.ghosts if others or each not in origin.others)
    known = {id(ghost) for ghosts in world.inside.values() for ghost in ghosts}
    world.suppose()
    world.inside.clear()
    for origin in world.origins:
        for ghost in origin.ghosts:
            apart = [negated(formula(ghost.code == origin.codes[role])) for role in origin.rows]
            for fact in origin.lasting if ghost not in origin.others else ():
                yield implies(both(ghost.present, *apart), merged_formula(partial(_found, fact, ghost)))
        there = [each.code for each in origin.ghosts if id(each) in known]
        there += [origin.codes[role] for role, row in origin.rows.items() if row is not None]
        for ghost in origin.ghosts:
            if id(ghost) not in known:
                yield implies(ghost.present, any_of(*(formula(ghost.code == code) for code in there)))


def _found(fact: Any, ghost: Ghost) -> Any:
    """What a search has found of the rows of its table holds of this one."""
    return truth(fact("", ghost.row))


def rests(path: Path) -> Iterator[Any]:
    """What each sum is over the rows that are not named."""
    for origin in path.world.origins:
        for total in [each for sums in list(origin.sums.values()) for each in sums]:
            yield total.symbol - sum(
                weight(row, total.measure, total.seen, total.group) for row in list(origin.rows.values())
            )


def _nothing_else(path: Path) -> Iterator[Formula]:
    for origin in path.world.origins:
        named = [row for row in origin.rows.values() if row is not None]
        loose = [each for each in origin.ghosts if not any(form is row for _, form in each.forms for row in named)]
        known = [
            Ghost(role, origin.codes[role], (((), row),), FALSE if row is None else TRUE)
            for role, row in origin.rows.items()
        ]
        weights: list[tuple[Ghost, Formula]] = []
        for i, ghost in enumerate(loose):
            another = ghost.present
            for each in known + loose[:i]:
                is_it = formula(ghost.code == each.code)
                another = both(another, negated(is_it))
                alike = TRUE if each.forms[0][1] is None else merged_formula(partial(_alike, ghost, each))
                yield implies(
                    is_it, both(alike, implies(ghost.present, each.present), implies(each.present, ghost.present))
                )
            weights.append((ghost, another))
        for sums in list(origin.sums.values()):
            for total in sums:
                rest = total.symbol
                for row in origin.rows.values():
                    rest = rest - weight(row, total.measure, total.seen, total.group)
                for ghost, counts in weights:
                    share = merged(partial(_share, ghost, total))
                    rest = rest - path.either(counts, share, 0)
                yield formula(rest == 0)


def _alike(one: Ghost, other: Ghost) -> Any:
    return truth(equal(one.row, other.row))


def _share(ghost: Ghost, total: Sum) -> Any:
    return weight(ghost.row, total.measure, total.seen, total.group)


def _integers(value: Any) -> Iterator[str]:
    kind = type(value)
    if kind is Int:
        yield from (name for monomial in value.poly for name in monomial)
    elif kind is tuple:
        for each in value:
            yield from _integers(each)
    elif attrs.has(kind):
        for field in attrs.fields(kind):
            yield from _integers(getattr(value, field.name))


def broken(machine: Machine[Any], before: Any, beat: Any, code: str) -> str | None:
    """On plain integers: what goes wrong, if every claim holds before the beat and this one does not after it."""
    claim = next((each for each in machine.spec.claims if each.code == code), None)
    if claim is not None and claim.kind is Kind.LAW:
        return None if _true(claim, *beat) else "the law fails"
    for claim in machine.spec.claims:
        if claim.kind is Kind.STATE and not claim.unproved and not _true(claim, before):
            return None
    due = machine.spec.due(before)
    if (due is not None and due != beat) or (due is None and type(beat) not in machine.spec.commands):
        return None
    try:
        outcome = machine.spec.beat(before, beat)
    except Exception as error:
        return f"raises {error!r}" if code == "no-crash" else None
    if code == "no-crash":
        return "is rejected, though it was due" if due is not None and isinstance(outcome, Rejected) else None
    claim = next(each for each in machine.spec.claims if each.code == code)
    if claim.kind is Kind.OUTCOME:
        arguments: tuple[Any, ...] = (before, beat, outcome)
    elif isinstance(outcome, Rejected):
        return None
    else:
        arguments = (outcome.state,) if claim.kind is Kind.STATE else (before, beat, outcome)
    return None if _true(claim, *arguments) else f"{outcome}"


def _true(claim: Any, *arguments: Any) -> bool:
    try:
        return bool(claim(*arguments))
    except Exception:
        return False
