"""Default of a member: clients are not touched and go as they are, and a close-out only ever closes."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.pledges import same_securities
from clearspec.machines.clearing.claims.trades import will_have
from clearspec.machines.clearing.formulas.calendar import settlement_day
from clearspec.machines.clearing.state.commands import (
    Assess,
    CloseOut,
    CoverLoss,
    DeclareDefault,
    MeasureMargin,
    Port,
    Recover,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.events import ClosedOut
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.types import Account, AccountKind, State, TradeStatus

SOURCE = "PFMI, principles 13 and 14; rules §8: segregated client accounts"


@claim(
    "CL-DEF-1",
    "No beat of a default, loss or recovery changes what an account of clients holds, owes, is owed or has posted."
    " The one exception is an account that bids in a close-out.",
    title="a default leaves clients untouched",
    kind=Kind.STEP,
    on=(
        DeclareDefault,
        Port,
        CloseOut,
        CoverLoss,
        MeasureMargin,
        UseMargin,
        UseContribution,
        UseSkin,
        UseFund,
        Assess,
        UseEquity,
        Recover,
        RepayLeftOver,
        RepayEquity,
        RepayAssessed,
        RepayContributor,
        RepaySkin,
    ),
    source=SOURCE,
    prevents="MF Global 2011: client assets that settle what the house owes",
)
def clients_are_not_touched(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.accounts.every(
        lambda key, account: (
            account.kind != AccountKind.CLIENT
            or (isinstance(beat, CloseOut) and key == beat.bidder)
            or has_the_same(account, after.state.accounts.get(key))
        )
    )


@measure
def has_the_same(was: Account, now: Account | None) -> bool:
    """Does the account hold, owe and have posted what it did?"""
    return (
        now is not None
        and same_securities(was, now)
        and all(
            new.held == old.held
            and new.posted == old.posted
            and new.cleared == old.cleared
            and new.payable == old.payable
            and new.provisional == old.provisional
            for old, new in zip(was.holdings.money, now.holdings.money, strict=True)
        )
    )


@claim(
    "CL-DEF-2",
    "A client account goes only from a member in default to one that is neither in default nor suspended.",
    title="clients go to a sound member",
    kind=Kind.STEP,
    on=(Port,),
    source=SOURCE,
)
def clients_go_to_a_sound_member(before: State, command: Port, after: Accepted[State]) -> bool:
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if was is None or now is None:
        return False
    old, new = before.members.get(was.member), before.members.get(command.member)
    return (
        old is not None
        and new is not None
        and old.defaulted
        and not new.defaulted
        and not new.suspended
        and was.kind == AccountKind.CLIENT
        and now.member == command.member
    )


@claim(
    "CL-DEF-3",
    "A close-out brings the account's position, with today's trades settled, nearer to zero and never past it. The"
    " bidder takes the other side at the price it bid. The trade settles like any of today.",
    title="a close-out only closes",
    kind=Kind.STEP,
    on=(CloseOut,),
    source="PFMI, principle 13; rules §8",
    prevents="a close-out that takes a new position",
)
def a_close_out_closes(before: State, command: CloseOut, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, ClosedOut))
    trade = after.state.trades.get(command.trade)
    return (
        len(events) == 1
        and trade is not None
        and before.trades.get(command.trade) is None
        and trade.security == command.security
        and trade.quantity == command.units > 0
        and trade.amount == command.price * command.units
        and trade.status == TradeStatus.NOVATED
        and trade.traded_on == before.today
        and trade.settles_on == settlement_day(before.parameters.settling, before.parameters.cycle, before.today)
        and all(
            event.account == command.account
            and event.bidder == command.bidder
            and (event.units == command.units or event.units == -command.units)
            and trade.buyer == (event.account if event.units > 0 else event.bidder)
            and trade.seller == (event.bidder if event.units > 0 else event.account)
            and closed(before, after.state, event, event.account, 1)
            and closed(before, after.state, event, event.bidder, -1)
            and nearer_to_nothing(before, event)
            for event in events
        )
    )


@measure
def closed(before: State, after: State, event: ClosedOut, name: AccountId, sign: int) -> bool:
    """Has the account a claim to the event's units, and the debt of its amount, with this sign?"""
    was, now = before.accounts.get(name), after.accounts.get(name)
    if was is None or now is None:
        return False
    amount = event.amount if event.units > 0 else -event.amount
    return all(
        new.cleared == old.cleared + (sign * event.units if security.id == event.security else 0)
        and new.held == old.held
        and new.failed == old.failed
        and new.posted == old.posted
        for security, old, new in zip(
            before.parameters.securities, was.holdings.positions, now.holdings.positions, strict=True
        )
    ) and all(
        new.cleared
        == old.cleared
        - sum(
            sign * amount
            for security in before.parameters.securities
            if security.id == event.security and security.currency == place
        )
        and new.held == old.held
        and new.payable == old.payable
        and new.posted == old.posted
        for place, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
    )


@claim(
    "CL-DEF-4",
    "As long as a trade of an account in default is still to settle, one of today included, or it owes anything,"
    " nothing that it has leaves.",
    title="an unsettled defaulter withdraws nothing",
    kind=Kind.STEP,
    on=(WithdrawSecurities, WithdrawCash),
    source=SOURCE,
    prevents="cash that is withdrawn between a trade and its novation, and is not there when the trade settles",
)
def nothing_leaves_before_all_is_settled(
    before: State, command: WithdrawSecurities | WithdrawCash, after: Accepted[State]
) -> bool:
    account = before.accounts.get(command.account)
    if account is None or not account.defaulted:
        return account is not None
    return (
        after.state.trades.every(
            lambda _, trade: (
                (trade.buyer != command.account and trade.seller != command.account)
                or (trade.status != TradeStatus.CAPTURED and trade.status != TradeStatus.NOVATED)
            )
        )
        and all(position.failed == 0 for position in account.holdings.positions)
        and all(money.payable >= 0 for money in account.holdings.money)
    )


@measure
def nearer_to_nothing(before: State, event: ClosedOut) -> bool:
    """Does the close-out bring the account's position nearer to zero, and not past it?"""
    account, has = before.accounts.get(event.account), will_have(before, event.account, event.security)
    if account is None or not account.defaulted:
        return False
    return 0 <= has + event.units < has if has > 0 else has < has + event.units <= 0
