"""Members and accounts: who may have them, and what is in order in every state."""

from clearspec.claims import Kind, claim
from clearspec.clearing.commands import (
    AdmitMember,
    BuyIn,
    Carry,
    DepositCash,
    DepositSecurities,
    OpenAccount,
    PublishPrice,
    SetPriority,
    SuspendMember,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.clearing.events import (
    CashCollected,
    CashPaid,
    Delivered,
    FailCarried,
    HandedIn,
    HandedOut,
    SettlementFailed,
    TradeNetted,
    TradeNovated,
    Unwound,
)
from clearspec.clearing.parameters import valid
from clearspec.clearing.state import Account, AccountId, Member, MemberId, Stage, State
from clearspec.machine import Accepted, measure


@claim(
    "CL-PAR-1",
    "The parameters are valid.",
    kind=Kind.STATE,
)
def parameters_are_valid(state: State) -> bool:
    return valid(state.parameters)


@claim(
    "CL-STA-1",
    "The day is one that there is, prices are positive, there is work exactly until the target day has come, and"
    " nobody had a turn on a day to come.",
    kind=Kind.STATE,
)
def state_is_in_order(state: State) -> bool:
    return (
        0 < state.today <= state.target
        and (state.stage == Stage.OPEN) == (state.today == state.target)
        and all(price.published > 0 and price.settlement > 0 for price in state.prices)
        and state.accounts.every(
            lambda _, account: (
                all(money.turn <= state.today for money in account.holdings.money)
                and all(
                    position.fails_to_deliver >= 0 and position.fails_to_receive >= 0
                    for position in account.holdings.positions
                )
            )
        )
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


@claim(
    "CL-FRM-1",
    "What an account holds, owes and is owed changes only by a beat that names it; its member and its kind never do,"
    " and its place in the queue only as its member asks. No account goes, and none comes that was not opened.",
    kind=Kind.STEP,
    source="rules §2; §8: segregated client accounts",
    prevents="MF Global 2011: client assets that settle what the house owes",
)
def only_those_named_change(before: State, beat: object, after: Accepted[State]) -> bool:
    named = named_by(before, beat, after)
    return before.accounts.every(
        lambda key, account: (
            stays(account, after.state.accounts.get(key), any(key == each for each in named))
            and asked_for(key, account, after.state.accounts.get(key), beat)
        )
    ) and after.state.accounts.every(
        lambda key, _: before.accounts.get(key) is not None or (isinstance(beat, OpenAccount) and key == beat.account)
    )


def named_by(before: State, beat: object, after: Accepted[State]) -> list[AccountId]:
    """The accounts that this beat is about."""
    named: list[AccountId] = []
    if isinstance(beat, DepositSecurities | WithdrawSecurities | DepositCash | WithdrawCash):
        named = [beat.account]
    if isinstance(beat, BuyIn):
        named = [beat.account, beat.seller]
    for event in after.events:
        if isinstance(event, TradeNovated | TradeNetted):
            trade = before.trades.get(event.trade)
            named += [] if trade is None else [trade.buyer, trade.seller]
        if isinstance(event, Delivered | Unwound):
            named += [event.seller, event.buyer]
        if isinstance(event, FailCarried | HandedIn | HandedOut | CashCollected | CashPaid | SettlementFailed):
            named.append(event.account)
    return named


@measure
def stays(was: Account, now: Account | None, named: bool) -> bool:
    """Is the account still there, of the same member and kind, and the same in all else unless it is named?"""
    if now is None or now.member != was.member or now.kind != was.kind:
        return False
    return named or (
        all(
            new.held == old.held
            and new.cleared == old.cleared
            and new.due == old.due
            and new.failed == old.failed
            and new.provisional == old.provisional
            and new.fails_to_deliver == old.fails_to_deliver
            and new.fails_to_receive == old.fails_to_receive
            for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
        )
        and all(
            new.held == old.held
            and new.cleared == old.cleared
            and new.payable == old.payable
            and new.provisional == old.provisional
            and new.turn == old.turn
            for old, new in zip(was.holdings.money, now.holdings.money, strict=True)
        )
    )


def asked_for(key: AccountId, was: Account, now: Account | None, beat: object) -> bool:
    """Is its place in the queue what it was, or what its member asked for?"""
    asked = isinstance(beat, SetPriority) and beat.account == key
    return now is not None and (asked or now.priority == was.priority)


@claim(
    "CL-FRM-2",
    "The count of today's deliveries starts anew each day. Members change only as they are admitted, suspended or"
    " taken back; prices only as they are published, and those of settlement only as fails are carried.",
    kind=Kind.STEP,
    prevents="a settlement at a price that nobody published",
)
def the_rest_changes_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    return (
        before.members.every(lambda key, member: asked_of_member(key, member, after.state.members.get(key), beat))
        and after.state.members.every(
            lambda key, _: before.members.get(key) is not None or (isinstance(beat, AdmitMember) and key == beat.member)
        )
        and all(
            new.published
            == (beat.price if isinstance(beat, PublishPrice) and beat.security == each.id else old.published)
            and (new.settlement == old.settlement or isinstance(beat, Carry))
            for each, old, new in zip(before.parameters.securities, before.prices, after.state.prices, strict=True)
        )
    )


def asked_of_member(key: MemberId, was: Member, now: Member | None, beat: object) -> bool:
    """Is the member what it was, or what the central counterparty said of it?"""
    asked = isinstance(beat, SuspendMember) and beat.member == key
    return now is not None and (asked or now.suspended == was.suspended)
