"""Recoveries: new cash of a member in default repays those who bore its losses, one payee a beat.

The order is that of the waterfall reversed: the last payer is whole first.  Before all payers come creditors whom the
central counterparty could not pay.  An estate repays at most `borne`, what others bore of its own losses.  Payees are
ranked over all losses in the currency together, as if their sum had been smaller by the recovery.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules.losses import at_work, is_closed_out, noted, with_borne, with_loss, with_turn
from clearspec.machines.clearing.state.commands import (
    Reason,
    Recover,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
)
from clearspec.machines.clearing.state.events import Repaid
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import currency_place
from clearspec.machines.clearing.state.types import (
    Account,
    Line,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)
from clearspec.machines.clearing.state.work import NO_LOSS, Payee


def recover(state: State, command: Recover) -> Outcome[State]:
    """Begin a recovery: the beats that follow repay, from the account's cash, up to what others bore for it.

    Rule: CL-REC-4.  The account keeps any cash beyond that.
    Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, MEMBER_IN_DEFAULT, CLOSED_OUT, LOSS_COVERED, RECOVERY_FOUND.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if not account.defaulted:
        return Rejected(Reason.MEMBER_IN_DEFAULT)
    if not is_closed_out(state, command.account, place):
        return Rejected(Reason.CLOSED_OUT)
    money = account.holdings.money[place]
    if money.payable < 0:
        return Rejected(Reason.LOSS_COVERED)
    left = Atoms(min(money.held, money.borne))
    if left <= 0:
        return Rejected(Reason.RECOVERY_FOUND)
    loss = evolve(state.losses[place], account=command.account, left=left)
    return Accepted(evolve(with_loss(state, place, loss), payee=Payee.LEFT_OVER))


def onward(state: State, place: int, left: int, payee: Payee) -> State:
    """Pass `left` of the recovery on to `payee`; when `left` is 0, the recovery is over."""
    loss = state.losses[place]
    if left <= 0:
        return evolve(with_loss(state, place, evolve(NO_LOSS, round=loss.round)), payee=Payee.NOBODY)
    return evolve(with_loss(state, place, evolve(loss, left=Atoms(left))), payee=payee)


def repaid_to(
    state: State, place: int, payee: Payee, debtor: AccountId, receiver: AccountId | SystemAccount, part: Atoms
) -> Repaid:
    """The event that `debtor` repaid `part` to `receiver`."""
    return Repaid(payee, debtor, receiver, state.parameters.currencies[place].id, part)


def owed_less(
    state: State, place: int, debtor: AccountId, receiver: AccountId | SystemAccount, part: Atoms
) -> tuple[Posting, ...]:
    """The postings by which the debtor pays `part` towards the receiver's payable, for the next payments to settle."""
    return (
        Posting(book(state.parameters, Line.CASH, place), part, debtor, SystemAccount.CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), part, SystemAccount.CCP, receiver),
    )


def into_fund(
    state: State, place: int, debtor: AccountId, receiver: AccountId | SystemAccount, part: Atoms
) -> tuple[Posting, ...]:
    """The postings by which the debtor pays `part` into the receiver's part of the default fund."""
    return (
        Posting(book(state.parameters, Line.CASH, place), part, debtor, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.FUND, place), part, SystemAccount.SAFE, receiver),
    )


def repay_left_over(state: State, _: RepayLeftOver) -> Accepted[State]:
    """Repay what the central counterparty owes because no layer could; its creditors are paid next.

    Rule: CL-REC-5.
    """
    place, loss, debtor = at_work(state)
    part = Atoms(min(loss.left, -state.central.own.money[place].payable))
    postings = owed_less(state, place, debtor, SystemAccount.OWN, part)
    after = with_borne(post(state, postings), place, debtor, Atoms(-part))
    event = repaid_to(state, place, Payee.LEFT_OVER, debtor, SystemAccount.OWN, part)
    return Accepted(onward(after, place, loss.left - part, Payee.EQUITY), (event, Posted(postings)))


def repay_equity(state: State, _: RepayEquity) -> Accepted[State]:
    """Repay the central counterparty's equity.  Assessed members share what is left.

    Rule: CL-REC-5.
    """
    place, loss, debtor = at_work(state)
    part = Atoms(min(loss.left, state.central.own.money[place].assessed))
    postings = (Posting(book(state.parameters, Line.CASH, place), part, debtor, SystemAccount.OWN),)
    after = noted(post(state, postings), place, skin=Atoms(0), equity=Atoms(-part))
    after = with_borne(after, place, debtor, Atoms(-part))
    after = shared_back(onward(after, place, loss.left - part, Payee.ASSESSED), place, Payee.ASSESSED)
    event = repaid_to(state, place, Payee.EQUITY, debtor, SystemAccount.OWN, part)
    return Accepted(after, (event, Posted(postings)))


def shared_back(state: State, place: int, payee: Payee) -> State:
    """Open the books of `payee`, whose members share the recovery, if it has come to them."""
    if state.payee != payee:
        return state
    loss = state.losses[place]
    turn = loss.round + 1
    if payee == Payee.ASSESSED:
        weights = state.accounts.total(assessed_before, place, turn)
    else:
        weights = state.accounts.total(used_before, place, turn)
    amount = Atoms(min(loss.left, weights))
    return with_loss(
        state,
        place,
        evolve(loss, round=turn, amount=amount, weights=Atoms(weights), served=Atoms(0), paid=Atoms(0)),
    )


def assessed_before(account: Account, currency: int, turn: int) -> Atoms:
    """The assessments not repaid of an account whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    return Atoms(money.assessed if money.round != turn else 0)


def used_before(account: Account, currency: int, turn: int) -> Atoms:
    """The used contribution not repaid of an account whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    return Atoms(money.used if money.round != turn else 0)


def was_assessed(account: Account, currency: int, turn: int) -> bool:
    """Has the account assessments to get back, and is its turn to come?"""
    return assessed_before(account, currency, turn) > 0


def was_used(account: Account, currency: int, turn: int) -> bool:
    """Has the account a used contribution to get back, and is its turn to come?"""
    return used_before(account, currency, turn) > 0


def repay_assessed(state: State, _: RepayAssessed) -> Accepted[State]:
    """One member gets back its share of the assessments: its debt falls, or it is paid with the next payments.

    Members share pro rata to the assessments that each has not got back.  When no member is left to repay, the
    recovery comes to contributions.

    Rule: CL-REC-6, CL-REC-8 … CL-REC-10.  Rounding: the floor of running sums.
    """
    place, loss, debtor = at_work(state)
    name = state.accounts.first(anyone, was_assessed, place, loss.round)
    if name is None:
        return Accepted(
            shared_back(onward(state, place, loss.left, Payee.CONTRIBUTORS), place, Payee.CONTRIBUTORS),
        )
    loss, part = with_turn(loss, assessed_before(account_of(state, name), place, loss.round))
    postings = owed_less(state, place, debtor, name, part)
    after = with_loss(post(state, postings), place, loss)
    after = got_back(after, place, name, used=Atoms(0), lacked=Atoms(0), assessed=part)
    after = with_borne(after, place, debtor, Atoms(-part))
    return Accepted(after, (repaid_to(state, place, Payee.ASSESSED, debtor, name, part), Posted(postings)))


def repay_contributor(state: State, _: RepayContributor) -> Accepted[State]:
    """One member gets back its share of the used contributions: into the fund, up to the replenishment due.

    The rest it gets in cash, for it has replenished that already.  A member in default gets all of it in cash.
    Members share pro rata to the used contributions that each has not got back.  When no member is left to repay, the
    recovery comes to skin in the game.

    Rule: CL-REC-6, CL-REC-8 … CL-REC-10.  Rounding: the floor of running sums.
    """
    place, loss, debtor = at_work(state)
    name = state.accounts.first(anyone, was_used, place, loss.round)
    if name is None:
        return Accepted(onward(state, place, loss.left, Payee.SKIN))
    account = account_of(state, name)
    loss, part = with_turn(loss, used_before(account, place, loss.round))
    lacked = lacked_of(account, place, part)
    postings = (
        *into_fund(state, place, debtor, name, lacked),
        Posting(book(state.parameters, Line.CASH, place), Atoms(part - lacked), debtor, name),
    )
    after = with_loss(post(state, postings), place, loss)
    after = got_back(after, place, name, used=part, lacked=lacked, assessed=Atoms(0))
    after = with_borne(after, place, debtor, Atoms(-part))
    return Accepted(after, (repaid_to(state, place, Payee.CONTRIBUTORS, debtor, name, part), Posted(postings)))


@measure
def lacked_of(account: Account, currency: int, part: int) -> Atoms:
    """How much of `part` goes into the fund: up to the replenishment due, and 0 for an account in default."""
    return Atoms(0 if account.defaulted else min(part, account.holdings.money[currency].to_replenish))


def got_back(state: State, place: int, name: AccountId, used: Atoms, lacked: Atoms, assessed: Atoms) -> State:
    """Record a repayment: less `used` or `assessed`, less replenishment due by `lacked`, and the turn is over."""
    account = account_of(state, name)
    money = account.holdings.money[place]
    money = evolve(
        money,
        used=Atoms(money.used - used),
        to_replenish=Atoms(money.to_replenish - lacked),
        assessed=Atoms(money.assessed - assessed),
        round=state.losses[place].round,
    )
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(name, account))


def repay_skin(state: State, _: RepaySkin) -> Accepted[State]:
    """Repay the central counterparty's skin in the game.  Nothing is left of the recovery.

    Rule: CL-REC-5.
    """
    place, loss, debtor = at_work(state)
    part = Atoms(min(loss.left, state.central.own.money[place].used))
    postings = into_fund(state, place, debtor, SystemAccount.OWN, part)
    after = noted(post(state, postings), place, skin=Atoms(-part), equity=Atoms(0))
    after = with_borne(after, place, debtor, Atoms(-part))
    event = repaid_to(state, place, Payee.SKIN, debtor, SystemAccount.OWN, part)
    return Accepted(onward(after, place, 0, Payee.NOBODY), (event, Posted(postings)))
