"""Laws of collateral: what an asset counts, and what a debt does."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.drive.worlds import DEFAULT
from clearspec.machines.exchange.formulas.collateral import collateral_value, debt_in_full, debt_value, within_curve
from clearspec.machines.exchange.state.parameters import Asset
from clearspec.machines.exchange.state.types import State


def debt_at_mark(state: State, place: int, debt: int) -> int:
    """What a debt of the asset at that place is worth at mark, rounded up, in quote atoms."""
    priced_by = state.parameters.assets[place].priced_by
    if priced_by is None:
        return debt_in_full(debt, 1)
    return debt_in_full(debt * state.markets[priced_by].mark, state.parameters.markets[priced_by].lot)


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
    title="collateral value is exact",
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
    title="collateral value is monotone",
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
    title="the search for collateral value ends",
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
    title="less than what counts also counts",
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
    title="the value of a debt is exact",
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
