"""Unbounded collections of rows, and the five things that a rule or a claim may ask of a whole table.

The rules never iterate over a table, measure its size or compare it: they `get`, `put` and `drop`
one row, and ask for a `total`, `every`, `every_two`, the `first` in an order or the `median`.  The
prover gives each of these a meaning for any number of rows; here they run on an immutable map.

Sums and rankings without extra arguments are kept up to date row by row, so that the best order of
a deep book, or what an account has in open orders, does not cost a walk over the table.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

from immutables import Map


class Id(str):
    """Names one row of a table; compared and hashed, never computed with."""

    __slots__ = ()


K = TypeVar("K", bound=Id)
R = TypeVar("R")
Group = tuple[Any, ...]

Measure = Callable[..., int]
Rank = Callable[..., tuple[int, ...]]
Condition = Callable[..., bool]


class Table(Generic[K, R]):
    """An immutable table of rows, one per id."""

    __slots__ = ("_ranks", "_rows", "_sums")

    def __init__(self, rows: "Mapping[K, R] | Map[K, R] | None" = None) -> None:
        self._rows: Map[K, R] = rows if isinstance(rows, Map) else Map(rows or {})
        self._sums: dict[Any, Map[Group, int]] = {}
        self._ranks: dict[Any, Map[Group, tuple[Any, ...]]] = {}

    def get(self, key: K) -> R | None:
        """The row of that name, or None."""
        return self._rows.get(key)

    def put(self, key: K, row: R) -> Self:
        """The table with this row in place of the one of that name, if any."""
        return self._changed(self._rows.set(key, row), key, self._rows.get(key), row)

    def drop(self, key: K) -> Self:
        """The table without the row of that name.  Requires: the row is there."""
        return self._changed(self._rows.delete(key), key, self._rows.get(key), None)

    def total(self, measure: Measure, *seen: Any, **group: Any) -> int:
        """The sum of measure(row, *seen) over all rows whose named fields equal `group`.

        The measure is a module-level function: what it sees beside its row stands in `seen`, so
        that a sum which depends on a mark is a different sum when the mark moves.
        """
        _refuse_closure(measure)
        if seen:
            return sum(measure(row, *seen) for row in self._rows.values() if _belongs(row, group))
        names = tuple(group)
        sums = self._sums.get((measure, names))
        if sums is None:
            sums = self._sums[measure, names] = self._sum_up(measure, names)
        return sums.get(tuple(group.values()), 0)

    def every(self, predicate: Callable[[K, R], bool]) -> bool:
        """Does the predicate hold of every row?"""
        return all(predicate(key, row) for key, row in self._rows.items())

    def every_two(self, predicate: Callable[[K, R, K, R], bool]) -> bool:
        """Does the predicate hold of every ordered pair of different rows?"""
        items = list(self._rows.items())
        return all(predicate(i, a, j, b) for i, a in items for j, b in items if i != j)

    def first(self, rank: Rank, among: Condition, *seen: Any, **group: Any) -> K | None:
        """The id of the row that ranks lowest among those that meet the condition, or None.

        The condition and the rank are module-level functions of the row (and of `seen`).  Ties go
        to the smaller id; no rule may depend on that.
        """
        _refuse_closure(rank)
        _refuse_closure(among)
        if seen:
            found = [
                (rank(row, *seen), key) for key, row in self._rows.items() if _belongs(row, group) and among(row, *seen)
            ]
            return min(found)[1] if found else None
        names = tuple(group)
        ranks = self._ranks.get((rank, among, names))
        if ranks is None:
            ranks = self._ranks[rank, among, names] = self._rank_all(rank, among, names)
        ranked = ranks.get(tuple(group.values()))
        return ranked[0][1] if ranked else None

    def median(self, measure: Measure, among: Condition, *seen: Any, **group: Any) -> int | None:
        """The lower median of measure(row) over the rows that meet the condition, or None if there are none.

        A value of one of those rows, with at least half of them at or below it and at least half at or above it.
        """
        _refuse_closure(measure)
        _refuse_closure(among)
        values = sorted(measure(row) for row in self._rows.values() if _belongs(row, group) and among(row, *seen))
        return values[(len(values) - 1) // 2] if values else None

    def rows(self) -> Iterator[tuple[K, R]]:
        """All rows in the order of their ids.  For printing, saving and comparing runs; never for rules or claims."""
        return ((key, self._rows[key]) for key in sorted(self._rows))

    def _sum_up(self, measure: Measure, names: tuple[str, ...]) -> Map[Group, int]:
        sums: dict[Group, int] = {}
        for row in self._rows.values():
            group = _group(row, names)
            sums[group] = sums.get(group, 0) + measure(row)
        return Map(sums)

    def _rank_all(self, rank: Rank, among: Condition, names: tuple[str, ...]) -> Map[Group, tuple[Any, ...]]:
        ranks: dict[Group, list[Any]] = {}
        for key, row in self._rows.items():
            if among(row):
                ranks.setdefault(_group(row, names), []).append((rank(row), key))
        return Map({group: tuple(sorted(ranked)) for group, ranked in ranks.items()})

    def _changed(self, rows: "Map[K, R]", key: K, old: R | None, new: R | None) -> Self:
        table = type(self)(rows)
        for (measure, names), sums in self._sums.items():
            for row, sign in ((old, -1), (new, 1)):
                if row is not None:
                    group = _group(row, names)
                    sums = sums.set(group, sums.get(group, 0) + sign * measure(row))
            table._sums[measure, names] = sums
        for (rank, among, names), ranks in self._ranks.items():
            if old is not None and among(old):
                group, entry = _group(old, names), (rank(old), key)
                ranked = ranks[group]
                at = bisect_left(ranked, entry)
                ranks = ranks.set(group, ranked[:at] + ranked[at + 1 :])
            if new is not None and among(new):
                group, entry = _group(new, names), (rank(new), key)
                ranked = ranks.get(group, ())
                at = bisect_left(ranked, entry)
                ranks = ranks.set(group, (*ranked[:at], entry, *ranked[at:]))
            table._ranks[rank, among, names] = ranks
        return table

    def _refused(self, *_: Any) -> Any:
        raise TypeError(
            "a table is not iterated, measured or compared: ask get, total, every, every_two, first, median"
        )

    __iter__ = __len__ = __contains__ = __getitem__ = __bool__ = __lt__ = _refused
    __eq__ = __ne__ = _refused
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({dict(self.rows())})"


def _group(row: Any, names: tuple[str, ...]) -> Group:
    return tuple([getattr(row, name) for name in names])


def _belongs(row: Any, group: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in group.items())


def _refuse_closure(function: Callable[..., Any]) -> None:
    if function.__closure__:
        raise TypeError(
            f"{function.__qualname__}: a measure sees its row and `seen`, nothing else; make it a module-level function"
        )
