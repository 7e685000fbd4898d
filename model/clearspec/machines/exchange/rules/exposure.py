"""What the open orders of an account hold, and the worst position that they can lead to."""

from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.formulas.exposure import (
    Exposure,
    OpenLots,
    cash_held,
    fee_held,
    increasing_lots,
    loss_at,
    open_lots,
    reducing_lots,
    worst_lots,
)
from clearspec.machines.exchange.state.parameters import QUOTE, spots
from clearspec.machines.exchange.state.types import AccountId, Position, Side, State


def held(state: State, account: AccountId, asset: int) -> Atoms:
    """What the open spot orders of the account hold of one asset: bids hold cash, asks hold what they deliver.

    Rule: EX-HOLD-1.  Units: atoms of the asset.
    """
    amount = 0
    for place in spots(state.parameters):
        market = state.parameters.markets[place]
        if asset == QUOTE:
            amount += state.orders.total(cash_held, owner=account, market=market.id, side=Side.BUY)
        elif asset == market.base:
            lots = state.orders.total(open_lots, owner=account, market=market.id, side=Side.SELL)
            amount += lots * market.lot
    return Atoms(amount)


def exposure(state: State, account: AccountId, position: Position, place: int) -> Exposure:
    """The position with all open orders of the account in the perpetual market at that place."""
    market = state.parameters.markets[place].id
    mark = state.markets[place].mark
    orders = state.orders
    open_lots_here = OpenLots(
        bids=Lots(orders.total(increasing_lots, owner=account, market=market, side=Side.BUY)),
        asks=Lots(orders.total(increasing_lots, owner=account, market=market, side=Side.SELL)),
        reducing_bids=Lots(orders.total(reducing_lots, owner=account, market=market, side=Side.BUY)),
        reducing_asks=Lots(orders.total(reducing_lots, owner=account, market=market, side=Side.SELL)),
    )
    return Exposure(
        position=position,
        lots=worst_lots(position.size, open_lots_here),
        loss=Atoms(orders.total(loss_at, mark, owner=account, market=market)),
        fees=Atoms(orders.total(fee_held, owner=account, market=market)),
    )
