"""What a balance is worth as collateral: its value at mark, times a weight that falls with size.

The source calls the weight a haircut; it is what remains after one, so here it is a collateral weight.
"""

from clearspec.core.quantities import Atoms, mul_div_floor
from clearspec.machines.exchange.formulas.collateral import collateral_value, debt_in_full, debt_value
from clearspec.machines.exchange.state.parameters import Parameters
from clearspec.machines.exchange.state.types import State


def liability(state: State, place: int, debt: int) -> Atoms:
    """What a debt of the asset at that place counts against its owner: its value at mark, times a weight of at least 1.

    Rule: EX-COL-3.  Units: quote atoms.  Requires: debt >= 0.
    """
    worth, lot = worth_of_debt(state, place, debt)
    return debt_value(worth, lot, state.parameters.assets[place].liability_weight)


def debt_exposure(state: State, place: int, debt: int) -> Atoms:
    """What a debt is worth at mark, in full: the exposure that needs margin.

    Rule: EX-COL-3.  Units: quote atoms.  Requires: debt >= 0.
    """
    worth, lot = worth_of_debt(state, place, debt)
    return debt_in_full(worth, lot)


def in_full(state: State, place: int, balance: int) -> Atoms:
    """What a balance is worth at mark, unweighted.  Units: quote atoms.  Rounding: once, down."""
    worth, lot = worth_of_debt(state, place, balance)
    return Atoms(mul_div_floor(worth, 1, lot))


def worth_of_debt(state: State, place: int, debt: int) -> tuple[int, int]:
    """What a debt is worth at mark in quote atoms * lot, and the lot."""
    priced_by = state.parameters.assets[place].priced_by
    if priced_by is None:
        return debt, 1
    return debt * state.markets[priced_by].mark, state.parameters.markets[priced_by].lot


def collateral(state: State, place: int, balance: int) -> Atoms:
    """The collateral value of a balance of the asset at that place; the quote asset counts in full.

    Rule: EX-COL-2.  Requires: balance >= 0, unless it is the quote asset.
    """
    parameters: Parameters = state.parameters
    asset = parameters.assets[place]
    if asset.priced_by is None:
        return Atoms(balance)
    market = parameters.markets[asset.priced_by]
    return collateral_value(asset, parameters.usd, market.lot, balance * state.markets[asset.priced_by].mark)
