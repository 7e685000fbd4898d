"""Claims: each invariant and law is written once, as a Python predicate with a code and a sentence.

The same object is the runtime check, the rule of the stateful test, the proof obligation and the
entry in the documentation.

Kinds, and what their predicates take:

- STATE   (state)                     holds of every reachable state, the initial one included
- STEP    (before, beat, accepted)    holds of every accepted beat; accepted has .state and .events
- OUTCOME (before, command, outcome)  holds of every outcome of a command, rejections included, taken alone
- COMMAND (before, command, outcome)  holds of a whole command, all of its beats done
- LAW     (any typed arguments)       holds for all inputs; `sample` draws meaningful ones
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from attrs import field, frozen

from clearspec.core.choices import Choices

TITLE_WORDS = 8


class Kind(Enum):
    STATE = "state"
    STEP = "step"
    OUTCOME = "outcome"
    COMMAND = "command"
    LAW = "law"


@frozen
class Claim:
    """One invariant or law.

    `title` names it in at most eight words, where the sentence would be too long.
    `on` restricts a step, outcome or command claim to these types of beats.
    `source` says where the rule comes from, `prevents` the failure in history that it rules out.
    `unproved` is empty, or the reason why the claim has no proof obligation.
    `open_cells` names the beats for which no proof is found yet by both solvers, each with what was tried: the checks
    go on trying, and pass all the same unless the claim is refuted.
    """

    code: str
    sentence: str
    kind: Kind
    holds: Callable[..., bool] = field(repr=False, eq=False)
    title: str = ""
    on: tuple[type, ...] = ()
    source: str = ""
    prevents: str = ""
    unproved: str = ""
    sample: Callable[[Choices], tuple[Any, ...]] | None = field(default=None, repr=False, eq=False)
    open_cells: Mapping[str, str] = field(factory=dict, eq=False)

    def concerns(self, beat: object) -> bool:
        """Is this claim about beats of that type?"""
        return not self.on or type(beat) in self.on

    @property
    def topic(self) -> str:
        """What it is about: the name of the file where it stands."""
        return self.holds.__module__.rsplit(".", 1)[-1]

    def __call__(self, *arguments: Any) -> bool:
        return self.holds(*arguments)


F = TypeVar("F", bound=Callable[..., bool])


def claim(
    code: str,
    sentence: str,
    *,
    kind: Kind,
    title: str,
    on: tuple[type, ...] = (),
    source: str = "",
    prevents: str = "",
    unproved: str = "",
    sample: Callable[[Choices], tuple[Any, ...]] | None = None,
    open_cells: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Declare the decorated predicate a claim; `claims_of` collects it from its module."""
    if not code or not sentence.endswith("."):
        raise ValueError(f"claim {code!r}: a code and one English sentence with a full stop, please")
    if not 0 < len(title.split()) <= TITLE_WORDS or title.endswith("."):
        raise ValueError(f"claim {code}: a title has one to {TITLE_WORDS} words and no full stop, not {title!r}")
    if (kind is Kind.LAW) != (sample is not None):
        raise ValueError(f"claim {code}: a law needs a sample of its arguments, and nothing else has one")

    def declare(holds: F) -> F:
        declared = Claim(code, sentence, kind, holds, title, on, source, prevents, unproved, sample, open_cells or {})
        holds.__claim__ = declared  # type: ignore[attr-defined]
        return holds

    return declare


def claims_of(*modules: object) -> tuple[Claim, ...]:
    """The claims declared in these modules, in the order in which they stand there."""
    found = tuple(
        value.__claim__
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "__claim__") and value.__module__ == getattr(module, "__name__", "")
    )
    codes = [each.code for each in found]
    for module in modules:
        if not any(each.holds.__module__ == getattr(module, "__name__", "") for each in found):
            raise ValueError(f"{module}: claims nothing")
    if len(set(codes)) != len(codes):
        raise ValueError(f"a code stands twice among {sorted(codes)}")
    return found
