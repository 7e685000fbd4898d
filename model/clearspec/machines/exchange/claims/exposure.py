"""What orders hold and what they can lead to: holds are enough and exact, and the worst case is the worst."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, Rate
from clearspec.machines.exchange.formulas.exposure import (
    OpenLots,
    cash_held,
    charged,
    fee_held,
    gain,
    increasing_lots,
    loss_at,
    open_lots,
    reducing_lots,
    worst_lots,
)
from clearspec.machines.exchange.formulas.perpetual import after_fill
from clearspec.machines.exchange.state.parameters import MarketId, spots
from clearspec.machines.exchange.state.types import AccountId, Order, Position, SelfTrade, Side, State, TimeInForce


def order_of(choices: Choices) -> Order:
    """An order in the middle of its life."""
    price, opened, filled = choices.integer(1, 60), choices.integer(0, 9), choices.integer(0, 9)
    maker, taker = choices.pick(((20_000, 110_000), (-30_000, 50_000), (200, 600), (600, 200)))
    return Order(
        owner=AccountId("a"), market=MarketId("SOL-PERP"), side=choices.pick(tuple(Side)), price=Price(price),
        size=Lots(opened + filled), open=Lots(opened), filled=Lots(filled), cancelled=Lots(0),
        accrued=choices.integer(-3_000_000, 3_000_000), maker=Rate(maker), taker=Rate(taker),
        reduce_only=choices.pick((False, True)), time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
        self_trade=SelfTrade.ALLOW, sequence=0,
    )  # fmt: skip


def hold_arguments(choices: Choices) -> tuple[Any, ...]:
    """An order, a fill of it, and a mark."""
    order = order_of(choices)
    return order, choices.integer(0, order.open), choices.integer(1, 60), choices.pick((False, True))


def filled_in_part(order: Order, lots: int, price: int, makes: bool) -> Order:
    """The order after a fill of so many lots at that price, as maker or as taker."""
    rate = order.maker if makes else order.taker
    return evolve(
        order,
        open=Lots(order.open - lots),
        filled=Lots(order.filled + lots),
        accrued=order.accrued + rate * lots * price,
    )


def not_worse(order: Order, price: int) -> bool:
    """Is the price at least as good for the owner as the order's limit?"""
    return price <= order.price if order.side == Side.BUY else price >= order.price


@claim(
    "EX-HOLD-2",
    "A bid holds enough. What a fill of any part pays, fee included, and what the rest then holds, never exceed what"
    " was held before.",
    title="a bid holds enough",
    kind=Kind.LAW,
    source="rules §3",
    prevents="fees rounded up per fill: 1 atom held, 1,000 charged",
    sample=hold_arguments,
)
def a_bid_holds_enough(order: Order, lots: int, price: int, makes: bool) -> bool:
    if not (0 <= lots <= order.open and 0 <= price <= order.price and order.taker >= 0):
        return True
    after = filled_in_part(order, lots, price, makes)
    paid = lots * price + charged(after) - charged(order)
    return paid + cash_held(after) <= cash_held(order)


@claim(
    "EX-HOLD-3",
    "What a bid holds is exact: filling all of the rest at the limit price and the dearer rate costs all of it.",
    title="a bid holds no more than it needs",
    kind=Kind.LAW,
    source="rules §3",
    sample=hold_arguments,
)
def a_bid_holds_no_more_than_it_needs(order: Order, lots: int, price: int, makes: bool) -> bool:
    if order.open < 0 or order.price < 0 or order.taker < 0:
        return True
    dearest = order.maker if order.maker > order.taker else order.taker
    after = evolve(order, open=Lots(0), accrued=order.accrued + dearest * order.open * order.price)
    return cash_held(order) == order.open * order.price + charged(after) - charged(order) and cash_held(after) == 0


@claim(
    "EX-FEE-4",
    "What an order was charged is the ceiling of what has accrued.",
    title="a charge is the ceiling of what accrued",
    kind=Kind.LAW,
    source="rules §4",
    sample=hold_arguments,
)
def charged_is_the_ceiling(order: Order, lots: int, price: int, makes: bool) -> bool:
    return (charged(order) - 1) * RATE_SCALE < order.accrued <= charged(order) * RATE_SCALE


def worst_case_arguments(choices: Choices) -> tuple[Any, ...]:
    """A position, the other open orders, one order, a fill of that one, and a mark."""
    order, n = order_of(choices), choices.integer
    position = Position(Lots(n(-12, 12)), Atoms(n(-400, 400)), Atoms(n(-99, 99)), 0, Lots(0), Lots(0))
    others = OpenLots(Lots(n(0, 9)), Lots(n(0, 9)), Lots(n(0, 9)), Lots(n(0, 9)))
    better = n(0, 20)
    price = order.price - better if order.side == Side.BUY else order.price + better
    return position, others, order, n(0, order.open), price, n(1, 60), choices.pick((False, True))


def together(others: OpenLots, order: Order) -> OpenLots:
    """The open lots of the other orders and this one."""
    adds = 0 if order.reduce_only else order.open
    reduces = order.open if order.reduce_only else 0
    buys = order.side == Side.BUY
    return OpenLots(
        bids=Lots(others.bids + (adds if buys else 0)),
        asks=Lots(others.asks + (0 if buys else adds)),
        reducing_bids=Lots(others.reducing_bids + (reduces if buys else 0)),
        reducing_asks=Lots(others.reducing_asks + (0 if buys else reduces)),
    )


def possible_fill(position: Position, order: Order, lots: int, price: int, mark: int) -> bool:
    """Is this a fill that the rules allow: not worse than the limit, and by a reduce-only order only what reduces?"""
    opposite = -position.size if order.side == Side.BUY else position.size
    return (
        0 <= lots <= order.open
        and price >= 0
        and mark >= 0
        and order.price >= 0
        and -RATE_SCALE <= order.maker <= RATE_SCALE
        and 0 <= order.taker <= RATE_SCALE
        and not_worse(order, price)
        and (not order.reduce_only or lots <= opposite)
    )


@claim(
    "EX-WC-1",
    "No fill of any part of an open order, at its limit or better, enlarges the worst size. So no sequence of fills"
    " does.",
    title="the worst size dominates every fill",
    kind=Kind.LAW,
    source="rules §3: the theorem on the worst case, at constant marks",
    prevents="two corners at limit prices: mark 100, bids 10@110 and 10@1",
    sample=worst_case_arguments,
)
def worst_size_dominates_a_fill(
    position: Position, others: OpenLots, order: Order, lots: int, price: int, mark: int, makes: bool
) -> bool:
    if not possible_fill(position, order, lots, price, mark):
        return True
    if others.bids < 0 or others.asks < 0 or others.reducing_bids < 0 or others.reducing_asks < 0:
        return True
    signed = lots if order.side == Side.BUY else -lots
    left = together(others, filled_in_part(order, lots, price, makes))
    return worst_lots(position.size + signed, left) <= worst_lots(position.size, together(others, order))


@claim(
    "EX-WC-2",
    "At a constant mark, with gains in full, the gain less what open orders may lose and be charged never falls by a"
    " fill. This holds to the atom.",
    title="the worst gain dominates every fill",
    kind=Kind.LAW,
    source="rules §3: the theorem on the worst case, at constant marks",
    prevents="Mango v4: health overstated by orders that cross the mark",
    sample=worst_case_arguments,
)
def worst_gain_dominates_a_fill(
    position: Position, others: OpenLots, order: Order, lots: int, price: int, mark: int, makes: bool
) -> bool:
    if not possible_fill(position, order, lots, price, mark):
        return True
    signed = lots if order.side == Side.BUY else -lots
    left = filled_in_part(order, lots, price, makes)
    traded = after_fill(position, signed, price)
    paid = evolve(traded, unsettled=Atoms(traded.unsettled - (charged(left) - charged(order))))
    return worst_gain(paid, left, mark) >= worst_gain(position, order, mark)


def worst_gain(position: Position, order: Order, mark: int) -> int:
    """Gain at the mark, less what the order loses at once and may be charged.

    The other open orders take off the same before and after.
    """
    return gain(position, Price(mark)) - loss_at(order, Price(mark)) - fee_held(order)


@claim(
    "EX-WC-3",
    "The worst size is reached when all bids fill, or all asks, reduce-only ones as far as they reduce. The worst"
    " loss is that of every open lot at its limit price.",
    title="the worst case is reached",
    kind=Kind.LAW,
    source="rules §3",
    sample=worst_case_arguments,
)
def worst_case_is_reached(
    position: Position, others: OpenLots, order: Order, lots: int, price: int, mark: int, makes: bool
) -> bool:
    size = position.size
    covering = min(others.reducing_bids, -size) if size < 0 else min(others.reducing_bids, 0)
    selling_out = min(others.reducing_asks, size) if size > 0 else min(others.reducing_asks, 0)
    bought, sold = abs(size + others.bids + covering), abs(size - others.asks - selling_out)
    per_lot = order.price - mark if order.side == Side.BUY else mark - order.price
    return (
        worst_lots(size, others) == (bought if bought > sold else sold)
        and loss_at(order, Price(mark)) == (order.open * per_lot if per_lot > 0 else 0)
        and increasing_lots(order) + reducing_lots(order) == order.open
        and (increasing_lots(order) if order.reduce_only else reducing_lots(order)) == 0
    )


@claim(
    "EX-HOLD-1",
    "No open spot order is without its encumbrance: balances cover what all open orders hold, fees included.",
    title="balances cover what orders hold",
    kind=Kind.STATE,
    source="rules §3",
    prevents="Drift 2022: the same balance spent twice",
)
def balances_cover_what_orders_hold(state: State) -> bool:
    return state.accounts.every(
        lambda key, account: all(
            account.holdings.balances[asset] >= held_of(state, key, asset)
            for asset in range(len(state.parameters.assets))
        )
    )


@measure
def held_of(state: State, account: object, asset: int) -> int:
    """What the open orders of the account, the order at work and collateral for sale hold of the asset."""
    amount = 0
    for place in spots(state.parameters):
        market = state.parameters.markets[place]
        working = state.taker.order if state.taker is not None else None
        mine = working is not None and working.owner == account and working.market == market.id
        if asset == 0:
            amount += state.orders.total(cash_held, owner=account, market=market.id, side=Side.BUY)
            if working is not None and mine and working.side == Side.BUY:
                amount += cash_held(working)
        elif asset == market.base:
            lots = state.orders.total(open_lots, owner=account, market=market.id, side=Side.SELL)
            if working is not None and mine and working.side == Side.SELL:
                lots += working.open
            turn = state.collecting
            if turn is not None and turn.sale is not None and turn.account == account and turn.sale.market == market.id:
                lots += turn.sale.open
            amount += lots * market.lot
    return amount
