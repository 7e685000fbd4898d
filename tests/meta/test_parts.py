"""No law has a part that its samples never reach: none says less than it seems to."""

import pytest

from clearspec import registry
from clearspec.choices import SeededChoices
from clearspec.claims import Claim, Kind
from clearspec_checks.parts import Parts

MACHINES = [registry.find(name) for name in registry.names()]
PARAMETRISED = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
SAMPLES = 1_000


@PARAMETRISED
def test_samples_of_laws_reach_all_of_them(machine):
    laws = tuple(each for each in machine.claims if each.kind is Kind.LAW)
    parts, choices = Parts(laws), SeededChoices(1)
    with parts.watching():
        for law in laws:
            assert all(law(*law.sample(choices)) for _ in range(SAMPLES))
    assert parts.missing() == []


def spoken(state, more=None):
    """A claim with halves that may not be reached."""
    if state < 0:
        return True
    return state >= 10 or all(each > state for each in more or ())


def test_a_part_that_nothing_evaluates_is_named():
    claim = Claim("X-1", "It holds.", Kind.STATE, spoken)

    def missing(*runs):
        parts = Parts((claim,))
        with parts.watching():
            for run in runs:
                spoken(*run)
        spoken(0, (1,))
        return [each.text for each in parts.missing()]

    assert missing() == ["state < 0", "state >= 10 or all((each > state for each in more or ()))"]
    assert missing((-1,)) == ["state >= 10 or all((each > state for each in more or ()))"]
    assert missing((-1,), (10,)) == ["all((each > state for each in more or ()))"]
    assert missing((0,)) == ["each > state"]
    assert missing((0, (1,))) == []
