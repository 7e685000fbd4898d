"""What a campaign must reach beside all commands, beats and reasons."""

from typing import Any

from clearspec.core.machine import Accepted
from clearspec.machines.clearing.formulas.calendar import DAY, FIRST_DAY, is_open
from clearspec.machines.clearing.state.commands import (
    BuyIn,
    CancelOrder,
    CaptureTrade,
    Carry,
    Deliver,
    Execute,
    Fail,
    Tick,
)
from clearspec.machines.clearing.state.events import (
    AccountPorted,
    CallUnmet,
    CashCollected,
    CashPaid,
    ClosedOut,
    Contributed,
    Delivered,
    LossLeftOver,
    LossPaid,
    Repaid,
    SettlementFailed,
    TradeNetted,
    Unwound,
)
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import DeliveryModel, security_place
from clearspec.machines.clearing.state.types import State, account_of
from clearspec.machines.clearing.state.work import Layer, Payee, Stage

LANDMARKS = (
    "order filled in part",
    "order filled by several trades",
    "rest of an order called back",
    "order lapsed",
    "traded on a bank holiday",
    "traded after the cut-off of an earlier day",
    "traded across the change of the cycle",
    "netted to nothing",
    "netted with a fail",
    *(f"delivered in {model.value.split(':')[0]}" for model in DeliveryModel),
    "no more deliveries today",
    "delivered in part for want of units",
    "delivered in part for want of cash",
    "final delivery left unpaid",
    "unwound",
    "unwound from one who is short as well",
    "failed to deliver",
    "failed to receive",
    "failed for want of cash",
    "fail marked up",
    "fail marked down",
    "fail ended",
    "penalty charged",
    "penalty received",
    "penalty rounded",
    "could not pay all",
    "paid a part",
    "bought in dearer",
    "bought in cheaper",
    "call not met",
    "client ported",
    "closed out by a sale",
    "closed out by a purchase",
    *(f"loss paid by layer {number}" for number in range(1, 7)),
    "loss left over",
    "survivors paid all that they have",
    "assessed in a second default",
    *(f"repaid to payee {number}" for number in range(1, 6)),
    "repaid to many, not all",
    "repaid to a member in default",
    "an estate repaid by itself",
    "contribution repaid in cash",
    "contribution to replenish not brought",
    "contribution replenished",
)


def landmarks_of(before: State, beat: Any, accepted: Accepted[State]) -> tuple[str, ...]:
    """Which landmarks this beat reached."""
    found: list[str] = []
    if isinstance(beat, Execute | CancelOrder | Tick):
        found += of_orders(before, beat, accepted.state)
    if isinstance(beat, CaptureTrade):
        found += ["traded on a bank holiday"] * (not is_open(before.parameters.settling, before.today))
        session = before.parameters.session
        found += ["traded after the cut-off of an earlier day"] * (
            FIRST_DAY + (beat.at + session.ahead) // DAY < before.today
        )
        found += ["traded across the change of the cycle"] * any(
            before.today < change.on <= trade.settles_on
            for change in before.parameters.cycle.changes
            for key, trade in accepted.state.trades.rows()
            if key == beat.trade
        )
    if isinstance(beat, BuyIn):
        place = security_place(before.parameters, beat.security)
        assert place is not None, "a buy-in is of a security that exists"
        difference = beat.price - before.prices[place].settlement
        found += ["bought in dearer"] * (difference > 0) + ["bought in cheaper"] * (difference < 0)
    for event in accepted.events:
        found += of_event(before, event, accepted.state)
    if isinstance(beat, Carry) and accepted.state.stage == Stage.CARRYING:
        prices = [price.published - price.settlement for price in before.prices]
        found += ["fail marked up"] * any(each > 0 for each in prices)
        found += ["fail marked down"] * any(each < 0 for each in prices)
    if isinstance(beat, Deliver) and not accepted.events:
        found += ["no more deliveries today"] * (before.deliveries == before.parameters.deliveries_max)
    if isinstance(beat, Fail):
        found += of_penalties(before, accepted.state)
    return tuple(found)


def of_orders(before: State, beat: Execute | CancelOrder | Tick, after: State) -> list[str]:
    """How far orders were filled, and what became of the rest."""
    if isinstance(beat, Tick):
        today = [order for _, order in before.orders.rows() if order.sent_on == before.today]
        return ["order lapsed"] * any(order.filled + order.cancelled < order.quantity for order in today)
    names = (beat.order,) if isinstance(beat, CancelOrder) else (beat.buy, beat.sell)
    found: list[str] = []
    for name in names:
        was, now = before.orders.get(name), after.orders.get(name)
        assert was is not None, "an order that is executed or called back is there"
        assert now is not None, "an order never goes"
        if isinstance(beat, CancelOrder):
            found += ["rest of an order called back"] * (was.filled > 0)
        else:
            found += ["order filled in part"] * (now.filled < now.quantity)
            found += ["order filled by several trades"] * (was.filled > 0)
    return found


def of_event(before: State, event: Any, after: State) -> list[str]:
    """The landmarks of what happened."""
    if isinstance(event, TradeNetted):
        return of_netting(before, event, after)
    if isinstance(event, Delivered):
        return of_delivery(before, event, after)
    if isinstance(event, Unwound):
        seller = account_of(before, event.seller).holdings
        also = any(money.held + money.provisional < 0 for money in seller.money)
        return ["unwound", *(["unwound from one who is short as well"] * also)]
    if isinstance(event, CashCollected):
        left = any(
            money.payable < 0 and money.turn == before.today
            for money in account_of(after, event.account).holdings.money
        )
        final = before.parameters.delivery == DeliveryModel.NET_CASH
        return ["could not pay all"] * left + ["final delivery left unpaid"] * (left and final)
    if isinstance(event, CashPaid):
        money = account_of(after, event.account).holdings.money
        return ["paid a part"] * (event.amount > 0 and any(each.payable > 0 for each in money))
    if isinstance(event, SettlementFailed):
        return of_fail(before, event, after)
    if isinstance(event, CallUnmet):
        lacks = any(money.to_replenish > 0 for money in account_of(before, event.account).holdings.money)
        return ["call not met"] + ["contribution to replenish not brought"] * lacks
    if isinstance(event, Contributed):
        return ["contribution replenished"] * any(
            old.to_replenish > new.to_replenish == 0
            for old, new in zip(
                account_of(before, event.account).holdings.money,
                account_of(after, event.account).holdings.money,
                strict=True,
            )
        )
    if isinstance(event, AccountPorted):
        return ["client ported"]
    if isinstance(event, ClosedOut):
        return ["closed out by a purchase" if event.units > 0 else "closed out by a sale"]
    if isinstance(event, LossLeftOver):
        return ["loss left over"] * (event.amount > 0)
    if isinstance(event, LossPaid):
        return of_loss(before, event)
    if isinstance(event, Repaid):
        return of_recovery(before, event, after)
    return []


def of_netting(before: State, event: TradeNetted, after: State) -> list[str]:
    """A trade may take away what was due, or what had failed."""
    trade = before.trades.get(event.trade)
    assert trade is not None, "a trade that is netted is there"
    place = security_place(before.parameters, trade.security)
    assert place is not None, "a trade is in a security that exists"
    found: list[str] = []
    for name in (trade.buyer, trade.seller):
        was, now = (account_of(state, name).holdings.positions[place] for state in (before, after))
        found += ["netted to nothing"] * (now.due == 0 and was.due != 0)
        found += ["netted with a fail"] * (
            (was.fails_to_deliver or was.fails_to_receive) and abs(now.due) < abs(was.due)
        )
    return found


def of_delivery(before: State, event: Delivered, after: State) -> list[str]:
    """The model, and why a delivery was not larger."""
    place = security_place(before.parameters, event.security)
    assert place is not None, "a delivery is of a security that exists"
    seller, buyer = (account_of(after, name).holdings.positions[place] for name in (event.seller, event.buyer))
    both = seller.due < 0 < buyer.due
    units = both and seller.held + seller.provisional == 0
    return [
        f"delivered in {before.parameters.delivery.value.split(':')[0]}",
        *(["delivered in part for want of units"] * units),
        *(["delivered in part for want of cash"] * (both and not units)),
    ]


def of_loss(before: State, event: LossPaid) -> list[str]:
    """Which layer paid, and how far it went."""
    found = [f"loss paid by layer {list(Layer).index(event.layer)}"] * (event.amount > 0)
    for loss in before.losses:
        if loss.account is not None and event.layer in (Layer.SURVIVORS, Layer.ASSESSMENTS):
            found += ["survivors paid all that they have"] * (loss.amount == loss.weights)
    if event.layer == Layer.ASSESSMENTS and isinstance(event.payer, AccountId):
        assessed = any(money.assessed > 0 for money in account_of(before, event.payer).holdings.money)
        found += ["assessed in a second default"] * assessed
    return found


def of_recovery(before: State, event: Repaid, after: State) -> list[str]:
    """Who was repaid, and how."""
    if event.amount == 0:
        return []
    found = [f"repaid to payee {list(Payee).index(event.payee)}"]
    if isinstance(event.receiver, AccountId):
        was, now = account_of(before, event.receiver), account_of(after, event.receiver)
        found += ["repaid to many, not all"] * any(loss.amount < loss.weights for loss in before.losses)
        found += ["repaid to a member in default"] * (was.defaulted and event.receiver != event.account)
        found += ["an estate repaid by itself"] * (event.receiver == event.account)
        cash = any(new.held > old.held for old, new in zip(was.holdings.money, now.holdings.money, strict=True))
        found += ["contribution repaid in cash"] * (cash and not was.defaulted)
    return found


def of_fail(before: State, event: SettlementFailed, after: State) -> list[str]:
    """What kind of fail it was, or that it has ended."""
    found: list[str] = []
    was, now = (account_of(state, event.account).holdings for state in (before, after))
    for place, (old, new) in enumerate(zip(was.positions, now.positions, strict=True)):
        found += ["failed to deliver"] * (new.failed < 0) + ["failed to receive"] * (new.failed > 0)
        found += ["fail ended"] * (new.failed == 0 and (old.fails_to_deliver > 0 or old.fails_to_receive > 0))
        able = any(
            row.holdings.positions[place].due < 0 < row.holdings.positions[place].held
            for _, row in before.accounts.rows()
        )
        found += ["failed for want of cash"] * (new.failed > 0 and able)
    return found


def of_penalties(before: State, after: State) -> list[str]:
    """Whether somebody was charged, or paid, for a fail, and whether rounding left anything of it."""
    moved = [
        now.payable - was.payable
        for was, now in zip(before.central.penalties.money, after.central.penalties.money, strict=True)
    ]
    return [
        *(["penalty charged"] * any(each > 0 for each in moved)),
        *(["penalty received"] * any(each < 0 for each in moved)),
        *(["penalty rounded"] * (after.stage == Stage.MARGINING and any(each > 0 for each in after.residues))),
    ]
