"""What a sceptic got past the prover is refused, unknown or refuted, and a line says why; what is true is proved."""

import re

import pytest

from sceptic.collect import all_theorems
from sceptic.theorem import Theorem, failure, judged

NO_LINE = "vacuous|a path was lost|worker died|failed"
"""What says nothing of the theorem."""


def named(is_true: bool) -> list:
    return [pytest.param(each, id=f"{name}: {each.name}") for name, each in all_theorems(is_true)]


@pytest.mark.parametrize("theorem", named(False))
def test_what_is_false_in_python_is_not_proved(theorem: Theorem) -> None:
    verdict = judged(theorem)
    assert theorem.empty or failure(theorem), "the run does not show that this is false"
    if verdict.proved and theorem.prints and re.search(theorem.prints, verdict.printed):
        return
    assert verdict.word in ("refuted", "unknown", "refused"), verdict
    assert verdict.line, verdict
    if verdict.word != "refuted":
        assert not re.search(NO_LINE, verdict.line), verdict
        assert re.search(theorem.says, verdict.line), verdict


@pytest.mark.parametrize("theorem", named(True))
def test_what_is_true_beside_it_is_proved(theorem: Theorem) -> None:
    verdict = judged(theorem)
    assert not failure(theorem)
    assert verdict.proved, verdict
    assert verdict.word != "no cell"
