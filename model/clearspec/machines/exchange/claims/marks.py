"""Marks: what the mark is, and when it is valid."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted
from clearspec.machines.exchange.formulas.marks import agreeing, count_agreeing, count_fresh, fresh, quoted
from clearspec.machines.exchange.state.commands import QuotePrice
from clearspec.machines.exchange.state.parameters import market_place
from clearspec.machines.exchange.state.types import Quote, State


@claim(
    "EX-MRK-1",
    "The mark is the lower median of the quotes that are fresh and close to the median of all fresh ones; with fewer"
    " than enough fresh or agreeing sources it is not valid, and stays where it was.",
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
