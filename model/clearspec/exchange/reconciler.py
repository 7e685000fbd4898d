"""The settlement loop: every ten seconds those who realised losses pay them, then those who are owed gains are paid."""

from attrs import evolve

from clearspec.exchange.commands import Collect, PayOut
from clearspec.exchange.conversion import for_sale
from clearspec.exchange.events import GainSettled, LossSettled
from clearspec.exchange.loans import lent, repaid
from clearspec.exchange.margin import Gains, free_balances, meets_initial
from clearspec.exchange.marks import all_marks_valid
from clearspec.exchange.parameters import QUOTE, perpetuals
from clearspec.exchange.pools import borrowable, redeemable
from clearspec.exchange.state import Account, AccountId, Line, Payout, State, SystemAccount, account_of, book
from clearspec.ledger import Posted, Posting, post
from clearspec.machine import Accepted
from clearspec.mechanisms.pro_rata import allotted
from clearspec.quantities import Atoms


def unsettled(account: Account) -> Atoms:
    """What the account has realised and not been paid, over all markets; negative if it owes.  Units: quote atoms."""
    return Atoms(sum(position.unsettled for position in account.holdings.positions))


def owes(account: Account, this: int) -> bool:
    """Does the account owe, and has it not had its turn in this round?"""
    return account.turn != this and unsettled(account) < 0


def waits(account: Account, this: int) -> bool:
    """Is the account owed something, and has it not had its turn in this round?"""
    return account.turn != this and unsettled(account) > 0


def waited_for(account: Account, this: int) -> Atoms:
    """What the account is owed, if it has not had its turn in this round."""
    return Atoms(max(unsettled(account), 0) if account.turn != this else 0)


def anyone(_: Account, *__: int) -> tuple[int]:
    """No account before another."""
    return (0,)


def collect(state: State, _: Collect) -> Accepted[State]:
    """One account that owes pays what it can; when none is left, the turn of those who are owed comes.

    Rule: EX-STL-2.  In this order: free quote balance, quote lent to the pool, quote borrowed from it if the account
    allows it, and collateral sold for quote, the largest first; what then is still owed waits for the next round.
    """
    selling = state.conversion
    account = state.accounts.first(anyone, owes, state.round) if selling is None else selling.account
    if account is None:
        claims = Atoms(state.accounts.total(waited_for, state.round))
        cash = state.venue.clearing.balances[QUOTE]
        payout = Payout(amount=Atoms(min(cash, claims)), claims=claims, served=Atoms(0), paid=Atoms(0))
        return Accepted(evolve(state, payout=payout))
    paid = paid_in(state, account)
    sale = for_sale(paid.state, account, -unsettled(account_of(paid.state, account)))
    after = evolve(paid.state, conversion=sale)
    return Accepted(after if sale is not None else had_turn(after, account), paid.events)


def paid_in(state: State, account: AccountId) -> Accepted[State]:
    """The account pays what it owes out of balance, claims on the pool and a loan, as far as these reach."""
    row = account_of(state, account)
    need = max(-unsettled(row), 0)
    balance = min(need, free_balances(state, account, row.holdings)[QUOTE])
    redeemed = min(need - balance, row.holdings.loans[QUOTE].lent, redeemable(state, QUOTE))
    first = lent(state, QUOTE, account, -redeemed)
    without = settled(first.state, account, balance + redeemed)
    borrowed = min(need - balance - redeemed, borrowable(first.state, QUOTE)) if may_borrow(state, row) else 0
    if borrowed > 0:
        then = repaid(first.state, QUOTE, account, -borrowed)
        with_loan = settled(then.state, account, balance + redeemed + borrowed)
        if meets_initial(with_loan.state, account, Gains.CAPPED):
            event = LossSettled(account, Atoms(balance), Atoms(redeemed), Atoms(borrowed))
            return Accepted(with_loan.state, (event, *first.events, *then.events, *with_loan.events))
    event = LossSettled(account, Atoms(balance), Atoms(redeemed), Atoms(0))
    return Accepted(without.state, (event, *first.events, *without.events))


def may_borrow(state: State, account: Account) -> bool:
    """May the loop borrow for the account: does it allow it, and may risk be taken?"""
    return account.auto_borrow and state.risk_taking and all_marks_valid(state)


def settled(state: State, account: AccountId, amount: int) -> Accepted[State]:
    """The account pays so much of what it owes to clearing; a negative amount is paid to it of what it is owed.

    Rule: EX-STL-1.  Markets are settled in the order in which they are listed.
    Requires: the account owes, or is owed, at least so much in sum.
    """
    left = amount
    postings: tuple[Posting, ...] = (
        Posting(book(state.parameters, Line.BALANCE, QUOTE), Atoms(amount), account, SystemAccount.CLEARING),
    )
    for place in perpetuals(state.parameters):
        unpaid = -account_of(state, account).holdings.positions[place].unsettled
        part = min(max(unpaid, 0), left) if amount > 0 else max(min(unpaid, 0), left)
        postings = (
            *postings,
            Posting(book(state.parameters, Line.UNSETTLED, place), Atoms(part), SystemAccount.CLEARING, account),
        )
        left -= part
    after = post(state, postings)
    return Accepted(evolve(after, quiet=state.quiet and amount == 0), (Posted(postings),))


def had_turn(state: State, account: AccountId) -> State:
    """The state with the account's turn in this round over."""
    row = evolve(account_of(state, account), turn=state.round)
    return evolve(state, accounts=state.accounts.put(account, row))


def pay_out(state: State, _: PayOut) -> Accepted[State]:
    """One account that is owed gets its share; when none is left, the venue is paid its fees, and the round is over.

    Rule: EX-STL-3.  If there is not enough for all, it is shared pro rata, by the floor of running sums; the rest stays
    owed.  Fees come last: only out of what no client is owed.
    Requires: the turn of those who are owed has come.
    """
    assert state.payout is not None, "PayOut is due only after all who owe were asked"
    payout = state.payout
    account = state.accounts.first(anyone, waits, state.round)
    if account is None:
        return fees_paid(state)
    served = Atoms(payout.served + unsettled(account_of(state, account)))
    paid = Atoms(allotted(payout.amount, served, payout.claims))
    share = Atoms(paid - payout.paid)
    given = settled(state, account, -share)
    after = evolve(had_turn(given.state, account), payout=evolve(payout, served=served, paid=paid))
    return Accepted(after, (GainSettled(account, share), *given.events))


def fees_paid(state: State) -> Accepted[State]:
    """The venue's fees on perpetual trades are paid, as far as no client is owed what is left; the round is over."""
    assert state.payout is not None, "there is a round"
    left = state.venue.clearing.balances[QUOTE] if state.payout.amount == state.payout.claims else 0
    postings: tuple[Posting, ...] = ()
    for place in perpetuals(state.parameters):
        part = Atoms(min(max(state.venue.fees.positions[place].unsettled, 0), left))
        postings = (
            *postings,
            Posting(book(state.parameters, Line.BALANCE, QUOTE), part, SystemAccount.CLEARING, SystemAccount.FEES),
            Posting(book(state.parameters, Line.UNSETTLED, place), part, SystemAccount.FEES, SystemAccount.CLEARING),
        )
        left -= part
    return Accepted(evolve(post(state, postings), payout=None, settlement_due=False), (Posted(postings),))
