"""What an engine with integers of fixed width may rely on: within which range each integer lies.

A machine of Python integers has no such ranges.  A venue that publishes limits has them, of its parameters, of what a
command may say and of what it stores; what follows for all that is computed between is for the prover to say.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

import attrs
from attrs import field, frozen

from clearspec.core.table import Id, Table

WORD = 63
"""Bits of the absolute value of what an engine stores in a signed word."""
DOUBLE = 127
"""Bits of the absolute value of what an engine computes in two words, such as the product of a multiply-and-divide."""

Range = tuple[int, int]
"""The least and the greatest value."""


def bits(count: int) -> Range:
    """Whole numbers from nothing up of so many bits."""
    return 0, (1 << count) - 1


def signed(count: int) -> Range:
    """Whole numbers of either sign whose absolute value has so many bits."""
    return 1 - (1 << count), (1 << count) - 1


@frozen
class Total:
    """The sum of a measure over the rows of a table that agree in some fields, which an engine keeps beside them."""

    table: str
    measure: Callable[..., int]
    by: tuple[str, ...] = ()
    seen: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """What its range goes by: `total.orders.open_lots.market.owner`."""
        return ".".join(("total", self.table, self.measure.__name__, *sorted(self.by)))


@frozen
class Limits:
    """The published ranges, by place; the first name that fits counts.

    A place is the way from the state to a field (`accounts.holdings.balances`, `parameters.assets.lot`), entries of
    tuples and rows of tables left out, or a field of a command (`Deposit.amount`); `*` in a name stands for anything.
    Of `totals` the range is shown to be kept as that of a field is.  `unkept` says why a range is not known to be kept,
    and what would keep it.
    """

    ranges: Mapping[str, Range]
    totals: tuple[Total, ...] = ()
    unkept: Mapping[str, str] = field(factory=dict)

    def of(self, place: str) -> Range | None:
        """The range of the integers at that place, or None if none is published."""
        return next((range_ for name, range_ in self.ranges.items() if fnmatchcase(place, name)), None)

    def excuse(self, place: str) -> str | None:
        """Why the range of the integers at that place is not known to be kept; None if it is."""
        return next((why for name, why in self.unkept.items() if fnmatchcase(place, name)), None)


def integers(value: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """The integers that a state or a command holds, each with its place; a truth value is none."""
    if type(value) is int:
        yield place, value
    elif isinstance(value, tuple):
        for each in value:
            yield from integers(each, place)
    elif isinstance(value, Table):
        for _, row in value.rows():
            yield from integers(row, place)
    elif attrs.has(type(value)) and not isinstance(value, Enum | Id):
        for each in attrs.fields(type(value)):
            yield from integers(getattr(value, each.name), f"{place}.{each.name}" if place else each.name)
