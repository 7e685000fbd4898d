"""Accounts, marks and funding: what each command and beat does, and only that."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.state.commands import (
    Borrow,
    CancelWithdrawal,
    Deposit,
    Lend,
    OpenAccount,
    PayFunding,
    Redeem,
    Repay,
    SetAutoLending,
    SetRiskTaking,
    Tick,
    Withdraw,
)
from clearspec.machines.exchange.state.events import (
    AnswerTaken,
    AssetTraded,
    CollateralSold,
    FundingPaid,
    GainSettled,
    InterestAccrued,
    LiquidationGoesOn,
    LoanWrittenOff,
    LossSettled,
    LossWrittenOff,
    OrderFilled,
    PositionTaken,
    SliceTraded,
)
from clearspec.machines.exchange.state.parameters import HOUR, perpetuals, tier_named
from clearspec.machines.exchange.state.types import Account, AccountId, MarketState, Position, Side, State


@claim(
    "EX-STA-1",
    "Marks, quotes and times are possible: nothing negative, nothing from the future; and one kind of work is done at a"
    " time.",
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
    "EX-ACC-1",
    "Every account has a fee tier that exists and leverage within the limit.",
    kind=Kind.STATE,
)
def accounts_are_in_order(state: State) -> bool:
    return state.accounts.every(
        lambda _, account: (
            tier_named(state.parameters, account.tier) is not None
            and 1 <= account.leverage <= state.parameters.leverage_max
        )
    )


@claim(
    "EX-ACC-2",
    "A new account is empty, with the tier and the leverage asked for.",
    kind=Kind.STEP,
    on=(OpenAccount,),
)
def new_account_is_empty(before: State, command: OpenAccount, after: Accepted[State]) -> bool:
    account = after.state.accounts.get(command.account)
    return (
        account is not None
        and account.tier == command.tier
        and account.leverage == command.leverage
        and all(balance == 0 for balance in account.holdings.balances)
        and all(
            position.size == 0 and position.cost == 0 and position.unsettled == 0
            for position in account.holdings.positions
        )
        and all(loan.lent == 0 and loan.borrowed == 0 for loan in account.holdings.loans)
        and not account.auto_repay
        and not account.auto_lend
        and not account.auto_borrow
    )


@measure
def same_loans(was: Account, now: Account) -> bool:
    """Are all claims and debts of the account as they were?"""
    return all(
        new.lent == old.lent and new.borrowed == old.borrowed
        for old, new in zip(was.holdings.loans, now.holdings.loans, strict=True)
    )


@measure
def same_positions(was: Account, now: Account) -> bool:
    """Are all positions of the account as they were?"""
    return all(
        new.size == old.size and new.cost == old.cost and new.unsettled == old.unsettled
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    )


@claim(
    "EX-FUN-1",
    "The premium gathers twice (middle of the book - mark) for each millisecond while both sides are quoted, and at the"
    " end of the hour its average over the divisor, within the cap, is added to the cumulative funding.",
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
    bid_id, ask_id = best(state, market, Side.BUY), best(state, market, Side.SELL)
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
    "EX-FUN-2",
    "Unless funding is due, every open position has paid it.",
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
    "EX-FUN-3",
    "Who has a position that has not paid yet pays funding: what the position owes, rounded up for who pays and down"
    " for who receives.",
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
    "EX-FRM-1",
    "What a client holds changes only by a beat that names it: its own deposit, withdrawal or cancellation of one,"
    " loan, fill, sale, funding, interest, settlement or liquidation.",
    kind=Kind.STEP,
    source="rules §2",
    prevents="FTX: client assets lent to another account",
)
def only_those_named_change(before: State, beat: object, after: Accepted[State]) -> bool:
    named: list[AccountId] = []
    if isinstance(beat, Deposit | Withdraw | CancelWithdrawal | Lend | Redeem | Borrow | Repay | SetAutoLending):
        named = [beat.account]
    for event in after.events:
        if isinstance(event, OrderFilled):
            named += [event.buyer, event.seller]
        if isinstance(event, CollateralSold | AnswerTaken):
            named += [event.buyer, event.seller]
        if isinstance(event, SliceTraded | PositionTaken | AssetTraded):
            named += [event.account, event.other]
        if isinstance(event, LoanWrittenOff):
            named += [event.account] if event.lender is None else [event.account, event.lender]
        if isinstance(
            event, FundingPaid | InterestAccrued | LossSettled | GainSettled | LiquidationGoesOn | LossWrittenOff
        ):
            named.append(event.account)
    return before.accounts.every(
        lambda key, account: any(key == each for each in named) or unchanged(account, after.state.accounts.get(key))
    )


@measure
def unchanged(was: Account, now: Account | None) -> bool:
    """Does the account hold what it held, with the same tier and leverage?"""
    return (
        now is not None
        and now.tier == was.tier
        and now.leverage == was.leverage
        and all(new == old for new, old in zip(now.holdings.balances, was.holdings.balances, strict=True))
        and same_positions(was, now)
        and same_loans(was, now)
        and now.auto_repay == was.auto_repay
        and now.auto_lend == was.auto_lend
        and now.auto_borrow == was.auto_borrow
    )


@claim(
    "EX-RSK-1",
    "Only the operator changes whether risk may be taken.",
    kind=Kind.STEP,
)
def risk_taking_is_the_operators(before: State, beat: object, after: Accepted[State]) -> bool:
    asked = beat.allowed if isinstance(beat, SetRiskTaking) else before.risk_taking
    return after.state.risk_taking == asked
