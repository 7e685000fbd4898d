"""Exceptions inside of what is merged into one formula: they are no False, and `no-crash` is about them."""

from functools import partial

from attrs import evolve, frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Rejected, measure
from clearspec.core.quantities import largest, smallest
from clearspec.core.table import Table
from sceptic.stated import Stated, false, true
from sceptic.worlds import EMPTY, MIXED, A, Account, AccountId, B, Do, Reason, Touch


@frozen
class Book:
    """A state without tables."""

    bid: int
    ask: int
    size: int
    open: bool
    lost: int


PLAIN = Book(1, 2, 1, False, 0)
CROSSED = Book(1, 2, 0, True, 0)


def nothing_is_lost(state):
    return state.lost == 0


def unless_empty(state, _):
    """Loses when the size is zero."""
    return Accepted(evolve(state, lost=1)) if state.size == 0 else Accepted(state)


def unless_closed(state, _):
    """Loses while the market is open."""
    return Accepted(evolve(state, lost=1)) if state.open else Accepted(state)


def lost(rule, hypothesis, start=CROSSED):
    """Under this hypothesis nothing is said to be lost."""
    return {
        "rule": rule,
        "initial": PLAIN,
        "start": start,
        "given": (hypothesis, nothing_is_lost),
        "kind": Kind.STATE,
        "code": "nothing_is_lost",
    }


# A hypothesis that would crash if it went on


def small(state, test):
    return state.bid > 0 if test == 0 else 100 // state.size > 3


def any_stops(state):
    return any(small(state, test) for test in (0, 1))


def all_stops(state):
    return not all((not small(state, test)) for test in (0, 1))


def any_of_map_stops(state):
    return any(map(partial(small, state), (0, 1)))


def any_in_a_loop_stops(state):
    for last in (1, 2):
        tests = tuple(range(last))
        if not any(small(state, test) for test in tests):
            return False
    return True


@false(**lost(unless_empty, any_stops))
def any_stops_before_a_division(state):
    return True


@false(**lost(unless_empty, all_stops))
def all_stops_before_a_division(state):
    return True


@false(**lost(unless_empty, any_of_map_stops))
def any_of_a_map_stops_before_a_division(state):
    return True


@false(**lost(unless_empty, any_in_a_loop_stops))
def any_in_a_loop_stops_before_a_division(state):
    return True


# A rule that raises, since nothing stops before


def asks_all(state, _):
    """Asks of sizes by a division; the first test never stops."""
    return Accepted(state) if all(small(state, test) for test in (0, 1)) else Rejected(Reason.NO)


@false(rule=asks_all, initial=PLAIN, start=CROSSED, code="no-crash")
def all_of_a_division_raise(before, _, after):
    return True


# A hypothesis with operators that a truth value has in Python


def sign(a, b):
    return (a > b) - (a < b)


HYPOTHESES = {
    "minus": lambda state: not state.open or sign(state.bid, state.ask) < 0,
    "times": lambda state: not state.open or (state.bid < state.ask) * (state.ask > 0) == 1,
    "times_a_number": lambda state: not state.open or (state.bid < state.ask) * 5 == 5,
    "negative": lambda state: not state.open or -(state.bid < state.ask) == -1,
    "positive": lambda state: not state.open or +(state.bid < state.ask) == 1,
    "whole_quotient": lambda state: not state.open or (state.bid < state.ask) // 1 == 1,
    "remainder": lambda state: not state.open or (state.bid < state.ask) % 2 == 1,
    "power": lambda state: not state.open or (state.bid < state.ask) ** 2 == 1,
    "less": lambda state: not state.open or (state.bid > state.ask) < (state.bid < state.ask),
    "at_least": lambda state: not state.open or (state.bid < state.ask) >= 1,
    "less_than_a_number": lambda state: not state.open or (state.bid > state.ask) < 1,
    "exclusive_or": lambda state: not state.open or (state.bid < state.ask) ^ (state.ask < 0),
    "inverted": lambda state: not state.open or ~(state.bid < state.ask) == -2,
    "absolute": lambda state: not state.open or abs(state.bid < state.ask) == 1,
    "shifted": lambda state: not state.open or (state.bid < state.ask) << 1 == 2,
    "pair_of_divmod": lambda state: not state.open or divmod(state.bid < state.ask, 2) == (0, 1),
    "larger_of_two": lambda state: not state.open or max(state.bid < state.ask, state.bid > state.ask) == 1,
    "sum_of_a_list": lambda state: not state.open or sum([state.bid < state.ask, state.ask > 0]) == 2,
    "number": lambda state: not state.open or int(state.bid < state.ask) == 1,
    "real_part": lambda state: not state.open or (state.bid < state.ask).real == 1,
}


def with_an_operator(name, hypothesis):
    def uncrossed(state):
        return hypothesis(state)

    def holds(state):
        return True

    return Stated(False, holds, {"name": f"truth_as_{name}", **lost(unless_closed, uncrossed)})


OPERATORS = [with_an_operator(*each) for each in HYPOTHESES.items()]


def no_cash_is_wasted(state):
    """Nobody has more than a quarter of a hundred; nobody who has none is asked."""
    return state.accounts.every(lambda _, row: row.cash <= 0 or 100 // row.cash > 3)


def close(state, command):
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=1 if account.live and account.cash > 25 else 0))


# What crashes, and is said not to


@measure
def dear(price, size):
    assert size > 0, "a size is positive"
    return price // size > 3


def by_measure(state, command):
    if dear(command.amount, state.lost + 1):
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=state.lost - 1))


def no_crash(rule, run=None, start=MIXED, **of):
    """That this rule does not raise an exception."""
    return {"rule": rule, "run": run or (Touch(),), "start": start, "code": "no-crash", **of}


@false(**no_crash(by_measure, run=(Do(A, 1), Do(A, 1))))
def a_test_that_asserts(before, _, after):
    return True


@false(rule=by_measure, run=(Do(A, 1),), start=evolve(MIXED, lost=-1), kind=Kind.OUTCOME, code="no-crash")
def what_is_accepted_is_not_dear(before, command, outcome):
    return not isinstance(outcome, Accepted) or not dear(command.amount, before.lost + 1)


def costly(row):
    return 100 // row.cash > 3


def one(_):
    return 1


def by_cash(row):
    return (row.cash,)


def by_price(row):
    return (100 // row.cash,)


def anything(*_):
    return True


def price(row):
    return 100 // row.cash


def checked(row):
    if row.cash == 0:
        raise ValueError("no cash")
    return row.cash


@measure
def checked_price(row):
    assert row.cash != 0
    return 100 // row.cash


POOR = evolve(EMPTY, accounts=Table({A: Account(0, True, B), B: Account(9, True, A)}))


def when(question):
    """A rule that notes what the question says of the accounts."""

    def rule(state, _):
        return Accepted(evolve(state, lost=1 if question(state.accounts) else 0))

    return rule


QUESTIONS = {
    "the_condition_of_first": lambda t: t.first(by_cash, costly) is None,
    "the_rank_of_first": lambda t: t.first(by_price, anything) is None,
    "the_condition_of_median": lambda t: t.median(one, costly) is None,
    "the_measure_of_median": lambda t: t.median(price, anything) is None,
    "the_predicate_of_every": lambda t: t.every(lambda _, row: 100 // row.cash > 3),
    "the_predicate_under_not": lambda t: not t.every(lambda _, row: 100 // row.cash > 3),
    "the_predicate_of_every_two": lambda t: t.every_two(lambda i, a, j, b: a.cash // b.cash >= 0),
    "a_predicate_of_a_predicate": lambda t: t.every(lambda _, a: not t.every(lambda _, b: a.cash // b.cash > -9)),
    "a_predicate_that_asserts": lambda t: t.every(lambda _, row: checked(row) > 3),
    "the_measure_of_a_total": lambda t: t.total(price) > 0,
    "a_measure_that_raises": lambda t: t.total(checked) > 0,
    "a_marked_measure": lambda t: t.total(checked_price) > 0,
    "the_other_side_of_or": lambda t: t.every(lambda _, row: row.cash > 3 or 100 // row.cash > 3),
    "none_has_no_cash": lambda t: t.every(lambda _, row: t.get(row.partner).cash // row.cash >= 0),
    "what_an_absent_row_has": lambda t: t.every(lambda _, row: t.get(AccountId("gone")).cash > 0),
    "an_entry_beyond_the_last": lambda t: t.every(lambda _, row: (1, 2)[2 if row.live else 0] > 0),
}


def with_a_question(name, question):
    def holds(before, _, after):
        return True

    return Stated(False, holds, {"name": f"crash_in_{name}", **no_crash(when(question), start=POOR)})


CRASHES = [with_a_question(*each) for each in QUESTIONS.items()]


def dropped(state, command):
    """Drops a row, whether it is there or not."""
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account)))


@false(**no_crash(dropped, run=(Do(A, 0), Do(A, 0))))
def a_row_that_is_not_there_is_dropped(before, _, after):
    return True


def ends(number: int) -> bool:
    """The law that is named by searches; whether it says so is not looked at."""
    return number < number + 1


ENDS = {"also": (Claim("ends", "A law.", Kind.LAW, ends, sample=lambda _: (1,)),)}


def guess(state, command):
    """A first guess that is not made for nothing."""
    assert state.lost != 0, "no price"
    return command.amount // state.lost


def find(state, command):
    if command.amount < 0 or state.lost < 0:
        return Rejected(Reason.NO)
    found = largest(lambda n: n * (state.lost + 1) <= command.amount, lambda: guess(state, command), "ends")
    return Accepted(evolve(state, lost=found))


def cover(state, command):
    if command.amount < 0 or state.lost < 0:
        return Rejected(Reason.NO)
    found = smallest(lambda n: n * (state.lost + 1) >= command.amount, lambda: guess(state, command), "ends")
    return Accepted(evolve(state, lost=found))


def find_of_a_row(state, command):
    """Guesses what an account has that may not be there."""
    found = largest(lambda n: n <= 0 or n <= command.amount, lambda: state.accounts.get(command.account).cash, "ends")
    return Accepted(evolve(state, lost=found))


# all stops at the first that is false, before the division


def stops(state, command):
    if command.amount > 0 and state.lost == 0:
        return Rejected(Reason.NO)

    def test(k):
        return command.amount > 0 if k == 0 else 10 // state.lost > 0

    return Accepted(evolve(state, lost=1) if all(test(k) for k in (0, 1)) else state)


@true(rule=stops, run=(Do(A, 0),))
def what_comes_after_the_end_raises_nothing(before, command, after):
    return command.amount > 0 or after.state.lost == before.lost


# A guess that raises is none, and the search begins at nothing


@true(rule=find, run=(Do(A, 5),), **ENDS)
def a_first_guess_that_asserts(before, command, after):
    return after.state.lost * (before.lost + 1) <= command.amount


@true(rule=cover, run=(Do(A, 5),), **ENDS)
def a_first_guess_from_below_that_asserts(before, command, after):
    return after.state.lost * (before.lost + 1) >= command.amount


@true(rule=find_of_a_row, run=(Do(AccountId("gone"), 5),), **ENDS)
def a_first_guess_of_an_absent_row(before, command, after):
    return after.state.lost <= max(command.amount, 0)


def divisor_in_a_test(state, command):
    if command.amount < 0:
        return Rejected(Reason.NO)
    found = largest(lambda n: n // (n - 2) <= command.amount if n > 1 else True, lambda: 0, "ends")
    return Accepted(evolve(state, lost=found))


@false(**no_crash(divisor_in_a_test, run=(Do(A, 5),), **ENDS))
def what_a_search_tests_divides_by_zero(before, _, after):
    return True


def without_end(state, command):
    """A search that never ends where the price is zero, so that no state after is one of those."""
    if command.amount < 0:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=largest(lambda n: n * command.amount <= 9, lambda: 0)))


@false(rule=without_end, run=(Do(A, 1),), empty=True, says="end")
def a_search_without_end_is_accepted_with_a_price(before, command, after):
    return command.amount > 0


def without_end_from_below(state, command):
    return Accepted(evolve(state, lost=smallest(lambda n: n * command.amount > 9, lambda: 0)))


@false(rule=without_end_from_below, run=(Do(A, 1),), empty=True, says="end")
def a_search_from_below_without_end(before, command, after):
    return command.amount > 0


def loop(state, command):
    """A loop as long as a number says."""
    left, lost = command.amount, state.lost
    while left > 0:
        left, lost = left - 1, lost + 1
    return Accepted(evolve(state, lost=lost))


@false(rule=loop, run=(Do(A, 7),), says="end|long|many|loop|decisions|bound")
def a_loop_that_is_never_seven_long(before, command, after):
    return after.state.lost != before.lost + 7 or command.amount <= 0


def climb(number):
    return 0 if number <= 0 else 1 + climb(number - 1)


def climbing(state, command):
    return Accepted(evolve(state, lost=climb(command.amount)))


@false(rule=climbing, run=(Do(A, 7),), says="end|long|many|loop|decisions|bound|recursion")
def a_recursion_that_is_never_seven_deep(before, command, after):
    return after.state.lost != 7


def in_min(state, command):
    return Accepted(evolve(state, lost=min((command.amount // state.lost, 3)) if command.amount > 9 else 0))


@false(**no_crash(in_min, run=(Do(A, 10),)))
def a_minimum_divides_by_zero(before, _, after):
    return True


def caught(state, command):
    """What is caught is what Python meets: `all` stops before the division."""
    try:
        fine = all(test(command) for test in (lambda c: c.amount > 0, lambda c: 100 // (c.amount + state.lost) > 0))
    except ZeroDivisionError:
        fine = True
    return Accepted(state if fine else evolve(state, lost=1))


@false(rule=caught, run=(Do(A, 0),))
def what_is_divided_by_zero_loses_nothing(before, command, after):
    return command.amount + before.lost != 0 or after.state.lost == before.lost


def caught_in_a_predicate(state, command):
    try:
        fine = state.accounts.every(lambda _, row: 100 // row.cash > command.amount)
    except ZeroDivisionError:
        return Accepted(evolve(state, lost=1))
    return Accepted(state if fine else evolve(state, lost=2))


@false(rule=caught_in_a_predicate, run=(Do(A, 1),), start=POOR)
def a_predicate_that_is_caught(before, _, after):
    return after.state.lost != 1


# True ones: Python never gets to the division


@true(**{**lost(unless_closed, any_stops, start=evolve(PLAIN, size=0)), "code": ""})
def no_division_is_met(state):
    return state.bid <= 0 or any_stops(state)


@true(rule=close, run=(Do(A, 1),), start=EMPTY, given=(no_cash_is_wasted,), code="no_cash_is_wasted", kind=Kind.STATE)
def a_guarded_division_in_a_hypothesis(state):
    return True


@true(rule=when(lambda t: t.every(lambda _, row: row.cash == 0 or 100 // row.cash <= 100)), start=POOR)
def a_guarded_division_in_a_predicate(before, _, after):
    return after.state.lost in (0, 1)


@true(rule=when(lambda t: t.every(lambda _, row: row.cash != 0 and 100 // row.cash < 200)), start=POOR)
def a_division_after_false(before, _, after):
    return after.state.lost in (0, 1)


def careful(row):
    return 100 // row.cash if row.cash > 0 else 0


@true(start=POOR)
def a_guarded_division_in_a_measure(before, _, after):
    return before.accounts.total(careful) >= 0


def summed(state, command):
    """Counts truth values as numbers."""
    return Accepted(evolve(state, lost=sum([command.amount > 0, command.amount <= 0])))


@true(rule=summed, run=(Do(A, 0),))
def truth_values_are_counted(before, _, after):
    return after.state.lost == 1


def dropped_if_there(state, command):
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account)))


@true(rule=dropped_if_there, run=(Do(A, 0), Do(A, 0)))
def what_is_dropped_is_gone(before, command, after):
    return after.state.accounts.get(command.account) is None
