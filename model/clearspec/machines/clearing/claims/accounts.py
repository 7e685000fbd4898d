"""Members and accounts: who may have them, and what is in order in every state."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.lines import same_money, same_position
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Assess,
    BuyIn,
    Collect,
    CoverLoss,
    DeclareDefault,
    DepositCash,
    DepositSecurities,
    OpenAccount,
    Pay,
    Port,
    Recover,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
    SetPriority,
    SuspendMember,
    Tick,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.events import (
    CallUnmet,
    CashCollected,
    CashPaid,
    ClosedOut,
    CollateralPosted,
    CollateralReturned,
    Contributed,
    Delivered,
    FailCarried,
    HandedIn,
    HandedOut,
    LossLeftOver,
    LossPaid,
    MarginMeasured,
    MemberDefaulted,
    Repaid,
    SettlementFailed,
    TradeNetted,
    TradeNovated,
    Unwound,
)
from clearspec.machines.clearing.state.ids import AccountId, MemberId
from clearspec.machines.clearing.state.types import Account, AccountKind, Holdings, Member, State
from clearspec.machines.clearing.state.work import Loss, Payout, Stage

Covering = UseMargin | UseContribution | UseSkin | UseFund | Assess | UseEquity
Repaying = RepayLeftOver | RepayEquity | RepayAssessed | RepayContributor | RepaySkin


@claim(
    "CL-STA-1",
    "Today is a day up to the target. Prices are positive. Work is due exactly until the target has come. No turn"
    " lies in the future.",
    title="the day, prices and turns are in order",
    kind=Kind.STATE,
)
def state_is_in_order(state: State) -> bool:
    return (
        0 < state.today <= state.target
        and (state.stage == Stage.OPEN) == (state.today == state.target)
        and all(price.published > 0 and price.settlement > 0 for price in state.prices)
        and state.accounts.every(
            lambda _, account: (
                all(money.turn <= state.today and money.called >= 0 for money in account.holdings.money)
                and account.margined <= state.today
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
    title="every account belongs to a member",
    kind=Kind.STATE,
    source="rules §8: house and segregated client accounts",
)
def accounts_have_members(state: State) -> bool:
    return state.accounts.every(lambda _, account: state.members.get(account.member) is not None)


@claim(
    "CL-ACC-3",
    "A member has at most one house account, which is in default exactly if the member is. No account of clients is"
    " ever in default.",
    title="one house account a member, clients apart",
    kind=Kind.STATE,
    source="rules §8: house and segregated client accounts",
    prevents="an account of clients that is closed out with the house",
)
def a_member_has_one_house_account(state: State) -> bool:
    return state.members.every(lambda key, member: has_its_house(state, key, member)) and state.accounts.every(
        lambda key, account: is_house_or_client(state, key, account)
    )


def has_its_house(state: State, name: MemberId, member: Member) -> bool:
    """If the member has a house account, is it there and its own, and in default with it?"""
    if member.house is None:
        return True
    house = state.accounts.get(member.house)
    return (
        house is not None
        and house.kind == AccountKind.HOUSE
        and house.member == name
        and house.defaulted == member.defaulted
    )


def is_house_or_client(state: State, name: AccountId, account: Account) -> bool:
    """Is the account its member's house account, or a client account without contributions and not in default?"""
    member = state.members.get(account.member)
    if account.kind == AccountKind.CLIENT:
        return not account.defaulted and all(
            money.fund == 0 and money.used == 0 and money.assessed == 0 for money in account.holdings.money
        )
    return member is not None and member.house == name


@claim(
    "CL-ACC-2",
    "Members and accounts change as the command says: a new one is empty, and an old one changes only in what was"
    " asked.",
    title="members and accounts change as told",
    kind=Kind.STEP,
    on=(AdmitMember, SuspendMember, OpenAccount, SetPriority, DeclareDefault, Port),
)
def members_change_as_told(
    before: State,
    command: AdmitMember | SuspendMember | OpenAccount | SetPriority | DeclareDefault | Port,
    after: Accepted[State],
) -> bool:
    if isinstance(command, DeclareDefault):
        member = after.state.members.get(command.member)
        return member is not None and member.defaulted
    if isinstance(command, AdmitMember | SuspendMember):
        member = after.state.members.get(command.member)
        told = isinstance(command, SuspendMember) and command.suspended
        new = isinstance(command, AdmitMember)
        return (
            member is not None
            and member.suspended == told
            and (not new or (not member.defaulted and member.house is None))
        )
    account = after.state.accounts.get(command.account)
    if account is None:
        return False
    if isinstance(command, SetPriority):
        return account.priority == command.priority
    if isinstance(command, Port):
        return account.member == command.member
    return (
        account.member == command.member
        and account.kind == command.kind
        and account.priority == 0
        and account.margined == 0
        and all(
            position.held == 0
            and position.cleared == 0
            and position.due == 0
            and position.failed == 0
            and position.posted == 0
            and position.fails_to_deliver == 0
            and position.fails_to_receive == 0
            for position in account.holdings.positions
        )
        and all(
            money.held == 0
            and money.cleared == 0
            and money.payable == 0
            and money.posted == 0
            and money.called == 0
            and money.fund == 0
            and money.used == 0
            and money.assessed == 0
            and money.to_replenish == 0
            and money.replenish_by == 0
            and money.borne == 0
            and money.turn == 0
            and money.deadline == 0
            and money.round == 0
            for money in account.holdings.money
        )
    )


@claim(
    "CL-FRM-1",
    "A beat changes only accounts that it names. An account keeps its kind, keeps its member unless it is ported, and"
    " keeps its priority unless `SetPriority` names it. No account goes, and `OpenAccount` alone adds one.",
    title="only accounts that a beat names change",
    kind=Kind.STEP,
    source="rules §2; §8: segregated client accounts",
    prevents="MF Global 2011: client assets that settle what the house owes",
)
def only_those_named_change(before: State, beat: object, after: Accepted[State]) -> bool:
    named = named_by(before, beat, after)
    return before.accounts.every(
        lambda key, account: (
            stays(account, after.state.accounts.get(key), any(key == each for each in named))
            and of_its_member(key, account, after.state.accounts.get(key), beat)
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
        if isinstance(event, CollateralPosted | CollateralReturned | Contributed | MarginMeasured | CallUnmet):
            named.append(event.account)
        if isinstance(event, ClosedOut):
            named += [event.account, event.bidder]
        if isinstance(event, LossLeftOver):
            named.append(event.account)
        if isinstance(event, LossPaid):
            named += [event.account, *([event.payer] if isinstance(event.payer, AccountId) else [])]
        if isinstance(event, Repaid):
            named += [event.account, *([event.receiver] if isinstance(event.receiver, AccountId) else [])]
        if isinstance(event, MemberDefaulted):
            member = before.members.get(event.member)
            named += [] if member is None or member.house is None else [member.house]
    return named


@measure
def stays(was: Account, now: Account | None, named: bool) -> bool:
    """Is the account still there, of the same kind, and the same in all else unless it is named?"""
    if now is None or now.kind != was.kind:
        return False
    return named or (
        now.margined == was.margined
        and now.defaulted == was.defaulted
        and all(
            same_position(old, new) for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
        )
        and all(same_money(old, new) for old, new in zip(was.holdings.money, now.holdings.money, strict=True))
    )


def of_its_member(key: AccountId, was: Account, now: Account | None, beat: object) -> bool:
    """Is the account of the member that it was of, or of clients and ported?"""
    ported = isinstance(beat, Port) and beat.account == key
    return now is not None and ((ported and was.kind == AccountKind.CLIENT) or now.member == was.member)


def asked_for(key: AccountId, was: Account, now: Account | None, beat: object) -> bool:
    """Is its place in the queue what it was, or what its member asked for?"""
    asked = isinstance(beat, SetPriority) and beat.account == key
    return now is not None and (asked or now.priority == was.priority)


@claim(
    "CL-FRM-2",
    "A member changes only when it is admitted, suspended or taken back, opens its house account, or defaults. A"
    " default never ends, and no member goes.",
    title="members change as told",
    kind=Kind.STEP,
)
def only_those_asked_change(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.members.every(
        lambda key, member: asked_of_member(key, member, after.state.members.get(key), beat, after)
    ) and after.state.members.every(
        lambda key, _: before.members.get(key) is not None or (isinstance(beat, AdmitMember) and key == beat.member)
    )


@claim(
    "CL-FRM-6",
    "The day's deliveries are counted, from 0 each day. Only collecting and paying cash change payouts, and only"
    " paying changes causes of fails. Only a loss or a recovery changes how a loss is shared.",
    title="counts and sharings change as told",
    kind=Kind.STEP,
)
def sharings_change_as_told(before: State, beat: object, after: Accepted[State]) -> bool:
    return (
        after.state.deliveries == counted_today(before, beat, after)
        and all(now == was or isinstance(beat, Pay) for was, now in zip(before.causes, after.state.causes, strict=True))
        and all(
            same_payout(old, new)
            or isinstance(beat, Pay)
            or (isinstance(beat, Collect) and after.state.stage == Stage.PAYMENT)
            for old, new in zip(before.payouts, after.state.payouts, strict=True)
        )
        and all(
            same_sharing(old, new) or isinstance(beat, CoverLoss | Covering | Recover | Repaying)
            for old, new in zip(before.losses, after.state.losses, strict=True)
        )
    )


def counted_today(before: State, beat: object, after: Accepted[State]) -> int:
    """How many deliveries have been made today."""
    if isinstance(beat, Tick):
        return 0
    return before.deliveries + sum(1 for event in after.events if isinstance(event, Delivered))


def same_payout(was: Payout, now: Payout) -> bool:
    """Is the sharing of cash what it was?"""
    return now.amount == was.amount and now.claims == was.claims and now.served == was.served and now.paid == was.paid


def same_sharing(was: Loss, now: Loss) -> bool:
    """Is the loss, with the books of its sharing, what it was?"""
    return (
        now.account == was.account
        and now.left == was.left
        and now.amount == was.amount
        and now.weights == was.weights
        and now.served == was.served
        and now.paid == was.paid
        and now.round == was.round
    )


def asked_of_member(key: MemberId, was: Member, now: Member | None, beat: object, after: Accepted[State]) -> bool:
    """Is the member what it was, or what the central counterparty said of it?"""
    asked = isinstance(beat, SuspendMember) and beat.member == key
    opens = isinstance(beat, OpenAccount) and beat.member == key and beat.kind == AccountKind.HOUSE
    declared = any(isinstance(event, MemberDefaulted) and event.member == key for event in after.events)
    return (
        now is not None
        and (asked or now.suspended == was.suspended)
        and (now.house == was.house or (opens and was.house is None))
        and (now.defaulted == was.defaulted or (now.defaulted and declared))
    )


@claim(
    "CL-FRM-4",
    "Accounts of institutions have no turns, calls, fails or shares of losses, and nothing is borne for them. Only"
    " the central counterparty's own counts what it bore, when skin in the game or equity pays or is repaid.",
    title="institutions are no members",
    kind=Kind.STEP,
    source="rules §2: every sub-account needs its own equation",
    prevents="recoveries that go to a clearing house which has paid nothing",
)
def institutions_are_no_members(before: State, beat: object, after: Accepted[State]) -> bool:
    was, now = before.central, after.state.central
    paying = tuple(event.currency for event in after.events if isinstance(event, LossPaid | Repaid))
    return (
        all(
            counts_the_same(old, new)
            for old, new in (
                (was.outside, now.outside),
                (was.ccp, now.ccp),
                (was.penalties, now.penalties),
                (was.safe, now.safe),
                (was.own, now.own),
            )
        )
        and all(
            new.used == old.used and new.assessed == old.assessed
            for some, then in (
                (was.outside, now.outside),
                (was.ccp, now.ccp),
                (was.penalties, now.penalties),
                (was.safe, now.safe),
            )
            for old, new in zip(some.money, then.money, strict=True)
        )
        and all(
            (new.used == old.used or (isinstance(beat, UseSkin | RepaySkin) and currency.id in paying))
            and (new.assessed == old.assessed or (isinstance(beat, UseEquity | RepayEquity) and currency.id in paying))
            for currency, old, new in zip(before.parameters.currencies, was.own.money, now.own.money, strict=True)
        )
    )


@measure
def counts_the_same(was: Holdings, now: Holdings) -> bool:
    """Are the days of fails, the turns, the calls and the sharings the same?"""
    return all(
        new.fails_to_deliver == old.fails_to_deliver and new.fails_to_receive == old.fails_to_receive
        for old, new in zip(was.positions, now.positions, strict=True)
    ) and all(
        new.turn == old.turn
        and new.called == old.called
        and new.deadline == old.deadline
        and new.to_replenish == old.to_replenish
        and new.replenish_by == old.replenish_by
        and new.borne == old.borne
        and new.round == old.round
        for old, new in zip(was.money, now.money, strict=True)
    )
