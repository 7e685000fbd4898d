"""Which lines of an account a beat may change at all: every other one stays, in every account."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.state.commands import (
    Assess,
    BuyIn,
    CallMargin,
    Carry,
    CloseOut,
    Collect,
    Contribute,
    Deliver,
    DepositCash,
    DepositSecurities,
    Fail,
    HandIn,
    HandOut,
    MeasureMargin,
    Net,
    Novate,
    Pay,
    PostCash,
    PostSecurities,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
    ReturnCash,
    ReturnSecurities,
    Unwind,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.events import CashCollected, CashPaid, Delivered, LossPaid, Repaid, Unwound
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId
from clearspec.machines.clearing.state.types import Account, Money, Position, State


@claim(
    "CL-FRM-3",
    "A beat changes only the lines of an account that it is about, and only in its security or currency. Days of"
    " fails change only at the end of a day, `margined` only in its evening.",
    title="a beat changes only its own lines",
    kind=Kind.STEP,
    source="rules §2: every sub-account needs its own equation",
    prevents="a beat that does two things, of which each is balanced and one nobody has asked for",
)
def only_the_lines_of_the_beat_change(before: State, beat: object, after: Accepted[State]) -> bool:
    about, paid = securities_of(beat, after), currencies_of(after)
    return before.accounts.every(
        lambda key, account: only_these_change(before, beat, about, paid, account, after.state.accounts.get(key))
    )


def securities_of(beat: object, after: Accepted[State]) -> tuple[SecurityId, ...]:
    """The securities that the beat is about; nothing if it may be about all."""
    if isinstance(beat, BuyIn):
        return (beat.security,)
    return tuple(event.security for event in after.events if isinstance(event, Delivered | Unwound))


def currencies_of(after: Accepted[State]) -> tuple[CurrencyId, ...]:
    """The currency that the beat pays; nothing if it may be about all."""
    return tuple(
        event.currency for event in after.events if isinstance(event, CashCollected | CashPaid | LossPaid | Repaid)
    )


@measure
def only_these_change(
    before: State,
    beat: object,
    about: tuple[SecurityId, ...],
    paid: tuple[CurrencyId, ...],
    was: Account,
    now: Account | None,
) -> bool:
    """Are all lines of the account the same but those that this beat is about?"""
    if now is None or not (now.margined == was.margined or isinstance(beat, MeasureMargin)):
        return False
    securities = before.parameters.securities
    return all(
        position_stays(old, new, beat) and (all(security.id == each for each in about) or same_position(old, new))
        for security, old, new in zip(securities, was.holdings.positions, now.holdings.positions, strict=True)
    ) and all(
        money_stays(old, new, beat)
        and (
            all(security.id != each or security.currency == place for each in about for security in securities)
            or same_money(old, new)
        )
        and (all(currency.id == each for each in paid) or same_money(old, new))
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, was.holdings.money, now.holdings.money, strict=True)
        )
    )


def position_stays(was: Position, now: Position, beat: object) -> bool:
    """Are the lines of a security the same that this beat is not about?"""
    posts = isinstance(beat, PostSecurities | ReturnSecurities)
    moves = posts or isinstance(beat, DepositSecurities | WithdrawSecurities | Deliver | HandIn | HandOut)
    return (
        (now.held == was.held or moves)
        and (now.posted == was.posted or posts)
        and (now.cleared == was.cleared or isinstance(beat, Novate | Net | CloseOut))
        and (now.due == was.due or isinstance(beat, Carry | Net | Deliver | Unwind | Fail))
        and (now.failed == was.failed or isinstance(beat, Carry | Fail | BuyIn))
        and (now.provisional == was.provisional or isinstance(beat, Deliver | Unwind | HandIn | HandOut))
        and (now.fails_to_deliver == was.fails_to_deliver or isinstance(beat, Fail))
        and (now.fails_to_receive == was.fails_to_receive or isinstance(beat, Fail))
    )


def money_stays(was: Money, now: Money, beat: object) -> bool:
    """Are the lines of a currency the same that this beat is not about?"""
    posts = isinstance(beat, PostCash | ReturnCash | UseMargin)
    calls = isinstance(beat, CallMargin | MeasureMargin)
    moves = isinstance(beat, DepositCash | WithdrawCash | Deliver | HandIn | HandOut | Collect | Pay)
    owes = isinstance(beat, Carry | Net | Deliver | Collect | Pay | Fail | BuyIn)
    covers = isinstance(beat, UseMargin | UseContribution | UseSkin | UseFund | Assess | UseEquity)
    repays = isinstance(beat, RepayLeftOver | RepayEquity | RepayAssessed | RepayContributor | RepaySkin)
    shared = isinstance(beat, UseFund | Assess | RepayAssessed | RepayContributor)
    return (
        (now.held == was.held or moves or posts or repays or isinstance(beat, Contribute))
        and (now.posted == was.posted or posts)
        and (now.called == was.called or calls or isinstance(beat, PostCash | PostSecurities))
        and (now.deadline == was.deadline or calls)
        and (now.fund == was.fund or isinstance(beat, Contribute | UseContribution | UseFund | RepayContributor))
        and (now.used == was.used or isinstance(beat, UseFund | RepayContributor))
        and (now.assessed == was.assessed or isinstance(beat, Assess | RepayAssessed))
        and (now.to_replenish == was.to_replenish or isinstance(beat, Contribute | UseFund | RepayContributor))
        and (now.replenish_by == was.replenish_by or isinstance(beat, UseFund))
        and (now.borne == was.borne or repays or isinstance(beat, UseSkin | UseFund | Assess | UseEquity))
        and (now.round == was.round or shared)
        and (now.cleared == was.cleared or isinstance(beat, Novate | Net | CloseOut))
        and (now.payable == was.payable or owes or covers or isinstance(beat, RepayAssessed))
        and (now.provisional == was.provisional or isinstance(beat, Deliver | Unwind | HandIn | HandOut))
        and (now.turn == was.turn or isinstance(beat, Collect | Pay))
    )


def same_position(was: Position, now: Position) -> bool:
    """Is nothing of the security different?"""
    return (
        now.held == was.held
        and now.cleared == was.cleared
        and now.due == was.due
        and now.failed == was.failed
        and now.provisional == was.provisional
        and now.fails_to_deliver == was.fails_to_deliver
        and now.fails_to_receive == was.fails_to_receive
        and now.posted == was.posted
    )


def same_money(was: Money, now: Money) -> bool:
    """Is nothing of the currency different?"""
    return (
        now.held == was.held
        and now.cleared == was.cleared
        and now.payable == was.payable
        and now.provisional == was.provisional
        and now.turn == was.turn
        and now.posted == was.posted
        and now.called == was.called
        and now.deadline == was.deadline
        and now.fund == was.fund
        and now.used == was.used
        and now.assessed == was.assessed
        and now.to_replenish == was.to_replenish
        and now.replenish_by == was.replenish_by
        and now.borne == was.borne
        and now.round == was.round
    )
