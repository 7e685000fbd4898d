"""The state of the chain: members, accounts, orders, trades, prices, the institutions' accounts, and the day.

The depository keeps securities.  The bank keeps cash.  The central counterparty keeps what it owes its members and what
they owe it.  Each keeps a ledger of its own, to which a `Line` belongs.
"""

from enum import Enum
from typing import Any, Self

from attrs import evolve, frozen

from clearspec.core.machine import per
from clearspec.core.quantities import Atoms, Millis, Price
from clearspec.core.table import Id, Table
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import Parameters, SecurityId, Units
from clearspec.machines.clearing.state.work import Cause, Layer, Loss, Payee, Payout, Stage


class SystemAccount(Enum):
    """The accounts that are no member's.  An account of a member can never be one of them."""

    OUTSIDE = "what was brought to the depository and the bank less what left, as a negative balance"
    CCP = "the central counterparty: the other side of every obligation"
    PENALTIES = "what rounding left of the penalties for fails"
    SAFE = "what members posted and contributed, in the name of the central counterparty and apart from its own"
    OWN = "what is the central counterparty's own: its part of the default fund, its equity, and the losses it owes"

    def __str__(self) -> str:
        return self.name


class Line(Enum):
    """What is counted, of a security or of a currency.

    Held is what the depository or the bank keeps.  The other lines are what the central counterparty owes the holder;
    negative if the holder owes it.
    """

    SECURITIES = "held"
    CLEARED = "cleared"
    DUE = "due"
    FAILED = "failed"
    PROVISIONAL = "provisional"
    COLLATERAL = "posted"
    CASH = "cash"
    CLEARED_CASH = "cash cleared"
    PAYABLE = "cash due"
    PROVISIONAL_CASH = "cash provisional"
    COLLATERAL_CASH = "cash posted"
    FUND = "default fund"


OF_SECURITIES = (Line.SECURITIES, Line.CLEARED, Line.DUE, Line.FAILED, Line.PROVISIONAL, Line.COLLATERAL)
"""The lines that are counted by security."""


@frozen
class Book:
    """One line of one security or currency: its place and its name.  Every book sums to zero over all holders."""

    line: Line
    place: int
    of: Id

    def __str__(self) -> str:
        return f"{self.of} {self.line.value}"


def book(parameters: Parameters, line: Line, place: int) -> Book:
    """The book of a line at that place: of a security for some lines, of a currency for the others."""
    return Book(
        line, place, parameters.securities[place].id if line in OF_SECURITIES else parameters.currencies[place].id
    )


@frozen
class Position:
    """A holder's units of a security, and those that the central counterparty owes it; negative if the holder owes.

    `held` lies at the depository.  `cleared` is owed under contracts whose settlement day has not come, `due` today,
    and `failed` since an earlier day.  `provisional` is what model 3 has settled today and may still unwind.  `posted`
    is margin collateral.  `fails_to_deliver` and `fails_to_receive` count the settlement days in a row on which the
    holder failed to.
    """

    held: Units
    cleared: Units
    due: Units
    failed: Units
    provisional: Units
    fails_to_deliver: int
    fails_to_receive: int
    posted: Units


@frozen
class Money:
    """A holder's cash in a currency, and what the central counterparty owes it; negative if the holder owes.

    `held` lies at the bank.  `cleared` is owed under contracts whose settlement day has not come, `payable` now, and
    `provisional` for provisional deliveries.  `turn` is the last day on which its payable had its turn.

    Margin: `posted` is cash collateral; `called` is the outstanding call, due by the end of the day `deadline`.

    Default fund: `fund` is the contribution left.  `used` is what others' losses took of it, and `assessed` what the
    holder was assessed beyond it, both less repayments.  `to_replenish` is due by the end of the day `replenish_by`.

    Default: `borne` is what others paid, or lack, of the holder's debt, less repayments.  `round` is the last sharing
    of a loss or a recovery in which the holder had its turn.
    """

    held: Atoms
    cleared: Atoms
    payable: Atoms
    provisional: Atoms
    turn: Day
    posted: Atoms
    called: Atoms
    deadline: Day
    fund: Atoms
    used: Atoms
    assessed: Atoms
    to_replenish: Atoms
    replenish_by: Day
    borne: Atoms
    round: int


@frozen
class Holdings:
    """A holder's lines: a position per security, and money per currency."""

    positions: tuple[Position, ...] = per("securities")
    money: tuple[Money, ...] = per("currencies")


class AccountKind(Enum):
    HOUSE = "the member's own"
    CLIENT = "of clients of the member, kept apart from what is the member's own"


@frozen
class Account:
    """An account of a member.

    `priority` is its place in the delivery queue, lowest first.  `margined` is the last day on whose evening its margin
    was measured.  The house account of a member in default is `defaulted`.
    """

    member: MemberId
    kind: AccountKind
    priority: int
    holdings: Holdings
    margined: Day
    defaulted: bool


@frozen
class Member:
    """A clearing member and its house account.

    A member that is `suspended` or `defaulted` makes no new trades; its earlier trades settle.
    """

    suspended: bool
    house: AccountId | None
    defaulted: bool


class Side(Enum):
    BUY = "buy"
    SELL = "sell"


@frozen
class Order:
    """An investor's order, as `broker` passed it on to the exchange.  It stands for one day.

    It buys `quantity` units at no more than `limit` each, or sells them at no less.  `filled` units have traded, and
    `cancelled` ones never will.  `sent_on` is the trade date of the time `sent_at`.
    """

    account: AccountId
    broker: MemberId
    security: SecurityId
    side: Side
    quantity: Units
    limit: Price
    filled: Units
    cancelled: Units
    sent_on: Day
    sent_at: Millis


class TradeStatus(Enum):
    CAPTURED = "a contract of buyer and seller"
    NOVATED = "two contracts with the central counterparty in its place"
    NETTED = "part of what is due"


@frozen
class Trade:
    """`quantity` units of a security from seller to buyer, for `amount` in all, to settle on `settles_on`."""

    buyer: AccountId
    seller: AccountId
    security: SecurityId
    quantity: Units
    amount: Atoms
    traded_on: Day
    settles_on: Day
    status: TradeStatus


@frozen
class Quotation:
    """The last published price of a security, and the settlement price of all its due and failed units."""

    published: Price
    settlement: Price


@frozen
class Central:
    """The accounts that are no member's, one of each kind of SystemAccount."""

    outside: Holdings
    ccp: Holdings
    penalties: Holdings
    safe: Holdings
    own: Holdings


@frozen(kw_only=True)
class State:
    """All that the chain knows.

    Between two commands `today` is the `target`, the stage is OPEN, and no loss or recovery is in progress.  `layer` is
    the layer that a loss has come to, and `payee` the payee of a recovery, in one currency at a time.  `deliveries`
    counts those of today.  `residues` is what rounding left of penalties, in atoms / RATE_SCALE.
    """

    parameters: Parameters
    today: Day
    target: Day
    stage: Stage
    layer: Layer
    payee: Payee
    deliveries: int
    members: Table[MemberId, Member]
    accounts: Table[AccountId, Account]
    orders: Table[OrderId, Order]
    trades: Table[TradeId, Trade]
    prices: tuple[Quotation, ...] = per("securities")
    causes: tuple[Cause, ...] = per("securities")
    payouts: tuple[Payout, ...] = per("currencies")
    losses: tuple[Loss, ...] = per("currencies")
    residues: tuple[int, ...] = per("currencies")
    central: Central

    def credited(self, holder: Any, book: Book, amount: int) -> Self:
        """The state with this much more of the book in the holder's account.  Requires: the holder exists."""
        if isinstance(holder, SystemAccount):
            own = holder.name.lower()
            changed = {own: more(getattr(self.central, own), book, amount)}
            return evolve(self, central=evolve(self.central, **changed))
        account = account_of(self, holder)
        credited = evolve(account, holdings=more(account.holdings, book, amount))
        return evolve(self, accounts=self.accounts.put(holder, credited))


def account_of(state: State, account: AccountId) -> Account:
    """The account of that name.  Requires: it exists."""
    found = state.accounts.get(account)
    assert found is not None, "an account that a rule has checked, or that a trade names, exists"
    return found


def member_of(state: State, account: Account) -> Member:
    """The member that the account belongs to."""
    member = state.members.get(account.member)
    assert member is not None, "the member of an account exists"
    return member


def anyone(_: Account, *__: int) -> tuple[int]:
    """A rank in which no account is before another."""
    return (0,)


def more(holdings: Holdings, book: Book, amount: int) -> Holdings:
    """The holdings with this much more of one book."""
    if book.line in OF_SECURITIES:
        position = holdings.positions[book.place]
        if book.line == Line.SECURITIES:
            position = evolve(position, held=Units(position.held + amount))
        elif book.line == Line.CLEARED:
            position = evolve(position, cleared=Units(position.cleared + amount))
        elif book.line == Line.DUE:
            position = evolve(position, due=Units(position.due + amount))
        elif book.line == Line.FAILED:
            position = evolve(position, failed=Units(position.failed + amount))
        elif book.line == Line.PROVISIONAL:
            position = evolve(position, provisional=Units(position.provisional + amount))
        else:
            position = evolve(position, posted=Units(position.posted + amount))
        return evolve(holdings, positions=put_at(holdings.positions, book.place, position))
    money = holdings.money[book.place]
    if book.line == Line.CASH:
        money = evolve(money, held=Atoms(money.held + amount))
    elif book.line == Line.CLEARED_CASH:
        money = evolve(money, cleared=Atoms(money.cleared + amount))
    elif book.line == Line.PAYABLE:
        money = evolve(money, payable=Atoms(money.payable + amount))
    elif book.line == Line.PROVISIONAL_CASH:
        money = evolve(money, provisional=Atoms(money.provisional + amount))
    elif book.line == Line.COLLATERAL_CASH:
        money = evolve(money, posted=Atoms(money.posted + amount))
    else:
        money = evolve(money, fund=Atoms(money.fund + amount))
    return evolve(holdings, money=put_at(holdings.money, book.place, money))


def put_at(entries: tuple[Any, ...], place: int, entry: Any) -> tuple[Any, ...]:
    """The entries with another one at that place."""
    return (*entries[:place], entry, *entries[place + 1 :])
