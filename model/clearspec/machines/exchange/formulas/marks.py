"""Which observations of a price count: those that are fresh, and of them those that agree."""

from clearspec.core.quantities import RATE_SCALE, Millis, Price
from clearspec.machines.exchange.state.types import Quote


def quoted(quote: Quote) -> Price:
    """The price of the quote.  Rule: EX-MRK-2."""
    return quote.price


def fresh(quote: Quote, oldest: Millis) -> bool:
    """Was the price given at `oldest` or later?"""
    return quote.at >= oldest


def agreeing(quote: Quote, oldest: Millis, middle: Price, outlier: int) -> bool:
    """Is the quote fresh, and its price within `outlier` parts per million of the middle?"""
    return quote.at >= oldest and abs(quote.price - middle) * RATE_SCALE <= outlier * middle


def count_fresh(quote: Quote, oldest: Millis) -> int:
    """1 for a fresh quote."""
    return 1 if quote.at >= oldest else 0


def count_agreeing(quote: Quote, oldest: Millis, middle: Price, outlier: int) -> int:
    """1 for a quote that is fresh and no outlier."""
    return 1 if quote.at >= oldest and abs(quote.price - middle) * RATE_SCALE <= outlier * middle else 0
