"""What happened, in past participles.  Postings are in ledger.Posted, next to the event that they belong to."""

from attrs import frozen

from clearspec.clearing.calendar import Day
from clearspec.clearing.parameters import CurrencyId, SecurityId, Units
from clearspec.clearing.state import AccountId, MemberId, TradeId
from clearspec.quantities import Atoms, Price


@frozen
class MemberAdmitted:
    member: MemberId


@frozen
class AccountOpened:
    account: AccountId


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
class DayBegan:
    day: Day
