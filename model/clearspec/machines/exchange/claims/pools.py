"""The pools: never overdrawn, and able to answer for all claims."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.loans import assets_of, claimed, claimed_at, owed, owed_at, residue
from clearspec.machines.exchange.state.parameters import interest_kept
from clearspec.machines.exchange.state.types import Account, State
from clearspec.mechanisms.lending import INDEX_SCALE


@claim(
    "EX-POOL-1",
    "The pool never holds less than nothing, no claim and no debt is negative, and none has grown beyond its index.",
    title="pools and loans are never negative",
    kind=Kind.STATE,
    source="rules §6",
)
def loans_are_in_order(state: State) -> bool:
    return (
        state.accounts.every(lambda _, account: all(loan_in_order(state, account, i) for i in assets_of(state)))
        and all(state.venue.fees.loans[i].lent >= 0 and state.venue.pool.balances[i] >= 0 for i in assets_of(state))
        and all(pool.lent >= 0 and pool.borrowed >= 0 for pool in state.pools)
    )


@measure
def loan_in_order(state: State, account: Account, asset: int) -> bool:
    """Are claim and debt not negative, and have they grown no further than the pool's indices?"""
    loan, pool = account.holdings.loans[asset], state.pools[asset]
    return (
        loan.lent >= 0
        and loan.borrowed >= 0
        and 0 <= loan.lent_at <= pool.lent
        and 0 <= loan.borrowed_at <= pool.borrowed
    )


@claim(
    "EX-POOL-2",
    "The pool's cash and debts cover all claims of lenders. Interest still to be charged, less the venue's share, and"
    " interest still to be earned are counted.",
    title="the pool covers all claims",
    kind=Kind.STATE,
    source="rules §6: claims never exceed cash and debt",
    prevents="Hundred: a pool that rounding empties",
)
def the_pool_covers_all_claims(state: State) -> bool:
    return all(
        RATE_SCALE * INDEX_SCALE * residue(state, asset)
        + (RATE_SCALE - interest_kept(state.parameters.assets[asset]))
        * (state.pools[asset].borrowed * state.accounts.total(owed, asset) - state.accounts.total(owed_at, asset))
        - RATE_SCALE
        * (state.pools[asset].lent * state.accounts.total(claimed, asset) - state.accounts.total(claimed_at, asset))
        >= 0
        for asset in assets_of(state)
    )
