"""What is claimed of the clock: how far it goes at once, and which rounds and loops may be left out."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.state.commands import (
    Advance,
    BorrowToSettle,
    BuyAsset,
    Collect,
    Convert,
    Inspect,
    PayOut,
    SellAsset,
    TakeAnswer,
    Tick,
    TradeSlice,
)
from clearspec.machines.exchange.state.parameters import HOUR, LIQUIDATION_LOOP, SETTLEMENT_ROUND
from clearspec.machines.exchange.state.types import Holdings, State


@claim(
    "EX-CLK-1",
    "Time moves only by Advance, to where it says, in one beat never past the end of an hour, and past the next round"
    " of settlement or loop of liquidation only when that would move nothing; each loop takes one toss of the coin.",
    kind=Kind.STEP,
)
def time_moves_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    state = after.state
    if isinstance(beat, Advance):
        return state.now == before.now and state.target == beat.now
    if isinstance(beat, Tick):
        hour, round_, loop = before.now // HOUR, before.now // SETTLEMENT_ROUND, before.now // LIQUIDATION_LOOP
        ended = state.now % HOUR == 0
        settles = ended or (state.now % SETTLEMENT_ROUND == 0 and not before.quiet)
        loops = settles or (state.now % LIQUIDATION_LOOP == 0 and not before.calm)
        return (
            before.now < state.now <= before.target
            and state.now <= (hour + 1) * HOUR
            and (before.quiet or state.now <= (round_ + 1) * SETTLEMENT_ROUND)
            and (before.calm or state.now <= (loop + 1) * LIQUIDATION_LOOP)
            and (state.now == before.target or loops)
            and state.liquidation_due == loops
            and state.loop == before.loop + (1 if loops else 0)
            and (not loops or 2 * state.coins + (1 if state.heads else 0) == before.coins)
            and state.settlement_due == settles
            and state.round == before.round + (1 if settles else 0)
            and state.funding_due == ended
            and state.target == before.target
        )
    return state.now == before.now and state.target == before.target


@claim(
    "EX-CLK-2",
    "Only the clock begins a quiet round or a calm loop. A first offer to others than the book, an account that is made"
    " to cancel its orders, and a loss that is written off end the calm: the next loop of liquidation and the next"
    " round of settlement are held.",
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
    "A round begins quiet and a loop calm, and Advance with neither. What is moved ends the quiet, so that the next"
    " round of settlement is held: cash between clearing and a client, a loan of who is liquidated, an order that"
    " trades or goes, an answer that is taken or lapses. What a loop of liquidation moves ends the calm as well.",
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
