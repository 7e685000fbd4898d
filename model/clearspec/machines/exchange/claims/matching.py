"""Matching: what one beat may do to the order at work and to the book, and that it ends."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.machines.exchange.claims.margin import in_margin_after
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.formulas.perpetual import after_fill
from clearspec.machines.exchange.rules.book import best, fillable
from clearspec.machines.exchange.state.commands import BuyAsset, CancelNext, Convert, Match, SellAsset, TradeSlice
from clearspec.machines.exchange.state.events import (
    AssetTraded,
    Cause,
    CollateralSold,
    OrderCancelled,
    OrderFilled,
    OrderRested,
    SliceTraded,
)
from clearspec.machines.exchange.state.parameters import Market, MarketKind, market_place
from clearspec.machines.exchange.state.types import (
    Account,
    Holdings,
    Order,
    Sale,
    SelfTrade,
    Side,
    Slice,
    State,
    TimeInForce,
)

Filling = Match | Convert | TradeSlice | SellAsset | BuyAsset
"""The beats that trade with a resting order."""


def fills(after: Accepted[State]) -> tuple[OrderFilled, ...]:
    """The trades of this beat: none or one."""
    return tuple(event for event in after.events if isinstance(event, OrderFilled))


def cancels(after: Accepted[State]) -> tuple[OrderCancelled, ...]:
    """The cancellations of this beat."""
    return tuple(event for event in after.events if isinstance(event, OrderCancelled))


@measure
def ranks_before(one: Order, other: Order) -> bool:
    """Has an order price-time priority over another on its side?"""
    if one.price == other.price:
        return one.sequence < other.sequence
    return one.price > other.price if one.side == Side.BUY else one.price < other.price


@claim(
    "EX-MAT-1",
    "There is no fill without margin: both sides are in margin on the state after it.",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §3",
    prevents="Mango v4: health overstated by orders that cross the mark",
)
def no_fill_without_margin(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        taker, maker = after.state.taker, after.state.orders.get(fill.maker)
        if place is None or taker is None or maker is None:
            return False
        for order in (taker.order, maker):
            was, now = before.accounts.get(order.owner), after.state.accounts.get(order.owner)
            if was is None or now is None:
                return False
            if not in_margin_after(after.state, was, now, place):
                return False
    return True


@claim(
    "EX-MAT-2",
    "A reduce-only order never enlarges or flips a position.",
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
    "EX-MAT-5",
    "A fill is as large as both orders allow, and takes the same lots from both: nothing is made or lost.",
    kind=Kind.STEP,
    on=(Match,),
)
def matching_conserves_quantity(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        maker, left = before.orders.get(fill.maker), after.state.orders.get(fill.maker)
        if place is None or maker is None or left is None or before.taker is None or after.state.taker is None:
            return False
        taker, rest = before.taker.order, after.state.taker.order
        taking, making = before.accounts.get(taker.owner), before.accounts.get(maker.owner)
        if taking is None or making is None:
            return False
        most = min(reducible_lots(taking, taker, place), reducible_lots(making, maker, place))
        if not (fill.lots == most and fill.lots > 0):
            return False
        for was, now in ((taker, rest), (maker, left)):
            if now.filled != was.filled + fill.lots or now.open != was.open - fill.lots:
                return False
            if now.sequence != was.sequence or now.price != was.price:
                return False
    return True


@claim(
    "EX-MAT-6",
    "A beat that does not fill does what it must: it finishes the order if it meets none, prevents a self-trade as"
    " the order says, or cancels what can no longer reduce or would be left without margin by the fill.",
    kind=Kind.STEP,
    on=(Match,),
)
def a_beat_without_a_fill_has_its_reason(before: State, beat: Match, after: Accepted[State]) -> bool:
    if fills(after) or before.taker is None:
        return before.taker is not None
    taker = before.taker.order
    if after.state.taker is None:
        crossed = not before.orders.every(
            lambda _, order: (
                order.market != taker.market
                or order.side == taker.side
                or order.open == 0
                or (taker.price < order.price if taker.side == Side.BUY else taker.price > order.price)
            )
        )
        return (taker.open == 0 or not crossed) and ended_as_it_should(before, after)
    return all(cancelled_with_reason(before, event) for event in cancels(after)) and len(cancels(after)) > 0


@measure
def cancelled_with_reason(before: State, event: OrderCancelled) -> bool:
    """Is there a reason in the state for this cancellation of a beat without a fill?"""
    if before.taker is None:
        return False
    taker, maker = before.taker.order, before.orders.get(event.order)
    order = taker if maker is None else maker
    place = market_place(before.parameters, order.market)
    owner = before.accounts.get(order.owner)
    if place is None or owner is None or event.lots != order.open or order.open == 0:
        return False
    if event.cause == Cause.SELF_TRADE:
        refused = SelfTrade.REJECT_TAKER if maker is None else SelfTrade.REJECT_MAKER
        return order.owner == taker.owner and taker.self_trade in (refused, SelfTrade.REJECT_BOTH)
    if event.cause == Cause.MARGIN:
        return unbearable(before, taker, maker, place)
    return event.cause == Cause.REDUCE_ONLY and order.reduce_only and reducible_lots(owner, order, place) == 0


@measure
def unbearable(before: State, taker: Order, maker: Order | None, place: int) -> bool:
    """Would a fill with the best order leave the taker without margin; or, if a maker was cancelled, only the maker?"""
    best_id = best(before, taker.market, Side.SELL if taker.side == Side.BUY else Side.BUY)
    other = None if best_id is None else before.orders.get(best_id)
    taking, making = before.accounts.get(taker.owner), None if other is None else before.accounts.get(other.owner)
    if other is None or taking is None or making is None:
        return False
    lots = min(taker.open, fillable(before, other, place))
    notional = lots * other.price
    taker_fee = fee_on(taker, taker.taker * notional)
    maker_fee = fee_on(other, other.maker * notional)
    market, price = before.parameters.markets[place], other.price
    signed = lots if taker.side == Side.BUY else -lots
    if taker.owner == other.owner:
        buys, sells = (taker_fee, maker_fee) if taker.side == Side.BUY else (maker_fee, taker_fee)
        taken = made = after_trade(
            market, after_trade(market, taking, place, lots, price, buys), place, -lots, price, sells
        )
    else:
        taken = after_trade(market, taking, place, signed, price, taker_fee)
        made = after_trade(market, making, place, -signed, price, maker_fee)
    taker_bears = in_margin_after(before, taking, taken, place)
    return not taker_bears if maker is None else taker_bears and not in_margin_after(before, making, made, place)


def fee_on(order: Order, more: int) -> int:
    """What the order is charged when this much more accrues."""
    return -(-(order.accrued + more) // RATE_SCALE) + (-order.accrued // RATE_SCALE)


def after_trade(
    market: Market, account: Account, place: int, signed: int, price: int, fee: int, claim: int = 0
) -> Account:
    """The account after a trade of so many lots, as rules §2 and §5 say; of an asset so much comes as a claim."""
    holdings, cash = account.holdings, signed * price
    balances: list[int] = list(holdings.balances)
    positions = list(holdings.positions)
    loans = list(holdings.loans)
    if market.kind == MarketKind.SPOT:
        balances[0] -= cash + fee
        balances[market.base] += signed * market.lot - claim
        loans[market.base] = evolve(loans[market.base], lent=Atoms(loans[market.base].lent + claim))
        into, proceeds = (market.base, signed * market.lot - claim) if signed > 0 else (0, max(-cash - fee, 0))
        repayment = min(proceeds, loans[into].borrowed) if account.auto_repay else 0
        lending = proceeds - repayment if account.auto_lend else 0
        balances[into] -= repayment + lending
        loans[into] = evolve(
            loans[into],
            borrowed=Atoms(loans[into].borrowed - repayment),
            lent=Atoms(loans[into].lent + lending),
        )
    else:
        traded = after_fill(positions[place], signed, price)
        positions[place] = evolve(traded, unsettled=Atoms(traded.unsettled - fee))
    held = Holdings(tuple(Atoms(each) for each in balances), tuple(loans), tuple(positions))
    return evolve(account, holdings=held)


@measure
def ended_as_it_should(before: State, after: Accepted[State]) -> bool:
    """Is the order that was at work now among the orders, with what may not rest cancelled?"""
    if before.taker is None:
        return False
    was, now = before.taker.order, after.state.orders.get(before.taker.id)
    if now is None or now.filled != was.filled or now.price != was.price or now.sequence != was.sequence:
        return False
    rests = was.time_in_force in (TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.POST_ONLY)
    if was.open == 0:
        said = after.events == ()
    elif rests:
        said = after.events == (OrderRested(before.taker.id, was.open),)
    else:
        said = after.events == (OrderCancelled(before.taker.id, was.open, Cause.IMMEDIATE),)
    return said and now.open == (was.open if rests else 0) and now.accrued == was.accrued


@claim(
    "EX-STP-1",
    "No account trades with itself against its own wish: two orders of one account fill each other only if the incoming"
    " one allows it, and what the venue trades for an account never meets an order of that account.",
    kind=Kind.STEP,
    on=(Match, Convert, TradeSlice, SellAsset, BuyAsset),
    source="rules §4",
    prevents="wash trades of a client that has asked for none, at a fee for each side",
)
def nobody_trades_with_itself_unasked(before: State, beat: Filling, after: Accepted[State]) -> bool:
    allowed = before.taker is not None and before.taker.order.self_trade == SelfTrade.ALLOW
    for event in after.events:
        if isinstance(event, OrderFilled) and event.buyer == event.seller and not allowed:
            return False
        if isinstance(event, CollateralSold) and event.buyer == event.seller:
            return False
        if isinstance(event, SliceTraded | AssetTraded) and event.account == event.other:
            return False
    return True


def stands_first(order: Order) -> tuple[int, int]:
    """Where an order stands on its side of the book: by price and, at one price, by when it came."""
    return (order.price if order.side == Side.SELL else -order.price), order.sequence


def is_open(order: Order) -> bool:
    """Can anything of it still trade?"""
    return order.open > 0


@claim(
    "EX-STP-2",
    "Where the first order of the other side is of the same account, within the limit of the order at work, which does"
    " not allow it, what goes is what that order says: all that is open of itself, of the resting one, or of both, and"
    " nothing else. Nowhere else is anything cancelled for such a reason.",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §4",
    prevents="an order that asked for both to go, and rests at the price that it has just cancelled",
)
def a_self_trade_ends_as_the_order_says(before: State, beat: Match, after: Accepted[State]) -> bool:
    if before.taker is None:
        return False
    taker, said = before.taker.order, [event for event in cancels(after) if event.cause == Cause.SELF_TRADE]
    other_side = Side.SELL if taker.side == Side.BUY else Side.BUY
    met = before.orders.first(stands_first, is_open, market=taker.market, side=other_side)
    maker = None if met is None else before.orders.get(met)
    if met is None or maker is None or not would_trade_with_itself(taker, maker):
        return len(said) == 0
    left, rest = after.state.orders.get(met), after.state.taker
    resting_goes = taker.self_trade in (SelfTrade.REJECT_MAKER, SelfTrade.REJECT_BOTH)
    taker_goes = taker.self_trade in (SelfTrade.REJECT_TAKER, SelfTrade.REJECT_BOTH)
    return (
        left is not None
        and rest is not None
        and len(said) == len(cancels(after)) == (2 if resting_goes and taker_goes else 1)
        and left.open == (0 if resting_goes else maker.open)
        and rest.order.open == (0 if taker_goes else taker.open)
        and left.filled == maker.filled
        and rest.order.filled == taker.filled
    )


@measure
def would_trade_with_itself(taker: Order, maker: Order) -> bool:
    """Are both orders of one account and within each other's limits, and does the incoming one not allow it?"""
    within = maker.price <= taker.price if taker.side == Side.BUY else maker.price >= taker.price
    return taker.open > 0 and within and maker.owner == taker.owner and taker.self_trade != SelfTrade.ALLOW


@claim(
    "EX-SET-1",
    "Of a spot trade the buyer pays lots * price and its fee, the seller receives lots * price less its fee, the venue"
    " has both fees, and lots * lot of the base change hands.",
    kind=Kind.STEP,
    on=(Match,),
    source="Settlement & Clearing, Concrete Example: SOL/USDC Spot Trade",
    prevents="Herstatt: one leg delivered",
)
def cash_paid_is_cash_received_and_fees(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        if place is None or fill.buyer == fill.seller:
            return place is not None
        market = before.parameters.markets[place]
        if market.kind == MarketKind.PERPETUAL:
            continue
        cash, base = fill.lots * fill.price, fill.lots * market.lot
        for who, paid, got in (
            (fill.buyer, cash + fill.buyer_fee, base),
            (fill.seller, fill.seller_fee - cash, -base),
        ):
            was, now = before.accounts.get(who), after.state.accounts.get(who)
            if was is None or now is None:
                return False
            if net_of(now, 0) != net_of(was, 0) - paid or net_of(now, market.base) != net_of(was, market.base) + got:
                return False
        earned = after.state.venue.fees.balances[0] - before.venue.fees.balances[0]
        if earned != fill.buyer_fee + fill.seller_fee:
            return False
    return True


def net_of(account: Account, asset: int) -> int:
    """What the account has of an asset: its balance and what it has lent, less what it has borrowed."""
    loan = account.holdings.loans[asset]
    return account.holdings.balances[asset] + loan.lent - loan.borrowed


@measure
def fee_due(was: Order | Slice | Sale, now: Order | Slice | Sale, rate: int, notional: int, fee: int) -> bool:
    """Is the fee the ceiling of all that has accrued on the order, less what it was charged before?

    What the venue trades for a client accrues in the same way.
    """
    due = was.accrued + rate * notional
    before_ceiling = (was.accrued + RATE_SCALE - 1) // RATE_SCALE
    total = before_ceiling + fee
    return now.accrued == due and (total - 1) * RATE_SCALE < due <= total * RATE_SCALE


@claim(
    "EX-FEE-3",
    "Fees are cumulative per order: the taker's rate on what it takes, the maker's on what it makes, and one"
    " ceiling over all fills.",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §4",
    prevents="1,000 one-atom lots at 2 bp: 1 held, 1,000 charged",
)
def fees_are_cumulative(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        maker, left = before.orders.get(fill.maker), after.state.orders.get(fill.maker)
        if maker is None or left is None or before.taker is None or after.state.taker is None:
            return False
        taker, rest, notional = before.taker.order, after.state.taker.order, fill.lots * fill.price
        buys = taker.side == Side.BUY
        taker_fee, maker_fee = (fill.buyer_fee, fill.seller_fee) if buys else (fill.seller_fee, fill.buyer_fee)
        if not fee_due(taker, rest, taker.taker, notional, taker_fee):
            return False
        if not fee_due(maker, left, maker.maker, notional, maker_fee):
            return False
    return True


@claim(
    "EX-PERP-1",
    "A perpetual trade moves its lots; each side's cost and realised gain change by exactly lots * price between them,"
    " and what it closes leaves at its share of the cost, rounded up against the account.",
    kind=Kind.STEP,
    on=(Match,),
    source="rules §5",
    prevents="1@100 and 2@101: a rounded average entry makes the gain at 101 0.99 instead of 1.00",
)
def perpetual_trade_is_by_quote_cost(before: State, beat: Match, after: Accepted[State]) -> bool:
    for fill in fills(after):
        place = market_place(before.parameters, fill.market)
        if place is None or fill.buyer == fill.seller:
            return place is not None
        if before.parameters.markets[place].kind == MarketKind.SPOT:
            continue
        for who, signed, fee in (
            (fill.buyer, fill.lots, fill.buyer_fee),
            (fill.seller, -fill.lots, fill.seller_fee),
        ):
            was, now = before.accounts.get(who), after.state.accounts.get(who)
            if was is None or now is None or not traded_by_cost(was, now, place, signed, fill.price, fee):
                return False
    return True


@measure
def traded_by_cost(was: Account, now: Account, place: int, signed: int, price: int, fee: int) -> bool:
    """Did the position change by a trade of so many lots at that price, by quote cost?"""
    old, new = was.holdings.positions[place], now.holdings.positions[place]
    closed = max(min(signed, -old.size), 0) if signed > 0 else min(max(signed, -old.size), 0)
    share = old.cost + (signed - closed) * price - new.cost
    realised = new.unsettled - old.unsettled + fee
    if new.size != old.size + signed or realised != -closed * price - share:
        return False
    if closed == 0:
        return share == 0
    return (share - 1) * abs(old.size) < old.cost * abs(closed) <= share * abs(old.size)


@claim(
    "EX-PERP-2",
    "A position without size has no cost.",
    kind=Kind.STATE,
    source="rules §5",
)
def no_size_no_cost(state: State) -> bool:
    return state.accounts.every(
        lambda _, account: all(position.size != 0 or position.cost == 0 for position in account.holdings.positions)
    )


@claim(
    "EX-RO-1",
    "A reduce-only order at work is opposite to a position at least as large as what is open of it.",
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


@measure
def work_left(state: State) -> int:
    """What matching has still to do: open lots of the order at work and of the book, and the order itself."""
    if state.taker is None:
        return 0
    return 1 + state.taker.order.open + state.orders.total(open_lots)


@claim(
    "EX-MAT-7",
    "Matching ends: each beat leaves less to do.",
    kind=Kind.STEP,
    on=(Match,),
)
def matching_ends(before: State, beat: Match, after: Accepted[State]) -> bool:
    return 0 <= work_left(after.state) < work_left(before)


@claim(
    "EX-CAN-3",
    "Cancelling all ends: each beat leaves fewer open lots, or is the last.",
    kind=Kind.STEP,
    on=(CancelNext,),
)
def cancelling_ends(before: State, beat: CancelNext, after: Accepted[State]) -> bool:
    return after.state.leaving is None or after.state.orders.total(open_lots) < before.orders.total(open_lots)
