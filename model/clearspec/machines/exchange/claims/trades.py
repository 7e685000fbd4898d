"""Trades: what both sides pay and get, and the fees that they are charged."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.machines.exchange.formulas.exposure import charged
from clearspec.machines.exchange.formulas.perpetual import after_fill
from clearspec.machines.exchange.state.commands import Match
from clearspec.machines.exchange.state.events import OrderFilled
from clearspec.machines.exchange.state.parameters import Market, MarketId, MarketKind, market_place, perpetuals
from clearspec.machines.exchange.state.types import Account, Holdings, Order, Sale, Side, Slice, State


def accrued(order: Order) -> int:
    """The fees that accrued, unrounded, in atoms / RATE_SCALE."""
    return order.accrued


def charged_at_work(state: State, market: MarketId) -> int:
    """What the order at work has been charged, if it is in this market."""
    if state.taker is None or state.taker.order.market != market:
        return 0
    return charged(state.taker.order)


def accrued_at_work(state: State, market: MarketId) -> int:
    """What the order at work has accrued, if it is in this market."""
    if state.taker is None or state.taker.order.market != market:
        return 0
    return state.taker.order.accrued


@claim(
    "EX-FEE-1",
    "The venue's fees, paid and unpaid, are exactly what orders and what the venue traded for clients were charged.",
    title="the venue's fees are what was charged",
    kind=Kind.STATE,
    source="rules §2",
    prevents="an insurance fund drained because the fee requested was credited instead of the fee charged",
)
def fees_are_what_orders_were_charged(state: State) -> bool:
    ids = [market.id for market in state.parameters.markets]
    unpaid = sum(state.venue.fees.positions[i].unsettled for i in perpetuals(state.parameters))
    return state.venue.fees.balances[0] + unpaid == sum(
        state.orders.total(charged, market=ids[i]) + charged_at_work(state, ids[i]) + told.forced_charged
        for i, told in enumerate(state.markets)
    )


@claim(
    "EX-FEE-2",
    "In no market do rebates outweigh fees.",
    title="rebates never outweigh fees",
    kind=Kind.STATE,
    source="rules §4",
)
def rebates_never_outweigh_fees(state: State) -> bool:
    return all(
        state.orders.total(accrued, market=market.id)
        + accrued_at_work(state, market.id)
        + state.markets[place].forced_accrued
        >= 0
        for place, market in enumerate(state.parameters.markets)
    )


def fills(after: Accepted[State]) -> tuple[OrderFilled, ...]:
    """The trades of this beat: none or one."""
    return tuple(event for event in after.events if isinstance(event, OrderFilled))


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


@claim(
    "EX-SET-1",
    "In a spot trade the buyer pays lots * price and its fee, and the seller gets lots * price less its fee. The"
    " venue gets both fees, and lots * lot of the base change hands.",
    title="cash paid is cash received and fees",
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
    title="fees are cumulative per order",
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
