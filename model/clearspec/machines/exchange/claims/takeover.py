"""Positions that are taken over: what is offered, what a provider takes, and who is made to close."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.claims.backstop import part_of
from clearspec.machines.exchange.claims.liquidation import auto_close_threshold
from clearspec.machines.exchange.claims.margin import equity_alone, initial_margin_met
from clearspec.machines.exchange.claims.offers import (
    capacity,
    capacity_to_ask,
    is_opposite,
    offer_made,
    was_not_asked,
)
from clearspec.machines.exchange.claims.perpetual import traded_by_cost
from clearspec.machines.exchange.formulas.backstop import backstop_lots, covered_lots, least_lots, split_spread
from clearspec.machines.exchange.formulas.deleverage import closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.requirement import requirement
from clearspec.machines.exchange.formulas.zero_price import paid_up_to, spread
from clearspec.machines.exchange.state.commands import Absorb, Deleverage, OfferSlice, SetBackstop
from clearspec.machines.exchange.state.events import PositionTaken
from clearspec.machines.exchange.state.parameters import MarketKind, market_place, perpetuals
from clearspec.machines.exchange.state.types import Account, Slice, State, Tier


@claim(
    "EX-TIER-1",
    "A provider takes over so many lots as was agreed, until something else is.",
    title="backstop capacity is as agreed",
    kind=Kind.STEP,
    on=(SetBackstop,),
)
def capacity_is_as_agreed(before: State, command: SetBackstop, after: Accepted[State]) -> bool:
    place, account = market_place(before.parameters, command.market), after.state.accounts.get(command.account)
    return place is not None and account is not None and capacity(account, place) == command.lots


@claim(
    "EX-TIER-3",
    "A provider takes its part of an offer, pro rata to capacity, at mark, if initial margin is met. It gets two"
    " thirds of the spread and the fund the rest; the fund pays a deficit.",
    title="a provider takes its part",
    kind=Kind.STEP,
    on=(Absorb,),
    source="Settlement & Clearing, Tier 2; rules §7",
    prevents="JELLY 2025: a backstop that was not ring-fenced took everything, and deleveraging never came",
)
def providers_take_their_part(before: State, beat: Absorb, after: Accepted[State]) -> bool:
    return all(part_taken(before, after.state, event) for event in after.events if isinstance(event, PositionTaken))


@measure
def part_taken(before: State, after: State, event: PositionTaken) -> bool:
    """Does what the provider took follow from the offer?"""
    was, place = before.liquidating, market_place(before.parameters, event.market)
    if was is None or was.slice is None or place is None or was.slice.market != event.market:
        return False
    closing, closed = before.accounts.get(event.account), after.accounts.get(event.account)
    provider, taking = before.accounts.get(event.other), after.accounts.get(event.other)
    if closing is None or closed is None or provider is None or taking is None:
        return False
    offered, room = was.slice, capacity(provider, place)
    paid = spread(offered.zero, offered.closed, event.lots)
    split, covered = split_spread(max(paid, 0)), min(max(-paid, 0), before.venue.fund.balances[0])
    signed = -event.lots if closing.holdings.positions[place].size > 0 else event.lots
    return (
        event.account == was.account
        and event.tier == offered.tier
        and event.other != event.account
        and provider.asked != offered.offer
        and 0 < event.lots == part_of(offered, provider, place)
        and event.price == before.markets[place].mark
        and event.spread == paid
        and capacity(taking, place) == room - event.lots
        and traded_by_cost(closing, closed, place, signed, event.price, max(paid, 0))
        and traded_by_cost(provider, taking, place, -signed, event.price, -split.provider)
        and closed.holdings.balances[0] == closing.holdings.balances[0] + covered
        and after.venue.fund.balances[0] == before.venue.fund.balances[0] - covered
        and after.venue.fund.positions[place].unsettled == before.venue.fund.positions[place].unsettled + split.fund
        and event.fund == split.fund - covered
        and initial_margin_met(after, event.other, counting_gains=True)
    )


@claim(
    "EX-TIER-4",
    "Only accounts of the opposite side are asked. Each closes what is needed, as far as it has and can bear it at"
    " the zero price. At mark it closes what nobody could bear.",
    title="the opposite side closes what is needed",
    kind=Kind.STEP,
    on=(Deleverage,),
    source="Settlement & Clearing, Tier 3; rules §7",
    prevents="10 October 2025: deleveraging that overshot, and negative balances",
)
def the_opposite_side_closes(before: State, beat: Deleverage, after: Accepted[State]) -> bool:
    made = offer_made(before)
    if made is None:
        return False
    offered, account, place = made
    long = account.holdings.positions[place].size > 0
    taken = [event for event in after.events if isinstance(event, PositionTaken)]
    return before.accounts.every(
        lambda key, each: (
            was_not_asked(each, after.state.accounts.get(key))
            or (
                is_opposite(each, place, long) and (len(taken) > 0) == (lots_to_close(before, offered, each, place) > 0)
            )
        )
    ) and all(made_to_close(before, after.state, event) for event in taken)


@measure
def lots_to_close(state: State, offered: Slice, account: Account, place: int) -> int:
    """What the account has to close: at the mark all that is needed and it has, else as far as it can bear it."""
    held = abs(account.holdings.positions[place].size)
    if offered.tier == Tier.AT_MARK:
        return closed_at_mark(offered.open, held)
    equity = equity_alone(state, account.holdings, False)
    return deleveraged_lots(offered.zero, offered.closed, offered.open, held, equity)


@measure
def made_to_close(before: State, after: State, event: PositionTaken) -> bool:
    """Does what the account had to close follow from the offer?"""
    was, place = before.liquidating, market_place(before.parameters, event.market)
    if was is None or was.slice is None or place is None or was.slice.market != event.market:
        return False
    closing, closed = before.accounts.get(event.account), after.accounts.get(event.account)
    target, left = before.accounts.get(event.other), after.accounts.get(event.other)
    if closing is None or closed is None or target is None or left is None:
        return False
    offered, held = was.slice, target.holdings.positions[place].size
    lots = lots_to_close(before, offered, target, place)
    paid = 0 if offered.tier == Tier.AT_MARK else spread(offered.zero, offered.closed, lots)
    long = closing.holdings.positions[place].size > 0
    signed = -event.lots if long else event.lots
    return (
        event.account == was.account
        and event.tier == offered.tier
        and target.asked != offered.offer
        and left.asked == offered.offer
        and (held < 0 if long else held > 0)
        and 0 < event.lots == lots <= abs(held)
        and event.price == before.markets[place].mark
        and event.spread == paid
        and traded_by_cost(closing, closed, place, signed, event.price, paid)
        and traded_by_cost(target, left, place, -signed, event.price, -paid)
    )


@claim(
    "EX-TIER-7",
    "Beyond the book the zero price is of all equity, or of what positions lack once collateral at mark has repaid"
    " debts. Providers come first; the offer is a loop's step, or what the fund covers.",
    title="what is offered beyond the book",
    kind=Kind.STEP,
    on=(OfferSlice,),
    source="rules §7",
)
def offers_beyond_the_book_are_determined(before: State, beat: OfferSlice, after: Accepted[State]) -> bool:
    at_work = after.state.liquidating
    if at_work is None or at_work.slice is None or at_work.slice.tier == Tier.BOOK:
        return True
    account, place = before.accounts.get(at_work.account), market_place(before.parameters, at_work.slice.market)
    if account is None or place is None:
        return False
    to_ask = after.state.accounts.total(capacity_to_ask, place, at_work.slice.offer)
    return at_work.slice.whole == to_ask and offered_as_told(before, at_work.slice, account, place)


def required_of(state: State, account: Account, place: int) -> int:
    """The maintenance requirement of one position by itself."""
    notional = abs(account.holdings.positions[place].size) * state.markets[place].mark
    return requirement(state.parameters.markets[place].maintenance, None, state.parameters.usd, notional)


def left_for_positions(state: State, account: Account) -> int:
    """Gains and losses, and what balances and claims at their marks are worth beyond all debts, each rounded down."""
    worth = gained = 0
    for asset, balance, loan in zip(
        state.parameters.assets, account.holdings.balances, account.holdings.loans, strict=True
    ):
        price = lot = 1
        if asset.priced_by is not None:
            price, lot = state.markets[asset.priced_by].mark, state.parameters.markets[asset.priced_by].lot
        worth += (balance + loan.lent) * price // lot + -loan.borrowed * price // lot
    for market, told, position in zip(state.parameters.markets, state.markets, account.holdings.positions, strict=True):
        if market.kind == MarketKind.PERPETUAL:
            gained += position.size * told.mark - position.cost + position.unsettled
    return gained + (worth if worth > 0 else 0)


@measure
def offered_as_told(state: State, offered: Slice, account: Account, place: int) -> bool:
    """Does the offer follow from the account, the fund and the providers?"""
    zero, lots = offered.zero, abs(account.holdings.positions[place].size)
    equity = equity_alone(state, account.holdings, False)
    shared = max(equity, min(left_for_positions(state, account), 0))
    deficit = -paid_up_to(zero, lots)
    threshold = auto_close_threshold(state, account)
    least = least_lots(state.parameters.backstop_min, state.markets[place].mark)
    if deficit > 0:
        right = offered.offered == covered_lots(lots, deficit, max(state.venue.fund.balances[0], 0))
    else:
        right = offered.offered == backstop_lots(equity, threshold, lots, least)
    to_providers = offered.whole > 0 and offered.offered > 0
    return (
        right
        and zero.equity == shared
        and zero.position == lots
        and zero.required == required_of(state, account, place)
        and zero.whole == sum(required_of(state, account, each) for each in perpetuals(state.parameters))
        and (offered.tier == Tier.BACKSTOP) == to_providers
        and offered.open == (lots if deficit > 0 and not to_providers else offered.offered)
    )
