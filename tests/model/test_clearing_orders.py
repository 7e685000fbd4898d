"""Orders through brokers, told from outside: what becomes of a day's orders, and of each unit that is asked for."""

from collections import Counter

import pytest
from attrs import evolve

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.clearing.drive.worlds import DEFAULT, MONDAY, SMALL, XYZ, noon
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Advance,
    CancelOrder,
    CaptureTrade,
    DeclareDefault,
    DepositCash,
    DepositSecurities,
    Execute,
    OpenAccount,
    Port,
    Reason,
    SendOrder,
    SuspendMember,
)
from clearspec.machines.clearing.state.events import OrderCancelled, OrderFilled
from clearspec.machines.clearing.state.start import start
from clearspec.machines.clearing.state.types import AccountKind, Side

NOON = noon(MONDAY, DEFAULT.session)


def run(state, *commands):
    """The state after these commands, all accepted."""
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), (command, outcome)
        state = outcome.state
    return state


def refused(state, command):
    """Why the command is rejected; nothing if it is not."""
    outcome = MACHINE.step(state, command)
    return outcome.reason if isinstance(outcome, Rejected) else None


BROKERS = run(
    start(DEFAULT, MONDAY),
    *(AdmitMember(name) for name in "mno"),
    OpenAccount("alice", "m", AccountKind.CLIENT),
    OpenAccount("bob", "n", AccountKind.CLIENT),
    DepositCash("alice", "USD", 10**9),
    DepositSecurities("bob", XYZ, 1_000),
)
BUY = SendOrder("buy", "alice", XYZ, Side.BUY, 500, 101, NOON)
SELL = SendOrder("sell", "bob", XYZ, Side.SELL, 800, 99, NOON + 1)
FILL = Execute("t", "buy", "sell", 500, 100, NOON + 1)
SENT = run(BROKERS, BUY, SELL)


def test_a_trade_by_orders_is_the_trade_that_is_reported_without_them():
    reported = run(BROKERS, CaptureTrade("t", "alice", "bob", XYZ, 500, 100, NOON + 1))
    executed = run(SENT, FILL)
    assert executed.trades.get("t") == reported.trades.get("t")
    for days in range(1, 5):
        reported, executed = (run(state, Advance(MONDAY + days)) for state in (reported, executed))
        assert MACHINE.views.statement(executed) == MACHINE.views.statement(reported)
    assert MACHINE.views.statement(executed)["alice", "XYZ held"] == 500


def test_an_order_is_filled_by_many_trades_and_what_is_left_lapses():
    state = run(SENT, evolve(FILL, quantity=200), evolve(FILL, trade="u", quantity=250, price=101))
    assert refused(state, evolve(FILL, trade="v", quantity=51)) == Reason.UNITS_WITHIN_ORDERS
    assert refused(state, evolve(FILL, trade="v", quantity=50)) is None
    tomorrow = run(state, Advance(MONDAY + 1))
    later = evolve(FILL, trade="v", quantity=50, at=noon(MONDAY + 1, DEFAULT.session))
    assert refused(tomorrow, later) == Reason.ORDER_OPEN
    assert refused(tomorrow, CancelOrder("buy")) == Reason.ORDER_OPEN
    assert refused(tomorrow, evolve(BUY, at=later.at)) == Reason.ORDER_ID_UNUSED
    again = run(tomorrow, evolve(BUY, order="buy2", at=later.at), evolve(SELL, order="sell2", at=later.at))
    assert refused(again, evolve(later, buy="buy2", sell="sell2")) is None


def test_what_is_called_back_is_not_executed_and_what_was_executed_is_not_called_back():
    state = run(SENT, evolve(FILL, quantity=200), CancelOrder("buy"))
    assert (state.orders.get("buy").filled, state.orders.get("buy").cancelled) == (200, 300)
    assert state.trades.get("t").quantity == 200
    assert refused(state, evolve(FILL, trade="u", quantity=1)) == Reason.ORDER_OPEN
    assert refused(state, CancelOrder("buy")) == Reason.ORDER_OPEN
    assert refused(state, CancelOrder("sell")) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"buy": "none"}, Reason.ORDER_EXISTS),
        ({"sell": "none", "quantity": 10**6}, Reason.ORDER_EXISTS),
        ({"buy": "sell", "sell": "buy"}, Reason.ORDERS_OPPOSITE),
        ({"sell": "buy"}, Reason.ORDERS_OPPOSITE),
        ({"buy": "bond"}, Reason.ORDERS_OPPOSITE),
        ({"quantity": 501, "price": 102}, Reason.UNITS_WITHIN_ORDERS),
        ({"price": 102, "at": NOON}, Reason.PRICE_WITHIN_ORDERS),
        ({"price": 98}, Reason.PRICE_WITHIN_ORDERS),
        ({"at": NOON, "trade": "used"}, Reason.ORDERS_SENT),
        ({"buy": "late"}, Reason.ORDERS_SENT),
        ({"buy": "late", "at": NOON + 2}, None),
        ({"at": NOON + 24 * 3_600_000, "trade": "used"}, Reason.TRADE_ID_UNUSED),
        ({"buy": "own", "at": NOON + 24 * 3_600_000}, Reason.SIDES_DIFFER),
        ({"at": NOON + 24 * 3_600_000, "quantity": 0}, Reason.TRADED_TODAY),
        ({"quantity": 0}, Reason.QUANTITY_WITHIN_LIMIT),
        ({"price": 101, "quantity": 300}, None),
        ({"price": 99}, None),
    ],
)
def test_an_execution_that_an_order_does_not_allow_is_refused(changed, reason):
    state = run(
        SENT,
        evolve(BUY, order="bond", security="BOND"),
        evolve(BUY, order="own", account="bob"),
        evolve(BUY, order="late", at=NOON + 2),
        CaptureTrade("used", "alice", "bob", XYZ, 1, 100, NOON),
    )
    assert refused(state, evolve(FILL, **changed)) == reason


@pytest.mark.parametrize("stops", [SuspendMember("n", True), DeclareDefault("n")])
def test_no_order_of_a_member_that_is_out_is_taken_or_executed(stops):
    state = run(SENT, stops)
    assert refused(state, FILL) == Reason.MEMBERS_ACTIVE
    assert refused(state, evolve(SELL, order="again")) == Reason.MEMBERS_ACTIVE
    assert refused(state, CancelOrder("sell")) is None


def test_orders_do_not_follow_a_client_to_another_broker():
    state = run(SENT, DeclareDefault("m"), Port("alice", "o"))
    assert refused(state, FILL) == Reason.ORDER_OPEN
    again = run(state, evolve(BUY, order="again"))
    assert again.orders.get("again").broker == "o"
    assert refused(again, evolve(FILL, buy="again")) is None


def test_each_unit_of_an_order_is_traded_called_back_or_left():
    """In random runs: what is noted of each order is the sum of what was reported of it, and as much was traded."""
    fills, calls = 0, 0
    for seed in range(4):
        filled, cancelled = of_a_random_run(seed)
        fills, calls = fills + len(filled), calls + len(cancelled)
    assert fills > 20
    assert calls > 4


def of_a_random_run(seed):
    """The units that were filled, and called back, of each order, which the orders agree with."""
    state, choices = start(SMALL, MONDAY), SeededChoices(seed)
    filled, cancelled, sent = Counter(), Counter(), {}
    for _ in range(1_000):
        command = MACHINE.drive.generate(state, choices)
        outcome = MACHINE.step(state, command)
        if isinstance(outcome, Rejected):
            continue
        state = outcome.state
        if isinstance(command, SendOrder):
            sent[command.order] = command
        if isinstance(command, Execute):
            trade = state.trades.get(command.trade)
            buy, sell = sent[command.buy], sent[command.sell]
            assert (trade.buyer, trade.seller, trade.quantity) == (buy.account, sell.account, command.quantity)
            assert sell.limit * trade.quantity <= trade.amount <= buy.limit * trade.quantity
        for event in outcome.events:
            if isinstance(event, OrderFilled):
                filled[event.order] += event.units
            if isinstance(event, OrderCancelled):
                cancelled[event.order] += event.units
    for key, order in state.orders.rows():
        assert (order.filled, order.cancelled) == (filled[key], cancelled[key])
        assert filled[key] + cancelled[key] <= order.quantity == sent[key].quantity
    return filled, cancelled
