"""Margin of an account: its requirement, its collateral, and calls for the difference.

A price move pays nothing: a trade settles at its own price within days.  Until then collateral covers the loss so far
as well as the initial margin.  Each currency is measured alone, with the securities that are paid in it.
"""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.formulas.collateral import value_after_haircut
from clearspec.machines.clearing.formulas.margin import initial_margin, margin_call, variation_margin
from clearspec.machines.clearing.state.commands import CallMargin, MeasureMargin, Reason
from clearspec.machines.clearing.state.events import CallUnmet, MarginMeasured, MemberDefaulted
from clearspec.machines.clearing.state.ids import AccountId, MemberId
from clearspec.machines.clearing.state.types import Account, Money, State, account_of, anyone
from clearspec.machines.clearing.state.work import Stage


@measure
def marked(state: State, account: Account, currency: int) -> int:
    """The cash that the account would get if its unsettled trades and fails closed at published prices.

    A negative amount is what it would pay.

    Units: atoms.  Rounding: none.  Requires: nothing is due or provisional.
    """
    money = account.holdings.money[currency]
    gained = money.cleared + money.payable
    for security, position, price in zip(
        state.parameters.securities, account.holdings.positions, state.prices, strict=True
    ):
        if security.currency == currency:
            units, cost = position.cleared + position.failed, position.failed * price.settlement
            gained += variation_margin(units, cost, price.published, 0)
    return gained


@measure
def required(state: State, account: Account, currency: int) -> Atoms:
    """The margin requirement: initial margin of the unsettled position, plus the loss at published prices.

    A gain lowers nothing, for nobody has paid it yet.  Without margining the requirement is 0.

    Rule: CL-MAR-1.  Units: atoms.  Rounding: that of initial margin, up.
    """
    if not state.parameters.margining:
        return Atoms(0)
    listed = tuple(zip(state.parameters.securities, account.holdings.positions, strict=True))
    units = tuple(
        position.cleared + position.failed if security.currency == currency else 0 for security, position in listed
    )
    prices = tuple(price.published for price in state.prices)
    return Atoms(initial_margin(units, prices, state.parameters.risk) + max(-marked(state, account, currency), 0))


@measure
def collateral_of(state: State, account: Account, currency: int) -> Atoms:
    """The value of the account's collateral: its posted cash, and its posted securities after the haircut.

    Rule: CL-MAR-1.  Units: atoms.  Rounding: of each security once, down, against the member.
    """
    value = account.holdings.money[currency].posted
    for security, position, price in zip(
        state.parameters.securities, account.holdings.positions, state.prices, strict=True
    ):
        if security.currency == currency:
            value = Atoms(value + value_after_haircut(position.posted * price.published, security.haircut))
    return value


@measure
def missing(state: State, account: Account, currency: int, above: int) -> Atoms:
    """The additional call: requirement less collateral and outstanding calls, or 0 if it does not exceed `above`."""
    covered = collateral_of(state, account, currency) + account.holdings.money[currency].called
    return margin_call(required(state, account, currency), covered, above)


def unmeasured(account: Account, today: int) -> bool:
    """Has the account still to be measured this evening?  An account in default is not called."""
    return account.margined != today and not account.defaulted


@measure
def overdue(account: Account, today: int) -> bool:
    """Has a call of the account, for margin or replenishment, reached its deadline?"""
    return any(
        (money.called > 0 and money.deadline <= today) or (money.to_replenish > 0 and money.replenish_by <= today)
        for money in account.holdings.money
    )


def measure_margin(state: State, _: MeasureMargin) -> Accepted[State]:
    """Measure the margin of one account in the evening, and call for all that it lacks.

    An account with an overdue call goes into default with its member, even if prices have come back since.  When every
    account is measured, the day is over.

    Rule: CL-MAR-1, CL-MAR-2.
    """
    name = state.accounts.first(anyone, unmeasured, state.today) if state.parameters.margining else None
    if name is None:
        return Accepted(evolve(state, stage=Stage.NIGHT))
    account = evolve(account_of(state, name), margined=state.today)
    state = evolve(state, accounts=state.accounts.put(name, account))
    if overdue(account, state.today):
        return Accepted(in_default(state, account.member), (CallUnmet(name), MemberDefaulted(account.member)))
    return called(state, name, tuple(missing(state, account, place, 0) for place in range(len(state.losses))))


def call_margin(state: State, command: CallMargin) -> Outcome[State]:
    """Call an account within the day for all that it lacks, if that exceeds a threshold.

    Rule: CL-MAR-1.  Rejects: ACCOUNT_EXISTS, MEMBER_NOT_IN_DEFAULT, MARGIN_SHORT.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    if account.defaulted:
        return Rejected(Reason.MEMBER_NOT_IN_DEFAULT)
    calls = tuple(
        missing(state, account, place, currency.call_above)
        for place, currency in enumerate(state.parameters.currencies)
    )
    if all(call == 0 for call in calls):
        return Rejected(Reason.MARGIN_SHORT)
    return called(state, command.account, calls)


def called(state: State, name: AccountId, calls: tuple[Atoms, ...]) -> Accepted[State]:
    """Add `calls` to the account's outstanding calls.  An outstanding call keeps its deadline."""
    account = account_of(state, name)
    deadline = Day(state.today + state.parameters.call_days)
    money = tuple(with_call(each, call, deadline) for each, call in zip(account.holdings.money, calls, strict=True))
    account = evolve(account, holdings=evolve(account.holdings, money=money))
    return Accepted(evolve(state, accounts=state.accounts.put(name, account)), (MarginMeasured(name, calls),))


@measure
def due_by(called: Atoms, standing: Day, deadline: Day) -> Day:
    """The deadline of a call: `standing` if a call is outstanding, else `deadline`."""
    return standing if called > 0 else deadline


def with_call(money: Money, call: Atoms, deadline: Day) -> Money:
    """Add `call` to the outstanding call."""
    by = due_by(money.called, money.deadline, deadline)
    return evolve(money, called=Atoms(money.called + call), deadline=by)


def in_default(state: State, name: MemberId) -> State:
    """Put the member and its house account into default.  Requires: the member exists."""
    member = state.members.get(name)
    assert member is not None, "a member that a rule has checked, or that has an account, exists"
    state = evolve(state, members=state.members.put(name, evolve(member, defaulted=True)))
    if member.house is None:
        return state
    house = evolve(account_of(state, member.house), defaulted=True)
    return evolve(state, accounts=state.accounts.put(member.house, house))
