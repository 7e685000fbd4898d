"""What became of orders, what netting did and how settlement went, as tables of the events."""

from typing import Any

from clearspec.core.machine import Shown
from clearspec.machines.clearing.state.events import (
    BoughtIn,
    Delivered,
    OrderCancelled,
    OrderFilled,
    TradeNetted,
    Unwound,
)
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import SecurityId
from clearspec.mechanisms.flows import NO_FLOW, Flow, netted, saved, with_obligation

NETTING = ("account", "security", "trades", "bought", "sold", "to receive", "to deliver", "trades saved", "units saved")
ORDERS = ("event", "order", "account", "broker", "units", "price")
DELIVERIES = ("event", "security", "units", "price", "from", "to")


def tables(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """What was filled of orders, what each account's trades came to, and each delivery, where there are any.

    What is saved is in parts per million, of obligations and of units.
    """
    return (*orders(events), *netting(events), *deliveries(events))


def orders(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """What was filled of orders and what was called back."""
    rows: list[tuple[object, ...]] = []
    for event in events:
        if isinstance(event, OrderFilled):
            rows.append(("filled", event.order, event.account, event.broker, event.units, event.price))
        if isinstance(event, OrderCancelled):
            rows.append(("called back", event.order, event.account, event.broker, event.units, ""))
    return (("orders", ORDERS, tuple(rows)),) if rows else ()


def netting(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """The obligations of each account in each security, before netting and after it."""
    flows: dict[tuple[AccountId, SecurityId], Flow] = {}
    for event in events:
        if isinstance(event, TradeNetted):
            for account, units in ((event.buyer, event.units), (event.seller, -event.units)):
                name = (account, event.security)
                flows[name] = with_obligation(flows.get(name, NO_FLOW), units)
    rows = []
    for (account, security), flow in sorted(flows.items()):
        net = netted(flow)
        fewer = saved(flow.obligations, net.obligations)
        less = saved(flow.receive + flow.deliver, net.receive + net.deliver)
        gross = (account, security, flow.obligations, flow.receive, flow.deliver)
        rows.append((*gross, net.receive, net.deliver, fewer, less))
    return (("netting", NETTING, tuple(rows)),) if rows else ()


def deliveries(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """What was delivered, unwound and bought in."""
    rows: list[tuple[object, ...]] = []
    for event in events:
        if isinstance(event, Delivered):
            rows.append(("delivered", event.security, event.units, event.price, event.seller, event.buyer))
        if isinstance(event, Unwound):
            rows.append(("unwound", event.security, event.units, event.price, event.buyer, event.seller))
        if isinstance(event, BoughtIn):
            rows.append(("bought in", event.security, event.units, event.price, event.seller, event.account))
    return (("deliveries", DELIVERIES, tuple(rows)),) if rows else ()
