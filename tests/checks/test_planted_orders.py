"""Wrong rules of orders: a few commands find each, and every claim that notices it is named, and no other."""

import pytest
from attrs import evolve

from clearspec.core.machine import Accepted
from clearspec.core.quantities import Price
from clearspec.machines.clearing import machine
from clearspec.machines.clearing.drive.worlds import DEFAULT, MONDAY, XYZ, noon
from clearspec.machines.clearing.machine import MACHINE
from clearspec.machines.clearing.rules import orders, trades
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Advance,
    CancelOrder,
    DeclareDefault,
    Execute,
    OpenAccount,
    Port,
    SendOrder,
    SuspendMember,
    Tick,
)
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import Units
from clearspec.machines.clearing.state.start import start
from clearspec.machines.clearing.state.types import AccountKind, Side, State, TradeStatus
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

TODAY, TOMORROW = (noon(each, DEFAULT.session) for each in (MONDAY, MONDAY + 1))
ALICES, BOBS, ANOTHER = (MemberId(name) for name in "mno")
OPENED = (
    *(AdmitMember(name) for name in (ALICES, BOBS, ANOTHER)),
    *(OpenAccount(AccountId(name), name, AccountKind.HOUSE) for name in (ALICES, BOBS, ANOTHER)),
    OpenAccount(AccountId("alice"), ALICES, AccountKind.CLIENT),
    OpenAccount(AccountId("bob"), BOBS, AccountKind.CLIENT),
)
SENT = (
    *OPENED,
    SendOrder(OrderId("buy"), AccountId("alice"), XYZ, Side.BUY, Units(5), Price(7), TODAY),
    SendOrder(OrderId("sell"), AccountId("bob"), XYZ, Side.SELL, Units(8), Price(6), TODAY),
    SendOrder(OrderId("other"), AccountId("o"), XYZ, Side.SELL, Units(8), Price(6), TODAY),
)


def fill(units, price=6, at=TODAY, trade="t"):
    return Execute(TradeId(trade), OrderId("buy"), OrderId("sell"), Units(units), Price(price), at)


RIGHT_OPEN, RIGHT_FILLED = orders.open_today, orders.filled
RIGHT_SEND, RIGHT_CANCEL, RIGHT_EXECUTE, RIGHT_TICK = (
    machine.RULES[each] for each in (SendOrder, CancelOrder, Execute, Tick)
)


def with_order(outcome, name, **changed):
    """The outcome, but for what it says of one order."""
    table = outcome.state.orders
    return evolve(outcome, state=evolve(outcome.state, orders=table.put(name, evolve(table.get(name), **changed))))


def all_of_it(_: State, order):
    """An order is open for its quantity, whatever was filled of it."""
    return order.quantity


def called_back_or_not(state, order):
    """What was called back is still open."""
    return RIGHT_OPEN(state, evolve(order, cancelled=0))


def on_any_day(state, order):
    """An order stands until it is filled."""
    return RIGHT_OPEN(state, evolve(order, sent_on=state.today))


def at_any_broker(state, order):
    """An order follows its account to another broker."""
    return RIGHT_OPEN(state, evolve(order, broker=state.accounts.get(order.account).member))


def never(*_):
    """No member is suspended, or in default."""
    return False


def buyers_alone(done, name, order, units, price):
    """It is not noted what was sold."""
    return RIGHT_FILLED(done, name, order, units, price) if order.side == Side.BUY else done


def once_more(done, name, order, units, price):
    """What is filled is noted twice."""
    return RIGHT_FILLED(done, name, order, 2 * units, price)


def at_any_price(state, command):
    """The limits are forgotten while the exchange reports."""
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    table = state.orders.put(command.buy, evolve(buy, limit=command.price))
    done = RIGHT_EXECUTE(evolve(state, orders=table.put(command.sell, evolve(sell, limit=command.price))), command)
    return with_order(with_order(done, command.buy, limit=buy.limit), command.sell, limit=sell.limit)


def before_it_was_sent(state, command):
    """An order may be filled before it was sent."""
    return RIGHT_EXECUTE(state, evolve(command, at=TODAY))


def other_way_round(state, command):
    """The buyer sells and the seller buys."""
    done = RIGHT_EXECUTE(state, command)
    if not isinstance(done, Accepted):
        return done
    table = done.state.trades
    trade = table.get(command.trade)
    turned = table.put(command.trade, evolve(trade, buyer=trade.seller, seller=trade.buyer))
    return evolve(done, state=evolve(done.state, trades=turned))


def never_to_be_novated(state, command):
    """The trade is said to be with the central counterparty already, which owes nobody for it."""
    done = RIGHT_EXECUTE(state, command)
    if not isinstance(done, Accepted):
        return done
    table = done.state.trades
    novated = evolve(table.get(command.trade), status=TradeStatus.NOVATED)
    return evolve(done, state=evolve(done.state, trades=table.put(command.trade, novated)))


def a_third_one_too(state, command):
    """An order that nobody named is filled as well."""
    return with_order(RIGHT_EXECUTE(state, command), OrderId("other"), filled=Units(1))


def at_a_better_price_for_some(state, command):
    """The limit of an order is changed while it is passed on."""
    outcome = RIGHT_SEND(state, command)
    return with_order(outcome, command.order, limit=command.limit + 1) if isinstance(outcome, Accepted) else outcome


def through_somebody_else(state, command):
    """An order is passed on by a member that does not keep the account."""
    outcome = RIGHT_SEND(state, command)
    return with_order(outcome, command.order, broker=ANOTHER) if isinstance(outcome, Accepted) else outcome


def all_but_one(state, command):
    """A unit of what is called back is left open."""
    outcome = RIGHT_CANCEL(state, command)
    return with_order(outcome, command.order, cancelled=outcome.state.orders.get(command.order).cancelled - 1)


def filled_or_not(state, command):
    """All of an order is called back, what was filled too."""
    outcome = RIGHT_CANCEL(state, command)
    return with_order(outcome, command.order, filled=0, cancelled=outcome.state.orders.get(command.order).quantity)


def renewed(state, beat):
    """Orders go on to the next day."""
    outcome = RIGHT_TICK(state, beat)
    return with_order(outcome, OrderId("buy"), sent_on=outcome.state.today)


def forgotten(state, beat):
    """Orders go with their day, and their names may be used again."""
    outcome = RIGHT_TICK(state, beat)
    return evolve(outcome, state=evolve(outcome.state, orders=outcome.state.orders.drop(OrderId("buy"))))


PARTS = [
    pytest.param(orders, "open_today", all_of_it, (fill(3), fill(4, trade="u")), "ORD-1 ORD-3 REJ-1", id="overfilled"),
    pytest.param(
        orders,
        "open_today",
        called_back_or_not,
        (CancelOrder(OrderId("buy")), fill(4)),
        "ORD-1 ORD-3 REJ-1",
        id="filled though called back",
    ),
    pytest.param(
        orders, "open_today", on_any_day, (Advance(MONDAY + 1), fill(3, at=TOMORROW)), "ORD-4 REJ-1", id="a day late"
    ),
    pytest.param(
        orders,
        "open_today",
        at_any_broker,
        (DeclareDefault(ALICES), Port(AccountId("alice"), ANOTHER), fill(3)),
        "ORD-4 REJ-1",
        id="executed at another broker",
    ),
    pytest.param(trades, "suspended", never, (SuspendMember(BOBS, True), fill(3)), "ORD-4 REJ-1", id="suspended"),
    pytest.param(trades, "suspended", never, (DeclareDefault(BOBS), fill(3)), "ORD-4 REJ-1", id="in default"),
    pytest.param(orders, "filled", buyers_alone, (fill(3),), "ORD-3", id="sales are not noted"),
    pytest.param(orders, "filled", once_more, (fill(2),), "ORD-3", id="noted twice"),
    pytest.param(orders, "filled", once_more, (fill(3),), "ORD-1 ORD-3", id="noted twice, beyond the quantity"),
]
BEATS = [
    pytest.param(Execute, at_any_price, (fill(3, price=8),), "ORD-3 REJ-1", id="dearer than the limit"),
    pytest.param(Execute, at_any_price, (fill(3, price=5),), "ORD-3 REJ-1", id="cheaper than the limit"),
    pytest.param(Execute, before_it_was_sent, (fill(3, at=TODAY - 1),), "ORD-3 REJ-1", id="before it was sent"),
    pytest.param(Execute, other_way_round, (fill(3),), "TRD-2", id="the other way round"),
    pytest.param(Execute, never_to_be_novated, (fill(3), Advance(MONDAY + 1)), "TRD-2", id="never novated"),
    pytest.param(Execute, a_third_one_too, (fill(3),), "ORD-6", id="a third order is filled"),
    pytest.param(SendOrder, at_a_better_price_for_some, (), "ORD-2", id="another limit"),
    pytest.param(SendOrder, through_somebody_else, (), "ORD-2", id="another broker"),
    pytest.param(CancelOrder, all_but_one, (fill(3), CancelOrder(OrderId("buy"))), "ORD-5", id="a unit is left"),
    pytest.param(CancelOrder, filled_or_not, (fill(3), CancelOrder(OrderId("buy"))), "ORD-5 ORD-6", id="unfilled"),
    pytest.param(Tick, renewed, (Advance(MONDAY + 1),), "ORD-6", id="goes on to the next day"),
    pytest.param(Tick, forgotten, (Advance(MONDAY + 1),), "ORD-6", id="goes with its day"),
]


@pytest.mark.parametrize(("module", "name", "rule", "commands", "codes"), PARTS)
def test_a_wrong_part_is_named(monkeypatch, module, name, rule, commands, codes):
    assert noticed_by(commands) == set()
    monkeypatch.setattr(module, name, rule)
    assert noticed_by(commands) == {f"CL-{code}" for code in codes.split()}


@pytest.mark.parametrize(("beat", "rule", "commands", "codes"), BEATS)
def test_a_wrong_beat_is_named(monkeypatch, beat, rule, commands, codes):
    assert noticed_by(commands) == set()
    monkeypatch.setitem(machine.RULES, beat, rule)
    assert noticed_by(commands) == {f"CL-{code}" for code in codes.split()}


def noticed_by(commands):
    """The codes of all claims that break in these commands, each claim watched alone."""
    return {each.code for each in MACHINE.spec.claims if breaks(each, commands)}


def breaks(claim, commands):
    """Does this claim break, after two orders have been sent?"""
    watch, state = Watch(MACHINE.altered(claims=(claim,), statement=None)), start(DEFAULT, MONDAY)
    try:
        for command in (*SENT, *commands):
            outcome = watch.run(state, command)
            state = outcome.state if isinstance(outcome, Accepted) else state
    except Violation as violation:
        return violation.code == claim.code
    return False
