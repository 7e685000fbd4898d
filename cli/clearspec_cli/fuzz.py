"""clearspec fuzz: seeded campaigns."""

from time import monotonic
from typing import Any

from clearspec.core.machine import Machine
from clearspec_checks.runs.campaign import JUDGED_FROM, Report, campaign
from clearspec_cli.findings import finding_json, show_finding
from clearspec_cli.output import Output, counted
from clearspec_cli.progress import progress
from clearspec_cli.refusal import Interrupted, machines_named


def fuzz(
    machine: str | None, *, commands: int, seed: int, every: int, jobs: int, verbose: bool, json: str | None
) -> bool:
    """Run a campaign for one machine or all."""
    output, begun = Output(json), monotonic()
    reports: list[Report] = []
    for each in machines_named(machine):
        reports.append(run_campaign(each, commands, seed, every, jobs))
        show_report(output, reports[-1], verbose=verbose)
        if reports[-1].interrupted:
            break
    interrupted = any(report.interrupted for report in reports)
    output.deliver(
        {
            "ok": all(report.ok for report in reports) and not interrupted,
            "seconds": round(monotonic() - begun, 3),
            "interrupted": interrupted,
            "machines": [report_json(report) for report in reports],
        }
    )
    if interrupted:
        raise Interrupted("the figures above are of the commands until then")
    return all(report.ok for report in reports)


def run_campaign(machine: Machine[Any], commands: int, seed: int, every: int, jobs: int) -> Report:
    """A campaign with progress shown."""
    with progress(f"fuzz {machine.name}", commands) as show:
        return campaign(
            machine, commands, seed, every=every, processes=jobs, on_progress=lambda done: show(done, "commands")
        )


def show_report(output: Output, report: Report, *, verbose: bool) -> None:
    """Show what the campaign found to be wrong, and no more unless asked; or else what it reached, and what it did not.

    A campaign ends at a finding, so that what it did not reach then says nothing.
    """
    output.heading(
        f"{report.machine}: {counted(report.commands, 'command')} under {counted(len(report.starts), 'parameter set')},"
        f" seed {report.seed}, {report.seconds:.1f} s"
    )
    if report.finding is not None:
        show_finding(output, report.finding)
        output.say()
        if not verbose:
            output.say("The campaign ended there; what it had reached: --verbose", style="dim")
            return
    rows = [
        *(("accepted", name, f"{count:,}") for name, count in sorted(report.accepted.items())),
        *(("rejected", name, f"{count:,}") for name, count in sorted(report.rejected.items())),
        *(("landmark", name, f"{count:,}") for name, count in sorted(report.landmarks.items())),
    ]
    output.table(("", "reached", "times"), rows, numbers=("times",))
    output.say(f"{counted(sum(report.cases.values()), 'case')} of {counted(len(report.cases), 'claim')} checked")
    if report.unreached and report.finding is None:
        show_unreached(output, report, verbose=verbose)


def show_unreached(output: Output, report: Report, *, verbose: bool) -> None:
    """Show what was not reached: all of it if that is a failure or asked for, else how much."""
    if report.judged or verbose:
        output.say(f"never reached: {', '.join(report.unreached)}", style="red" if report.judged else "yellow")
    if not report.judged:
        more = "" if verbose else f"; {len(report.unreached)} were not, named by --verbose"
        output.say(f"A campaign of fewer than {JUDGED_FROM:,} commands need not reach everything{more}.")


def report_json(report: Report) -> dict[str, Any]:
    """The report under stable keys."""
    return {
        "machine": report.machine,
        "ok": report.ok,
        "seed": report.seed,
        "commands": report.commands,
        "seconds": round(report.seconds, 3),
        "starts": dict(sorted(report.starts.items())),
        "accepted": dict(sorted(report.accepted.items())),
        "rejected": dict(sorted(report.rejected.items())),
        "landmarks": dict(sorted(report.landmarks.items())),
        "cases": dict(sorted(report.cases.items())),
        "unreached": list(report.unreached),
        "judged": report.judged,
        "interrupted": report.interrupted,
        "violation": finding_json(report.finding),
    }
