"""The toy, known to the registry for the time of a test."""

import pytest

from clearspec import registry


@pytest.fixture
def toy_is_known(monkeypatch):
    """`registry.find("toy")` finds it, as the name of a machine in a file or on the command line does."""
    monkeypatch.setattr(registry, "_MODULES", dict(registry._MODULES))
    registry.add("toy", "toy")
