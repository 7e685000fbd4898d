"""A violation with the commands that lead to it: shrunk, replayed, and printed as a test to paste."""

import json
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from attrs import evolve, frozen

from clearspec.core.machine import Accepted, Machine
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch
from clearspec_checks.wire.codec import decode_command, encode_command
from clearspec_checks.wire.starts import all_starts


@frozen
class Finding:
    """Run these commands from that start, and the claim of that code does not hold.

    If it is `alone`, no other claim is asked: others may fail before it.
    """

    machine: str
    start: str
    commands: tuple[Any, ...]
    code: str
    message: str
    alone: bool = False

    def as_json(self) -> dict[str, Any]:
        """What `run_commands` takes, and why."""
        return {
            "machine": self.machine,
            "start": self.start,
            "commands": [encode_command(each) for each in self.commands],
            "code": self.code,
            "message": self.message,
            "alone": self.alone,
        }

    def as_pytest(self) -> str:
        """A test that fails as long as the bug is there."""
        name = self.code.lower().replace("-", "_")
        listed = "".join(f"    {literal(encode_command(each))},\n" for each in self.commands)
        alone = f", only_code={self.code!r}" if self.alone else ""
        return (
            "from clearspec import registry\n"
            "from clearspec_checks.runs.finding import run_commands\n\n"
            f"COMMANDS = [\n{listed}]\n\n\n"
            f"def test_{name}():\n"
            f"    run_commands(registry.find({self.machine!r}), {self.start!r}, COMMANDS{alone})\n"
        )


def literal(value: Any) -> str:
    """JSON as a Python literal."""
    return repr(json.loads(json.dumps(value)))


def run_commands(
    machine: Machine[Any], start: str, commands: Sequence[dict[str, Any]], *, only_code: str | None = None
) -> Any:
    """Run commands in their JSON form with every claim checked, or only the one of that code.

    Returns the last state or raises Violation.
    """
    decoded = [decode_command(machine.spec.commands, each, f"$[{i}]") for i, each in enumerate(commands)]
    judged = machine if only_code is None else only(machine, only_code)
    return _run(judged, all_starts(machine)[start], decoded)


def only(machine: Machine[Any], code: str) -> Machine[Any]:
    """The machine with no other claim than the one of that code, and without an audit."""
    return machine.altered(claims=tuple(each for each in machine.spec.claims if each.code == code), statement=None)


def _run(machine: Machine[Any], state: Any, commands: Sequence[Any]) -> Any:
    watch = Watch(machine)
    watch.begin(state)
    for command in commands:
        outcome = watch.run(state, command)
        if isinstance(outcome, Accepted):
            state = outcome.state
    return state


def violation_of(machine: Machine[Any], start: str, commands: Sequence[Any]) -> Violation | None:
    """What these commands violate, if anything."""
    try:
        _run(machine, all_starts(machine)[start], commands)
    except Violation as violation:
        return violation
    return None


def shrink(machine: Machine[Any], finding: Finding, seconds: float = 30) -> Finding:
    """The finding with commands left out as long as the same claim still breaks.

    The result is minimal: no single command can be left out, unless time ran out before.
    """
    until = monotonic() + seconds

    def still(commands: Sequence[Any]) -> bool:
        found = violation_of(machine, finding.start, commands)
        return found is not None and found.code == finding.code

    commands = _shortest(list(finding.commands), still, until)
    found = violation_of(machine, finding.start, commands)
    if found is None:
        return finding
    return evolve(finding, commands=tuple(commands), message=str(found))


def _shortest(commands: list[Any], still: Callable[[Sequence[Any]], bool], until: float) -> list[Any]:
    """Delta debugging: leave out ever smaller chunks, from the end, until no single command can go."""
    size = max(len(commands) // 2, 1)
    while True:
        shrunk = False
        for at in range(len(commands) - size, -size, -size):
            if monotonic() > until:
                return commands
            without = commands[: max(at, 0)] + commands[at + size :]
            if len(without) < len(commands) and still(without):
                commands, shrunk = without, True
        if size == 1 and not shrunk:
            return commands
        size = max(size // 2, 1)
