"""The book: uncrossed, first by price and then by time, at limits that are kept; and what reduce-only orders may do."""

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.exposure import order_of
from clearspec.machines.exchange.claims.trades import fills
from clearspec.machines.exchange.formulas.book import priority, resting
from clearspec.machines.exchange.state.commands import Match, PlaceOrder
from clearspec.machines.exchange.state.parameters import MarketId, MarketKind, market_place
from clearspec.machines.exchange.state.types import Account, Order, OrderId, Side, State


@measure
def ranks_before(one: Order, other: Order) -> bool:
    """Has an order price-time priority over another on its side?"""
    if one.price == other.price:
        return one.sequence < other.sequence
    return one.price > other.price if one.side == Side.BUY else one.price < other.price


def first_to_trade(state: State, market: MarketId, side: Side) -> OrderId | None:
    """The open order of that side that no other ranks before, or None."""
    return state.orders.first(priority, resting, market=market, side=side)


def two_orders(choices: Choices) -> tuple[Order, Order]:
    """Two orders of one side, often at one price."""
    one, other = order_of(choices), order_of(choices)
    price = choices.pick((one.price, other.price))
    return evolve(one, sequence=choices.integer(0, 3)), evolve(
        other, side=one.side, price=price, sequence=choices.integer(0, 3)
    )


@claim(
    "EX-MAT-8",
    "Of two orders of a side the one with the better price ranks first, and at one price the earlier one.",
    title="orders rank by price, then by time",
    kind=Kind.LAW,
    source="Settlement & Clearing, Trade Execution and Atomic Settlement",
    sample=two_orders,
)
def better_price_first_then_earlier(one: Order, other: Order) -> bool:
    if one.side != other.side:
        return True
    open_only = resting(one) == (one.open > 0)
    return open_only and ranks_before(one, other) == (priority(one) < priority(other))


@claim(
    "EX-MAT-2",
    "A reduce-only order never enlarges or flips a position.",
    title="reduce-only never enlarges or flips",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §4",
)
def reduce_only_never_enlarges_or_flips(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        maker = before.orders.get(fill.maker)
        if place is None or before.taker is None or maker is None:
            return False
        if fill.buyer == fill.seller:
            continue
        for order in (before.taker.order, maker):
            was, now = before.accounts.get(order.owner), after.state.accounts.get(order.owner)
            if was is None or now is None:
                return False
            old, new = was.holdings.positions[place].size, now.holdings.positions[place].size
            if order.reduce_only and not (0 <= new < old or old < new <= 0):
                return False
    return True


@claim(
    "EX-MAT-3",
    "A fill is with the order that has price-time priority over every other open order on that side of the market.",
    title="fills have price-time priority",
    kind=Kind.STEP,
    on=(Match,),
    source="Settlement & Clearing, Trade Execution and Atomic Settlement",
)
def fills_have_price_time_priority(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        maker = before.orders.get(fill.maker)
        if maker is None or before.taker is None or maker.open <= 0:
            return False
        if maker.market != fill.market or maker.side == before.taker.order.side:
            return False
        best = maker
        if not before.orders.every(
            lambda key, order: (
                key == fill.maker
                or order.market != best.market
                or order.side != best.side
                or order.open <= 0
                or ranks_before(best, order)
            )
        ):
            return False
    return True


@claim(
    "EX-MAT-4",
    "A fill is at the maker's price, within the taker's limit, between a buyer and a seller who own the two orders.",
    title="fills are at the maker's price",
    kind=Kind.STEP,
    on=(Match,),
)
def fills_respect_limit_prices(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        maker = before.orders.get(fill.maker)
        if maker is None or before.taker is None or fill.price != maker.price:
            return False
        taker = before.taker.order
        if taker.side == Side.BUY:
            right = fill.price <= taker.price and fill.buyer == taker.owner and fill.seller == maker.owner
        else:
            right = fill.price >= taker.price and fill.seller == taker.owner and fill.buyer == maker.owner
        if not right:
            return False
    return True


@measure
def reducible_lots(account: Account, order: Order, place: int) -> int:
    """How many lots the order may still trade: what is open, and if reduce-only no more than the opposite position."""
    size = account.holdings.positions[place].size
    opposite = max(-size if order.side == Side.BUY else size, 0)
    return min(order.open, opposite) if order.reduce_only else order.open


@claim(
    "EX-RO-1",
    "A reduce-only order at work is opposite to a position at least as large as what is open of it.",
    title="an incoming reduce-only order reduces",
    kind=Kind.STATE,
    source="rules §4",
)
def reduce_only_at_work_reduces(state: State) -> bool:
    if state.taker is None or not state.taker.order.reduce_only:
        return True
    order = state.taker.order
    account, place = state.accounts.get(order.owner), market_place(state.parameters, order.market)
    if account is None or place is None or state.parameters.markets[place].kind == MarketKind.SPOT:
        return False
    size = account.holdings.positions[place].size
    return order.open <= (-size if order.side == Side.BUY else size)


@claim(
    "EX-BOOK-1",
    "The book is never crossed: in a market every open bid is below every open ask.",
    title="the book is never crossed",
    kind=Kind.STATE,
    source="Settlement & Clearing, Trade Execution and Atomic Settlement",
)
def book_is_uncrossed(state: State) -> bool:
    return state.orders.every_two(
        lambda _, bid, __, ask: (
            bid.market != ask.market
            or bid.side != Side.BUY
            or ask.side != Side.SELL
            or bid.open == 0
            or ask.open == 0
            or bid.price < ask.price
        )
    )


@claim(
    "EX-ORD-5",
    "A market order's limit is the tick price furthest from the mark that its protection and the price limit allow.",
    title="a market order is protected by a limit",
    kind=Kind.STEP,
    on=(PlaceOrder,),
    prevents="a market order that sweeps an empty book",
)
def market_order_is_protected(before: State, command: PlaceOrder, after: Accepted[State]) -> bool:
    place = market_place(before.parameters, command.market)
    if command.price is not None:
        return True
    if place is None or after.state.taker is None:
        return False
    return after.state.taker.order.price == furthest_price(before, place, command.side)


def furthest_price(state: State, place: int, side: Side) -> int:
    """The tick price furthest from the mark that the market's protection and its price limit allow to that side."""
    market, mark = state.parameters.markets[place], state.markets[place].mark
    if side == Side.BUY:
        ticks = mark * (RATE_SCALE + market.protection) // (RATE_SCALE * market.tick)
    else:
        ticks = -(-mark * (RATE_SCALE - market.protection) // (RATE_SCALE * market.tick))
    return min(ticks, market.price_max // market.tick) * market.tick
