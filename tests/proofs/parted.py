"""A machine that can be proved in two shapes, in one of which a claim of it fails."""

from enum import Enum
from typing import Any

from attrs import evolve, frozen

from clearspec.core.choices import Choices
from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Spec, fixed, per

Reason = Enum("Reason", "NO")


@frozen
class Settings:
    mode: int = fixed()
    steps: tuple[int, ...] = ()


@frozen
class State:
    settings: Settings
    parts: tuple[int, ...] = per("parts")
    lost: int = 0


@frozen
class Turn:
    """Every part goes one place on."""


@frozen
class Lose:
    amount: int


def rule(state: State, command: Any) -> Outcome[State]:
    if type(command) is Lose:
        return Accepted(evolve(state, lost=state.lost + 1) if state.settings.mode == 9 else state)
    return Accepted(evolve(state, parts=(*state.parts[1:], state.parts[0])))


def raises(state: State, command: Any) -> Outcome[State]:
    if type(command) is Lose and command.amount == 777:
        raise ArithmeticError
    return rule(state, command)


def nothing_is_lost(state: State) -> bool:
    return state.lost == 0


def there_are_less_than_three(state: State) -> bool:
    return len(state.parts) < 3 or state.parts[0] == state.parts[1]


def keeps_the_sum(before: State, _: Any, after: Accepted[State]) -> bool:
    return sum(after.state.parts) == sum(before.parts)


def steps_are_one_or_two(steps: tuple[int, ...]) -> bool:
    return len(steps) in (1, 2)


def some(choices: Choices) -> tuple[Any, ...]:
    return ((0,) * choices.integer(1, 2),)


TWO, OTHER, THREE = (
    State(Settings(0, (1,)), (1, 2)),
    State(Settings(9, (1,)), (1, 2)),
    State(Settings(0, (1, 2)), (1, 1, 2)),
)
MACHINE: Machine[State] = Machine(
    name="parted",
    spec=Spec(
        initial=TWO,
        beat=rule,
        commands=(Turn, Lose),
        reasons=Reason,
        claims=(
            Claim("LOST", "Nothing is lost.", Kind.STATE, nothing_is_lost),
            Claim("FEW", "There are less than three.", Kind.STATE, there_are_less_than_three),
            Claim("SUM", "The sum stays.", Kind.STEP, keeps_the_sum, on=(Turn,)),
            Claim("STEPS", "One or two.", Kind.LAW, steps_are_one_or_two, sample=some),
        ),
        shapes={"larger": THREE},
    ),
    drive=Drive(
        generate=lambda _, choices: choices.pick((Turn(), Lose(1))),
        variants={"other": OTHER, "wide": THREE},
        cover={"same": evolve(TWO, parts=(5, 6))},
    ),
)
