"""Is the last word on a command what its beats did, or a rejection of the whole?  All beats are proved before it."""

from collections.abc import Collection
from typing import Any

import attrs

from clearspec.core.machine import Accepted, Machine, Rejected, as_it_is
from clearspec_proofs.executor.arithmetic import active
from clearspec_proofs.executor.merging import refuse_own
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.executor.symbols import symbolic, world_of
from clearspec_proofs.logic.terms import Infeasible, Unsupported

MOST_PATHS = 200
"""Of the last word on one command."""

OTHER = "conclude returns another outcome than it was given"


def open_last_word(machine: Machine[Any], kind: type) -> str:
    """Why the last word on commands of this type may be more than it has to be; "" if it is shown that it is not."""
    if machine.spec.conclude is as_it_is:
        return ""
    left: list[tuple[int, ...]] = [()]
    for _ in range(MOST_PATHS):
        path = Path(left.pop())
        try:
            with patched(machine), active(path):
                wrong = _wrong(machine, kind, path)
        except Infeasible:
            wrong = ""
        except Unsupported as signal:
            wrong = f"conclude cannot be followed: {signal}"
        if wrong:
            return wrong
        left.extend(path.alternatives)
        if not left:
            return ""
    return f"conclude has more than {MOST_PATHS} paths"


def _wrong(machine: Machine[Any], kind: type, path: Path) -> str:
    """What is wrong on this path.  Any state is given as the one after the beats; an exception is no outcome."""
    path.world = world_of(machine)
    before, after = _any_state(machine, "s"), _any_state(machine, "a")
    command = symbolic(kind, "c", None, dict(machine.spec.shape))
    whole = _without(Accepted(after), {"events"})
    try:
        outcome = machine.spec.conclude(before, command, whole)
    except Exception as error:
        refuse_own(error)
        outcome = whole
    if path.signal is not None:
        raise path.signal
    return "" if outcome is whole or type(outcome) is Rejected else OTHER


def _any_state(machine: Machine[Any], name: str) -> Any:
    """Any state of the machine, without the fields that may have one of several types: those are too many states."""
    several: set[str] = set()

    def choose(_: int, question: tuple[str, Any]) -> int:
        several.add(question[0].removeprefix(f"{name}.").split(".")[0].split("[")[0])
        return 0

    state = symbolic(type(machine.spec.initial), name, machine.spec.initial, dict(machine.spec.shape), choose)
    return _without(state, several)


def _without(value: Any, names: Collection[str]) -> Any:
    """The value, but whoever asks for one of these fields is refused."""

    def refused(name: str) -> property:
        def refuse(_: object) -> Any:
            raise Unsupported(f"it depends on {name}, of which it may know nothing")

        return property(refuse)

    if not names:
        return value
    kind = type(value)
    found: Any = object.__new__(
        type(kind.__name__, (kind,), {"__slots__": (), **{name: refused(name) for name in names}})
    )
    for each in attrs.fields(kind):
        if each.name not in names:
            object.__setattr__(found, each.name, getattr(value, each.name))
    return found
