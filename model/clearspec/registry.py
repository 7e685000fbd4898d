"""Where machines are found: every harness asks here, and none imports a machine."""

from importlib import import_module

from clearspec.machine import Machine

_MODULES = {"exchange": "clearspec.exchange.machine"}


def names() -> tuple[str, ...]:
    """The names of all machines."""
    return tuple(_MODULES)


def find(name: str) -> "Machine[object]":
    """The machine of that name.  Requires: `name` is one of `names()`."""
    machine: Machine[object] = import_module(_MODULES[name]).MACHINE
    return machine
