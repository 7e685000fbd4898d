"""The parameter sets that come with the model: one like a venue's, and small ones in which every edge is near."""

from attrs import evolve

from clearspec.core.machine import Scope
from clearspec.core.quantities import Atoms, Lots, Millis, Price, Rate
from clearspec.core.table import Table
from clearspec.machines.exchange.drive.wide import larger, trouble, wide
from clearspec.machines.exchange.state.commands import (
    CancelAll,
    CancelOrder,
    CancelWithdrawal,
    Deposit,
    MoveWallet,
    PlaceOrder,
    SendWithdrawal,
    Withdraw,
)
from clearspec.machines.exchange.state.parameters import (
    Asset,
    AssetId,
    Curve,
    Market,
    MarketId,
    MarketKind,
    Parameters,
    Tier,
    TierId,
)
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    MarketState,
    OrderId,
    Quote,
    SelfTrade,
    Side,
    SourceId,
    State,
    TimeInForce,
    Wallet,
    WithdrawalId,
    empty,
    start,
)
from clearspec.mechanisms.lending import RateCurve

USDC, SOL = AssetId("USDC"), AssetId("SOL")
SPOT, PERP = MarketId("SOL-USDC"), MarketId("SOL-PERP")
STANDARD, MARKET_MAKER = TierId("standard"), TierId("market-maker")


_LENDING = RateCurve(base=Rate(10_000), gentle=Rate(70_000), steep=Rate(900_000), kink=Rate(800_000))


def _asset(name: AssetId, decimals: int, priced_by: int | None, supply_max: int, weight: int, penalty: int) -> Asset:
    return Asset(
        id=name,
        decimals=decimals,
        priced_by=priced_by,
        supply_max=Atoms(supply_max),
        weight=Rate(weight),
        penalty=Rate(penalty),
        liability_weight=Rate(1_000_000 if priced_by is None else 1_050_000),
        debt_initial=Curve(Rate(20_000), Rate(10)),
        debt_maintenance=Curve(Rate(10_000), Rate(5)),
        lending=_LENDING,
        interest_fee=Rate(150_000),
        fee_returned=Rate(200_000),
        utilisation_max=Rate(950_000),
    )


def _tier(name: TierId, maker: int, taker: int) -> Tier:
    return Tier(id=name, maker=Rate(maker), taker=Rate(taker))


SPOT_MARKET = Market(
    id=SPOT,
    kind=MarketKind.SPOT,
    base=1,
    gains_cap=None,
    lot=Atoms(10_000_000),
    tick=Price(100),
    price_max=Price(1_000_000_000),
    size_max=Lots(1_000_000),
    open_max=Lots(10_000_000),
    notional_min=Atoms(1_000_000),
    notional_max=Atoms(1_000_000_000_000),
    protection=Rate(50_000),
    slippage=Rate(20_000),
    by_request=False,
    position_weight=Rate(1_000_000),
    liquidation_fee=Rate(5_000),
    slice=Rate(100_000),
    slice_min=Lots(1),
    initial=Curve(Rate(20_000), Rate(10)),
    maintenance=Curve(Rate(10_000), Rate(5)),
    funding_cap=Rate(500),
    funding_divisor=8,
)

DEFAULT = Parameters(
    assets=(
        _asset(USDC, 6, None, 10**18, weight=1_000_000, penalty=0),
        _asset(SOL, 9, 0, 10**18, weight=900_000, penalty=500),
    ),
    markets=(SPOT_MARKET, evolve(SPOT_MARKET, id=PERP, kind=MarketKind.PERPETUAL)),
    tiers=(_tier(STANDARD, maker=200, taker=600), _tier(MARKET_MAKER, maker=-100, taker=300)),
    usd=Atoms(1_000_000),
    leverage_max=50,
    exposure_max=Atoms(5_000_000_000_000),
    accounts_max=1_000_000,
    advance_max=Millis(86_400_000),
    sources_min=15,
    stale_after=Millis(60_000),
    outlier=Rate(50_000),
    auto_close=Rate(60_000),
    backstop_min=Atoms(1_000_000_000),
    answer_life=Millis(30_000),
)
"""Prices in USDC per 0.01 SOL: a mark of 150 dollars is 1,500,000 atoms per lot."""

_SMALL_SPOT = evolve(
    SPOT_MARKET,
    lot=Atoms(3),
    tick=Price(1),
    price_max=Price(60),
    size_max=Lots(9),
    open_max=Lots(14),
    notional_min=Atoms(5),
    notional_max=Atoms(250),
    protection=Rate(300_000),
    slippage=Rate(250_000),
    position_weight=Rate(1_300_000),
    liquidation_fee=Rate(90_000),
    slice=Rate(300_000),
    slice_min=Lots(2),
    initial=Curve(Rate(350_000), Rate(40_000)),
    maintenance=Curve(Rate(120_000), Rate(20_000)),
    funding_cap=Rate(200_000),
    funding_divisor=1,
)

_SMALL_LENDING = RateCurve(
    base=Rate(200_000_000), gentle=Rate(400_000_000), steep=Rate(3_000_000_000), kink=Rate(500_000)
)
"""Some percent an hour, so that an hour is felt in small numbers."""


def _small(asset: Asset) -> Asset:
    """The asset with loans in which every bound and every rounding is near."""
    return evolve(
        asset,
        lending=_SMALL_LENDING,
        utilisation_max=Rate(800_000),
        interest_fee=Rate(300_000),
        debt_initial=Curve(Rate(250_000), Rate(40_000)),
        debt_maintenance=Curve(Rate(100_000), Rate(20_000)),
    )


SMALL = Parameters(
    assets=(
        _small(_asset(USDC, 0, None, 3_000, weight=1_000_000, penalty=0)),
        _small(_asset(SOL, 0, 0, 200, weight=900_000, penalty=100_000)),
    ),
    markets=(_SMALL_SPOT, evolve(_SMALL_SPOT, id=PERP, kind=MarketKind.PERPETUAL)),
    tiers=(_tier(STANDARD, maker=20_000, taker=110_000), _tier(MARKET_MAKER, maker=-30_000, taker=50_000)),
    usd=Atoms(2),
    leverage_max=5,
    exposure_max=Atoms(260),
    accounts_max=5,
    advance_max=Millis(8_000_000),
    sources_min=1,
    stale_after=Millis(5_000_000),
    outlier=Rate(250_000),
    auto_close=Rate(60_000),
    backstop_min=Atoms(20),
    answer_life=Millis(30_000),
)
"""Small numbers: every limit, every rounding and every shortage of margin is a few commands away."""

VARIANTS = {
    "small": SMALL,
    "small-capped-gains": evolve(
        SMALL,
        markets=(SMALL.markets[0], evolve(SMALL.markets[1], gains_cap=Atoms(7), tick=Price(3), price_max=Price(44))),
        sources_min=2,
    ),
    "one-source": evolve(DEFAULT, sources_min=1),
    "by-request": evolve(
        DEFAULT,
        markets=(evolve(DEFAULT.markets[0], by_request=True), DEFAULT.markets[1]),
        sources_min=1,
        answer_life=Millis(5_000),
    ),
    "small-wide": wide(SMALL),
}

LARGER: State = start(larger(SMALL))
"""A second shape at which proofs are run: two assets beside the quote asset, and two perpetual markets.  In small
numbers, so that runs from it reach what paths need a witness of."""

_ACCOUNTS = (AccountId("a"), AccountId("b"))


def _funded(parameters: Parameters, cash: int, base: int, mark: int) -> State:
    """A venue with two funded accounts and one source for each market."""
    world = start(parameters)
    holdings = evolve(empty(parameters), balances=(Atoms(cash), Atoms(base)))
    custody = evolve(empty(parameters), balances=(Atoms(-2 * cash), Atoms(-2 * base)))
    return evolve(
        world,
        accounts=Table({name: Account(STANDARD, 5, False, False, False, 0, 0, 0, holdings) for name in _ACCOUNTS}),
        quotes=Table(
            {SourceId(f"{market.id}-1"): Quote(market.id, Price(mark), Millis(0)) for market in parameters.markets}
        ),
        markets=(MarketState(Price(mark), True, 0, 0, 0, 0, Atoms(0)),) * len(parameters.markets),
        wallets=(Wallet(Atoms(2 * cash), Atoms(0)), Wallet(Atoms(2 * base), Atoms(0))),
        venue=evolve(world.venue, custody=custody),
    )


def _scope(market: MarketId, cash: int, base: int) -> Scope:
    """Two accounts, three order ids, and the prices around the mark of one market."""
    return Scope(
        initial=_funded(SMALL, cash, base, mark=10),
        values={
            AccountId: _ACCOUNTS,
            OrderId: tuple(OrderId(name) for name in "123"),
            MarketId: (market,),
            AssetId: (USDC,),
            "PlaceOrder.price": (Price(9), Price(11)),
            "PlaceOrder.size": (Lots(1), Lots(3)),
            "PlaceOrder.time_in_force": (TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.FILL_OR_KILL),
            "PlaceOrder.reduce_only": (False, True) if market == PERP else (False,),
            "PlaceOrder.self_trade": (SelfTrade.REJECT_TAKER, SelfTrade.REJECT_MAKER),
            "CancelOrder.lots": (None, Lots(1)),
            WithdrawalId: (WithdrawalId("w"),),
            "Withdraw.amount": (Atoms(5),),
            "Deposit.amount": (Atoms(5),),
            Side: tuple(Side),
        },
        commands=(PlaceOrder, CancelOrder, Withdraw, Deposit, CancelAll),
        within=lambda state: state.venue.custody.balances[0] >= -2 * cash,
    )


def _corner(market: MarketId, cash: int, base: int) -> Scope:
    """So little that every state can be visited: three orders of one lot or two, at one price."""
    wide = _scope(market, cash, base)
    few = {
        "PlaceOrder.price": (Price(10),),
        "PlaceOrder.size": (Lots(1), Lots(2)),
        "PlaceOrder.time_in_force": (TimeInForce.GOOD_TILL_CANCELLED,),
        "PlaceOrder.reduce_only": (False,),
        "PlaceOrder.self_trade": (SelfTrade.REJECT_MAKER,),
        "CancelOrder.lots": (None,),
    }
    return evolve(wide, values={**wide.values, **few}, commands=(PlaceOrder, CancelOrder))


def _vault(cash: int) -> Scope:
    """Two accounts and two withdrawals, of what the hot wallet can always pay, sometimes and never."""
    return Scope(
        initial=_funded(SMALL, cash, 0, mark=10),
        values={
            AccountId: _ACCOUNTS,
            WithdrawalId: tuple(WithdrawalId(name) for name in "12"),
            AssetId: (USDC,),
            "Withdraw.amount": (Atoms(1), Atoms(cash)),
            "Deposit.amount": (Atoms(2),),
            "MoveWallet.amount": (Atoms(cash), Atoms(-1)),
        },
        commands=(Deposit, Withdraw, CancelWithdrawal, SendWithdrawal, MoveWallet),
        within=lambda state: state.venue.custody.balances[0] >= -2 * cash - 2,
    )


SCOPES = {
    "spot-corner": _corner(SPOT, cash=14, base=3),
    "spot": _scope(SPOT, cash=40, base=9),
    "perpetual": _scope(PERP, cash=20, base=0),
    "vault": _vault(cash=3),
    "trouble": trouble(wide(SMALL)),
}
