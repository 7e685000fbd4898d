"""Rounds and loops that would move nothing are skipped: so the ledger is the same however the way is cut."""

import pytest

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.state.commands import Advance
from clearspec_checks.wire.starts import starts

COMMANDS = 600
TAILS, HEADS = 0, 2**64 - 1
"""Tosses that are all alike, for a loop that is skipped takes none."""
WAYS = ((20_000,), (1_000,) * 20, (7_000, 13_000))


def ledger_after(state, way, coins):
    """What everybody holds at the end of the way."""
    for step in way:
        outcome = MACHINE.step(state, Advance(state.now + step, coins))
        assert isinstance(outcome, Accepted)
        state = outcome.state
    return MACHINE.views.statement(state)


@pytest.mark.parametrize("start", ["small", "small-capped-gains"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ledger_does_not_depend_on_how_the_way_is_cut(start, seed):
    choices, state, moved = SeededChoices(seed), starts(MACHINE)[start], 0
    for number in range(COMMANDS):
        outcome = MACHINE.step(state, MACHINE.drive.generate(state, choices))
        state = outcome.state if isinstance(outcome, Accepted) else state
        coins = (TAILS, HEADS)[number % 2]
        whole = ledger_after(state, WAYS[0], coins)
        for way in WAYS[1:]:
            assert ledger_after(state, way, coins) == whole, (start, seed, number, way)
        moved += whole != MACHINE.views.statement(state)
    assert moved > 10
