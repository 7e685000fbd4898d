"""What happened, in past participles.  Postings are in ledger.Posted, next to the event that they belong to."""

from attrs import frozen

from clearspec.clearing.calendar import Day
from clearspec.clearing.state import AccountId, MemberId, TradeId


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
class DayBegan:
    day: Day
