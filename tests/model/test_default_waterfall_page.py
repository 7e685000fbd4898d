"""The numbers of the page on the default waterfall, computed by the functions that it is about."""

from itertools import accumulate
from pathlib import Path

import pytest

from clearspec.core.quantities import Atoms, Lots, Price, Rate
from clearspec.machines.exchange.formulas.backstop import (
    auto_close_below,
    backstop_lots,
    covered_lots,
    least_lots,
    provider_lots,
    split_spread,
)
from clearspec.machines.exchange.formulas.bad_debt import bad_debt, lender_loss
from clearspec.machines.exchange.formulas.deleverage import closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.requirement import requirement
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, spread
from clearspec.machines.exchange.state.parameters import Curve
from clearspec.mechanisms.pro_rata import allotment, allotted

PAGE = Path(__file__).parents[2] / "docs" / "exchange" / "default-waterfall.md"
FIVE_PER_CENT, SIX_PER_CENT = Curve(Rate(50_000), Rate(0)), Rate(60_000)


def margin(exposure: int) -> int:
    """Maintenance margin at 5 %."""
    return requirement(FIVE_PER_CENT, None, 1, exposure)


def alone(equity: int, position: int) -> ZeroPrice:
    """The zero price of an account's only position."""
    return ZeroPrice(Atoms(equity), Atoms(0), Atoms(1), Atoms(1), Lots(position))


def row(weights: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Of each member the weight before it, its own, and that of all."""
    return list(zip(accumulate((0, *weights)), weights, [sum(weights)] * len(weights), strict=False))


def sharing() -> str:
    first, second, third = (allotment(10, *each) for each in row((1, 1, 1)))
    return f"Ten units over three equal weights are {first}, {second} and {third}."


def a_sale_that_does_not_help() -> str:
    exposure, equity, sold = 1_000, 40, 100
    cost = sold // 10
    freed = margin(exposure) - margin(exposure - sold)
    before, after = margin(exposure) - equity, margin(exposure - sold) - (equity - cost)
    fractions = f"{equity / exposure:.2%} to {(equity - cost) / (exposure - sold):.2%}".replace("%", " %")
    return (
        f"exposure of 1,000 and equity of {equity}, the shortfall is {before}. Selling {sold} of it at 10 % below the"
        f" mark frees {freed} of margin and costs {cost}: the shortfall is {after}, and the margin fraction has fallen"
        f" from {fractions}."
    )


def the_backstop() -> str:
    mark, position, collateral = 92, 100, 1_000
    equity = collateral + position * (mark - 100)
    required = margin(position * mark)
    threshold = auto_close_below(required, position * mark, SIX_PER_CENT)
    least = least_lots(Atoms(1_000), Price(mark))
    lots = backstop_lots(equity, threshold, position, least)
    paid = spread(alone(equity, position), 0, lots)
    split = split_spread(paid)
    first, second, third = (provider_lots(lots, *each) for each in row((20, 10, 5)))
    return (
        f"Equity is {equity}, the requirement {required}, the threshold {threshold}: tier 2."
        f" Missing are {threshold - equity} of {threshold}, so {lots} lots go, more than the {least} that are worth"
        f" 1,000. The zero price is {mark - equity // position}, and the spread of {lots} lots {paid}:"
        f" {split.provider} for the provider and {split.fund} for the fund."
        f" Three providers that can take 20, 10 and 5 lots take {first}, {second} and {third}."
    )


def the_next_step() -> str:
    mark, position = 92, 86
    equity = 200 - spread(alone(200, 100), 0, 14)
    required = margin(position * mark)
    threshold = auto_close_below(required, position * mark, SIX_PER_CENT)
    lots = backstop_lots(equity, threshold, position, least_lots(Atoms(1_000), Price(mark)))
    assert 200 * position * mark == equity * 100 * mark
    return (
        f"Now {position} lots and {equity} of equity are left, with a requirement of {required} and a threshold of"
        f" {threshold}, and {lots} lots are next. The shortfall has fallen from {margin(9_200) - 200} to"
        f" {required - equity}. The margin fraction has not moved: 200 / 9,200 = {equity} / {position * mark:,}."
    )


def the_fund() -> str:
    equity = 50 + 10 * (80 - 100)
    lots = covered_lots(10, -equity, 20)
    paid = -spread(alone(equity, 10), 0, lots)
    numbers = {1: "One lot is", 9: "Nine lots"}
    return (
        f"Equity is {equity}. {numbers[lots]} covered and the fund pays {paid}."
        f" {numbers[10 - lots]} and a deficit of {-equity - paid} go to tier 3."
    )


def the_winner() -> str:
    zero, gain, equity = alone(-150, 10), 10 * (90 - 80), 30 + 10 * (90 - 80)
    fit = deleveraged_lots(zero, 0, 10, 10, equity)
    return (
        f"The zero price is {80 + 150 // 10}. The short has gained {gain}, is in profit and first in the row; its"
        f" equity is {equity}. Closing all 10 at 95 would leave it with {equity + spread(zero, 0, 10)}: **a profitable"
        " account, bankrupted by somebody else's default.**"
        f" Each lot costs it {-spread(zero, 0, 1)}, so {fit} fit, and {equity + spread(zero, 0, fit)} are left to it."
    )


def the_rest() -> str:
    zero = alone(-150, 10)
    at_mark, left, paid = closed_at_mark(10 - 8, 10 - 8), bad_debt(zero, 8), -spread(zero, 0, 8)
    return (
        f"Here {at_mark} lots are, and their part of the deficit, {left}, is **bad debt**: {paid} paid and {left} not,"
        f" {paid + left} in all"
    )


def the_lenders() -> str:
    first, second, third = (lender_loss(100, *each) for each in row((50, 30, 40)))
    return f"The lenders bear {first}, {second} and {third}."


def the_table_of_lenders() -> str:
    """The claims are those of scenario debt-lenders, and so is the loss."""
    loss, names, claims = 20_698_280, ("Lars", "Lena", "the venue"), (60_000_196, 120_000_393, 80)
    rows = []
    for name, (before, claim, whole) in zip(names, row(claims), strict=True):
        together, part = allotted(loss, before + claim, whole), lender_loss(loss, before, claim, whole)
        rows.append(f"| {name} | {claim:,} | {together:,} | {part:,} |")
    return " ".join(rows)


@pytest.mark.parametrize(
    "example",
    [
        sharing,
        a_sale_that_does_not_help,
        the_backstop,
        the_next_step,
        the_fund,
        the_winner,
        the_rest,
        the_lenders,
        the_table_of_lenders,
    ],
)
def test_the_page_says_what_the_functions_compute(example) -> None:
    minus = "\N{MINUS SIGN}"
    assert example() in " ".join(PAGE.read_text().replace(minus, "-").split())


def test_to_basis_points_the_two_fractions_of_the_page_are_the_same() -> None:
    assert 30 * 10_000 // 1_000 == 31 * 10_000 // 1_033 == 300
    assert 30 * 1_033 < 31 * 1_000
