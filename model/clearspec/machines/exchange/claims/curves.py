"""Laws of the measures, for all inputs: the curves, the holds, and that the worst case is the worst."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Millis, Price, Rate
from clearspec.machines.exchange.drive.worlds import DEFAULT
from clearspec.machines.exchange.formulas.collateral import collateral_value, debt_in_full, debt_value, within_curve
from clearspec.machines.exchange.formulas.exposure import (
    OpenLots,
    cash_held,
    charged,
    fee_held,
    gain,
    increasing_lots,
    loss_at,
    reducing_lots,
    worst_lots,
)
from clearspec.machines.exchange.formulas.margin import reduced
from clearspec.machines.exchange.formulas.marks import agreeing, count_agreeing, count_fresh, fresh
from clearspec.machines.exchange.formulas.perpetual import after_fill
from clearspec.machines.exchange.formulas.requirement import covers_curve, requirement
from clearspec.machines.exchange.state.parameters import Asset, Curve, MarketId
from clearspec.machines.exchange.state.types import AccountId, Order, Position, Quote, SelfTrade, Side, TimeInForce


def amount(choices: Choices) -> int:
    """Small amounts half of the time, of any size otherwise."""
    return choices.integer(0, 10 ** choices.pick((1, 1, 2, 3, 6, 12, 15)))


def curve_arguments(choices: Choices) -> tuple[Any, ...]:
    """An asset, dollars, a lot, and two worths, the second not smaller."""
    asset = evolve(DEFAULT.assets[1], weight=Rate(choices.pick((900_000, 1_000_000, choices.integer(0, RATE_SCALE)))),
                   penalty=Rate(choices.pick((0, 500, 100_000, choices.integer(0, 2_000_000)))))  # fmt: skip
    worth = amount(choices)
    return asset, choices.pick((1, 2, 1_000_000)), choices.pick((1, 3, 10_000_000)), worth, worth + amount(choices)


@claim(
    "EX-COL-1",
    "A collateral value is the largest whole amount that min(weight, 1.1 / (1 + penalty * sqrt(dollars))) of the exact"
    " value covers.",
    kind=Kind.LAW,
    source="Settlement & Clearing, Collateral Valuation; rules §3",
    prevents="rounding chains that overstate collateral",
    sample=curve_arguments,
)
def collateral_value_is_exact(asset: Asset, usd: int, lot: int, worth: int, _: int) -> bool:
    if worth < 0 or lot <= 0 or usd <= 0 or asset.penalty < 0 or not 0 <= asset.weight <= RATE_SCALE:
        return True
    value = collateral_value(asset, usd, lot, worth)
    fits, next_fits = (
        each * lot * RATE_SCALE <= asset.weight * worth
        and 11 * worth >= 10 * each * lot
        and (10 * each * asset.penalty) ** 2 * lot * worth <= (11 * worth - 10 * each * lot) ** 2 * usd * RATE_SCALE**2
        for each in (value, value + 1)
    )
    return value >= 0 and fits and not next_fits


@claim(
    "EX-COL-2",
    "More of an asset is never worth less as collateral.",
    kind=Kind.LAW,
    source="rules §1",
    prevents="a weight rounded to four decimals: +1 dollar at 1,000,272 loses 99.29",
    sample=curve_arguments,
    open_cells={"law": "Z3 proves it; cvc5 did not within its time on any of the prover's readings, nor on Z3's core"},
)
def collateral_value_is_monotone(asset: Asset, usd: int, lot: int, worth: int, more: int) -> bool:
    if not 0 <= worth <= more or lot <= 0 or usd <= 0 or asset.penalty < 0 or not 0 <= asset.weight <= RATE_SCALE:
        return True
    return collateral_value(asset, usd, lot, worth) <= collateral_value(asset, usd, lot, more)


def end_of_collateral(choices: Choices) -> tuple[Any, ...]:
    """An asset, dollars, a lot, a worth, and an amount near what the weight alone lets count."""
    asset, usd, lot, worth, _ = curve_arguments(choices)
    return asset, usd, lot, worth, asset.weight * worth // (lot * RATE_SCALE) + choices.integer(-2, 2)


@claim(
    "EX-COL-4",
    "Nothing at all always counts as collateral, and what the weight alone does not let count never does.",
    kind=Kind.LAW,
    source="rules §3",
    prevents="a search for the largest that has no end, of which anything could be proved",
    sample=end_of_collateral,
)
def collateral_ends(asset: Asset, usd: int, lot: int, worth: int, value: int) -> bool:
    if worth < 0 or lot <= 0 or usd <= 0 or asset.penalty < 0 or not 0 <= asset.weight <= RATE_SCALE:
        return True
    beyond = value * lot * RATE_SCALE > asset.weight * worth
    return within_curve(asset, usd, lot, 0, worth) and not (beyond and within_curve(asset, usd, lot, value, worth))


def less_collateral(choices: Choices) -> tuple[Any, ...]:
    """An asset, dollars, a lot, a worth, an amount, and one that is not more."""
    asset, usd, lot, worth, value = end_of_collateral(choices)
    return asset, usd, lot, worth, value // choices.pick((1, 2, 7)), choices.integer(0, max(value, 0))


@claim(
    "EX-COL-5",
    "Less than what counts as collateral, counts.",
    kind=Kind.LAW,
    source="rules §3",
    prevents="a search whose result depends on where it begins",
    sample=less_collateral,
)
def less_collateral_counts(asset: Asset, usd: int, lot: int, worth: int, value: int, less: int) -> bool:
    if worth < 0 or lot <= 0 or usd <= 0 or asset.penalty < 0 or not 0 <= asset.weight <= RATE_SCALE:
        return True
    if not 0 <= less <= value or not within_curve(asset, usd, lot, value, worth):
        return True
    return within_curve(asset, usd, lot, less, worth)


def debt_arguments(choices: Choices) -> tuple[Any, ...]:
    """A worth, a lot and a weight."""
    return amount(choices), choices.pick((1, 3, 10_000_000)), Rate(RATE_SCALE + choices.integer(0, 99_999))


@claim(
    "EX-COL-3",
    "A debt counts the smallest whole amount that its exact value, weighted or in full, does not exceed.",
    kind=Kind.LAW,
    source="rules §6",
    sample=debt_arguments,
)
def debt_value_is_exact(worth: int, lot: int, weight: Rate) -> bool:
    if lot <= 0:
        return True
    value, full = debt_value(worth, lot, weight), debt_in_full(worth, lot)
    weighted = (value - 1) * lot * RATE_SCALE < worth * weight <= value * lot * RATE_SCALE
    return weighted and (full - 1) * lot < worth <= full * lot


def requirement_arguments(choices: Choices) -> tuple[Any, ...]:
    """A curve, leverage, dollars and two exposures."""
    factor = choices.pick((0, 5, 10, 30_000, choices.integer(0, 100_000)))
    curve = Curve(Rate(choices.integer(1, 200_000)), Rate(factor))
    leverage = choices.pick((None, choices.integer(1, 50)))
    return curve, leverage, choices.pick((1, 2, 1_000_000)), amount(choices), amount(choices)


def sensible(curve: Curve, leverage: int | None, usd: int) -> bool:
    """Are these parameters of a margin requirement that valid parameters allow?"""
    return (leverage is None or leverage > 0) and usd > 0 and curve.base >= 0 and curve.factor >= 0


@claim(
    "EX-REQ-1",
    "A margin requirement is the smallest whole amount that covers max(1 / leverage, base, factor * sqrt(dollars)) of"
    " the exposure.",
    kind=Kind.LAW,
    source="Settlement & Clearing, Pre-Trade Clearing; rules §3",
    sample=requirement_arguments,
)
def requirement_is_exact(curve: Curve, leverage: int | None, usd: int, exposure: int, _: int) -> bool:
    if exposure < 0 or not sensible(curve, leverage, usd):
        return True
    margin = requirement(curve, leverage, usd, exposure)
    covers, less_covers = (
        (leverage is None or each * leverage >= exposure)
        and each * RATE_SCALE >= curve.base * exposure
        and each * each * usd * RATE_SCALE**2 >= curve.factor**2 * exposure**3
        for each in (margin, margin - 1)
    )
    return margin >= 0 and covers and (margin == 0 or not less_covers)


@claim(
    "EX-REQ-2",
    "More exposure never needs less margin.",
    kind=Kind.LAW,
    source="rules §3",
    sample=requirement_arguments,
)
def requirement_is_monotone(curve: Curve, leverage: int | None, usd: int, exposure: int, more: int) -> bool:
    if exposure < 0 or more < 0 or not sensible(curve, leverage, usd):
        return True
    return requirement(curve, leverage, usd, exposure) <= requirement(curve, leverage, usd, exposure + more)


@claim(
    "EX-REQ-3",
    "Splitting an exposure in two saves at most one atom of margin: in n parts, at most n - 1.",
    kind=Kind.LAW,
    source="rules §3",
    prevents="an exposure split over sub-accounts to escape concentration margin",
    sample=requirement_arguments,
    open_cells={"law": "Z3 proves it; cvc5 did not within its time on any of the prover's readings, nor on Z3's core"},
)
def requirement_is_superadditive(curve: Curve, leverage: int | None, usd: int, one: int, other: int) -> bool:
    if one < 0 or other < 0 or not sensible(curve, leverage, usd):
        return True
    apart = requirement(curve, leverage, usd, one) + requirement(curve, leverage, usd, other)
    return requirement(curve, leverage, usd, one + other) >= apart - 1


def end_of_requirement(choices: Choices) -> tuple[Any, ...]:
    """A curve, leverage, dollars, an exposure, and two margins."""
    curve, leverage, usd, exposure, margin = requirement_arguments(choices)
    most = exposure * (1 + curve.base + curve.factor * exposure)
    return curve, leverage, usd, exposure, choices.pick((margin, most)), margin + amount(choices)


@claim(
    "EX-REQ-4",
    "As many times the exposure as its rates and it add up to is margin enough; and more than margin enough is enough.",
    kind=Kind.LAW,
    source="rules §3",
    prevents="a search for the smallest that has no end, of which anything could be proved",
    sample=end_of_requirement,
)
def requirement_ends(curve: Curve, leverage: int | None, usd: int, exposure: int, margin: int, more: int) -> bool:
    if exposure < 0 or not sensible(curve, leverage, usd):
        return True
    most = exposure * (1 + curve.base + curve.factor * exposure)
    if 0 <= margin <= more and covers_curve(curve, leverage, usd, margin, exposure):
        return covers_curve(curve, leverage, usd, more, exposure)
    return margin != most or covers_curve(curve, leverage, usd, margin, exposure)


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
    "A bid holds enough: what a fill of any part of it pays, fee included, and what the rest then holds, never exceed"
    " what was held before.",
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
    "The worst case dominates: no fill of any part of any open order, at its limit or better, enlarges the worst size;"
    " and so no sequence of fills, none left out or all done.",
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
    "The worst case dominates: at a constant mark and with gains in full, the gain less what open orders may lose and"
    " be charged never falls by a fill of any part of any of them, to the atom.",
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
    "The worst case is no worse than it can be: its size is reached when all bids fill, reduce-only ones as far as they"
    " reduce, or all asks; its loss is that of every open lot at its limit price.",
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


def size_arguments(choices: Choices) -> tuple[Any, ...]:
    """Two sizes of a position, near each other and near nothing."""
    return choices.integer(-3, 3), choices.integer(-3, 3)


@claim(
    "EX-MAR-5",
    "A position is reduced when less of it is left, on the same side or none at all; to stay as it is, is not to be"
    " reduced.",
    kind=Kind.LAW,
    source="rules §3: what may be done below initial margin",
    sample=size_arguments,
)
def reduced_is_less_on_the_same_side(was: int, now: int) -> bool:
    same_side = now >= 0 if was > 0 else now <= 0
    return reduced(was, now) == (same_side and abs(now) < abs(was))


def quote_arguments(choices: Choices) -> tuple[Any, ...]:
    """A quote, an age limit near its time, and a middle from which it is about as far as the bound."""
    middle, outlier = choices.integer(1, 40), choices.pick((0, 250_000, 500_000))
    far = middle * outlier // RATE_SCALE
    price = max(middle + choices.pick((-1, 1)) * far + choices.integer(-1, 1), 1)
    at = choices.integer(0, 5)
    return Quote(MarketId("SOL-PERP"), Price(price), Millis(at)), at + choices.integer(-1, 1), middle, outlier


@claim(
    "EX-MRK-2",
    "A quote is fresh up to its age limit and agrees up to the bound around the middle, both included.",
    kind=Kind.LAW,
    source="rules §4",
    sample=quote_arguments,
)
def quotes_count_up_to_their_limits(quote: Quote, since: int, middle: int, outlier: int) -> bool:
    stale = quote.at < since
    above = (quote.price - middle) * RATE_SCALE > outlier * middle
    below = (middle - quote.price) * RATE_SCALE > outlier * middle
    counts = 0 if stale or above or below else 1
    oldest, centre = Millis(since), Price(middle)
    return (
        fresh(quote, oldest) == (not stale)
        and count_fresh(quote, oldest) == (0 if stale else 1)
        and agreeing(quote, oldest, centre, outlier) == (counts == 1)
        and count_agreeing(quote, oldest, centre, outlier) == counts
    )
