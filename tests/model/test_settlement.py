"""The settlement loop: a round that is skipped would have moved nothing, and an account's markets are netted."""

import pytest
from attrs import evolve

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted
from clearspec.machines.exchange.drive.worlds import DEFAULT, PERP, STANDARD, USDC
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.state.commands import Advance, Deposit, OpenAccount, PlaceOrder, QuotePrice, Tick
from clearspec.machines.exchange.state.events import LossSettled
from clearspec.machines.exchange.state.parameters import SETTLEMENT_ROUND, MarketId, valid
from clearspec.machines.exchange.state.types import AccountId, OrderId, Side, SourceId, TimeInForce, start
from clearspec_checks.runs.scenarios import load, named_scenarios
from clearspec_checks.wire.starts import starts

ALICE, BOB = AccountId("alice"), AccountId("bob")
COMMANDS = 1_000
"""After each of them the clock is moved for a minute on the side, and every round that is skipped then is held."""


def round_held(state, now):
    """The state after a round at that time, as the clock begins one."""
    state = evolve(state, now=now, target=now, settlement_due=True, round=state.round + 1)
    while (beat := MACHINE.spec.due(state)) is not None:
        state = MACHINE.spec.beat(state, beat).state
    return state


def what_there_is(state):
    """All that a round may move: not the time, the count of rounds and turns, nor the index of a loan of nothing."""
    rows = tuple((key, evolve(row, turn=0, holdings=shown(row.holdings))) for key, row in state.accounts.rows())
    tables = {name: tuple(getattr(state, name).rows()) for name in ("orders", "quotes", "withdrawals", "requests")}
    return evolve(state, now=0, target=0, round=0, quiet=True, accounts=rows, **tables)


def shown(holdings):
    """The holdings, with the index of a loan of nothing left out: any will do."""
    loans = tuple(
        evolve(loan, lent_at=loan.lent and loan.lent_at, borrowed_at=loan.borrowed and loan.borrowed_at)
        for loan in holdings.loans
    )
    return evolve(holdings, loans=loans)


def skipped_rounds(state):
    """For each Tick of the next minute that may skip rounds: the state, and when the first and the last may be held."""
    now = state.now
    for before, beat, outcome in MACHINE.run(state, Advance(now + 60_000)):
        if isinstance(beat, Tick) and before.quiet:
            first, last = before.now // SETTLEMENT_ROUND + 1, outcome.state.now // SETTLEMENT_ROUND
            for number in {first, max(first, last)}:
                yield before, number * SETTLEMENT_ROUND


@pytest.mark.parametrize("start", starts(MACHINE))
@pytest.mark.parametrize("seed", [1, 2])
def test_a_round_that_is_skipped_would_have_moved_nothing(start, seed):
    choices, state, held = SeededChoices(seed), starts(MACHINE)[start], 0
    for _ in range(COMMANDS):
        command = MACHINE.drive.generate(state, choices)
        outcome = MACHINE.step(state, command)
        state = outcome.state if isinstance(outcome, Accepted) else state
        for before, at in skipped_rounds(state):
            held += 1
            assert what_there_is(round_held(before, at)) == what_there_is(before), (start, seed, command)
    assert held > COMMANDS


@pytest.mark.parametrize("lots", [100, 500])
def test_what_a_sale_frees_is_taken_in_the_next_round(lots):
    """A bid of one who owes and had its turn is met by a sale: filled in part and paying, or cancelled."""
    scenario = load(named_scenarios()["settle-freed-cash"])
    sizes = {"s1": 500 + lots, "c2": 500 + lots, "b1": lots, "b2": lots}
    state, moved = scenario.start, []
    for command in scenario.commands:
        if isinstance(command, PlaceOrder):
            command = evolve(command, size=sizes.get(str(command.order), command.size))
        if command == Deposit(BOB, USDC, 450_000):
            command = evolve(command, amount=lots * 900)
        for before, at in skipped_rounds(state):
            assert what_there_is(round_held(before, at)) == what_there_is(before)
        outcome = MACHINE.step(state, command)
        state, moved = outcome.state, outcome.events
    paid = [event.balance for event in moved if isinstance(event, LossSettled) and event.account == ALICE]
    assert paid[0] == 0
    assert sum(paid) > 0


ETH_PERP = MarketId("ETH-PERP")
SPOT, OTHER = (evolve(market, tick=1, notional_min=1) for market in DEFAULT.markets)
WITHOUT_FEES = evolve(
    DEFAULT,
    markets=(SPOT, OTHER, evolve(OTHER, id=ETH_PERP)),
    tiers=(evolve(DEFAULT.tiers[0], maker=0, taker=0),),
    sources_min=1,
)


def traded_between(buyer, seller, market, price):
    """One lot changes hands at that price."""
    resting, immediate = TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.IMMEDIATE_OR_CANCEL
    name = f"{buyer}-{market}-{price}"
    yield PlaceOrder(seller, OrderId(f"{name}-ask"), market, Side.SELL, price, 1, resting, False)
    yield PlaceOrder(buyer, OrderId(f"{name}-bid"), market, Side.BUY, price, 1, immediate, False)


@pytest.mark.parametrize(("lost", "paid"), [(15, 5), (10, 0), (4, -6)])
def test_ten_won_and_fifteen_lost_are_five_paid(lost, paid):
    """And nothing is left in either market: a loss there would count against withdrawals, and so for ever."""
    assert valid(WITHOUT_FEES)
    state, commands = start(WITHOUT_FEES), (
        *(OpenAccount(who, STANDARD, 50) for who in (ALICE, BOB)),
        *(Deposit(who, USDC, 1_000) for who in (ALICE, BOB)),
        *(QuotePrice(SourceId(f"{market}-index"), market, 100) for market in (PERP, ETH_PERP)),
        *traded_between(ALICE, BOB, PERP, 100),
        *traded_between(BOB, ALICE, PERP, 110),
        *traded_between(ALICE, BOB, ETH_PERP, 100),
        *traded_between(BOB, ALICE, ETH_PERP, 100 - lost),
    )  # fmt: skip
    for command in commands:
        state = MACHINE.step(state, command).state
    assert [told.unsettled for told in state.accounts.get(ALICE).holdings.positions] == [0, 10, -lost]
    settled = MACHINE.step(state, Advance(SETTLEMENT_ROUND))
    moved = {event.account: event.balance for event in settled.events if isinstance(event, LossSettled)}
    assert moved == ({ALICE: paid} if paid > 0 else {BOB: -paid} if paid < 0 else {})
    for who, balance in ((ALICE, 1_000 - paid), (BOB, 1_000 + paid)):
        holdings = settled.state.accounts.get(who).holdings
        assert holdings.balances[0] == balance
        assert [told.unsettled for told in holdings.positions] == [0, 0, 0]
