"""Offers beyond the book: what is offered to whom, who is next, and that each ends."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import Lots
from clearspec.machines.exchange.claims.margin import equity_alone
from clearspec.machines.exchange.state.commands import Absorb, Deleverage
from clearspec.machines.exchange.state.events import PositionTaken
from clearspec.machines.exchange.state.parameters import market_place, perpetuals
from clearspec.machines.exchange.state.types import Account, Slice, State, Tier


def offer_made(state: State) -> tuple[Slice, Account, int] | None:
    """The offer at work, the account whose position it is, and the place of its market."""
    at_work = state.liquidating
    account = None if at_work is None else state.accounts.get(at_work.account)
    if at_work is None or at_work.slice is None or account is None:
        return None
    place = market_place(state.parameters, at_work.slice.market)
    return None if place is None else (at_work.slice, account, place)


def capacity(account: Account, place: int) -> int:
    """The lots of that market which the account will take over."""
    return account.holdings.positions[place].capacity


def capacity_to_ask(account: Account, place: int, offer: int) -> int:
    """The lots of that market which the account will take over, if the offer was not made to it."""
    return account.holdings.positions[place].capacity if account.asked != offer else 0


@claim(
    "EX-TIER-2",
    "An offer beyond the book never exceeds the position, and its zero price is fixed for all of it. Providers'"
    " capacity is what was asked plus what is still to be asked.",
    title="offers beyond the book are in order",
    kind=Kind.STATE,
    source="rules §7",
)
def offers_are_in_order(state: State) -> bool:
    if state.offers < 0 or not state.accounts.every(lambda _, account: provides(account, state.offers)):
        return False
    at_work = state.liquidating
    if at_work is None or at_work.slice is None or at_work.slice.tier == Tier.BOOK:
        return True
    account = state.accounts.get(at_work.account)
    return account is not None and any(
        offer_in_order(state, at_work.slice, account, place) for place in perpetuals(state.parameters)
    )


@measure
def provides(account: Account, offers: int) -> bool:
    """Is no capacity negative, and was the account asked nothing that was not offered?"""
    return account.asked <= offers and all(position.capacity >= 0 for position in account.holdings.positions)


@measure
def offer_in_order(state: State, offered: Slice, account: Account, place: int) -> bool:
    """Is the offer one of the position in this market, and are its sums right?"""
    zero = offered.zero
    return (
        state.parameters.markets[place].id == offered.market
        and offered.offer <= state.offers
        and offered.open >= 0
        and offered.closed >= 0
        and 0 < zero.required <= zero.whole
        and zero.before == 0
        and state.markets[place].mark > 0
        and offered.open + offered.closed <= zero.position
        and abs(account.holdings.positions[place].size) + offered.closed == zero.position
        and (
            offered.tier != Tier.BACKSTOP
            or (
                state.accounts.total(capacity_to_ask, place, offered.offer) == offered.whole - offered.before
                and offered.before >= 0
                and account.asked == offered.offer
                and offered.open + offered.closed == offered.offered
            )
        )
    )


@claim(
    "EX-TIER-6",
    "Offers beyond the book end: each beat asks an account, goes on to the next tier, or ends the offer. A tier gives"
    " way, and the last one ends, only when its accounts were all asked.",
    title="offers beyond the book end",
    kind=Kind.STEP,
    on=(Absorb, Deleverage),
    source="rules §7: tier k + 1 only when tier k is exhausted",
)
def offers_end(before: State, beat: Absorb | Deleverage, after: Accepted[State]) -> bool:
    made, now = offer_made(before), after.state.liquidating
    if made is None or now is None:
        return False
    offered, account, place = made
    if now.slice is None:
        return offer_over(before, offered, account, place)
    if now.slice.tier != offered.tier:
        return now.slice.offer > offered.offer and all_asked(before, offered, account, place)
    left = after.state.accounts.total(to_ask, now.slice.offer)
    return left < before.accounts.total(to_ask, offered.offer)


def offer_over(state: State, offered: Slice, account: Account, place: int) -> bool:
    """Is nothing left to offer; or do providers who took something wait for the next loop; or was the mark the last?

    A deficit does not wait: while something is left of the position, the opposite side is next.
    """
    if offered.tier == Tier.BACKSTOP and offered.zero.equity < 0:
        return account.holdings.positions[place].size == 0
    last = offered.closed > 0 if offered.tier == Tier.BACKSTOP else offered.tier == Tier.AT_MARK
    return offered.open == 0 or (last and all_asked(state, offered, account, place))


def to_ask(account: Account, offer: int) -> int:
    """1 for an account to which the offer may still be made."""
    return 1 if account.asked != offer else 0


def all_asked(state: State, offered: Slice, account: Account, place: int) -> bool:
    """Was everybody asked whom this tier asks; or is nothing left to offer to providers?"""
    if offered.tier == Tier.BACKSTOP:
        return offered.open == 0 or state.accounts.every(
            lambda _, each: each.asked == offered.offer or capacity(each, place) <= 0
        )
    long = account.holdings.positions[place].size > 0
    return state.accounts.every(lambda _, each: not in_the_row(state, each, offered, place, long))


def is_opposite(account: Account, place: int, long: bool) -> bool:
    """Has the account a position on the other side of a long one, or of a short one?"""
    size = account.holdings.positions[place].size
    return size < 0 if long else size > 0


@measure
def in_the_row(state: State, account: Account, offered: Slice, place: int, long: bool) -> bool:
    """Is the account of the opposite side, was it not asked yet, and at the zero price, has it equity?"""
    return (
        is_opposite(account, place, long)
        and account.asked != offered.offer
        and (offered.tier == Tier.AT_MARK or equity_alone(state, account.holdings, False) >= 0)
    )


@claim(
    "EX-TIER-9",
    "Closed lots are no longer open, and an offer keeps its zero price. The next tier is offered what is left, or the"
    " whole position if there is a deficit.",
    title="offers go on as they were made",
    kind=Kind.STEP,
    on=(Absorb, Deleverage),
    source="rules §7",
)
def offers_go_on_as_made(before: State, beat: Absorb | Deleverage, after: Accepted[State]) -> bool:
    made, now = offer_made(before), after.state.liquidating
    if made is None or now is None or before.liquidating is None:
        return False
    offered, account, place = made
    same = evolve(now, slice=None) == evolve(before.liquidating, slice=None)
    if now.slice is None:
        return same
    lots = sum(event.lots for event in after.events if isinstance(event, PositionTaken))
    left = offered.open
    if now.slice.tier != offered.tier and offered.tier == Tier.BACKSTOP and offered.zero.equity < 0:
        left = Lots(abs(account.holdings.positions[place].size))
    return (
        same
        and now.slice.open == left - lots
        and now.slice.closed == offered.closed + lots
        and now.slice.zero == offered.zero
        and now.slice.market == offered.market
    )


def was_not_asked(was: Account, now: Account | None) -> bool:
    """Was no offer made to the account in this beat?"""
    return now is not None and now.asked == was.asked
