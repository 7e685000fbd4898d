"""Which row it is that is not so: a rule goes on since one is; one row by two names; groups; optional fields."""

from attrs import evolve, frozen

from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted, Rejected, measure
from clearspec.core.table import Table
from sceptic.stated import false, true
from sceptic.worlds import EMPTY, MIXED, A, Account, AccountId, B, C, Do, Order, OrderId, Reason

D = AccountId("d")
STATE = {"kind": Kind.STATE}


def owes(_, row):
    return row.cash < 0


def owes_nothing(_, row):
    return row.cash >= 0


def is_live(_, row):
    return row.live


def is_dead(_, row):
    return not row.live


def one(*_):
    return 1


def cash(row):
    return row.cash


def debt(row):
    return 1 if row.cash < 0 else 0


def by_cash(row, *_):
    return (row.cash,)


def in_debt(row, *_):
    return row.cash < 0


def anything(*_):
    return True


# A rule that goes on since some row is so: that row is not the arbitrary one of the claim


def if_not(*predicates):
    """Accepts only where each predicate fails of some row."""

    def rule(state, _):
        for predicate in predicates:
            if state.accounts.every(predicate):
                return Rejected(Reason.NO)
        return Accepted(evolve(state, lost=1))

    return rule


@false(rule=if_not(owes_nothing))
def if_one_owes_all_owe(before, _, after):
    return before.accounts.every(owes)


@false(rule=if_not(owes_nothing, is_dead))
def who_owes_is_also_live(before, _, after):
    return not before.accounts.every(lambda _, row: row.cash >= 0 or not row.live)


@false(rule=if_not(owes_nothing, owes))
def not_all_owe_and_not_none_is_impossible(before, _, after):
    return before.accounts.every(is_live) or before.accounts.every(is_dead)


def count_debts(state, _):
    return Accepted(evolve(state, lost=1)) if state.accounts.total(debt) > 0 else Rejected(Reason.NO)


@false(rule=count_debts)
def if_debts_are_counted_all_owe(before, _, after):
    return before.accounts.total(debt) == before.accounts.total(one)


def count_debts_of_the_live(state, _):
    return Accepted(evolve(state, lost=1)) if state.accounts.total(debt, live=False) > 0 else Rejected(Reason.NO)


@false(rule=count_debts_of_the_live)
def a_debt_of_the_dead_is_one_of_the_live(before, _, after):
    return before.accounts.total(debt, live=True) > 0


def either_is_short(state, _):
    t = state.accounts
    return Accepted(evolve(state, lost=1)) if not t.every(owes) and not t.every(owes_nothing) else Rejected(Reason.NO)


@false(rule=either_is_short)
def a_row_is_on_both_sides(before, _, after):
    return before.accounts.every(lambda _, row: row.cash == 0)


def somebody_owes(state):
    return state.lost == 0 or not state.accounts.every(owes_nothing)


def drop(state, command):
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account)))


LOST = evolve(MIXED, lost=1)


@false(rule=drop, start=LOST, run=(Do(B, 0),), given=(somebody_owes,), kind=Kind.STATE, code="somebody_owes")
def who_owes_is_dropped(state):
    return True


def pay_off(state, command):
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, cash=0))))


@false(rule=pay_off, start=LOST, run=(Do(B, 0),), given=(somebody_owes,), kind=Kind.STATE, code="somebody_owes")
def who_owes_is_paid_off(state):
    return True


def drop_if_one_owes(state, command):
    """Asks of all rows before it names one."""
    if state.accounts.every(owes_nothing) or state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.drop(command.account)))


@false(rule=drop_if_one_owes, run=(Do(B, 0),))
def after_a_drop_one_still_owes(before, _, after):
    return not after.state.accounts.every(owes_nothing)


def pay_off_if_one_owes(state, command):
    if state.accounts.every(owes_nothing):
        return Rejected(Reason.NO)
    return pay_off(state, command)


@false(rule=pay_off_if_one_owes, run=(Do(B, 0),))
def after_a_payment_one_still_owes(before, _, after):
    return not after.state.accounts.every(owes_nothing)


def drop_the_first_if_one_owes(state, _):
    if state.accounts.every(owes_nothing):
        return Rejected(Reason.NO)
    first = state.accounts.first(by_cash, anything)
    if first is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.drop(first)))


@false(rule=drop_the_first_if_one_owes)
def after_the_first_is_dropped_one_still_owes(before, _, after):
    return not after.state.accounts.every(owes_nothing)


def some_two_differ(state):
    return state.lost == 0 or not state.accounts.every_two(lambda i, a, j, b: a.live == b.live)


@false(rule=drop, start=LOST, run=(Do(B, 0),), given=(some_two_differ,), kind=Kind.STATE, code="some_two_differ")
def one_of_two_that_differ_is_dropped(state):
    return True


def live_if_one_owes(state, command):
    """Asks of all, and of the one that it names: if not all are live, and this one is, another is not."""
    account = state.accounts.get(command.account)
    if account is None or account.live or state.accounts.every(is_live):
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, live=True))))


@false(rule=live_if_one_owes, run=(Do(B, 0),))
def another_is_still_dead(before, _, after):
    return not after.state.accounts.every(is_live)


def somebody_is_live(state):
    return state.lost == 0 or not state.accounts.every(is_dead)


@false(start=LOST, given=(somebody_owes, somebody_is_live))
def somebody_who_owes_is_live(before, _, after):
    return before.lost == 0 or not before.accounts.every(lambda _, row: row.cash >= 0 or not row.live)


def lost_exactly_if_none_owes(state):
    return (state.lost == 0) == (not state.accounts.every(owes_nothing))


@false(
    rule=drop,
    run=(Do(B, 0),),
    given=(lost_exactly_if_none_owes,),
    kind=Kind.STATE,
    code="lost_exactly_if_none_owes",
)
def who_owes_is_dropped_of_an_equality(state):
    return True


def somebody_owes_by_first(state):
    return state.lost == 0 or state.accounts.first(by_cash, in_debt) is not None


@false(rule=drop, start=LOST, run=(Do(B, 0),), given=(somebody_owes_by_first,), code="somebody_owes_by_first", **STATE)
def who_owes_is_dropped_of_a_first(state):
    return True


def somebody_owes_by_number(state):
    return state.lost == 0 or state.accounts.total(debt) > 0


@false(
    rule=drop, start=LOST, run=(Do(B, 0),), given=(somebody_owes_by_number,), code="somebody_owes_by_number", **STATE
)
def who_owes_is_dropped_of_a_number(state):
    return True


def somebody_owes_by_median(state):
    return state.lost == 0 or state.accounts.median(cash, in_debt) is not None


@false(
    rule=drop, start=LOST, run=(Do(B, 0),), given=(somebody_owes_by_median,), code="somebody_owes_by_median", **STATE
)
def who_owes_is_dropped_of_a_median(state):
    return True


def drop_before_all_are_asked(state, command):
    if state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    accounts = state.accounts.drop(command.account)
    return Accepted(evolve(state, accounts=accounts)) if accounts.every(owes_nothing) else Rejected(Reason.NO)


@false(rule=drop_before_all_are_asked, run=(Do(B, 0),))
def what_all_are_after_a_drop_they_were_before(before, _, after):
    return before.accounts.every(owes_nothing)


def put_before_all_are_asked(state, command):
    accounts = state.accounts.put(command.account, Account(0, True, command.account))
    return Accepted(state) if accounts.every(owes_nothing) else Rejected(Reason.NO)


@false(rule=put_before_all_are_asked, run=(Do(B, 0),))
def what_all_are_after_a_put_they_were_before(before, _, after):
    return before.accounts.every(owes_nothing)


def each_has_an_order(state):
    return state.accounts.every(lambda key, _: state.orders.total(one, owner=key) >= 1)


def drop_order(state, _):
    if state.orders.get(OrderId("x")) is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, orders=state.orders.drop(OrderId("x"))))


ORDERED = evolve(EMPTY, accounts=Table({A: Account(1, True, A)}), orders=Table({OrderId("x"): Order(A, 1)}))


@false(rule=drop_order, start=ORDERED, given=(each_has_an_order,), code="each_has_an_order", **STATE)
def an_order_of_each_is_dropped(state):
    return True


def open_with_a_partner(state, command):
    if state.accounts.get(command.account) is not None:
        return Rejected(Reason.NO)
    partner = AccountId("gone")
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, Account(0, True, partner))))


def every_partner_is_there(state):
    return state.accounts.every(lambda _, row: state.accounts.get(row.partner) is not None)


@false(
    rule=open_with_a_partner, run=(Do(D, 0),), given=(every_partner_is_there,), code="every_partner_is_there", **STATE
)
def a_partner_that_is_not_there(state):
    return True


def every_partner_is_another(state):
    return state.accounts.every_two(lambda i, a, j, b: a.partner != b.partner)


def take_a_partner(state, command):
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, partner=A))))


APART = evolve(EMPTY, accounts=Table({A: Account(1, True, A), B: Account(1, True, B)}))


@false(
    rule=take_a_partner,
    start=APART,
    run=(Do(B, 0),),
    given=(every_partner_is_another,),
    code="every_partner_is_another",
    **STATE,
)
def a_partner_of_two(state):
    return True


def two_dropped_if_one_owes(state, command):
    if state.accounts.every(owes_nothing):
        return Rejected(Reason.NO)
    return drop_two(state, command)


# One row by two names


@frozen
class Pair:
    """Names two accounts, which may be one."""

    one: AccountId
    other: AccountId


def move(state, command):
    giver, taker = state.accounts.get(command.one), state.accounts.get(command.other)
    if giver is None or taker is None:
        return Rejected(Reason.NO)
    accounts = state.accounts.put(command.one, evolve(giver, cash=giver.cash - 1))
    return Accepted(evolve(state, accounts=accounts.put(command.other, evolve(taker, cash=taker.cash + 1))))


@false(rule=move, run=(Pair(A, A),))
def what_is_moved_is_moved(before, _, after):
    return after.state.accounts.total(cash) == before.accounts.total(cash)


def drop_two(state, command):
    accounts = state.accounts
    if accounts.get(command.one) is None or accounts.get(command.other) is None:
        return Rejected(Reason.NO)
    accounts = accounts.drop(command.one)
    if accounts.get(command.other) is not None:
        accounts = accounts.drop(command.other)
    return Accepted(evolve(state, accounts=accounts))


@false(rule=drop_two, run=(Pair(A, A),))
def two_are_dropped(before, _, after):
    return after.state.accounts.total(one) == before.accounts.total(one) - 2


def partner_pays(state, command):
    account = state.accounts.get(command.account)
    partner = state.accounts.get(account.partner) if account is not None else None
    if partner is None:
        return Rejected(Reason.NO)
    accounts = state.accounts.put(account.partner, evolve(partner, cash=partner.cash - 1))
    return Accepted(evolve(state, accounts=accounts))


@false(rule=partner_pays, run=(Do(D, 0),), start=evolve(MIXED, accounts=MIXED.accounts.put(D, Account(1, True, D))))
def who_asks_does_not_pay(before, command, after):
    return after.state.accounts.get(command.account) == before.accounts.get(command.account)


def first_pays(state, command):
    first = state.accounts.first(by_cash, anything)
    if first is None or state.accounts.get(command.account) is None:
        return Rejected(Reason.NO)
    row = state.accounts.get(first)
    return Accepted(evolve(state, accounts=state.accounts.put(first, evolve(row, cash=row.cash - 1))))


@false(rule=first_pays, run=(Do(B, 0),))
def the_first_is_not_he_who_asks(before, command, after):
    return after.state.accounts.get(command.account) == before.accounts.get(command.account)


@false(rule=first_pays, run=(Do(A, 0),))
def the_first_is_he_who_asks(before, command, after):
    return after.state.accounts.get(command.account) != before.accounts.get(command.account)


TIED = evolve(EMPTY, accounts=Table({A: Account(1, True, A), B: Account(1, False, A)}))


@false(rule=first_pays, run=(Do(B, 0),), start=TIED)
def a_tie_goes_to_the_dead(before, _, after):
    first = before.accounts.first(by_cash, anything)
    return before.accounts.get(first).live == before.accounts.every(is_live)


@false(
    rule=pay_off, run=(Do(C, 0),), start=evolve(EMPTY, accounts=Table({A: Account(1, True, A), C: Account(3, True, A)}))
)
def the_first_stays_the_first(before, _, after):
    return after.state.accounts.first(by_cash, anything) == before.accounts.first(by_cash, anything)


@false(rule=pay_off, run=(Do(A, 0),))
def the_median_stays(before, _, after):
    return after.state.accounts.median(cash, anything) == before.accounts.median(cash, anything)


@false(rule=two_dropped_if_one_owes, run=(Pair(B, A),))
def after_two_are_dropped_one_still_owes(before, _, after):
    return not after.state.accounts.every(owes_nothing)


# Groups that a row leaves


def switch(state, command):
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, evolve(account, live=not account.live))))


@false(rule=switch, run=(Do(A, 0),))
def a_group_keeps_its_number(before, _, after):
    return after.state.accounts.total(one, live=True) == before.accounts.total(one, live=True)


@false(rule=switch, run=(Do(A, 0),))
def who_is_in_debt_among_the_live_stays(before, _, after):
    return after.state.accounts.first(by_cash, anything, live=True) == before.accounts.first(
        by_cash, anything, live=True
    )


def new_owner(state, command):
    order = state.orders.get(OrderId("x"))
    if order is None:
        return Rejected(Reason.NO)
    return Accepted(evolve(state, orders=state.orders.put(OrderId("x"), Order(command.account, order.size))))


@false(rule=new_owner, run=(Do(B, 0),))
def each_keeps_his_orders(before, _, after):
    return after.state.accounts.every(
        lambda key, _: after.state.orders.total(one, owner=key) == before.orders.total(one, owner=key)
    )


@false(rule=new_owner, run=(Do(B, 0),))
def nobody_else_has_more(before, command, after):
    return after.state.accounts.every(
        lambda key, _: (
            key == command.account or after.state.orders.total(one, owner=key) == before.orders.total(one, owner=key)
        )
    )


# Optional fields, of rows that nobody named


@frozen
class Limited:
    cash: int
    limit: int | None


@frozen
class Limits:
    rows: Table[AccountId, Limited]
    lost: int = 0


LIMITS = Limits(Table({A: Limited(5, 3), B: Limited(1, None), C: Limited(6, 7)}))
OF_LIMITS = {"initial": Limits(Table()), "start": LIMITS}


@false(**OF_LIMITS)
def all_are_limited_or_none(before, _, after):
    t = before.rows
    return t.every(lambda _, row: row.limit is None) or t.every(lambda _, row: row.limit is not None)


@false(**OF_LIMITS)
def who_is_limited_keeps_to_it(before, _, after):
    return before.rows.every(lambda _, row: row.limit is None or row.cash <= row.limit)


def limit_or_none(row):
    return row.limit or 0


@false(initial=Limits(Table()), start=Limits(Table({A: Limited(5, -3)})))
def limits_are_not_negative(before, _, after):
    return before.rows.total(limit_or_none) >= 0


def excess(row):
    return row.cash - row.limit if row.limit is not None else 0


@measure
def exceeds(row):
    return row.limit is not None and row.cash > row.limit


def unlimit(state, _):
    if state.rows.every(lambda _, row: not exceeds(row)):
        return Rejected(Reason.NO)
    return Accepted(evolve(state, lost=1))


@false(rule=unlimit, **OF_LIMITS)
def if_one_exceeds_all_do(before, _, after):
    return before.rows.every(lambda _, row: exceeds(row))


@false(**OF_LIMITS)
def what_exceeds_is_never_more_than_nothing(before, _, after):
    return before.rows.total(excess) <= 0


@false(**OF_LIMITS)
def two_are_alike_in_limits(before, _, after):
    return before.rows.every_two(lambda i, a, j, b: (a.limit is None) == (b.limit is None))


# True ones


@true(rule=if_not(owes_nothing))
def if_one_owes_not_none_does(before, _, after):
    return not after.state.accounts.every(owes_nothing)


@true(rule=if_not(owes_nothing), given=(somebody_owes,), kind=Kind.STATE, code="somebody_owes")
def what_was_found_is_still_so(state):
    return True


@true(rule=switch, run=(Do(A, 0),))
def both_groups_together_keep_their_number(before, _, after):
    t = after.state.accounts
    return t.total(one, live=True) + t.total(one, live=False) == before.accounts.total(
        one, live=True
    ) + before.accounts.total(one, live=False)


@true(rule=move, run=(Pair(A, B),))
def what_is_moved_between_two_is_moved(before, beat, after):
    return beat.one == beat.other or after.state.accounts.total(cash) == before.accounts.total(cash)


@true(**OF_LIMITS)
def limited_or_not(before, _, after):
    return before.rows.every(lambda _, row: row.limit is None or row.limit <= row.cash or row.limit > row.cash)


def nobody_exceeds(state):
    return state.rows.every(lambda _, row: not exceeds(row))


@true(initial=Limits(Table()), start=Limits(Table({A: Limited(1, 3)})), given=(nobody_exceeds,))
def nobody_is_above_his_limit(before, _, after):
    return after.state.rows.total(excess) <= 0
