"""The clock: how far it goes, which rounds and loops may be left out, and the funding that falls due at the hour."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.book import first_to_trade
from clearspec.machines.exchange.state.commands import (
    Advance,
    BorrowToSettle,
    BuyAsset,
    Collect,
    Convert,
    Inspect,
    PayFunding,
    PayOut,
    SellAsset,
    SetRiskTaking,
    TakeAnswer,
    Tick,
    TradeSlice,
)
from clearspec.machines.exchange.state.events import FundingPaid
from clearspec.machines.exchange.state.parameters import HOUR, LIQUIDATION_LOOP, SETTLEMENT_ROUND, perpetuals
from clearspec.machines.exchange.state.types import Holdings, MarketState, Position, Side, State


@claim(
    "EX-CLK-1",
    "Time moves only by `Advance`, to its target, never past the end of an hour in one beat. A beat passes a"
    " settlement round only if quiet, and a liquidation loop only if calm.",
    title="time moves only by Advance",
    kind=Kind.STEP,
)
def time_moves_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    state = after.state
    if isinstance(beat, Advance):
        return state.now == before.now and state.target == beat.now
    if isinstance(beat, Tick):
        hour, round_, loop = before.now // HOUR, before.now // SETTLEMENT_ROUND, before.now // LIQUIDATION_LOOP
        return (
            before.now < state.now <= before.target
            and state.now <= (hour + 1) * HOUR
            and (before.quiet or state.now <= (round_ + 1) * SETTLEMENT_ROUND)
            and (before.calm or state.now <= (loop + 1) * LIQUIDATION_LOOP)
            and (state.now == before.target or loop_is_held(before, state))
            and state.target == before.target
        )
    return state.now == before.now and state.target == before.target


@measure
def round_is_held(before: State, state: State) -> bool:
    """Does the hour end, or a round of settlement that may not be left out?"""
    return state.now % HOUR == 0 or (state.now % SETTLEMENT_ROUND == 0 and not before.quiet)


@measure
def loop_is_held(before: State, state: State) -> bool:
    """Is a round of settlement held, or does a loop of liquidation come that may not be left out?"""
    return round_is_held(before, state) or (state.now % LIQUIDATION_LOOP == 0 and not before.calm)


@claim(
    "EX-CLK-4",
    "The end of an hour makes funding, a settlement round and a liquidation loop due. A round that is not quiet makes"
    " itself and a loop due, and a loop that is not calm itself. Each loop takes one toss.",
    title="what falls due, and each loop's toss",
    kind=Kind.STEP,
    on=(Tick,),
)
def what_is_due_is_held(before: State, beat: Tick, after: Accepted[State]) -> bool:
    state = after.state
    settles, loops = round_is_held(before, state), loop_is_held(before, state)
    return (
        state.liquidation_due == loops
        and state.loop == before.loop + (1 if loops else 0)
        and (not loops or 2 * state.coins + (1 if state.heads else 0) == before.coins)
        and state.settlement_due == settles
        and state.round == before.round + (1 if settles else 0)
        and state.funding_due == (state.now % HOUR == 0)
    )


@claim(
    "EX-CLK-2",
    "Only the clock begins a quiet round or a calm loop. A first offer beyond the book, a forced cancellation of an"
    " account's orders and a written-off loss end both.",
    title="what ends a calm loop",
    kind=Kind.STEP,
    prevents="a loop that is skipped though the one before it gave others something to pay with",
)
def what_moves_ends_the_calm(before: State, beat: object, after: Accepted[State]) -> bool:
    state, at_work = after.state, before.liquidating
    begun = (state.quiet and not before.quiet) or (state.calm and not before.calm)
    if begun and not isinstance(beat, Tick):
        return False
    went_on = state.offers == before.offers or (at_work is not None and at_work.slice is not None)
    made_to_cancel = isinstance(beat, Inspect) and before.leaving is None and state.leaving is not None
    bad_debt = tuple(zip(before.venue.bad_debt.positions, state.venue.bad_debt.positions, strict=True))
    if went_on and not made_to_cancel and all(was.unsettled == now.unsettled for was, now in bad_debt):
        return True
    return not state.calm and not state.quiet


@measure
def as_it_was(was: Holdings, now: Holdings) -> bool:
    """Does a holder have the same cash, loans and gains that are not settled?"""
    return (
        all(old == new for old, new in zip(was.balances, now.balances, strict=True))
        and all(
            old.lent == new.lent and old.borrowed == new.borrowed for old, new in zip(was.loans, now.loans, strict=True)
        )
        and all(old.unsettled == new.unsettled for old, new in zip(was.positions, now.positions, strict=True))
    )


@claim(
    "EX-CLK-3",
    "Rounds begin quiet and loops calm; `Advance` clears both. Cash that moves between clearing and a client, a trade"
    " and an answer end the quiet. What a liquidation loop moves ends both.",
    title="what ends a quiet round",
    kind=Kind.STEP,
    on=(Advance, Tick, Collect, BorrowToSettle, PayOut, Convert, TakeAnswer, Inspect, TradeSlice, SellAsset, BuyAsset),
    prevents="a round that is skipped although the one before it gave somebody something to pay with",
)
def what_is_moved_goes_on(before: State, beat: object, after: Accepted[State]) -> bool:
    was, state = before.venue, after.state
    if isinstance(beat, Advance):
        return not state.quiet and not state.calm
    if isinstance(beat, Tick):
        quiet, calm = before.quiet or state.settlement_due, before.calm or state.liquidation_due
        return state.quiet == quiet and state.calm == calm
    if isinstance(beat, Collect | BorrowToSettle | PayOut):
        # Last of all the venue itself is paid, which gives no client anything.
        over = before.payout is not None and state.payout is None
        return over or as_it_was(was.clearing, state.venue.clearing) or not state.quiet
    if isinstance(beat, Convert | TakeAnswer):
        return not after.events or not state.quiet
    moved = not as_it_was(was.pool, state.venue.pool) if isinstance(beat, Inspect) else bool(after.events)
    return not moved or not (state.quiet or state.calm)


@claim(
    "EX-STA-1",
    "Marks, quotes and times are possible: nothing negative, nothing from the future; and one kind of work is done at a"
    " time.",
    title="marks, quotes and times are possible",
    kind=Kind.STATE,
)
def state_is_in_order(state: State) -> bool:
    hour, loops = state.funding_due or state.interest_due, state.liquidation_due
    due = hour or state.settlement_due
    return (
        0 <= state.now <= state.target
        and state.sequence >= 0
        and all(told.mark >= 0 and (told.mark > 0 or not told.live) for told in state.markets)
        and state.quotes.every(lambda _, quote: quote.price > 0 and quote.at <= state.now)
        and not (state.taker is not None and (due or loops or state.now != state.target))
        and not (state.leaving is not None and (due or (state.now != state.target and not loops)))
        and not (hour and (state.collecting is not None or state.payout is not None))
        and not (due and state.liquidating is not None)
        and state.coins >= 0
        and (state.taker is None or state.leaving is None)
    )


@claim(
    "EX-FUN-1",
    "Per millisecond with both sides quoted, the premium gathers twice the middle of the book less the mark. The"
    " hour's average, over the divisor and within the cap, adds to the cumulative funding.",
    title="funding follows the premium of the book",
    kind=Kind.STEP,
    on=(Tick,),
    source="rules §5",
)
def funding_follows_the_premium(before: State, beat: Tick, after: Accepted[State]) -> bool:
    return all(
        premium_and_funding(before, after.state, place, gathered(before, place))
        for place in perpetuals(before.parameters)
    )


def gathered(state: State, place: int) -> int:
    """The doubled premium of the book over the mark, 0 unless both sides are quoted."""
    market = state.parameters.markets[place].id
    bid_id, ask_id = first_to_trade(state, market, Side.BUY), first_to_trade(state, market, Side.SELL)
    bid = None if bid_id is None else state.orders.get(bid_id)
    ask = None if ask_id is None else state.orders.get(ask_id)
    return 0 if bid is None or ask is None else bid.price + ask.price - 2 * state.markets[place].mark


@measure
def premium_and_funding(before: State, after: State, place: int, doubled: int) -> bool:
    """Do premium and funding of one market follow from the premium of the book?"""
    was, now, market = before.markets[place], after.markets[place], before.parameters.markets[place]
    total = was.premium + doubled * (after.now - before.now)
    if not after.funding_due:
        return now.premium == total and now.funding == was.funding
    paid, span, cap = now.funding - was.funding, 2 * HOUR * market.funding_divisor, was.mark * market.funding_cap
    exact = paid * span <= total * RATE_SCALE < (paid + 1) * span
    above = paid == cap and cap * span <= total * RATE_SCALE
    below = paid == -cap and -cap * span >= total * RATE_SCALE
    return now.premium == 0 and -cap <= paid <= cap and (exact or above or below)


def unpaid_funding(position: Position, market: MarketState) -> int:
    """What the position has still to pay, in atoms / RATE_SCALE."""
    return position.size * (market.funding - position.funding)


@claim(
    "EX-FUN-3",
    "An account with unpaid funding pays what its positions owe. The venue rounds a payment up and a receipt down.",
    title="funding is rounded for the venue",
    kind=Kind.STEP,
    on=(PayFunding,),
    source="rules §5",
    prevents="truncating both ways does not sum to zero",
)
def funding_is_rounded_for_the_venue(before: State, beat: PayFunding, after: Accepted[State]) -> bool:
    payers = [event.account for event in after.events if isinstance(event, FundingPaid)]
    if not after.state.funding_due:
        return payers == []
    for payer in payers:
        was, now = before.accounts.get(payer), after.state.accounts.get(payer)
        if was is None or now is None:
            return False
        positions = tuple(zip(was.holdings.positions, before.markets, strict=True))
        if all(position.size == 0 or position.funding == told.funding for position, told in positions):
            return False
        for place in perpetuals(before.parameters):
            old, new = was.holdings.positions[place], now.holdings.positions[place]
            owed, paid = unpaid_funding(old, before.markets[place]), old.unsettled - new.unsettled
            if not (
                (paid - 1) * RATE_SCALE < owed <= paid * RATE_SCALE and new.funding == before.markets[place].funding
            ):
                return False
    return len(payers) == 1


@claim(
    "EX-RSK-1",
    "Only the operator changes whether risk may be taken.",
    title="only the operator changes risk taking",
    kind=Kind.STEP,
)
def risk_taking_is_the_operators(before: State, beat: object, after: Accepted[State]) -> bool:
    asked = beat.allowed if isinstance(beat, SetRiskTaking) else before.risk_taking
    return after.state.risk_taking == asked
