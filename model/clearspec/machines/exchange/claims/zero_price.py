"""Laws of the zero price: what is paid at it, by whom, and that closing everything leaves exactly nothing."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, paid_up_to, spread


def zero_price(choices: Choices) -> ZeroPrice:
    """A position among others, with equity of any sign."""
    before, required, after = amount(choices), 1 + amount(choices), amount(choices)
    equity = Atoms(amount(choices) * choices.pick((1, -1)))
    position = Lots(choices.integer(1, choices.pick((1, 3, 20, 10**9))))
    return ZeroPrice(equity, Atoms(before), Atoms(required), Atoms(before + required + after), position)


def zero_arguments(choices: Choices) -> tuple[Any, ...]:
    """A zero price, lots that are closed at it, lots to close, and lots after that."""
    zero = zero_price(choices)
    closed = choices.integer(0, zero.position)
    lots = choices.integer(0, zero.position - closed)
    return zero, closed, lots, choices.integer(0, zero.position - closed - lots)


def sensible(zero: ZeroPrice, *lots: int) -> bool:
    """Is there a position that needs margin, and are these parts of it?"""
    return (
        zero.position > 0
        and zero.required > 0
        and zero.before >= 0
        and zero.before + zero.required <= zero.whole
        and all(each >= 0 for each in lots)
        and sum(lots) <= zero.position
    )


@claim(
    "EX-ZP-1",
    "What has been paid at the zero price is the floor of its exact share of equity. The share is by requirement over"
    " the markets, and by lots within one.",
    title="what is paid is the floor",
    kind=Kind.LAW,
    source="rules §7",
    sample=zero_arguments,
)
def what_is_paid_is_the_floor(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero, closed, lots, more):
        return True
    paid, divisor = paid_up_to(zero, closed), zero.whole * zero.position
    exact = zero.equity * (zero.before * zero.position + zero.required * closed)
    return paid * divisor <= exact < (paid + 1) * divisor


@claim(
    "EX-ZP-2",
    "A spread is what the lots add to what has been paid, so the spreads of parts are the spread of the whole.",
    title="spreads add up",
    kind=Kind.LAW,
    source="rules §7",
    sample=zero_arguments,
)
def spreads_add_up(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero, closed, lots, more):
        return True
    apart = spread(zero, closed, lots) + spread(zero, closed + lots, more)
    return (
        apart == spread(zero, closed, lots + more) == paid_up_to(zero, closed + lots + more) - paid_up_to(zero, closed)
    )


@claim(
    "EX-ZP-3",
    "A market's payments begin and end at the floors of equity shares, by requirement alone. So a market begins where"
    " the one before it ended, whatever the lots.",
    title="markets follow each other",
    kind=Kind.LAW,
    source="rules §7",
    sample=zero_arguments,
)
def markets_follow_each_other(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero):
        return True
    begun, ended, upto = paid_up_to(zero, 0), paid_up_to(zero, zero.position), zero.before + zero.required
    return (
        begun * zero.whole <= zero.equity * zero.before < (begun + 1) * zero.whole
        and ended * zero.whole <= zero.equity * upto < (ended + 1) * zero.whole
    )


@claim(
    "EX-ZP-5",
    "Closing everything at the zero price takes exactly the equity: nothing is paid before the first market, and all of"
    " it after the last.",
    title="closing everything takes exactly the equity",
    kind=Kind.LAW,
    source="rules §7",
    prevents="an account with something left of a deficit, or of equity, and nothing left to close",
    sample=zero_arguments,
)
def closing_all_takes_the_equity(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero):
        return True
    first, last = evolve(zero, before=Atoms(0)), evolve(zero, whole=Atoms(zero.before + zero.required))
    return paid_up_to(first, 0) == 0 and paid_up_to(last, zero.position) == zero.equity


@claim(
    "EX-ZP-4",
    "At the zero price equity is used up and never overdrawn, and a deficit made good and never more than that.",
    title="a spread is within equity",
    kind=Kind.LAW,
    source="rules §7",
    prevents="10 October 2025: accounts below zero after they were closed",
    sample=zero_arguments,
)
def a_spread_is_within_equity(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero, closed, lots):
        return True
    # More than minus one and less than one more, times what is positive: a sum of quotients is not divided once more.
    unit = zero.whole * zero.position
    paid = spread(zero, closed, lots) * unit
    return -unit < paid < (zero.equity + 1) * unit if zero.equity >= 0 else (zero.equity - 1) * unit < paid < unit


@claim(
    "EX-ZP-6",
    "With one position alone, a close at the zero price leaves equity by lots as it was, within an atom in the"
    " account's favour. The margin fraction neither falls nor heals.",
    title="a close keeps the margin fraction",
    kind=Kind.LAW,
    source="rules §7",
    sample=zero_arguments,
)
def a_close_at_the_zero_price_keeps_the_fraction(zero: ZeroPrice, closed: int, lots: int, more: int) -> bool:
    if not sensible(zero, closed, lots):
        return True
    alone = evolve(zero, before=Atoms(0), whole=zero.required)
    left = zero.equity - paid_up_to(alone, lots)
    return (
        zero.equity * (zero.position - lots)
        <= left * zero.position
        < zero.equity * (zero.position - lots) + zero.position
    )
