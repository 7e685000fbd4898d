"""Members and their accounts: admission, suspension, opening, place in the queue."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.commands import AdmitMember, OpenAccount, Reason, SetPriority, SuspendMember
from clearspec.machines.clearing.state.events import AccountOpened, MemberAdmitted
from clearspec.machines.clearing.state.start import empty
from clearspec.machines.clearing.state.types import Account, AccountKind, Member, State


def one(_: Account) -> int:
    """1 for each account, to count them."""
    return 1


def admit_member(state: State, command: AdmitMember) -> Outcome[State]:
    """Admit a clearing member.

    Rule: CL-ACC-1.  Rejects: MEMBER_ID_UNUSED.
    """
    if state.members.get(command.member) is not None:
        return Rejected(Reason.MEMBER_ID_UNUSED)
    return Accepted(
        evolve(state, members=state.members.put(command.member, Member(suspended=False, house=None, defaulted=False))),
        (MemberAdmitted(command.member),),
    )


def suspend_member(state: State, command: SuspendMember) -> Outcome[State]:
    """Suspend a member, or take it back.  A suspended member makes no new trades; its obligations stand.

    Rule: CL-ACC-2.  Rejects: MEMBER_EXISTS.
    """
    member = state.members.get(command.member)
    if member is None:
        return Rejected(Reason.MEMBER_EXISTS)
    changed = evolve(member, suspended=command.suspended)
    return Accepted(evolve(state, members=state.members.put(command.member, changed)))


def open_account(state: State, command: OpenAccount) -> Outcome[State]:
    """Open an empty account.  A member has one house account.

    Rule: CL-ACC-1.  Rejects: MEMBER_EXISTS, ACCOUNT_ID_UNUSED, HOUSE_ACCOUNT_FIRST, ACCOUNTS_WITHIN_LIMIT.
    """
    member = state.members.get(command.member)
    if member is None:
        return Rejected(Reason.MEMBER_EXISTS)
    if state.accounts.get(command.account) is not None:
        return Rejected(Reason.ACCOUNT_ID_UNUSED)
    house = command.kind == AccountKind.HOUSE
    if house and member.house is not None:
        return Rejected(Reason.HOUSE_ACCOUNT_FIRST)
    if state.accounts.total(one) >= state.parameters.accounts_max:
        return Rejected(Reason.ACCOUNTS_WITHIN_LIMIT)
    if house:
        state = evolve(state, members=state.members.put(command.member, evolve(member, house=command.account)))
    account = Account(
        member=command.member,
        kind=command.kind,
        priority=0,
        holdings=empty(state.parameters),
        margined=Day(0),
        defaulted=house and member.defaulted,
    )
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, account)), (AccountOpened(command.account),)
    )


def set_priority(state: State, command: SetPriority) -> Outcome[State]:
    """Set an account's `priority`: its place in the delivery queue, lowest first.

    Rule: CL-ACC-2.  Rejects: ACCOUNT_EXISTS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    changed = evolve(account, priority=command.priority)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, changed)))
