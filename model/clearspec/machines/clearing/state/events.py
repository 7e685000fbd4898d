"""What happened, in past participles.  Postings are in ledger.Posted, next to the event that they belong to."""

from attrs import frozen

from clearspec.core.quantities import Atoms, Price
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId, Units
from clearspec.machines.clearing.state.types import SystemAccount
from clearspec.machines.clearing.state.work import Layer, Payee


@frozen
class MemberAdmitted:
    member: MemberId


@frozen
class AccountOpened:
    account: AccountId


@frozen
class OrderSent:
    """The broker has passed the order of the account on to the exchange."""

    order: OrderId
    account: AccountId
    broker: MemberId


@frozen
class OrderFilled:
    """`units` of the order were traded at `price`."""

    order: OrderId
    account: AccountId
    broker: MemberId
    units: Units
    price: Price


@frozen
class OrderCancelled:
    """The order's open units were cancelled."""

    order: OrderId
    account: AccountId
    broker: MemberId
    units: Units


@frozen
class TradeCaptured:
    """Buyer and seller have a contract, to be settled on that day."""

    trade: TradeId
    settles_on: Day


@frozen
class TradeNovated:
    """The trade was novated: buyer and seller each have a contract with the central counterparty."""

    trade: TradeId


@frozen
class FailCarried:
    """The account's fails fell due again, at the new price."""

    account: AccountId


@frozen
class TradeNetted:
    """The trade was netted into what its two accounts are due."""

    trade: TradeId
    security: SecurityId
    buyer: AccountId
    seller: AccountId
    units: Units


@frozen
class Delivered:
    """`units` were delivered from seller to buyer, for price * units; in model 3 provisionally."""

    security: SecurityId
    seller: AccountId
    buyer: AccountId
    units: Units
    price: Price


@frozen
class Unwound:
    """A provisional delivery to a buyer that cannot pay for it was reversed."""

    security: SecurityId
    seller: AccountId
    buyer: AccountId
    units: Units
    price: Price


@frozen
class HandedIn:
    account: AccountId


@frozen
class HandedOut:
    account: AccountId


@frozen
class CashCollected:
    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class CashPaid:
    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class SettlementFailed:
    """The units still due of the account failed, if any were left; its day is over."""

    account: AccountId


@frozen
class BoughtIn:
    """Units that the account failed to deliver were bought from the seller, at this price."""

    security: SecurityId
    account: AccountId
    seller: AccountId
    units: Units
    price: Price


@frozen
class CollateralPosted:
    account: AccountId


@frozen
class CollateralReturned:
    account: AccountId


@frozen
class Contributed:
    account: AccountId


@frozen
class MarginMeasured:
    """The account was called for these additional amounts, one for each currency."""

    account: AccountId
    calls: tuple[Atoms, ...]


@frozen
class CallUnmet:
    """The account did not meet a call by its deadline."""

    account: AccountId


@frozen
class MemberDefaulted:
    member: MemberId


@frozen
class AccountPorted:
    account: AccountId
    member: MemberId


@frozen
class ClosedOut:
    """`units` were bought for the account of a member in default; sold, if negative."""

    trade: TradeId
    account: AccountId
    bidder: AccountId
    security: SecurityId
    units: Units
    amount: Atoms


@frozen
class LossPaid:
    """`payer`, as part of `layer`, paid `amount` of the account's debt."""

    layer: Layer
    account: AccountId
    payer: AccountId | SystemAccount
    currency: CurrencyId
    amount: Atoms


@frozen
class LossLeftOver:
    """No layer could pay `amount` of the account's debt."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class Repaid:
    """The account's recovery repaid `amount` to `receiver`, as part of `payee`."""

    payee: Payee
    account: AccountId
    receiver: AccountId | SystemAccount
    currency: CurrencyId
    amount: Atoms


@frozen
class DayBegan:
    day: Day
