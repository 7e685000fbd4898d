"""Stateful tests with Hypothesis, derived from a machine: nothing is written per machine."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Machine
from clearspec_checks.runs.watch import Watch
from clearspec_checks.wire.starts import starts

T = TypeVar("T")


class HypothesisChoices:
    """Choices that Hypothesis makes, and shrinks."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        drawn: int = self._draw(st.integers(low, high))
        return drawn

    def pick(self, options: Sequence[T]) -> T:
        picked: T = self._draw(st.sampled_from(tuple(options)))
        return picked


@st.composite
def command_for(draw: Callable[[st.SearchStrategy[Any]], Any], machine: Machine[Any], state: Any) -> Any:
    """A command that the machine's own generator makes for this state."""
    return machine.drive.generate(state, HypothesisChoices(draw))


def stateful(machine: Machine[Any]) -> type[RuleBasedStateMachine]:
    """A Hypothesis state machine that runs commands with every claim checked at each step."""
    beginnings = starts(machine)

    class Run(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.watch = Watch(machine)
            self.state = machine.spec.initial

        @initialize(start=st.sampled_from(tuple(beginnings)))
        def begin(self, start: str) -> None:
            self.state = self.watch.begin(beginnings[start])

        @rule(command=st.runner().flatmap(lambda run: command_for(machine, run.state)))
        def step(self, command: Any) -> None:
            outcome = self.watch.run(self.state, command)
            if isinstance(outcome, Accepted):
                self.state = outcome.state

    Run.__name__ = Run.__qualname__ = f"{machine.name.capitalize()}Run"
    return Run


def laws(machine: Machine[Any]) -> dict[str, Callable[[], None]]:
    """One Hypothesis test for each law of the machine, by code."""
    return {each.code: _law_test(machine, each) for each in machine.spec.claims if each.kind is Kind.LAW}


def _law_test(machine: Machine[Any], law: Claim) -> Callable[[], None]:
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        Watch(machine).check_law(law, HypothesisChoices(data.draw))

    holds.__doc__ = law.sentence
    return holds
