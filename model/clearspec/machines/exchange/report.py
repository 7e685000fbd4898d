"""What liquidation did, as tables: who took which lots at what price, who paid beside that, and what was not paid."""

from typing import Any

from clearspec.core.machine import Shown
from clearspec.machines.exchange.state.events import (
    AssetTraded,
    LoanWrittenOff,
    LossWrittenOff,
    PositionTaken,
    SliceTraded,
)
from clearspec.machines.exchange.state.types import Side, Tier

HEADERS = ("tier", "market", "lots", "price", "from", "to", "fees", "spread paid", "to the other", "to the fund")

DEBT_HEADERS = ("for a debt", "of", "lots", "price", "from", "to", "fee", "as a claim", "borne")


def tables(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """What liquidation did with positions, and with debts; each in its order, if there is any."""
    shown = ("liquidation", HEADERS, of_positions(events)), ("debts", DEBT_HEADERS, of_debts(events))
    return tuple(table for table in shown if table[2])


def of_positions(events: tuple[Any, ...]) -> tuple[tuple[object, ...], ...]:
    """The trades of positions.  Amounts in quote atoms, a receipt is negative."""
    rows: list[tuple[object, ...]] = []
    for event in events:
        if isinstance(event, SliceTraded):
            trade = (Tier.BOOK.name, event.market, event.lots, event.price, event.account, event.other)
            rows.append((*trade, event.fee + event.liquidation_fee, 0, 0, event.liquidation_fee))
        if isinstance(event, PositionTaken):
            trade = (event.tier.name, event.market, event.lots, event.price, event.account, event.other)
            rows.append((*trade, 0, event.spread, event.spread - event.fund, event.fund))
        if isinstance(event, LossWrittenOff):
            rows.append(("BAD_DEBT", "", "", "", event.account, "", 0, -event.fund - event.bad_debt, 0, -event.fund))
    return tuple(rows)


def of_debts(events: tuple[Any, ...]) -> tuple[tuple[object, ...], ...]:
    """What was sold and bought for debts, and who bore what nobody paid.

    Fees in quote atoms; claims on a pool, and what was borne, in atoms of their asset.
    """
    rows: list[tuple[object, ...]] = []
    for event in events:
        if isinstance(event, AssetTraded):
            sold = event.side == Side.SELL
            parties = (event.account, event.other) if sold else (event.other, event.account)
            what = "sold" if sold else "bought"
            rows.append((what, event.market, event.lots, event.price, *parties, event.fee, event.claim, ""))
        if isinstance(event, LoanWrittenOff):
            rows.append(("not paid", event.asset, "", "", event.account, event.lender or "venue", "", "", event.amount))
    return tuple(rows)
