"""What the venue knows: accounts, orders, withdrawals, wallets, quotes, marks, its own accounts, work in progress."""

from enum import Enum
from typing import Any, Self

from attrs import evolve, frozen

from clearspec.core.machine import per
from clearspec.core.quantities import Atoms, Lots, Millis, Price, Rate
from clearspec.core.table import Id, Table
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice
from clearspec.machines.exchange.state.parameters import AssetId, MarketId, Parameters, TierId, market_place


class AccountId(Id):
    """Names a client account."""


class OrderId(Id):
    """Names an order; chosen by the client and never used again."""


class WithdrawalId(Id):
    """Names a withdrawal; chosen by the client and never used again."""


class SourceId(Id):
    """Names an external source of prices for one market."""


class SystemAccount(Enum):
    """The venue's own accounts.  A client account can never be one of them."""

    CUSTODY = "what came in from outside less what left, as a negative balance"
    WITHDRAWALS = "what clients have withdrawn and the chain has not yet paid"
    FEES = "what orders were charged"
    FUNDING = "what rounding left of funding payments"
    CLEARING = "the other side of realised gains and of the cost of positions, and the cash that settles them"
    BAD_DEBT = "losses that nobody could pay, and debts beyond all claims on their pool"
    FUND = "the liquidity fund: liquidation fees, and what of spreads is not the providers'"
    POOL = "the cash of the lending pools, and the other side of all claims and debts"

    def __str__(self) -> str:
        return self.name


class Line(Enum):
    """What is counted: balances, claims and debts by asset; size, cost and unsettled gains of positions by market."""

    BALANCE = "balance"
    LENT = "lent"
    BORROWED = "borrowed"
    SIZE = "size"
    COST = "cost"
    UNSETTLED = "unsettled"


OF_ASSETS = (Line.BALANCE, Line.LENT, Line.BORROWED)
"""The lines that are counted by asset."""


@frozen
class Book:
    """One line of one asset or market: its place and its name.  Every book sums to zero over all holders."""

    line: Line
    place: int
    of: Id

    def __str__(self) -> str:
        return f"{self.of} {self.line.value}"


def book(parameters: Parameters, line: Line, place: int) -> Book:
    """The book of a line at that place: of an asset for balances, claims and debts, of a market for the rest."""
    return Book(line, place, parameters.assets[place].id if line in OF_ASSETS else parameters.markets[place].id)


@frozen
class Position:
    """A perpetual position: signed lots, their signed quote cost, and what is realised and not yet paid.

    `funding` is the cumulative funding up to which the position has paid; `at_entry` the lots, without sign, when the
    account entered liquidation, 0 outside of it; `capacity` the lots that it will still take over as a backstop
    provider.
    """

    size: Lots
    cost: Atoms
    unsettled: Atoms
    funding: int
    at_entry: Lots
    capacity: Lots


@frozen
class Loan:
    """What is lent to the pool of one asset and borrowed from it, and the indices up to which both have grown."""

    lent: Atoms
    borrowed: Atoms
    lent_at: int
    borrowed_at: int


@frozen
class Holdings:
    """What one holder has: a balance and a loan per asset, and a position per market."""

    balances: tuple[Atoms, ...] = per("assets")
    loans: tuple[Loan, ...] = per("assets")
    positions: tuple[Position, ...] = per("markets")


@frozen
class Account:
    """A client: its fee tier, the leverage it may take, what the venue may do for it, and what it holds.

    With `auto_repay` proceeds of its trades repay debts of the same asset, with `auto_lend` what is left of them is
    lent; with `auto_borrow` the settlement loop may borrow to settle its losses.
    `turn` is the round of the settlement loop in which it last had its turn, `inspected` the loop of liquidation in
    which it was last looked at; `asked` the last offer of a position to others that was made to it.
    """

    tier: TierId
    leverage: int
    auto_repay: bool
    auto_lend: bool
    auto_borrow: bool
    turn: int
    inspected: int
    asked: int
    holdings: Holdings


class Side(Enum):
    BUY = "buy"
    SELL = "sell"


class TimeInForce(Enum):
    GOOD_TILL_CANCELLED = "rests until filled or cancelled"
    IMMEDIATE_OR_CANCEL = "fills what it can at once; the rest is cancelled"
    FILL_OR_KILL = "fills at once in full, or is rejected"
    POST_ONLY = "rests, or is rejected"


class SelfTrade(Enum):
    """What happens when an order meets one of the same account."""

    REJECT_TAKER = "the rest of the incoming order is cancelled"
    REJECT_MAKER = "the resting order is cancelled"
    REJECT_BOTH = "both are cancelled"
    ALLOW = "they trade"


@frozen
class Order:
    """An order, from its placement on; done once nothing of it is open.

    `accrued` is the sum of rate * notional over its fills, in atoms / RATE_SCALE: the account has been charged
    the ceiling of it.  `maker` and `taker` are the rates of the account's tier when it was placed.
    """

    owner: AccountId
    market: MarketId
    side: Side
    price: Price
    size: Lots
    open: Lots
    filled: Lots
    cancelled: Lots
    accrued: int
    maker: Rate
    taker: Rate
    reduce_only: bool
    time_in_force: TimeInForce
    self_trade: SelfTrade
    sequence: int


@frozen
class Taker:
    """The order at work: placed, not yet in the book."""

    id: OrderId
    order: Order


class WithdrawalStatus(Enum):
    PENDING = "taken from the account, not yet paid on chain"
    SENT = "paid on chain"
    CANCELLED = "given back to the account"


@frozen
class Withdrawal:
    """So much of an asset that its owner has asked for, and what has become of it."""

    owner: AccountId
    asset: AssetId
    amount: Atoms
    status: WithdrawalStatus


@frozen
class Wallet:
    """What the venue holds of one asset on chain: hot, so that it can be sent at once, and cold, out of reach."""

    hot: Atoms
    cold: Atoms


@frozen
class Quote:
    """The last price that an external source gave for a market, and when."""

    market: MarketId
    price: Price
    at: Millis


@frozen
class MarketState:
    """The mark price, whether the last observation of the sources was good, and funding.

    `premium` is twice the premium of the book over the mark, times milliseconds, since the last payment;
    `funding` the cumulative funding per lot and `funding_residue` what rounding left, in atoms / RATE_SCALE.
    `forced_accrued` and `forced_charged` are the fees on what the venue traded here for clients, as for orders.
    """

    mark: Price
    live: bool
    premium: int
    funding: int
    funding_residue: int
    forced_accrued: int
    forced_charged: Atoms


@frozen
class Sale:
    """Collateral that the venue sells for an account that owes: at once or not at all, at the limit or better.

    `accrued` is the fee so far, as for orders, at the rate `taker`.
    """

    market: MarketId
    limit: Price
    open: Lots
    accrued: int
    taker: Rate


@frozen
class Answer:
    """What a client will pay per lot for what is requested, and until when."""

    account: AccountId
    price: Price
    until: Millis


@frozen
class Request:
    """Collateral of an account that owes, for which the venue asks for a price: the best answer so far, if any."""

    market: MarketId
    lots: Lots
    limit: Price
    best: Answer | None


class Stage(Enum):
    """What the settlement loop asks next of an account that owes."""

    COLLECT = "its balance and what it has lent"
    BORROW = "what it may borrow"
    OFFER = "whether it has collateral to sell"
    SELL = "what its collateral brings in"
    REQUEST = "what others answer that they will pay for its collateral"


@frozen
class Turn:
    """The account that owes whose turn it is, what is asked of it next, and which assets were tried to be sold.

    `waits` when a request for a price stands that nobody has answered: there is only one at a time.
    """

    account: AccountId
    stage: Stage
    sale: Sale | None
    waits: bool
    tried: tuple[bool, ...] = per("assets")


class Tier(Enum):
    """To whom liquidation offers a position, one after the other."""

    BOOK = "to whoever has an order in the book"
    BACKSTOP = "to the providers, at the zero price"
    DELEVERAGE = "to accounts of the opposite side, at the zero price, as far as they can bear it"
    AT_MARK = "to accounts of the opposite side, at the mark"


@frozen
class Slice:
    """What one loop of liquidation offers of a position: `open` lots are left of it.

    On the book `accrued` is the fee so far, as for orders, at the rate `taker`.  Beyond it the lots go at the zero
    price, of which so many are `closed`; `offer` numbers the offer, so that nobody is asked twice.  Of the providers'
    capacities, `whole` together, those asked had `before`, to share `offered` lots.
    """

    market: MarketId
    tier: Tier
    open: Lots
    accrued: int
    taker: Rate
    zero: ZeroPrice
    closed: Lots
    offer: int
    offered: Lots
    before: Lots
    whole: Lots


@frozen
class AssetSlice:
    """What liquidation buys or sells of an asset for an account that owes: `open` lots, at the limit or better.

    `accrued` is the fee so far, as for orders, at the rate `taker`.
    """

    market: MarketId
    side: Side
    limit: Price
    open: Lots
    accrued: int
    taker: Rate


@frozen
class PoolLoss:
    """How the lenders of an asset share a debt of so much that nobody pays.

    Of all claims, the venue's among them, those asked so far had `before`, and bore `borne`; `offer` numbers the loss,
    so that nobody is asked twice.
    """

    asset: AssetId
    amount: Atoms
    claims: Atoms
    before: Atoms
    borne: Atoms
    offer: int


@frozen
class Liquidation:
    """The account in liquidation that is at work, the slice that is offered, and in which markets that is done.

    It is `unwinding` when its positions had their turn in this loop: then assets are traded, one after the other, for
    what it owes, and if it has nothing left, lenders share its debts.
    """

    account: AccountId
    slice: Slice | None
    unwinding: bool
    trade: AssetSlice | None
    loss: PoolLoss | None
    done: tuple[bool, ...] = per("markets")


@frozen
class Payout:
    """How a round of the settlement loop shares what clearing has among those who are owed.

    `amount` is shared by `claims`; accounts with claims of `served` had their turn and got `paid`.
    """

    amount: Atoms
    claims: Atoms
    served: Atoms
    paid: Atoms


@frozen
class Pool:
    """The cumulative interest of the pool of one asset, on what is lent and on what is borrowed, from the start.

    Units: 1 / INDEX_SCALE.
    """

    lent: int
    borrowed: int


@frozen
class Venue:
    """The venue's own accounts, one of each kind of SystemAccount."""

    custody: Holdings
    withdrawals: Holdings
    fees: Holdings
    funding: Holdings
    clearing: Holdings
    bad_debt: Holdings
    fund: Holdings
    pool: Holdings


@frozen(kw_only=True)
class State:
    """All that the venue knows.

    Between two commands no work is in progress: no taker, no account leaving, no funding, interest, settlement or
    liquidation due, and the clock at its target.
    `loop` counts the loops of liquidation.  `calm`: the last loop changed nothing and the next cannot either, for no
    account waits for heads; the clock may skip loops.  `coins` are the tosses to come, one a loop, the lowest bit
    first; `heads` is the present one.  `offers` counts the offers of positions beyond the book.
    `round` counts the rounds of the settlement loop.  `quiet`: the last round since the clock started moved nothing,
    and the next cannot either; the clock may skip rounds.  `Advance` starts with a round, for other commands came
    before it.
    """

    parameters: Parameters
    now: Millis
    target: Millis
    sequence: int
    risk_taking: bool
    funding_due: bool
    interest_due: bool
    settlement_due: bool
    round: int
    quiet: bool
    liquidation_due: bool
    loop: int
    calm: bool
    offers: int
    coins: int
    heads: bool
    accounts: Table[AccountId, Account]
    orders: Table[OrderId, Order]
    withdrawals: Table[WithdrawalId, Withdrawal]
    quotes: Table[SourceId, Quote]
    requests: Table[AccountId, Request]
    wallets: tuple[Wallet, ...] = per("assets")
    markets: tuple[MarketState, ...] = per("markets")
    pools: tuple[Pool, ...] = per("assets")
    venue: Venue
    taker: Taker | None
    leaving: AccountId | None
    collecting: Turn | None
    payout: Payout | None
    liquidating: Liquidation | None

    def credited(self, holder: Any, book: Book, amount: int) -> Self:
        """The state with this much more of the book in the holder's account.  Requires: the holder exists."""
        if isinstance(holder, SystemAccount):
            own = holder.name.lower()
            changed = {own: more(getattr(self.venue, own), book, amount)}
            return evolve(self, venue=evolve(self.venue, **changed))
        account = account_of(self, holder)
        credited = evolve(account, holdings=more(account.holdings, book, amount))
        return evolve(self, accounts=self.accounts.put(holder, credited))


def anyone(_: Account, *__: int) -> tuple[int]:
    """A rank in which no account is before another."""
    return (0,)


def account_of(state: State, account: AccountId) -> Account:
    """The account of that name.  Requires: it exists."""
    found = state.accounts.get(account)
    assert found is not None, "an account that a rule has checked, or that owns an order, exists"
    return found


def place_of(state: State, market: MarketId) -> int:
    """The place of the market of that name.  Requires: it exists."""
    found = market_place(state.parameters, market)
    assert found is not None, "an order is only placed in a market that exists"
    return found


def more(holdings: Holdings, book: Book, amount: int) -> Holdings:
    """The holdings with this much more of one book."""
    if book.line == Line.BALANCE:
        return evolve(holdings, balances=put_at(holdings.balances, book.place, holdings.balances[book.place] + amount))
    if book.line in (Line.LENT, Line.BORROWED):
        loan = holdings.loans[book.place]
        if book.line == Line.LENT:
            loan = evolve(loan, lent=Atoms(loan.lent + amount))
        else:
            loan = evolve(loan, borrowed=Atoms(loan.borrowed + amount))
        return evolve(holdings, loans=put_at(holdings.loans, book.place, loan))
    position = holdings.positions[book.place]
    if book.line == Line.SIZE:
        position = evolve(position, size=Lots(position.size + amount))
    elif book.line == Line.COST:
        position = evolve(position, cost=Atoms(position.cost + amount))
    else:
        position = evolve(position, unsettled=Atoms(position.unsettled + amount))
    return evolve(holdings, positions=put_at(holdings.positions, book.place, position))


def put_at(entries: tuple[Any, ...], place: int, entry: Any) -> tuple[Any, ...]:
    """The entries with another one at that place."""
    return (*entries[:place], entry, *entries[place + 1 :])


def opposite(side: Side) -> Side:
    """The side that an order of this side trades with."""
    return Side.SELL if side == Side.BUY else Side.BUY


def empty(parameters: Parameters) -> Holdings:
    """Nothing of anything."""
    nothing = Position(Lots(0), Atoms(0), Atoms(0), 0, Lots(0), Lots(0))
    return Holdings(
        balances=(Atoms(0),) * len(parameters.assets),
        loans=(Loan(Atoms(0), Atoms(0), 0, 0),) * len(parameters.assets),
        positions=(nothing,) * len(parameters.markets),
    )


def start(parameters: Parameters) -> State:
    """A venue before its first command."""
    return State(
        parameters=parameters,
        now=Millis(0),
        target=Millis(0),
        sequence=0,
        risk_taking=True,
        funding_due=False,
        interest_due=False,
        settlement_due=False,
        round=0,
        quiet=True,
        liquidation_due=False,
        loop=0,
        calm=True,
        offers=0,
        coins=0,
        heads=False,
        accounts=Table(),
        orders=Table(),
        withdrawals=Table(),
        quotes=Table(),
        requests=Table(),
        wallets=(Wallet(Atoms(0), Atoms(0)),) * len(parameters.assets),
        markets=(MarketState(Price(0), False, 0, 0, 0, 0, Atoms(0)),) * len(parameters.markets),
        pools=(Pool(0, 0),) * len(parameters.assets),
        venue=Venue(*(empty(parameters) for _ in SystemAccount)),
        taker=None,
        leaving=None,
        collecting=None,
        payout=None,
        liquidating=None,
    )
