"""From what the files of traps state to theorems."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from clearspec.core.claims import Claim, Kind
from sceptic import crashes, crowded, names, python, rows, shapes, unfrozen, witnesses
from sceptic.stated import Holds, Stated
from sceptic.texts import module_of
from sceptic.theorem import Theorem
from sceptic.worlds import EMPTY, MIXED, Reason, Touch, touch


def theorems(module: ModuleType, is_true: bool) -> Iterator[Theorem]:
    """All that a module states, one by one and in lists."""
    for value in vars(module).values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Stated) and each.is_true == is_true:
                yield theorem(each.holds, **each.of)


def theorem(
    holds: Holds,
    *,
    name: str = "",
    rule: Any = touch,
    initial: Any = EMPTY,
    start: Any = MIXED,
    run: tuple[Any, ...] = (Touch(),),
    beat: str | None = None,
    kind: Kind = Kind.STEP,
    given: tuple[Holds, ...] = (),
    also: tuple[Claim, ...] = (),
    code: str = "",
    says: str = "",
    prints: str = "",
    only: bool = False,
    unheld: bool = False,
    empty: bool = False,
    sample: Any = None,
    **parts: Any,
) -> Theorem:
    """The theorem that a claim holds of a rule, after the last beat of a run, where all that is given holds before.

    With a code it is that one of the given which is claimed.
    """
    name = name or holds.__name__
    claims = [Claim(code_of(each), "A hypothesis.", Kind.STATE, each) for each in given]
    claims.append(Claim(name, "A theorem.", kind, holds, sample=sample))
    whole = {
        "name": "sceptic",
        "initial": initial,
        "variants": {"start": start},
        "beat": rule,
        "commands": tuple({type(each): None for each in run}),
        "reasons": Reason,
        "claims": (*claims, *also),
        "generate": lambda _, choices: choices.pick(run),
        **parts,
    }
    beat = type(run[-1]).__name__ if beat is None else beat
    return Theorem(name, whole, code or name, beat, start, run, says, prints, only, unheld, empty)


def code_of(holds: Holds) -> str:
    """The code of a hypothesis."""
    return holds.__name__


def all_theorems(is_true: bool) -> Iterator[tuple[str, Theorem]]:
    """Every theorem, with the file in which it stands."""
    for module in (rows, witnesses, crowded, crashes, shapes, unfrozen):
        yield from ((module.__name__.split(".")[-1], each) for each in theorems(module, is_true))
    yield from (("names", each) for each in _of_names(is_true))
    yield from (("python", each) for each in _of_python(is_true))


def _of_python(is_true: bool) -> Iterator[Theorem]:
    traps = {name: (*of, "") for name, of in python.TRUE.items()} if is_true else python.FALSE
    for name, (body, command, says) in traps.items():
        written = command if isinstance(command, str) else ""
        module = module_of(name, python.text_of(name, body, written))
        beats = (eval(f"Do({written})", vars(module)),) * (1 if written else int(command))
        yield theorem(
            module.nothing_is_lost,
            name=name,
            rule=module.rule,
            initial=module.EMPTY,
            start=module.START,
            run=beats,
            kind=Kind.STATE,
            reasons=module.Reason,
            says=says,
        )


def _of_names(is_true: bool) -> Iterator[Theorem]:
    for field in names.OF_ROWS:
        yield from _of_rows(field, is_true)
    for field in ("case", "id", "present", "cash"):
        yield from _of_unions(field, is_true)
    for parameter in names.OF_PARAMETERS:
        yield from _of_laws(parameter, is_true)


def _of_rows(field: str, is_true: bool) -> Iterator[Theorem]:
    """A field that holds an id, and one that holds a truth value."""
    of = module_of(field, names.ROWS.replace("NAME", field).replace("KIND", "AccountId"))
    lying = of.State(of.Table({of.A: of.Row(of.B, 0)}), 0)
    common = {"rule": of.rule, "initial": of.EMPTY, "run": (of.Audit(),), "reasons": of.Reason}
    if is_true:
        yield theorem(of.each_that_does_goes_on_to, name=f"an_id_called_{field}", start=lying, says=NAMED, **common)
        return
    yield theorem(of.each_carries_its_key, name=f"an_id_called_{field}", start=lying, says=NAMED, **common)
    of = module_of(field, names.ROWS.replace("NAME", field).replace("KIND", "bool"))
    yield theorem(
        of.nothing_is_lost,
        name=f"a_truth_value_called_{field}",
        rule=of.rule,
        initial=of.EMPTY,
        start=of.State(of.Table({of.B: of.Row(True, 0)}), 0),
        run=(of.Invite(of.A), of.Pay(of.A)),
        kind=Kind.STATE,
        reasons=of.Reason,
        says=NAMED,
    )


def _of_unions(field: str, is_true: bool) -> Iterator[Theorem]:
    of = module_of(field, names.UNION.replace("NAME", field))
    true = (of.every_row_is_one_of_the_two,)
    false = (of.a_perp_of_the_state_has_one, of.every_perp_has_some, of.every_perp_has_none_or_more)
    for each in true if is_true else false:
        yield theorem(
            each,
            name=f"{each.__name__}_{field}",
            rule=of.rule,
            initial=of.EMPTY,
            start=of.START,
            run=(of.Audit(),),
            reasons=of.Reason,
            says=NAMED,
        )


def _of_laws(parameter: str, is_true: bool) -> Iterator[Theorem]:
    of = module_of(parameter, names.LAW.replace("NAME", parameter))
    true = ((of.is_the_most_that_fits, (3,)), (of.one_more_covers, (3,)))
    false = (
        (of.fits_its_successor, (3,)),
        (of.covers_its_successor, (3,)),
        (of.fits_the_larger, (5, 3)),
        (of.halves_are_whole, (1, 1)),
    )
    for law, arguments in true if is_true else false:
        yield theorem(
            law,
            name=f"{law.__name__}_{parameter}",
            rule=of.rule,
            initial=of.EMPTY,
            start=of.EMPTY,
            run=(arguments,),
            beat="law",
            kind=Kind.LAW,
            also=(Claim("ends", "A law.", Kind.LAW, of.ends, sample=lambda _: (1,)),),
            sample=lambda _, arguments=arguments: arguments,
            commands=(of.Audit,),
            generate=lambda *_: of.Audit(),
            reasons=of.Reason,
            says=NAMED,
        )


NAMED = "name|field|parameter"
"""What the line says where a name is refused."""
