"""The prover against mutants: a refuted cell kills; the same beats before and after the change acquit."""

from typing import Any

from clearspec import registry
from clearspec.machine import Machine
from clearspec_checks.killers import Killer
from clearspec_checks.mutants import Mutant, applied, function_of, modules_of
from clearspec_checks.reach import beats_that_call, laws_that_call, outside_of_beats
from clearspec_cli.proofs import PROVED


class _Refuted(Exception):
    """Enough is known: one cell is refuted."""


def refutation(machine: Machine[Any], mutant: Mutant | None) -> str:
    """The first cell that is refuted, of the beats and laws that may run the mutated line; "" if there is none."""
    assert mutant is not None, "proofs are only asked about mutants"
    if same_alone(machine, mutant):
        return ""
    with applied(mutant, machine):
        return first_refuted(machine, mutant)


def first_refuted(machine: Machine[Any], mutant: Mutant) -> str:
    """The first cell that is refuted, while the mutant is in place of the rule."""
    from clearspec_proofs.prove import prove

    def on_row(row: Any) -> None:
        if row.verdict == "refuted":
            raise _Refuted(f"{row.invariant} by {row.beat} is refuted")

    function, modules = function_of(mutant), modules_of(registry.module(machine.name))
    laws = laws_that_call(function, machine, modules)
    try:
        if laws:
            prove(machine, codes=laws, beats=("law",), workers=1, on_progress=on_row)
        for beat in beats_that_call(function, machine, modules):
            prove(machine, beats=(beat,), workers=1, on_progress=on_row)
    except _Refuted as refuted:
        return str(refuted)
    return ""


def equivalence(machine: Machine[Any], mutant: Mutant | None) -> str:
    """Why the mutant is none: its function, or every beat that may run it, does as before; "" if not proved."""
    from clearspec_proofs.equivalence import same

    assert mutant is not None, "only a mutant can be equivalent"
    function, modules = function_of(mutant), modules_of(registry.module(machine.name))
    if same_alone(machine, mutant):
        return f"{function.__qualname__} is proved to return the same"
    beats = beats_that_call(function, machine, modules)
    if not beats or outside_of_beats(function, machine, modules):
        return ""
    for beat in beats:
        if same(machine, beat, lambda: applied(mutant, machine)).verdict not in PROVED:
            return ""
    return f"proved the same in {', '.join(beats)}"


def same_alone(machine: Machine[Any], mutant: Mutant) -> bool:
    """Is the mutated function proved to return the same as before, whoever calls it?"""
    from clearspec_proofs.equivalence import same_function

    return same_function(machine, function_of(mutant), lambda: applied(mutant, machine)).verdict in PROVED


REFUTATION = Killer("proofs", "proofs", 600, refutation, endless_kills=False, mutated=False)
EQUIVALENCE = Killer("equivalence", "equivalent", 600, equivalence, endless_kills=False, mutated=False)
