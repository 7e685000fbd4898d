"""The backstop: laws of what providers are offered and of the spread, and that none of them declines."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Price, Rate
from clearspec.machines.exchange.claims.margin import initial_margin_met_by
from clearspec.machines.exchange.claims.offers import capacity, offer_made, was_not_asked
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.claims.trades import after_trade
from clearspec.machines.exchange.claims.zero_price import sensible, zero_price
from clearspec.machines.exchange.formulas.backstop import (
    auto_close_below,
    backstop_lots,
    covered_lots,
    least_lots,
    provider_lots,
    split_spread,
)
from clearspec.machines.exchange.formulas.zero_price import ZeroPrice, spread
from clearspec.machines.exchange.state.commands import Absorb
from clearspec.machines.exchange.state.events import PositionTaken
from clearspec.machines.exchange.state.types import Account, AccountId, Slice, State
from clearspec.mechanisms.pro_rata import allotment


def part_of(offered: Slice, provider: Account, place: int) -> int:
    """The lots of the offer that are a provider's, pro rata to capacity."""
    lots = min(offered.offered, offered.whole)
    return min(allotment(lots, offered.before, capacity(provider, place), offered.whole), offered.open)


@claim(
    "EX-TIER-10",
    "Only an account with capacity is asked. If it takes nothing, it had no part in the offer, or would not have met"
    " initial margin.",
    title="no provider declines without cause",
    kind=Kind.STEP,
    on=(Absorb,),
    source="rules §7",
    prevents="providers that are paid for calm days and decline on the others",
)
def nobody_declines(before: State, beat: Absorb, after: Accepted[State]) -> bool:
    made = offer_made(before)
    if made is None:
        return False
    offered, account, place = made
    long = account.holdings.positions[place].size > 0
    if any(isinstance(event, PositionTaken) for event in after.events):
        return True
    return before.accounts.every(
        lambda key, each: (
            was_not_asked(each, after.state.accounts.get(key))
            or (capacity(each, place) > 0 and could_not_take(before, offered, key, each, place, long))
        )
    )


@measure
def could_not_take(state: State, offered: Slice, key: AccountId, provider: Account, place: int, long: bool) -> bool:
    """Is its part of the offer nothing, or is it without initial margin after it?"""
    lots = part_of(offered, provider, place)
    if lots <= 0:
        return True
    gets = split_spread(max(spread(offered.zero, offered.closed, lots), 0)).provider
    market, mark = state.parameters.markets[place], state.markets[place].mark
    after = after_trade(market, provider, place, lots if long else -lots, mark, -gets)
    return not initial_margin_met_by(state, key, after, counting_gains=True)


def threshold_arguments(choices: Choices) -> tuple[Any, ...]:
    """A maintenance requirement, an exposure of which it is a few per cent, and a fraction."""
    exposure = amount(choices)
    required = exposure * choices.pick((0, 2, 6, 11, 12, 13, 50, 100)) // 100 + choices.integer(0, 2)
    return required, exposure, Rate(choices.pick((60_000, 0, RATE_SCALE, choices.integer(0, RATE_SCALE))))


@claim(
    "EX-BCK-1",
    "The second tier begins below the higher of two amounts: half the maintenance requirement, and the requirement"
    " less the fraction of the exposure. It lies between 0 and the requirement.",
    title="when the second tier begins",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    sample=threshold_arguments,
)
def the_threshold_is_the_higher_of_two(required: int, exposure: int, fraction: Rate) -> bool:
    if required < 0 or exposure < 0 or fraction < 0:
        return True
    threshold = auto_close_below(required, exposure, fraction)
    meets, next_meets = (
        2 * each <= required or (required - each) * RATE_SCALE >= fraction * exposure
        for each in (threshold, threshold + 1)
    )
    return meets and not next_meets and 0 <= threshold <= required


def least_arguments(choices: Choices) -> tuple[Any, ...]:
    """A notional and a mark."""
    return Atoms(amount(choices)), Price(choices.integer(1, choices.pick((1, 9, 1_000))))


@claim(
    "EX-BCK-2",
    "The least lots are the fewest that are worth the least notional at mark, but at least one.",
    title="the least lots are worth the notional",
    kind=Kind.LAW,
    source="rules §7",
    sample=least_arguments,
)
def the_least_lots_are_worth_the_notional(notional: Atoms, mark: Price) -> bool:
    if mark <= 0:
        return True
    lots = least_lots(notional, mark)
    return lots >= 1 and lots * mark >= notional and (lots == 1 or (lots - 1) * mark < notional)


def step_arguments(choices: Choices) -> tuple[Any, ...]:
    """Equity below a threshold, a position and the least lots."""
    threshold = amount(choices)
    equity = threshold - choices.pick((1, 1 + amount(choices), choices.integer(1, threshold + 1)))
    return equity, threshold, 1 + amount(choices), Lots(choices.integer(1, choices.pick((1, 9, 1_000))))


@claim(
    "EX-BCK-3",
    "A second-tier step offers the fewest lots that cover the position's part of the missing equity and the least"
    " offer. It offers the whole position if that is fewer, or without equity.",
    title="a step is the smallest that will do",
    kind=Kind.LAW,
    source="rules §7",
    sample=step_arguments,
)
def a_step_is_the_smallest_that_will_do(equity: int, threshold: int, position: int, least: Lots) -> bool:
    if not (equity < threshold and position > 0 and least > 0):
        return True
    lots = backstop_lots(equity, threshold, position, least)
    if equity <= 0:
        return lots == position
    does, less_does = (
        each * threshold >= (threshold - equity) * position and each >= least for each in (lots, lots - 1)
    )
    return 0 < lots <= position and (does or lots == position) and not less_does


def provider_arguments(choices: Choices) -> tuple[Any, ...]:
    """Lots on offer, and the capacities of those before, of two neighbours and of those after."""
    most = choices.pick((0, 1, 3, 9, 10**9))
    return choices.integer(0, 4 * most + 1), *(choices.integer(0, most) for _ in range(4))


@claim(
    "EX-BCK-4",
    "The first providers together take the floor of their share by capacity of the lots on offer. Neighbours take"
    " what one provider with both capacities would, and all take everything.",
    title="providers take by capacity",
    kind=Kind.LAW,
    source="rules §7",
    sample=provider_arguments,
)
def providers_take_by_capacity(offered: int, before: int, one: int, other: int, after: int) -> bool:
    if offered < 0 or before < 0 or one < 0 or other < 0 or after < 0:
        return True
    whole = before + one + other + after
    first, taken = provider_lots(offered, 0, before, whole), offered if offered < whole else whole
    apart = provider_lots(offered, before, one, whole) + provider_lots(offered, before + one, other, whole)
    return (
        first * whole <= taken * before <= first * whole + (whole - 1 if whole > 0 else 0)
        and apart == provider_lots(offered, before, one + other, whole)
        and provider_lots(offered, 0, whole, whole) == taken
    )


@claim(
    "EX-BCK-7",
    "A provider never takes more than it can, and never less than nothing.",
    title="a provider stays within its capacity",
    kind=Kind.LAW,
    source="rules §7",
    prevents="JELLY 2025: a backstop without a bound of its own",
    sample=provider_arguments,
)
def a_provider_is_within_its_capacity(offered: int, before: int, one: int, other: int, after: int) -> bool:
    if offered < 0 or before < 0 or one < 0 or other < 0 or after < 0:
        return True
    return 0 <= provider_lots(offered, before, one, before + one + other + after) <= one


def spread_arguments(choices: Choices) -> tuple[Any, ...]:
    """An amount."""
    return (amount(choices),)


@claim(
    "EX-BCK-5",
    "Of a spread the provider gets two thirds, rounded down, and the liquidity fund all the rest; neither pays.",
    title="a spread is split two to one",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    sample=spread_arguments,
)
def a_spread_is_split_two_to_one(paid: int) -> bool:
    if paid < 0:
        return True
    split = split_spread(paid)
    return (
        3 * split.provider <= 2 * paid < 3 * (split.provider + 1)
        and split.provider + split.fund == paid
        and split.provider >= 0
        and split.fund >= 0
    )


def fund_arguments(choices: Choices) -> tuple[Any, ...]:
    """A position, a deficit and a fund, often of the same size."""
    deficit = 1 + amount(choices)
    fund = choices.pick((0, deficit - 1, deficit, deficit + 1, choices.integer(0, deficit), amount(choices)))
    return amount(choices), deficit, fund


@claim(
    "EX-BCK-6",
    "Of an account without equity a provider takes, at mark, the most lots whose part of the deficit the fund can pay.",
    title="the fund covers what it can",
    kind=Kind.LAW,
    source="rules §7",
    sample=fund_arguments,
)
def the_fund_covers_what_it_can(position: int, deficit: int, fund: int) -> bool:
    if position < 0 or deficit <= 0 or fund < 0:
        return True
    lots = covered_lots(position, deficit, fund)
    return (
        0 <= lots <= position
        and lots * deficit <= position * fund
        and (lots == position or (lots + 1) * deficit > position * fund)
    )


def payer_arguments(choices: Choices) -> tuple[Any, ...]:
    """A zero price, mostly of a deficit, and a fund that is often just enough or just not."""
    zero = zero_price(choices)
    return zero, choices.pick((abs(zero.equity), max(abs(zero.equity) - 1, 0), abs(zero.equity) // 2, amount(choices)))


@claim(
    "EX-BCK-8",
    "For the lots that a provider takes at mark the fund pays their part of the deficit, and always has as much.",
    title="the fund has what it pays",
    kind=Kind.LAW,
    source="rules §7",
    prevents="an insurance fund below zero",
    sample=payer_arguments,
)
def the_fund_has_what_it_pays(zero: ZeroPrice, fund: int) -> bool:
    if not sensible(zero) or zero.equity >= 0 or fund < 0:
        return True
    return 0 <= -spread(zero, 0, covered_lots(zero.position, -zero.equity, fund)) <= fund
