"""Accounts: what a new one is, that none is overdrawn, and that only a beat that names an account changes it."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.exchange.state.commands import (
    Borrow,
    CancelWithdrawal,
    Deposit,
    Lend,
    OpenAccount,
    Redeem,
    Repay,
    SetAutoLending,
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
from clearspec.machines.exchange.state.parameters import tier_named
from clearspec.machines.exchange.state.types import Account, AccountId, State


@claim(
    "EX-ACC-1",
    "Every account has a fee tier that exists and leverage within the limit.",
    title="accounts have a tier and allowed leverage",
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
    title="a new account is empty",
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
    "EX-FRM-1",
    "A client's holdings change only by a beat that names it. It may be its own command, or its loan, fill, sale,"
    " funding, interest, settlement or liquidation.",
    title="only beats that name a client change it",
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
    "EX-BAL-1",
    "No balance is ever negative.",
    title="no balance is negative",
    kind=Kind.STATE,
    source="rules §2",
    prevents="10 October 2025: negative balances",
)
def balances_are_not_negative(state: State) -> bool:
    return state.accounts.every(lambda _, account: all(balance >= 0 for balance in account.holdings.balances))
