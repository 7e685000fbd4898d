"""Mutants that are said to change nothing although no proof says so, each with the reason."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from clearspec.core.machine import Machine
from clearspec_checks.mutation.mutants import Mutant

BY_HAND = "judged by hand: "


@frozen
class Judgment:
    """Why a change in a function changes nothing: in the words of `clearspec mutate`, wherever it stands in it."""

    file: str
    function: str
    change: str
    because: str


@cache
def judgments() -> tuple[Judgment, ...]:
    """All of them."""
    text = Path(__file__).with_name("judged.toml").read_text(encoding="utf-8")
    return tuple(Judgment(**entry) for entry in tomllib.loads(text).get("mutant", ()))


def judged(_: Machine[Any], mutant: Mutant | None) -> str:
    """Why this mutant is none, if that was judged by hand; else ""."""
    assert mutant is not None, "only a mutant is judged"
    found = (each for each in judgments() if _is(each, mutant))
    return next((f"{BY_HAND}{each.because}" for each in found), "")


def _is(judgment: Judgment, mutant: Mutant) -> bool:
    return (judgment.file, judgment.function, judgment.change) == (mutant.file, mutant.function, mutant.change)
