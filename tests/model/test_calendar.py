"""Settlement days: the dates that history gives, and a walk from day to day that shares no arithmetic with the rule."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearspec.core.quantities import Millis
from clearspec.machines.clearing.formulas.calendar import (
    Calendar,
    Change,
    Cycle,
    Day,
    Session,
    days_to_settle,
    is_open,
    open_day,
    open_days,
    settlement_day,
    trade_date,
    valid_calendar,
    valid_cycle,
)

NOVEMBER_1988 = ("1988-11-11", "1988-11-24")  # Veterans Day, with an open market, and Thanksgiving
SPRING_2024 = ("2024-05-27", "2024-06-19")  # Memorial Day and Juneteenth
T5 = Cycle(5, ())


def day(text: str) -> Day:
    return Day(date.fromisoformat(text).toordinal())


def calendar(*closed: str) -> Calendar:
    return Calendar(tuple(map(day, closed)))


def text(of: Day) -> str:
    return date.fromordinal(of).isoformat()


@pytest.mark.parametrize(
    ("traded", "settles"),
    [
        ("1988-11-03", "1988-11-10"),
        ("1988-11-04", "1988-11-14"),
        ("1988-11-10", "1988-11-18"),
        ("1988-11-11", "1988-11-18"),  # a trade date that is no settlement day
        ("1988-11-17", "1988-11-25"),
    ],
)
def test_november_1988(traded: str, settles: str) -> None:
    assert text(settlement_day(calendar(*NOVEMBER_1988), T5, day(traded))) == settles


@pytest.mark.parametrize(
    ("traded", "settles"),
    [
        ("2024-05-23", "2024-05-28"),
        ("2024-05-24", "2024-05-29"),  # the last trade date of T+2
        ("2024-05-28", "2024-05-29"),  # the first of T+1: two days' trades settle at once
        ("2024-05-29", "2024-05-30"),
        ("2024-06-18", "2024-06-20"),
    ],
)
def test_the_united_states_go_to_one_day(traded: str, settles: str) -> None:
    cycle = Cycle(2, (Change(day("2024-05-28"), 1),))
    assert text(settlement_day(calendar(*SPRING_2024), cycle, day(traded))) == settles


def test_five_days_become_three_in_two_steps_in_june_1995() -> None:
    """By one day at a time no trade settles before an earlier one; at once, some would."""
    in_steps = Cycle(5, (Change(day("1995-06-05"), 4), Change(day("1995-06-07"), 3)))
    at_once = Cycle(5, (Change(day("1995-06-07"), 3),))
    dates = ("1995-06-02", "1995-06-05", "1995-06-06", "1995-06-07", "1995-06-08")
    assert [text(settlement_day(calendar(), in_steps, day(each))) for each in dates] == [
        "1995-06-09",
        "1995-06-09",
        "1995-06-12",
        "1995-06-12",
        "1995-06-13",
    ]
    assert [text(settlement_day(calendar(), at_once, day(each))) for each in dates[2:4]] == ["1995-06-13", "1995-06-12"]


def test_a_cycle_that_shortens_on_a_bank_holiday_lets_later_trades_settle_earlier() -> None:
    cycle = Cycle(2, (Change(day("1988-11-11"), 1),))
    settles = [settlement_day(calendar(*NOVEMBER_1988), cycle, day(each)) for each in ("1988-11-10", "1988-11-11")]
    assert list(map(text, settles)) == ["1988-11-15", "1988-11-14"]


@pytest.mark.parametrize(
    ("traded", "settles"),
    [("2024-06-18", "2024-06-18"), ("2024-06-19", "2024-06-20"), ("2024-06-15", "2024-06-17")],
)
def test_on_the_day_itself_or_the_first_that_is_one(traded: str, settles: str) -> None:
    assert text(settlement_day(calendar(*SPRING_2024), Cycle(0, ()), day(traded))) == settles


CLOSED = st.lists(st.integers(1, 60), max_size=8, unique=True).map(
    lambda days: Calendar(tuple(Day(each) for each in sorted(days) if date.fromordinal(each).isoweekday() <= 5))
)


def walked(closed: Calendar, start: int, n: int) -> int:
    """The n-th open day after the start, found by going from day to day."""
    while n:
        start += 1
        n -= date.fromordinal(start).isoweekday() <= 5 and start not in closed.closed
    return start


@given(CLOSED, st.integers(2, 70), st.integers(0, 12))
def test_the_nth_open_day_is_where_a_walk_ends(closed: Calendar, start: int, n: int) -> None:
    assert open_day(closed, Day(start), n) == (walked(closed, start, n) if n else walked(closed, start - 1, 1))


@given(CLOSED, st.integers(1, 90))
def test_open_days_are_counted(closed: Calendar, last: int) -> None:
    assert open_days(closed, last) == sum(is_open(closed, each) for each in range(1, last + 1))


@given(CLOSED, st.integers(2, 70), st.integers(0, 6), st.booleans())
def test_trades_of_the_next_day_do_not_settle_earlier(closed: Calendar, day: int, n: int, shorter: bool) -> None:
    if not shorter or (n > 0 and is_open(closed, day + 1)):
        assert open_day(closed, Day(day), n) <= open_day(closed, Day(day + 1), n - shorter)


NEW_YORK, TOKYO = (timezone(timedelta(hours=hours)) for hours in (-4, 9))


@pytest.mark.parametrize(
    ("zone", "at", "dated"),
    [
        (NEW_YORK, datetime(2024, 5, 24, 15, 59, 59, 999_000, NEW_YORK), "2024-05-24"),
        (NEW_YORK, datetime(2024, 5, 24, 16, 0, 0, 0, NEW_YORK), "2024-05-28"),  # over a weekend and Memorial Day
        (TOKYO, datetime(2024, 5, 24, 15, 59, 0, 0, NEW_YORK), "2024-05-27"),  # it is Saturday there
        (TOKYO, datetime(2024, 5, 23, 22, 0, 0, 0, UTC), "2024-05-24"),
    ],
)
def test_the_trade_date_is_that_of_the_market(zone: timezone, at: datetime, dated: str) -> None:
    ahead = zone.utcoffset(None) // timedelta(milliseconds=1)
    session = Session(Millis(ahead), Millis(16 * 3_600_000))
    trading = calendar(*SPRING_2024) if zone is NEW_YORK else calendar()
    assert text(trade_date(trading, session, Millis(int(at.timestamp() * 1000)))) == dated


@pytest.mark.parametrize(
    ("closed", "valid"),
    [
        (NOVEMBER_1988, True),
        ((), True),
        (("1988-11-24", "1988-11-11"), False),
        (("1988-11-11", "1988-11-11"), False),
        (("1988-11-12",), False),  # a Saturday
        (("1988-11-13",), False),
    ],
)
def test_closed_days_are_working_days_in_order(closed: tuple[str, ...], valid: bool) -> None:
    assert valid_calendar(calendar(*closed)) is valid


def test_a_cycle_has_its_changes_in_order() -> None:
    first, second = Change(Day(9), 2), Change(Day(10), 1)
    assert valid_cycle(Cycle(3, (first, second)))
    assert not valid_cycle(Cycle(3, (second, first)))
    assert not valid_cycle(Cycle(3, (first, first)))
    assert not valid_cycle(Cycle(-1, ()))
    assert not valid_cycle(Cycle(3, (Change(Day(9), -1),)))
    assert [days_to_settle(Cycle(3, (first, second)), Day(each)) for each in (8, 9, 10, 11)] == [3, 2, 1, 1]
