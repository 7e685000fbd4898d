"""What a campaign must reach beside all commands, beats and reasons."""

from typing import Any

from clearspec.core.machine import Accepted
from clearspec.machines.exchange.drive import generate_custody, landmarks_of_loops
from clearspec.machines.exchange.rules.loans import claims_of_clients
from clearspec.machines.exchange.rules.margin import Gains, equity_alone
from clearspec.machines.exchange.state.commands import (
    AccrueInterest,
    Borrow,
    CancelNext,
    CancelOrder,
    Match,
    PayFunding,
    QuotePrice,
)
from clearspec.machines.exchange.state.events import Cause, OrderCancelled, OrderFilled, OrderRested
from clearspec.machines.exchange.state.parameters import MarketId, MarketKind, market_place
from clearspec.machines.exchange.state.types import AccountId, SelfTrade, State, TimeInForce
from clearspec.mechanisms.lending import within_bound

# Not among them: a taker cancelled for margin.  Gate 8 leaves that to a corner of rounding, which the scenario
# taker-without-margin pins.
LANDMARKS = (
    "order rests",
    "maker filled in part",
    "taker filled in part",
    "fill-or-kill filled",
    "maker cancelled for margin",
    "reduce-only maker cancelled",
    "reduce-only clamped",
    "self-trade prevented: taker cancelled",
    "self-trade prevented: maker cancelled",
    "self-trade prevented: both cancelled",
    "self-trade allowed",
    "immediate remainder cancelled",
    "rebate paid",
    "spot settled",
    "position flipped",
    "position closed at a loss",
    "mark lost",
    "price crashed",
    "account ruined",
    "book emptied",
    "outlier left out",
    "funding paid",
    "funding received",
    "interest charged",
    "interest earned",
    "interest kept",
    "proceeds repaid a debt",
    "proceeds lent",
    "borrowed beyond the kink",
    *landmarks_of_loops.LANDMARKS,
    *generate_custody.LANDMARKS,
)


def landmarks_of(before: State, beat: Any, accepted: Accepted[State]) -> tuple[str, ...]:
    """Which landmarks this beat reached."""
    found: list[str] = []
    after = accepted.state
    for event in accepted.events:
        if isinstance(event, OrderRested):
            found.append("order rests")
        if isinstance(event, OrderFilled):
            found.extend(_fill_landmarks(before, after, event))
        if isinstance(event, OrderCancelled):
            found.extend(_cancel_landmarks(before, event))
    if accepted.events and isinstance(beat, CancelOrder | CancelNext | Match):
        found += ["book emptied"] * len(books(before) - books(after))
    if isinstance(beat, QuotePrice):
        place_of_market = market_place(before.parameters, beat.market)
        if place_of_market is not None:
            was, now = before.markets[place_of_market], after.markets[place_of_market]
            if was.live and not now.live:
                found.append("mark lost")
            if abs(beat.price - now.mark) * 1_000_000 > before.parameters.outlier * now.mark:
                found.append("outlier left out")
            if was.mark and 3 * abs(now.mark - was.mark) > was.mark:
                found.append("price crashed")
            found += ["account ruined"] * len(ruined(after) - ruined(before))
    if isinstance(beat, PayFunding):
        places = zip(before.venue.funding.positions, after.venue.funding.positions, strict=True)
        moves = [now.unsettled - was.unsettled for was, now in places]
        found.extend("funding paid" if move > 0 else "funding received" for move in moves if move != 0)
    found.extend(_loan_landmarks(before, beat, after))
    found.extend(landmarks_of_loops.landmarks_of(before, beat, accepted))
    found.extend(generate_custody.landmarks_of(before, beat, accepted))
    return tuple(found)


def books(state: State) -> set[MarketId]:
    """The markets in which some order rests."""
    return {order.market for _, order in state.orders.rows() if order.open > 0}


def ruined(state: State) -> set[AccountId]:
    """The accounts that owe more than they have."""
    return {key for key, row in state.accounts.rows() if equity_alone(state, row.holdings, Gains.IN_FULL) < 0}


def _loan_landmarks(before: State, beat: Any, after: State) -> list[str]:
    found: list[str] = []
    for place, asset_ in enumerate(before.parameters.assets):
        was, now = before.venue.pool.loans[place], after.venue.pool.loans[place]
        if isinstance(beat, AccrueInterest):
            found += ["interest charged"] * (now.borrowed < was.borrowed)
            kept = after.venue.fees.loans[place].lent - before.venue.fees.loans[place].lent
            found += ["interest kept"] * (kept > 0) + ["interest earned"] * (now.lent + kept < was.lent)
        if isinstance(beat, Match):
            found += ["proceeds repaid a debt"] * (now.borrowed > was.borrowed) + ["proceeds lent"] * (
                now.lent < was.lent
            )
        if isinstance(beat, Borrow):
            beyond = not within_bound(-now.borrowed, claims_of_clients(after, place), asset_.lending.kink)
            found += ["borrowed beyond the kink"] * beyond
    return found


def _fill_landmarks(before: State, after: State, event: OrderFilled) -> list[str]:
    found: list[str] = []
    maker = after.orders.get(event.maker)
    if maker is not None and maker.open > 0:
        found.append("maker filled in part")
    if after.taker is not None and after.taker.order.open > 0:
        found.append("taker filled in part")
    if after.taker is not None and after.taker.order.open == 0:
        found += ["fill-or-kill filled"] * (after.taker.order.time_in_force == TimeInForce.FILL_OR_KILL)
    short = before.taker is not None and event.lots < before.taker.order.open
    if short and maker is not None and maker.reduce_only and maker.open > 0:
        found.append("reduce-only clamped")
    if event.buyer == event.seller:
        found.append("self-trade allowed")
    if event.buyer_fee < 0 or event.seller_fee < 0:
        found.append("rebate paid")
    place_of_market = market_place(before.parameters, event.market)
    assert place_of_market is not None, "a fill is in a market"
    if before.parameters.markets[place_of_market].kind == MarketKind.SPOT:
        return [*found, "spot settled"]
    for who in (event.buyer, event.seller):
        old, new = before.accounts.get(who), after.accounts.get(who)
        assert old is not None, "accounts are never dropped"
        assert new is not None, "accounts are never dropped"
        was, now = old.holdings.positions[place_of_market], new.holdings.positions[place_of_market]
        if was.size * now.size < 0:
            found.append("position flipped")
        if was.size != 0 and now.size == 0 and now.unsettled < was.unsettled:
            found.append("position closed at a loss")
    return found


def _cancel_landmarks(before: State, event: OrderCancelled) -> list[str]:
    taker = before.taker is not None and before.taker.id == event.order
    if event.cause == Cause.MARGIN:
        return [] if taker else ["maker cancelled for margin"]
    if event.cause == Cause.REDUCE_ONLY:
        return ["reduce-only maker cancelled"]
    if event.cause == Cause.SELF_TRADE and before.taker is not None:
        mode = before.taker.order.self_trade
        if mode != SelfTrade.REJECT_BOTH:
            return [f"self-trade prevented: {'taker' if taker else 'maker'} cancelled"]
        return [] if taker else ["self-trade prevented: both cancelled"]
    if event.cause == Cause.IMMEDIATE:
        return ["immediate remainder cancelled"]
    return []
