"""What a campaign must reach of the settlement loop and of liquidation."""

from typing import Any

from clearspec.exchange.commands import Convert, Offer, TradeSlice
from clearspec.exchange.events import GainSettled, LiquidationEnded, LossSettled, OrderCancelled, SliceTraded
from clearspec.exchange.reconciler import unsettled
from clearspec.exchange.state import State, place_of
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
        if isinstance(event, LiquidationEnded):
            found += ["liquidation ended"]
        if isinstance(event, OrderCancelled) and isinstance(beat, TradeSlice):
            found += ["order cancelled before a slice"]
        if isinstance(event, OrderCancelled) and isinstance(beat, Convert):
            found += ["bid cancelled before a sale of collateral"]
    return found
