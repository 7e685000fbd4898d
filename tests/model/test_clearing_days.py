"""Days of clearing as a whole, told from outside: when trades settle, and that net leaves what gross does."""

from collections import Counter
from datetime import date
from itertools import permutations

import pytest
from attrs import evolve

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.clearing.drive.worlds import DEFAULT, HOUR, MONDAY, NEW_YORK, SMALL, noon
from clearspec.machines.clearing.formulas.calendar import Calendar, Cycle, settlement_day
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Advance,
    BuyIn,
    CaptureTrade,
    DepositCash,
    DepositSecurities,
    OpenAccount,
    Reason,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.events import ClosedOut, DayBegan, Delivered, TradeNetted, TradeNovated
from clearspec.machines.clearing.state.parameters import DeliveryModel
from clearspec.machines.clearing.state.start import start
from clearspec.machines.clearing.state.types import AccountKind


def ordinal(*ymd):
    return date(*ymd).toordinal()


def run(state, *commands):
    """The state after these commands, all accepted, and what happened."""
    events = []
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), (command, outcome)
        state, events = outcome.state, [*events, *outcome.events]
    return state, events


def opened(parameters, today, accounts="ab"):
    """Accounts of one member, with plenty of everything."""
    commands = [AdmitMember("m")]
    for name in accounts:
        commands += [OpenAccount(name, "m", AccountKind.CLIENT)]
        commands += [DepositSecurities(name, each.id, 1_000) for each in parameters.securities]
        commands += [DepositCash(name, each.id, 10**9) for each in parameters.currencies]
    return run(start(parameters, today), *commands)[0]


def day_of_delivery(parameters, traded_on):
    """The day on which a trade of this day is delivered."""
    state = opened(parameters, traded_on)
    state, _ = run(
        state, CaptureTrade("t", "a", "b", parameters.securities[0].id, 5, 7, noon(traded_on, parameters.session))
    )
    for _ in range(15):
        today = state.today
        state, events = run(state, Advance(today + 1))
        if any(isinstance(event, Delivered) for event in events):
            return today
    return None


@pytest.mark.parametrize(
    ("traded_on", "settles_on"),
    [((2024, 5, 24), (2024, 5, 29)), ((2024, 5, 28), (2024, 5, 29)), ((2024, 5, 22), (2024, 5, 24))],
)
def test_around_the_change_of_the_cycle(traded_on, settles_on):
    assert day_of_delivery(DEFAULT, ordinal(*traded_on)) == ordinal(*settles_on)


@pytest.mark.parametrize(
    ("hour", "today", "reason"),
    [
        (15, (2024, 5, 24), None),
        (16, (2024, 5, 24), Reason.TRADED_TODAY),
        (16, (2024, 5, 28), None),
        (24 * 4 + 15, (2024, 5, 28), None),
        (24 * 4 + 16, (2024, 5, 28), Reason.TRADED_TODAY),
    ],
)
def test_a_trade_after_the_cut_off_is_of_the_next_trading_day(hour, today, reason):
    """At four on Friday 24 May 2024, New York time, the trade date of Tuesday begins: Monday is Memorial Day."""
    state = opened(evolve(DEFAULT, session=NEW_YORK), ordinal(*today))
    at = noon(ordinal(2024, 5, 24), NEW_YORK) + (hour - 12) * HOUR
    outcome = MACHINE.step(state, CaptureTrade("t", "a", "b", DEFAULT.securities[0].id, 5, 7, at))
    assert (outcome.reason if isinstance(outcome, Rejected) else None) == reason


@pytest.mark.parametrize(("traded_on", "settles_on"), [(3, 10), (4, 14), (10, 18), (11, 18), (17, 25)])
def test_november_1988(traded_on, settles_on):
    """T+5; the 11th is a bank holiday with an open market, the 24th one without."""
    thanksgiving, veterans_day = ordinal(1988, 11, 24), ordinal(1988, 11, 11)
    parameters = evolve(
        DEFAULT,
        cycle=Cycle(5, ()),
        trading=Calendar((thanksgiving,)),
        settling=Calendar((veterans_day, thanksgiving)),
    )
    assert day_of_delivery(parameters, ordinal(1988, 11, traded_on)) == ordinal(1988, 11, settles_on)


def random_days(parameters, seed, commands=700):
    """Commands that were accepted in a random run, with what came of them."""
    state, choices = start(parameters, MONDAY), SeededChoices(seed)
    for _ in range(commands):
        command = MACHINE.drive.generate(state, choices)
        outcome = MACHINE.step(state, command)
        if isinstance(outcome, Accepted):
            yield state, command, outcome
            state = outcome.state


@pytest.mark.parametrize("model", DeliveryModel)
def test_each_trade_is_novated_at_the_end_of_its_day_and_netted_on_its_settlement_day(model):
    parameters = evolve(SMALL, delivery=model)
    seen = Counter()
    for before, _, outcome in random_days(parameters, seed=5, commands=2_000):
        today = before.today
        for event in outcome.events:
            if isinstance(event, DayBegan):
                today = event.day
            if isinstance(event, TradeNovated | TradeNetted):
                trade = outcome.state.trades.get(event.trade)
                right = trade.traded_on
                if isinstance(event, TradeNetted):
                    right = settlement_day(parameters.settling, parameters.cycle, trade.traded_on)
                assert today == right
                seen[type(event)] += 1
    assert min(seen[TradeNovated], seen[TradeNetted]) > 50


@pytest.mark.parametrize("model", DeliveryModel)
def test_net_is_gross(model):
    """What each account has and is to receive is what came, less what left, and what it bought, less what it sold."""
    gross, bought, state = Counter(), 0, None
    for _, command, outcome in random_days(evolve(SMALL, delivery=model), seed=7):
        state = outcome.state
        if isinstance(command, DepositSecurities):
            gross[command.account, command.security] += command.units
        if isinstance(command, WithdrawSecurities):
            gross[command.account, command.security] -= command.units
        if isinstance(command, BuyIn):
            gross[command.account, command.security] += command.units
            gross[command.seller, command.security] -= command.units
        for event in outcome.events:
            if isinstance(event, TradeNovated | ClosedOut):
                trade = state.trades.get(event.trade)
                gross[trade.buyer, trade.security] += trade.quantity
                gross[trade.seller, trade.security] -= trade.quantity
                bought += trade.quantity
    for key, row in state.accounts.rows():
        for security, position in zip(state.parameters.securities, row.holdings.positions, strict=True):
            has = position.held + position.cleared + position.due + position.failed + position.provisional
            has += position.posted
            assert has == gross[key, security.id]
    assert bought > 20


@pytest.mark.parametrize("model", DeliveryModel)
def test_the_order_of_trades_does_not_matter(model):
    """The same trades of a day in any order leave the same in every account when everybody has enough."""
    parameters = evolve(DEFAULT, cycle=Cycle(0, ()), delivery=model)
    security = parameters.securities[0].id
    trades = [("a", "b", 30, 9), ("b", "c", 50, 11), ("c", "a", 20, 10), ("a", "c", 7, 12)]
    ends = []
    for order in permutations(trades):
        state, at = opened(parameters, MONDAY, "abc"), noon(MONDAY, parameters.session)
        commands = [
            CaptureTrade(f"t{i}", buyer, seller, security, q, p, at) for i, (buyer, seller, q, p) in enumerate(order)
        ]
        ends.append(MACHINE.views.statement(run(state, *commands, Advance(MONDAY + 1))[0]))
    assert all(end == ends[0] for end in ends)
    assert ends[0]["a", f"{security} held"] == 1_000 + 30 - 20 + 7
    assert ends[0]["a", "USD cash"] == 10**9 - 30 * 9 + 20 * 10 - 7 * 12
