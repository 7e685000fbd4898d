"""Unbounded collections of rows, and the five things that a rule or a claim may ask of a whole table.

The rules never iterate over a table, measure its size or compare it: they `get`, `put` and `drop`
one row, and ask for a `total`, `every`, `every_two`, the `first` in an order or the `median`.  The
prover gives each of these a meaning for any number of rows; here they run on an immutable map.

Sums, rankings and groups are kept up to date row by row, so that the best order of a deep book, or
what an account has in open orders, does not cost a walk over the table.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

from immutables import Map

from clearspec.core.index import Groups, Ranks, Sums


class Id(str):
    """Names one row of a table; compared and hashed, never computed with."""

    __slots__ = ()


K = TypeVar("K", bound=Id)
R = TypeVar("R")

Measure = Callable[..., int]
Rank = Callable[..., tuple[int, ...]]
Condition = Callable[..., bool]


class Table(Generic[K, R]):
    """An immutable table of rows, one per id."""

    __slots__ = ("_asked", "_indexes", "_rows")

    def __init__(self, rows: "Mapping[K, R] | Map[K, R] | None" = None) -> None:
        self._rows: Map[K, R] = rows if isinstance(rows, Map) else Map(rows or {})
        # What was asked once is asked again: all tables that come of one another share the questions.
        self._asked: dict[Any, Any] = {}
        self._indexes: dict[Any, Any] = {}

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
            return sum(measure(row, *seen) for row in self._members(group).values())
        sums: Sums = self._index(Sums, measure, tuple(group))
        return sums.found.get(tuple(group.values()), 0)

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
            found = [(rank(row, *seen), key) for key, row in self._members(group).items() if among(row, *seen)]
            return min(found)[1] if found else None
        ranks: Ranks = self._index(Ranks, rank, among, tuple(group))
        ranked = ranks.found.get(tuple(group.values()))
        return ranked[0][1] if ranked else None

    def median(self, measure: Measure, among: Condition, *seen: Any, **group: Any) -> int | None:
        """The lower median of measure(row) over the rows that meet the condition, or None if there are none.

        A value of one of those rows, with at least half of them at or below it and at least half at or above it.
        """
        _refuse_closure(measure)
        _refuse_closure(among)
        values = sorted(measure(row) for row in self._members(group).values() if among(row, *seen))
        return values[(len(values) - 1) // 2] if values else None

    def rows(self) -> Iterator[tuple[K, R]]:
        """All rows in the order of their ids.  For printing, saving and comparing runs; never for rules or claims."""
        return ((key, self._rows[key]) for key in sorted(self._rows))

    def _members(self, group: Mapping[str, Any]) -> Map[K, R]:
        """The rows whose named fields equal `group`."""
        if not group:
            return self._rows
        groups: Groups = self._index(Groups, tuple(group))
        return groups.found.get(tuple(group.values()), Map())

    def _index(self, kind: Any, *question: Any) -> Any:
        """The index that answers the question; built once, then kept up to date in all tables that follow."""
        index = self._indexes.get(question)
        if index is None:
            index = self._asked.setdefault(question, kind(*question))
            for key, row in self._rows.items():
                index = index.changed(key, None, row)
            self._indexes[question] = index
        return index

    def _changed(self, rows: "Map[K, R]", key: K, old: R | None, new: R | None) -> Self:
        table = type(self)(rows)
        table._asked = self._asked
        for question, empty in self._asked.items():
            table._indexes[question] = self._followed(type(empty), question, key, old, new)
        return table

    def _followed(self, kind: Any, question: Any, key: K, old: R | None, new: R | None) -> Any:
        """The index of the table in which one row has changed; None if the question raises an exception of some row.

        It is raised where the question is asked, and not where the row is put.
        """
        try:
            return self._index(kind, *question).changed(key, old, new)
        except Exception:
            return None

    def _refused(self, *_: Any) -> Any:
        raise TypeError(
            "a table is not iterated, measured or compared: ask get, total, every, every_two, first, median"
        )

    __iter__ = __len__ = __contains__ = __getitem__ = __bool__ = __lt__ = _refused
    __eq__ = __ne__ = _refused
    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        """What is saved of a table is its rows; what was asked of them is asked anew."""
        return type(self), (dict(self._rows),)

    def __repr__(self) -> str:
        return f"Table({dict(self.rows())})"


def _refuse_closure(function: Callable[..., Any]) -> None:
    if function.__closure__:
        raise TypeError(
            f"{function.__qualname__}: a measure sees its row and `seen`, nothing else; make it a module-level function"
        )
