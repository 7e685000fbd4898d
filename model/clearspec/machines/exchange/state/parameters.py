"""What the venue publishes: assets, markets, fee tiers and limits, validated together."""

from enum import Enum

from attrs import frozen

from clearspec.core.machine import fixed, measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Millis, Price, Rate, mul_div_floor
from clearspec.core.table import Id
from clearspec.mechanisms.lending import RateCurve, valid_curve


class AssetId(Id):
    """Names an asset, for example USDC."""


class MarketId(Id):
    """Names a market, for example SOL-PERP."""


class TierId(Id):
    """Names a fee tier."""


QUOTE = 0
"""The place of the quote asset among the assets: all prices, margins and gains are in its atoms."""

HOUR = 3_600_000
"""Milliseconds between two payments of funding."""

LIQUIDATION_LOOP = 1_000
"""Milliseconds between two loops of liquidation; a round of settlement is a whole number of them."""

SETTLEMENT_ROUND = 10_000
"""Milliseconds between two rounds of the settlement loop; an hour is a whole number of them."""


class MarketKind(Enum):
    SPOT = "spot"
    PERPETUAL = "perpetual"


@frozen
class Curve:
    """A margin rate that grows with the square root of the exposure: max(base, factor * sqrt(dollars))."""

    base: Rate
    factor: Rate


@frozen(kw_only=True)
class Asset:
    """An asset that clients hold.

    Units: supply_max in atoms; weights, bounds and shares in 1 / RATE_SCALE, the penalty per square root of a dollar.
    `liability_weight` is what a debt of the asset counts, at least in full; `debt_initial` and `debt_maintenance` what
    it needs as margin.  Of interest the venue keeps `interest_fee`, less the part `fee_returned` of it, which goes to
    the lenders; utilisation may be driven up to `utilisation_max`.
    `priced_by` is the place of the spot market whose mark values the asset; None for the quote asset.
    `decimals` is for display alone.
    """

    id: AssetId = fixed()
    decimals: int = fixed()
    priced_by: int | None = fixed()
    supply_max: Atoms
    weight: Rate
    penalty: Rate
    liability_weight: Rate
    debt_initial: Curve
    debt_maintenance: Curve
    lending: RateCurve
    interest_fee: Rate
    fee_returned: Rate
    utilisation_max: Rate


@frozen(kw_only=True)
class Market:
    """A market.  Prices are in quote atoms per lot, sizes in lots.

    `base` is the place of the asset that a spot trade delivers, `lot` its atoms per lot.
    `protection` is how far from the mark a market order may trade, `slippage` how far below it collateral is sold:
    in the book or, with `by_request`, to whoever answers a request for a price best.
    A loop of liquidation offers the part `slice` of a position, at least `slice_min`, and `liquidation_fee` is charged
    on what it closes.
    `gains_cap` bounds the gains of this market that count towards initial margin; None counts them in full.
    """

    id: MarketId = fixed()
    kind: MarketKind = fixed()
    base: int = fixed()
    gains_cap: Atoms | None = fixed()
    lot: Atoms
    tick: Price
    price_max: Price
    size_max: Lots
    open_max: Lots
    notional_min: Atoms
    notional_max: Atoms
    protection: Rate
    slippage: Rate
    by_request: bool
    position_weight: Rate
    liquidation_fee: Rate
    slice: Rate
    slice_min: Lots
    initial: Curve
    maintenance: Curve
    funding_cap: Rate
    funding_divisor: int


@frozen(kw_only=True)
class Tier:
    """Fee rates of a class of accounts; a negative maker rate is a rebate."""

    id: TierId = fixed()
    maker: Rate
    taker: Rate


@frozen
class Parameters:
    """Everything that is fixed before the first command.  `usd` is the quote atoms in a dollar.

    `auto_close` is the part of the exposure by which equity may fall short of maintenance before the backstop takes
    over, `backstop_min` the notional that it takes at least in one loop.  An answer to a request for a price stands for
    `answer_life`.
    """

    assets: tuple[Asset, ...]
    markets: tuple[Market, ...]
    tiers: tuple[Tier, ...]
    usd: Atoms
    leverage_max: int
    exposure_max: Atoms
    accounts_max: int
    advance_max: Millis
    sources_min: int
    stale_after: Millis
    outlier: Rate
    auto_close: Rate
    backstop_min: Atoms
    answer_life: Millis


@measure
def valid(parameters: Parameters) -> bool:
    """Do the parameters make sense, each alone and all together?

    Rule: EX-PAR-1.  Margin rates stay within 1 up to the exposure limit, initial margin is never below
    maintenance, maintenance exceeds the dearest fee, and no pair of tiers pays out more than it takes in.
    """
    return (
        all(valid_asset(parameters, asset) for asset in parameters.assets)
        and all(tier.taker >= 0 for tier in parameters.tiers)
        and all(tier.maker >= -lowest_taker(parameters) for tier in parameters.tiers)
        and all(valid_market(parameters, market) for market in parameters.markets)
        and all((asset.priced_by is None) == (place == QUOTE) for place, asset in enumerate(parameters.assets))
        and parameters.usd > 0
        and parameters.leverage_max > 0
        and parameters.exposure_max > 0
        and parameters.accounts_max > 0
        and parameters.advance_max > 0
        and parameters.sources_min > 0
        and parameters.stale_after >= 0
        and parameters.outlier >= 0
        and 0 <= parameters.auto_close <= RATE_SCALE
        and parameters.backstop_min >= 0
        and parameters.answer_life >= 0
    )


@measure
def lowest_taker(parameters: Parameters) -> int:
    """The least that a taker pays, in any tier."""
    return min(tier.taker for tier in parameters.tiers)


@measure
def valid_asset(parameters: Parameters, asset: Asset) -> bool:
    """Are the weight and the shares fractions, is a debt counted in full, and its margin in order?"""
    return (
        asset.supply_max > 0
        and 0 <= asset.weight <= RATE_SCALE
        and asset.penalty >= 0
        and asset.liability_weight >= RATE_SCALE
        and margins_in_order(parameters, asset.debt_initial, asset.debt_maintenance)
        and valid_curve(asset.lending)
        and 0 <= asset.interest_fee <= RATE_SCALE
        and 0 <= asset.fee_returned <= RATE_SCALE
        and 0 <= asset.utilisation_max <= RATE_SCALE
    )


@measure
def margins_in_order(parameters: Parameters, initial: Curve, maintenance: Curve) -> bool:
    """Is initial margin never below maintenance, and within 1 up to the exposure limit?"""
    return (
        0 <= maintenance.base <= initial.base <= RATE_SCALE
        and 0 <= maintenance.factor <= initial.factor
        and initial.factor * initial.factor * parameters.exposure_max <= RATE_SCALE * RATE_SCALE * parameters.usd
    )


@measure
def valid_market(parameters: Parameters, market: Market) -> bool:
    """Are the limits of this market positive and its margin rates in order?"""
    return (
        market.lot > 0
        and 0 < market.tick <= market.price_max
        and 0 < market.size_max <= market.open_max
        and 0 < market.notional_min <= market.notional_max
        and 0 <= market.protection < RATE_SCALE
        and 0 <= market.slippage < RATE_SCALE
        and market.position_weight >= RATE_SCALE
        and 0 <= market.liquidation_fee <= RATE_SCALE
        and 0 < market.slice <= RATE_SCALE
        and market.slice_min > 0
        and margins_in_order(parameters, market.initial, market.maintenance)
        and all(
            tier.taker < market.maintenance.base and tier.maker < market.maintenance.base for tier in parameters.tiers
        )
        and 0 <= market.funding_cap <= RATE_SCALE
        and market.funding_divisor > 0
    )


def market_place(parameters: Parameters, market: MarketId) -> int | None:
    """The place of the market of that name, or None."""
    for place, listed in enumerate(parameters.markets):
        if listed.id == market:
            return place
    return None


def asset_place(parameters: Parameters, asset: AssetId) -> int | None:
    """The place of the asset of that name, or None."""
    for place, listed in enumerate(parameters.assets):
        if listed.id == asset:
            return place
    return None


def tier_named(parameters: Parameters, tier: TierId) -> Tier | None:
    """The fee tier of that name, or None."""
    for listed in parameters.tiers:
        if listed.id == tier:
            return listed
    return None


def interest_kept(asset: Asset) -> Rate:
    """The share of interest that the venue keeps: its fee, less what of it goes back to the lenders.

    Rule: EX-INT-3.  Rounding: once, up, against the lenders.
    """
    return Rate(asset.interest_fee - mul_div_floor(asset.interest_fee, asset.fee_returned, RATE_SCALE))


def perpetuals(parameters: Parameters) -> tuple[int, ...]:
    """The places of the perpetual markets."""
    return tuple(i for i, market in enumerate(parameters.markets) if market.kind == MarketKind.PERPETUAL)


def spots(parameters: Parameters) -> tuple[int, ...]:
    """The places of the spot markets."""
    return tuple(i for i, market in enumerate(parameters.markets) if market.kind == MarketKind.SPOT)
