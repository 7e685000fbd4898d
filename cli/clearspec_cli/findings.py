"""How a finding is shown: the claim, the shortest commands, and a test to paste."""

from typing import Any

from clearspec_checks.finding import Finding
from clearspec_cli.output import Output


def show_finding(output: Output, finding: Finding) -> None:
    """Show what was violated, by which commands, and the test."""
    output.say()
    output.say(f"{finding.machine}, from {finding.start!r}, {len(finding.commands)} commands:", style="bold red")
    for command in finding.commands:
        output.say(f"  {command}")
    output.say(finding.message, style="red")
    if finding.commands:
        output.say()
        output.say("The same as a test:", style="bold")
        output.say(finding.as_pytest())


def finding_json(finding: Finding | None) -> dict[str, Any] | None:
    """The finding with its test, or nothing."""
    return None if finding is None else finding.as_json() | {"pytest": finding.as_pytest() if finding.commands else ""}
