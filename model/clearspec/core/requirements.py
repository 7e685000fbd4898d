"""What a command must meet, in order of precedence: the shape in which every machine says again why it refuses."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from clearspec.core.machine import Outcome, Rejected, measure

Requirement = tuple[Enum, Callable[[Any, Any], bool]]
"""The reason of a rejection, and the requirement of state and command that was not met."""


def rejected_with_the_first_unmet(
    requirements: Sequence[Requirement], before: Any, command: Any, outcome: Outcome[Any]
) -> bool:
    """Was the command rejected exactly with the first requirement that it does not meet; accepted if it meets all?"""
    return is_first_unmet(requirements, before, command, outcome.reason if isinstance(outcome, Rejected) else None)


@measure
def is_first_unmet(requirements: Sequence[Requirement], state: Any, command: Any, reason: Enum | None) -> bool:
    """Are all requirements before this one met, and this one not; or, without a reason, all of them?"""
    for required, holds in requirements:
        if required == reason:
            return not holds(state, command)
        if not holds(state, command):
            return False
    return reason is None
