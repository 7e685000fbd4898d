"""LOBSTER's reconstruction of NASDAQ's messages, as commands of the exchange.

A message is time, type, order id, size, price (dollars * 10,000), direction (1 buy, -1 sell) of the resting order.
Submissions (1) rest; cancellations (2) reduce and deletions (3) remove; each visible execution (4) is sent as an
immediate-or-cancel order of the other side with side, size and price only, and must fill the very order that NASDAQ
filled.  Hidden executions (5), crosses (6) and halts (7) touch no visible order and are counted, not sent.

Source: LOBSTER, "Output File Format"; the files are read as hostile input: bounded lines, digits only.
"""

import gzip
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import define, evolve, field, frozen

from clearspec.core.machine import Accepted, Rejected
from clearspec.core.quantities import Atoms, Lots, Millis, Price, Rate
from clearspec.machines.exchange.drive.worlds import SPOT, STANDARD, VARIANTS
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.book import best
from clearspec.machines.exchange.state.commands import CancelOrder, Deposit, OpenAccount, PlaceOrder, QuotePrice
from clearspec.machines.exchange.state.events import OrderFilled
from clearspec.machines.exchange.state.parameters import MarketId, Parameters
from clearspec.machines.exchange.state.types import (
    AccountId,
    OrderId,
    SelfTrade,
    Side,
    SourceId,
    State,
    TimeInForce,
    start,
)

SUBMISSION, CANCELLATION, DELETION, EXECUTION, HIDDEN, CROSS, HALT = range(1, 8)
LONGEST_LINE = 200
MOST_DIGITS = 15
EMPTY = 9_999_999_999
"""LOBSTER's price of a side of the book on which there is no order."""
WINDOW = 10_000
"""Messages over which the first and the last rate are taken."""

RESTING, AGGRESSIVE = AccountId("resting"), AccountId("aggressive")
FUNDS = Atoms(10**17)


@frozen
class Message:
    """One line of a message file."""

    line: int
    type: int
    order: OrderId
    size: Lots
    price: Price
    side: Side


@define
class Replay:
    """What came of it.  `mismatched` and `not_in_file` count executions by cause."""

    messages: int = 0
    executions: int = 0
    in_file: int = 0
    matched: int = 0
    mismatched: dict[str, int] = field(factory=dict)
    not_sent: dict[str, int] = field(factory=dict)
    crossed: int = 0
    refused: dict[str, int] = field(factory=dict)
    quotes_compared: int = 0
    quotes_equal: int = 0
    seconds: float = 0.0
    messages_per_second: float = 0.0
    first_rate: float = 0.0
    last_rate: float = 0.0

    @property
    def ok(self) -> bool:
        """Are at least 99 % of the executions whose order is in the file matched, and did no other message trade?"""
        return self.crossed == 0 and 100 * self.matched >= 99 * self.in_file


def replay(
    messages: Path, orderbook: Path | None = None, on_progress: Callable[[int], None] = lambda _: None
) -> Replay:
    """Drive the exchange with a message file; compare the best quotes with an order-book file of level 1, if given.

    Raises ValueError with line and field for a file that is not of the format.
    """
    quotes = _file_quotes(orderbook) if orderbook is not None else None
    found, ledger, mismatched, not_sent = Replay(), _Book(), Counter[str](), Counter[str]()
    began = monotonic()
    times = [began]
    for message in read_messages(messages):
        found.messages += 1
        _send(message, ledger, found, mismatched, not_sent)
        if quotes is not None and ledger.quote_changed():
            found.quotes_compared += 1
            found.quotes_equal += quotes.meets(ledger.quote)
        times.append(monotonic())
        if found.messages % 500 == 0:
            on_progress(found.messages)
    found.seconds = times[-1] - began
    found.messages_per_second = found.messages / max(found.seconds, 1e-9)
    span = min(WINDOW, found.messages)
    found.first_rate = span / max(times[span] - times[0], 1e-9)
    found.last_rate = span / max(times[-1] - times[-1 - span], 1e-9)
    found.mismatched, found.not_sent, found.refused = dict(mismatched), dict(not_sent), dict(ledger.refused)
    return found


def _send(message: Message, ledger: "_Book", found: Replay, mismatched: Counter[str], not_sent: Counter[str]) -> None:
    """Send one message as a command, and count what came of it."""
    if message.type == SUBMISSION:
        found.crossed += len(ledger.place(message, RESTING, message.order, TimeInForce.GOOD_TILL_CANCELLED)) > 0
        return
    if message.type in (HIDDEN, CROSS, HALT):
        not_sent[{HIDDEN: "hidden execution", CROSS: "cross", HALT: "halt"}[message.type]] += 1
        return
    found.executions += message.type == EXECUTION
    if not ledger.knows(message.order):
        kind = "execution" if message.type == EXECUTION else "cancellation"
        not_sent[f"{kind} of an order older than the file"] += 1
        return
    if message.type in (CANCELLATION, DELETION):
        ledger.send(CancelOrder(RESTING, message.order, message.size if message.type == CANCELLATION else None))
        return
    found.in_file += 1
    # The order carries side, size and price only: which order it meets is the model's business.
    before = ledger.state
    aggressive = evolve(message, side=Side.SELL if message.side == Side.BUY else Side.BUY)
    name = OrderId(f"execution-{message.line}")
    fills = ledger.place(aggressive, AGGRESSIVE, name, TimeInForce.IMMEDIATE_OR_CANCEL)
    if len(fills) == 1 and fills[0].maker == message.order and fills[0].lots == message.size:
        found.matched += 1
        return
    mismatched[ledger.why_not(message, fills)] += 1
    # A wrong fill is counted once and undone, so that it does not cause the next: the book goes on as NASDAQ's did.
    ledger.state = before
    ledger.send(CancelOrder(RESTING, message.order, message.size))


@define
class _Book:
    """The model with one market, an account that rests orders and one that takes them."""

    state: State = field(factory=lambda: _opened())
    quote: tuple[int, int, int, int] = (EMPTY, 0, -EMPTY, 0)
    refused: Counter[str] = field(factory=Counter)

    def send(self, command: Any) -> tuple[Any, ...]:
        """Run a command; the events, or none if it was refused."""
        outcome = MACHINE.step(self.state, command)
        if isinstance(outcome, Rejected):
            self.refused[outcome.reason.name] += 1
            return ()
        self.state = outcome.state
        return outcome.events

    def place(self, message: Message, account: AccountId, name: OrderId, terms: TimeInForce) -> list[OrderFilled]:
        """Place an order of the message's side, size and price; its fills."""
        order = PlaceOrder(
            account, name, SPOT, message.side, message.price, message.size, terms, False, SelfTrade.ALLOW
        )
        return [event for event in self.send(order) if isinstance(event, OrderFilled)]

    def knows(self, order: OrderId) -> bool:
        """Did the file submit this order?"""
        return self.state.orders.get(order) is not None

    def why_not(self, message: Message, fills: list[OrderFilled]) -> str:
        """Why the model did not fill the order that NASDAQ filled."""
        if not fills:
            return "nothing to trade with at this price"
        if fills[0].maker == message.order:
            return "fewer lots open than executed"
        if fills[0].price != message.price:
            return "an order with a better price, whose end the file does not show"
        return "an earlier order at the same price, whose end the file does not show"

    def quote_changed(self) -> bool:
        """Have the best prices or the sizes at them changed since the last question?"""
        before, self.quote = self.quote, self._quote()
        return before != self.quote

    def _quote(self) -> tuple[int, int, int, int]:
        ask, ask_size = self._best(Side.SELL, EMPTY)
        bid, bid_size = self._best(Side.BUY, -EMPTY)
        return ask, ask_size, bid, bid_size

    def _best(self, side: Side, nothing: int) -> tuple[int, int]:
        order_id = best(self.state, SPOT, side)
        order = None if order_id is None else self.state.orders.get(order_id)
        if order is None:
            return nothing, 0
        return order.price, self.state.orders.total(open_lots, market=SPOT, side=side, price=order.price)


def _opened() -> State:
    """A venue with one market in whole shares and hundredths of a cent, without fees, and two rich accounts."""
    base = VARIANTS["one-source"]
    market = evolve(
        base.markets[0], lot=Atoms(1), tick=Price(1), price_max=Price(10**11), size_max=Lots(10**9),
        open_max=Lots(10**12), notional_min=Atoms(1), notional_max=Atoms(10**17),
    )  # fmt: skip
    parameters: Parameters = evolve(
        base,
        markets=(market, evolve(base.markets[1], id=MarketId("unused"))),
        tiers=(evolve(base.tiers[0], maker=Rate(0), taker=Rate(0)),),
        stale_after=Millis(86_400_000),
    )
    state = start(parameters)
    commands: list[Any] = [QuotePrice(SourceId("open"), SPOT, Price(1))]
    for account in (RESTING, AGGRESSIVE):
        commands.append(OpenAccount(account, STANDARD, 1))
        commands.extend(Deposit(account, asset.id, FUNDS) for asset in parameters.assets)
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), f"the venue of the replay opens: {command}, {outcome}"
        state = outcome.state
    return state


def read_messages(path: Path) -> Iterator[Message]:
    """The messages of a file, plain or gzip.  Raises ValueError with line and field."""
    for number, fields in _rows(path, 6):
        kind = _integer(number, "type", fields[1])
        if kind not in range(1, 8):
            raise ValueError(f"line {number}: type {kind} is none of 1 to 7")
        direction = _integer(number, "direction", fields[5])
        if direction not in (1, -1):
            raise ValueError(f"line {number}: direction {direction} is neither 1 nor -1")
        size, price = _integer(number, "size", fields[3]), _integer(number, "price", fields[4])
        if kind in (SUBMISSION, CANCELLATION, DELETION, EXECUTION) and (size <= 0 or price <= 0):
            raise ValueError(f"line {number}: size {size} and price {price} must be positive")
        order = str(_integer(number, "order id", fields[2]))
        yield Message(number, kind, OrderId(order), Lots(size), Price(price), Side.BUY if direction == 1 else Side.SELL)


def _rows(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file as lists of so many fields, with their numbers."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="ascii", newline="") as lines:
            number = 0
            while line := lines.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"line {number}: longer than {LONGEST_LINE} characters")
                fields = line.strip().split(",")
                if len(fields) != columns:
                    raise ValueError(f"line {number}: {len(fields)} fields, expected {columns}")
                yield number, fields
    except UnicodeDecodeError:
        raise ValueError("not a text file of digits and commas") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise ValueError("not a whole gzip file") from None


def _integer(number: int, name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise ValueError(f"line {number}: {name} {text[:20]!r} is not a whole number of at most {MOST_DIGITS} digits")
    return int(text)


@define
class _FileQuotes:
    """The quotes of an order-book file, in order; rows that repeat the one before are left out.

    The file has a row for each message that touched the best level and the message file has none for what
    happened before it begins, so the two are aligned by looking a little ahead.
    """

    rows: Iterator[tuple[int, int, int, int]]
    ahead: deque[tuple[int, int, int, int]] = field(factory=deque)

    def meets(self, quote: tuple[int, int, int, int]) -> bool:
        """Is the quote among the next rows of the file?  If so, go on behind it."""
        while len(self.ahead) < 50 and (row := next(self.rows, None)) is not None:
            if not self.ahead or self.ahead[-1] != row:
                self.ahead.append(row)
        if quote not in self.ahead:
            return False
        while self.ahead.popleft() != quote:
            pass
        return True


def _file_quotes(path: Path) -> _FileQuotes:
    def rows() -> Iterator[tuple[int, int, int, int]]:
        for number, fields in _rows(path, 4):
            ask, ask_size, bid, bid_size = (
                _integer(number, name, text) for name, text in zip(("ask", "size", "bid", "size"), fields, strict=True)
            )
            yield ask, ask_size, bid, bid_size

    return _FileQuotes(rows())
