"""What happened, in past participles.  Postings are in ledger.Posted, next to the event that they belong to."""

from enum import Enum

from attrs import frozen

from clearspec.core.quantities import Atoms, Lots, Millis, Price
from clearspec.machines.exchange.state.parameters import AssetId, MarketId
from clearspec.machines.exchange.state.types import AccountId, OrderId, Side, Tier, WithdrawalId


class Cause(Enum):
    """Why lots of an order were cancelled."""

    REQUESTED = "the owner asked for it"
    IMMEDIATE = "the order was not to rest"
    SELF_TRADE = "it met an order of the same account"
    MARGIN = "the fill would have left its owner without margin"
    REDUCE_ONLY = "there was no position left for it to reduce"


@frozen
class AccountOpened:
    account: AccountId


@frozen
class WithdrawalRequested:
    withdrawal: WithdrawalId


@frozen
class WithdrawalSent:
    withdrawal: WithdrawalId


@frozen
class WithdrawalCancelled:
    withdrawal: WithdrawalId


@frozen
class WalletMoved:
    """From the hot wallet to the cold one, or the other way if negative.  Nobody's holdings change."""

    asset: AssetId
    amount: Atoms


@frozen
class MarkMoved:
    """The sources agree on a price; or they do not, and the mark is not valid."""

    market: MarketId
    mark: Price
    live: bool


@frozen
class OrderPlaced:
    order: OrderId
    price: Price
    size: Lots


@frozen
class OrderFilled:
    """A trade at the maker's price."""

    market: MarketId
    taker: OrderId
    maker: OrderId
    buyer: AccountId
    seller: AccountId
    lots: Lots
    price: Price
    buyer_fee: Atoms
    seller_fee: Atoms


@frozen
class OrderRested:
    order: OrderId
    open: Lots


@frozen
class OrderCancelled:
    order: OrderId
    lots: Lots
    cause: Cause


@frozen
class FundingPaid:
    account: AccountId


@frozen
class InterestAccrued:
    account: AccountId


@frozen
class CollateralSold:
    """The venue sold collateral of an account that owes, to a resting bid at its price."""

    market: MarketId
    maker: OrderId
    buyer: AccountId
    seller: AccountId
    lots: Lots
    price: Price
    buyer_fee: Atoms
    seller_fee: Atoms


@frozen
class RequestAnswered:
    """A client offers a price for collateral of an account that owes."""

    seller: AccountId
    account: AccountId
    price: Price


@frozen
class AnswerTaken:
    """The venue sold collateral of an account that owes to the best answer to its request; the buyer pays no fee."""

    market: MarketId
    buyer: AccountId
    seller: AccountId
    lots: Lots
    price: Price
    seller_fee: Atoms


@frozen
class AnswerLapsed:
    """The best answer was not taken: its time was over, it was below the limit, or its account could not bear it."""

    seller: AccountId
    account: AccountId


@frozen
class LossSettled:
    """An account paid losses: out of its balance, what it had lent, and what it borrowed for it."""

    account: AccountId
    balance: Atoms
    redeemed: Atoms
    borrowed: Atoms


@frozen
class GainSettled:
    account: AccountId
    amount: Atoms


@frozen
class LiquidationGoesOn:
    """An account is liquidatable; its orders are cancelled."""

    account: AccountId


@frozen
class LiquidationEnded:
    """An account is not, or not any more, liquidatable."""

    account: AccountId


@frozen
class SliceTraded:
    """Lots of a position in liquidation were closed against a resting order, at its price."""

    market: MarketId
    account: AccountId
    maker: OrderId
    other: AccountId
    lots: Lots
    price: Price
    fee: Atoms
    maker_fee: Atoms
    liquidation_fee: Atoms


@frozen
class AssetTraded:
    """Liquidation bought or sold an asset for an account that owes, against a resting order at its price.

    `claim` is what of the asset, or of the cash, was not delivered but passed on as a claim on its pool.
    """

    market: MarketId
    side: Side
    account: AccountId
    maker: OrderId
    other: AccountId
    lots: Lots
    price: Price
    fee: Atoms
    maker_fee: Atoms
    claim: Atoms


@frozen
class LoanWrittenOff:
    """A lender bore so much of a debt that nobody pays; without a lender, the venue, and what is bad debt is in it."""

    asset: AssetId
    account: AccountId
    lender: AccountId | None
    amount: Atoms


@frozen
class PositionTaken:
    """Lots of a position in liquidation went to another account at the mark, and beside that their spread was paid.

    `spread` is what the account in liquidation paid, negative if it was paid; `fund` is what of it the fund got.
    """

    tier: Tier
    market: MarketId
    account: AccountId
    other: AccountId
    lots: Lots
    price: Price
    spread: Atoms
    fund: Atoms


@frozen
class LossWrittenOff:
    """What an account owed and nobody had for it: what the fund paid, and what is bad debt."""

    account: AccountId
    fund: Atoms
    bad_debt: Atoms


@frozen
class ClockMoved:
    now: Millis
