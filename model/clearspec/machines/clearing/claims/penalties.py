"""Laws of settlement fails: what a day of one costs, and what a buy-in does."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Price, Rate
from clearspec.machines.clearing.claims.margin import amount
from clearspec.machines.clearing.formulas.penalties import buy_in_difference, penalty

SOURCE = "CSDR, article 7; rules §8"


def fail_arguments(choices: Choices) -> tuple[Any, ...]:
    """Units that fail and others, a price, a rate per day, and another price."""
    rate = Rate(choices.pick((0, 1, 50, 100, 1_000, choices.integer(0, RATE_SCALE))))
    return amount(choices), amount(choices), Price(amount(choices)), rate, Price(amount(choices))


@claim(
    "CL-PEN-1",
    "A day of a fail costs the smallest whole amount that covers the rate on what was not delivered, and brings the"
    " largest one that the rate on it covers.",
    title="a penalty covers the rate",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="fails that cost nothing, so that it pays not to deliver",
    sample=fail_arguments,
)
def a_penalty_covers_the_rate(units: int, _: int, price: Price, rate: Rate, __: Price) -> bool:
    if units < 0 or price < 0 or rate < 0:
        return True
    charged, paid = penalty(units, price, rate), -penalty(-units, price, rate)
    value = units * price * rate
    return (
        (charged - 1) * RATE_SCALE < value <= charged * RATE_SCALE
        and paid * RATE_SCALE <= value < (paid + 1) * RATE_SCALE
        and 0 <= paid <= charged
    )


@claim(
    "CL-PEN-2",
    "A fail cut in two costs no less than in one, and an atom more at most.",
    title="cutting a fail in two saves nothing",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="instructions split so that each fails for nothing",
    sample=fail_arguments,
)
def a_fail_cut_in_two_costs_no_less(units: int, more: int, price: Price, rate: Rate, _: Price) -> bool:
    if units < 0 or more < 0 or price < 0 or rate < 0:
        return True
    together = penalty(units + more, price, rate)
    return 0 <= penalty(units, price, rate) + penalty(more, price, rate) - together <= 1


@claim(
    "CL-PEN-3",
    "Whoever was failed and is bought in has paid the agreed price with what the failing side pays or gets.",
    title="a buy-in comes to the agreed price",
    kind=Kind.LAW,
    source=SOURCE,
    sample=fail_arguments,
)
def a_buy_in_is_at_the_agreed_price(units: int, _: int, agreed: Price, __: Rate, bought_at: Price) -> bool:
    return units * bought_at - buy_in_difference(units, bought_at, agreed) == units * agreed
