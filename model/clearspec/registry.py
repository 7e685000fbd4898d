"""Where machines are found: every harness asks here, and none imports a machine."""

from importlib import import_module
from types import ModuleType

from clearspec.machine import Machine

_MODULES = {"exchange": "clearspec.exchange.machine", "clearing": "clearspec.clearing.machine"}


def names() -> tuple[str, ...]:
    """The names of all machines."""
    return tuple(_MODULES)


def find(name: str) -> "Machine[object]":
    """The machine of that name.  Requires: `name` is one of `names()`."""
    machine: Machine[object] = module(name).MACHINE
    return machine


def module(name: str) -> ModuleType:
    """The module of that machine; its scenarios lie beside it.  Requires: `name` is one of `names()`."""
    return import_module(_MODULES[name])


def add(name: str, path: str) -> None:
    """Make the machine of the module at that import path known to every harness of this process."""
    _MODULES[name] = path
