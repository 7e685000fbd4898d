"""What members, the exchange and the institutions send, and the internal beats that finish their work."""

from enum import Enum

from attrs import frozen

from clearspec.core.quantities import Atoms, Millis, Price
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId, Units
from clearspec.machines.clearing.state.types import AccountKind, Side


@frozen
class AdmitMember:
    """The central counterparty admits a clearing member."""

    member: MemberId


@frozen
class SuspendMember:
    """The central counterparty takes no new trades of a member, or takes them again."""

    member: MemberId
    suspended: bool


@frozen
class OpenAccount:
    """A member opens an account: at the depository, at the bank and with the central counterparty at once."""

    account: AccountId
    member: MemberId
    kind: AccountKind


@frozen
class SetPriority:
    """A member gives an account another place in the queue."""

    account: AccountId
    priority: int


@frozen
class DepositSecurities:
    """Securities come to the depository."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class WithdrawSecurities:
    """Securities leave the depository."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class DepositCash:
    """Cash comes to the bank."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class WithdrawCash:
    """Cash leaves the bank."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class PublishPrice:
    """The exchange publishes the price of a security, at which the next settlement stands."""

    security: SecurityId
    price: Price


@frozen
class SendOrder:
    """An investor's order for an account, which the broker that keeps the account passes on to the exchange."""

    order: OrderId
    account: AccountId
    security: SecurityId
    side: Side
    quantity: Units
    limit: Price
    at: Millis


@frozen
class CancelOrder:
    """A broker calls back what is still open of an order."""

    order: OrderId


@frozen
class Execute:
    """The exchange reports that two orders were executed against each other, and when."""

    trade: TradeId
    buy: OrderId
    sell: OrderId
    quantity: Units
    price: Price
    at: Millis


@frozen
class CaptureTrade:
    """The exchange reports a trade, which both sides have confirmed, and when it was made."""

    trade: TradeId
    buyer: AccountId
    seller: AccountId
    security: SecurityId
    quantity: Units
    price: Price
    at: Millis


@frozen
class BuyIn:
    """The central counterparty buys units from a seller for an account that fails to deliver, at its cost."""

    account: AccountId
    seller: AccountId
    security: SecurityId
    units: Units
    price: Price


@frozen
class PostCash:
    """A member posts cash of an account as its collateral."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class PostSecurities:
    """A member posts securities of an account as its collateral."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class ReturnCash:
    """A member takes cash back that is not needed as collateral."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class ReturnSecurities:
    """A member takes securities back that are not needed as collateral; in default, so that they can be sold."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class Contribute:
    """A member contributes cash of its own account to the default fund."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class ProvideCapital:
    """The owners of the central counterparty give it equity; or a part of the default fund, its skin in the game."""

    currency: CurrencyId
    amount: Atoms
    skin: bool


@frozen
class CallMargin:
    """The central counterparty calls an account for margin within the day."""

    account: AccountId


@frozen
class DeclareDefault:
    """The central counterparty declares that a member is in default."""

    member: MemberId


@frozen
class Port:
    """A client account of a member in default goes to another member, as it is."""

    account: AccountId
    member: MemberId


@frozen
class CloseOut:
    """The central counterparty trades for the house account of a member in default, with the best bidder.

    What it has or is to receive it sells, and what it lacks it buys; all at once or in chunks.
    """

    trade: TradeId
    account: AccountId
    bidder: AccountId
    security: SecurityId
    units: Units
    price: Price


@frozen
class CoverLoss:
    """The central counterparty has the waterfall pay what the account of a member in default owes of a currency."""

    account: AccountId
    currency: CurrencyId


@frozen
class Recover:
    """What a member in default has again of a currency goes back to those who bore what it owed."""

    account: AccountId
    currency: CurrencyId


@frozen
class RestoreSkin:
    """The central counterparty puts equity into its part of the default fund: its skin in the game."""

    currency: CurrencyId
    amount: Atoms


@frozen
class Advance:
    """Move the clock to this day; the work of each day that ends is done on the way."""

    day: Day


@frozen
class Novate:
    """One beat: the central counterparty takes the place of one contract, or none is left."""


@frozen
class Carry:
    """One beat: what one account has failed in falls due again at the new price, or nothing is left."""


@frozen
class Net:
    """One beat: one trade whose day has come becomes part of what is due, or none is left."""


@frozen
class Deliver:
    """One beat: one account delivers to another through the central counterparty, or nobody can."""


@frozen
class Unwind:
    """One beat of model 3: a delivery to an account that cannot pay for it is taken back, or everybody can pay."""


@frozen
class HandIn:
    """One beat of model 3: one account hands in the securities and the cash that it gives, or nobody is left."""


@frozen
class HandOut:
    """One beat of model 3: one account is handed the securities and the cash that it gets, or nobody is left."""


@frozen
class Collect:
    """One beat: one account pays what it owes, or nobody is left to ask."""


@frozen
class Pay:
    """One beat: one account is paid what it is owed, as far as there is cash, or nobody is left."""


@frozen
class Fail:
    """One beat: what one account has not delivered or received has failed, or nothing is left."""


@frozen
class MeasureMargin:
    """One beat: the margin of one account is measured and called for, or nobody is left."""


@frozen
class UseMargin:
    """One beat: the margin of the member in default pays its loss."""


@frozen
class UseContribution:
    """One beat: its contribution to the default fund pays its loss."""


@frozen
class UseSkin:
    """One beat: the skin in the game of the central counterparty pays the loss."""


@frozen
class UseFund:
    """One beat: the contribution of one survivor pays its share of the loss, or nobody is left."""


@frozen
class Assess:
    """One beat: one survivor is assessed its share of the loss, or nobody is left."""


@frozen
class UseEquity:
    """One beat: the equity of the central counterparty pays the loss; what is left is written down."""


@frozen
class RepayLeftOver:
    """One beat: what is recovered makes good what nobody could pay."""


@frozen
class RepayEquity:
    """One beat: the central counterparty gets back what its equity paid."""


@frozen
class RepayAssessed:
    """One beat: one member gets back its share of what it was assessed, or nobody is left."""


@frozen
class RepayContributor:
    """One beat: one member gets back its share of what was used of its contribution, or nobody is left."""


@frozen
class RepaySkin:
    """One beat: the central counterparty's part of the default fund gets back what it paid."""


@frozen
class Tick:
    """One beat: the next day begins."""


class Reason(Enum):
    """Why a command was rejected: the requirement that it did not meet, in order of precedence."""

    MEMBER_ID_UNUSED = "the member id has not been used before"
    MEMBER_EXISTS = "the member exists"
    ACCOUNT_ID_UNUSED = "the account id has not been used before"
    ACCOUNT_EXISTS = "the account exists"
    HOUSE_ACCOUNT_FIRST = "the member has no account of its own yet"
    ACCOUNTS_WITHIN_LIMIT = "there is room for another account"
    SECURITY_EXISTS = "the security exists"
    CURRENCY_EXISTS = "the currency exists"
    AMOUNT_POSITIVE = "the amount is positive"
    SUPPLY_WITHIN_LIMIT = "no more of it is held than its limit"
    HOUSE_ACCOUNT = "the account is the member's own"
    CLIENT_ACCOUNT = "the account is of clients"
    HOLDING_COVERS = "the account holds the amount"
    DEFAULT_SETTLED = "the account is not in default, or has nothing left to settle, of the trades of today neither"
    COLLATERAL_POSTED = "as much of it is posted"
    REQUIREMENT_COVERED = "what is left posted covers the requirement and what was called"
    ORDER_ID_UNUSED = "the order id has not been used before"
    ORDER_EXISTS = "the order exists"
    ORDERS_OPPOSITE = "one order buys and the other one sells, the same security"
    ORDER_OPEN = "something of each order is open today, at the broker that passed it on"
    UNITS_WITHIN_ORDERS = "as much is open of both orders"
    PRICE_WITHIN_ORDERS = "the price is no worse for either order than its limit"
    ORDERS_SENT = "both orders had been sent by then"
    TRADE_ID_UNUSED = "the trade id has not been used before"
    SIDES_DIFFER = "buyer and seller are two accounts"
    MARKET_OPEN = "the market is open today"
    TRADED_TODAY = "the trade was made, or the order sent, today, on the clock of the market and up to its cut-off"
    QUANTITY_WITHIN_LIMIT = "the quantity is positive and within the limit"
    PRICE_WITHIN_LIMIT = "the price is positive and within the limit"
    MEMBERS_ACTIVE = "neither member is suspended"
    MEMBER_IN_DEFAULT = "the member is in default"
    MEMBER_NOT_IN_DEFAULT = "the member is not in default"
    MARGIN_SHORT = "the account is short of more margin than may be left within the day"
    UNITS_WITHIN_POSITION = "the account is left with no less, and lacks no more, than nothing"
    CLOSED_OUT = "nothing of the account in this currency is left to novate, to settle or to sell"
    LOSS_FOUND = "the account owes something"
    LOSS_COVERED = "the account owes nothing"
    RECOVERY_FOUND = "others bore what the account owed, and it has cash again"
    BUY_IN_DUE = "the account has failed to deliver for as long as it takes"
    UNITS_WITHIN_FAIL = "the account fails to deliver at least the units"
    UNITS_FREE = "the seller holds the units beside what it has failed to deliver itself"
    CLOCK_FORWARD = "the clock moves forward"
    CLOCK_WITHIN_LIMIT = "the clock moves no further at once than its limit"
