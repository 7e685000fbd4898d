"""Proof of reserves: what the venue owes each client, what it holds on chain and is owed, and what is missing.

A loan is counted once on each side.  What a client borrowed stands in a balance, his own or somebody else's, or has
left; what he owes is an asset of the venue, never a negative balance.  So it is that, per asset (EX-RES-1),

    hot + cold + debts = balances + claims + pending withdrawals + the venue's own

Gains of positions, realised or not, are not among them: what one client is to receive another one is to pay.
"""

from collections.abc import Callable

from clearspec.core.machine import Rejected
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.formulas.custody import unpaid
from clearspec.machines.exchange.rules.loans import debts_of_clients
from clearspec.machines.exchange.state.types import Account, AccountId, State
from clearspec.mechanisms.liabilities import Leaf, Tree, build, shortfall

PerAsset = tuple[Atoms, ...]

Salt = Callable[[AccountId], bytes]
"""The salt of each client's leaf: drawn elsewhere, in secret, anew each time."""


def owed_to(state: State, client: AccountId, account: Account) -> PerAsset:
    """What the client is owed: balances, claims on the pools, and withdrawals that wait; his debts are not netted.

    Units: atoms of each asset.
    """
    return tuple(
        Atoms(
            account.holdings.balances[place]
            + account.holdings.loans[place].lent
            + state.withdrawals.total(unpaid, owner=client, asset=asset.id)
        )
        for place, asset in enumerate(state.parameters.assets)
    )


def liabilities(state: State, salt: Salt) -> Tree | Rejected:
    """The tree of what every client is owed; its root is what the venue publishes.

    Rule: PR-1 … PR-4.  Rejects: as mechanisms.liabilities.build does, a negative balance among them.
    """
    return build(tuple(Leaf(key, salt(key), owed_to(state, key, account)) for key, account in state.accounts.rows()))


def on_chain(state: State) -> PerAsset:
    """What the wallets hold, hot and cold.  Units: atoms of each asset."""
    return tuple(Atoms(wallet.hot + wallet.cold) for wallet in state.wallets)


def owed_by_clients(state: State) -> PerAsset:
    """What clients owe the pools: an asset, worth what its collateral is worth.  Units: atoms of each asset."""
    return tuple(debts_of_clients(state, place) for place in range(len(state.parameters.assets)))


def not_on_chain(state: State, owed: PerAsset) -> PerAsset:
    """What could not be paid if all clients left at once: what is lent to those who took it away, and no more.

    Rule: PR-6.  Units: atoms of each asset.
    """
    return shortfall(owed, on_chain(state))


def missing(state: State, owed: PerAsset) -> PerAsset:
    """What neither lies on chain nor is owed by a client.  Under the rules it is nothing, in every asset.

    Rule: PR-6, EX-RES-1.  Units: atoms of each asset.
    """
    both = tuple(zip(on_chain(state), owed_by_clients(state), strict=True))
    return shortfall(owed, tuple(Atoms(held + due) for held, due in both))
