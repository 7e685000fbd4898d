"""Members and accounts: who may have them, and what is in order in every state."""

from clearspec.claims import Kind, claim
from clearspec.clearing.commands import AdmitMember, OpenAccount, SetPriority, SuspendMember
from clearspec.clearing.parameters import valid
from clearspec.clearing.state import Stage, State
from clearspec.machine import Accepted


@claim(
    "CL-PAR-1",
    "The parameters are valid.",
    kind=Kind.STATE,
)
def parameters_are_valid(state: State) -> bool:
    return valid(state.parameters)


@claim(
    "CL-STA-1",
    "The day is one that there is, prices are positive, and there is work exactly until the target day has come.",
    kind=Kind.STATE,
)
def state_is_in_order(state: State) -> bool:
    return (
        0 < state.today <= state.target
        and (state.stage == Stage.OPEN) == (state.today == state.target)
        and all(price.published > 0 and price.settlement > 0 for price in state.prices)
    )


@claim(
    "CL-ACC-1",
    "Every account belongs to a member, and never to another one.",
    kind=Kind.STATE,
    source="rules §8: house and segregated client accounts",
)
def accounts_have_members(state: State) -> bool:
    return state.accounts.every(lambda _, account: state.members.get(account.member) is not None)


@claim(
    "CL-ACC-2",
    "Members and accounts change as told: a new one is empty, and otherwise only what was asked to change does.",
    kind=Kind.STEP,
    on=(AdmitMember, SuspendMember, OpenAccount, SetPriority),
)
def members_change_as_told(
    before: State, command: AdmitMember | SuspendMember | OpenAccount | SetPriority, after: Accepted[State]
) -> bool:
    if isinstance(command, AdmitMember | SuspendMember):
        member = after.state.members.get(command.member)
        told = isinstance(command, SuspendMember) and command.suspended
        return member is not None and member.suspended == told
    account = after.state.accounts.get(command.account)
    if account is None:
        return False
    if isinstance(command, SetPriority):
        return account.priority == command.priority
    return (
        account.member == command.member
        and account.kind == command.kind
        and account.priority == 0
        and all(
            position.held == 0 and position.cleared == 0 and position.due == 0 and position.failed == 0
            for position in account.holdings.positions
        )
        and all(money.held == 0 and money.cleared == 0 and money.payable == 0 for money in account.holdings.money)
    )
