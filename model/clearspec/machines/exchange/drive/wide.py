"""Worlds of more assets and markets: what can be told apart only where there are several to choose from.

With one asset to sell, the largest collateral is the smallest too; with one perpetual market, an account with a gain in
it that has lost more elsewhere does not exist.
"""

from typing import Any

from attrs import evolve

from clearspec.core.machine import Scope
from clearspec.core.quantities import Atoms, Lots, Millis, Price
from clearspec.core.table import Table
from clearspec.machines.exchange.state.commands import Advance, PlaceOrder
from clearspec.machines.exchange.state.parameters import AssetId, MarketId, Parameters
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Holdings,
    MarketState,
    OrderId,
    Quote,
    SelfTrade,
    Side,
    SourceId,
    State,
    TimeInForce,
    Wallet,
    empty,
    put_at,
    start,
)

ETH, ETH_SPOT, ETH_PERP = AssetId("ETH"), MarketId("ETH-USDC"), MarketId("ETH-PERP")
BTC, BTC_SPOT = AssetId("BTC"), MarketId("BTC-USDC")

MARK = 10


def larger(parameters: Parameters) -> Parameters:
    """A second asset that can be sold, and a second perpetual market.  Requires: there is one of each, listed last."""
    spot, perpetual = parameters.markets
    return evolve(
        parameters,
        assets=(*parameters.assets, evolve(parameters.assets[1], id=ETH, priced_by=2)),
        markets=(
            *parameters.markets,
            evolve(spot, id=ETH_SPOT, base=2, lot=Atoms(max(spot.lot * 2 // 3, 1))),
            evolve(perpetual, id=ETH_PERP, base=2),
        ),
    )


def wide(parameters: Parameters) -> Parameters:
    """A third asset that can be sold as well.  Requires: what `larger` does."""
    more = larger(parameters)
    spot = parameters.markets[0]
    return evolve(
        more,
        assets=(*more.assets, evolve(parameters.assets[1], id=BTC, priced_by=4)),
        markets=(*more.markets, evolve(spot, id=BTC_SPOT, base=3, lot=Atoms(max(spot.lot // 3, 1)))),
    )


def in_trouble(parameters: Parameters) -> State:
    """A venue in which one owes 20 and has three assets to sell for it, and one long 3 is to be closed without equity.

    Of the two that are short against it, both in profit, one has lost far more than that in the other perpetual market.
    Requires: parameters made by `wide`; places 1 and 3 are the perpetual markets.
    """
    world, nothing = start(parameters), empty(parameters)

    def has(*balances: int, **positions: tuple[int, int, int]) -> Holdings:
        held = nothing.positions
        for name, (size, cost, unsettled) in positions.items():
            place = 1 if name == "first" else 3
            held = put_at(
                held,
                place,
                evolve(held[place], size=Lots(size), cost=Atoms(cost), unsettled=Atoms(unsettled)),
            )
        return evolve(nothing, balances=tuple(Atoms(each) for each in balances), positions=held)

    rows = {
        "a": has(0, 9, 8, 5, first=(0, 0, -20)),
        "b": has(60, 0, 0, 0, first=(0, 0, 20), second=(0, 0, 40)),
        "l": has(0, 0, 0, 0, first=(3, 45, 0)),
        "s": has(0, 0, 0, 0, first=(-1, -15, 0)),
        "t": has(0, 0, 0, 0, first=(-2, -30, 0), second=(0, 0, -40)),
    }
    came_in = [sum(row.balances[asset] for row in rows.values()) for asset in range(len(parameters.assets))]
    custody = evolve(nothing, balances=tuple(Atoms(-each) for each in came_in))
    return evolve(
        world,
        accounts=Table(
            {
                AccountId(name): Account(parameters.tiers[0].id, 5, False, False, False, 0, 0, 0, held)
                for name, held in rows.items()
            }
        ),
        quotes=Table(
            {SourceId(f"{market.id}-1"): Quote(market.id, Price(MARK), Millis(0)) for market in parameters.markets}
        ),
        markets=(MarketState(Price(MARK), True, 0, 0, 0, 0, Atoms(0)),) * len(parameters.markets),
        wallets=tuple(Wallet(Atoms(each), Atoms(0)) for each in came_in),
        venue=evolve(world.venue, custody=custody),
    )


def trouble(parameters: Parameters) -> Scope:
    """Bids for what the account that owes has, and the clock: rounds of settlement and loops of liquidation."""
    values: dict[Any, tuple[Any, ...]] = {
        "PlaceOrder.account": (AccountId("b"),),
        OrderId: tuple(OrderId(name) for name in "12"),
        MarketId: (MarketId("SOL-USDC"), ETH_SPOT, BTC_SPOT),
        "PlaceOrder.side": (Side.BUY,),
        "PlaceOrder.price": (Price(9), Price(10)),
        "PlaceOrder.size": (Lots(2),),
        "PlaceOrder.time_in_force": (TimeInForce.GOOD_TILL_CANCELLED,),
        "PlaceOrder.reduce_only": (False,),
        "PlaceOrder.self_trade": (SelfTrade.REJECT_TAKER,),
        "Advance.now": (Millis(1_000), Millis(10_000), Millis(20_000)),
        "Advance.coins": (0,),
    }
    return Scope(initial=in_trouble(parameters), values=values, commands=(PlaceOrder, Advance))
