"""The mark price: what enough external sources agree on."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Millis, Price
from clearspec.machines.exchange.formulas.marks import agreeing, count_agreeing, count_fresh, fresh, quoted
from clearspec.machines.exchange.state.commands import QuotePrice, Reason
from clearspec.machines.exchange.state.events import MarkMoved
from clearspec.machines.exchange.state.parameters import MarketId, market_place
from clearspec.machines.exchange.state.types import Quote, State, put_at


def oldest(state: State) -> Millis:
    """The time before which a quote is stale."""
    return Millis(state.now - state.parameters.stale_after)


def enough_fresh(state: State, market: MarketId) -> bool:
    """Do enough sources have a fresh quote for the market?  Rule: EX-MRK-2."""
    return state.quotes.total(count_fresh, oldest(state), market=market) >= state.parameters.sources_min


def valid_mark(state: State, place: int) -> bool:
    """Was the last observation of that market good, and do enough sources still have a fresh quote?  Rule: EX-MRK-2."""
    return state.markets[place].live and enough_fresh(state, state.parameters.markets[place].id)


def observed(state: State, market: MarketId) -> Price | None:
    """What the sources agree on: the median of the fresh quotes that are close to the median of all fresh quotes.

    Rule: EX-MRK-1.  None if fewer than `sources_min` are fresh, or close.  The lower median, so it is a quoted price.
    """
    if not enough_fresh(state, market):
        return None
    since, outlier = oldest(state), state.parameters.outlier
    middle = state.quotes.median(quoted, fresh, since, market=market)
    if middle is None:
        return None
    if state.quotes.total(count_agreeing, since, middle, outlier, market=market) < state.parameters.sources_min:
        return None
    mark = state.quotes.median(quoted, agreeing, since, middle, outlier, market=market)
    return None if mark is None else Price(mark)


def quote_price(state: State, command: QuotePrice) -> Outcome[State]:
    """Take a price from an external source, and observe the sources anew.

    Rule: EX-MRK-1.  When they do not agree, the last mark stays for valuation and is not valid for orders.
    Rejects: MARKET_EXISTS, SOURCE_OF_ONE_MARKET, PRICE_WITHIN_LIMIT.
    """
    place = market_place(state.parameters, command.market)
    if place is None:
        return Rejected(Reason.MARKET_EXISTS)
    last = state.quotes.get(command.source)
    if last is not None and last.market != command.market:
        return Rejected(Reason.SOURCE_OF_ONE_MARKET)
    if not 0 < command.price <= state.parameters.markets[place].price_max:
        return Rejected(Reason.PRICE_WITHIN_LIMIT)
    quote = Quote(command.market, command.price, state.now)
    told = evolve(state, quotes=state.quotes.put(command.source, quote))
    mark = observed(told, command.market)
    market = state.markets[place]
    market = evolve(market, live=False) if mark is None else evolve(market, mark=mark, live=True)
    return Accepted(
        evolve(told, markets=put_at(told.markets, place, market)),
        (MarkMoved(command.market, market.mark, market.live),),
    )


def all_marks_valid(state: State) -> bool:
    """Has every market a valid mark?"""
    return all(valid_mark(state, place) for place in range(len(state.parameters.markets)))
