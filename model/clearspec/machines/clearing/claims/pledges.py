"""Collateral: it moves between what is free and what is posted, counts towards a call, and goes back if not needed."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.calls import SOURCE, counted
from clearspec.machines.clearing.state.commands import PostCash, PostSecurities, ReturnCash, ReturnSecurities
from clearspec.machines.clearing.state.types import Account, State


@claim(
    "CL-COL-1",
    "Cash collateral moves between the account's free cash and its posted cash. Posting lowers the outstanding call"
    " by the amount, to no less than 0. Nothing else of the account changes.",
    title="cash collateral is posted and returned",
    kind=Kind.STEP,
    on=(PostCash, ReturnCash),
    source=SOURCE,
)
def cash_is_posted_and_taken_back(before: State, command: PostCash | ReturnCash, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    signed = command.amount if isinstance(command, PostCash) else -command.amount
    return (
        command.amount > 0
        and same_securities(was, now)
        and all(
            moves_cash(before, was, now, place, signed if currency.id == command.currency else 0)
            for place, currency in enumerate(before.parameters.currencies)
        )
    )


@measure
def moves_cash(before: State, was: Account, now: Account, place: int, amount: int) -> bool:
    """Was `amount` posted, and did the call fall by it?"""
    old, new = was.holdings.money[place], now.holdings.money[place]
    return (
        new.held == old.held - amount
        and new.posted == old.posted + amount
        and still_called(old.called, new.called, amount)
        and new.cleared == old.cleared
        and new.payable == old.payable
        and new.fund == old.fund
    )


def still_called(was: int, now: int, come: int) -> bool:
    """Did the call fall by `come`, to no less than 0?"""
    if come <= 0:
        return now == was
    return now == (was - come if come < was else 0)


@claim(
    "CL-COL-2",
    "Securities collateral moves between the account's held units and its posted units. Posting lowers the"
    " outstanding call by what the collateral counts. Nothing else of the account changes.",
    title="securities collateral is posted and returned",
    kind=Kind.STEP,
    on=(PostSecurities, ReturnSecurities),
    source=SOURCE,
)
def securities_are_posted_and_taken_back(
    before: State, command: PostSecurities | ReturnSecurities, after: Accepted[State]
) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    signed = command.units if isinstance(command, PostSecurities) else -command.units
    return (
        command.units > 0
        and all(
            new.held == old.held - (signed if security.id == command.security else 0)
            and new.posted == old.posted + (signed if security.id == command.security else 0)
            and new.cleared == old.cleared
            and new.due == old.due
            and new.failed == old.failed
            for security, old, new in zip(
                before.parameters.securities, was.holdings.positions, now.holdings.positions, strict=True
            )
        )
        and all(
            new.held == old.held
            and new.posted == old.posted
            and new.cleared == old.cleared
            and new.payable == old.payable
            and new.fund == old.fund
            and still_called(old.called, new.called, counted(after.state, now, place) - counted(before, was, place))
            for place, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
        )
    )


@measure
def same_securities(was: Account, now: Account) -> bool:
    """Has the account the same securities, free, posted and to come?"""
    return all(
        new.held == old.held
        and new.posted == old.posted
        and new.cleared == old.cleared
        and new.due == old.due
        and new.failed == old.failed
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    )
