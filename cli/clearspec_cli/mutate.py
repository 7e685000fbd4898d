"""clearspec mutate: which mutants of the rules the checks notice."""

from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import asdict

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.mutation.judged import judged
from clearspec_checks.mutation.killers import CLAIMS, COLUMNS, EQUIVALENT, Killer, complaints, killers
from clearspec_checks.mutation.mutants import mutants_of, sample
from clearspec_checks.mutation.mutate import Fate, Kept
from clearspec_checks.mutation.mutate import mutate as run_mutants
from clearspec_checks.mutation.operators import OPERATORS
from clearspec_cli.mutants_proved import with_proofs
from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.proofs import require_prover
from clearspec_cli.refusal import Interrupted, Refused, machines_named, unknown

JUDGED = Killer("judged by hand", EQUIVALENT, 10, judged, endless_kills=False, mutated=False)
MOST_BY_HAND = 0.02
"""Of all mutants, the share that may be called equivalent by hand; of few mutants, one."""


def mutate(
    machine: str | None,
    *,
    operators: str | None,
    sample_size: int | None,
    seed: int,
    jobs: int,
    matrix: bool,
    fresh: bool,
    proofs: bool,
    json: str | None,
) -> bool:
    """Try the mutants of one machine or all."""
    output, begun = Output(json), monotonic()
    chosen = operators_named(operators)
    if proofs:
        require_prover()
    fates: list[Fate] = []
    interrupted = False
    for each in machines_named(machine):
        found, interrupted = mutate_machine(output, each, chosen, sample_size, seed, jobs, matrix, fresh, proofs)
        fates.extend(found)
        if interrupted:
            break
    show(output, fates)
    survivors = [fate for fate in fates if fate.survived]
    by_hand = [fate for fate in fates if fate.by_hand]
    if matrix:
        show_columns(output, fates)
    output.say()
    output.say(
        f"{counted(len(fates), 'mutant')}: {sum(bool(fate.killed_by) for fate in fates)} killed,"
        f" {sum(fate.equivalent for fate in fates)} equivalent ({len(by_hand)} of them judged by hand),"
        f" {len(survivors)} survived, {monotonic() - begun:.0f} s"
    )
    unanswered = [each for fate in fates for each in fate.unanswered]
    if unanswered:
        output.say(
            f"{counted(len(unanswered), 'question')} ended in an error, which tells nothing; one: {unanswered[0]}"
        )
    too_many = len(by_hand) > max(1, MOST_BY_HAND * len(fates))
    if too_many:
        output.say(f"too many are judged by hand: at most {100 * MOST_BY_HAND:g} % may be")
    output.deliver(
        {
            "ok": not survivors and not interrupted and not too_many,
            "seconds": round(monotonic() - begun, 1),
            "interrupted": interrupted,
            "columns": columns_of(fates),
            "mutants": [asdict(fate) for fate in fates],
        }
    )
    if interrupted:
        raise Interrupted("the same command goes on from here")
    return not survivors and not too_many


def operators_named(names: str | None) -> Sequence[str]:
    """The operators with these names, separated by commas; all of them without."""
    if names is None:
        return OPERATORS
    chosen = [each.strip() for each in names.split(",")]
    for each in chosen:
        if each not in OPERATORS:
            raise unknown("operator of mutation", each, OPERATORS)
    return chosen


def mutate_machine(
    output: Output,
    machine: Machine[Any],
    operators: Sequence[str],
    size: int | None,
    seed: int,
    jobs: int,
    matrix: bool,
    fresh: bool,
    proofs: bool,
) -> tuple[list[Fate], bool]:
    """The fates of the mutants of one machine, and whether Ctrl-C ended it."""
    module = registry.module(machine.name)
    everything = mutants_of(machine, module, operators)
    chosen = sample(everything, size, seed)
    output.say(f"{machine.name}: {len(chosen)} of {counted(len(everything), 'mutant')}")
    columns = killers(seed)
    # What the rules as they are do not pass says nothing about a mutant.
    wrong = in_a_process_of_its_own(complaints, machine, columns)
    if wrong:
        raise Refused(f"the rules of {machine.name} fail without any mutation, {wrong[0]}; see clearspec check")
    columns = [*(with_proofs(columns) if proofs else columns), JUDGED]
    kind = f"seed {seed} matrix {matrix} proofs {proofs}"
    kept = Kept(Path(".clearspec") / f"mutants-{machine.name}.jsonl", kind)
    if fresh:
        kept.forget()
    done: list[Fate] = []
    with progress(f"mutate {machine.name}", len(chosen)) as show_progress:

        def on_fate(fate: Fate) -> None:
            done.append(fate)
            word = f"killed by {', '.join(fate.killed_by)}" if fate.killed_by else "equivalent"
            show_progress(len(done), f"mutants; {fate.id} {'SURVIVED' if fate.survived else word}")

        try:
            fates = run_mutants(
                machine,
                chosen,
                columns,
                jobs=jobs,
                matrix=matrix,
                kept=kept,
                on_fate=on_fate,
            )
        except KeyboardInterrupt:
            return done, True
    return fates, False


def in_a_process_of_its_own(function: Any, *arguments: Any) -> Any:
    """The result of a function that leaves no trace, such as cached totals, in this process."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=lambda: there.send(function(*arguments)))
    child.start()
    there.close()
    try:
        return here.recv()
    finally:
        child.join()


def show(output: Output, fates: list[Fate]) -> None:
    """Show the kills by operator and column, and every mutant that is not killed."""
    rows = []
    for operator in OPERATORS:
        own = [fate for fate in fates if fate.operator == operator]
        if not own:
            continue
        rows.append(
            (
                operator,
                len(own),
                *(sum(column in fate.killed_by for fate in own) for column in COLUMNS),
                sum(fate.equivalent for fate in own),
                sum(fate.survived for fate in own),
            )
        )
    names = ("mutants", *COLUMNS, "equivalent", "survived")
    output.say()
    output.table(("operator", *names), rows, numbers=names)
    rest = [fate for fate in fates if not fate.killed_by]
    if rest:
        output.heading("not killed")
        output.table(
            ("place", "change", "verdict"),
            [(fate.id, fate.change, f"equivalent: {fate.because}" if fate.equivalent else "SURVIVED") for fate in rest],
        )


def show_columns(output: Output, fates: list[Fate]) -> None:
    """Show what each column kills, and what only it does."""
    changed = [fate for fate in fates if not fate.equivalent]
    rows = [(each["column"], each["kills"], each["alone"]) for each in columns_of(fates)]
    by_claims = sum(any(column in CLAIMS for column in fate.killed_by) for fate in changed)
    output.say()
    output.table(("column", "kills", "alone"), rows, numbers=("kills", "alone"))
    output.say()
    output.say(
        f"the claims alone ({', '.join(CLAIMS)}) kill {by_claims} of {len(changed)} that are not equivalent,"
        f" {100 * by_claims / max(1, len(changed)):.1f} %"
    )


def columns_of(fates: list[Fate]) -> list[dict[str, Any]]:
    """How many each column kills, and how many no other one does."""
    return [
        {
            "column": column,
            "kills": sum(column in fate.killed_by for fate in fates),
            "alone": sum(fate.killed_by == (column,) for fate in fates),
        }
        for column in COLUMNS
    ]
