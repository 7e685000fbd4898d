"""Positions that are taken over: what a provider takes, who is made to close, and that no loss is lost."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.claims.debts import lots_at_hand
from clearspec.machines.exchange.claims.liquidation import exposure_of
from clearspec.machines.exchange.claims.margin import (
    equity_alone,
    in_liquidation,
    initial_margin_met,
    initial_margin_met_by,
)
from clearspec.machines.exchange.claims.matching import after_trade, traded_by_cost
from clearspec.machines.exchange.claims.offers import capacity, in_the_row, is_opposite, offer_made
from clearspec.machines.exchange.formulas.backstop import split_spread
from clearspec.machines.exchange.formulas.deleverage import Candidate, adl_rank, closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.zero_price import spread
from clearspec.machines.exchange.state.commands import Absorb, Deleverage, SetBackstop, Unwind
from clearspec.machines.exchange.state.events import LossWrittenOff, PositionTaken
from clearspec.machines.exchange.state.parameters import market_place, perpetuals
from clearspec.machines.exchange.state.types import Account, AccountId, Slice, State, Tier
from clearspec.mechanisms.pro_rata import allotment


@claim(
    "EX-TIER-1",
    "A provider takes over so many lots as was agreed, until something else is.",
    kind=Kind.STEP,
    on=(SetBackstop,),
)
def capacity_is_as_agreed(before: State, command: SetBackstop, after: Accepted[State]) -> bool:
    place, account = market_place(before.parameters, command.market), after.state.accounts.get(command.account)
    return place is not None and account is not None and capacity(account, place) == command.lots


@claim(
    "EX-TIER-3",
    "A provider takes its part of what is offered, pro rata to capacity, at the mark; of the spread it has two thirds"
    " and the fund the rest, a deficit the fund pays; and it meets initial margin with what it took, or takes nothing.",
    kind=Kind.STEP,
    on=(Absorb,),
    source="Settlement & Clearing, Tier 2; rules §7",
    prevents="JELLY 2025: a backstop that was not ring-fenced took everything, and deleveraging never came",
)
def providers_take_their_part(before: State, beat: Absorb, after: Accepted[State]) -> bool:
    return all(part_taken(before, after.state, event) for event in after.events if isinstance(event, PositionTaken))


def part_of(offered: Slice, provider: Account, place: int) -> int:
    """The lots of the offer that are a provider's, pro rata to capacity."""
    lots = min(offered.offered, offered.whole)
    return min(allotment(lots, offered.before, capacity(provider, place), offered.whole), offered.open)


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
    "EX-TIER-10",
    "Only who offers capacity is asked; and who is asked and takes nothing had no part in the offer, or would not have"
    " met initial margin with it.",
    kind=Kind.STEP,
    on=(Absorb,),
    source="rules §7",
    prevents="providers that are paid for calm days and decline on the others",
)
def nobody_declines(before: State, beat: Absorb, after: Accepted[State]) -> bool:
    made = offer_made(before)
    if made is None:
        return False
    offered, account, place = made
    long = account.holdings.positions[place].size > 0
    if any(isinstance(event, PositionTaken) for event in after.events):
        return True
    return before.accounts.every(
        lambda key, each: (
            was_not_asked(each, after.state.accounts.get(key))
            or (capacity(each, place) > 0 and could_not_take(before, offered, key, each, place, long))
        )
    )


@measure
def could_not_take(state: State, offered: Slice, key: AccountId, provider: Account, place: int, long: bool) -> bool:
    """Is its part of the offer nothing, or is it without initial margin after it?"""
    lots = part_of(offered, provider, place)
    if lots <= 0:
        return True
    gets = split_spread(max(spread(offered.zero, offered.closed, lots), 0)).provider
    market, mark = state.parameters.markets[place], state.markets[place].mark
    after = after_trade(market, provider, place, lots if long else -lots, mark, -gets)
    return not initial_margin_met_by(state, key, after, counting_gains=True)


@claim(
    "EX-TIER-4",
    "Only accounts of the opposite side are asked; one is made to close what is needed, as far as it has it and can"
    " bear it, at the zero price; at the mark, only what nobody could bear at the zero price. Who closes nothing had"
    " nothing to close.",
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


def was_not_asked(was: Account, now: Account | None) -> bool:
    """Was no offer made to the account in this beat?"""
    return now is not None and now.asked == was.asked


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
    "EX-TIER-8",
    "Who is asked to close is the first in the row: of those who could be asked, nobody stands before it, by profit,"
    " margin fraction and size.",
    kind=Kind.STEP,
    on=(Deleverage,),
    source="Settlement & Clearing, Tier 3; rules §7",
    prevents="an operator who chooses whose position is closed",
)
def the_first_in_the_row_is_asked(before: State, beat: Deleverage, after: Accepted[State]) -> bool:
    made = offer_made(before)
    if made is None:
        return False
    offered, account, place = made
    long, bound = account.holdings.positions[place].size > 0, before.accounts.total(exposure_of, before)
    return before.accounts.every(
        lambda key, asked: (
            was_not_asked(asked, after.state.accounts.get(key))
            or (
                in_the_row(before, asked, offered, place, long)
                and before.accounts.every(
                    lambda _, other: (
                        not in_the_row(before, other, offered, place, long)
                        or stands_no_later(before, asked, other, place, bound)
                    )
                )
            )
        )
    )


@measure
def stands_no_later(state: State, one: Account, other: Account, place: int, bound: int) -> bool:
    """Is nobody's place in the row before the first account's?  The bound is no less than any exposure."""
    return adl_rank(candidate(state, one, place), bound) <= adl_rank(candidate(state, other, place), bound)


def candidate(state: State, account: Account, place: int) -> Candidate:
    """The account as one that may be made to close in this market: what its place in the row follows from."""
    position = account.holdings.positions[place]
    return Candidate(
        gain=Atoms(position.size * state.markets[place].mark - position.cost + position.unsettled),
        lots=Lots(abs(position.size)),
        equity=Atoms(equity_alone(state, account.holdings, False)),
        exposure=Atoms(exposure_of(account, state)),
    )


@claim(
    "EX-TIER-5",
    "Losses found are losses absorbed: what an account without anything owes, the fund pays as far as it goes, and the"
    " rest is bad debt; after that it owes no more than it was given.",
    kind=Kind.STEP,
    on=(Unwind,),
    source="rules §7",
)
def no_loss_is_lost(before: State, beat: Unwind, after: Accepted[State]) -> bool:
    events = [event for event in after.events if isinstance(event, LossWrittenOff)]
    account = None if before.liquidating is None else before.accounts.get(before.liquidating.account)
    if before.liquidating is None or account is None:
        return False
    if (len(events) == 1) != owes_and_has_nothing(before, before.liquidating.account, account):
        return False
    return all(loss_absorbed(before, after.state, event) for event in events)


@measure
def owes_and_has_nothing(state: State, key: AccountId, account: Account) -> bool:
    """Does the account owe losses, without a position, a debt, cash, or a lot of anything that could be sold?"""
    return (
        in_liquidation(state, account)
        and sum(position.unsettled for position in account.holdings.positions) < 0
        and all(position.size == 0 for position in account.holdings.positions)
        and all(loan.borrowed == 0 for loan in account.holdings.loans)
        and all(lots_at_hand(state, key, account, asset) == 0 for asset in range(len(state.parameters.assets)))
    )


@measure
def loss_absorbed(before: State, after: State, event: LossWrittenOff) -> bool:
    """Is the loss what the account owed, and is it all paid or booked?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    loss = max(-sum(position.unsettled for position in was.holdings.positions), 0)
    booked = sum(
        before.venue.bad_debt.positions[place].unsettled - after.venue.bad_debt.positions[place].unsettled
        for place in perpetuals(before.parameters)
    )
    return (
        loss > 0
        and event.fund + event.bad_debt == loss
        and event.fund == min(before.venue.fund.balances[0], loss)
        and before.venue.fund.balances[0] - after.venue.fund.balances[0] == event.fund
        and booked == event.bad_debt
        and now.holdings.balances[0] == was.holdings.balances[0] + event.fund
        and sum(position.unsettled for position in now.holdings.positions) == -event.fund
    )
