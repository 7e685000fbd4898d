"""Interest: how the indices of a pool grow, and what an hour adds to debts, claims and the share of the venue."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.exchange.drive.worlds import DEFAULT
from clearspec.machines.exchange.state.commands import AccrueInterest, Tick
from clearspec.machines.exchange.state.events import InterestAccrued
from clearspec.machines.exchange.state.parameters import HOUR, Asset, interest_kept
from clearspec.machines.exchange.state.types import Account, Loan, State
from clearspec.mechanisms.lending import INDEX_SCALE, borrow_growth, lend_growth


def claimed(account: Account, asset: int) -> int:
    """What the account has lent of an asset."""
    return account.holdings.loans[asset].lent


def owed(account: Account, asset: int) -> int:
    """What the account has borrowed of an asset."""
    return account.holdings.loans[asset].borrowed


def claimed_at(account: Account, asset: int) -> int:
    """What it has lent, times the index up to which that has grown."""
    loan = account.holdings.loans[asset]
    return loan.lent * loan.lent_at


def owed_at(account: Account, asset: int) -> int:
    """What it has borrowed, times the index up to which that has grown."""
    loan = account.holdings.loans[asset]
    return loan.borrowed * loan.borrowed_at


def assets_of(state: State) -> range:
    """The places of all assets."""
    return range(len(state.parameters.assets))


def residue(state: State, asset: int) -> int:
    """What the pool has beyond all claims: its cash and what it is owed, less what it owes."""
    pool = state.venue.pool
    return pool.balances[asset] - pool.loans[asset].borrowed + pool.loans[asset].lent


@claim(
    "EX-INT-1",
    "Only at the end of an hour do a pool's indices grow. Borrowers pay the yearly rate at the old utilisation over"
    " 8,760, rounded up. Lenders earn that less the venue's share, pro rata, rounded down.",
    title="indices grow at the hour",
    kind=Kind.STEP,
    source="Settlement & Clearing, Interest Settlement; rules §6",
)
def indices_grow_at_the_hour(before: State, beat: object, after: Accepted[State]) -> bool:
    ended = isinstance(beat, Tick) and after.state.now % HOUR == 0
    return all(grown_as_it_should(before, after.state, asset, ended) for asset in assets_of(before))


@measure
def grown_as_it_should(before: State, after: State, asset: int, ended: bool) -> bool:
    """Did the indices of one pool grow by an hour's interest, or not at all?"""
    was, now, parameters = before.pools[asset], after.pools[asset], before.parameters.assets[asset]
    debt, claims = before.accounts.total(owed, asset), before.accounts.total(claimed, asset)
    if not ended or debt <= 0 or claims <= 0:
        return now.lent == was.lent and now.borrowed == was.borrowed
    growth = borrow_growth(parameters.lending, debt, claims)
    earned = lend_growth(growth, interest_kept(parameters), debt, claims)
    return now.borrowed - was.borrowed == growth and now.lent - was.lent == earned


@claim(
    "EX-INT-2",
    "Interest is due from the end of an hour until every debt and claim has grown to its pool's index. Until then"
    " nothing else is done.",
    title="loans have grown unless interest is due",
    kind=Kind.STATE,
    prevents="a debt repaid before it has grown, or a claim redeemed at yesterday's value",
)
def loans_have_grown_unless_interest_is_due(state: State) -> bool:
    return state.interest_due or state.accounts.every(
        lambda _, account: all(has_grown(state, account.holdings.loans[i], i) for i in assets_of(state))
    )


@measure
def has_grown(state: State, loan: Loan, asset: int) -> bool:
    """Have claim and debt grown up to the pool's indices?"""
    pool = state.pools[asset]
    return (loan.lent == 0 or loan.lent_at == pool.lent) and (loan.borrowed == 0 or loan.borrowed_at == pool.borrowed)


@claim(
    "EX-INT-3",
    "An account's debt grows by the ceiling of debt times index, and its claim by the floor of claim times index. The"
    " venue gets the floor of its share, and the pool keeps the rest.",
    title="interest is rounded for the pool",
    kind=Kind.STEP,
    on=(AccrueInterest,),
    source="rules §6: borrower ceiling, lender floor, fee floor, residue to the pool",
)
def interest_is_rounded_for_the_pool(before: State, beat: AccrueInterest, after: Accepted[State]) -> bool:
    for event in after.events:
        if isinstance(event, InterestAccrued):
            was, now = before.accounts.get(event.account), after.state.accounts.get(event.account)
            if was is None or now is None:
                return False
            grown = all(nothing_grows(before, was, asset) for asset in assets_of(before))
            return not grown and all(
                accrued_as_it_should(before, after.state, was, now, asset) for asset in assets_of(before)
            )
    return all(residue(after.state, asset) == residue(before, asset) for asset in assets_of(before))


@measure
def nothing_grows(before: State, account: Account, asset: int) -> bool:
    """Is there no claim and no debt of that asset that is behind its index?"""
    loan, pool = account.holdings.loans[asset], before.pools[asset]
    return (loan.lent == 0 or loan.lent_at == pool.lent) and (loan.borrowed == 0 or loan.borrowed_at == pool.borrowed)


@measure
def accrued_as_it_should(before: State, after: State, was: Account, now: Account, asset: int) -> bool:
    """Did one loan and the venue's share grow by exactly what is due, and does the loan stand at the index?"""
    old, new, pool = was.holdings.loans[asset], now.holdings.loans[asset], before.pools[asset]
    charged, earned = new.borrowed - old.borrowed, new.lent - old.lent
    share = after.venue.fees.loans[asset].lent - before.venue.fees.loans[asset].lent
    due, kept = old.borrowed * (pool.borrowed - old.borrowed_at), interest_kept(before.parameters.assets[asset])
    return (
        charged == -(-due // INDEX_SCALE)
        and earned == old.lent * (pool.lent - old.lent_at) // INDEX_SCALE
        and share == charged * kept // RATE_SCALE
        and new.lent_at == pool.lent
        and new.borrowed_at == pool.borrowed
        and now.holdings.balances[asset] == was.holdings.balances[asset]
    )


def share_arguments(choices: Choices) -> tuple[Any, ...]:
    """An asset with some fee on interest, part of which goes back."""
    shares = [choices.integer(0, choices.pick((9, RATE_SCALE))) for _ in range(2)]
    return (evolve(DEFAULT.assets[0], interest_fee=Rate(shares[0]), fee_returned=Rate(shares[1])),)


@claim(
    "EX-INT-4",
    "The venue keeps its fee on interest less the part that it returns, rounded up once.",
    title="the venue's share of interest",
    kind=Kind.LAW,
    source="Settlement & Clearing, Interest Settlement: redistribute exchange fee yield; rules §6",
    sample=share_arguments,
)
def the_share_is_the_fee_less_what_is_returned(asset: Asset) -> bool:
    exact = asset.interest_fee * (RATE_SCALE - asset.fee_returned)
    return (interest_kept(asset) - 1) * RATE_SCALE < exact <= interest_kept(asset) * RATE_SCALE
