"""Answers of a table that are kept up to date row by row: groups, sums and rankings.

An index is a pure function of the rows; `changed` gives the same as building it anew, only faster.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Self

from attrs import frozen
from immutables import Map

Group = tuple[Any, ...]


def group_of(row: Any, names: tuple[str, ...]) -> Group:
    """The values of these fields of the row."""
    return tuple([getattr(row, name) for name in names])


@frozen
class Groups:
    """The rows by the values of some of their fields."""

    names: tuple[str, ...]
    found: Map[Group, Map[Any, Any]] = Map()

    def changed(self, key: Any, old: Any, new: Any) -> Self:
        """The index after one row was put, replaced or dropped."""
        found = self.found
        if old is not None:
            group = group_of(old, self.names)
            found = found.set(group, found[group].delete(key))
        if new is not None:
            group = group_of(new, self.names)
            found = found.set(group, found.get(group, Map()).set(key, new))
        return type(self)(self.names, found)


@frozen
class Sums:
    """The sum of a measure over the rows of each group."""

    measure: Callable[[Any], int]
    names: tuple[str, ...]
    found: Map[Group, int] = Map()

    def changed(self, _: Any, old: Any, new: Any) -> Self:
        """The index after one row was put, replaced or dropped."""
        found = self.found
        for row, sign in ((old, -1), (new, 1)):
            if row is not None:
                group = group_of(row, self.names)
                found = found.set(group, found.get(group, 0) + sign * self.measure(row))
        return type(self)(self.measure, self.names, found)


@frozen
class Ranks:
    """The ids of the rows of each group that meet a condition, lowest rank first."""

    rank: Callable[[Any], tuple[int, ...]]
    among: Callable[[Any], bool]
    names: tuple[str, ...]
    found: Map[Group, tuple[Any, ...]] = Map()

    def changed(self, key: Any, old: Any, new: Any) -> Self:
        """The index after one row was put, replaced or dropped."""
        found = self.found
        if old is not None and self.among(old):
            group, entry = group_of(old, self.names), (self.rank(old), key)
            ranked = found[group]
            at = bisect_left(ranked, entry)
            found = found.set(group, ranked[:at] + ranked[at + 1 :])
        if new is not None and self.among(new):
            group, entry = group_of(new, self.names), (self.rank(new), key)
            ranked = found.get(group, ())
            at = bisect_left(ranked, entry)
            found = found.set(group, (*ranked[:at], entry, *ranked[at:]))
        return type(self)(self.rank, self.among, self.names, found)
