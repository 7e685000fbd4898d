"""Recoveries: an estate pays back what others bore for it, who paid last first, and each of many its share."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.losses import adds_up, is_its_share, nothing_lost, same_loss, turn_to_come
from clearspec.machines.clearing.state.commands import (
    Recover,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
)
from clearspec.machines.clearing.state.events import Repaid
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.types import Account, Money, State
from clearspec.machines.clearing.state.work import Layer, Loss, Payee, Stage

SOURCE = "PFMI, principle 13; rules §8: recoveries return in reverse"

ToOne = RepayLeftOver | RepayEquity | RepaySkin
ToMany = RepayAssessed | RepayContributor

MANY = (Payee.ASSESSED, Payee.CONTRIBUTORS)
"""The payees that are many."""

AFTER_LEFT_OVER = (Payee.EQUITY, *MANY, Payee.SKIN)
AFTER_EQUITY = (*MANY, Payee.SKIN)
AFTER_ASSESSED = (Payee.CONTRIBUTORS, Payee.SKIN)


def owed_for_losses(account: Account, currency: int) -> int:
    """What others bore for the account, less what it bore for others and has not got back."""
    money = account.holdings.money[currency]
    return money.borne - money.used - money.assessed


@claim(
    "CL-REC-1",
    "What others bore and have not got back sums to `borne`: contributions, assessments, skin in the game, equity,"
    " and the central counterparty's unpaid debts. Only an account in default has `borne` above 0.",
    title="what is borne is borne by others",
    kind=Kind.STATE,
    source="rules §2: every sub-account needs its own equation",
    prevents="an estate that owes its losses to nobody, or twice",
)
def what_is_borne_is_borne_by_others(state: State) -> bool:
    return all(
        state.accounts.total(owed_for_losses, place) == money.used + money.assessed - money.payable
        for place, money in enumerate(state.central.own.money)
    ) and state.accounts.every(lambda _, account: borne_in_default(account))


@measure
def borne_in_default(account: Account) -> bool:
    """Is `borne` 0, or positive for an account in default?"""
    return all(money.borne == 0 or (money.borne > 0 and account.defaulted) for money in account.holdings.money)


@claim(
    "CL-REC-2",
    "A recovery stands between two commands only, never beside a loss, within the estate's cash and `borne`. Payees"
    " are whole in order: unpaid debts, equity, assessments, contributions, skin in the game.",
    title="the senior are whole first",
    kind=Kind.STATE,
    source=SOURCE,
    prevents="a clearing house that makes itself whole before the survivors who paid after it",
)
def the_senior_are_whole_first(state: State) -> bool:
    if state.payee == Payee.NOBODY:
        return True
    if state.stage != Stage.OPEN or state.layer != Layer.NOTHING:
        return False
    return sum(0 if loss.account is None else 1 for loss in state.losses) == 1 and all(
        nothing_lost(loss) if loss.account is None else whole_so_far(state, loss, place)
        for place, loss in enumerate(state.losses)
    )


def whole_so_far(state: State, loss: Loss, place: int) -> bool:
    """Does the estate have the recovery left, and are all payees before the present one whole?"""
    own = state.central.own.money[place]
    return (
        has_it_again(state, loss, place)
        and (state.payee not in AFTER_LEFT_OVER or own.payable == 0)
        and (state.payee not in AFTER_EQUITY or own.assessed == 0)
        and state.accounts.every(lambda _, row: is_whole(row, state.payee, place))
    )


@measure
def has_it_again(state: State, loss: Loss, place: int) -> bool:
    """Is the account in default, and do its cash and its `borne` cover the recovery left?"""
    account = None if loss.account is None else state.accounts.get(loss.account)
    if account is None or not account.defaulted:
        return False
    money = account.holdings.money[place]
    return money.held >= loss.left <= money.borne and (loss.left > 0 or (loss.left == 0 and state.payee in MANY))


@measure
def is_whole(account: Account, payee: Payee, place: int) -> bool:
    """Is the member whole as every payee before this one?"""
    money = account.holdings.money[place]
    return (payee not in AFTER_ASSESSED or money.assessed == 0) and (payee != Payee.SKIN or money.used == 0)


def assessed_to_come(account: Account, currency: int, turn: int) -> int:
    """The assessments not repaid of a member whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    return 0 if money.round == turn else money.assessed


def used_to_come(account: Account, currency: int, turn: int) -> int:
    """The used contribution not repaid of a member whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    return 0 if money.round == turn else money.used


@claim(
    "CL-REC-3",
    "While members share a recovery, those whose turn is to come bore the weights not served. Those served got the"
    " floor of their joint share; the rest is left. A full repayment leaves them nothing to get.",
    title="shared recoveries keep their books",
    kind=Kind.STATE,
    source=SOURCE,
)
def shared_recoveries_keep_their_books(state: State) -> bool:
    return state.payee not in MANY or all(
        loss.account is None or books_of_many(state, loss, place) for place, loss in enumerate(state.losses)
    )


def books_of_many(state: State, loss: Loss, place: int) -> bool:
    """Do the payee's books agree with the accounts?"""
    if state.payee == Payee.ASSESSED:
        to_come = state.accounts.total(assessed_to_come, place, loss.round)
    else:
        to_come = state.accounts.total(used_to_come, place, loss.round)
    return (
        to_come == loss.weights - loss.served
        and adds_up(loss)
        and state.accounts.every(lambda _, row: loss.amount < loss.weights or nothing_more(row, loss, state, place))
    )


@measure
def nothing_more(account: Account, loss: Loss, state: State, place: int) -> bool:
    """Has the account, if it had its turn, got back all that it bore as this payee?"""
    money = account.holdings.money[place]
    if money.round != loss.round:
        return True
    return money.assessed == 0 if state.payee == Payee.ASSESSED else money.used == 0


@claim(
    "CL-REC-4",
    "A recovery is all the cash of the account, or all that others bore for it, whichever is less; the rest it keeps.",
    title="a recovery within cash and debt",
    kind=Kind.STEP,
    on=(Recover,),
    source=SOURCE,
    prevents="an estate that pays for the losses of another one",
)
def a_recovery_is_what_the_estate_owes(before: State, command: Recover, after: Accepted[State]) -> bool:
    account = before.accounts.get(command.account)
    return (
        account is not None
        and after.state.payee == Payee.LEFT_OVER
        and all(
            (
                new.account == command.account
                and new.round == old.round
                and 0 < new.left <= money.held
                and new.left <= money.borne
                and (new.left == money.held or new.left == money.borne)
            )
            if currency.id == command.currency
            else same_loss(old, new)
            for currency, money, old, new in zip(
                before.parameters.currencies, account.holdings.money, before.losses, after.state.losses, strict=True
            )
        )
    )


@claim(
    "CL-REC-5",
    "A payee of one gets the smaller of the recovery left and what it bore, from the estate's cash, and `borne` falls"
    " by that. The rest goes to the next payee. After the last nothing is left.",
    title="a payee of one gets its due",
    kind=Kind.STEP,
    on=(RepayLeftOver, RepayEquity, RepaySkin),
    source=SOURCE,
    prevents="somebody who gets back more than it paid",
)
def a_payee_gets_what_it_bore(before: State, beat: ToOne, after: Accepted[State]) -> bool:
    repaid = tuple(event for event in after.events if isinstance(event, Repaid))
    return (
        len(repaid) == 1
        and before.payee == payee_of(beat)
        and all(event.payee == payee_of(beat) and one_repaid(before, after.state, event) for event in repaid)
    )


def payee_of(beat: ToOne | ToMany) -> Payee:
    """The payee that this beat is about."""
    if isinstance(beat, RepayLeftOver):
        return Payee.LEFT_OVER
    if isinstance(beat, RepayEquity):
        return Payee.EQUITY
    if isinstance(beat, RepayAssessed):
        return Payee.ASSESSED
    return Payee.CONTRIBUTORS if isinstance(beat, RepayContributor) else Payee.SKIN


@measure
def one_repaid(before: State, after: State, event: Repaid) -> bool:
    """Did the payee get its due in the event's currency, and did no other currency change?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        (
            old.account == event.account
            and event.amount == min(old.left, bore(before, event.payee, place))
            and bore(after, event.payee, place) == bore(before, event.payee, place) - event.amount
            and (event.payee != Payee.SKIN or event.amount == old.left)
            and goes_back(before, after, old, new, event.amount)
            and now.holdings.money[place].held == was.holdings.money[place].held - event.amount
            and now.holdings.money[place].borne == was.holdings.money[place].borne - event.amount
            and its_own(before, after, event, place)
        )
        if currency.id == event.currency
        else same_loss(old, new)
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def bore(state: State, payee: Payee, place: int) -> int:
    """What the central counterparty bore as this payee, and has not got back."""
    own = state.central.own.money[place]
    if payee == Payee.LEFT_OVER:
        return -own.payable
    return own.assessed if payee == Payee.EQUITY else own.used


def its_own(before: State, after: State, event: Repaid, place: int) -> bool:
    """Did equity, skin in the game and the debt to creditors change by the repayment, and by nothing else?"""
    was, now = before.central, after.central
    left_over = event.amount if event.payee == Payee.LEFT_OVER else 0
    equity = event.amount if event.payee == Payee.EQUITY else 0
    skin = event.amount if event.payee == Payee.SKIN else 0
    return (
        now.ccp.money[place].held == was.ccp.money[place].held + left_over
        and now.own.money[place].payable == was.own.money[place].payable + left_over
        and now.own.money[place].held == was.own.money[place].held + equity
        and now.own.money[place].fund == was.own.money[place].fund + skin
        and now.own.money[place].assessed == was.own.money[place].assessed - equity
        and now.own.money[place].used == was.own.money[place].used - skin
    )


@measure
def goes_back(before: State, after: State, was: Loss, now: Loss, repaid: int) -> bool:
    """Did the recovery fall by `repaid` and pass to the next payee, or end?  A shared one begins a new round."""
    if now.round != was.round + (1 if after.payee in MANY else 0):
        return False
    if was.left == repaid:
        return after.payee == Payee.NOBODY and now.account is None and now.left == 0
    return after.payee == next_payee(before.payee) and now.account == was.account and now.left == was.left - repaid


def next_payee(payee: Payee) -> Payee:
    """The payee after this one."""
    if payee == Payee.LEFT_OVER:
        return Payee.EQUITY
    if payee == Payee.EQUITY:
        return Payee.ASSESSED
    return Payee.CONTRIBUTORS if payee == Payee.ASSESSED else Payee.SKIN


@claim(
    "CL-REC-6",
    "A member gets back, of its assessments or its contribution, its share by what it bore, within one unit. It never"
    " gets more than it bore, and all of it if all is given back.",
    title="members get back their share",
    kind=Kind.STEP,
    on=(RepayAssessed, RepayContributor),
    source=SOURCE,
    prevents="a recovery that goes to whoever asks for it first",
)
def members_get_back_their_share(before: State, beat: ToMany, after: Accepted[State]) -> bool:
    return all(
        isinstance(event.receiver, AccountId) and got_its_share(before, after.state, event, event.receiver)
        for event in after.events
        if isinstance(event, Repaid)
    )


@measure
def got_its_share(before: State, after: State, event: Repaid, receiver: AccountId) -> bool:
    """Did the member, once, get its share by what it bore, and do the books of the recovery count it?"""
    was, now = before.accounts.get(receiver), after.accounts.get(receiver)
    if was is None or now is None:
        return False
    return all(
        currency.id != event.currency
        or (
            is_its_share(old, to_get(was, event.payee, place, old.round), event.amount)
            and new.served == old.served + to_get(was, event.payee, place, old.round)
            and new.paid == old.paid + event.amount
            and new.amount == old.amount
            and new.weights == old.weights
            and new.round == old.round == now.holdings.money[place].round
        )
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def to_get(account: Account, payee: Payee, place: int, turn: int) -> int:
    """The account's weight as this payee, if its turn is to come; else 0."""
    if payee == Payee.ASSESSED:
        return assessed_to_come(account, place, turn)
    return used_to_come(account, place, turn)


@claim(
    "CL-REC-8",
    "The estate repays a member from its cash. The amount lowers the recovery left and the estate's `borne`, and"
    " changes nothing else of the estate.",
    title="the estate repays members in cash",
    kind=Kind.STEP,
    on=(RepayAssessed, RepayContributor),
    source=SOURCE,
    prevents="a member who is repaid by somebody else than the estate",
)
def the_estate_repays_members_in_cash(before: State, beat: ToMany, after: Accepted[State]) -> bool:
    return all(
        estate_paid(before, after.state, event, event.account == event.receiver)
        for event in after.events
        if isinstance(event, Repaid)
    )


@measure
def estate_paid(before: State, after: State, event: Repaid, itself: bool) -> bool:
    """Did the estate pay the amount out of its cash, and is only the recovery of that currency changed?

    What an estate gets of itself CL-REC-9 tells.
    """
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        (
            old.account == event.account
            and new.account == old.account
            and new.left == old.left - event.amount
            and now.holdings.money[place].borne == was.holdings.money[place].borne - event.amount
            and (itself or gave_it(was.holdings.money[place], now.holdings.money[place], event.amount))
        )
        if currency.id == event.currency
        else same_loss(old, new)
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def gave_it(was: Money, now: Money, amount: int) -> bool:
    """Did the estate pay `amount` in cash, and did nothing else of it change?"""
    return (
        now.held == was.held - amount
        and now.fund == was.fund
        and now.payable == was.payable
        and now.used == was.used
        and now.assessed == was.assessed
        and now.to_replenish == was.to_replenish
        and now.round == was.round
    )


@claim(
    "CL-REC-9",
    "A repaid assessment lowers the member's debt. A repaid contribution returns into the fund up to the"
    " replenishment due, and the rest is cash. A member in default gets all of it in cash.",
    title="a repayment returns where it came from",
    kind=Kind.STEP,
    on=(RepayAssessed, RepayContributor),
    source=SOURCE,
    prevents="a contribution that is repaid in cash while its member is called to replenish it",
)
def a_repayment_returns_where_it_came_from(before: State, beat: ToMany, after: Accepted[State]) -> bool:
    return all(
        isinstance(event.receiver, AccountId) and came_back(before, after.state, event, event.receiver)
        for event in after.events
        if isinstance(event, Repaid)
    )


@measure
def came_back(before: State, after: State, event: Repaid, receiver: AccountId) -> bool:
    """Did the amount come back to where the member had it from?"""
    was, now = before.accounts.get(receiver), after.accounts.get(receiver)
    return (
        was is not None
        and now is not None
        and all(
            currency.id != event.currency or got_it(was, now, event, place)
            for place, currency in enumerate(before.parameters.currencies)
        )
    )


def got_it(account: Account, after: Account, event: Repaid, place: int) -> bool:
    """Did the amount lower the debt, or return into the fund or as cash?  An estate that repays itself also pays it."""
    was, now = account.holdings.money[place], after.holdings.money[place]
    paid = event.amount if event.receiver == event.account else 0
    if event.payee == Payee.ASSESSED:
        return (
            now.assessed == was.assessed - event.amount
            and now.payable == was.payable + event.amount
            and now.held == was.held - paid
            and now.fund == was.fund
            and now.used == was.used
        )
    lacked = 0 if account.defaulted else min(event.amount, was.to_replenish)
    return (
        now.used == was.used - event.amount
        and now.fund == was.fund + lacked
        and now.held == was.held + event.amount - lacked - paid
        and now.payable == was.payable
        and now.assessed == was.assessed
    )


@claim(
    "CL-REC-10",
    "One member is repaid a beat. When no member is left to repay, the recovery comes to the next payee, or is over.",
    title="a recovery passes to the next payee",
    kind=Kind.STEP,
    on=(RepayAssessed, RepayContributor),
    source=SOURCE,
    prevents="a recovery that stays with a payee who is whole",
)
def a_recovery_passes_to_the_next_payee(before: State, beat: ToMany, after: Accepted[State]) -> bool:
    repaid = tuple(event for event in after.events if isinstance(event, Repaid))
    if len(repaid) == 0:
        return all_are_whole(before, after.state, payee_of(beat))
    return len(repaid) == 1 and all(
        event.payee == payee_of(beat) == before.payee == after.state.payee and isinstance(event.receiver, AccountId)
        for event in repaid
    )


def all_are_whole(before: State, after: State, payee: Payee) -> bool:
    """Is every member whole as this payee, and does the recovery pass to the next?"""
    gone = [
        before.accounts.every(lambda _, row: to_get(row, payee, place, old.round) == 0)
        and goes_back(before, after, old, new, 0)
        if old.account is not None
        else same_loss(old, new)
        for place, (old, new) in enumerate(zip(before.losses, after.losses, strict=True))
    ]
    return before.payee == payee and all(gone)


@claim(
    "CL-REC-7",
    "Every recovery ends: each beat takes it to a later payee, ends it, or leaves fewer to be repaid.",
    title="every recovery ends",
    kind=Kind.STEP,
    on=(RepayLeftOver, RepayEquity, RepayAssessed, RepayContributor, RepaySkin),
    prevents="a recovery in which the same two members are repaid for ever",
)
def every_recovery_ends(before: State, beat: ToOne | ToMany, after: Accepted[State]) -> bool:
    payee, then = payee_of(beat), after.state.payee
    if then == Payee.NOBODY or (then == next_payee(payee) and payee != Payee.SKIN):
        return True
    return then == payee and any(
        old.account is not None
        and new.round == old.round
        and 0
        <= after.state.accounts.total(turn_to_come, place, old.round)
        < before.accounts.total(turn_to_come, place, old.round)
        for place, (old, new) in enumerate(zip(before.losses, after.state.losses, strict=True))
    )
