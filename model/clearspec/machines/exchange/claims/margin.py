"""Margin, said once more and plainly: what the gates and the test after a fill must agree with."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots
from clearspec.machines.exchange.formulas.collateral import collateral_value
from clearspec.machines.exchange.formulas.exposure import (
    Exposure,
    OpenLots,
    cash_held,
    fee_held,
    increasing_lots,
    loss_at,
    open_lots,
    reducing_lots,
    worst_lots,
)
from clearspec.machines.exchange.formulas.margin import reduced
from clearspec.machines.exchange.formulas.requirement import requirement
from clearspec.machines.exchange.state.parameters import MarketKind
from clearspec.machines.exchange.state.types import Account, AccountId, Holdings, Position, Side, State


@measure
def equity_alone(state: State, holdings: Holdings, capped: bool) -> int:
    """Balances and claims at their collateral value less debts, plus the gain of every position; capped where initial
    margin is asked for."""
    total = 0
    for place, (balance, loan) in enumerate(zip(holdings.balances, holdings.loans, strict=True)):
        total += value_of(state, place, balance + loan.lent) - weighted_debt(state, place, loan.borrowed)
    for market, told, position in zip(state.parameters.markets, state.markets, holdings.positions, strict=True):
        if market.kind == MarketKind.PERPETUAL:
            gained = position.size * told.mark - position.cost + position.unsettled
            total += gained if market.gains_cap is None or not capped else min(gained, market.gains_cap)
    return total


def value_of(state: State, place: int, amount: int) -> int:
    """The collateral value of so much of an asset."""
    asset = state.parameters.assets[place]
    if asset.priced_by is None:
        return amount
    market, mark = state.parameters.markets[asset.priced_by], state.markets[asset.priced_by].mark
    return collateral_value(asset, state.parameters.usd, market.lot, amount * mark)


def weighted_debt(state: State, place: int, debt: int) -> int:
    """What a debt counts, rounded up."""
    asset = state.parameters.assets[place]
    if asset.priced_by is None:
        return -(-debt * asset.liability_weight // RATE_SCALE)
    market, mark = state.parameters.markets[asset.priced_by], state.markets[asset.priced_by].mark
    return -(-debt * mark * asset.liability_weight // (market.lot * RATE_SCALE))


def required_for_debts(state: State, account: Account, initial: bool) -> int:
    """The requirement of every debt at its worth, rounded up."""
    total = 0
    for asset, loan in zip(state.parameters.assets, account.holdings.loans, strict=True):
        curve = asset.debt_initial if initial else asset.debt_maintenance
        leverage = account.leverage if initial else None
        worth = loan.borrowed
        if asset.priced_by is not None:
            worth = Atoms(
                -(-worth * state.markets[asset.priced_by].mark // state.parameters.markets[asset.priced_by].lot)
            )
        total += requirement(curve, leverage, state.parameters.usd, worth)
    return total


@measure
def required_alone(state: State, account: Account, initial: bool) -> int:
    """The requirement of every position at its size, and of every debt."""
    total = required_for_debts(state, account, initial)
    for market, told, position in zip(state.parameters.markets, state.markets, account.holdings.positions, strict=True):
        if market.kind == MarketKind.PERPETUAL:
            curve = market.initial if initial else market.maintenance
            leverage = account.leverage if initial else None
            total += requirement(curve, leverage, state.parameters.usd, abs(position.size) * told.mark)
    return total


@measure
def something_at_stake(state: State, holdings: Holdings) -> bool:
    """Is there a position, a loss that is realised and not paid, or a debt?"""
    return any(
        market.kind == MarketKind.PERPETUAL and (abs(position.size) > 0 or position.unsettled < 0)
        for market, position in zip(state.parameters.markets, holdings.positions, strict=True)
    ) or any(loan.borrowed > 0 for loan in holdings.loans)


@measure
def in_margin_after(state: State, was: Account, now: Account, place: int) -> bool:
    """Is the account in margin after a fill in the market at that place?  The three tests of EX-MAT-1."""
    if not something_at_stake(state, now.holdings):
        return True
    old, new = was.holdings.positions[place].size, now.holdings.positions[place].size
    if 0 <= new < old or old < new <= 0:
        short_before = required_alone(state, was, False) - equity_alone(state, was.holdings, False)
        short_after = required_alone(state, now, False) - equity_alone(state, now.holdings, False)
        return short_after < 0 or short_after <= short_before
    return equity_alone(state, now.holdings, True) > required_alone(state, now, True)


@measure
def in_liquidation(state: State, account: Account) -> bool:
    """Is there something to liquidate, and equity at or below maintenance?"""
    return something_at_stake(state, account.holdings) and (
        equity_alone(state, account.holdings, False) <= required_alone(state, account, False)
    )


@measure
def worst_case_of(state: State, key: AccountId, position: Position, place: int) -> Exposure:
    """The position at that place with all open orders of the account in that market."""
    market, mark, orders = state.parameters.markets[place].id, state.markets[place].mark, state.orders
    lots = OpenLots(
        Lots(orders.total(increasing_lots, owner=key, market=market, side=Side.BUY)),
        Lots(orders.total(increasing_lots, owner=key, market=market, side=Side.SELL)),
        Lots(orders.total(reducing_lots, owner=key, market=market, side=Side.BUY)),
        Lots(orders.total(reducing_lots, owner=key, market=market, side=Side.SELL)),
    )
    loss = orders.total(loss_at, mark, owner=key, market=market)
    fees = orders.total(fee_held, owner=key, market=market)
    return Exposure(position, worst_lots(position.size, lots), Atoms(loss), Atoms(fees))


@measure
def free_of(state: State, key: AccountId, account: Account, asset: int) -> int:
    """The balance that no open order holds."""
    free: int = account.holdings.balances[asset]
    for market in state.parameters.markets:
        if market.kind == MarketKind.SPOT and asset == 0:
            free -= state.orders.total(cash_held, owner=key, market=market.id, side=Side.BUY)
        if market.kind == MarketKind.SPOT and asset == market.base:
            free -= state.orders.total(open_lots, owner=key, market=market.id, side=Side.SELL) * market.lot
    return free


@measure
def initial_margin_met(state: State, key: AccountId, counting_gains: bool) -> bool:
    """Does the account meet initial margin in the worst case over its open orders?"""
    account = state.accounts.get(key)
    return account is not None and initial_margin_met_by(state, key, account, counting_gains)


@measure
def initial_margin_met_by(state: State, key: AccountId, account: Account, counting_gains: bool) -> bool:
    """Would the account, if it were this one, meet initial margin in the worst case over its open orders?"""
    surplus = -required_for_debts(state, account, True)
    stake = any(loan.borrowed > 0 for loan in account.holdings.loans)
    if any(free_of(state, key, account, i) < 0 for i in range(len(state.parameters.assets))):
        return False
    for place, market in enumerate(state.parameters.markets):
        if market.kind == MarketKind.PERPETUAL:
            position, mark = account.holdings.positions[place], state.markets[place].mark
            worst = worst_case_of(state, key, position, place)
            stake = stake or worst.lots > 0 or position.unsettled < 0
            gained: int = position.size * mark - position.cost + position.unsettled
            if not counting_gains:
                gained = min(gained, 0)
            elif market.gains_cap is not None:
                gained = min(gained, market.gains_cap)
            surplus += gained - worst.loss - worst.fees
            surplus -= requirement(market.initial, account.leverage, state.parameters.usd, worst.lots * mark)
    for place, loan in enumerate(account.holdings.loans):
        surplus += value_of(state, place, free_of(state, key, account, place) + loan.lent)
        surplus -= weighted_debt(state, place, loan.borrowed)
    return not stake or surplus > 0


def size_arguments(choices: Choices) -> tuple[Any, ...]:
    """Two sizes of a position, near each other and near nothing."""
    return choices.integer(-3, 3), choices.integer(-3, 3)


@claim(
    "EX-MAR-5",
    "A position is reduced when less of it is left, on the same side or none. An unchanged position is not reduced.",
    title="reduced: less on the same side",
    kind=Kind.LAW,
    source="rules §3: what may be done below initial margin",
    sample=size_arguments,
)
def reduced_is_less_on_the_same_side(was: int, now: int) -> bool:
    same_side = now >= 0 if was > 0 else now <= 0
    return reduced(was, now) == (same_side and abs(now) < abs(was))
