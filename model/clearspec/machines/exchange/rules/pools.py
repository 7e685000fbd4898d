"""How much may leave the pool of an asset, by redemption or as a new debt."""

from clearspec.machines.exchange.rules.loans import claims_of_clients, debts_of_clients
from clearspec.machines.exchange.state.types import State
from clearspec.mechanisms.lending import room_to_borrow, room_to_redeem


def redeemable(state: State, place: int) -> int:
    """What lenders may take out now: no more than the cash, and within the bound on utilisation.

    Rule: EX-LND-3.  Units: atoms of the asset.
    """
    bound = state.parameters.assets[place].utilisation_max
    room = room_to_redeem(debts_of_clients(state, place), claims_of_clients(state, place), bound)
    return min(state.venue.pool.balances[place], room)


def borrowable(state: State, place: int) -> int:
    """What may be borrowed now: no more than the cash, and within the bound on utilisation.

    Rule: EX-LND-3.  Units: atoms of the asset.
    """
    bound = state.parameters.assets[place].utilisation_max
    room = room_to_borrow(debts_of_clients(state, place), claims_of_clients(state, place), bound)
    return min(state.venue.pool.balances[place], room)
