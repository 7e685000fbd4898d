"""The default fund: what members contribute, and what the central counterparty's owners provide."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.pledges import same_securities
from clearspec.machines.clearing.state.commands import (
    Contribute,
    ProvideCapital,
    RepayContributor,
    RestoreSkin,
    UseFund,
)
from clearspec.machines.clearing.state.events import Contributed, LossPaid, Repaid
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.types import Account, Money, State

SOURCE = "PFMI, principles 4 and 15; rules §8: the waterfall of six layers"

REPLENISHMENT = "PFMI, principles 4 and 13; CPMI-IOSCO, Recovery of financial market infrastructures, 2014; rules §8"


@claim(
    "CL-FUND-1",
    "A contribution moves cash of a member's house account into its part of the default fund, and changes nothing"
    " else of it.",
    title="a contribution is the member's own",
    kind=Kind.STEP,
    on=(Contribute,),
    source=SOURCE,
    prevents="a contribution of the money of clients",
)
def a_contribution_is_the_members_own(before: State, command: Contribute, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    member = before.members.get(was.member)
    return (
        member is not None
        and member.house == command.account
        and command.amount > 0
        and same_securities(was, now)
        and all(
            new.held + new.fund == old.held + old.fund
            and new.fund == old.fund + (command.amount if currency.id == command.currency else 0)
            and new.posted == old.posted
            and new.called == old.called
            and new.payable == old.payable
            and new.cleared == old.cleared
            for currency, old, new in zip(
                before.parameters.currencies, was.holdings.money, now.holdings.money, strict=True
            )
        )
    )


@claim(
    "CL-FUND-2",
    "The owners' payment becomes the central counterparty's equity or skin in the game, as the command says. No one"
    " else pays for it.",
    title="owners' capital is the central counterparty's own",
    kind=Kind.STEP,
    on=(ProvideCapital,),
    source=SOURCE,
)
def capital_is_its_own(before: State, command: ProvideCapital, after: Accepted[State]) -> bool:
    return command.amount > 0 and all(
        new.fund == old.fund + (more if command.skin else 0)
        and new.held == old.held + (0 if command.skin else more)
        and paid.held == had.held - more
        and new.payable == old.payable
        for old, new, had, paid, more in (
            (old, new, had, paid, command.amount if currency.id == command.currency else 0)
            for currency, old, new, had, paid in zip(
                before.parameters.currencies,
                before.central.own.money,
                after.state.central.own.money,
                before.central.outside.money,
                after.state.central.outside.money,
                strict=True,
            )
        )
    )


@claim(
    "CL-FUND-3",
    "A member whose contribution pays another's loss must replenish as much, by a call's deadline; an earlier"
    " deadline stands. Contributions, and recoveries that return into the fund, lower the call to no less than 0.",
    title="a used contribution is to be replenished",
    kind=Kind.STEP,
    on=(UseFund, Contribute, RepayContributor),
    source=REPLENISHMENT,
    prevents="a second default that finds the fund used up",
)
def what_was_used_is_to_be_replenished(
    before: State, beat: UseFund | Contribute | RepayContributor, after: Accepted[State]
) -> bool:
    for event in after.events:
        if isinstance(event, LossPaid) and isinstance(event.payer, AccountId):
            return called_as_it_should(before, after.state, event.payer)
        if isinstance(event, Contributed):
            return called_as_it_should(before, after.state, event.account)
        if isinstance(event, Repaid) and isinstance(event.receiver, AccountId):
            return called_as_it_should(before, after.state, event.receiver)
    return not isinstance(beat, Contribute)


@measure
def called_as_it_should(before: State, after: State, name: AccountId) -> bool:
    """Is the account called for as much more as its contribution has fallen, or less as it has grown?"""
    was, now = before.accounts.get(name), after.accounts.get(name)
    deadline = before.today + before.parameters.call_days
    return (
        was is not None
        and now is not None
        and all(
            follows_the_fund(old, new, deadline)
            for old, new in zip(was.holdings.money, now.holdings.money, strict=True)
        )
    )


def follows_the_fund(was: Money, now: Money, deadline: int) -> bool:
    """Does what is to be replenished rise by what the contribution lost, and fall by what it gained?"""
    lost = was.fund - now.fund
    if lost < 0:
        left = was.to_replenish + lost
        return now.to_replenish == (left if left > 0 else 0) and now.replenish_by == was.replenish_by
    by = was.replenish_by if was.to_replenish > 0 else deadline
    return now.to_replenish == was.to_replenish + lost and (now.to_replenish == 0 or now.replenish_by == by)


def in_its_limits(account: Account) -> bool:
    """Is no less than nothing, and no more than was used, to be replenished of each currency?"""
    return all(
        money.to_replenish >= 0 and (money.to_replenish <= money.used or account.defaulted)
        for money in account.holdings.money
    )


@claim(
    "CL-FUND-4",
    "A member's replenishment due is at most what others' losses used of its contribution and recoveries have not"
    " repaid. A member in default is exempt.",
    title="replenish only what losses used",
    kind=Kind.STATE,
    source=REPLENISHMENT,
)
def only_what_was_used_is_called_for(state: State) -> bool:
    return state.accounts.every(lambda _, account: in_its_limits(account))


@claim(
    "CL-FUND-5",
    "Skin in the game is restored from the central counterparty's equity, by the amount of the command, and from"
    " nowhere else.",
    title="skin is restored from equity",
    kind=Kind.STEP,
    on=(RestoreSkin,),
    source=SOURCE,
)
def skin_is_restored_from_equity(before: State, command: RestoreSkin, after: Accepted[State]) -> bool:
    return command.amount > 0 and all(
        new.fund == old.fund + (command.amount if currency.id == command.currency else 0)
        and new.held + new.fund == old.held + old.fund
        and new.payable == old.payable
        and new.used == old.used
        and new.assessed == old.assessed
        for currency, old, new in zip(
            before.parameters.currencies, before.central.own.money, after.state.central.own.money, strict=True
        )
    )
