"""Running commands with every claim checked on the way: the one place where claims meet runs."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Machine, Outcome, Rejected
from clearspec_checks.opinions.auditor import Auditor
from clearspec_checks.runs.violation import Violation

MOST_BEATS = 10_000
"""More beats than this in one command, and the command is said not to end."""


def always(_: Any) -> bool:
    """Check the state claims of every state."""
    return True


def never(_: Any) -> bool:
    """Leave the state claims out."""
    return False


class Watch:
    """Runs commands of a machine, checks its claims, audits its events, and counts what it saw.

    - cases: how often each claim was checked, by code
    - accepted: the commands and beats that were accepted, by type
    - rejected: the commands that were rejected, by reason
    - landmarks: what the machine itself asks a campaign to reach
    """

    def __init__(self, machine: Machine[Any]) -> None:
        self.machine = machine
        self.cases: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.landmarks: Counter[str] = Counter()
        self._state_claims = [each for each in machine.spec.claims if each.kind is Kind.STATE]
        self._laws = [each for each in machine.spec.claims if each.kind is Kind.LAW]
        self._about: dict[tuple[Kind, type], list[Claim]] = {
            (kind, beat): [
                each for each in machine.spec.claims if each.kind is kind and (not each.on or beat in each.on)
            ]
            for kind in (Kind.STEP, Kind.OUTCOME, Kind.COMMAND)
            for beat in (*machine.spec.commands, *machine.spec.beats)
        }
        self._auditor: Auditor | None = None
        self._audited: Any = None

    def begin(self, state: Any) -> Any:
        """Check a state to start from; returns it."""
        self._check_state(state, None, None)
        return state

    def run(self, before: Any, command: Any, check_state: Callable[[Any], bool] = always) -> Outcome[Any]:
        """Run a command to its end, checking every claim that concerns it.

        `check_state` says of each state on the way whether its state claims need checking.
        """
        try:
            return self._run(before, command, check_state)
        except Violation:
            raise
        except Exception as error:
            raise Violation(
                Violation.CRASH,
                "No command makes the machine, or a claim about it, raise an exception.",
                command=command,
                detail=f"{type(error).__name__}: {error}",
            ) from error

    def _run(self, before: Any, command: Any, check_state: Callable[[Any], bool]) -> Outcome[Any]:
        done: Outcome[Any] = Accepted(before)
        events: list[Any] = []
        for number, (now, beat, outcome) in enumerate(self.machine.run(before, command)):
            if beat is command:
                self._check(Kind.OUTCOME, now, beat, outcome, command)
            done = outcome
            if isinstance(outcome, Rejected):
                break
            events.extend(outcome.events)
            self.accepted[type(beat).__name__] += 1
            self.landmarks.update(self.machine.drive.landmarks_of(now, beat, outcome))
            self._check(Kind.STEP, now, beat, outcome, command)
            if check_state(outcome.state):
                self._check_state(outcome.state, command, beat)
            if number == MOST_BEATS:
                raise Violation(
                    Violation.ENDLESS, f"A command ends within {MOST_BEATS} beats.", command=command, beat=beat
                )
        if isinstance(done, Accepted):
            done = self.machine.concluded(before, command, Accepted(done.state, tuple(events)))
        self._check(Kind.COMMAND, before, command, done, command)
        if isinstance(done, Rejected):
            self.rejected[done.reason.name] += 1
        else:
            self._audit(before, command, done)
        return done

    def sample_law(self, number: int, choices: Choices) -> None:
        """Check one law, the laws taking turns by `number`, with arguments that it draws itself."""
        if self._laws:
            self.check_law(self._laws[number % len(self._laws)], choices)

    def check_law(self, law: Claim, choices: Choices) -> None:
        """Check this law with arguments that it draws itself."""
        assert law.sample is not None, "a law has a sample"
        arguments = law.sample(choices)
        self.cases[law.code] += 1
        try:
            holds = law(*arguments)
        except Exception as error:
            detail = f"{type(error).__name__}: {error}; arguments: {arguments}"
            raise Violation(law.code, law.sentence, detail=detail) from error
        if holds is not True:
            raise Violation(law.code, law.sentence, detail=f"arguments: {arguments}")

    def _check(self, kind: Kind, before: Any, beat: Any, outcome: Any, command: Any) -> None:
        for claim in self._about[kind, type(beat)]:
            self.cases[claim.code] += 1
            if claim(before, beat, outcome) is not True:
                raise Violation(claim.code, claim.sentence, command=command, beat=beat, outcome=outcome)

    def _check_state(self, state: Any, command: Any, beat: Any) -> None:
        for claim in self._state_claims:
            self.cases[claim.code] += 1
            if claim(state) is not True:
                raise Violation(claim.code, claim.sentence, command=command, beat=beat)

    def _audit(self, before: Any, command: Any, done: Accepted[Any]) -> None:
        if self.machine.views.statement is None:
            return
        # One auditor follows a run from its start; a jump to another state opens new books.
        if self._auditor is None or self._audited is not before:
            self._auditor = Auditor(self.machine.views.statement(before))
        self._auditor.enter(done.events)
        self._audited = done.state
        complaints = self._auditor.complaints(self.machine.views.statement(done.state))
        if complaints:
            self._auditor = None
            raise Violation(
                Violation.AUDIT,
                "The events alone account for every holding.",
                command=command,
                detail="; ".join(complaints),
            )
