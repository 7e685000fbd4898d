"""The eight gates before an order reaches the book, each with one reason, in the source's order."""

from attrs import evolve

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.machines.exchange.formulas.exposure import fee_held, open_lots
from clearspec.machines.exchange.formulas.perpetual import after_fill
from clearspec.machines.exchange.rules.book import reducible
from clearspec.machines.exchange.rules.margin import (
    Gains,
    bears,
    exposures,
    liquidatable,
    meets_initial,
    weighted_exposure,
)
from clearspec.machines.exchange.rules.marks import valid_mark
from clearspec.machines.exchange.state.commands import Reason
from clearspec.machines.exchange.state.types import AccountId, Order, OrderId, Side, State, account_of, put_at


def first_closed_gate(state: State, order_id: OrderId, order: Order, place: int) -> Reason | None:
    """The reason of the first gate that the order does not pass, or None.

    Rule: EX-GATE-1 … EX-GATE-8.  The state is the one before the order; the worst case includes it.
    Requires: the owner exists.  Source: Settlement & Clearing, "Pre-Trade Clearing"; rules §3.
    """
    market = state.parameters.markets[place]
    placed = evolve(state, orders=state.orders.put(order_id, order))
    if not order.reduce_only and liquidatable(state, account_of(state, order.owner)):
        return Reason.ACCOUNT_NOT_IN_LIQUIDATION
    if not order.reduce_only and not state.risk_taking:
        return Reason.RISK_TAKING_ENABLED
    if not valid_mark(state, place):
        return Reason.MARK_VALID
    if not market.notional_min <= order.price * order.size <= market.notional_max:
        return Reason.NOTIONAL_WITHIN_LIMITS
    if placed.orders.total(open_lots, owner=order.owner, market=order.market) > market.open_max:
        return Reason.OPEN_SIZE_WITHIN_LIMIT
    if order.reduce_only and reducible(state, order, place) < order.size:
        return Reason.REDUCE_ONLY_REDUCES
    if not within_position_limit(state, placed, order.owner, place):
        return Reason.POSITION_WITHIN_LIMIT
    if not within_margin(state, placed, order, place):
        return Reason.MARGIN_SUFFICIENT
    return None


@measure
def within_position_limit(state: State, placed: State, account: AccountId, place: int) -> bool:
    """Is the weighted exposure with the order within the limit, or the market's exposure no larger than without?

    Rule: EX-GATE-7.
    """
    if weighted_exposure(placed, account) <= state.parameters.exposure_max * RATE_SCALE:
        return True
    holdings = account_of(state, account).holdings
    lots_before = [each.lots for i, each in exposures(state, account, holdings) if i == place]
    lots_after = [each.lots for i, each in exposures(placed, account, holdings) if i == place]
    return all(after <= before for before, after in zip(lots_before, lots_after, strict=True))


@measure
def within_margin(state: State, placed: State, order: Order, place: int) -> bool:
    """Does the account have the margin for the order?

    Rule: EX-GATE-8.  An order that adds risk: in the worst case over all open orders, it included, equity exceeds the
    initial requirement.  A reduce-only order: the account bears the fill of all of it at its limit price.
    """
    if not order.reduce_only:
        return meets_initial(placed, order.owner, Gains.CAPPED)
    account = account_of(state, order.owner)
    signed = order.size if order.side == Side.BUY else -order.size
    filled = after_fill(account.holdings.positions[place], signed, order.price)
    filled = evolve(filled, unsettled=Atoms(filled.unsettled - fee_held(order)))
    holdings = evolve(account.holdings, positions=put_at(account.holdings.positions, place, filled))
    return bears(state, account, evolve(account, holdings=holdings), place)
