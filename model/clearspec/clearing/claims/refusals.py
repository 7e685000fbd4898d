"""Every command's requirements in order of precedence, said without looking at the rules that check them."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from clearspec.claims import Kind, claim
from clearspec.clearing.calendar import trade_date
from clearspec.clearing.commands import (
    AdmitMember,
    Advance,
    BuyIn,
    CaptureTrade,
    DepositCash,
    DepositSecurities,
    OpenAccount,
    PublishPrice,
    Reason,
    SetPriority,
    SuspendMember,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.clearing.parameters import SecurityId
from clearspec.clearing.state import Account, AccountId, Position, State
from clearspec.machine import Outcome, Rejected, measure

Requirement = tuple[Reason, Callable[[State, Any], bool]]


def member_is_new(state: State, command: AdmitMember) -> bool:
    return state.members.get(command.member) is None


def member_exists(state: State, command: SuspendMember | OpenAccount) -> bool:
    return state.members.get(command.member) is not None


def account_is_new(state: State, command: OpenAccount) -> bool:
    return state.accounts.get(command.account) is None


def each_once(_: Account) -> int:
    """Counts accounts."""
    return 1


def room_for_an_account(state: State, command: OpenAccount) -> bool:
    return state.accounts.total(each_once) + 1 <= state.parameters.accounts_max


def account_exists(state: State, command: SetPriority | DepositSecurities | DepositCash) -> bool:
    return state.accounts.get(command.account) is not None


def security_exists(state: State, command: DepositSecurities | PublishPrice | CaptureTrade) -> bool:
    return any(security.id == command.security for security in state.parameters.securities)


def currency_exists(state: State, command: DepositCash | WithdrawCash) -> bool:
    return any(currency.id == command.currency for currency in state.parameters.currencies)


def units_are_positive(state: State, command: DepositSecurities | WithdrawSecurities) -> bool:
    return command.units >= 1


def amount_is_positive(state: State, command: DepositCash | WithdrawCash) -> bool:
    return command.amount >= 1


def securities_stay_within_limit(state: State, command: DepositSecurities) -> bool:
    return all(
        security.id != command.security or command.units - position.held <= security.supply_max
        for security, position in zip(state.parameters.securities, state.central.outside.positions, strict=True)
    )


def cash_stays_within_limit(state: State, command: DepositCash) -> bool:
    return all(
        currency.id != command.currency or command.amount - money.held <= currency.supply_max
        for currency, money in zip(state.parameters.currencies, state.central.outside.money, strict=True)
    )


def securities_are_there(state: State, command: WithdrawSecurities) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        security.id != command.security or position.held - command.units >= 0
        for security, position in zip(state.parameters.securities, account.holdings.positions, strict=True)
    )


def cash_is_there(state: State, command: WithdrawCash) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        currency.id != command.currency or money.held - command.amount >= 0
        for currency, money in zip(state.parameters.currencies, account.holdings.money, strict=True)
    )


def both_sides_exist(state: State, command: CaptureTrade) -> bool:
    return state.accounts.get(command.buyer) is not None and state.accounts.get(command.seller) is not None


def trade_is_new(state: State, command: CaptureTrade) -> bool:
    return state.trades.get(command.trade) is None


def sides_differ(state: State, command: CaptureTrade) -> bool:
    return command.buyer != command.seller


def trade_is_of_today(state: State, command: CaptureTrade) -> bool:
    return trade_date(state.parameters.trading, state.parameters.session, command.at) == state.today


def quantity_is_allowed(state: State, command: CaptureTrade) -> bool:
    return all(
        security.id != command.security or 0 < command.quantity <= security.quantity_max
        for security in state.parameters.securities
    )


def price_is_allowed(state: State, command: PublishPrice | CaptureTrade) -> bool:
    return all(
        security.id != command.security or 0 < command.price <= security.price_max
        for security in state.parameters.securities
    )


def members_are_active(state: State, command: CaptureTrade) -> bool:
    return active(state, command.buyer) and active(state, command.seller)


def active(state: State, name: AccountId) -> bool:
    """Is the member of the account there, and not suspended?"""
    account = state.accounts.get(name)
    member = None if account is None else state.members.get(account.member)
    return member is not None and not member.suspended


def both_accounts_exist(state: State, command: BuyIn) -> bool:
    return state.accounts.get(command.account) is not None and state.accounts.get(command.seller) is not None


def somebody_else_sells(state: State, command: BuyIn) -> bool:
    return command.seller != command.account


def positions_of(state: State, name: AccountId, security: SecurityId) -> tuple[Position, ...]:
    """The position of an account in a security, or nothing."""
    account = state.accounts.get(name)
    if account is None:
        return ()
    listed = zip(state.parameters.securities, account.holdings.positions, strict=True)
    return tuple(position for each, position in listed if each.id == security)


def buy_in_is_due(state: State, command: BuyIn) -> bool:
    return all(
        position.fails_to_deliver - state.parameters.buy_in_after >= 0
        for position in positions_of(state, command.account, command.security)
    )


def units_have_failed(state: State, command: BuyIn) -> bool:
    return all(
        position.failed + command.units <= 0 for position in positions_of(state, command.account, command.security)
    )


def units_are_free(state: State, command: BuyIn) -> bool:
    return all(
        position.held - command.units >= (-position.failed if position.failed < 0 else 0)
        for position in positions_of(state, command.seller, command.security)
    )


def clock_moves_forward(state: State, command: Advance) -> bool:
    return command.day > state.today


def clock_moves_within_limit(state: State, command: Advance) -> bool:
    return command.day - state.today <= state.parameters.advance_max


REQUIREMENTS: dict[type, tuple[Requirement, ...]] = {
    AdmitMember: ((Reason.MEMBER_ID_UNUSED, member_is_new),),
    SuspendMember: ((Reason.MEMBER_EXISTS, member_exists),),
    OpenAccount: (
        (Reason.MEMBER_EXISTS, member_exists),
        (Reason.ACCOUNT_ID_UNUSED, account_is_new),
        (Reason.ACCOUNTS_WITHIN_LIMIT, room_for_an_account),
    ),
    SetPriority: ((Reason.ACCOUNT_EXISTS, account_exists),),
    DepositSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, securities_stay_within_limit),
    ),
    WithdrawSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.HOLDING_COVERS, securities_are_there),
    ),
    DepositCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, cash_stays_within_limit),
    ),
    WithdrawCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.HOLDING_COVERS, cash_is_there),
    ),
    PublishPrice: (
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
    ),
    CaptureTrade: (
        (Reason.ACCOUNT_EXISTS, both_sides_exist),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.TRADE_ID_UNUSED, trade_is_new),
        (Reason.SIDES_DIFFER, sides_differ),
        (Reason.TRADED_TODAY, trade_is_of_today),
        (Reason.QUANTITY_WITHIN_LIMIT, quantity_is_allowed),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.MEMBERS_ACTIVE, members_are_active),
    ),
    BuyIn: (
        (Reason.ACCOUNT_EXISTS, both_accounts_exist),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.SIDES_DIFFER, somebody_else_sells),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.BUY_IN_DUE, buy_in_is_due),
        (Reason.UNITS_WITHIN_FAIL, units_have_failed),
        (Reason.UNITS_FREE, units_are_free),
    ),
    Advance: (
        (Reason.CLOCK_FORWARD, clock_moves_forward),
        (Reason.CLOCK_WITHIN_LIMIT, clock_moves_within_limit),
    ),
}


@measure
def is_first_unmet(state: State, command: Any, reason: Enum | None) -> bool:
    """Are all requirements before this one met, and this one not; or, without a reason, all of them?"""
    for required, holds in REQUIREMENTS[type(command)]:
        if required == reason:
            return not holds(state, command)
        if not holds(state, command):
            return False
    return reason is None


@claim(
    "CL-REJ-1",
    "A command is rejected exactly with the first requirement, in order of precedence, that it does not meet.",
    kind=Kind.OUTCOME,
    source="Settlement & Clearing, Trade confirmation",
    prevents="a check that one path skips",
)
def rejected_with_the_first_unmet_requirement(before: State, command: Any, outcome: Outcome[State]) -> bool:
    return is_first_unmet(before, command, outcome.reason if isinstance(outcome, Rejected) else None)
