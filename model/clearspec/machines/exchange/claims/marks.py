"""Marks: what the mark is, which quotes count, and when it is valid."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE, Millis, Price
from clearspec.machines.exchange.formulas.marks import agreeing, count_agreeing, count_fresh, fresh, quoted
from clearspec.machines.exchange.state.commands import QuotePrice
from clearspec.machines.exchange.state.parameters import MarketId, market_place
from clearspec.machines.exchange.state.types import Quote, State


@claim(
    "EX-MRK-1",
    "The mark is the lower median of the fresh quotes that are close to the median of all fresh ones. With too few"
    " fresh or agreeing sources it stays, and is not valid.",
    title="the mark is the median of agreeing sources",
    kind=Kind.STEP,
    on=(QuotePrice,),
    source="rules §4",
    prevents="Mango 2022: one thin source moves the mark",
)
def mark_is_what_sources_agree_on(before: State, command: QuotePrice, after: Accepted[State]) -> bool:
    place = market_place(before.parameters, command.market)
    if place is None:
        return False
    was, now, quotes = before.markets[place], after.state.markets[place], after.state.quotes
    since, outlier = before.now - before.parameters.stale_after, before.parameters.outlier
    enough = before.parameters.sources_min
    middle = quotes.median(quoted, fresh, since, market=command.market)
    if middle is None or quotes.total(count_fresh, since, market=command.market) < enough:
        return not now.live and now.mark == was.mark
    if quotes.total(count_agreeing, since, middle, outlier, market=command.market) < enough:
        return not now.live and now.mark == was.mark
    mark = quotes.median(quoted, agreeing, since, middle, outlier, market=command.market)
    return mark is not None and now.live and now.mark == mark


def not_stale(quote: Quote, since: int) -> int:
    """Counts quotes that were given at `since` or later."""
    return 0 if quote.at < since else 1


def mark_is_valid_at(state: State, place: int) -> bool:
    """Was the last observation of that market good, and have enough sources a quote that is not stale?"""
    since, market = state.now - state.parameters.stale_after, state.parameters.markets[place].id
    enough = state.quotes.total(not_stale, since, market=market) >= state.parameters.sources_min
    return state.markets[place].live and enough


def every_mark_is_valid(state: State) -> bool:
    """Is the mark of every market valid?"""
    return all(mark_is_valid_at(state, place) for place in range(len(state.parameters.markets)))


def quote_arguments(choices: Choices) -> tuple[Any, ...]:
    """A quote, an age limit near its time, and a middle from which it is about as far as the bound."""
    middle, outlier = choices.integer(1, 40), choices.pick((0, 250_000, 500_000))
    far = middle * outlier // RATE_SCALE
    price = max(middle + choices.pick((-1, 1)) * far + choices.integer(-1, 1), 1)
    at = choices.integer(0, 5)
    return Quote(MarketId("SOL-PERP"), Price(price), Millis(at)), at + choices.integer(-1, 1), middle, outlier


@claim(
    "EX-MRK-2",
    "A quote counts at its price. It is fresh up to its age limit, and agrees up to the bound around the middle, both"
    " included.",
    title="quotes count up to both limits, included",
    kind=Kind.LAW,
    source="rules §4",
    sample=quote_arguments,
)
def quotes_count_up_to_their_limits(quote: Quote, since: int, middle: int, outlier: int) -> bool:
    stale = quote.at < since
    above = (quote.price - middle) * RATE_SCALE > outlier * middle
    below = (middle - quote.price) * RATE_SCALE > outlier * middle
    counts = 0 if stale or above or below else 1
    oldest, centre = Millis(since), Price(middle)
    return (
        quoted(quote) == quote.price
        and fresh(quote, oldest) == (not stale)
        and count_fresh(quote, oldest) == (0 if stale else 1)
        and agreeing(quote, oldest, centre, outlier) == (counts == 1)
        and count_agreeing(quote, oldest, centre, outlier) == counts
    )
