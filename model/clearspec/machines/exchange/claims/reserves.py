"""Proof of reserves: what lies on chain and is owed to the venue is what the venue owes."""

from clearspec.core.claims import Kind, claim
from clearspec.machines.exchange.claims.ledger import balance
from clearspec.machines.exchange.claims.loans import claimed, owed, residue
from clearspec.machines.exchange.state.types import State


@claim(
    "EX-RES-1",
    "Per asset, coins on chain, client debts and bad debt equal client balances and claims, pending withdrawals and"
    " the venue's own. The venue's own includes what the pool has beyond all claims.",
    title="reserves and debts are what is owed",
    kind=Kind.STATE,
    source="rules §2; Proof of reserves",
    prevents="FTX: eight billion owed to clients against nothing on chain",
)
def reserves_and_debts_are_what_is_owed(state: State) -> bool:
    return all(
        state.wallets[asset].hot
        + state.wallets[asset].cold
        + state.accounts.total(owed, asset)
        + state.venue.bad_debt.loans[asset].borrowed
        == state.accounts.total(balance, asset)
        + state.accounts.total(claimed, asset)
        + state.venue.withdrawals.balances[asset]
        + state.venue.fees.balances[asset]
        + state.venue.funding.balances[asset]
        + state.venue.clearing.balances[asset]
        + state.venue.fund.balances[asset]
        + state.venue.bad_debt.balances[asset]
        + state.venue.fees.loans[asset].lent
        + residue(state, asset)
        for asset in range(len(state.parameters.assets))
    )
