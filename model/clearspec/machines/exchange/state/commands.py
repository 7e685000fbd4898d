"""What clients, price sources and the operator send, and the internal beats that finish their work."""

from enum import Enum

from attrs import frozen

from clearspec.core.quantities import Atoms, Lots, Millis, Price
from clearspec.machines.exchange.state.parameters import AssetId, MarketId, TierId
from clearspec.machines.exchange.state.types import (
    AccountId,
    OrderId,
    SelfTrade,
    Side,
    SourceId,
    TimeInForce,
    WithdrawalId,
)


@frozen
class OpenAccount:
    """Open a client account."""

    account: AccountId
    tier: TierId
    leverage: int


@frozen
class Deposit:
    """Take in an asset from outside."""

    account: AccountId
    asset: AssetId
    amount: Atoms


@frozen
class Withdraw:
    """Ask for an asset to leave the venue."""

    account: AccountId
    withdrawal: WithdrawalId
    asset: AssetId
    amount: Atoms


@frozen
class CancelWithdrawal:
    """Take a pending withdrawal back."""

    account: AccountId
    withdrawal: WithdrawalId


@frozen
class SendWithdrawal:
    """The operator pays a pending withdrawal on chain."""

    withdrawal: WithdrawalId


@frozen
class MoveWallet:
    """The operator moves so much of an asset from the hot wallet to the cold one; a negative amount the other way."""

    asset: AssetId
    amount: Atoms


@frozen
class QuotePrice:
    """An external source reports a price."""

    source: SourceId
    market: MarketId
    price: Price


@frozen
class Advance:
    """Move the clock, and do what falls due on the way.

    `coins` are tosses of a coin, one for each loop of liquidation, the lowest bit first; 1 is heads, all after the
    last are tails.
    """

    now: Millis
    coins: int = 0


@frozen
class SetRiskTaking:
    """The operator allows or stops orders that may add risk."""

    allowed: bool


@frozen
class PlaceOrder:
    """Buy or sell.  Without a price it is a market order: the protection limit around the mark is its price."""

    account: AccountId
    order: OrderId
    market: MarketId
    side: Side
    price: Price | None
    size: Lots
    time_in_force: TimeInForce
    reduce_only: bool
    self_trade: SelfTrade = SelfTrade.REJECT_TAKER


@frozen
class CancelOrder:
    """Cancel an order, or only so many of its open lots."""

    account: AccountId
    order: OrderId
    lots: Lots | None


@frozen
class CancelAll:
    """Cancel every open order of an account."""

    account: AccountId


@frozen
class Lend:
    """Lend to the pool of an asset."""

    account: AccountId
    asset: AssetId
    amount: Atoms


@frozen
class Redeem:
    """Take back what was lent."""

    account: AccountId
    asset: AssetId
    amount: Atoms


@frozen
class Borrow:
    """Borrow from the pool of an asset."""

    account: AccountId
    asset: AssetId
    amount: Atoms


@frozen
class Repay:
    """Pay back what was borrowed."""

    account: AccountId
    asset: AssetId
    amount: Atoms


@frozen
class SetAutoLending:
    """Let the proceeds of trades repay debts of the same asset, and be lent; let losses be settled by borrowing."""

    account: AccountId
    repay: bool
    lend: bool
    borrow: bool


@frozen
class AnswerRequest:
    """Offer a price per lot for the collateral of an account that owes, for which the venue has asked for one."""

    account: AccountId
    seller: AccountId
    price: Price


@frozen
class Match:
    """One beat: the order at work trades with the best resting order, or is done."""


@frozen
class CancelNext:
    """One beat: cancel the next open order of the account that is leaving."""


@frozen
class Tick:
    """One beat: move the clock to its target or to the end of the hour, whichever comes first."""


@frozen
class PayFunding:
    """One beat: one account pays or receives its funding."""


@frozen
class AccrueInterest:
    """One beat: one account is charged and earns its interest."""


@frozen
class Collect:
    """One beat of the settlement loop: an account that owes pays out of its balance and what it has lent."""


@frozen
class BorrowToSettle:
    """One beat of the settlement loop: the account whose turn it is borrows to pay, if it allows it and may."""


@frozen
class Offer:
    """One beat of the settlement loop: the largest collateral not tried yet goes up for sale, or the turn is over."""


@frozen
class Convert:
    """One beat: collateral that is for sale trades with the best bid, or its sale is over."""


@frozen
class TakeAnswer:
    """One beat: collateral goes to the best answer to the request for a price, or the request stands."""


@frozen
class PayOut:
    """One beat of the settlement loop: one account that is owed gets its share, or the round is over."""


@frozen
class Inspect:
    """One beat of a loop of liquidation: one account is looked at; if it is liquidatable, its liquidation goes on."""


@frozen
class OfferSlice:
    """One beat: the account in liquidation offers a slice of its next position, or is done in this loop."""


@frozen
class TradeSlice:
    """One beat: the slice that is offered trades with the best resting order, or its offer is over."""


@frozen
class Unwind:
    """One beat: the account in liquidation buys what it owes or sells what it has, or its loop is over."""


@frozen
class SellAsset:
    """One beat: what liquidation sells for the account trades with the best bid, or its offer is over."""


@frozen
class BuyAsset:
    """One beat: what liquidation buys for the account trades with the best ask, or its offer is over."""


@frozen
class ChargeLender:
    """One beat: one lender bears its share of a debt that nobody pays; at the end the venue."""


@frozen
class SetBackstop:
    """The operator and a provider agree how many lots of a market it will take over from accounts in liquidation."""

    account: AccountId
    market: MarketId
    lots: Lots


@frozen
class Absorb:
    """One beat: one backstop provider takes its part of the position that is offered, or nobody is left to ask."""


@frozen
class Deleverage:
    """One beat: one account of the opposite side is made to close against the position that is offered."""


class Reason(Enum):
    """Why a command was rejected: the requirement that it did not meet, in order of precedence."""

    ACCOUNT_ID_UNUSED = "the account id has not been used before"
    ACCOUNT_EXISTS = "the account exists"
    TIER_EXISTS = "the fee tier exists"
    LEVERAGE_WITHIN_LIMIT = "leverage is at least 1 and within the limit"
    ACCOUNTS_WITHIN_LIMIT = "there is room for another account"
    ASSET_EXISTS = "the asset exists"
    WITHDRAWAL_ID_UNUSED = "the withdrawal id has not been used before"
    WITHDRAWAL_PENDING = "the withdrawal is pending, and belongs to the account that cancels it"
    AMOUNT_POSITIVE = "the amount is positive"
    AMOUNT_NOT_ZERO = "the amount is not zero"
    SUPPLY_WITHIN_LIMIT = "clients hold no more of the asset than its limit"
    LENT_ENOUGH = "the account has lent at least the amount"
    BORROWED_ENOUGH = "the account has borrowed at least the amount"
    REQUEST_OPEN = "the venue asks for a price for collateral of that account, which still owes and is another one"
    PRICE_BEST = "the price is at the limit of the request or better, and no answer that stands is as good"
    BALANCE_FREE = "the balance that no open order holds covers the amount"
    POOL_CASH = "the pool has the cash"
    UTILISATION_WITHIN_BOUND = "what is borrowed stays within its bound of what is lent"
    GAINS_SETTLED = "margin suffices without counting gains that are not settled"
    HOT_WALLET_COVERS = "the hot wallet holds the amount"
    COLD_WALLET_COVERS = "the cold wallet holds the amount"
    CLOCK_FORWARD = "the clock moves forward"
    TOSSES_VALID = "the tosses of the coin are a number that is not negative"
    CLOCK_WITHIN_LIMIT = "the clock moves no further at once than its limit"
    MARKET_EXISTS = "the market exists"
    SOURCE_OF_ONE_MARKET = "the source quotes this market and no other"
    ORDER_ID_UNUSED = "the order id has not been used before"
    ORDER_OPEN = "the order is open and belongs to the account"
    CAPACITY_VALID = "the market is a perpetual one, and the lots are not negative and within its limit"
    LOTS_WITHIN_OPEN = "the lots are positive and still open"
    SIZE_WITHIN_LIMIT = "the size is positive and within the limit"
    PRICE_WITHIN_LIMIT = "the price is positive and within the limit"
    PRICE_ON_TICK = "the price is a multiple of the tick"
    MARKET_ORDER_IMMEDIATE = "an order without a price is immediate-or-cancel or fill-or-kill"
    ACCOUNT_NOT_IN_LIQUIDATION = "gate 1: an account in liquidation only reduces"
    RISK_TAKING_ENABLED = "gate 2: while risk-taking is disabled, orders only reduce"
    MARK_VALID = "gate 3: the market has a mark price from enough live sources; to withdraw at risk, every market"
    NOTIONAL_WITHIN_LIMITS = "gate 4: the notional is within the market's limits"
    OPEN_SIZE_WITHIN_LIMIT = "gate 5: the account's open orders in the market are within the limit"
    REDUCE_ONLY_REDUCES = "gate 6: a reduce-only order is opposite to a position and no larger"
    POSITION_WITHIN_LIMIT = "gate 7: the weighted exposure of the account is within the limit"
    MARGIN_SUFFICIENT = "gate 8: margin suffices in the worst case"
    POST_ONLY_RESTS = "a post-only order does not trade at once"
    FILL_OR_KILL_FILLS = "a fill-or-kill order fills at once in full"
