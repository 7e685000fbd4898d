"""Loans to the pool and from it, as postings, and the beats that let them grow by interest."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE, Atoms, mul_div_floor
from clearspec.machines.exchange.formulas.loans import claim_of, debt_of, grows
from clearspec.machines.exchange.state.commands import AccrueInterest
from clearspec.machines.exchange.state.events import InterestAccrued
from clearspec.machines.exchange.state.parameters import interest_kept
from clearspec.machines.exchange.state.types import (
    AccountId,
    Line,
    Pool,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)
from clearspec.mechanisms.lending import bears_interest, borrow_growth, interest_charged, interest_earned, lend_growth


def lent(state: State, place: int, account: AccountId, amount: int) -> Accepted[State]:
    """Cash goes to the pool, a claim comes back; a negative amount is a redemption.  Rule: EX-LND-1."""
    return _loaned(state, place, account, amount, Line.LENT, amount)


def repaid(state: State, place: int, account: AccountId, amount: int) -> Accepted[State]:
    """Cash goes to the pool, and so much debt is gone; a negative amount is a borrowing.  Rule: EX-LND-2."""
    return _loaned(state, place, account, amount, Line.BORROWED, -amount)


def repaid_by_claim(state: State, place: int, account: AccountId, amount: int) -> Accepted[State]:
    """So much of what the account has lent is set off against what it has borrowed of the same asset.

    Rule: EX-LOOP-2.
    """
    postings = (
        Posting(book(state.parameters, Line.LENT, place), Atoms(amount), account, SystemAccount.POOL),
        Posting(book(state.parameters, Line.BORROWED, place), Atoms(amount), account, SystemAccount.POOL),
    )
    return Accepted(post(grown(state, place, account), postings), (Posted(postings),))


def _loaned(state: State, place: int, account: AccountId, cash: int, line: Line, more: int) -> Accepted[State]:
    postings = (
        Posting(book(state.parameters, Line.BALANCE, place), Atoms(cash), account, SystemAccount.POOL),
        Posting(book(state.parameters, line, place), Atoms(more), SystemAccount.POOL, account),
    )
    return Accepted(post(grown(state, place, account), postings), (Posted(postings),))


def grown(state: State, place: int, account: AccountId) -> State:
    """The state with the account's loan marked as grown up to now.  Requires: it has, or there is none."""
    row, pool = account_of(state, account), state.pools[place]
    loan = evolve(row.holdings.loans[place], lent_at=pool.lent, borrowed_at=pool.borrowed)
    holdings = evolve(row.holdings, loans=put_at(row.holdings.loans, place, loan))
    return evolve(state, accounts=state.accounts.put(account, evolve(row, holdings=holdings)))


def claims_of_clients(state: State, place: int) -> Atoms:
    """What the pool owes to clients who lent.  The venue's own claim, its share of interest, is not in it."""
    return Atoms(state.accounts.total(claim_of, place))


def debts_of_clients(state: State, place: int) -> Atoms:
    """What clients owe the pool."""
    return Atoms(state.accounts.total(debt_of, place))


def with_interest(state: State) -> State:
    """The state with an hour of interest added to the indices of every pool.

    Rule: EX-INT-1.  Utilisation is that of before.  Units: 1 / INDEX_SCALE.
    """
    pools = state.pools
    for place, asset in enumerate(state.parameters.assets):
        debt, claims = debts_of_clients(state, place), claims_of_clients(state, place)
        # A liquidation may redeem, or a loss take, the last claim while others still owe.
        if bears_interest(debt, claims):
            growth = borrow_growth(asset.lending, debt, claims)
            earned = lend_growth(growth, interest_kept(asset), debt, claims)
            pool = Pool(lent=pools[place].lent + earned, borrowed=pools[place].borrowed + growth)
            pools = put_at(pools, place, pool)
    return evolve(state, pools=pools)


def accrue_interest(state: State, _: AccrueInterest) -> Accepted[State]:
    """One account is charged interest on its debts and earns it on its claims; when none is left, none is due.

    Rule: EX-INT-2.  Rounding: the debt's ceiling, the claim's floor, the venue's share down; the pool keeps the rest.
    """
    indices = (*(pool.lent for pool in state.pools), *(pool.borrowed for pool in state.pools))
    account = state.accounts.first(anyone, grows, *indices)
    if account is None:
        return Accepted(evolve(state, interest_due=False))
    postings: tuple[Posting, ...] = ()
    for place, asset in enumerate(state.parameters.assets):
        loan, pool = account_of(state, account).holdings.loans[place], state.pools[place]
        charged = interest_charged(loan.borrowed, pool.borrowed - loan.borrowed_at)
        earned = interest_earned(loan.lent, pool.lent - loan.lent_at)
        kept = mul_div_floor(charged, interest_kept(asset), RATE_SCALE)
        claims, debts = book(state.parameters, Line.LENT, place), book(state.parameters, Line.BORROWED, place)
        postings = (
            *postings,
            Posting(debts, Atoms(charged), SystemAccount.POOL, account),
            Posting(claims, Atoms(earned), SystemAccount.POOL, account),
            Posting(claims, Atoms(kept), SystemAccount.POOL, SystemAccount.FEES),
        )
        state = grown(state, place, account)
    return Accepted(post(state, postings), (InterestAccrued(account), Posted(postings)))
