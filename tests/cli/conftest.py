"""Calling the command as a user does, with the toy known to it."""

import json
from pathlib import Path

import pytest
from attrs import frozen

from clearspec import registry
from clearspec_cli.main import run


@frozen
class Called:
    """What one call of the command left."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def workplace(monkeypatch, tmp_path):
    """An empty directory to work in, and a registry that also knows the toy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_MODULES", dict(registry._MODULES))
    registry.add("toy", "toy")
    return tmp_path


@pytest.fixture
def clearspec(capsys):
    """Calls `clearspec` with these arguments."""

    def call(*arguments):
        code = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Called(code, captured.out, captured.err)

    return call


@pytest.fixture
def scenario():
    """A scenario of the toy in a file, as expected."""
    value = {
        "machine": "toy",
        "title": "A transfer and its fee",
        "why": "The fee is rounded up.",
        "commands": [
            {"Open": {"account": "a"}},
            {"Deposit": {"account": "a", "amount": "1000"}},
            {"Transfer": {"source": "a", "target": "b", "amount": 1}},
        ],
        "expect": {
            "rejected": [{"command": 2, "reason": "ACCOUNT_EXISTS"}],
            "statement": {"a": {"Book.CASH": "1000"}, "System.VAULT": {"Book.CASH": "-1000"}},
        },
    }
    Path("fee.json").write_text(json.dumps(value))
    return value
