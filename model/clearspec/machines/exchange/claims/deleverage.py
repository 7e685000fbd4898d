"""Auto-deleveraging: who comes first in the row, how much is closed, and at what price."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import Atoms, Lots
from clearspec.machines.exchange.claims.liquidation import exposure_of
from clearspec.machines.exchange.claims.margin import equity_alone
from clearspec.machines.exchange.claims.offers import in_the_row, offer_made, was_not_asked
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.claims.zero_price import sensible, zero_arguments
from clearspec.machines.exchange.formulas.deleverage import Candidate, adl_rank, closed_at_mark, deleveraged_lots
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, spread
from clearspec.machines.exchange.state.commands import Deleverage
from clearspec.machines.exchange.state.types import Account, State


def rank_arguments(choices: Choices) -> tuple[Any, ...]:
    """Two accounts of the opposite side and a bound of their exposures, which are often near each other."""
    bound = 1 + amount(choices)

    def candidate() -> Candidate:
        exposure = bound - choices.integer(0, choices.pick((0, 1, bound - 1)))
        equity = choices.integer(0, choices.pick((1, 9, bound))) * choices.pick((1, 1, -1))
        return Candidate(Atoms(choices.integer(-1, 1)), Lots(choices.integer(1, 3)), Atoms(equity), Atoms(exposure))

    return candidate(), candidate(), bound


def ranked(candidate: Candidate, bound: int) -> bool:
    """Is this an account that has a place in the row?"""
    return 0 < candidate.exposure <= bound


@claim(
    "EX-ADL-1",
    "An account's place in the row is profit, then margin fraction, then size, the larger first. The fraction is"
    " rounded down in units of one over the squared bound, below zero too.",
    title="ranked by profit, fraction, then size",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    sample=rank_arguments,
)
def a_place_is_profit_then_fraction_then_size(one: Candidate, _: Candidate, bound: int) -> bool:
    if not ranked(one, bound):
        return True
    loses, fraction, size = adl_rank(one, bound)
    return (
        loses == (0 if one.gain > 0 else 1)
        and fraction * one.exposure <= one.equity * bound * bound < (fraction + 1) * one.exposure
        and size == -one.lots
    )


@claim(
    "EX-ADL-6",
    "Rounded down in these units, margin fractions compare as they do exactly: the lower one is lower, and equal ones"
    " are equal.",
    title="margin fractions compare exactly",
    kind=Kind.LAW,
    source="rules §7",
    prevents="fractions rounded to a few decimals, so that size decides between accounts that are not alike",
    sample=rank_arguments,
)
def fractions_compare_exactly(one: Candidate, other: Candidate, bound: int) -> bool:
    if not (ranked(one, bound) and ranked(other, bound)):
        return True
    (_, first, _), (_, second, _) = adl_rank(one, bound), adl_rank(other, bound)
    # Times both exposures, which are positive: so stated, a difference of quotients is not divided once more.
    unit = one.exposure * other.exposure
    if one.equity * other.exposure < other.equity * one.exposure:
        return (second - first) * unit > 0
    return one.equity * other.exposure > other.equity * one.exposure or -unit < (second - first) * unit < unit


def target_arguments(choices: Choices) -> tuple[Any, ...]:
    """A zero price, lots closed at it, lots that are needed, and the position and equity of who is to close them."""
    zero, closed, need, _ = zero_arguments(choices)
    position = choices.pick((need, choices.integer(0, need + 1), amount(choices)))
    exact = -zero.equity * zero.required * need // (zero.whole * zero.position)
    return zero, closed, need, position, max(choices.pick((0, exact + choices.integer(-2, 2), amount(choices))), 0)


@claim(
    "EX-ADL-2",
    "Nobody is made to close more than is needed, nor more than he has: no position flips or grows.",
    title="nobody flips",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    prevents="an account that wakes up short because it was long",
    sample=target_arguments,
)
def nobody_flips(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> bool:
    if not sensible(zero, closed, need) or position < 0 or equity < 0:
        return True
    lots = deleveraged_lots(zero, closed, need, position, equity)
    return 0 <= lots <= need and lots <= position


@claim(
    "EX-ADL-3",
    "Who is made to close at the zero price is not below zero after it.",
    title="nobody is bankrupted",
    kind=Kind.LAW,
    source="rules §7",
    prevents="10 October 2025: winners with negative balances",
    sample=target_arguments,
)
def nobody_is_bankrupted(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> bool:
    if not sensible(zero, closed, need) or position < 0 or equity < 0:
        return True
    return equity + spread(zero, closed, deleveraged_lots(zero, closed, need, position, equity)) >= 0


@claim(
    "EX-ADL-4",
    "The cap takes off no lot too many. All that is needed and held is closed, or one lot more would leave the"
    " account below zero.",
    title="the cap is the largest",
    kind=Kind.LAW,
    source="rules §7",
    prevents="a cap that lets winners off, so that lenders bear what they could have borne",
    sample=target_arguments,
)
def the_cap_is_the_largest(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> bool:
    if not sensible(zero, closed, need) or position < 0 or equity < 0:
        return True
    lots = deleveraged_lots(zero, closed, need, position, equity)
    return lots in (need, position) or equity + spread(zero, closed, lots + 1) < 0


@claim(
    "EX-ADL-5",
    "Where the account that is liquidated has equity, nobody who closes against it pays, and there is no cap.",
    title="without a deficit there is no cap",
    kind=Kind.LAW,
    source="rules §7",
    sample=target_arguments,
)
def without_a_deficit_there_is_no_cap(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> bool:
    if not sensible(zero, closed, need) or position < 0 or equity < 0 or zero.equity < 0:
        return True
    return deleveraged_lots(zero, closed, need, position, equity) == (need if need < position else position)


@claim(
    "EX-ADL-7",
    "At the mark everyone in the row closes what is needed, or all that he has: no position is left without another"
    " side.",
    title="at the mark everything is closed",
    kind=Kind.LAW,
    source="rules §7",
    sample=target_arguments,
)
def at_the_mark_all_is_closed(zero: ZeroPrice, closed: int, need: int, position: int, equity: int) -> bool:
    return closed_at_mark(need, position) == (need if need < position else position)


@claim(
    "EX-TIER-8",
    "Deleveraging asks the first account in the row. No other account that could be asked stands before it by profit,"
    " margin fraction and size.",
    title="the first in the row is asked",
    kind=Kind.STEP,
    on=(Deleverage,),
    source="Settlement & Clearing, Tier 3; rules §7",
    prevents="an operator who chooses whose position is closed",
)
def the_first_in_the_row_is_asked(before: State, beat: Deleverage, after: Accepted[State]) -> bool:
    made = offer_made(before)
    if made is None:
        return False
    offered, account, place = made
    long, bound = account.holdings.positions[place].size > 0, before.accounts.total(exposure_of, before)
    return before.accounts.every(
        lambda key, asked: (
            was_not_asked(asked, after.state.accounts.get(key))
            or (
                in_the_row(before, asked, offered, place, long)
                and before.accounts.every(
                    lambda _, other: (
                        not in_the_row(before, other, offered, place, long)
                        or stands_no_later(before, asked, other, place, bound)
                    )
                )
            )
        )
    )


@measure
def stands_no_later(state: State, one: Account, other: Account, place: int, bound: int) -> bool:
    """Is nobody's place in the row before the first account's?  The bound is no less than any exposure."""
    return adl_rank(candidate(state, one, place), bound) <= adl_rank(candidate(state, other, place), bound)


def candidate(state: State, account: Account, place: int) -> Candidate:
    """The account as one that may be made to close in this market: what its place in the row follows from."""
    position = account.holdings.positions[place]
    return Candidate(
        gain=Atoms(position.size * state.markets[place].mark - position.cost + position.unsettled),
        lots=Lots(abs(position.size)),
        equity=Atoms(equity_alone(state, account.holdings, False)),
        exposure=Atoms(exposure_of(account, state)),
    )
