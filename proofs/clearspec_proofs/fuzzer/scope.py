"""A small world, searched on plain Python: is there a state in which a claim that is proved does not hold?"""

from collections.abc import Iterator
from itertools import product
from random import Random
from types import ModuleType
from typing import Any, Final

from attrs import frozen

from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted

STATES: Final = 1_500
"""Of each machine; where there are more, so many are drawn."""


@frozen
class Untrue:
    """A claim that is proved, or that a beat raises nothing, and a state and a beat where it is not so."""

    code: str
    before: Any
    beat: Any
    what: str


def search(module: ModuleType, proved: set[str], random: Random) -> tuple[dict[str, Untrue], int]:
    """The first state and beat that break each of these claims, and how many states were looked at."""
    claims = {each.code: each for each in module.MACHINE.spec.claims}
    hypotheses = [each for each in claims.values() if each.kind is Kind.STATE]
    found: dict[str, Untrue] = {}
    looked_at = 0
    for state in states(module, random):
        if not all(_holds(each, state) for each in hypotheses):
            continue
        looked_at += 1
        for beat in beats(module, random):
            try:
                outcome = module.MACHINE.spec.beat(state, beat)
            except Exception as error:
                found.setdefault("no-crash", Untrue("no-crash", state, beat, f"raises {error!r}"))
                continue
            if type(outcome) is not Accepted:
                continue
            for code in (proved & claims.keys()) - found.keys():
                claim = claims[code]
                arguments = (outcome.state,) if claim.kind is Kind.STATE else (state, beat, outcome)
                if not _holds(claim, *arguments):
                    found[code] = Untrue(code, state, beat, str(outcome))
    return {code: each for code, each in found.items() if code in proved}, looked_at


def _holds(claim: Any, *arguments: Any) -> bool:
    try:
        return claim(*arguments) is True
    except Exception:
        return False


def states(module: ModuleType, random: Random) -> Iterator[Any]:
    """States with up to three people and two orders, a few of them with one row more."""
    for _ in range(STATES):
        people = {
            module.AccountId(name): module.Person(
                random.choice((-1, 0, 0, 1, 2, 5)),
                random.choice(list(module.Side)),
                random.random() < 0.5,
                random.choice((None, None, 0, 1, 3)),
                module.AccountId(random.choice("abcd")),
            )
            for name in "abc"
            if random.random() < 0.7
        }
        orders = {
            module.OrderId(name): module.Order(random.choice((-1, 0, 1, 2, 3)), module.AccountId(random.choice("abc")))
            for name in "xy"
            if random.random() < 0.5
        }
        number = random.choice((0, 0, -1, 1, 3, sum(each.cash for each in people.values())))
        yield module.State(
            module.Table(people),
            module.Table(orders),
            number,
            random.random() < 0.7,
            module.AccountId(random.choice("abc")),
        )


def beats(module: ModuleType, random: Random) -> list[Any]:
    """Two of the commands that there are over a few names and numbers."""
    every = list(product("abd", "abd", "xy", (-1, 0, 1, 2)))
    return [
        module.Do(module.AccountId(one), module.AccountId(other), module.OrderId(order), amount)
        for one, other, order, amount in random.sample(every, 2)
    ]
