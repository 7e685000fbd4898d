"""Which claims a wrong rule breaks: all of them, not only the one that is checked first."""

from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted
from clearspec_checks.runs.scenarios import load, named_scenarios


def broken_by(machine, before, beat, outcome):
    """The codes of the claims that this outcome of a beat breaks."""
    arguments = {Kind.OUTCOME: (before, beat, outcome)} if type(beat) in machine.spec.commands else {}
    if isinstance(outcome, Accepted):
        arguments |= {Kind.STATE: (outcome.state,), Kind.STEP: (before, beat, outcome)}
    about = [each for each in machine.spec.claims if each.kind in arguments and each.concerns(beat)]
    return {each.code for each in about if not each(*arguments[each.kind])}


def first_broken(machine, scenario):
    """The codes of the claims that break at the first beat of a worked example that breaks any; none if it holds."""
    scenario = load(named_scenarios()[scenario])
    return broken_in(machine, scenario.start, scenario.commands)


def broken_in(machine, state, commands):
    """The codes of the claims that break at the first beat of these commands that breaks any; none if none does."""
    for command in commands:
        now, outcome = state, None
        for before, beat, outcome in machine.run(state, command):
            found = broken_by(machine, before, beat, outcome)
            if found:
                return found
            now = outcome.state if isinstance(outcome, Accepted) else state
        state = now
    return set()
