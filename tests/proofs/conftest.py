"""Machines for the prover's tests: the toy machine with bugs planted, and small machines of their own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
TOY = HERE.parent / "toy.py"
_numbers = count()

Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Import a file of this folder, or the toy machine, with some of its text replaced."""
    names: list[str] = []

    def from_file(name: str, *changes: tuple[str, str]) -> ModuleType:
        path = TOY if name == "toy" else HERE / f"{name}.py"
        source = path.read_text()
        for old, new in changes:
            assert old in source, f"{name} has no {old!r}"
            source = source.replace(old, new)
        copy = f"{name}_{next(_numbers)}"
        (tmp_path / f"{copy}.py").write_text(source)
        spec = importlib.util.spec_from_file_location(copy, tmp_path / f"{copy}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[copy] = module
        names.append(copy)
        spec.loader.exec_module(module)
        return module

    yield from_file
    for name in names:
        del sys.modules[name]
