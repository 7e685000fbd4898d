"""The prover against mutants: a refuted cell kills; the same beats before and after the change acquit."""

from typing import Any

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.mutation.killers import EQUIVALENT, Killer
from clearspec_checks.mutation.mutants import Mutant, applied, function_of, modules_of, mutated_code
from clearspec_checks.opinions.reach import beats_that_call, laws_that_call, outside_of_beats, reachable
from clearspec_proofs.verdicts import PROVED

A_LOOK = 12.0
"""Seconds for a counterexample."""


class _Refuted(Exception):
    """Enough is known: one cell is refuted."""


def counterexample(machine: Machine[Any], mutant: Mutant | None) -> str:
    """What the mutant breaks on plain integers, if the prover soon finds that; "" if not."""
    from clearspec_proofs.change.hunt import Change, hunt

    assert mutant is not None, "proofs are only asked about mutants"
    laws, beats = run_by(machine, mutant)
    kinds = [each for each in machine.spec.claims if each.code in laws and not each.unproved]
    change = Change(function_of(mutant), mutated_code(mutant, machine))
    found = hunt(machine, [*kinds, *shortest_first(machine, beats)], change, seconds=A_LOOK)
    return f"{found.claim} by {found.beat} is refuted" if found else ""


def run_by(machine: Machine[Any], mutant: Mutant) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The laws and the beats that may run the mutated line."""
    function, modules = function_of(mutant), modules_of(registry.module(machine.name))
    return laws_that_call(function, machine, modules), beats_that_call(function, machine, modules)


def shortest_first(machine: Machine[Any], beats: tuple[str, ...]) -> list[type]:
    """The types of these beats, that of the fewest functions first."""
    modules = modules_of(registry.module(machine.name))
    kinds = [each for each in (*machine.spec.commands, *machine.spec.beats) if each.__name__ in beats]
    return sorted(kinds, key=lambda kind: len(reachable([machine.spec.beat], modules, kind)))


def refutation(machine: Machine[Any], mutant: Mutant | None) -> str:
    """The first cell that is refuted, of the beats and laws that may run the mutated line; "" if there is none."""
    assert mutant is not None, "proofs are only asked about mutants"
    with applied(mutant, machine):
        return first_refuted(machine, mutant)


def first_refuted(machine: Machine[Any], mutant: Mutant) -> str:
    """The first cell that is refuted, while the mutant is in place of the rule."""
    from clearspec_proofs.matrix.matrix import prove

    def on_row(row: Any) -> None:
        if row.verdict == "refuted":
            raise _Refuted(f"{row.invariant} by {row.beat} is refuted")

    laws, beats = run_by(machine, mutant)
    try:
        if laws:
            prove(machine, codes=laws, beats=("law",), workers=1, on_progress=on_row)
        for beat in shortest_first(machine, beats):
            prove(machine, beats=(beat.__name__,), workers=1, on_progress=on_row)
    except _Refuted as refuted:
        return str(refuted)
    return ""


def equivalence(machine: Machine[Any], mutant: Mutant | None) -> str:
    """Why the mutant is none: its function, or every beat that may run it, does as before; "" if not proved."""
    from clearspec_proofs.change.equivalence import same, same_function

    assert mutant is not None, "only a mutant can be equivalent"
    function, modules = function_of(mutant), modules_of(registry.module(machine.name))
    if same_function(machine, function, lambda: applied(mutant, machine)).verdict in PROVED:
        return f"{function.__qualname__} is proved to return the same"
    _, beats = run_by(machine, mutant)
    if not beats or outside_of_beats(function, machine, modules):
        return ""
    for beat in shortest_first(machine, beats):
        if same(machine, beat.__name__, lambda: applied(mutant, machine)).verdict not in PROVED:
            return ""
    return f"proved the same in {', '.join(beats)}"


HUNT = Killer("hunt", "proofs", 3 * A_LOOK, counterexample, endless_kills=False, mutated=False)
EQUIVALENCE = Killer("equivalence", EQUIVALENT, 300, equivalence, endless_kills=False, mutated=False)
REFUTATION = Killer("proofs", "proofs", 300, refutation, endless_kills=False, mutated=False, thorough=True)


def with_proofs(killers: list[Killer]) -> list[Killer]:
    """These killers and the prover: before what takes long, the question whether the mutant is one."""
    short = [each for each in killers if not each.thorough]
    return [*short, HUNT, EQUIVALENCE, *(each for each in killers if each.thorough), REFUTATION]
