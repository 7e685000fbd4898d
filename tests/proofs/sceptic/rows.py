"""One arbitrary row that stands for two: several `every` in one claim, a row that is bound outside, decisions on it."""

from attrs import evolve

from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted, Rejected, measure
from clearspec.core.table import Table
from sceptic.stated import false, true
from sceptic.worlds import EMPTY, MIXED, A, Account, AccountId, B, C, Do, Reason, State


def owes(_, row):
    return row.cash < 0


def owes_nothing(_, row):
    return row.cash >= 0


def one(_):
    return 1


def cash(row):
    return row.cash


def richer(row, cash):
    return 1 if row.cash > cash else 0


def is_richer(row, cash):
    return row.cash > cash


def by_cash(row, *_):
    return (row.cash,)


def by_size(order, *_):
    return (order.size,)


def anything(*_):
    return True


def lose(state, _):
    return Accepted(evolve(state, lost=1))


# Two `every` under one "or"


@false()
def either_all_or_none(before, _, after):
    t = after.state.accounts
    return t.every(owes) or t.every(owes_nothing)


@false()
def either_with_bar(before, _, after):
    t = after.state.accounts
    return t.every(owes) | t.every(owes_nothing)


@false()
def either_with_any(before, _, after):
    t = after.state.accounts
    return any((t.every(owes), t.every(owes_nothing)))


@false()
def either_with_any_of_a_generator(before, _, after):
    t = after.state.accounts
    return any(t.every(lambda _, row, want=want: (row.cash < 0) == want) for want in (True, False))


@false()
def either_with_if(before, _, after):
    t = after.state.accounts
    if not t.every(owes):
        return t.every(owes_nothing)
    return True


@false()
def either_with_if_expression(before, _, after):
    t = after.state.accounts
    return True if t.every(owes) else t.every(owes_nothing)


@false()
def not_both_not(before, _, after):
    t = after.state.accounts
    return not (not t.every(owes) and not t.every(owes_nothing))


@false()
def not_all_of_not(before, _, after):
    t = after.state.accounts
    return not all((not t.every(owes), not t.every(owes_nothing)))


@false()
def equal_to_the_opposite(before, _, after):
    t = after.state.accounts
    return t.every(owes) == (not t.every(owes_nothing))


@false()
def a_sum_of_two(before, _, after):
    t = after.state.accounts
    return t.every(owes) + t.every(owes_nothing) >= 1


@false()
def the_larger_of_two(before, _, after):
    t = after.state.accounts
    return max(1 if t.every(owes) else 0, 1 if t.every(owes_nothing) else 0) == 1


def all_owe(table):
    return table.every(owes)


@measure
def none_owes(table):
    return table.every(owes_nothing)


@false()
def either_by_helpers(before, _, after):
    return all_owe(after.state.accounts) or none_owes(after.state.accounts)


@false()
def one_of_three(before, _, after):
    t = after.state.accounts
    return (
        t.every(lambda _, row: row.cash < 0)
        or t.every(lambda _, row: 0 <= row.cash < 2)
        or t.every(lambda _, row: row.cash >= 2)
    )


@false()
def every_two_or_every_two(before, _, after):
    t = after.state.accounts
    return t.every_two(lambda i, a, j, b: a.live == b.live) or t.every_two(lambda i, a, j, b: a.live != b.live)


@false()
def any_of_every_two(before, _, after):
    t = after.state.accounts
    return any((t.every_two(lambda i, a, j, b: a.live == b.live), t.every_two(lambda i, a, j, b: a.live != b.live)))


@false()
def every_or_every_two(before, _, after):
    t = after.state.accounts
    return t.every(owes) or t.every_two(lambda i, a, j, b: a.cash >= 0)


@false()
def every_inside_of_every_with_or(before, _, after):
    t, orders = after.state.accounts, after.state.orders
    return t.every(
        lambda key, _: (
            orders.every(lambda _, order: order.owner == key) or orders.every(lambda _, order: order.owner != key)
        )
    )


def busy_only_if_alike(state):
    """Once something is lost, either all owe or none does."""
    return state.lost == 0 or state.accounts.every(owes) or state.accounts.every(owes_nothing)


@false(rule=lose, given=(busy_only_if_alike,), code="busy_only_if_alike", kind=Kind.STATE)
def a_hypothesis_that_is_kept(state):
    return True


def not_neither(state):
    """Once something is lost, not every account owes."""
    return state.lost == 0 or not state.accounts.every(owes)


LOST = evolve(MIXED, lost=1)


@false(start=LOST, given=(not_neither,))
def what_follows_from_not_every(before, _, after):
    return after.state.lost == 0 or after.state.accounts.every(owes_nothing)


def over(state, _):
    """Delivery is over, whatever anybody has to deliver."""
    return Accepted(evolve(state, lost=1))


@false(rule=over)
def nobody_may_deliver_or_nobody_may_receive(before, _, after):
    return before.accounts.every(lambda _, row: not row.cash < 0) or before.accounts.every(
        lambda _, row: not row.cash > 0
    )


# A row that is bound outside, and an arbitrary one inside


@false()
def every_in_every(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, a: t.every(lambda _, b: a.cash == b.cash))


@false()
def every_in_every_two(before, _, after):
    t = after.state.accounts
    return t.every_two(lambda i, a, j, b: t.every(lambda _, c: c.cash in (a.cash, b.cash)))


FOUR = evolve(MIXED, accounts=MIXED.accounts.put(AccountId("d"), Account(9, True, A)))


@false(start=FOUR)
def every_two_in_every_two(before, _, after):
    t = after.state.accounts
    return t.every_two(
        lambda i, a, j, b: t.every_two(lambda k, c, m, d: c.cash in (a.cash, b.cash) or d.cash in (a.cash, b.cash))
    )


@false()
def every_two_in_every(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, a: t.every_two(lambda i, b, j, c: b.cash <= a.cash or c.cash <= a.cash))


@false()
def nobody_is_richer(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.total(richer, row.cash) == 0)


@false()
def nobody_of_a_pair_is_richer(before, _, after):
    t = after.state.accounts
    return t.every_two(lambda i, a, j, b: t.total(richer, a.cash) + t.total(richer, b.cash) <= 1)


@false()
def nobody_is_richer_by_first(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.first(by_cash, is_richer, row.cash) is None)


@false()
def the_median_is_his_own(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.median(cash, lambda other, mine: other.cash >= mine, row.cash) == row.cash)


def among_the_richest(row, accounts):
    return 1 if accounts.every(lambda _, other: other.cash <= row.cash) else 0


@false()
def all_are_the_richest(before, _, after):
    t = after.state.accounts
    return t.total(among_the_richest, t) == t.total(one)


def has_a_richer(row, accounts):
    return 1 if accounts.total(richer, row.cash) > 0 else 0


@false()
def none_has_a_richer(before, _, after):
    t = after.state.accounts
    return t.total(has_a_richer, t) == 0


def is_the_richest(row, accounts):
    return accounts.every(lambda _, other: other.cash <= row.cash)


@false()
def whoever_is_first_is_the_richest(before, _, after):
    t = after.state.accounts
    return t.first(by_cash, anything) is None or t.first(by_cash, is_the_richest, t) == t.first(by_cash, anything)


@false()
def a_total_grouped_by_his_cash_counts_one(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.total(one, live=row.live) == 1)


# Totals of what one sees, and of what all have


def nothing(_):
    return 0


def what_is_seen(_, amount):
    return amount


def is_more(row, amount):
    return 1 if row.cash > amount else 0


@false()
def it_is_as_if_each_had_what_one_has(before, _, after):
    t = after.state.accounts
    return t.total(cash) == t.total(cash) and t.every(lambda _, row: t.total(what_is_seen, row.cash) == t.total(cash))


@false()
def nobody_has_more_than_anybody(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.total(is_more, row.cash) == t.total(nothing))


# Rows that were put need not be as all rows were before


RICH = State(Table({A: Account(1, True, B), B: Account(2, False, A)}), Table(), 0)


def nobody_owes(state):
    return state.accounts.every(lambda _, row: row.cash >= 0)


def has_no_debt(row):
    return row.cash >= 0


def sink(state, command):
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, cash=-5))))


@false(rule=sink, start=RICH, initial=RICH, run=(Do(A, 0),), given=(nobody_owes,))
def whoever_is_first_owes_nothing(before, _, after):
    t = after.state.accounts
    return t.first(by_cash, has_no_debt) == t.first(by_cash, anything)


# What a predicate closes over is what it was when it was asked


@false()
def one_turn_answers_for_another(before, _, after):
    t = after.state.accounts
    return all(
        t.every(lambda _, row: row.cash > 0) or t.every(lambda _, row: row.cash < 0 or last)  # noqa: B023
        for last in (False, True)
    )


# A path that decides on a row that nobody named


@false(says="arbitrary|not named|nobody named|unnamed")
def all_have_orders_or_none(before, _, after):
    state = after.state
    t = state.accounts
    return t.every(lambda key, _: state.orders.first(by_size, anything, owner=key) is None) or t.every(
        lambda key, _: state.orders.first(by_size, anything, owner=key) is not None
    )


def somebody_has_orders(state):
    return state.lost == 0 or not state.accounts.every(
        lambda key, _: state.orders.first(by_size, anything, owner=key) is None
    )


@false(start=LOST, given=(somebody_has_orders,))
def all_have_orders(before, _, after):
    state = after.state
    return state.lost == 0 or state.accounts.every(
        lambda key, _: state.orders.first(by_size, anything, owner=key) is not None
    )


def is_larger(order, cash):
    return order.size > cash


def has_no_orders(row, orders):
    return 1 if orders.first(by_size, is_larger, row.cash) is None else 0


@false(start=evolve(MIXED, accounts=MIXED.accounts.put(C, Account(8, True, A))))
def all_have_a_larger_order_or_none(before, _, after):
    t, orders = after.state.accounts, after.state.orders
    without = t.total(has_no_orders, orders)
    return without in (0, t.total(one))


def audit_by_get(state, _):
    """Notes that an order has no account."""
    if state.orders.every(lambda _, order: state.accounts.get(order.owner) is not None):
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=1))


@false(rule=audit_by_get)
def where_one_is_an_orphan_all_are(before, _, after):
    state = after.state
    return state.orders.every(lambda _, order: state.accounts.get(order.owner) is None)


def orphan(order, accounts):
    return 1 if accounts.get(order.owner) is None else 0


def audit_by_total(state, _):
    if state.orders.total(orphan, state.accounts) == 0:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=1))


def one_order(_):
    return 1


@false(rule=audit_by_total)
def where_one_is_counted_an_orphan_all_are(before, _, after):
    state = after.state
    return state.orders.total(orphan, state.accounts) == state.orders.total(one_order)


def audit_by_partner(state, _):
    if state.accounts.every(lambda _, row: state.accounts.get(row.partner).live):
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=1))


@false(rule=audit_by_partner)
def where_one_partner_is_dead_all_are(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: t.get(row.partner) is None or not t.get(row.partner).live)


def check_itself(state, command):
    """Asks of every row what `get` says of it."""
    if command.amount == 0:
        return Accepted(state)
    if state.accounts.every(lambda key, _: state.accounts.get(key).cash <= 3):
        return Accepted(evolve(state, lost=1))
    return Rejected(Reason.NO)


def nothing_is_lost(state):
    return state.lost == 0


@false(rule=check_itself, run=(Do(A, 0), Do(A, 1)), given=(nothing_is_lost,), kind=Kind.STATE, code="nothing_is_lost")
def get_of_the_very_row(state):
    return True


def drop_itself(state, command):
    if command.amount == 0:
        return Accepted(state)
    if state.accounts.every(lambda key, row: state.accounts.get(key).live == row.live):
        return Accepted(evolve(state, lost=1))
    return Rejected(Reason.NO)


@false(rule=drop_itself, run=(Do(A, 0), Do(A, 1)), given=(nothing_is_lost,), kind=Kind.STATE, code="nothing_is_lost")
def get_of_the_very_row_is_that_row(state):
    return True


# Measures that fork


def score(row):
    """One for whoever has cash; what he owes for whoever owes."""
    return row.cash > 0 or row.cash


OWING = evolve(MIXED, accounts=Table({B: Account(-2, True, A)}))


@false(start=OWING)
def a_measure_that_returns_an_operand(before, _, after):
    return before.accounts.total(score) >= 0


def alive(row):
    return row.live and row.cash


@false(start=OWING)
def a_measure_that_returns_a_bool_or_an_int(before, _, after):
    return before.accounts.total(alive) >= 0


def once(row):
    return row.live and 1


@false(start=evolve(MIXED, accounts=Table({A: Account(1, True, A), B: Account(1, False, A)})))
def a_count_by_an_operand(before, _, after):
    return before.accounts.total(once) in (0, before.accounts.total(one))


def put_owing(state, command):
    if command.amount <= 0:
        return Rejected(Reason.NO)
    return Accepted(
        evolve(state, accounts=state.accounts.put(command.account, Account(-command.amount, True, command.account)))
    )


@false(rule=put_owing, run=(Do(A, 5), Do(B, 5)), start=EMPTY)
def a_measure_that_returns_an_operand_of_a_named_row(before, _, after):
    return before.accounts.total(score) >= 0


def drop(state, command):
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account)))


def every_partner_is_there(state):
    return state.accounts.every(lambda _, row: state.accounts.get(row.partner) is not None)


@false(rule=drop, run=(Do(A, 0),), given=(every_partner_is_there,), kind=Kind.STATE, code="every_partner_is_there")
def a_partner_is_dropped(state):
    return True


# True ones


@true(given=(busy_only_if_alike,))
def a_disjunction_that_is_supposed(before, _, after):
    state = after.state
    return state.lost == 0 or state.accounts.every(owes) or state.accounts.every(owes_nothing)


@true()
def both_of_an_opposite_pair_imply_there_is_none(before, _, after):
    t = after.state.accounts
    return not (t.every(owes) and t.every(owes_nothing)) or t.every(lambda _, row: False)


NOBODY_OWES = evolve(EMPTY, accounts=Table({A: Account(1, True, A)}))


def none_owe(state):
    return state.accounts.every(owes_nothing)


@true(start=NOBODY_OWES, given=(none_owe,))
def one_of_two_that_is_supposed(before, _, after):
    t = after.state.accounts
    return t.every(owes) or t.every(lambda _, row: row.cash > -1)


@true(start=NOBODY_OWES, given=(none_owe,))
def one_of_two_that_is_supposed_and_stands_first(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: row.cash >= 0 or row.live) or t.every(owes)


@true(start=NOBODY_OWES, given=(none_owe,))
def both_of_two(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, row: row.cash > -1) and t.every(lambda _, row: row.live or row.cash > -2)


@true()
def of_two_one_has_no_less(before, _, after):
    return after.state.accounts.every_two(lambda i, a, j, b: a.cash >= b.cash or b.cash >= a.cash)


@true()
def of_a_row_and_another_one_has_no_less(before, _, after):
    t = after.state.accounts
    return t.every(lambda _, a: t.every(lambda _, b: a.cash >= b.cash or b.cash >= a.cash))


def give(state, command):
    account = state.accounts.get(command.account)
    if account is None or command.amount < 0:
        return Rejected(Reason.NO)
    accounts = state.accounts.put(command.account, evolve(account, cash=account.cash + command.amount))
    return Accepted(evolve(state, accounts=accounts))


@true(rule=give, run=(Do(A, 1),))
def giving_makes_no_debtor(before, _, after):
    return not before.accounts.every(owes_nothing) or after.state.accounts.every(owes_nothing)


def size(order):
    return order.size


def no_order_is_negative(state):
    return state.orders.every(lambda _, order: order.size >= 0)


@true(given=(no_order_is_negative,))
def what_he_has_in_orders_is_not_negative(before, _, after):
    state = after.state
    return state.accounts.every(lambda key, _: state.orders.total(size, owner=key) >= 0)


@true(rule=give, run=(Do(A, 1),))
def the_total_grows_by_what_is_given(before, command, after):
    return after.state.accounts.total(cash) == before.accounts.total(cash) + command.amount


@true(rule=give, run=(Do(A, 1),))
def the_first_is_the_poorest(before, command, after):
    first = before.accounts.first(by_cash, anything)
    return first is None or before.accounts.get(first).cash <= before.accounts.get(command.account).cash
