"""A function run once per combination of its own decisions, and the results joined into one formula or term.

A merged evaluation never forks the path.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from clearspec_proofs.executor.arithmetic import Context, active, root
from clearspec_proofs.logic.knowledge import Contradiction, Knowledge
from clearspec_proofs.logic.terms import (
    FALSE,
    TRUE,
    Bool,
    Code,
    Formula,
    Int,
    Unsupported,
    any_of,
    both,
    code_term,
    current,
    formula,
    implies,
    negated,
    truth,
)

MOST_DECISIONS = 150
"""In one combination of a merged evaluation."""


class DeadBranch(BaseException):
    """This combination of decisions contradicts itself."""


class Branch(Context):
    """One combination of the decisions inside a merged evaluation."""

    def __init__(self, around: Context, assumed: tuple[Formula, ...]) -> None:
        super().__init__()
        self.around, self.assumed = around, assumed
        self.taken: list[Formula] = []
        self.knowledge = Knowledge(around.knowledge)
        self.dead = False
        for literal in assumed:
            self._learn(literal)

    def condition(self) -> Formula:
        return both(self.around.condition(), *self.assumed, *self.taken)

    def _learn(self, literal: Formula) -> None:
        try:
            self.knowledge.learn(literal)
        except Contradiction:
            self.dead = True
            raise DeadBranch from None

    def decide(self, f: Formula) -> bool:
        known = self.knows(f)
        if known is None and f.kind in ("and", "or"):
            # What was decided may read otherwise by now, with parts of it known.
            known = True if self.knowledge.refutes(negated(f)) else False if self.knowledge.refutes(f) else None
        if known is not None:
            return known
        if len(self.assumed) + len(self.taken) > MOST_DECISIONS:
            raise Unsupported("a measure or claim that branches without end")
        self.taken.append(f)
        self._learn(f)
        return True


class Given(Context):
    """What is asked on a condition that the code has met already; it decides as the context around does."""

    def __init__(self, around: Context) -> None:
        super().__init__()
        self.around, self._given = around, list[Formula]()
        self.knowledge = Knowledge(around.knowledge)

    def suppose(self, condition: Formula) -> None:
        """This, too, has been met."""
        self._given.append(condition)
        self.knowledge.learn(condition)

    def condition(self) -> Formula:
        return both(self.around.condition(), *self._given)

    def decide(self, f: Formula) -> bool:
        simple = self.knowledge.simplified(f)
        return simple is TRUE if simple is TRUE or simple is FALSE else self.around.decide(simple)


class CannotMerge(Exception):
    """Two branches have results that are not of one kind."""


class Detached(Context):
    """Where a measure runs without what the branch around it knows, so that its value serves in every branch."""

    def __init__(self, around: Context) -> None:
        super().__init__()
        self.around, self.knowledge = around, root().knowledge

    def condition(self) -> Formula:
        return self.around.condition()

    def decide(self, _: Formula) -> bool:
        raise CannotMerge


DEAD = object()
"""What a function comes to where nothing can be: on branches that contradict themselves."""

RAISED = object()
"""What it comes to where it raises an exception."""


@frozen
class Explored:
    """What a function comes to on all of its branches: one value, and where it raises an exception instead.

    Where it does, the value is anything.
    """

    value: Any
    crash: Formula = FALSE
    error: Exception | None = None

    def settled(self, here: Context) -> Any:
        """The value, once it is decided that no exception is raised here."""
        if self.error is not None and self.crash is not FALSE and here.decide(self.crash):
            raise self.error
        return True if self.value is DEAD else self.value

    def formula(self) -> Formula:
        """The value as a truth."""
        return TRUE if self.value is DEAD or self.value is RAISED else formula(self.value)


def merged(function: Callable[[], Any]) -> Any:
    """The value of a function as one formula or term; falls back to forking where that cannot be."""
    around: Context = current()
    try:
        found = explored(function, around)
    except CannotMerge:
        return function()
    return found.settled(around)


def valued(function: Callable[[], Any]) -> Any:
    """The same; anything where it raises an exception.  Requires: that it raises none is looked after elsewhere."""
    try:
        found = explored(function, current())
    except CannotMerge:
        return function()
    return 0 if found.value is RAISED or found.value is DEAD else found.value


def measured(function: Callable[[], Any], key: Any) -> Any:
    """The merged value of a function that is remembered under this key."""
    path, around = root(), current()
    known = path.memo.get(key) or around.memo.get(key)
    if known is None:
        try:
            with active(Detached(around)) as here:
                found = explored(function, here)
            if found.value is RAISED or found.value is DEAD:
                raise CannotMerge
            known = path.memo[key] = found, here.partial
        except CannotMerge:
            known = around.memo[key] = Explored(merged(function)), []
    for each in known[1]:
        around.defined_by(*each)
    return known[0].settled(around)


def told(predicate: Callable[[], Any], given: Formula = TRUE) -> Explored:
    """What a predicate says wherever the given holds, as one formula, and where it raises an exception."""
    around: Context = current()
    found = explored(lambda: truth(formula(predicate())), around, () if given is TRUE else (given,))
    return Explored(truth(implies(given, found.formula())), both(given, found.crash), found.error)


def merged_formula(predicate: Callable[[], Any], given: Formula = TRUE) -> Formula:
    """What a predicate says wherever the given holds.  Requires: that it raises nothing is looked after elsewhere."""
    return told(predicate, given).formula()


def explored(function: Callable[[], Any], around: Context, assumed: tuple[Formula, ...] = ()) -> Explored:
    """Run a function once for each combination of its own decisions, and join what comes out.

    The first run takes each condition that is not known as true (`Branch.decide`).  Then each of them in turn is taken
    as false, with those before it as they were, and the function runs again.  Two results are joined as "one if the
    condition holds, else the other".  Nothing is left for another path.
    """
    try:
        branch = Branch(around, assumed)
    except DeadBranch:
        return Explored(DEAD)
    with active(branch):
        try:
            found = Explored(function())
        except (DeadBranch, CannotMerge) as signal:
            if isinstance(signal, CannotMerge):
                raise
            found = Explored(DEAD)
        except Exception as error:
            refuse_own(error)
            found = Explored(RAISED, TRUE, error)
    if branch.dead:
        found = Explored(DEAD)
    for i in range(len(branch.taken) - 1, -1, -1):
        literal = branch.taken[i]
        other = explored(function, around, (*assumed, *branch.taken[:i], negated(literal)))
        found = _either(around, literal, found, other)
    return found


def _either(here: Context, condition: Formula, yes: Explored, no: Explored) -> Explored:
    """`yes` where the condition holds, else `no`."""
    if yes.value is DEAD or no.value is DEAD:
        return no if yes.value is DEAD else yes
    if yes.value is RAISED or no.value is RAISED:
        value = no.value if yes.value is RAISED else yes.value
    else:
        value = joined(here, condition, yes.value, no.value)
    return Explored(value, split(condition, yes.crash, no.crash), yes.error or no.error)


def refuse_own(error: Exception) -> None:
    """Let no failure of the prover itself pass for a crash of the code under proof."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    own = last is not None and last.tb_frame.f_globals.get("__name__", "").startswith("clearspec_proofs.")
    if isinstance(error, RecursionError | MemoryError) or (own and not isinstance(error, PYTHONS)):
        raise Unsupported(f"the prover failed: {error!r}") from error


PYTHONS = (ZeroDivisionError, KeyError, TypeError)
"""What the executor raises where Python would."""


def joined(here: Context, condition: Formula, yes: Any, no: Any) -> Any:
    """`yes` if the condition holds, else `no`, as one value."""
    if yes is no:
        return yes
    kind, other = type(yes), type(no)
    if kind in (Bool, bool) and other in (Bool, bool):
        a, b = formula(yes), formula(no)
        return truth(split(condition, a, b))
    if kind in (Int, int) and other in (Int, int):
        return here.either(condition, yes, no)
    if (kind is Code or isinstance(yes, Enum)) and (other is Code or isinstance(no, Enum)):
        member = yes.__class__
        first, second = code_term(member, yes), code_term(member, no)
        if first is not None and second is not None:
            return Code(member, here.either(condition, first, second))
    if kind is other and kind is tuple and len(yes) == len(no):
        return tuple(joined(here, condition, a, b) for a, b in zip(yes, no, strict=True))
    if kind is other and attrs.has(kind):
        fields = [each.name for each in attrs.fields(kind)]
        return kind(*(joined(here, condition, getattr(yes, name), getattr(no, name)) for name in fields))
    if yes is None and no is None:
        return None
    raise CannotMerge


def split(condition: Formula, yes: Formula, no: Formula) -> Formula:
    """`yes` if the condition holds, else `no`; what both demand is said once."""
    if yes is no:
        return yes
    # Python's `a and b` is `a` itself where that is false, and `a or b` where it is true.
    yes, no = (TRUE if yes is condition else yes), (FALSE if no is condition else no)
    demanded = [part.parts if part.kind == "and" else (part,) for part in (yes, no)]
    common = [part for part in demanded[0] if part in demanded[1]]
    a, b = (both(*(part for part in parts if part not in common)) for parts in demanded)
    return both(*common, any_of(both(condition, a), both(negated(condition), b)))


def lexicographic(a: tuple[Any, ...], b: tuple[Any, ...]) -> Formula:
    """a <= b, entry by entry, as one formula."""
    if not a:
        return TRUE
    rest = lexicographic(a[1:], b[1:])
    less, equal = negated(formula(b[0] <= a[0])), formula(a[0] == b[0])
    return any_of(less, both(equal, rest))
