"""Losses that nobody pays: what the fund pays, what lenders bear, and that the rest is booked as bad debt."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.debts import lots_at_hand
from clearspec.machines.exchange.claims.liquidation import settled_only
from clearspec.machines.exchange.claims.margin import in_liquidation
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.claims.zero_price import sensible, zero_arguments
from clearspec.machines.exchange.formulas.bad_debt import absorbed_by_lenders, bad_debt, lender_loss
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, paid_up_to, spread
from clearspec.machines.exchange.state.commands import Absorb, ChargeLender, PayOut, Unwind
from clearspec.machines.exchange.state.events import LoanWrittenOff, LossWrittenOff, PositionTaken, SliceTraded
from clearspec.machines.exchange.state.parameters import asset_place, lowest_taker, perpetuals, spots
from clearspec.machines.exchange.state.types import Account, AccountId, AssetSlice, PoolLoss, State
from clearspec.mechanisms.pro_rata import allotted


@claim(
    "EX-DEBT-5",
    "Each lender bears its share of an unpaid debt once, by running sums, up to its claim. The venue then bears its"
    " own share; the rest is bad debt, and the account owes nothing.",
    title="lenders bear what nobody pays",
    kind=Kind.STEP,
    on=(ChargeLender,),
    source="rules §7: debt to a pool falls on its lenders by a stated rule",
)
def lenders_bear_what_nobody_pays(before: State, beat: ChargeLender, after: Accepted[State]) -> bool:
    was, now = before.liquidating, after.state.liquidating
    if was is None or now is None or was.loss is None or len(after.events) == 0:
        return False
    place = asset_place(before.parameters, was.loss.asset)
    if place is None:
        return False
    return all(
        loss_borne(before, after.state, was.loss, now.loss, event, place)
        for event in after.events
        if isinstance(event, LoanWrittenOff)
    )


@measure
def loss_borne(
    before: State, after: State, loss: PoolLoss, then: PoolLoss | None, event: LoanWrittenOff, place: int
) -> bool:
    """Did this lender bear its share; or, all of them having borne theirs, the venue and the pool the rest?"""
    debtor, freed = before.accounts.get(event.account), after.accounts.get(event.account)
    if debtor is None or freed is None:
        return False
    owed = debtor.holdings.loans[place].borrowed
    own, own_left = before.venue.fees.loans[place].lent, after.venue.fees.loans[place].lent
    if event.lender is None:
        bad_debt = after.venue.bad_debt.loans[place].borrowed - before.venue.bad_debt.loans[place].borrowed
        asked = before.accounts.every(
            lambda _, account: account.asked == loss.offer or account.holdings.loans[place].lent <= 0
        )
        rest_is_borne = freed.holdings.loans[place].borrowed == 0 and event.amount == owed == own - own_left + bad_debt
        return asked and then is None and rest_is_borne and own - own_left == lender_loss(
            loss.amount, loss.before, own, loss.claims
        )  # fmt: skip
    lender, charged = before.accounts.get(event.lender), after.accounts.get(event.lender)
    if lender is None or charged is None or then is None:
        return False
    claim_on_pool = lender.holdings.loans[place].lent
    return (
        lender.asked != loss.offer == charged.asked
        and event.amount == lender_loss(loss.amount, loss.before, claim_on_pool, loss.claims)
        and charged.holdings.loans[place].lent == claim_on_pool - event.amount
        and freed.holdings.loans[place].borrowed == owed - event.amount
        and then.before == loss.before + claim_on_pool
        and then.borne == loss.borne + event.amount
        and own == own_left
    )


@claim(
    "EX-DEBT-6",
    "No position is on offer while an asset slice trades, in a spot market at a taker's rate, or while a loss is"
    " shared. Lenders asked have borne their share, and the others have the remaining claims.",
    title="trades and losses at work are in order",
    kind=Kind.STATE,
)
def debts_at_work_are_in_order(state: State) -> bool:
    at_work = state.liquidating
    if at_work is None:
        return True
    if at_work.trade is not None and not any(
        trade_in_order(state, at_work.trade, place) for place in spots(state.parameters)
    ):
        return False
    if at_work.unwinding and at_work.slice is not None:
        return False
    if not at_work.unwinding and (at_work.trade is not None or at_work.loss is not None):
        return False
    account, loss = state.accounts.get(at_work.account), at_work.loss
    if loss is None:
        return True
    place = asset_place(state.parameters, loss.asset)
    return account is not None and place is not None and loss_in_order(state, loss, account, place)


@measure
def trade_in_order(state: State, trade: AssetSlice, place: int) -> bool:
    """Is it a slice in this market?"""
    return (
        state.parameters.markets[place].id == trade.market
        and trade.open >= 0
        and trade.accrued >= 0
        and lowest_taker(state.parameters) <= trade.taker < RATE_SCALE
    )


def to_be_asked(account: Account, place: int, offer: int) -> int:
    """What the account has lent of the asset at that place, if it has still to bear its share."""
    return account.holdings.loans[place].lent if account.asked != offer else 0


def loss_in_order(state: State, loss: PoolLoss, account: Account, place: int) -> bool:
    """Is so much borne as falls on those asked, is the rest owed, and are the claims of the others not counted yet?"""
    others = state.accounts.total(to_be_asked, place, loss.offer) + state.venue.fees.loans[place].lent
    return (
        loss.amount > 0
        and loss.offer <= state.offers
        and loss.before >= 0
        and loss.claims - loss.before == others
        and loss.borne == allotted(min(loss.amount, loss.claims), loss.before, loss.claims)
        and account.holdings.loans[place].borrowed == loss.amount - loss.borne
    )


@claim(
    "EX-BAD-1",
    "Every atom of a market's deficit is paid for lots closed at the zero price, or is bad debt. The fund pays, or an"
    " account made to close. Without a deficit there is no bad debt.",
    title="a deficit is paid or bad debt",
    kind=Kind.LAW,
    source="rules §7",
    prevents="a shortfall that nobody's books show",
    sample=zero_arguments,
)
def a_deficit_is_paid_or_bad_debt(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero, closed, lots):
        return True
    left = bad_debt(zero, closed + lots)
    if zero.equity >= 0:
        return left == 0
    paid = -spread(zero, 0, closed) - spread(zero, closed, lots)
    return left >= 0 and paid + left == paid_up_to(zero, 0) - paid_up_to(zero, zero.position)


def loss_arguments(choices: Choices) -> tuple[Any, ...]:
    """A loss, and the claims of those before, of two neighbours and of those after."""
    claims = tuple(amount(choices) for _ in range(4))
    return choices.pick((amount(choices), sum(claims), sum(claims) + 1, choices.integer(0, sum(claims)))), *claims


@claim(
    "EX-BAD-2",
    "Lenders together bear an unpaid debt, up to their claims. The first lenders bear the floor of their share, and"
    " two neighbours what one with both claims would.",
    title="losses found are losses borne",
    kind=Kind.LAW,
    source="rules §7",
    prevents="a loss that is found and not taken from anyone: the last to leave bears it",
    sample=loss_arguments,
)
def losses_found_are_losses_borne(loss: int, before: int, one: int, other: int, after: int) -> bool:
    if loss < 0 or before < 0 or one < 0 or other < 0 or after < 0:
        return True
    claims = before + one + other + after
    borne, first = absorbed_by_lenders(loss, claims), lender_loss(loss, 0, before, claims)
    apart = lender_loss(loss, before, one, claims) + lender_loss(loss, before + one, other, claims)
    return (
        borne == (loss if loss < claims else claims)
        and lender_loss(loss, 0, claims, claims) == borne
        and first * claims <= borne * before <= first * claims + (claims - 1 if claims > 0 else 0)
        and apart == lender_loss(loss, before, one + other, claims)
    )


@claim(
    "EX-BAD-3",
    "No lender bears more than its claim, and none gains by a loss.",
    title="no lender bears more than its claim",
    kind=Kind.LAW,
    source="rules §7",
    sample=loss_arguments,
)
def no_lender_bears_more_than_its_claim(loss: int, before: int, one: int, other: int, after: int) -> bool:
    if loss < 0 or before < 0 or one < 0 or other < 0 or after < 0:
        return True
    return 0 <= lender_loss(loss, before, one, before + one + other + after) <= one


@claim(
    "EX-FUND-1",
    "The liquidity fund is never negative, in no market.",
    title="the liquidity fund is never negative",
    kind=Kind.STATE,
    source="rules §7",
)
def the_fund_is_not_negative(state: State) -> bool:
    fund = state.venue.fund
    return fund.balances[0] >= 0 and all(fund.positions[place].unsettled >= 0 for place in perpetuals(state.parameters))


@claim(
    "EX-FUND-2",
    "Bad debt changes only by a write-off. The liquidity fund changes only by that, a slice, a provider's takeover,"
    " or the settlement of what it is owed.",
    title="what may move fund and bad debt",
    kind=Kind.STEP,
    source="rules §7",
    prevents="bad debt that is made good by the fund, so that nobody sees either",
)
def only_liquidation_moves_the_fund(before: State, beat: object, after: Accepted[State]) -> bool:
    was, now = before.venue, after.state.venue
    written_off = any(isinstance(event, LossWrittenOff) for event in after.events)
    shared = any(isinstance(event, LoanWrittenOff) and event.lender is None for event in after.events)
    if not (written_off or shared) and now.bad_debt != was.bad_debt:
        return False
    if isinstance(beat, PayOut):
        return settled_only(was.fund, now.fund)
    taken = isinstance(beat, Absorb) and any(isinstance(event, PositionTaken) for event in after.events)
    traded = any(isinstance(event, SliceTraded) for event in after.events)
    return written_off or taken or traded or now.fund == was.fund


@claim(
    "EX-TIER-5",
    "If an account has nothing left and owes, the fund pays as far as it goes, and the rest is bad debt. The account"
    " then owes only what it was given.",
    title="no loss is lost",
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
