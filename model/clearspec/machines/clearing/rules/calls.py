"""Margin of an account in the machine: what is required of it, what it has posted, and calls for what is missing.

Nothing is paid as prices move: a trade settles at its price within days, and until then a loss has to be covered like
what may still be lost.  Each currency stands alone, with the securities that are paid in it.
"""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.formulas.collateral import value_after_haircut
from clearspec.machines.clearing.formulas.margin import initial_margin, margin_call, variation_margin
from clearspec.machines.clearing.state.commands import CallMargin, MeasureMargin, Reason
from clearspec.machines.clearing.state.events import CallUnmet, MarginMeasured, MemberDefaulted
from clearspec.machines.clearing.state.types import (
    Account,
    AccountId,
    MemberId,
    Money,
    Stage,
    State,
    account_of,
    anyone,
)


@measure
def marked(state: State, account: Account, currency: int) -> int:
    """What the account is owed if all that is not settled is closed out at published prices; it owes what is negative.

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
    """What the account has to post: initial margin of all that is not settled, and what it has lost so far.

    Rule: CL-MAR-1.  Units: atoms.  Rounding: that of initial margin, up.  A gain lowers nothing: it is not paid yet.
    Nothing is required where no margin is called for.
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
    """What the account has posted counts: its cash, and its securities after the haircut.

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
    """What is to be called for beside what is called already; nothing if that is not above so much."""
    covered = collateral_of(state, account, currency) + account.holdings.money[currency].called
    return margin_call(required(state, account, currency), covered, above)


def unmeasured(account: Account, today: int) -> bool:
    """Has the margin of the account still to be measured this evening?  In default, nothing is called for."""
    return account.margined != today and not account.defaulted


@measure
def overdue(account: Account, today: int) -> bool:
    """Is the deadline of a call over, for margin or to replenish a contribution?"""
    return any(
        (money.called > 0 and money.deadline <= today) or (money.to_replenish > 0 and money.replenish_by <= today)
        for money in account.holdings.money
    )


def measure_margin(state: State, _: MeasureMargin) -> Accepted[State]:
    """The margin of one account is measured in the evening, and all that is missing is called for.

    Rule: CL-MAR-1, CL-MAR-2.  Who has not met a call in time is in default, and with it the member whose account it is;
    a price that turns does not help.  When nobody is left, the day is over.
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
    """Within the day, an account that is short of more than a threshold is called for all that is missing.

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
    """The state in which the account is called for so much more.  A call that stands keeps its deadline."""
    account = account_of(state, name)
    deadline = Day(state.today + state.parameters.call_days)
    money = tuple(with_call(each, call, deadline) for each, call in zip(account.holdings.money, calls, strict=True))
    account = evolve(account, holdings=evolve(account.holdings, money=money))
    return Accepted(evolve(state, accounts=state.accounts.put(name, account)), (MarginMeasured(name, calls),))


@measure
def due_by(called: Atoms, standing: Day, deadline: Day) -> Day:
    """The deadline of what is called: the one that it has, or this one."""
    return standing if called > 0 else deadline


def with_call(money: Money, call: Atoms, deadline: Day) -> Money:
    """The money with so much more called for."""
    by = due_by(money.called, money.deadline, deadline)
    return evolve(money, called=Atoms(money.called + call), deadline=by)


def in_default(state: State, name: MemberId) -> State:
    """The state in which the member is in default, and its house account.  Requires: the member exists."""
    member = state.members.get(name)
    assert member is not None, "a member that a rule has checked, or that has an account, exists"
    state = evolve(state, members=state.members.put(name, evolve(member, defaulted=True)))
    if member.house is None:
        return state
    house = evolve(account_of(state, member.house), defaulted=True)
    return evolve(state, accounts=state.accounts.put(member.house, house))
