"""Perpetual positions: what a trade does to size, cost and gain, and that each has paid its funding."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.claims.trades import fills
from clearspec.machines.exchange.state.commands import Match
from clearspec.machines.exchange.state.parameters import MarketKind, market_place, perpetuals
from clearspec.machines.exchange.state.types import Account, State


@claim(
    "EX-FUN-2",
    "Unless funding is due, every open position has paid it.",
    title="open positions have paid their funding",
    kind=Kind.STATE,
    source="rules §5",
)
def positions_have_paid_funding(state: State) -> bool:
    return state.funding_due or state.accounts.every(
        lambda _, account: all(
            account.holdings.positions[place].size
            * (state.markets[place].funding - account.holdings.positions[place].funding)
            == 0
            for place in perpetuals(state.parameters)
        )
    )


@claim(
    "EX-PERP-1",
    "A perpetual trade changes size by its lots, and cost plus realised gain by lots * price. Closed lots leave at"
    " their share of the cost, rounded up against the account.",
    title="a perpetual trade is by quote cost",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §5",
    prevents="1@100 and 2@101: a rounded average entry makes the gain at 101 0.99 instead of 1.00",
)
def perpetual_trade_is_by_quote_cost(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        if place is None or fill.buyer == fill.seller:
            return place is not None
        if before.parameters.markets[place].kind == MarketKind.SPOT:
            continue
        for who, signed, fee in (
            (fill.buyer, fill.lots, fill.buyer_fee),
            (fill.seller, -fill.lots, fill.seller_fee),
        ):
            was, now = before.accounts.get(who), after.state.accounts.get(who)
            if was is None or now is None or not traded_by_cost(was, now, place, signed, fill.price, fee):
                return False
    return True


@measure
def traded_by_cost(was: Account, now: Account, place: int, signed: int, price: int, fee: int) -> bool:
    """Did the position change by a trade of so many lots at that price, by quote cost?"""
    old, new = was.holdings.positions[place], now.holdings.positions[place]
    closed = max(min(signed, -old.size), 0) if signed > 0 else min(max(signed, -old.size), 0)
    share = old.cost + (signed - closed) * price - new.cost
    realised = new.unsettled - old.unsettled + fee
    if new.size != old.size + signed or realised != -closed * price - share:
        return False
    if closed == 0:
        return share == 0
    return (share - 1) * abs(old.size) < old.cost * abs(closed) <= share * abs(old.size)


@claim(
    "EX-PERP-2",
    "A position without size has no cost.",
    title="no size, no cost",
    kind=Kind.STATE,
    source="rules §5",
)
def no_size_no_cost(state: State) -> bool:
    return state.accounts.every(
        lambda _, account: all(position.size != 0 or position.cost == 0 for position in account.holdings.positions)
    )
