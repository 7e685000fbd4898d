"""Laws of the calendar: which day is the n-th, which n counts, and when a trade date ends."""

from datetime import date
from itertools import combinations
from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import measure
from clearspec.core.quantities import Millis
from clearspec.machines.clearing.formulas.calendar import (
    DAY,
    FIRST_DAY,
    Calendar,
    Change,
    Cycle,
    Day,
    Session,
    is_open,
    open_day,
    open_days,
    settlement_day,
    trade_date,
    valid_calendar,
    valid_cycle,
)

SOURCE = "Settlement & Clearing, Settlement Cycles: T+2 to T+1 to T+0; rules §8"

MONDAY = date(2024, 5, 20).toordinal()


def calendar_of(choices: Choices) -> Calendar:
    """Two closed days of the weeks after MONDAY, next to each other or to a weekend more often than not."""
    first = choices.integer(0, 9)
    second = first + choices.pick((1, 1, choices.integer(1, 8)))
    working = [MONDAY + 7 * (each // 5) + each % 5 for each in (first, second)]
    return Calendar(tuple(Day(each) for each in working))


def day_arguments(choices: Choices) -> tuple[Any, ...]:
    """A calendar, a day near its closed days, and a number of days."""
    return calendar_of(choices), Day(MONDAY + choices.integer(-3, 20)), choices.integer(0, 6)


@measure
def works(calendar: Calendar, day: int) -> bool:
    """Is it a Monday, …, or Friday, and none of the closed days?"""
    return 1 <= day % 7 <= 5 and all(day < closed or day > closed for closed in calendar.closed)


@claim(
    "CL-CAL-1",
    "The n-th open day after a day is open, and up to it there are n open days more than up to that day; the one for"
    " no days is the first after the day before it.",
    title="the n-th open day",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a bank holiday counted as a day on which money can move",
    sample=day_arguments,
)
def the_nth_is_open_and_has_n_up_to_it(calendar: Calendar, day: Day, n: int) -> bool:
    if not valid_calendar(calendar) or day <= 0 or n < 0:
        return True
    found, start = open_day(calendar, day, n), day if n > 0 else day - 1
    more = open_days(calendar, found) - open_days(calendar, start)
    return works(calendar, found) and more == (n if n > 0 else 1)


def cycle_arguments(choices: Choices) -> tuple[Any, ...]:
    """A calendar, a cycle that changes twice or once or never near its closed days, and two trade dates."""
    one, two = (Day(MONDAY + choices.integer(-3, 20)) for _ in range(2))
    changed = Day(one + choices.integer(-2, 4))
    days = choices.pick((5, 3, 2, 1, choices.integer(0, 6)))
    fewer = choices.pick((days - 1, days - 1, choices.integer(0, 6)))
    last = choices.pick((fewer - 1, choices.integer(0, 6)))
    changes = (Change(changed, fewer), Change(Day(changed + choices.integer(1, 5)), last))
    return calendar_of(choices), Cycle(days, changes), one, two


@claim(
    "CL-CAL-2",
    "A trade settles on the n-th settlement day after its trade date. The n is that of the latest change of the cycle"
    " not after that date, or of the time before all changes.",
    title="the cycle of the trade date counts",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a trade of the old cycle settled by the new one, because it was still open when the cycle changed",
    sample=cycle_arguments,
)
def the_cycle_of_the_trade_date_counts(calendar: Calendar, cycle: Cycle, traded: Day, _: Day) -> bool:
    if not valid_calendar(calendar) or not valid_cycle(cycle) or traded <= 0:
        return True
    settles = settlement_day(calendar, cycle, traded)
    later = cycle.changes
    by_changes = all(
        settles == open_day(calendar, traded, change.days)
        for place, change in enumerate(later)
        if change.on <= traded and all(other.on > traded for other in later[place + 1 :])
    )
    before_all = all(change.on > traded for change in later)
    return by_changes and (not before_all or settles == open_day(calendar, traded, cycle.days))


def trade_arguments(choices: Choices) -> tuple[Any, ...]:
    """A calendar, a session, a time near its cut-off, and a day near that."""
    session = Session(Millis(choices.integer(-12, 14) * DAY // 24), Millis(choices.integer(0, 24) * DAY // 24))
    day = Day(MONDAY + choices.integer(0, 20))
    at = (day - FIRST_DAY) * DAY + session.cut_off - session.ahead + choices.pick((-1, 0, 1, choices.integer(0, DAY)))
    return calendar_of(choices), session, Millis(at), Day(day + choices.integer(-3, 8))


@claim(
    "CL-CAL-3",
    "The trade date is the first trading day of whose cut-off it is not yet the time.",
    title="a trade date ends at the cut-off",
    kind=Kind.LAW,
    source="rules §8",
    prevents="a trade after the cut-off that settles a day before its counterparty expects it, in another time zone",
    sample=trade_arguments,
    open_cells={
        "law": "Z3 proves it; cvc5 does in some runs, by how the symbols happen to be named, and in others not in time"
    },
)
def a_trade_date_ends_at_the_cut_off(calendar: Calendar, session: Session, at: Millis, other: Day) -> bool:
    if not valid_calendar(calendar) or at + session.ahead < session.cut_off - FIRST_DAY * DAY:
        return True
    traded = trade_date(calendar, session, at)
    ends, other_ends = ((day - FIRST_DAY) * DAY + session.cut_off - session.ahead for day in (traded, other))
    return works(calendar, traded) and at < ends and not (other < traded and at < other_ends and works(calendar, other))


@claim(
    "CL-CAL-4",
    "A day is open that is no Saturday, no Sunday and not closed; up to it there is one open day more than up to the"
    " day before it, and up to any other day there are as many.",
    title="open days are counted",
    kind=Kind.LAW,
    source="rules §8",
    sample=day_arguments,
)
def open_days_are_counted(calendar: Calendar, day: Day, _: int) -> bool:
    if not valid_calendar(calendar):
        return True
    more = open_days(calendar, day) - open_days(calendar, day - 1)
    return more == (1 if works(calendar, day) else 0) and is_open(calendar, day) == works(calendar, day)


def settled_arguments(choices: Choices) -> tuple[Any, ...]:
    """A calendar and a cycle, each as it should be or with one number moved next to another."""
    calendar, cycle, *_ = cycle_arguments(choices)
    closed, (first, second) = list(calendar.closed), cycle.changes
    closed[choices.integer(0, 1)] = Day(closed[choices.integer(0, 1)] + choices.pick((0, 0, 0, 1, 2)))
    second = Change(Day(first.on + choices.pick((-1, 0, 1, 1, 1))), choices.integer(-1, 2))
    changes = (Change(first.on, choices.integer(-1, 2)), second)
    return Calendar(tuple(closed)), Cycle(choices.integer(-1, 2), changes)


@claim(
    "CL-CAL-5",
    "A calendar is valid exactly if it names no weekend and every closed day once, in ascending order; a cycle, if its"
    " changes are in ascending order, no two on one date, and nothing settles before its trade date.",
    title="valid calendars and cycles",
    kind=Kind.LAW,
    source="rules §8",
    sample=settled_arguments,
)
def calendars_and_cycles_are_in_order(calendar: Calendar, cycle: Cycle) -> bool:
    every_day = Calendar(())
    named = all(works(every_day, day) for day in calendar.closed)
    days = all(one < other for one, other in combinations(calendar.closed, 2))
    dates = all(one.on < other.on for one, other in combinations(cycle.changes, 2))
    counts = (cycle.days, *(change.days for change in cycle.changes))
    return valid_calendar(calendar) == (named and days) and valid_cycle(cycle) == (
        dates and all(count >= 0 for count in counts)
    )


def end_of_days(choices: Choices) -> tuple[Any, ...]:
    """A calendar, a number of open days, a day near the one that they lead to, and a number of days after it."""
    calendar, wanted = calendar_of(choices), MONDAY - 2 * (MONDAY // 7) + choices.integer(-3, 20)
    return calendar, wanted, MONDAY + choices.integer(-3, 30), choices.integer(0, 9)


@claim(
    "CL-CAL-6",
    "In as many weeks as days are wanted or closed there are as many open days as are wanted; and never fewer up to a"
    " later day.",
    title="open days never run out",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a search for the next open day that has no end, of which anything could be proved",
    sample=end_of_days,
)
def open_days_go_on(calendar: Calendar, wanted: int, day: int, more: int) -> bool:
    if not valid_calendar(calendar):
        return True
    weeks = max(wanted, 0) + len(calendar.closed)
    if open_days(calendar, 7 * weeks) < wanted:
        return False
    return more < 0 or open_days(calendar, day) <= open_days(calendar, day + more)
