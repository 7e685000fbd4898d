"""Modules made from a text: what is refused is refused of a whole module, so each of these traps has one of its own."""

import importlib.util
import sys
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

_numbers = count()
_folder: list[Path] = []


def module_of(name: str, text: str) -> ModuleType:
    """A new module with that text."""
    if not _folder:
        _folder.append(Path(mkdtemp(prefix="sceptic_")))
    unique = f"trap{next(_numbers)}_{name}"
    path = _folder[0] / f"{unique}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(unique, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module
