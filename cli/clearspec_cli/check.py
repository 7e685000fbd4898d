"""clearspec check: everything that can be checked, in one table."""

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any

from attrs import field, frozen
from rich.text import Text

from clearspec import registry
from clearspec.core.claims import Claim
from clearspec.core.machine import Machine
from clearspec_checks.runs.campaign import JUDGED_FROM, Report
from clearspec_checks.runs.explore import Exploration
from clearspec_checks.runs.scenarios import Performance, named_scenarios, perform
from clearspec_cli.explore import exploration_json, explore_with_progress, result
from clearspec_cli.findings import show_finding
from clearspec_cli.fuzz import report_json, run_campaign, show_unreached
from clearspec_cli.output import Output, counted
from clearspec_cli.paths import sampled, told
from clearspec_cli.proofs import KEPT, Keep, apart, failing, require_prover, save_rows, worst
from clearspec_cli.prove import Part, rows_of, show_open
from clearspec_cli.refusal import Interrupted
from clearspec_cli.run import read_scenario
from clearspec_proofs.verdicts import PROVED


@frozen
class Extent:
    """How much to test."""

    commands: int
    seconds_per_scope: float


SECONDS_OF_GOALS = 9
"""Of each machine: how claims are read as goals, in a sample of runs."""

FULL, QUICK = Extent(2 * JUDGED_FROM, 10), Extent(3_000, 2)


@frozen
class Checked:
    """What was found out about one machine; `rows` is None if proofs were left out."""

    machine: Machine[Any]
    performances: Sequence[Performance]
    explorations: Sequence[Exploration]
    report: Report
    rows: Sequence[dict[str, Any]] | None
    cases: Counter[str] = field(factory=Counter)
    goals: dict[str, Any] | None = None

    @property
    def violated(self) -> set[str]:
        """The codes of what did not hold in some run."""
        findings = [self.report.finding, *(each.finding for each in self.explorations)]
        return {each.code for each in findings if each is not None}

    def failures(self) -> list[str]:
        """What failed, a line each."""
        found = [] if self.report.finding is None else [f"fuzz: violates {self.report.finding.code}"]
        found += [f"explore {each.scope}: violates {each.finding.code}" for each in self.explorations if each.finding]
        found += [
            f"scenario {each.scenario.name}: {failure}" for each in self.performances for failure in each.failures
        ]
        if self.report.judged and self.report.finding is None:
            found += [f"fuzz: never reached {name}" for name in self.report.unreached]
        found += [
            f"prove: {row['invariant']} by {row['beat']} is {row['verdict']}: {row['reason']}"
            for row in self.rows or ()
            if failing(row, self.machine)
        ]
        found += [f"goals: {what}" for what in self.goals["differences"]] if self.goals is not None else []
        return found


def check(*, quick: bool, proofs: bool, seed: int, jobs: int, verbose: bool, json: str | None) -> bool:
    """Check every machine; one table of all invariants, or what failed instead of it."""
    output, begun = Output(json), monotonic()
    if proofs:
        require_prover()
    extent = QUICK if quick else FULL
    keep = Keep(KEPT, anew=True) if proofs else None
    checked = [check_machine(output, registry.find(name), extent, keep, seed, jobs) for name in registry.names()]
    if keep is not None:
        keep.write_manifest()
        save_rows([row for each in checked for row in each.rows or ()], registry.names())
    invariants = [invariant_json(each, claim) for each in checked for claim in each.machine.spec.claims]
    failures = [f"{each.machine.name}: {failure}" for each in checked for failure in each.failures()]
    if verbose or not failures:
        show_invariants(output, invariants)
        show_details(output, checked, verbose=verbose)
    show_failures(output, checked, failures, verbose=verbose)
    seconds = monotonic() - begun
    proved = sum(each["proved"] for each in invariants)
    output.say()
    output.say(
        f"{'ok' if not failures else 'FAILED'}: {counted(len(invariants), 'invariant')},"
        f" {f'{proved} proved' if proofs else 'proofs left out'}, {seconds:.1f} s",
        style="bold green" if not failures else "bold red",
    )
    output.deliver(
        {
            "ok": not failures,
            "seconds": round(seconds, 3),
            "invariants": invariants,
            "failures": failures,
            "campaigns": [report_json(each.report) for each in checked],
            "explorations": [exploration_json(scope) for each in checked for scope in each.explorations],
            "goals": {each.machine.name: each.goals for each in checked if each.goals is not None},
            "scenarios": [{"name": each.scenario.name, "ok": each.ok} for one in checked for each in one.performances],
        }
    )
    return not failures


def check_machine(
    output: Output, machine: Machine[Any], extent: Extent, keep: Keep | None, seed: int, jobs: int
) -> Checked:
    """Replay, explore, fuzz and prove one machine, the quickest first; with nowhere to keep proofs, prove nothing.

    Before the proofs, a sample of runs says whether claims are read as goals as Python reads them.
    """
    performances = [
        perform(scenario)
        for scenario in map(read_scenario, named_scenarios().values())
        if scenario.machine.name == machine.name
    ]
    right = sum(each.ok for each in performances)
    output.say(f"{machine.name}: replay   {right} of {counted(len(performances), 'scenario')} as expected")
    explorations = []
    for name in machine.drive.scopes:
        explorations.append(explore_with_progress(machine, name, extent.seconds_per_scope, 1_000_000))
        _end_if(explorations[-1].interrupted)
        seen = f"{counted(explorations[-1].states, 'state')}, {counted(explorations[-1].transitions, 'transition')}"
        output.say(f"{machine.name}: explore  {name}: {seen}, {result(explorations[-1])}")
    report = run_campaign(machine, extent.commands, seed, 1, jobs)
    _end_if(report.interrupted)
    missed = f", {len(report.unreached)} never reached" if report.unreached else ", all reached"
    missed = missed if report.finding is None else f", ended by a violation of {report.finding.code}"
    output.say(f"{machine.name}: fuzz     {counted(report.commands, 'command')} in {report.seconds:.1f} s{missed}")
    rows, goals = None, None
    if keep is not None:
        (goals,) = apart(sampled, machine, SECONDS_OF_GOALS, seed)
        output.say(f"{machine.name}: goals    {told(goals)}")
        begun = monotonic()
        rows = rows_of(Part(machine, None, None), timeout=10, jobs=jobs, keep=keep)
        output.say(f"{machine.name}: prove    {counted(len(rows), 'cell')} in {monotonic() - begun:.1f} s")
    cases = Counter(report.cases)
    for counted_cases in (*(each.cases for each in performances), *(each.cases for each in explorations)):
        cases.update(counted_cases)
    return Checked(machine, performances, explorations, report, rows, cases, goals)


def _end_if(interrupted: bool) -> None:
    if interrupted:
        raise Interrupted("nothing was decided")


def invariant_json(checked: Checked, claim: Claim) -> dict[str, Any]:
    """One line of the table under stable keys.

    `proved`: every cell is agreed, normalised or unchanged; `verdict`: the weakest cell, "none" without any,
    "left out" if nothing was to be proved; `tested`: it held in every case, and there was one.
    """
    own = [row for row in checked.rows or () if row["invariant"] == claim.code]
    return {
        "code": claim.code,
        "machine": checked.machine.name,
        "title": claim.title,
        "sentence": claim.sentence,
        "proved": bool(own) and all(row["verdict"] in PROVED for row in own),
        "tested": checked.cases[claim.code] > 0 and claim.code not in checked.violated,
        "cases": checked.cases[claim.code],
        "seconds": round(sum(row["seconds"] for row in own), 3),
        "verdict": "left out" if checked.rows is None else worst(own),
        "cells": len(own),
        "unproved": claim.unproved,
    }


def show_invariants(output: Output, invariants: Sequence[dict[str, Any]]) -> None:
    """Show the one table."""
    output.say()
    rows = []
    for each in invariants:
        proof = each["verdict"] if each["proved"] or each["verdict"] == "left out" else f"open: {each['verdict']}"
        rows.append(
            (
                each["code"],
                Text(proof, style="green" if each["proved"] else "yellow"),
                Text("yes" if each["tested"] else "NO", style="green" if each["tested"] else "red"),
                f"{each['cases']:,}",
                f"{each['seconds']:.1f}",
                each["title"],
            )
        )
    output.table(("invariant", "proved", "tested", "cases", "seconds", "title"), rows, numbers=("cases", "seconds"))


def show_details(output: Output, checked: Sequence[Checked], *, verbose: bool) -> None:
    """Show what is open, and how much a short campaign did not reach."""
    for each in checked:
        show_open(output, each.rows or ())
        if not each.report.judged and each.report.unreached and each.report.finding is None:
            output.say()
            output.say(f"{each.machine.name}:")
            show_unreached(output, each.report, verbose=verbose)


MOST_LINES = 20
"""Failures that are listed unless all are asked for."""


def show_failures(output: Output, checked: Sequence[Checked], failures: Sequence[str], *, verbose: bool) -> None:
    """Show what failed: the shortest run of each claim that broke, once, then a line for each failure.

    Unless all is asked for, a failure is its first line, and only the first few are listed.
    """
    if not failures:
        return
    found = [
        finding for each in checked for finding in (each.report.finding, *(one.finding for one in each.explorations))
    ]
    for finding in {(each.machine, each.code): each for each in reversed(found) if each is not None}.values():
        show_finding(output, finding)
    if not verbose:
        for each in checked:
            show_open(output, [row for row in each.rows or () if failing(row, each.machine)][:MOST_LINES])
    output.heading("failed")
    for failure in failures if verbose else failures[:MOST_LINES]:
        output.say(failure if verbose else failure.splitlines()[0], style="red")
    left = len(failures) - MOST_LINES
    if not verbose:
        more = f"and {left:,} more; " if left > 0 else ""
        output.say(f"{more}all of it, with the table of invariants: --verbose", style="dim")
