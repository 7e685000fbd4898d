"""Crashes in random runs: the sources follow one of them, the makers leave, and the landmarks say so."""

from collections import Counter

import pytest
from attrs import evolve

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms, Lots, Price
from clearspec.machines.exchange.drive.generate import generate
from clearspec.machines.exchange.drive.landmarks import landmarks_of
from clearspec.machines.exchange.drive.price_paths import agreed, frightened, quote
from clearspec.machines.exchange.drive.worlds import PERP, SMALL, SPOT, STANDARD, USDC
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.state.commands import CancelAll, Deposit, OpenAccount, PlaceOrder, QuotePrice
from clearspec.machines.exchange.state.types import (
    AccountId,
    OrderId,
    SelfTrade,
    Side,
    SourceId,
    State,
    TimeInForce,
    start,
)

MAKER, TAKER, BYSTANDER = AccountId("maker"), AccountId("taker"), AccountId("bystander")


def ran(state: State, *commands: object) -> State:
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), command
        state = outcome.state
    return state


def landmarks(state: State, *commands: object) -> Counter[str]:
    """What the beats of these commands reached."""
    found: Counter[str] = Counter()
    for command in commands:
        for before, beat, outcome in MACHINE.run(state, command):
            assert isinstance(outcome, Accepted), command
            found.update(landmarks_of(before, beat, outcome))
            state = outcome.state
    return found


def quotes(price: int, sources: int = 1) -> list[QuotePrice]:
    """So many sources of each market that give this price."""
    return [QuotePrice(SourceId(f"{m}-{i}"), m, Price(price)) for m in (SPOT, PERP) for i in range(sources)]


def order(who: AccountId, name: str, side: Side, price: int, size: int) -> PlaceOrder:
    return PlaceOrder(
        who, OrderId(name), PERP, side, Price(price), Lots(size), TimeInForce.GOOD_TILL_CANCELLED, False,
        SelfTrade.REJECT_MAKER,
    )  # fmt: skip


def venue(sources: int) -> State:
    """Three accounts, two of them funded, and sources that agree on 20."""
    parameters = evolve(SMALL, sources_min=sources)
    accounts = [OpenAccount(who, STANDARD, 5) for who in (MAKER, TAKER, BYSTANDER)]
    deposits = [Deposit(who, USDC, Atoms(200)) for who in (MAKER, TAKER)]
    return ran(start(parameters), *accounts, *deposits, *quotes(20, sources))


@pytest.mark.parametrize("seed", range(20))
def test_the_other_sources_follow_a_crash_within_a_few_quotes(seed: int) -> None:
    jumped = ran(venue(sources=5), QuotePrice(SourceId(f"{PERP}-0"), PERP, Price(8)))
    state, choices, needed = jumped, SeededChoices(seed), 0
    assert not agreed(state, 1)
    while not agreed(state, 1):
        state, needed = ran(state, quote(state, choices, 1)), needed + 1
    assert needed <= 20
    assert 3 * abs(state.markets[1].mark - 20) > 20


def test_makers_are_frightened_far_from_the_mark_and_while_sources_disagree() -> None:
    rested = ran(venue(sources=1), order(MAKER, "bid", Side.BUY, 19, 2))
    assert frightened(rested) == []
    assert frightened(ran(rested, *quotes(16))) == []
    assert frightened(ran(rested, *quotes(12))) == [MAKER]
    torn = ran(venue(sources=2), order(MAKER, "bid", Side.BUY, 19, 2))
    assert frightened(ran(torn, QuotePrice(SourceId(f"{PERP}-0"), PERP, Price(9)))) == [MAKER]
    assert frightened(ran(rested, *quotes(12), CancelAll(MAKER))) == []


def test_random_runs_withdraw_what_a_crash_left_in_the_book() -> None:
    crashed = ran(venue(sources=1), order(MAKER, "bid", Side.BUY, 19, 2), *quotes(9))
    commands = [generate(crashed, SeededChoices(seed)) for seed in range(400)]
    calm = [generate(ran(crashed, *quotes(19)), SeededChoices(seed)) for seed in range(400)]
    assert commands.count(CancelAll(MAKER)) > 2 * calm.count(CancelAll(MAKER))


def test_a_crash_and_who_is_ruined_by_it_are_landmarks() -> None:
    short = [order(MAKER, "ask", Side.SELL, 20, 5), order(TAKER, "lift", Side.BUY, 20, 5)]
    traded = ran(venue(sources=1), *short)
    assert landmarks(traded, QuotePrice(SourceId(f"{PERP}-0"), PERP, Price(26)))["price crashed"] == 0
    half = landmarks(traded, QuotePrice(SourceId(f"{PERP}-0"), PERP, Price(27)))
    assert (half["price crashed"], half["account ruined"]) == (1, 0)
    ruin = landmarks(traded, QuotePrice(SourceId(f"{PERP}-0"), PERP, Price(60)))
    assert (ruin["price crashed"], ruin["account ruined"]) == (1, 1)


def test_the_last_order_of_a_book_is_a_landmark_whether_cancelled_or_filled() -> None:
    both = ran(venue(sources=1), order(MAKER, "one", Side.BUY, 19, 1), order(MAKER, "two", Side.BUY, 18, 1))
    assert landmarks(both, order(TAKER, "hit", Side.SELL, 19, 1))["book emptied"] == 0
    assert landmarks(both, CancelAll(MAKER))["book emptied"] == 1
    assert landmarks(both, order(TAKER, "hit", Side.SELL, 18, 2))["book emptied"] == 1
