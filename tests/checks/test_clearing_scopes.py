"""The small world of a default, visited in full: each layer of the waterfall pays in it, and no claim breaks."""

from clearspec.machines.clearing.machine import MACHINE
from clearspec_checks.runs.explore import explore

SECONDS = 120
"""Far more than it takes."""


def test_a_default_and_all_that_can_come_of_it():
    found = explore(MACHINE, "default", seconds=SECONDS)
    assert found.finding is None
    assert found.exhausted
    for landmark in (
        "call not met",
        "closed out by a sale",
        *(f"loss paid by layer {number}" for number in range(1, 7)),
        "survivors paid all that they have",
        "loss left over",
    ):
        assert found.landmarks[landmark] > 0, landmark
