"""How a file of traps is written: a claim that is false, or true, is a function under a decorator that says of what.

Nothing here but what a rule may import: a prover reads every module that the rules of a machine reach.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

Holds = Callable[..., bool]


@frozen
class Stated:
    """A claim that is false, or true, and what differs from the small world that most are stated of."""

    is_true: bool
    holds: Holds
    of: Mapping[str, Any]


def false(**of: Any) -> Callable[[Holds], Stated]:
    """The decorated claim is false, and the run shows it."""
    return lambda holds: Stated(False, holds, of)


def true(**of: Any) -> Callable[[Holds], Stated]:
    """The decorated claim is true, and has to be proved."""
    return lambda holds: Stated(True, holds, of)
