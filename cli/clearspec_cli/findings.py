"""How a finding is shown: the claim, the shortest commands, and a test to paste."""

from typing import Any

from clearspec import registry
from clearspec.core.claims import Kind
from clearspec_checks.runs.finding import Finding
from clearspec_cli.output import Output, counted


def show_finding(output: Output, finding: Finding) -> None:
    """Show what was violated, by which commands, and the test."""
    output.say()
    output.say(f"{finding.machine}, {_where(finding)}:", style="bold red")
    for command in finding.commands:
        output.say(f"  {command}")
    output.say(finding.message, style="red")
    if finding.commands:
        output.say()
        output.say("The same as a test:", style="bold")
        output.say(finding.as_pytest())


def _where(finding: Finding) -> str:
    """By what it is broken: commands from a start, a start itself, or the arguments of a law."""
    if finding.commands:
        return f"from {finding.start!r}, {counted(len(finding.commands), 'command')}"
    laws = [each.code for each in registry.find(finding.machine).spec.claims if each.kind is Kind.LAW]
    return "a law, by its arguments" if finding.code in laws else f"in the start {finding.start!r}"


def finding_json(finding: Finding | None) -> dict[str, Any] | None:
    """The finding with its test, or nothing."""
    return None if finding is None else finding.as_json() | {"pytest": finding.as_pytest() if finding.commands else ""}
