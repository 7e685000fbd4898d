"""A table answers as a plain dictionary would, however its indexes were built; and refuses the rest."""

from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.table import Id, Table


@frozen
class Row:
    owner: str
    amount: int
    open: bool


def amount(row: Row) -> int:
    return row.amount


def above(row: Row, floor: int) -> int:
    return max(row.amount - floor, 0)


def rank(row: Row, *_: int) -> tuple[int]:
    return (row.amount,)


def is_open(row: Row) -> bool:
    return row.open


def is_open_above(row: Row, floor: int) -> bool:
    return row.open and row.amount > floor


KEYS = st.sampled_from([Id(key) for key in "abcde"])
ROWS = st.builds(Row, st.sampled_from("xy"), st.integers(-3, 3), st.booleans())
STEPS = st.lists(st.tuples(KEYS, st.none() | ROWS, st.booleans()), max_size=25)


def answers(table: Table[Id, Row]) -> tuple[Any, ...]:
    return (
        table.total(amount),
        table.total(amount, owner="x"),
        table.total(above, 1, owner="y"),
        table.first(rank, is_open),
        table.first(rank, is_open, owner="x", open=True),
        table.first(rank, is_open_above, 0, owner="y"),
        table.median(amount, is_open),
        table.median(amount, is_open, owner="x"),
        table.every(lambda key, row: row.amount > -3 or key == "a"),
        table.every_two(lambda _, one, __, other: one.amount != other.amount or one.open),
    )


def plain_answers(rows: dict[Id, Row]) -> tuple[Any, ...]:
    def first(keep: Any) -> Id | None:
        return min(((row.amount, key) for key, row in rows.items() if keep(row)), default=(0, None))[1]

    def median(keep: Any) -> int | None:
        values = sorted(row.amount for row in rows.values() if keep(row))
        return next((v for v in values if 2 * sum(w <= v for w in values) >= len(values)), None)

    return (
        sum(row.amount for row in rows.values()),
        sum(row.amount for row in rows.values() if row.owner == "x"),
        sum(max(row.amount - 1, 0) for row in rows.values() if row.owner == "y"),
        first(lambda row: row.open),
        first(lambda row: row.open and row.owner == "x"),
        first(lambda row: row.open and row.amount > 0 and row.owner == "y"),
        median(lambda row: row.open),
        median(lambda row: row.open and row.owner == "x"),
        all(row.amount > -3 or key == "a" for key, row in rows.items()),
        all(a.amount != b.amount or a.open for i, a in rows.items() for j, b in rows.items() if i != j),
    )


@given(STEPS)
def test_a_table_answers_as_a_dictionary_would(steps: list[tuple[Id, Row | None, bool]]) -> None:
    table: Table[Id, Row] = Table()
    rows: dict[Id, Row] = {}
    for key, row, ask in steps:
        before, old = table, dict(rows)
        if row is not None:
            table, rows[key] = table.put(key, row), row
        elif key in rows:
            table = table.drop(key)
            del rows[key]
        if ask:  # asking builds indexes, which the next tables keep up to date
            assert answers(table) == plain_answers(rows)
            assert answers(before) == plain_answers(old)
    assert answers(table) == plain_answers(rows)
    assert list(table.rows()) == sorted(rows.items())


def test_a_table_refuses_what_has_no_meaning_for_any_number_of_rows() -> None:
    table: Table[Id, Row] = Table({Id("a"): Row("x", 1, True)})
    for ask in (len, list, bool, lambda each: each == each, lambda each: "a" in each):
        with pytest.raises(TypeError, match="ask get, total"):
            ask(table)


def test_a_measure_sees_only_what_it_is_given() -> None:
    mark = 3
    with pytest.raises(TypeError, match="module-level function"):
        Table({Id("a"): Row("x", 1, True)}).total(lambda row: row.amount * mark)
