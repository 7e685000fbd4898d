"""What liquidation did, as a table: who took which lots at what price, and who paid what beside that."""

from typing import Any

from clearspec.exchange.events import LossWrittenOff, PositionTaken, SliceTraded
from clearspec.exchange.state import Tier
from clearspec.machine import Shown

HEADERS = ("tier", "market", "lots", "price", "from", "to", "fees", "spread paid", "to the other", "to the fund")


def tables(events: tuple[Any, ...]) -> tuple[Shown, ...]:
    """The trades of liquidation in their order, if there are any.  Amounts in quote atoms, a receipt is negative."""
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
    return (("liquidation", HEADERS, tuple(rows)),) if rows else ()
