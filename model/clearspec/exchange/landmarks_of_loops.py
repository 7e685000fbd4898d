"""What a campaign must reach of the settlement loop and of liquidation."""

from typing import Any

from clearspec.exchange.commands import Convert, Offer, TradeSlice
from clearspec.exchange.events import (
    GainSettled,
    LiquidationEnded,
    LossSettled,
    LossWrittenOff,
    OrderCancelled,
    PositionTaken,
    SliceTraded,
)
from clearspec.exchange.reconciler import unsettled
from clearspec.exchange.state import State, Tier, place_of
from clearspec.machine import Accepted

LANDMARKS = (
    "loss settled from the balance",
    "loss settled by redeeming",
    "loss settled by borrowing",
    "loss settled by selling collateral",
    "loss not settled in full",
    "gain settled in full",
    "gain settled in part",
    "bid cancelled before a sale of collateral",
    "liquidation ended",
    "slice closed",
    "slice without a trade",
    "liquidation fee dropped",
    "order cancelled before a slice",
    "provider took over",
    "fund paid for a takeover",
    "deleveraged at the zero price",
    "deleveraged at a deficit",
    "deleveraged at the mark",
    "loss written off",
    "loss written off to the fund",
    "loss written off as bad debt",
)


def landmarks_of(before: State, beat: Any, accepted: Accepted[State]) -> list[str]:
    """Which of them this beat reached."""
    at_work = before.liquidating
    unsold = at_work is not None and at_work.slice is not None and at_work.slice.open > 0 and not accepted.events
    found = ["slice without a trade"] * (isinstance(beat, TradeSlice) and unsold)
    found += ["loss not settled in full"] * (isinstance(beat, Offer) and accepted.state.collecting is None)
    for event in accepted.events:
        if isinstance(event, LossSettled):
            found += ["loss settled from the balance"] * (event.balance > 0 and before.collecting is None)
            found += ["loss settled by redeeming"] * (event.redeemed > 0)
            found += ["loss settled by borrowing"] * (event.borrowed > 0)
            found += ["loss settled by selling collateral"] * (event.balance > 0 and before.collecting is not None)
        if isinstance(event, GainSettled):
            row = accepted.state.accounts.get(event.account)
            in_full = row is not None and unsettled(row) == 0
            found += ["gain settled in full" if in_full else "gain settled in part"]
        if isinstance(event, SliceTraded):
            place_of_market = place_of(before, event.market)
            rate = before.parameters.markets[place_of_market].liquidation_fee
            found += ["slice closed"]
            found += ["liquidation fee dropped"] * (event.liquidation_fee * 1_000_000 < rate * event.lots * event.price)
        if isinstance(event, PositionTaken):
            tier = event.tier
            found += ["provider took over"] * (tier == Tier.BACKSTOP)
            found += ["fund paid for a takeover"] * (event.fund < 0)
            found += ["deleveraged at the zero price"] * (tier == Tier.DELEVERAGE and event.spread >= 0)
            found += ["deleveraged at a deficit"] * (tier == Tier.DELEVERAGE and event.spread < 0)
            found += ["deleveraged at the mark"] * (tier == Tier.AT_MARK)
        if isinstance(event, LossWrittenOff):
            found += ["loss written off"]
            found += ["loss written off to the fund"] * (event.fund > 0)
            found += ["loss written off as bad debt"] * (event.bad_debt > 0)
        if isinstance(event, LiquidationEnded):
            found += ["liquidation ended"]
        if isinstance(event, OrderCancelled) and isinstance(beat, TradeSlice):
            found += ["order cancelled before a slice"]
        if isinstance(event, OrderCancelled) and isinstance(beat, Convert):
            found += ["bid cancelled before a sale of collateral"]
    return found
