"""Cash at the end of the day: each debtor pays what it can, and creditors share what came in."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules.fails import cause_of
from clearspec.machines.clearing.state.commands import Collect, Pay
from clearspec.machines.clearing.state.events import CashCollected, CashPaid
from clearspec.machines.clearing.state.ids import AccountId
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
from clearspec.machines.clearing.state.work import Payout, Stage
from clearspec.mechanisms.pro_rata import allotted


def owes(account: Account, currency: int, today: int) -> bool:
    """Does the account owe cash, and has it not been asked today?"""
    money = account.holdings.money[currency]
    return money.payable < 0 and money.turn != today


def waits(account: Account, currency: int, today: int) -> bool:
    """Is the account owed cash, and has it not been paid today?"""
    money = account.holdings.money[currency]
    return money.payable > 0 and money.turn != today


def waited_for(account: Account, currency: int, today: int) -> Atoms:
    """What the account is owed, if it has not been paid today; else 0."""
    money = account.holdings.money[currency]
    return Atoms(max(money.payable, 0) if money.turn != today else 0)


def collect(state: State, _: Collect) -> Accepted[State]:
    """One account that owes cash pays as much as it has.

    Rule: CL-PAY-1.  When every debtor has been asked, creditors share what came in.
    """
    for place in range(len(state.parameters.currencies)):
        account = state.accounts.first(anyone, owes, place, state.today)
        if account is not None:
            money = account_of(state, account).holdings.money[place]
            amount = Atoms(min(-money.payable, money.held))
            event = CashCollected(account, state.parameters.currencies[place].id, amount)
            paid = settled(state, place, account, amount)
            return Accepted(paid.state, (event, *paid.events))
    payouts = tuple(payout_of(state, place) for place in range(len(state.parameters.currencies)))
    return Accepted(evolve(state, payouts=payouts, stage=Stage.PAYMENT))


def payout_of(state: State, place: int) -> Payout:
    """What came in of this currency for its creditors, and the sum of their claims."""
    claims = Atoms(state.accounts.total(waited_for, place, state.today))
    cash = state.central.ccp.money[place].held
    return Payout(amount=Atoms(min(cash, claims)), claims=claims, served=Atoms(0), paid=Atoms(0))


def pay(state: State, _: Pay) -> Accepted[State]:
    """One account that is owed cash is paid its share.

    If too little came in, creditors share it pro rata, and the rest stays payable.  When every creditor has been paid,
    undelivered units fail, each security for one cause.

    Rule: CL-PAY-2.  Rounding: the floor of running sums.
    """
    for place in range(len(state.parameters.currencies)):
        account = state.accounts.first(anyone, waits, place, state.today)
        if account is not None:
            payout = state.payouts[place]
            served = Atoms(payout.served + account_of(state, account).holdings.money[place].payable)
            paid = Atoms(allotted(payout.amount, served, payout.claims))
            share = Atoms(paid - payout.paid)
            event = CashPaid(account, state.parameters.currencies[place].id, share)
            given = settled(state, place, account, Atoms(-share))
            payouts = put_at(state.payouts, place, evolve(payout, served=served, paid=paid))
            return Accepted(evolve(given.state, payouts=payouts), (event, *given.events))
    causes = tuple(cause_of(state, place) for place in range(len(state.parameters.securities)))
    return Accepted(evolve(state, causes=causes, stage=Stage.FAILING))


def settled(state: State, place: int, account: AccountId, amount: Atoms) -> Accepted[State]:
    """The account pays `amount` of its payable, or is paid if `amount` is negative.  Its turn is over."""
    postings = (
        Posting(book(state.parameters, Line.CASH, place), amount, account, SystemAccount.CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), amount, SystemAccount.CCP, account),
    )
    after = post(state, postings)
    row = account_of(after, account)
    money = evolve(row.holdings.money[place], turn=state.today)
    row = evolve(row, holdings=evolve(row.holdings, money=put_at(row.holdings.money, place, money)))
    return Accepted(evolve(after, accounts=after.accounts.put(account, row)), (Posted(postings),))
