"""Fails: carried once a day at the new price, charged for, and bought in at the cost of who fails."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.claims.netting import SETTLED
from clearspec.machines.clearing.claims.settlement import may_deliver
from clearspec.machines.clearing.state.commands import BuyIn, Carry, Fail, Pay
from clearspec.machines.clearing.state.events import FailCarried, SettlementFailed
from clearspec.machines.clearing.state.types import Account, State
from clearspec.machines.clearing.state.work import Cause, Stage


@claim(
    "CL-FAIL-4",
    "Of one security an account has never both something due and something failed: between days nothing is due, and"
    " while a day is settled nothing has failed.",
    title="due or failed, never both",
    kind=Kind.STATE,
    source="rules §8: fails are carried",
    prevents="a fail that is counted twice, once as old and once as new",
)
def a_fail_stands_once(state: State) -> bool:
    settled = state.stage in (Stage.NETTING, *SETTLED)
    between = state.stage in (Stage.OPEN, Stage.NOVATION, Stage.MARGINING, Stage.NIGHT)
    return state.accounts.every(lambda _, account: stands_once(account, settled, between))


@measure
def stands_once(account: Account, settled: bool, between: bool) -> bool:
    """Is nothing failed while the day is settled, nothing due between days, and otherwise not both?"""
    return all(
        (position.failed == 0 or not settled)
        and (position.due == 0 or not between)
        and (position.failed == 0 or position.due == 0)
        for position in account.holdings.positions
    )


@claim(
    "CL-FAIL-1",
    "An account's fails fall due on the next settlement day, once and in full, marked to the published price. After"
    " the last account nothing has failed, and the published price is the settlement price.",
    title="fails are carried",
    kind=Kind.STEP,
    on=(Carry,),
    source="rules §8: yesterday's fails; fails are marked",
)
def fails_are_carried(before: State, beat: Carry, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, FailCarried))
    if len(events) == 0:
        return (
            after.state.stage == Stage.NETTING
            and before.accounts.every(lambda _, row: all(each.failed == 0 for each in row.holdings.positions))
            and all(
                new.settlement == old.published and new.published == old.published
                for old, new in zip(before.prices, after.state.prices, strict=True)
            )
        )
    return len(events) == 1 and all(carried(before, after.state, event) for event in events)


@measure
def carried(before: State, after: State, event: FailCarried) -> bool:
    """Is all that the account had failed in due, and the change of its value payable?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        new.due == old.due + old.failed and new.failed == 0 and new.held == old.held and new.cleared == old.cleared
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    ) and all(
        new.payable
        == old.payable
        + sum(
            position.failed * price.published - position.failed * price.settlement
            for security, position, price in zip(
                before.parameters.securities, was.holdings.positions, before.prices, strict=True
            )
            if security.currency == place
        )
        and new.held == old.held
        for place, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
    )


@claim(
    "CL-FAIL-2",
    "Units still due at the end of the day fail, and count a day more. The side at fault pays the penalty on their"
    " value, rounded up. The other side is paid it, rounded down.",
    title="what is left has failed",
    kind=Kind.STEP,
    on=(Fail,),
    source="rules §8: penalties; CSDR art. 7",
)
def what_is_left_has_failed(before: State, beat: Fail, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, SettlementFailed))
    if len(events) == 0:
        return after.state.stage == Stage.MARGINING and before.accounts.every(lambda _, row: nothing_left(row))
    return len(events) == 1 and all(failed_and_charged(before, after.state, event) for event in events)


@measure
def nothing_left(account: Account) -> bool:
    """Is nothing due, and does nothing count days that has not failed?"""
    return all(
        position.due == 0 and (position.failed != 0 or position.fails_to_deliver == position.fails_to_receive == 0)
        for position in account.holdings.positions
    )


@measure
def failed_and_charged(before: State, after: State, event: SettlementFailed) -> bool:
    """Has all that was due failed, with a day more counted, and the penalty charged?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        new.failed == old.failed + old.due
        and new.due == 0
        and new.held == old.held
        and new.cleared == old.cleared
        and new.fails_to_deliver == (old.fails_to_deliver + 1 if old.due < 0 else 0)
        and new.fails_to_receive == (old.fails_to_receive + 1 if old.due > 0 else 0)
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    ) and all(
        new.held == old.held and charged(before, was, place, old.payable - new.payable)
        for place, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
    )


def at_fault(before: State, place: int, units: int) -> int:
    """What the account that was to receive these units answers for: them all if cash was wanting, none if it was the
    depository, and as a negative number, for it is paid, them all if units were wanting."""
    sides = ((Cause.UNITS, -1), (Cause.CASH, 1), (Cause.CAPACITY, 0))
    return sum(sign * units if before.causes[place] == cause else 0 for cause, sign in sides)


def charged(before: State, account: Account, place: int, paid: int) -> bool:
    """Is this what the account owes for failing, rounded up, security by security; or is paid, rounded down?"""
    owed = [
        at_fault(before, i, position.due) * price.settlement * security.penalty
        for i, (security, position, price) in enumerate(
            zip(before.parameters.securities, account.holdings.positions, before.prices, strict=True)
        )
        if security.currency == place
    ]
    beyond = paid * RATE_SCALE - sum(owed)
    return 0 <= beyond < len(owed) * RATE_SCALE or (len(owed) == 0 and paid == 0)


@claim(
    "CL-FAIL-5",
    "A security fails for want of cash if an account is left that could deliver, and else for want of units. Neither"
    " is the cause if the depository made its maximum of deliveries.",
    title="cause of a fail",
    kind=Kind.STEP,
    on=(Pay,),
    source="CSDR art. 7: the participant that causes a fail",
    prevents="a seller that is charged because its buyer has no cash",
)
def who_could_deliver_is_not_at_fault(before: State, beat: Pay, after: Accepted[State]) -> bool:
    if after.state.stage == Stage.PAYMENT:
        return True
    full = before.deliveries >= before.parameters.deliveries_max
    return all(
        (cause == Cause.CAPACITY) == full
        and (
            full or before.accounts.every(lambda _, row: not may_deliver(row, place, before)) == (cause == Cause.UNITS)
        )
        for place, cause in enumerate(after.state.causes)
    )


@claim(
    "CL-FAIL-3",
    "A buy-in moves units from an account's failed deliveries to the seller's, and the account pays the seller its"
    " price. Fails stand at the last settlement price, so the difference is payable.",
    title="a buy-in replaces a failing seller",
    kind=Kind.STEP,
    on=(BuyIn,),
    source="rules §8: buy-in; CSDR art. 7a",
)
def a_buy_in_replaces_who_fails(before: State, command: BuyIn, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    had, has = before.accounts.get(command.seller), after.state.accounts.get(command.seller)
    if was is None or now is None or had is None or has is None:
        return False
    return bought(before, command, was, now, 1) and bought(before, command, had, has, -1)


@measure
def bought(before: State, command: BuyIn, was: Account, now: Account, sign: int) -> bool:
    """Did units and cost of the buy-in come to this account, or leave it?"""
    for place, security in enumerate(before.parameters.securities):
        if security.id == command.security:
            cost = command.units * command.price - command.units * before.prices[place].settlement
            old, new = was.holdings.positions[place], now.holdings.positions[place]
            money, left = was.holdings.money[security.currency], now.holdings.money[security.currency]
            return (
                new.failed == old.failed + sign * command.units
                and new.held == old.held
                and new.due == old.due
                and left.payable == money.payable - sign * cost
                and left.held == money.held
                and (sign < 0 or (old.fails_to_deliver >= before.parameters.buy_in_after and new.failed <= 0))
            )
    return False
