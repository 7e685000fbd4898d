"""Of machines that are drawn nothing false is proved; with the prover made wrong, something is, and is found."""

from pathlib import Path
from typing import Any

import pytest

from clearspec_proofs.executor.arithmetic import active, root
from clearspec_proofs.executor.merging import told
from clearspec_proofs.executor.world import World
from clearspec_proofs.fuzzer.loop import fuzz
from clearspec_proofs.fuzzer.machines import Author
from clearspec_proofs.logic.terms import any_of, both

SEED, CLAIMS = 5_000, 400


def test_nothing_false_is_proved_of_machines_that_are_drawn(tmp_path: Path) -> None:
    tally = fuzz(seed=SEED, claims=CLAIMS, place=tmp_path)
    assert tally.wrong == ()
    assert tally.claims >= CLAIMS
    assert tally.proved > tally.claims / 4, "what is not proved cannot be false"
    assert tally.states > 1_000
    assert not list(tmp_path.iterdir())


def of_one_row(self: World, goal: Any, _: frozenset[Any] = frozenset()) -> Any:
    """The first edition: one row stands for all demands of which one is enough."""
    if goal.kind == "every":
        return of_one_row(self, goal.parts[0])[0], frozenset()
    if goal.kind in ("and", "or"):
        parts = [of_one_row(self, part)[0] for part in goal.parts]
        return (both if goal.kind == "and" else any_of)(*parts), frozenset()
    return goal, frozenset()


def shown_though_it_raises(self: World, holds: Any, *, supposed: bool) -> Any:  # noqa: ARG001
    """A claim that raises an exception is what it is on the branches on which it does not."""
    with active(root()), self.asking():
        return told(holds).formula()


WRONG = {
    "one row for two demands": ("instantiated", of_one_row),
    "a claim that raises is shown": ("claim", shown_though_it_raises),
}


@pytest.mark.parametrize("what", WRONG)
def test_with_the_prover_made_wrong_something_false_is_proved_and_found(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, *WRONG[what])
    tally = fuzz(claims=600, place=tmp_path)
    assert tally.wrong, f"nothing false in {tally.claims} claims"
    number, code, what_happens = tally.wrong[0]
    assert code in (tmp_path / f"fuzzed_{number}.py").read_text() or code == "no-crash"
    assert "-->" in what_happens


def test_the_same_seed_draws_the_same_machine() -> None:
    assert Author(7).text() == Author(7).text() != Author(8).text()
