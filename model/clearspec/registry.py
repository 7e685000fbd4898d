"""Where machines are found: a folder under `clearspec.machines` is one.  Every harness asks here, and imports none."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from clearspec import machines
from clearspec.core.machine import Machine

_MODULES = {
    each.name: f"clearspec.machines.{each.name}.machine" for each in iter_modules(machines.__path__) if each.ispkg
}


def names() -> tuple[str, ...]:
    """The names of all machines, in alphabetical order, and then those that were added."""
    return tuple(_MODULES)


def find(name: str) -> "Machine[object]":
    """The machine of that name.  Requires: `name` is one of `names()`."""
    machine: Machine[object] = module(name).MACHINE
    return machine


def module(name: str) -> ModuleType:
    """The module of that machine; its worked examples lie beside it.  Requires: `name` is one of `names()`."""
    return import_module(_MODULES[name])


def add(name: str, path: str) -> None:
    """Make the machine of the module at that import path known to every harness of this process."""
    _MODULES[name] = path
