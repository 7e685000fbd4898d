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
    """So many units of the order were traded, at this price."""

    order: OrderId
    account: AccountId
    broker: MemberId
    units: Units
    price: Price


@frozen
class OrderCancelled:
    """So many units of the order were still open, and never will be traded."""

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
    """The contract is gone; buyer and seller each have one with the central counterparty."""

    trade: TradeId


@frozen
class FailCarried:
    """What the account has failed in is due again, at the new price."""

    account: AccountId


@frozen
class TradeNetted:
    """The trade is part of what its two accounts are due."""

    trade: TradeId
    security: SecurityId
    buyer: AccountId
    seller: AccountId
    units: Units


@frozen
class Delivered:
    """Units went from seller to buyer through the central counterparty, for price * units; in model 3 provisionally."""

    security: SecurityId
    seller: AccountId
    buyer: AccountId
    units: Units
    price: Price


@frozen
class Unwound:
    """A provisional delivery was taken back from a buyer who cannot pay for it."""

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
    """The day of the account is over: what it has not delivered or received has failed, if anything is left."""

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
    """The account was called for this much more, in each currency."""

    account: AccountId
    calls: tuple[Atoms, ...]


@frozen
class CallUnmet:
    """The deadline of a call has passed, and it was not met."""

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
    """For the account of a member in default so many units were bought; sold, if negative."""

    trade: TradeId
    account: AccountId
    bidder: AccountId
    security: SecurityId
    units: Units
    amount: Atoms


@frozen
class LossPaid:
    """A layer paid part of what the account owes; the payer is whose part of the layer it was."""

    layer: Layer
    account: AccountId
    payer: AccountId | SystemAccount
    currency: CurrencyId
    amount: Atoms


@frozen
class LossLeftOver:
    """Nobody could pay this much of what the account owed."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class Repaid:
    """Of what the account had again, somebody got back a part of what it bore; the receiver is whose part it was."""

    payee: Payee
    account: AccountId
    receiver: AccountId | SystemAccount
    currency: CurrencyId
    amount: Atoms


@frozen
class DayBegan:
    day: Day
