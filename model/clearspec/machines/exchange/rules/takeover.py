"""Liquidation beyond the book: backstop providers take positions over, then the opposite side is made to close."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms, Lots, Rate
from clearspec.machines.exchange.formulas.backstop import (
    auto_close_below,
    backstop_lots,
    covered_lots,
    least_lots,
    provider_lots,
    split_spread,
)
from clearspec.machines.exchange.formulas.deleverage import Candidate, adl_rank, closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.exposure import gain
from clearspec.machines.exchange.formulas.requirement import requirement
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, paid_up_to, spread
from clearspec.machines.exchange.rules.margin import Gains, equity_alone, equity_of_positions, meets_initial
from clearspec.machines.exchange.rules.trades import Deal, settle_perpetual
from clearspec.machines.exchange.state.commands import Absorb, Deleverage, Reason, SetBackstop
from clearspec.machines.exchange.state.events import PositionTaken
from clearspec.machines.exchange.state.parameters import QUOTE, MarketKind, market_place, perpetuals
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Holdings,
    Line,
    Liquidation,
    Position,
    Slice,
    State,
    SystemAccount,
    Tier,
    account_of,
    anyone,
    book,
    place_of,
    put_at,
)


def set_backstop(state: State, command: SetBackstop) -> Outcome[State]:
    """Agree how many lots of a market a provider will take over, from now on.

    Rule: EX-TIER-1.  Rejects: ACCOUNT_EXISTS, MARKET_EXISTS, CAPACITY_VALID.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = market_place(state.parameters, command.market)
    if place is None:
        return Rejected(Reason.MARKET_EXISTS)
    market = state.parameters.markets[place]
    if market.kind == MarketKind.SPOT or not 0 <= command.lots <= market.open_max:
        return Rejected(Reason.CAPACITY_VALID)
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, with_capacity(account, place, command.lots)))
    )


def with_capacity(account: Account, place: int, lots: int) -> Account:
    """The account, as a provider for so many lots of that market."""
    position = evolve(account.holdings.positions[place], capacity=Lots(lots))
    return evolve(
        account, holdings=evolve(account.holdings, positions=put_at(account.holdings.positions, place, position))
    )


def exposure_alone(state: State, holdings: Holdings) -> Atoms:
    """What all positions are worth at mark, without sign.  Units: quote atoms."""
    return Atoms(
        sum(abs(holdings.positions[place].size) * state.markets[place].mark for place in perpetuals(state.parameters))
    )


def required_for(state: State, position: Position, place: int) -> Atoms:
    """The maintenance requirement of a position by itself.  Units: quote atoms."""
    notional = abs(position.size) * state.markets[place].mark
    return requirement(state.parameters.markets[place].maintenance, None, state.parameters.usd, notional)


def room_to_ask(account: Account, place: int, offer: int) -> Lots:
    """The lots of that market which the account will take over, if the offer was not made to it yet."""
    return account.holdings.positions[place].capacity if account.asked != offer else Lots(0)


def beyond_the_book(state: State, at_work: Liquidation, place: int, required: Atoms) -> Accepted[State]:
    """Offer the position to the providers, or if there are none to the opposite side.

    Rule: EX-TIER-7.  With equity left, the lots of one loop at the zero price that takes it all; without any, even with
    all collateral at mark, as many as the fund can pay the deficit of, and the rest to the opposite side.
    """
    row, market, mark = account_of(state, at_work.account), state.parameters.markets[place], state.markets[place].mark
    position = row.holdings.positions[place]
    lots = Lots(abs(position.size))
    equity = equity_alone(state, row.holdings, Gains.IN_FULL)
    # Weighted equity is never more than at full marks; so without any this is the deficit of positions, or nothing.
    shared = Atoms(max(equity, min(equity_of_positions(state, row.holdings), 0)))
    zero = ZeroPrice(
        equity=shared,
        before=Atoms(0),
        required=required_for(state, position, place),
        whole=Atoms(
            sum(required_for(state, row.holdings.positions[each], each) for each in perpetuals(state.parameters))
        ),
        position=lots,
    )
    deficit = -paid_up_to(zero, lots)
    if deficit > 0:
        offered = covered_lots(lots, deficit, max(state.venue.fund.balances[QUOTE], 0))
    else:
        threshold = auto_close_below(required, exposure_alone(state, row.holdings), state.parameters.auto_close)
        offered = backstop_lots(equity, threshold, lots, least_lots(state.parameters.backstop_min, mark))
    # The account itself is not asked, whatever it has agreed to.
    state = evolve(state, accounts=state.accounts.put(at_work.account, evolve(row, asked=state.offers + 1)))
    whole = Lots(state.accounts.total(room_to_ask, place, state.offers + 1))
    providers = whole > 0 and offered > 0
    tier = Tier.BACKSTOP if providers else Tier.DELEVERAGE
    first = lots if deficit > 0 and not providers else offered
    made = Slice(
        market=market.id,
        tier=tier,
        open=first,
        accrued=0,
        taker=Rate(0),
        zero=zero,
        closed=Lots(0),
        offer=state.offers + 1,
        offered=offered,
        before=Lots(0),
        whole=whole,
    )
    return Accepted(
        evolve(state, liquidating=evolve(at_work, slice=made), offers=state.offers + 1, calm=False, quiet=False)
    )


def can_take(account: Account, place: int, offer: int) -> bool:
    """Is the account a provider that was not asked yet?"""
    return account.asked != offer and account.holdings.positions[place].capacity > 0


def absorb(state: State, _: Absorb) -> Accepted[State]:
    """One provider takes its part at the mark, with two thirds of the spread, if it meets initial margin with it.

    Rule: EX-TIER-3.  When all were asked and nobody took anything, or there is a deficit, the opposite side is next;
    else what is left waits for the next loop.
    """
    assert state.liquidating is not None, "Absorb is due only while an account is at work"
    assert state.liquidating.slice is not None, "Absorb is due only while a position is offered"
    at_work, offered = state.liquidating, state.liquidating.slice
    place = place_of(state, offered.market)
    provider = state.accounts.first(anyone, can_take, place, offered.offer)
    if provider is None or offered.open == 0:
        return providers_done(state, at_work, offered, place)
    row = account_of(state, provider)
    capacity = row.holdings.positions[place].capacity
    lots = Lots(min(provider_lots(offered.offered, offered.before, capacity, offered.whole), offered.open))
    asked = evolve(offered, before=Lots(offered.before + capacity))
    refused = was_asked(state, provider, at_work, asked)
    if lots <= 0:
        return Accepted(refused)
    paid = spread(offered.zero, offered.closed, lots)
    taken = taken_over(refused, at_work.account, provider, place, lots, paid, Tier.BACKSTOP)
    less = with_capacity(account_of(taken.state, provider), place, capacity - lots)
    after = evolve(taken.state, accounts=taken.state.accounts.put(provider, less))
    if not meets_initial(after, provider, Gains.CAPPED):
        return Accepted(refused)
    return Accepted(with_taken(after, lots), taken.events)


def was_asked(state: State, other: AccountId, at_work: Liquidation, offered: Slice) -> State:
    """The state in which the account was asked."""
    row = evolve(account_of(state, other), asked=offered.offer)
    return evolve(state, accounts=state.accounts.put(other, row), liquidating=evolve(at_work, slice=offered))


def with_taken(state: State, lots: int) -> State:
    """The state with so many lots of the offer closed."""
    assert state.liquidating is not None, "an account is at work"
    assert state.liquidating.slice is not None, "a position is offered"
    offered = state.liquidating.slice
    left = evolve(offered, open=Lots(offered.open - lots), closed=Lots(offered.closed + lots))
    return evolve(state, liquidating=evolve(state.liquidating, slice=left))


def providers_done(state: State, at_work: Liquidation, offered: Slice, place: int) -> Accepted[State]:
    """All providers were asked: the opposite side is next, or the offer is over."""
    size = account_of(state, at_work.account).holdings.positions[place].size
    untouched = offered.open if offered.closed == 0 else Lots(0)
    left = Lots(abs(size)) if offered.zero.equity < 0 else untouched
    if left == 0:
        return Accepted(evolve(state, liquidating=evolve(at_work, slice=None)))
    next_offer = evolve(offered, tier=Tier.DELEVERAGE, open=left, offer=state.offers + 1)
    return Accepted(evolve(state, liquidating=evolve(at_work, slice=next_offer), offers=state.offers + 1))


def taken_over(
    state: State, account: AccountId, other: AccountId, place: int, lots: int, paid: int, tier: Tier
) -> Accepted[State]:
    """Lots go to another account at the mark, and the spread is paid: by the account, or if negative to it.

    Rule: EX-TIER-3, EX-TIER-4.  Of what the account pays, a provider has two thirds and the fund the rest; an account
    that is made to close has all of it.  What is paid to the account, the fund pays in tier 2, and the other account in
    tier 3.
    """
    size = account_of(state, account).holdings.positions[place].size
    deal = Deal(place, Lots(lots), state.markets[place].mark)
    if size > 0:
        settled = settle_perpetual(state, deal, other, account, Atoms(0), Atoms(0))
    else:
        settled = settle_perpetual(state, deal, account, other, Atoms(0), Atoms(0))
    owed, cash = book(state.parameters, Line.UNSETTLED, place), book(state.parameters, Line.BALANCE, QUOTE)
    postings: tuple[Posting, ...]
    if tier == Tier.BACKSTOP:
        split = split_spread(max(paid, 0))
        # It has all of it: no more lots are offered at a deficit than it covers (EX-BCK-8).
        given = Atoms(min(max(-paid, 0), state.venue.fund.balances[QUOTE]))
        fund = Atoms(split.fund - given)
        postings = (
            Posting(owed, split.provider, account, other),
            Posting(owed, split.fund, account, SystemAccount.FUND),
            Posting(cash, given, SystemAccount.FUND, account),
        )
    else:
        fund = Atoms(0)
        postings = (Posting(owed, Atoms(paid), account, other),)
    market = state.parameters.markets[place].id
    event = PositionTaken(tier, market, account, other, deal.lots, deal.price, Atoms(paid), fund)
    return Accepted(post(settled.state, postings), (event, *settled.events, Posted(postings)))


def in_the_row(account: Account, state: State, place: int, long: bool, offer: int, any_equity: bool, _: int) -> bool:
    """Is the account on the opposite side, not asked yet, and with equity to lose if that is wanted?"""
    size = account.holdings.positions[place].size
    opposite = (-size if long else size) > 0
    return (
        opposite
        and account.asked != offer
        and (any_equity or equity_alone(state, account.holdings, Gains.IN_FULL) >= 0)
    )


def exposed(account: Account, state: State) -> Atoms:
    """What the account's positions are worth at mark, without sign."""
    return exposure_alone(state, account.holdings)


def place_in_the_row(
    account: Account, state: State, place: int, _long: bool, _offer: int, _any: bool, bound: int
) -> tuple[int, ...]:
    """Where an account of the opposite side stands; the bound is no less than any exposure.  Rule: EX-ADL-1."""
    position = account.holdings.positions[place]
    candidate = Candidate(
        gain=gain(position, state.markets[place].mark),
        lots=Lots(abs(position.size)),
        equity=equity_alone(state, account.holdings, Gains.IN_FULL),
        exposure=exposure_alone(state, account.holdings),
    )
    return adl_rank(candidate, bound)


def deleverage(state: State, _: Deleverage) -> Accepted[State]:
    """One account of the opposite side is made to close against the position, at the zero price as far as it can bear.

    Rule: EX-TIER-4.  When all with equity were asked, the same row closes what is left at the mark.
    """
    assert state.liquidating is not None, "Deleverage is due only while an account is at work"
    assert state.liquidating.slice is not None, "Deleverage is due only while a position is offered"
    at_work, offered = state.liquidating, state.liquidating.slice
    place = place_of(state, offered.market)
    long, at_mark = account_of(state, at_work.account).holdings.positions[place].size > 0, offered.tier == Tier.AT_MARK
    bound = state.accounts.total(exposed, state)
    target = state.accounts.first(place_in_the_row, in_the_row, state, place, long, offered.offer, at_mark, bound)
    if target is None or offered.open == 0:
        return row_done(state, at_work, offered)
    held = Lots(abs(account_of(state, target).holdings.positions[place].size))
    equity = equity_alone(state, account_of(state, target).holdings, Gains.IN_FULL)
    asked = was_asked(state, target, at_work, offered)
    if at_mark:
        lots, paid = closed_at_mark(offered.open, held), Atoms(0)
    else:
        lots = deleveraged_lots(offered.zero, offered.closed, offered.open, held, equity)
        paid = spread(offered.zero, offered.closed, lots)
    if lots <= 0:
        return Accepted(asked)
    taken = taken_over(asked, at_work.account, target, place, lots, paid, offered.tier)
    return Accepted(with_taken(taken.state, lots), taken.events)


def row_done(state: State, at_work: Liquidation, offered: Slice) -> Accepted[State]:
    """All of the opposite side were asked at this price: the mark is next, or the offer is over."""
    if offered.tier == Tier.AT_MARK or offered.open == 0:
        return Accepted(evolve(state, liquidating=evolve(at_work, slice=None)))
    next_offer = evolve(offered, tier=Tier.AT_MARK, offer=state.offers + 1)
    return Accepted(evolve(state, liquidating=evolve(at_work, slice=next_offer), offers=state.offers + 1))
