"""Margin, collateral, penalties and netting, with numbers that can be followed by hand."""

import pytest

from clearspec.core.quantities import Price, Rate
from clearspec.machines.clearing.claims.margin import a_model_makes_sense
from clearspec.machines.clearing.formulas.collateral import value_after_haircut
from clearspec.machines.clearing.formulas.margin import (
    Concentration,
    RiskModel,
    Scenario,
    excess_collateral,
    initial_margin,
    margin_call,
    scenario_loss,
    valid_model,
    variation_margin,
)
from clearspec.machines.clearing.formulas.penalties import buy_in_difference, penalty
from clearspec.mechanisms.flows import NO_FLOW, Flow, netted, saved, with_obligation


def scenario(*per_cent: int) -> Scenario:
    return Scenario(tuple(Rate(each * 10_000) for each in per_cent))


PRICES = (Price(100), Price(50))
MODEL = RiskModel(
    scenarios=(scenario(-10, -10), scenario(10, 10), scenario(-10, 5), scenario(0, 20)),
    concentrations=(Concentration(1_000, Rate(50_000)), Concentration(500, Rate(100_000))),
)


def test_without_a_scenario_only_concentration_is_charged():
    model = RiskModel((), MODEL.concentrations)
    assert valid_model(model)
    assert initial_margin((1_200, 0), PRICES, model) == 1_000
    assert initial_margin((100, 0), PRICES, model) == 0
    assert a_model_makes_sense(RiskModel((), ()))
    assert a_model_makes_sense(model)


@pytest.mark.parametrize(
    ("positions", "margin"),
    [
        ((100, 0), 1_000),  # 10 % of 10,000
        ((-100, 0), 1_000),
        ((100, 100), 1_500),  # both fall
        ((100, -100), 1_250),  # the first falls, the second rises by 5 %
        ((-100, 200), 0),  # what the one loses, the other gains, or both gain
        ((0, -100), 1_000),  # the fourth scenario is the worst of a short in the second
        ((0, 0), 0),
        ((1_200, 0), 12_000 + 1_000),  # 200 cannot be sold in time: 5 % of 20,000 more
        ((-1_200, 0), 12_000 + 1_000),
        ((0, 501), 2_505 + 5),
    ],
)
def test_initial_margin(positions: tuple[int, int], margin: int) -> None:
    assert initial_margin(positions, PRICES, MODEL) == margin


def test_a_margin_is_rounded_up_once() -> None:
    model = RiskModel((Scenario((Rate(-1), Rate(-1))),), (Concentration(0, Rate(1)), Concentration(0, Rate(0))))
    assert initial_margin((1, 1), (Price(400_000), Price(200_000)), model) == 1  # 0.4 + 0.2, and 0.4 for concentration
    assert initial_margin((1, 1), (Price(400_000), Price(200_001)), model) == 2
    assert scenario_loss((1, 1), (Price(400_000), Price(200_000)), model.scenarios[0]) == 600_000


def test_two_accounts_escape_the_add_on_and_two_clients_do_not_net() -> None:
    assert initial_margin((1_200, 0), PRICES, MODEL) > 2 * initial_margin((600, 0), PRICES, MODEL)
    assert initial_margin((9, 0), PRICES, MODEL) == initial_margin((-9, 0), PRICES, MODEL) == 90


@pytest.mark.parametrize(
    ("model", "valid"),
    [
        (MODEL, True),
        (RiskModel((scenario(-101, 0),), MODEL.concentrations), False),
        (RiskModel((scenario(0),), MODEL.concentrations), False),
        (RiskModel((scenario(0, 0),), (Concentration(-1, Rate(0)), MODEL.concentrations[1])), False),
        (RiskModel((scenario(0, 0),), (Concentration(0, Rate(-1)), MODEL.concentrations[1])), False),
    ],
)
def test_a_model_that_makes_no_sense(model: RiskModel, valid: bool) -> None:
    assert valid_model(model) is valid


def test_a_thousand_shares_are_marked_from_day_to_day() -> None:
    """Bought at 100: the price is 98 on the first evening, 103 on the second; 100,000 is paid on settlement."""
    first = variation_margin(1_000, 100_000, Price(98), 0)
    second = variation_margin(1_000, 100_000, Price(103), first)
    assert (first, second) == (-2_000, 5_000)
    assert variation_margin(-1_000, -100_000, Price(98), 0) == 2_000


@pytest.mark.parametrize(
    ("required", "collateral", "threshold", "called", "excess"),
    [(100, 60, 0, 40, 0), (100, 60, 40, 0, 0), (100, 60, 39, 40, 0), (100, 100, 0, 0, 0), (100, 130, 0, 0, 30)],
)
def test_calls(required: int, collateral: int, threshold: int, called: int, excess: int) -> None:
    assert margin_call(required, collateral, threshold) == called
    assert excess_collateral(required, collateral) == excess


@pytest.mark.parametrize(
    ("worth", "haircut", "value"),
    [(1_000, 0, 1_000), (1_000, 20_000, 980), (1_000, 1_000_000, 0), (99, 20_000, 97), (49, 20_000, 48), (1, 1, 0)],
)
def test_haircuts(worth: int, haircut: int, value: int) -> None:
    assert value_after_haircut(worth, Rate(haircut)) == value


def test_a_fail_of_a_day_costs_a_basis_point() -> None:
    assert penalty(1_000, Price(100), Rate(100)) == 10
    assert penalty(1_000, Price(101), Rate(100)) == 11  # 10.1
    assert penalty(0, Price(101), Rate(100)) == 0
    assert buy_in_difference(1_000, Price(104), Price(100)) == 4_000
    assert buy_in_difference(1_000, Price(97), Price(100)) == -3_000


def test_netting_of_the_source() -> None:
    """10,000 bought in 50 trades and 8,000 sold in 30: one obligation to receive 2,000, and not to deliver them."""
    flow = NO_FLOW
    for units in [200] * 50 + [-267] * 20 + [-266] * 10:
        flow = with_obligation(flow, units)
    assert flow == Flow(80, 10_000, 8_000)
    assert netted(flow) == Flow(1, 2_000, 0)
    assert saved(80, 1) == 987_500  # 98.75 % of instructions
    assert saved(18_000, 2_000) == 888_888  # 88.9 % of shares


def test_more_trades_do_not_always_net_more() -> None:
    before = with_obligation(NO_FLOW, 100)
    assert netted(with_obligation(before, 50)).receive > netted(before).receive


def test_the_netting_of_cls() -> None:
    assert saved(100_000_000, 4_000_000) == 960_000
    assert saved(0, 0) == 0
