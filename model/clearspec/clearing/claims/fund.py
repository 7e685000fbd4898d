"""The default fund: what members contribute, and what the central counterparty's owners provide."""

from clearspec.claims import Kind, claim
from clearspec.clearing.claims.pledges import same_securities
from clearspec.clearing.commands import Contribute, ProvideCapital
from clearspec.clearing.state import State
from clearspec.machine import Accepted

SOURCE = "PFMI, principles 4 and 15; rules §8: the waterfall of six layers"


@claim(
    "CL-FUND-1",
    "What is contributed moves from the cash of a member's own account to its contribution, and nothing else of it"
    " changes.",
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
    "What the owners provide is the central counterparty's own, equity or skin in the game as told, and nobody else"
    " pays it.",
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
