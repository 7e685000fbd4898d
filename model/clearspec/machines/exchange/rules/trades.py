"""Atomic settlement of one trade: both orders, both accounts and the fees change in one transition."""

from attrs import evolve, frozen

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, Rate, mul_div_ceil
from clearspec.machines.exchange.formulas.exposure import charged
from clearspec.machines.exchange.rules.lending import put_to_work
from clearspec.machines.exchange.rules.perpetual import current, side_postings
from clearspec.machines.exchange.state.events import OrderFilled
from clearspec.machines.exchange.state.parameters import QUOTE, MarketKind
from clearspec.machines.exchange.state.types import (
    AccountId,
    Line,
    Order,
    OrderId,
    Side,
    State,
    SystemAccount,
    Taker,
    book,
    put_at,
)


@frozen
class Deal:
    """So many lots at a price, in the market at that place."""

    place: int
    lots: Lots
    price: Price


@frozen
class Trade:
    """Two orders that meet, for so many lots, at the maker's price, in the market at that place."""

    place: int
    taker_id: OrderId
    taker: Order
    maker_id: OrderId
    maker: Order
    lots: Lots

    @property
    def price(self) -> Price:
        return self.maker.price

    @property
    def deal(self) -> Deal:
        return Deal(self.place, self.lots, self.price)


def traded(order: Order, lots: Lots, price: Price, rate: Rate) -> Order:
    """The order after a fill of so many lots, with the fee on it accrued.  Rule: EX-ORD-1, EX-FEE-1."""
    return evolve(
        order,
        open=Lots(order.open - lots),
        filled=Lots(order.filled + lots),
        accrued=order.accrued + rate * lots * price,
    )


def forced_fee(state: State, place: int, accrued: int, more: int) -> tuple[State, Atoms]:
    """The state with so much more accrued on what the venue trades for a client there, and what the client is charged.

    Rule: EX-FEE-1.  Units: atoms / RATE_SCALE accrue.  Rounding: the ceiling of all that has accrued, less what was
    charged before.
    """
    was = state.markets[place]
    fee = Atoms(mul_div_ceil(accrued + more, 1, RATE_SCALE) - mul_div_ceil(accrued, 1, RATE_SCALE))
    told = evolve(was, forced_accrued=was.forced_accrued + more, forced_charged=Atoms(was.forced_charged + fee))
    return evolve(state, markets=put_at(state.markets, place, told)), fee


def settle(state: State, trade: Trade) -> Accepted[State]:
    """Exchange what was traded, charge both fees, and note the fill in both orders.

    Rule: EX-SET-1.  Fees are cumulative per order: the ceiling of what has accrued, less what was charged before.
    """
    taker = traded(trade.taker, trade.lots, trade.price, trade.taker.taker)
    maker = traded(trade.maker, trade.lots, trade.price, trade.maker.maker)
    taker_fee = Atoms(charged(taker) - charged(trade.taker))
    maker_fee = Atoms(charged(maker) - charged(trade.maker))
    noted = evolve(
        state,
        orders=state.orders.put(trade.maker_id, maker),
        taker=Taker(trade.taker_id, taker),
    )
    if trade.taker.side == Side.BUY:
        buyer, seller, buyer_fee, seller_fee = taker.owner, maker.owner, taker_fee, maker_fee
    else:
        buyer, seller, buyer_fee, seller_fee = maker.owner, taker.owner, maker_fee, taker_fee
    if state.parameters.markets[trade.place].kind == MarketKind.SPOT:
        settled = settle_spot(noted, trade.deal, buyer, seller, buyer_fee, seller_fee)
    else:
        settled = settle_perpetual(noted, trade.deal, buyer, seller, buyer_fee, seller_fee)
    filled = OrderFilled(
        market=taker.market,
        taker=trade.taker_id,
        maker=trade.maker_id,
        buyer=buyer,
        seller=seller,
        lots=trade.lots,
        price=trade.price,
        buyer_fee=buyer_fee,
        seller_fee=seller_fee,
    )
    return Accepted(settled.state, (filled, *settled.events))


def settle_spot(
    state: State, deal: Deal, buyer: AccountId, seller: AccountId, buyer_fee: Atoms, seller_fee: Atoms
) -> Accepted[State]:
    """Cash against the base asset, delivery versus payment in one engine cycle; then the proceeds go to work.

    Rule: EX-SET-1, EX-LND-4.
    """
    market = state.parameters.markets[deal.place]
    cash, base = book(state.parameters, Line.BALANCE, QUOTE), book(state.parameters, Line.BALANCE, market.base)
    postings = (
        Posting(cash, deal.lots * deal.price, buyer, seller),
        Posting(base, deal.lots * market.lot, seller, buyer),
        Posting(cash, buyer_fee, buyer, SystemAccount.FEES),
        Posting(cash, seller_fee, seller, SystemAccount.FEES),
    )
    paid = post(state, postings)
    bought = put_to_work(paid, market.base, buyer, deal.lots * market.lot)
    sold = put_to_work(bought.state, QUOTE, seller, max(deal.lots * deal.price - seller_fee, 0))
    return Accepted(sold.state, (Posted(postings), *bought.events, *sold.events))


def settle_perpetual(
    state: State, deal: Deal, buyer: AccountId, seller: AccountId, buyer_fee: Atoms, seller_fee: Atoms
) -> Accepted[State]:
    """Both positions change; what is realised is unsettled until the settlement loop pays it.  Rule: EX-PERP-1.

    Requires: both positions have paid their funding.
    """
    lots = book(state.parameters, Line.SIZE, deal.place)
    state = current(current(state, deal.place, buyer), deal.place, seller)
    bought = side_postings(state, deal.place, buyer, deal.lots, deal.price, buyer_fee)
    bought = (*bought, Posting(lots, deal.lots, SystemAccount.CLEARING, buyer))
    state = post(state, bought)
    sold = side_postings(state, deal.place, seller, -deal.lots, deal.price, seller_fee)
    sold = (*sold, Posting(lots, deal.lots, seller, SystemAccount.CLEARING))
    return Accepted(post(state, sold), (Posted((*bought, *sold)),))
