"""Bad input ends in one clear line: what, where, and what would be right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # verifying imports no model
    from clearspec.core.machine import Machine

CODE = 2
"""The exit code of a refusal."""


class Refused(Exception):
    """The input cannot be used; the message is the one line to print."""


class Interrupted(Exception):
    """Ctrl-C ended the work, after what was done so far was reported."""


def unknown(kind: str, name: str, known: Iterable[str]) -> Refused:
    """There is no such thing; names the closest ones, or all if they are few."""
    names = sorted(known)
    close = get_close_matches(name, names, 3, 0.5)
    if not close:
        upper = {each.upper(): each for each in names}
        close = [upper[each] for each in get_close_matches(name.upper(), list(upper), 3, 0.5)]
    if close:
        return Refused(f"no {kind} {name!r}; did you mean {' or '.join(close)}?")
    if not names:
        return Refused(f"no {kind} {name!r}; there are none")
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more: see clearspec list" if len(names) > 12 else "")
    return Refused(f"no {kind} {name!r}; there are {listed}")


def machine_named(name: str) -> "Machine[Any]":
    """The machine of that name."""
    from clearspec import registry

    if name not in registry.names():
        raise unknown("machine", name, registry.names())
    return registry.find(name)


def machines_named(name: str | None) -> "list[Machine[Any]]":
    """The machine of that name, or all of them."""
    from clearspec import registry

    return [machine_named(each) for each in (registry.names() if name is None else (name,))]
