"""The settlement loop: every ten seconds those who realised losses pay them, then those who are owed gains are paid."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.rules.loans import lent, repaid
from clearspec.machines.exchange.rules.margin import Gains, free_balances, meets_initial
from clearspec.machines.exchange.rules.marks import all_marks_valid
from clearspec.machines.exchange.rules.pools import borrowable, redeemable
from clearspec.machines.exchange.state.commands import BorrowToSettle, Collect, PayOut
from clearspec.machines.exchange.state.events import GainSettled, LossSettled
from clearspec.machines.exchange.state.parameters import QUOTE, perpetuals
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Line,
    Payout,
    Stage,
    State,
    SystemAccount,
    Turn,
    account_of,
    anyone,
    book,
)
from clearspec.mechanisms.pro_rata import allotted


def unsettled(account: Account) -> Atoms:
    """What the account has realised and not been paid, over all markets; negative if it owes.  Units: quote atoms."""
    return Atoms(sum(position.unsettled for position in account.holdings.positions))


def owes(account: Account, this: int) -> bool:
    """Does the account owe, and has it not had its turn in this round?"""
    return account.turn != this and unsettled(account) < 0


def waits(account: Account, this: int) -> bool:
    """Is the account owed something, or nothing in sum but not in each market, and has it not had its turn?"""
    owed = unsettled(account)
    to_net = owed == 0 and any(position.unsettled != 0 for position in account.holdings.positions)
    return account.turn != this and (owed > 0 or to_net)


def waited_for(account: Account, this: int) -> Atoms:
    """What the account is owed, if it has not had its turn in this round."""
    return Atoms(max(unsettled(account), 0) if account.turn != this else 0)


def collect(state: State, _: Collect) -> Accepted[State]:
    """One account that owes pays what it can at once; when none is left, the turn of those who are owed comes.

    Rule: EX-STL-2.  First its free quote balance, then what it has lent of the quote asset, if the pool can pay.
    """
    turn = state.collecting
    account = state.accounts.first(anyone, owes, state.round) if turn is None else turn.account
    if account is None:
        claims = Atoms(state.accounts.total(waited_for, state.round))
        cash = state.venue.clearing.balances[QUOTE]
        payout = Payout(amount=Atoms(min(cash, claims)), claims=claims, served=Atoms(0), paid=Atoms(0))
        return Accepted(evolve(state, payout=payout))
    row = account_of(state, account)
    need = max(-unsettled(row), 0)
    balance = min(need, free_balances(state, account, row.holdings)[QUOTE])
    redeemed = min(need - balance, row.holdings.loans[QUOTE].lent, redeemable(state, QUOTE))
    first = lent(state, QUOTE, account, -redeemed)
    paid = settled(first.state, account, balance + redeemed)
    event = LossSettled(account, Atoms(balance), Atoms(redeemed), Atoms(0))
    if turn is None:
        turn = Turn(account, Stage.COLLECT, None, False, (False,) * len(state.parameters.assets))
    then = evolve(turn, stage=Stage.BORROW if turn.sale is None else Stage.OFFER, sale=None)
    return Accepted(next_asked(paid.state, then), (event, *first.events, *paid.events))


def borrow_to_settle(state: State, _: BorrowToSettle) -> Accepted[State]:
    """The account whose turn it is borrows what it still owes, as far as the pool and its margin allow.

    Rule: EX-STL-3.  Only if the account allows it, while risk may be taken and every mark is valid; and only if it
    meets initial margin with the debt, else nothing.
    """
    assert state.collecting is not None, "BorrowToSettle is due only in the turn of an account"
    turn = evolve(state.collecting, stage=Stage.OFFER)
    row = account_of(state, turn.account)
    allowed = row.auto_borrow and state.risk_taking and all_marks_valid(state)
    amount = min(max(-unsettled(row), 0), borrowable(state, QUOTE)) if allowed else 0
    borrowed = repaid(state, QUOTE, turn.account, -amount)
    paid = settled(borrowed.state, turn.account, amount)
    if amount == 0 or not meets_initial(paid.state, turn.account, Gains.CAPPED):
        return Accepted(evolve(state, collecting=turn))
    event = LossSettled(turn.account, Atoms(0), Atoms(0), Atoms(amount))
    return Accepted(next_asked(paid.state, turn), (event, *borrowed.events, *paid.events))


def next_asked(state: State, turn: Turn) -> State:
    """The state in which the account is asked next what the turn says; or its turn is over if it owes nothing more."""
    if unsettled(account_of(state, turn.account)) >= 0:
        return turn_over(state, turn.account)
    return evolve(state, collecting=turn)


def settled(state: State, account: AccountId, amount: int) -> Accepted[State]:
    """The account pays so much of what it owes to clearing; a negative amount is paid to it of what it is owed.

    Rule: EX-STL-5.  Its gains in some markets settle its losses in others too, so that nothing is left in any market
    when nothing is left in sum; what is left stays in the markets that are listed last.
    Requires: the account owes, or is owed, at least so much in sum.
    """
    row = account_of(state, account)
    left, moved = unsettled(row) + amount, amount != 0
    postings: tuple[Posting, ...] = (
        Posting(book(state.parameters, Line.BALANCE, QUOTE), Atoms(amount), account, SystemAccount.CLEARING),
    )
    for place in reversed(perpetuals(state.parameters)):
        had = row.holdings.positions[place].unsettled
        rest = min(max(had, 0), left) if left > 0 else max(min(had, 0), left)
        postings = (
            *postings,
            Posting(book(state.parameters, Line.UNSETTLED, place), Atoms(rest - had), SystemAccount.CLEARING, account),
        )
        left, moved = left - rest, moved or rest != had
    return Accepted(evolve(post(state, postings), quiet=state.quiet and not moved), (Posted(postings),))


def turn_over(state: State, account: AccountId) -> State:
    """The state with the account's turn in this round over."""
    row = evolve(account_of(state, account), turn=state.round)
    return evolve(state, accounts=state.accounts.put(account, row), collecting=None)


def pay_out(state: State, _: PayOut) -> Accepted[State]:
    """One account that is owed gets its share; when none is left, the venue is paid, and the round is over.

    Rule: EX-STL-4.  If there is not enough for all, it is shared pro rata, by the floor of running sums; the rest stays
    owed.  The fund and the fees come last: only out of what no client is owed.
    Requires: the turn of those who are owed has come.
    """
    assert state.payout is not None, "PayOut is due only after all who owe were asked"
    payout = state.payout
    account = state.accounts.first(anyone, waits, state.round)
    if account is None:
        return venue_paid(state)
    served = Atoms(payout.served + unsettled(account_of(state, account)))
    paid = Atoms(allotted(payout.amount, served, payout.claims))
    share = Atoms(paid - payout.paid)
    given = settled(state, account, -share)
    after = evolve(turn_over(given.state, account), payout=evolve(payout, served=served, paid=paid))
    return Accepted(after, (GainSettled(account, share), *given.events))


def venue_paid(state: State) -> Accepted[State]:
    """The fund and then the fees are paid, as far as no client is owed what is left, and the round is over."""
    assert state.payout is not None, "there is a round"
    left = state.venue.clearing.balances[QUOTE] if state.payout.amount == state.payout.claims else 0
    postings: tuple[Posting, ...] = ()
    for own, holdings in ((SystemAccount.FUND, state.venue.fund), (SystemAccount.FEES, state.venue.fees)):
        for place in perpetuals(state.parameters):
            part = Atoms(min(max(holdings.positions[place].unsettled, 0), left))
            postings = (
                *postings,
                Posting(book(state.parameters, Line.BALANCE, QUOTE), part, SystemAccount.CLEARING, own),
                Posting(book(state.parameters, Line.UNSETTLED, place), part, own, SystemAccount.CLEARING),
            )
            left -= part
    return Accepted(evolve(post(state, postings), payout=None, settlement_due=False), (Posted(postings),))
