"""Days, which of them are open, on which of them a trade is made, and on which it settles.

A day is the number that `datetime.date.toordinal` gives it: day 1 is a Monday, so Sundays are the multiples of seven.
There is one calendar for trading and one for settlement.  A bank holiday with an open market is a day to trade on and
not one to settle on.
"""

from itertools import pairwise
from typing import Final, NewType

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import Millis, smallest

Day = NewType("Day", int)
"""A day of the Gregorian calendar, as `datetime.date.toordinal` numbers it."""

WEEK: Final = 7

DAY: Final = 24 * 60 * 60 * 1000
"""Milliseconds of a day."""

FIRST_DAY: Final = Day(719_163)
"""The day on which Greenwich is at time 0: 1 January 1970."""


@frozen
class Calendar:
    """The working days on which there is nothing all the same, in ascending order; weekends need not be named."""

    closed: tuple[Day, ...]


@frozen
class Change:
    """From this trade date on, trades settle on that many settlement days after."""

    on: Day
    days: int


@frozen
class Cycle:
    """T+n: on which settlement day after the trade date a trade settles, and the dates on which that changes.

    The changes are in ascending order.
    """

    days: int
    changes: tuple[Change, ...]


@frozen
class Session:
    """How far the clock of the market is ahead of Greenwich, and the time on it at which its trade date ends."""

    ahead: Millis
    cut_off: Millis


@measure
def valid_calendar(calendar: Calendar) -> bool:
    """Is each closed day one that a weekend does not close, and named once?

    Rule: CL-CAL-5.
    """
    in_order = all(day < after for day, after in pairwise(calendar.closed))
    return in_order and all(not weekend(day) for day in calendar.closed)


@measure
def valid_cycle(cycle: Cycle) -> bool:
    """Is every number of days one, and does each change come after the one before it?

    Rule: CL-CAL-5.
    """
    in_order = all(change.on < after.on for change, after in pairwise(cycle.changes))
    return in_order and cycle.days >= 0 and all(change.days >= 0 for change in cycle.changes)


@measure
def weekend(day: int) -> bool:
    """Is this a Saturday or a Sunday?"""
    return day % WEEK == 0 or (day + 1) % WEEK == 0


@measure
def is_open(calendar: Calendar, day: int) -> bool:
    """Is this a working day that is not closed?

    Rule: CL-CAL-4.
    """
    return not weekend(day) and all(day != closed for closed in calendar.closed)


@measure
def open_days(calendar: Calendar, day: int) -> int:
    """How many open days there are up to this day, it included: all days less Sundays, Saturdays and closed days.

    Rule: CL-CAL-4.
    """
    weekends = day // WEEK + (day + 1) // WEEK
    return day - weekends - sum(1 if closed <= day else 0 for closed in calendar.closed)


def open_day(calendar: Calendar, day: Day, n: int) -> Day:
    """The n-th open day after this one; for n = 0 the first one that is not before it.

    Rule: CL-CAL-1.  Requires: day > 0, n >= 0, and a valid calendar.
    """
    start, count = (day, n) if n > 0 else (day - 1, 1)
    wanted = open_days(calendar, start) + count
    return Day(smallest(lambda each: open_days(calendar, each) >= wanted, lambda: start + count, "CL-CAL-6"))


@measure
def days_to_settle(cycle: Cycle, trade_date: Day) -> int:
    """The n of the T+n that is in force for this trade date: that of the last change which is not after it.

    Rule: CL-CAL-2.
    """
    days = cycle.days
    for change in cycle.changes:
        if change.on <= trade_date:
            days = change.days
    return days


def settlement_day(calendar: Calendar, cycle: Cycle, trade_date: Day) -> Day:
    """The day on which a trade of this date is to settle, on the calendar of settlement.

    Rule: CL-CAL-2.  T+0 settles on the trade date itself if that is a settlement day.
    Source: SEC rule 15c6-1; Settlement & Clearing, "Settlement Cycles: T+2 to T+1 to T+0".
    """
    return open_day(calendar, trade_date, days_to_settle(cycle, trade_date))


def trade_date(calendar: Calendar, session: Session, at: Millis) -> Day:
    """The date of a trade that was made at this time, on the calendar of trading.

    Rule: CL-CAL-3.  The day on the clock of the market; from the cut-off on, and where the market is closed, the next
    open one.  Requires: the time is after the beginning of day 1, on the clock of the market.
    """
    local = at + session.ahead
    return open_day(calendar, Day(FIRST_DAY + (local - session.cut_off) // DAY + 1), 0)
