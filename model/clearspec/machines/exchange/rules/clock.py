"""The clock, the premium of the book over the mark, and hourly funding."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Millis, mul_div_ceil, mul_div_floor
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.rules.loans import with_interest
from clearspec.machines.exchange.rules.perpetual import current
from clearspec.machines.exchange.state.commands import Advance, PayFunding, Reason, SetRiskTaking, Tick
from clearspec.machines.exchange.state.events import ClockMoved, FundingPaid
from clearspec.machines.exchange.state.parameters import HOUR, LIQUIDATION_LOOP, SETTLEMENT_ROUND, Market, perpetuals
from clearspec.machines.exchange.state.types import (
    Account,
    Line,
    MarketState,
    Position,
    Side,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)


def set_risk_taking(state: State, command: SetRiskTaking) -> Outcome[State]:
    """The operator allows or stops orders that may add risk.  Rule: EX-GATE-2."""
    return Accepted(evolve(state, risk_taking=command.allowed))


def advance(state: State, command: Advance) -> Outcome[State]:
    """Set the clock's target; the beats that follow take it there.

    Rule: EX-CLK-1.  Rejects: CLOCK_FORWARD, TOSSES_VALID, CLOCK_WITHIN_LIMIT.
    """
    if command.now <= state.now:
        return Rejected(Reason.CLOCK_FORWARD)
    if command.coins < 0:
        return Rejected(Reason.TOSSES_VALID)
    if command.now > state.now + state.parameters.advance_max:
        return Rejected(Reason.CLOCK_WITHIN_LIMIT)
    return Accepted(evolve(state, target=command.now, coins=command.coins, quiet=False, calm=False))


def tick(state: State, _: Tick) -> Accepted[State]:
    """Move the clock to its target, the next loop of liquidation, the next round of settlement, or the end of the hour.

    At the end of the hour funding and interest fall due; then settlement; then liquidation, which has a loop of its own
    after each of these.  While a round or a loop would move nothing, none is held.

    Rule: EX-CLK-1, EX-CLK-2.
    """
    hour_ends = (state.now // HOUR + 1) * HOUR
    round_ends = hour_ends if state.quiet else (state.now // SETTLEMENT_ROUND + 1) * SETTLEMENT_ROUND
    loop_ends = round_ends if state.calm else (state.now // LIQUIDATION_LOOP + 1) * LIQUIDATION_LOOP
    now = Millis(min(state.target, loop_ends))
    ends = now == hour_ends
    settles = now == round_ends
    loops = now == loop_ends
    markets = state.markets
    for place in perpetuals(state.parameters):
        market = markets[place]
        gathered = evolve(market, premium=market.premium + premium(state, place) * (now - state.now))
        if ends:
            gathered = with_funding(state.parameters.markets[place], gathered)
        markets = put_at(markets, place, gathered)
    moved = evolve(
        state,
        now=now,
        markets=markets,
        funding_due=ends,
        interest_due=ends,
        settlement_due=settles,
        round=state.round + 1 if settles else state.round,
        quiet=state.quiet or settles,
        liquidation_due=loops,
        loop=state.loop + 1 if loops else state.loop,
        calm=state.calm or loops,
        heads=state.coins % 2 == 1 if loops else state.heads,
        coins=state.coins // 2 if loops else state.coins,
    )
    return Accepted(with_interest(moved) if ends else moved, (ClockMoved(now),))


def premium(state: State, place: int) -> int:
    """Twice what the middle of the book is above the mark; nothing while a side is empty.

    Rule: EX-FUN-1.  Units: quote atoms per lot, doubled so that the middle is exact.
    """
    market = state.parameters.markets[place].id
    bid_id, ask_id = best(state, market, Side.BUY), best(state, market, Side.SELL)
    bid = None if bid_id is None else state.orders.get(bid_id)
    ask = None if ask_id is None else state.orders.get(ask_id)
    if bid is None or ask is None:
        return 0
    return bid.price + ask.price - 2 * state.markets[place].mark


@measure
def funding_rate(market: Market, state: MarketState) -> int:
    """What a long position pays per lot for the hour: the average premium over the divisor, within the cap.

    Rule: EX-FUN-1.  Units: quote atoms / RATE_SCALE per lot.  Rounding: once, down; longs and shorts share it.
    """
    average = mul_div_floor(state.premium, RATE_SCALE, 2 * HOUR * market.funding_divisor)
    cap = state.mark * market.funding_cap
    return min(max(average, -cap), cap)


def with_funding(market: Market, state: MarketState) -> MarketState:
    """The market with the hour's funding added, and its premium gathered anew."""
    return evolve(state, premium=0, funding=state.funding + funding_rate(market, state))


def funding_owed(position: Position, funding: int) -> int:
    """What the position owes, unrounded; negative if it receives.  Units: quote atoms / RATE_SCALE."""
    return position.size * (funding - position.funding)


def owes(account: Account, *funding: int) -> bool:
    """Has the account a position that has not paid up to these cumulative fundings, by market?"""
    positions = account.holdings.positions
    return any(position.size != 0 and position.funding != at for position, at in zip(positions, funding, strict=True))


def pay_funding(state: State, _: PayFunding) -> Accepted[State]:
    """One account pays or receives what its positions owe; when none is left, funding is no longer due.

    Rule: EX-FUN-3.  Rounding: the payer's ceiling, the receiver's floor; the venue's funding account has the rest.
    """
    account = state.accounts.first(anyone, owes, *(market.funding for market in state.markets))
    if account is None:
        return Accepted(evolve(state, funding_due=False))
    postings: tuple[Posting, ...] = ()
    for place in perpetuals(state.parameters):
        market = state.markets[place]
        owed = funding_owed(account_of(state, account).holdings.positions[place], market.funding)
        paid = Atoms(mul_div_ceil(owed, 1, RATE_SCALE))
        postings = (
            *postings,
            Posting(book(state.parameters, Line.UNSETTLED, place), paid, account, SystemAccount.FUNDING),
        )
        residue = market.funding_residue + paid * RATE_SCALE - owed
        state = evolve(state, markets=put_at(state.markets, place, evolve(market, funding_residue=residue)))
        state = current(state, place, account)
    return Accepted(post(state, postings), (FundingPaid(account), Posted(postings)))
