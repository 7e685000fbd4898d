"""Measures and small transitions against a second way to write them: CrossHair finds no arguments that tell them apart.

Each pair stands beside a wrong version, which it does tell apart.
"""

from itertools import pairwise

import pytest

import toy
from clearspec.core.ledger import Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import largest, mul_div_ceil, mul_div_floor, smallest
from clearspec.core.table import Table
from clearspec.mechanisms.flows import Flow, netted
from clearspec.mechanisms.pro_rata import allotment
from clearspec.mechanisms.waterfall import absorb

pytest.importorskip("crosshair")

from clearspec_checks.opinions.falsifier import difference

SECONDS = 1.0
"""Of the processor, for a pair."""

A, B = toy.AccountId("a"), toy.AccountId("b")


def floor(a: int, b: int, divisor: int) -> int:
    return mul_div_floor(a, b, divisor) if divisor > 0 else 0


def floor_by_remainder(a: int, b: int, divisor: int) -> int:
    return (a * b - a * b % divisor) // divisor if divisor > 0 else 0


def floor_towards_zero(a: int, b: int, divisor: int) -> int:
    if divisor <= 0:
        return 0
    return abs(a * b) // divisor if a * b >= 0 else -(abs(a * b) // divisor)


def ceil(a: int, b: int, divisor: int) -> int:
    return mul_div_ceil(a, b, divisor) if divisor > 0 else 0


def ceil_by_adding(a: int, b: int, divisor: int) -> int:
    return (a * b + divisor - 1) // divisor if divisor > 0 else 0


def ceil_one_too_many(a: int, b: int, divisor: int) -> int:
    return a * b // divisor + 1 if divisor > 0 else 0


def root(number: int) -> int:
    return largest(lambda each: each * each <= number, lambda: 3) if 0 <= number <= 20 else 0


def root_by_counting(number: int) -> int:
    return sum(each * each <= number for each in (1, 2, 3, 4)) if 0 <= number <= 20 else 0


def root_without_its_end(number: int) -> int:
    return sum(each * each < number for each in (1, 2, 3, 4)) if 0 <= number <= 20 else 0


def cover(number: int) -> int:
    return smallest(lambda each: 3 * each >= number, lambda: 3) if 0 <= number <= 20 else 0


def cover_by_dividing(number: int) -> int:
    return -(-number // 3) if 0 <= number <= 20 else 0


def cover_rounded_down(number: int) -> int:
    return number // 3 if 0 <= number <= 20 else 0


def part(amount: int, before: int, weight: int, after: int) -> int:
    if min(amount, before, weight, after) < 0:
        return 0
    return allotment(amount, before, weight, before + weight + after)


def part_of_the_rest(amount: int, before: int, weight: int, after: int) -> int:
    whole = before + weight + after
    if min(amount, before, weight, after) < 0 or whole == 0:
        return 0
    return amount * (before + weight) // whole - amount * before // whole


def part_alone(amount: int, before: int, weight: int, after: int) -> int:
    whole = before + weight + after
    return 0 if min(amount, before, weight, after) < 0 or whole == 0 else amount * weight // whole


def borne(junior: int, middle: int, senior: int, loss: int) -> tuple[int, ...]:
    if min(junior, middle, senior, loss) < 0:
        return ()
    found = absorb((junior, middle, senior), loss)
    return (*found.paid, found.uncovered)


def borne_by_running_sums(junior: int, middle: int, senior: int, loss: int) -> tuple[int, ...]:
    if min(junior, middle, senior, loss) < 0:
        return ()
    ends = (0, junior, junior + middle, junior + middle + senior)
    reached = [min(loss, end) for end in ends]
    return (*(after - before for before, after in pairwise(reached)), loss - reached[-1])


def borne_by_the_senior_first(junior: int, middle: int, senior: int, loss: int) -> tuple[int, ...]:
    if min(junior, middle, senior, loss) < 0:
        return ()
    *paid, left = borne(senior, middle, junior, loss)
    return (*reversed(paid), left)


def net(receive: int, deliver: int) -> tuple[int, int, int]:
    found = netted(Flow(2, receive, deliver))
    return found.obligations, found.receive, found.deliver


def net_by_the_smaller(receive: int, deliver: int) -> tuple[int, int, int]:
    both = receive if receive < deliver else deliver
    return int(receive != deliver), receive - both, deliver - both


def net_on_one_side(receive: int, deliver: int) -> tuple[int, int, int]:
    return int(receive > deliver), max(receive - deliver, 0), 0


def bank(one: int, other: int) -> toy.Bank:
    """A bank with two accounts that hold so much."""
    return toy.Bank(Table({A: toy.Account(one), B: toy.Account(other)}), fees=0, vault=-one - other)


def held(state: toy.Bank) -> tuple[int, ...]:
    """All that such a bank holds, its own last."""
    return *(state.accounts.get(key).cash for key in (A, B)), state.fees, state.vault


def posted(one: int, other: int, amount: int) -> tuple[int, ...]:
    return held(post(bank(one, other), (Posting(toy.Book.CASH, amount, A, B),)))


def posted_by_hand(one: int, other: int, amount: int) -> tuple[int, ...]:
    return one - amount, other + amount, 0, -one - other


def posted_once(one: int, other: int, amount: int) -> tuple[int, ...]:
    return one, other + amount, 0, -one - other


def outcome(one: int, other: int, amount: int, to_itself: bool) -> tuple[int, ...] | str:
    done = toy.transfer(bank(one, other), toy.Transfer(A, A if to_itself else B, amount))
    return held(done.state) if isinstance(done, Accepted) else done.reason.name


def outcome_by_hand(one: int, other: int, amount: int, to_itself: bool) -> tuple[int, ...] | str:
    if amount <= 0:
        return "AMOUNT_POSITIVE"
    fee = (7 * amount + 9_999) // 10_000
    left = one - amount - fee
    if left < 0:
        return "FUNDS_SUFFICIENT"
    return (left + amount, other, fee, -one - other) if to_itself else (left, other + amount, fee, -one - other)


def outcome_without_fee_in_the_check(one: int, other: int, amount: int, to_itself: bool) -> tuple[int, ...] | str:
    if amount > 0 and one >= amount:
        return outcome_by_hand(one + 10**6, other - 10**6, amount, to_itself)
    return outcome_by_hand(one, other, amount, to_itself)


PAIRS = [
    (floor, floor_by_remainder, floor_towards_zero),
    (ceil, ceil_by_adding, ceil_one_too_many),
    (root, root_by_counting, root_without_its_end),
    (cover, cover_by_dividing, cover_rounded_down),
    (part, part_of_the_rest, part_alone),
    (borne, borne_by_running_sums, borne_by_the_senior_first),
    (net, net_by_the_smaller, net_on_one_side),
    (posted, posted_by_hand, posted_once),
    (outcome, outcome_by_hand, outcome_without_fee_in_the_check),
]


@pytest.mark.parametrize(("measure", "again", "wrong"), PAIRS, ids=lambda each: each.__name__)
def test_a_measure_does_what_a_second_version_does_and_not_what_a_wrong_one_does(measure, again, wrong):
    assert difference(measure, again, SECONDS) is None
    found = difference(measure, wrong, SECONDS)
    assert found is not None
    assert found.one == repr(measure(**found.arguments)) != found.other


def test_what_one_raises_and_the_other_does_not_is_a_difference():
    def divided(number: int) -> int:
        return 100 // (number - 77)

    def divided_but_there(number: int) -> int:
        return 100 // (number - 77) if number != 77 else 0

    found = difference(divided, divided_but_there, SECONDS)
    assert found is not None
    assert found.arguments == {"number": 77}
    assert found.one.startswith("ZeroDivisionError")
