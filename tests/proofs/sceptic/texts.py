"""Modules made from a text: what is refused is refused of a whole module, so each of these traps has one of its own."""

import importlib.util
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

_numbers = count()
_folder = TemporaryDirectory(prefix="sceptic_")


def module_of(name: str, text: str) -> ModuleType:
    """A new module with that text."""
    unique = f"trap{next(_numbers)}_{name}"
    path = Path(_folder.name) / f"{unique}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(unique, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module
