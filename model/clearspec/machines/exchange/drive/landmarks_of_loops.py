"""What a campaign must reach of the settlement loop and of liquidation."""

from typing import Any

from clearspec.core.machine import Accepted
from clearspec.machines.exchange.rules.settlement import unsettled
from clearspec.machines.exchange.state.commands import Offer, TradeSlice
from clearspec.machines.exchange.state.events import (
    AnswerLapsed,
    AnswerTaken,
    AssetTraded,
    GainSettled,
    LiquidationEnded,
    LoanWrittenOff,
    LossSettled,
    PositionTaken,
    SliceTraded,
)
from clearspec.machines.exchange.state.types import Side, State, Tier

# Not among them, for random runs seldom come to it: a bid cancelled before a sale of collateral (settle-freed-cash),
# what the fund pays for, closing at the mark and a loss that is written off (adl-cap, and its tests), a claim on a pool
# that is sold (debt-claim), and an order that is cancelled before a trade for a debt (test_debts).
LANDMARKS = (
    "loss settled from the balance",
    "loss settled by redeeming",
    "loss settled by borrowing",
    "loss settled by selling collateral",
    "loss not settled in full",
    "answer taken",
    "answer lapsed",
    "gain settled in full",
    "gain settled in part",
    "liquidation ended",
    "slice closed",
    "slice without a trade",
    "provider took over",
    "deleveraged at the zero price",
    "deleveraged at a deficit",
    "asset sold in liquidation",
    "asset bought in liquidation",
    "debt borne by lenders",
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
        found += ["answer taken"] * isinstance(event, AnswerTaken) + ["answer lapsed"] * isinstance(event, AnswerLapsed)
        if isinstance(event, SliceTraded):
            found += ["slice closed"]
        if isinstance(event, PositionTaken):
            tier = event.tier
            found += ["provider took over"] * (tier == Tier.BACKSTOP)
            found += ["deleveraged at the zero price"] * (tier == Tier.DELEVERAGE and event.spread >= 0)
            found += ["deleveraged at a deficit"] * (tier == Tier.DELEVERAGE and event.spread < 0)
        found += ["debt borne by lenders"] * (isinstance(event, LoanWrittenOff) and event.lender is not None)
        if isinstance(event, AssetTraded):
            found += ["asset sold in liquidation" if event.side == Side.SELL else "asset bought in liquidation"]
        if isinstance(event, LiquidationEnded):
            found += ["liquidation ended"]
    return found
