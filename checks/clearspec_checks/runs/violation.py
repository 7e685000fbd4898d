"""What every check raises when a claim does not hold."""

from typing import Any

from clearspec.core.machine import Rejected


class Violation(AssertionError):
    """A claim that does not hold, with what was done when it broke.

    `code` is the claim's code, or one of the codes below for what every machine promises without saying so.
    """

    CRASH = "CRASH"
    AUDIT = "AUDIT"
    ENDLESS = "ENDLESS"

    def __init__(
        self, code: str, sentence: str, *, command: Any = None, beat: Any = None, outcome: Any = None, detail: str = ""
    ) -> None:
        self.code = code
        self.sentence = sentence
        self.command = command
        self.beat = beat
        self.detail = detail
        lines = [f"{code}: {sentence}"]
        if command is not None:
            lines.append(f"  command: {command}")
        if beat is not None and beat is not command:
            lines.append(f"  beat: {beat}")
        if isinstance(outcome, Rejected):
            lines.append(f"  rejected: {outcome.reason.name}")
        if detail:
            lines.append(f"  {detail}")
        super().__init__("\n".join(lines))
