"""Symbolic integers, truth values and codes, in a normal form in which equal things are the same thing.

An integer is a polynomial with integer coefficients over named symbols; a truth value is a formula
over polynomial comparisons.  Formulas are interned, so that "the same claim as before" is `is`.
Whatever would make a symbol concrete is an error that the code under proof cannot catch.
"""

import operator
from collections.abc import Iterable
from enum import Enum
from math import gcd
from typing import Any, Final, Protocol

from clearspec.core.table import Id

Monomial = tuple[str, ...]
Poly = dict[Monomial, int]
Linear = tuple[tuple[Monomial, int], ...]
ONE: Final[Monomial] = ()


class Signal(BaseException):
    """What the executor raises to end a path; not an Exception, and remembered, so that it cannot be swallowed."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        for context in contexts:
            context.signalled(self)


class Unsupported(Signal):
    """The code does something with a symbol that the executor has no meaning for; the proof fails."""


class Infeasible(Signal):
    """No concrete run takes this path."""


class Context(Protocol):
    """Where terms are being made: a path, or one branch of a merged evaluation on it."""

    def decide(self, formula: "Formula") -> bool: ...
    def quotient(self, dividend: "Int | int", divisor: "Int | int") -> "Int | int": ...
    def either(self, condition: "Formula", yes: "Int | int", no: "Int | int") -> "Int | int": ...
    def multiplied(self, a: "Int", b: "Int", product: "Int | int") -> None: ...
    def canonical(self, code: "Int | int") -> "Int | int": ...
    def signalled(self, signal: Signal) -> None: ...


contexts: list[Any] = []


def current() -> Any:
    """The context that terms are made in.  Requires: one is active."""
    return contexts[-1]


# Polynomials


def added(a: Poly, b: Poly, times: int = 1) -> Poly:
    """a + times * b."""
    total = dict(a)
    for monomial, coefficient in b.items():
        value = total.get(monomial, 0) + times * coefficient
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def multiplied(a: Poly, b: Poly) -> Poly:
    """a * b."""
    product: Poly = {}
    for m, c in a.items():
        for n, d in b.items():
            monomial = tuple(sorted(m + n)) if m and n else m or n
            value = product.get(monomial, 0) + c * d
            if value:
                product[monomial] = value
            else:
                product.pop(monomial, None)
    return product


def poly(value: object) -> Poly:
    """The polynomial of an integer, symbolic or not."""
    kind = type(value)
    if kind is Int:
        return value.poly  # type: ignore[attr-defined, no-any-return]
    if kind is int or kind is bool:
        return {ONE: int(value)} if value else {}  # type: ignore[call-overload]
    if kind is Bool:
        return poly(value.number())  # type: ignore[attr-defined]
    raise Unsupported(f"not an integer: {kind.__name__}")


def integer(p: Poly) -> "Int | int":
    """The integer of a polynomial: a plain one where it is constant."""
    if not p:
        return 0
    if len(p) == 1 and ONE in p:
        return p[ONE]
    return Int(p)


def symbol(name: str) -> "Int":
    """The symbol of that name."""
    return Int({(name,): 1})


# Formulas


class Sum:
    """A linear combination of products, interned: equal ones are one object."""

    __slots__ = ("_opposite", "_terms", "linear", "single")

    def __init__(self, linear: Linear) -> None:
        self.linear = linear
        self.single = len(linear) == 1 and len(linear[0][0]) == 1 and abs(linear[0][1]) == 1
        self._opposite: Sum | None = None
        self._terms: tuple[tuple[Monomial, int, Sum, Sum], ...] | None = None

    def opposite(self) -> "Sum":
        """The same with all signs changed."""
        if self._opposite is None:
            self._opposite = sum_of(tuple((m, -c) for m, c in self.linear))
            self._opposite._opposite = self
        return self._opposite

    def terms(self) -> "tuple[tuple[Monomial, int, Sum, Sum], ...]":
        """Of each term the product and the coefficient, and the product alone, with either sign."""
        if self._terms is None:
            self._terms = tuple((m, c, *either_sign(m)) for m, c in self.linear)
        return self._terms


_sums: dict[Linear, Sum] = {}
_alone: dict[Monomial, tuple[Sum, Sum]] = {}


def sum_of(linear: Linear) -> Sum:
    """The one object for this combination.  Requires: it is sorted."""
    found = _sums.get(linear)
    if found is None:
        found = _sums[linear] = Sum(linear)
    return found


def either_sign(monomial: Monomial) -> tuple[Sum, Sum]:
    """The product alone, and its opposite."""
    found = _alone.get(monomial)
    if found is None:
        found = _alone[monomial] = sum_of(((monomial, 1),)), sum_of(((monomial, -1),))
    return found


NOTHING: Final = sum_of(())


class Formula:
    """A node of an interned formula: le (poly <= 0), eq (poly == 0), not (of eq, every), and, or, every, true, false.

    `every` stands for "all rows of a table meet a predicate"; its only part is the instance for the
    named rows and one arbitrary other.  It implies that instance; only a goal may be replaced by it.
    Its constant is a number for which rows are named: the others are other ones once another row is.
    """

    __slots__ = ("atoms", "constant", "kind", "linear", "number", "opposite", "parts", "sum", "texts")

    def __init__(self, kind: str, parts: tuple["Formula", ...], sum_: Sum, constant: int) -> None:
        self.kind, self.parts, self.sum, self.linear, self.constant = kind, parts, sum_, sum_.linear, constant
        self.opposite: Formula | None = None
        self.atoms: frozenset[Monomial] | None = None
        self.texts: dict[str, str] = {}
        self.number = len(_interned)

    def monomials(self) -> frozenset[Monomial]:
        """All monomials that occur in it."""
        if self.atoms is None:
            own = [(f"every!{self.number}",)] if self.kind == "every" else [m for m, _ in self.linear]
            parts = () if self.kind == "every" else self.parts
            self.atoms = frozenset(own).union(*(part.monomials() for part in parts))
        return self.atoms

    def __repr__(self) -> str:
        if self.kind in ("le", "eq"):
            terms = [f"{c}*{'*'.join(m)}" for m, c in self.linear] + [str(self.constant)]
            return f"({' + '.join(terms)} {'<=' if self.kind == 'le' else '=='} 0)"
        return f"{self.kind}({', '.join(map(repr, self.parts))})"


_interned: dict[Any, Formula] = {}


def _make(kind: str, parts: tuple[Formula, ...] = (), sum_: Sum = NOTHING, constant: int = 0) -> Formula:
    key = (kind, parts, sum_, constant)
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = Formula(kind, parts, sum_, constant)
    return found


TRUE: Final = _make("true")
FALSE: Final = _make("false")


def at_most_zero(p: Poly) -> Formula:
    """p <= 0, divided by the common divisor and tightened to integers."""
    constant = p.get(ONE, 0)
    items = sorted((m, c) for m, c in p.items() if m)
    if not items:
        return TRUE if constant <= 0 else FALSE
    divisor = gcd(*(c for _, c in items))
    if divisor > 1:
        return _make("le", (), sum_of(tuple((m, c // divisor) for m, c in items)), -(-constant // divisor))
    return _make("le", (), sum_of(tuple(items)), constant)


def is_zero(p: Poly) -> Formula:
    """p == 0."""
    constant = p.get(ONE, 0)
    items = sorted((m, c) for m, c in p.items() if m)
    if not items:
        return TRUE if constant == 0 else FALSE
    divisor = gcd(*(c for _, c in items))
    if constant % divisor:
        return FALSE
    if items[0][1] < 0:
        divisor = -divisor
    return _make("eq", (), sum_of(tuple((m, c // divisor) for m, c in items)), constant // divisor)


def negated(f: Formula) -> Formula:
    """Not f."""
    if f.opposite is None:
        if f.kind == "le":
            f.opposite = at_most_zero(added({ONE: 1 - f.constant}, dict(f.linear), -1))
        elif f.kind in ("and", "or"):
            f.opposite = _nary("or" if f.kind == "and" else "and", [negated(part) for part in f.parts])
        elif f.kind in ("true", "false"):
            f.opposite = FALSE if f is TRUE else TRUE
        elif f.kind == "not":
            f.opposite = f.parts[0]
        else:
            f.opposite = _make("not", (f,))
        if f.opposite.opposite is None:
            f.opposite.opposite = f
    return f.opposite


def _nary(kind: str, parts: Iterable[Formula]) -> Formula:
    unit, zero = (TRUE, FALSE) if kind == "and" else (FALSE, TRUE)
    kept: dict[Formula, None] = {}
    for part in parts:
        for each in part.parts if part.kind == kind else (part,):
            if each is zero or each.opposite in kept:
                return zero
            if each is not unit:
                kept[each] = None
    if len(kept) <= 1:
        return next(iter(kept), unit)
    return _make(kind, tuple(kept))


def both(*parts: Formula) -> Formula:
    """The conjunction."""
    return _nary("and", parts)


def any_of(*parts: Formula) -> Formula:
    """The disjunction."""
    return _nary("or", parts)


def implies(condition: Formula, consequence: Formula) -> Formula:
    """If the condition, then the consequence."""
    return any_of(negated(condition), consequence)


def every_row(instance: Formula, named: int = 0) -> Formula:
    """All rows of a table meet the predicate of which this is the instance, where these rows are named."""
    return instance if instance in (TRUE, FALSE) else _make("every", (instance,), NOTHING, named)


def formula(value: object) -> Formula:
    """The formula of a truth value, symbolic or not."""
    if type(value) is Bool:
        return value.formula
    if value is True or value is False:
        return TRUE if value else FALSE
    raise Unsupported(f"not a truth value: {type(value).__name__}")


def truth(f: Formula) -> "Bool | bool":
    """The truth value of a formula: a plain one where it is constant."""
    return True if f is TRUE else False if f is FALSE else Bool(f)


# What the code under proof computes with


def _concrete(self: object, *_: object, **__: object) -> Any:
    raise Unsupported(f"{self!r} would have to become concrete (an index, a hash, a float, text, a bit pattern)")


class Int:
    """A symbolic integer.  Python takes it for an int; a comparison of it is a Bool."""

    __slots__ = ("poly",)

    def __init__(self, p: Poly) -> None:
        self.poly = p

    __index__ = __int__ = __float__ = __hash__ = __str__ = __format__ = __round__ = _concrete
    __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = __invert__ = _concrete
    __truediv__ = __rtruediv__ = __rpow__ = __lshift__ = __rshift__ = __rlshift__ = __rrshift__ = _concrete
    __trunc__ = __floor__ = __ceil__ = __complex__ = __getattr__ = _concrete

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return int

    def __repr__(self) -> str:
        return " + ".join(f"{c}*{'*'.join(m)}" if m else str(c) for m, c in self.poly.items())

    def __add__(self, other: object) -> "Int | int":
        return integer(added(self.poly, poly(other)))

    __radd__ = __add__

    def __sub__(self, other: object) -> "Int | int":
        return integer(added(self.poly, poly(other), -1))

    def __rsub__(self, other: object) -> "Int | int":
        return integer(added(poly(other), self.poly, -1))

    def __mul__(self, other: object) -> "Int | int":
        product = integer(multiplied(self.poly, poly(other)))
        if contexts and type(other) is Int and len(self.poly) + len(other.poly) > 2:
            current().multiplied(self, other, product)
        return product

    __rmul__ = __mul__

    def __pow__(self, power: object, *modulus: object) -> "Int | int":
        if type(power) is not int or not 0 <= power <= 4 or modulus:
            raise Unsupported("only powers up to the fourth")
        result: Int | int = 1
        for _ in range(power):
            result = result * self
        return result

    def __neg__(self) -> "Int | int":
        return integer({m: -c for m, c in self.poly.items()})

    def __pos__(self) -> "Int":
        return self

    def __abs__(self) -> "Int | int":
        return current().largest_of(self, -self)  # type: ignore[no-any-return]

    def __floordiv__(self, other: Any) -> "Int | int":
        return current().quotient(self, other)  # type: ignore[no-any-return]

    def __rfloordiv__(self, other: Any) -> "Int | int":
        return current().quotient(other, self)  # type: ignore[no-any-return]

    def __mod__(self, other: Any) -> "Int | int":
        return self - other * current().quotient(self, other)  # type: ignore[no-any-return]

    def __rmod__(self, other: Any) -> "Int | int":
        return other - self * current().quotient(other, self)  # type: ignore[no-any-return]

    def __divmod__(self, other: Any) -> "tuple[Int | int, Int | int]":
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> "tuple[Int | int, Int | int]":
        return other // self, other % self

    def __le__(self, other: object) -> "Bool | bool":
        return truth(at_most_zero(added(self.poly, poly(other), -1)))

    def __ge__(self, other: object) -> "Bool | bool":
        return truth(at_most_zero(added(poly(other), self.poly, -1)))

    def __lt__(self, other: object) -> "Bool | bool":
        return truth(negated(at_most_zero(added(poly(other), self.poly, -1))))

    def __gt__(self, other: object) -> "Bool | bool":
        return truth(negated(at_most_zero(added(self.poly, poly(other), -1))))

    def __eq__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        if isinstance(other, Enum) and isinstance(other, int):
            raise Unsupported(f"compares an integer with {other!r}, a member that is an integer too; use a plain Enum")
        if other is None or isinstance(other, (str, Enum, tuple)):
            return False
        return truth(is_zero(added(self.poly, poly(other), -1)))

    def __ne__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        return truth(negated(formula(self == other)))

    def __bool__(self) -> bool:
        return bool(self != 0)


class Bool:
    """A symbolic truth value; asking for its truth forks the path."""

    __slots__ = ("formula",)

    def __init__(self, f: Formula) -> None:
        self.formula = f

    __index__ = __int__ = __float__ = __hash__ = __str__ = __format__ = __round__ = _concrete
    __truediv__ = __rtruediv__ = __rpow__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _concrete
    __trunc__ = __floor__ = __ceil__ = __complex__ = __getattr__ = _concrete

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return bool

    def __bool__(self) -> bool:
        return current().decide(self.formula)  # type: ignore[no-any-return]

    def number(self) -> "Int | int":
        """1 if true, else 0."""
        return current().either(self.formula, 1, 0)  # type: ignore[no-any-return]

    def __and__(self, other: object) -> "Bool | bool":
        return truth(both(self.formula, formula(other)))

    __rand__ = __and__

    def __or__(self, other: object) -> "Bool | bool":
        return truth(any_of(self.formula, formula(other)))

    __ror__ = __or__

    def __xor__(self, other: object) -> "Bool | bool":
        return self != truth(formula(other))

    __rxor__ = __xor__

    def __eq__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        if type(other) is Bool or other is True or other is False:
            a, b = self.formula, formula(other)
            return truth(any_of(both(a, b), both(negated(a), negated(b))))
        return self.number() == other

    def __ne__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        return truth(negated(formula(self == other)))

    def __repr__(self) -> str:
        return repr(self.formula)


def _of_its_number(name: str) -> Any:
    """The operator of an integer, of the number that a truth value is in Python."""

    def computed(self: Bool, *others: Any) -> Any:
        number = self.number()
        return (
            getattr(operator, name)(number, *others) if name in _UNARY else getattr(Int, name)(_whole(number), *others)
        )

    return computed


_UNARY: Final = ("__neg__", "__pos__", "__abs__", "__invert__")


def _whole(number: "Int | int") -> "Int":
    """An integer as a symbolic one, whose operators take symbols."""
    return number if type(number) is Int else Int(poly(number))


for _name in (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__floordiv__", "__rfloordiv__"),
    *("__mod__", "__rmod__", "__divmod__", "__rdivmod__", "__pow__", "__le__", "__ge__", "__lt__", "__gt__"),
    *_UNARY,
):
    setattr(Bool, _name, _of_its_number(_name))


_constants: dict[tuple[type, str], int] = {}
FIRST_CONSTANT: Final = 1_000


def constant_of(name: Id) -> int:
    """The number that stands for a concrete id: another one for each."""
    return _constants.setdefault((type(name), str(name)), FIRST_CONSTANT + len(_constants))


def id_of(kind: type[Id], number: int) -> Id:
    """The id that a number stands for."""
    for (known, name), constant in _constants.items():
        if known is kind and constant == number:
            return kind(name)
    name = f"{kind.__name__.removesuffix('Id').lower()}{number}"
    while (kind, name) in _constants:  # that one has a number of its own
        name += "'"
    return kind(name)


class Code:
    """An id or an enum member that is not known: equality is a formula, anything else an error."""

    __slots__ = ("kind", "term")

    def __init__(self, kind: type, term: "Int | int") -> None:
        self.kind, self.term = kind, term

    __hash__ = __str__ = __format__ = __iter__ = __len__ = __bool__ = _concrete
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __getitem__ = __contains__ = _concrete

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return self.kind

    def __getattr__(self, name: str) -> Any:
        raise Unsupported(f"{self!r}.{name}: an id or enum member that is not known is only compared")

    def __eq__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        term = code_term(self.kind, other)
        if term is None:
            return False
        mine = current().canonical(self.term)
        return truth(is_zero(added(poly(mine), poly(current().canonical(term)), -1)))

    def __ne__(self, other: object) -> "Bool | bool":  # type: ignore[override]
        return truth(negated(formula(self == other)))

    def __repr__(self) -> str:
        return f"<{self.kind.__name__} {self.term!r}>"


def code_term(kind: type, value: object) -> "Int | int | None":
    """The number of an id or enum member of that kind; None for what is never equal to one."""
    if type(value) is Code:
        if value.kind is kind:
            return value.term
        if issubclass(kind, Id) and issubclass(value.kind, Id):
            raise Unsupported(f"compares a {kind.__name__} with a {value.kind.__name__}")
        return None
    if isinstance(value, Enum):
        return list(type(value)).index(value) if type(value) is kind else None
    if type(value) in (Int, Bool):
        return None
    if isinstance(value, str):
        if type(value) is kind:
            return constant_of(value)  # type: ignore[arg-type]
        raise Unsupported(f"compares a {kind.__name__} with a {type(value).__name__}")
    return None
