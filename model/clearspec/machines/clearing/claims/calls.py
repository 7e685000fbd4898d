"""Calls for margin: what is required and posted, that all that is missing is called for, and when it is due."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.formulas.margin import initial_margin
from clearspec.machines.clearing.state.commands import CallMargin, MeasureMargin
from clearspec.machines.clearing.state.events import CallUnmet, MarginMeasured, MemberDefaulted
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import SecurityId
from clearspec.machines.clearing.state.types import Account, Money, State
from clearspec.machines.clearing.state.work import Stage

SOURCE = "PFMI, principles 4 to 6; rules §8: initial margin on the portfolio, variation daily, intraday on a threshold"


@measure
def lost(state: State, account: Account, currency: int) -> int:
    """What the account would have to pay if all its contracts were settled at the published prices; a gain is negative.

    What has failed it is to get or to give for the price of settlement, the rest for the cash that is cleared.
    """
    money, to_pay = account.holdings.money[currency], 0
    for security, position, price in zip(
        state.parameters.securities, account.holdings.positions, state.prices, strict=True
    ):
        if security.currency == currency:
            to_pay -= (position.cleared + position.failed) * price.published - position.failed * price.settlement
    return to_pay - money.cleared - money.payable


@measure
def asked(state: State, account: Account, currency: int) -> int:
    """What is required of the account, if anything is: initial margin, of which CL-IM-1 tells, and what it has lost."""
    if not state.parameters.margining:
        return 0
    open_units = [position.cleared + position.failed for position in account.holdings.positions]
    in_it = [security.currency == currency for security in state.parameters.securities]
    units = tuple(each if counts else 0 for each, counts in zip(open_units, in_it, strict=True))
    prices = tuple(price.published for price in state.prices)
    loss = lost(state, account, currency)
    return initial_margin(units, prices, state.parameters.risk) + (loss if loss > 0 else 0)


@measure
def counted(state: State, account: Account, currency: int, taken: SecurityId | None = None, units: int = 0) -> int:
    """The value of the account's collateral without `units` of the security `taken`."""
    value: int = account.holdings.money[currency].posted
    for security, position, price in zip(
        state.parameters.securities, account.holdings.positions, state.prices, strict=True
    ):
        if security.currency == currency:
            left = position.posted - (units if security.id == taken else 0)
            value += left * price.published * (RATE_SCALE - security.haircut) // RATE_SCALE
    return value


@claim(
    "CL-MAR-1",
    "A margin call is the requirement less collateral and outstanding calls, in full. Within the day an account is"
    " called only above the threshold, in the evening always. An account that met its calls has the requirement"
    " posted.",
    title="a margin call is all that is missing",
    kind=Kind.STEP,
    on=(CallMargin, MeasureMargin),
    source=SOURCE,
    prevents="a member that is called for less than it is short of, or twice for the same",
)
def a_call_is_what_is_missing(before: State, beat: CallMargin | MeasureMargin, after: Accepted[State]) -> bool:
    within_the_day = isinstance(beat, CallMargin)
    return all(
        is_called_for(before, after.state, event, within_the_day)
        for event in after.events
        if isinstance(event, MarginMeasured)
    )


@measure
def is_called_for(before: State, after: State, event: MarginMeasured, within_the_day: bool) -> bool:
    """Was the account called for what it lacks, with a deadline, and did nothing else of it change?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        rightly_called(
            asked(before, was, place) - counted(before, was, place) - old.called,
            currency.call_above if within_the_day else 0,
            old,
            new,
            before.today + before.parameters.call_days,
        )
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, was.holdings.money, now.holdings.money, strict=True)
        )
    ) and all(
        new.held == old.held and new.posted == old.posted and new.cleared == old.cleared and new.failed == old.failed
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    )


def rightly_called(short: int, above: int, old: Money, new: Money, deadline: int) -> bool:
    """Did the call grow by `short` if that exceeds `above`, and did an outstanding call keep its deadline?"""
    more = short if short > above else 0
    return (
        new.called == old.called + more
        and new.deadline == (deadline if old.called == 0 else old.deadline)
        and new.posted == old.posted
        and new.held == old.held
        and new.payable == old.payable
        and new.cleared == old.cleared
        and new.fund == old.fund
    )


@claim(
    "CL-MAR-2",
    "Each evening measures each account once. Exactly the accounts whose call, for margin or replenishment, is past"
    " its deadline go into default, with their member. The day ends when every account not in default is measured.",
    title="an unmet call is a default",
    kind=Kind.STEP,
    on=(MeasureMargin,),
    source=SOURCE,
    prevents="a call that nobody has to meet",
)
def an_unmet_call_is_a_default(before: State, beat: MeasureMargin, after: Accepted[State]) -> bool:
    if len(after.events) == 0:
        return after.state.stage == Stage.NIGHT and (
            not before.parameters.margining
            or before.accounts.every(lambda _, row: row.margined == before.today or row.defaulted)
        )
    late = tuple(event.account for event in after.events if isinstance(event, CallUnmet))
    return (
        after.state.stage == Stage.MARGINING
        and all(measured(before, after.state, event) for event in after.events)
        and all(is_of_one(before, late, event) for event in after.events if isinstance(event, MemberDefaulted))
    )


def is_of_one(state: State, late: tuple[AccountId, ...], event: MemberDefaulted) -> bool:
    """Is the member in default that of a late account?"""
    accounts = tuple(state.accounts.get(each) for each in late)
    return any(account is not None and account.member == event.member for account in accounts)


@measure
def measured(before: State, after: State, event: object) -> bool:
    """Was the account measured for the first time today, and is its member in default exactly if it did not pay?"""
    if isinstance(event, MemberDefaulted):
        member = after.members.get(event.member)
        return member is not None and member.defaulted
    if not isinstance(event, MarginMeasured | CallUnmet):
        return False
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    late = any(
        (money.called != 0 and money.deadline < before.today + 1)
        or (money.to_replenish != 0 and money.replenish_by < before.today + 1)
        for money in was.holdings.money
    )
    old, new = before.members.get(was.member), after.members.get(was.member)
    return (
        old is not None
        and new is not None
        and was.margined < before.today == now.margined
        and not was.defaulted
        and late == isinstance(event, CallUnmet)
        and new.defaulted == (late or old.defaulted)
    )
