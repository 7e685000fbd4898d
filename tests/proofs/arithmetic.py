"""Functions of integers that use every operation the executor gives a meaning to, and a law for some of them."""

import sys
from enum import Enum

from attrs import frozen

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Spec, measure
from clearspec.core.quantities import largest, mul_div_ceil, mul_div_floor, smallest

Kinds = Enum("Kinds", "ONE OTHER THIRD")
Reason = Enum("Reason", "NONE")


@frozen
class Pair:
    left: int
    right: int
    kind: Kinds


def floor_divided(a: int, b: int, _: int) -> int:
    return a // b


def remainder(a: int, b: int, _: int) -> int:
    return a % b


def both_at_once(a: int, b: int, _: int) -> int:
    quotient, rest = divmod(a, b)
    return 3 * quotient - rest


def by_a_constant(a: int, b: int, c: int) -> int:
    return (a - 2 * b) // 7 + (c * 21 + a) % 7 - (-a // 3) + 5 // (a * a + 1)


def scaled(a: int, b: int, c: int) -> int:
    return mul_div_floor(a, b, c * c + 1) - mul_div_ceil(a, b, c * c + 1) + (4 * a + 6) // 2


def least(a: int, b: int, c: int) -> int:
    return min(a, b, c) * 3 - min(a - b, 0) + min([c, 4]) + min((), default=2)


def most(a: int, b: int, c: int) -> int:
    return max(a, b, c) * 2 + max(-a, a) + max(b, 3)


def distance(a: int, b: int, c: int) -> int:
    return abs(a - b) + abs(-c) - abs(a * c)


def compared(a: int, b: int, c: int) -> int:
    return (1 if a < b else 2) + (4 if b <= c else 8) * (1 if a == c else 16) + (1 if a != b and not a > c else 0)


def counted(a: int, b: int, c: int) -> int:
    return sum(each > 0 for each in (a, b, c)) + 10 * (a < b) + sum(each * each for each in (a, b))


def everything(a: int, b: int, c: int) -> int:
    return (1 if all(each >= 0 for each in (a, b, c)) else 0) + (2 if any(each == 3 for each in (a, b, c)) else 0)


def root(a: int, _: int, __: int) -> int:
    return largest(lambda n: n * n <= abs(a), lambda: 0, "ENDS")


def covering(a: int, b: int, _: int) -> int:
    return smallest(lambda n: n * (abs(b) + 1) >= a, lambda: 3, "ENDS")


@measure
def clamped(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    return high if value > high else value


@measure
def sorted_pair(a: int, b: int) -> Pair:
    return Pair(a, b, Kinds.ONE) if a <= b else Pair(b, a, Kinds.OTHER if a < 9 else Kinds.THIRD)


def merged(a: int, b: int, c: int) -> int:
    pair = sorted_pair(a, b)
    return clamped(c, pair.left, pair.right) + (
        100 if pair.kind == Kinds.OTHER else 200 if pair.kind == Kinds.ONE else 0
    )


def powers(a: int, b: int, c: int) -> int:
    return a**2 * b - (b - c) ** 3 + a**0


def nested(a: int, b: int, c: int) -> int:
    return (a // (abs(b) + 1)) % (abs(c) + 2) - (a % (abs(b) + 1)) // 3 + abs(min(a, -b) - max(b % 5, c))


def by_either_sign(a: int, b: int, _: int) -> int:
    return a // -3 + a % -4 + (a // b if b < -1 else a % b if b > 1 else 7 // (b - 5))


def chained(a: int, b: int, c: int) -> int:
    return (1 if a < b < c else 0) + (2 if a <= b <= c else 0) + (4 if a == b == c else 0) + (8 if c > a != b else 0)


def in_conditions(a: int, b: int, c: int) -> int:
    either = (a or b) + (b and c)
    return either + (10 if a and not b else 20 if not (a or c) else 30) + (100 if bool(a) == bool(b) else 200)


def short_of_the_end(a: int, b: int, c: int) -> int:
    return (1 if b != 0 and a // b > c else 0) + (2 if b == 0 or a % b == 0 else 0) + (4 if not a < b or b < c else 0)


def of_many(a: int, b: int, c: int) -> int:
    some = (a, b, c, a - b, 2 * c)
    found = sum(each for each in some if each > 0) + 100 * sum(1 for each in some if each % 2 == 0)
    divides = all(b != 0 and each % b == 0 for each in (a, c))
    return found + 1000 * any(each < 0 for each in some) + 2000 * divides + 4000 * (not any(each for each in some))


def truths(a: int, b: int, c: int) -> int:
    less, same = a < b, b == c
    return (less == same) + 2 * (less != same) + 4 * (less & same) + 8 * (less | same) + 16 * (less + same) - less * c


@measure
def banded(value: int) -> int:
    if value < -10:
        return value // 10
    if value % 3 == 0:
        return -value
    return abs(value) % 7 if value > 20 else max(value, 1)


def measured_in_measured(a: int, b: int, c: int) -> int:
    return banded(banded(a) * 2 - b) + (banded(c) if banded(b) <= banded(a) else banded(-c))


FUNCTIONS = (
    floor_divided, remainder, both_at_once, by_a_constant, scaled, least, most, distance, compared, counted,
    everything, root, covering, merged, powers, nested, by_either_sign, chained, in_conditions, short_of_the_end,
    of_many, truths, measured_in_measured,
)  # fmt: skip


def three(choices: Choices) -> tuple[int, int, int]:
    return choices.integer(-9, 9), choices.integer(-9, 9), choices.integer(-9, 9)


@claim(
    "FLOOR", "A floor is at most the quotient.", title="a floor is at most the quotient", kind=Kind.LAW, sample=three
)
def floor_is_below(a: int, b: int, _: int) -> bool:
    return b <= 0 or a // b * b <= a


@claim(
    "FALSE-FLOOR",
    "A floor never rounds away from zero.",
    title="a floor never rounds away from zero",
    kind=Kind.LAW,
    sample=three,
)
def floor_is_towards_zero(a: int, b: int, _: int) -> bool:
    return b <= 0 or abs(a // b * b) <= abs(a)


@claim("CRASH", "A quotient is what it is.", title="a quotient is what it is", kind=Kind.LAW, sample=three)
def quotient_exists(a: int, b: int, _: int) -> bool:
    return a // b == a // b


@claim(
    "CUBES",
    "Forty-two is not the sum of three cubes.",
    title="forty-two is not the sum of three cubes",
    kind=Kind.LAW,
    sample=three,
)
def not_three_cubes(a: int, b: int, c: int) -> bool:
    return a**3 + b**3 + c**3 != 42


@claim("ROOT", "A root is monotone.", title="a root is monotone", kind=Kind.LAW, sample=three)
def root_is_monotone(a: int, b: int, _: int) -> bool:
    return not 0 <= a <= b or root(a, 0, 0) <= root(b, 0, 0)


@claim(
    "SQUARE",
    "The square of a root is what it is the root of.",
    title="a square has its root",
    kind=Kind.LAW,
    sample=three,
)
def square_of_a_root(a: int, b: int, _: int) -> bool:
    return not 2 <= a <= b or root(a, 0, 0) * root(a, 0, 0) == a


@claim(
    "SEARCHES",
    "What the number that is tried bounds is what a number bounds.",
    title="bounds of a search are bounds",
    kind=Kind.LAW,
    sample=three,
)
def search_in_a_search(a: int, _: int, __: int) -> bool:
    bounded = largest(lambda n: n + largest(lambda m: m <= n and m <= 5, lambda: 0, "ENDS") <= a, lambda: 0, "ENDS")
    return a < 6 or bounded == largest(
        lambda n: n + largest(lambda m: m <= 5, lambda: 0, "ENDS") <= a, lambda: 0, "ENDS"
    )


@claim(
    "ENDS",
    "A number times itself, and by more than nothing, is in the end more than another.",
    title="a search ends",
    kind=Kind.LAW,
    sample=three,
)
def squares_and_products_end(a: int, b: int, _: int) -> bool:
    return (abs(a) + 1) * (abs(a) + 1) > abs(a) and abs(a) * (abs(b) + 1) >= a


@frozen
class Nothing: ...


def beat(state: Nothing, _: object) -> Outcome[Nothing]:
    return Accepted(state)


MACHINE: Machine[Nothing] = Machine(
    name="arithmetic",
    spec=Spec(
        initial=Nothing(),
        beat=beat,
        commands=(),
        reasons=Reason,
        claims=claims_of(sys.modules[__name__]),
    ),
    drive=Drive(
        generate=lambda _, choices: choices.integer(0, 1),
    ),
)
