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
    """The central counterparty suspends a member, or takes it back."""

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
    """A member sets an account's place in the delivery queue."""

    account: AccountId
    priority: int


@frozen
class DepositSecurities:
    """A member deposits securities at the depository."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class WithdrawSecurities:
    """A member withdraws securities from the depository."""

    account: AccountId
    security: SecurityId
    units: Units


@frozen
class DepositCash:
    """A member deposits cash at the bank."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class WithdrawCash:
    """A member withdraws cash from the bank."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class PublishPrice:
    """The exchange publishes the price of a security, which the next settlement day settles at."""

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
    """A broker cancels the open units of an order."""

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
    """A member takes back excess cash collateral."""

    account: AccountId
    currency: CurrencyId
    amount: Atoms


@frozen
class ReturnSecurities:
    """A member takes back excess securities collateral, or in default all of it, to be sold."""

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
    """The owners give the central counterparty equity, or skin in the game."""

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
    """The central counterparty ports a client account of a member in default to another member."""

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
    """The central counterparty lets the default waterfall pay an account's debt in a currency."""

    account: AccountId
    currency: CurrencyId


@frozen
class Recover:
    """The central counterparty lets the cash of a member in default repay those who bore its losses."""

    account: AccountId
    currency: CurrencyId


@frozen
class RestoreSkin:
    """The central counterparty moves equity back into its skin in the game."""

    currency: CurrencyId
    amount: Atoms


@frozen
class Advance:
    """The clock moves to this day, and does the work of each day that ends on the way."""

    day: Day


@frozen
class Novate:
    """One beat: the central counterparty novates one trade, or none is left."""


@frozen
class Carry:
    """One beat: the fails of one account fall due again at the new price, or none are left."""


@frozen
class Net:
    """One beat: one trade is netted on its settlement day, or none is left."""


@frozen
class Deliver:
    """One beat: one account delivers to another through the central counterparty, or no account can."""


@frozen
class Unwind:
    """One beat of model 3: a delivery to an account short of cash is reversed, or no account is short."""


@frozen
class HandIn:
    """One beat of model 3: one account hands in the securities and cash that it gives, or none is left."""


@frozen
class HandOut:
    """One beat of model 3: one account is handed the securities and cash that it gets, or none is left."""


@frozen
class Collect:
    """One beat: one debtor pays what it can, or none is left to ask."""


@frozen
class Pay:
    """One beat: one creditor is paid its share of the cash, or none is left."""


@frozen
class Fail:
    """One beat: the units still due of one account fail, or none are left."""


@frozen
class MeasureMargin:
    """One beat: one account's margin is measured and called for, or none is left."""


@frozen
class UseMargin:
    """One beat: the defaulter's margin pays its loss."""


@frozen
class UseContribution:
    """One beat: the defaulter's contribution to the default fund pays its loss."""


@frozen
class UseSkin:
    """One beat: the central counterparty's skin in the game pays the loss."""


@frozen
class UseFund:
    """One beat: one survivor's contribution pays its share of the loss, or no survivor is left."""


@frozen
class Assess:
    """One beat: one survivor is assessed its share of the loss, or no survivor is left."""


@frozen
class UseEquity:
    """One beat: the central counterparty's equity pays the loss; it owes the rest itself."""


@frozen
class RepayLeftOver:
    """One beat: the recovery repays creditors whom no layer could pay."""


@frozen
class RepayEquity:
    """One beat: the recovery repays the central counterparty's equity."""


@frozen
class RepayAssessed:
    """One beat: one member gets back its share of the assessments, or no member is left."""


@frozen
class RepayContributor:
    """One beat: one member gets back its share of the used contributions, or no member is left."""


@frozen
class RepaySkin:
    """One beat: the recovery repays the central counterparty's skin in the game."""


@frozen
class Tick:
    """One beat: the next day begins."""


class Reason(Enum):
    """The requirement that a rejected command did not meet, in order of precedence."""

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
