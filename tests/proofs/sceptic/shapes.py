"""The state after a beat is of another shape than the one before, or the matrix leaves out what can happen."""

from enum import Enum

from attrs import evolve, field, frozen

from clearspec.core.claims import Claim, Kind
from clearspec.core.machine import Accepted, Rejected, fixed, per
from clearspec.core.table import Id, Table
from sceptic.stated import Stated, false, true
from sceptic.worlds import Reason

STATE = {"kind": Kind.STATE}


class AccountId(Id): ...


class OtherId(Id): ...


Side = Enum("Side", "LONG SHORT")
Colour = Enum("Colour", "RED GREEN BLUE")


@frozen
class Do:
    amount: int


@frozen
class Other:
    amount: int


@frozen
class Unheard:
    """A beat that stands in no list."""


@frozen
class Slot:
    """Empty."""


@frozen
class Full(Slot):
    amount: int


@frozen
class Row:
    cash: int


@frozen
class RichRow(Row):
    more: int


@frozen
class Inner:
    entries: tuple[int, ...]


@frozen
class Settings:
    mode: int = fixed()
    other: int = 0


@frozen
class State:
    lost: int = 0
    waiting: bool = False


def lose(state, command):
    """Loses at once."""
    return Accepted(evolve(state, lost=1))


def nothing(state, _):
    """Does nothing."""
    return Accepted(state)


def is_lost(state):
    return state.lost == 0


# Tuples of another length


@frozen
class Log:
    entries: tuple[int, ...]
    lost: int = 0


def note(state, command):
    return Accepted(evolve(state, entries=(*state.entries, command.amount)))


LENGTH = "length|tuple|long|shape"


@false(rule=note, initial=Log(()), start=Log(()), run=(Do(1), Do(2)), says=LENGTH, **STATE)
def not_more_than_one_entry(state):
    return len(state.entries) <= 1


def forget(state, command):
    if len(state.entries) < 2:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, entries=state.entries[1:]))


@false(rule=forget, initial=Log((1, 2)), start=Log((1, 2)), run=(Do(1), Do(2)), says=LENGTH, **STATE)
def a_tuple_that_shrinks(state):
    return state.lost == 0


@frozen
class Nested:
    inner: Inner
    lost: int = 0


def note_inside(state, command):
    if len(state.inner.entries) > 1:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, inner=Inner((*state.inner.entries, command.amount))))


@false(
    rule=note_inside,
    initial=Nested(Inner((1,))),
    start=Nested(Inner((1,))),
    run=(Do(1), Do(2)),
    says=LENGTH,
    **STATE,
)
def a_tuple_inside_that_grows(state):
    return state.lost == 0


def once_or_twice(state, command):
    """Grows only for a command that is seldom sent."""
    if len(state.entries) > 1:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, entries=state.entries * 2) if command.amount == 777 else state)


@false(rule=once_or_twice, initial=Log((1,)), start=Log((1,)), run=(Do(1), Do(777), Do(1)), says=LENGTH, **STATE)
def a_tuple_that_seldom_grows(state):
    return state.lost == 0


@false(rule=nothing, initial=Log((1,)), start=Log((1, 2)), run=(Do(1),), says=LENGTH, prints=LENGTH)
def a_variant_with_a_longer_tuple(before, _, after):
    return len(after.state.entries) == 1


@frozen
class Wide:
    entries: tuple[int, ...] = per("assets")
    lost: int = 0


def note_wide(state, command):
    if len(state.entries) > 2:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, entries=(*state.entries, command.amount)))


@false(
    rule=note_wide,
    initial=Wide((1, 2)),
    start=Wide((1, 2)),
    run=(Do(1), Do(2)),
    says=LENGTH,
    **STATE,
)
def a_place_more_than_the_shape_has(state):
    return state.lost == 0


# Fixed values that change, or are others elsewhere


@frozen
class Mode:
    mode: int = fixed()
    lost: int = 0


def by_mode(state, command):
    return Accepted(evolve(state, lost=1) if state.mode == 1 else evolve(state, mode=1))


@false(rule=by_mode, initial=Mode(0), start=Mode(0), run=(Do(1), Do(1)), says="fixed|mode", **STATE)
def a_fixed_value_that_changes(state):
    return state.lost == 0


@frozen
class Set:
    settings: Settings
    lost: int = 0


def by_settings(state, command):
    if state.settings.mode == 2:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, settings=Settings(2 if command.amount == 777 else 0, command.amount)))


@false(
    rule=by_settings,
    initial=Set(Settings(0)),
    start=Set(Settings(0)),
    run=(Do(1), Do(777), Do(1)),
    says="fixed|mode",
    **STATE,
)
def a_fixed_value_that_seldom_changes(state):
    return state.lost == 0


def lose_in_mode(state, command):
    return Accepted(evolve(state, lost=1) if state.mode == 1 else state)


@false(
    rule=lose_in_mode,
    initial=Mode(0),
    start=Mode(1),
    run=(Do(1),),
    says="fixed|mode",
    prints="bound='[^']*mode",
    **STATE,
)
def a_fixed_value_that_is_another_in_a_variant(state):
    return state.lost == 0


def lose_in_settings(state, command):
    return Accepted(evolve(state, lost=1) if state.settings.mode == 1 else state)


@false(
    rule=lose_in_settings,
    initial=Set(Settings(0)),
    start=Set(Settings(1)),
    run=(Do(1),),
    says="fixed|mode",
    prints="bound='[^']*mode",
    **STATE,
)
def a_fixed_value_inside_that_is_another_in_a_variant(state):
    return state.lost == 0


# Classes that are not those of the fields


@frozen
class Slots:
    slot: Slot = Slot()
    lost: int = 0


CLASS = "supposed|class|type|kind|shape|declared|Full|Rich|Side|Colour|bool|int|None|Other|Table|Named"


def fill(state, command):
    if isinstance(state.slot, Full):
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, slot=Full(command.amount)))


@false(rule=fill, initial=Slots(), start=Slots(), run=(Do(1), Do(2)), says=CLASS, **STATE)
def a_subclass_in_a_field(state):
    return state.lost == 0


@frozen
class Holder:
    rows: Table[AccountId, Row] = field(factory=Table)
    side: Side = Side.LONG
    flag: bool = False
    number: int = 0
    owner: AccountId = AccountId("a")
    lost: int = 0


HOLDER = {"initial": Holder(), "start": Holder(), "run": (Do(1), Do(2)), "says": CLASS, **STATE}


def put_rich(state, command):
    key = AccountId("a")
    row = state.rows.get(key)
    if row is not None and isinstance(row, RichRow):
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, rows=state.rows.put(key, RichRow(1, 2))))


@false(rule=put_rich, **HOLDER)
def a_subclass_in_a_row(state):
    return state.lost == 0


def put_other(state, command):
    key = AccountId("a")
    row = state.rows.get(key)
    if row is not None and type(row) is Slot:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, rows=state.rows.put(key, Slot())))


@false(rule=put_other, **HOLDER)
def another_class_in_a_row(state):
    return state.lost == 0


def paint(state, command):
    if state.side == Colour.GREEN:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, side=Colour.GREEN))


@false(rule=paint, **HOLDER)
def an_enum_of_another_kind(state):
    return state.lost == 0


def count_flag(state, command):
    if state.flag + 0 == 2:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, flag=2))


@false(rule=count_flag, **HOLDER)
def a_number_in_a_field_of_truth(state):
    return state.lost == 0


def no_number(state, command):
    if state.number is None:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, number=None))


@false(rule=no_number, **HOLDER)
def none_in_a_field_of_numbers(state):
    return state.lost == 0


def other_owner(state, command):
    if type(state.owner) is OtherId:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, owner=OtherId("a")))


@false(rule=other_owner, **HOLDER)
def an_id_of_another_kind(state):
    return state.lost == 0


def real_number(state, command):
    if state.number == 0.5:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, number=0.5))


@false(rule=real_number, **HOLDER)
def a_real_number_in_a_field_of_integers(state):
    return state.lost == 0


@frozen
class TwoTables:
    rows: Table[AccountId, Row] = field(factory=Table)
    slots: Table[AccountId, Slot] = field(factory=Table)
    lost: int = 0


def swap_tables(state, command):
    row = state.rows.get(AccountId("a"))
    if row is not None and type(row) is Slot:
        return Accepted(evolve(state, lost=1))
    return Accepted(evolve(state, rows=state.slots.put(AccountId("a"), Slot()), slots=state.rows))


@false(rule=swap_tables, **{**HOLDER, "initial": TwoTables(), "start": TwoTables()})
def a_table_of_another_field(state):
    return state.lost == 0


@frozen
class Twins:
    here: Table[AccountId, Row] = field(factory=Table)
    there: Table[AccountId, Row] = field(factory=Table)
    lost: int = 0


TWINS = Twins(Table({AccountId("a"): Row(1)}), Table({AccountId("a"): Row(2)}))


def swap_twins(state, command):
    return Accepted(evolve(state, here=state.there, there=state.here))


@false(rule=swap_twins, initial=Twins(), start=TWINS, run=(Do(1),))
def tables_that_are_swapped_stay(before, _, after):
    key = AccountId("a")
    return after.state.here.get(key) == before.here.get(key)


def new_table(state, command):
    return Accepted(evolve(state, here=Table({AccountId("a"): Row(command.amount)})))


@false(rule=new_table, initial=Twins(), start=TWINS, run=(Do(5),), says="Table|table|concrete")
def a_table_that_is_made_anew_is_the_old_one(before, _, after):
    key = AccountId("a")
    return after.state.here.get(key) == before.here.get(key)


@frozen
class Bigger(State):
    more: int = 0


def another_state(state, command):
    if type(state) is Bigger:
        return Accepted(evolve(state, lost=1))
    return Accepted(Bigger(0, False, 3))


@false(rule=another_state, initial=State(), start=State(), run=(Do(1), Do(1)), says=CLASS + "|Bigger|State", **STATE)
def a_state_of_another_class(state):
    return state.lost == 0


@false(rule=another_state, initial=State(), start=Bigger(), run=(Do(1),), says=CLASS + "|Bigger|State", **STATE)
def a_variant_of_another_class(state):
    return state.lost == 0


# What is due, and stands in no list or in two


def ask(state, beat):
    if type(beat) is Do:
        return Accepted(evolve(state, waiting=True))
    return Accepted(evolve(state, waiting=False, lost=1))


def due(state):
    return Unheard() if state.waiting else None


PLAIN = {"rule": ask, "initial": State(), "start": State(), "run": (Do(1),), **STATE}
LISTS = "beat|due|command|list"


@false(**PLAIN, due=due, beat="", says=LISTS)
def what_is_due_stands_in_no_list(state):
    return state.lost == 0


def due_seldom(state):
    return Unheard() if state.lost == 7 else None


def lose_seven(state, beat):
    if type(beat) is Do:
        return Accepted(evolve(state, lost=7 if command_of(beat) == 777 else 0))
    return Accepted(evolve(state, lost=1))


def command_of(beat):
    return beat.amount


@false(
    rule=lose_seven, initial=State(), start=State(), run=(Do(1), Do(777)), due=due_seldom, beat="", says=LISTS, **STATE
)
def what_is_seldom_due_stands_in_no_list(state):
    return state.lost != 1


@frozen
class Heard:
    """A beat that stands in the list of beats."""


@frozen
class HeardToo(Heard):
    """A beat of a class under it."""


def due_of_a_subclass(state):
    return HeardToo() if state.waiting else None


@false(**PLAIN, due=due_of_a_subclass, beats=(Heard,), beat="", says=LISTS)
def what_is_due_is_of_a_class_under_one_of_the_list(state):
    return state.lost == 0


def due_command(state):
    return Other(0) if state.waiting else None


@false(**PLAIN, due=due_command, beats=(Other,), commands=(Do, Other), beat="", says=LISTS)
def what_is_due_is_a_command_too(state):
    return state.lost == 0


@false(**PLAIN, due=due_command, commands=(Do, Other), beat="", says=LISTS)
def what_is_due_is_a_command_alone(state):
    return state.lost == 0


def claim_of(code, kind, holds, **of):
    return Claim(code, "A theorem.", kind, holds, **of)


def never(*_):
    return False


def always(*_):
    return True


# Claims that are of nothing, or of one name


HEARD = {"due": lambda state: Heard() if state.waiting else None, "beats": (Heard,)}
ON = "on|beat|command|code|name|twice|claim"


def stated(name, **of):
    """A machine that cannot be made, or whose claim has no cell."""
    return Stated(False, never, {**PLAIN, "name": name, "beat": "", "says": ON, **of})


MATRIX = [
    stated("a_step_of_no_beat", claims=(claim_of("X", Kind.STEP, never, on=(Unheard,)),), code="X", due=due),
    stated("an_outcome_of_no_command", claims=(claim_of("X", Kind.OUTCOME, never, on=(Unheard,)),), code="X", due=due),
    stated("an_outcome_of_a_beat", claims=(claim_of("X", Kind.OUTCOME, never, on=(Heard,)),), code="X", **HEARD),
    stated(
        "a_step_of_a_class_under",
        claims=(claim_of("X", Kind.STEP, never, on=(HeardToo,)),),
        code="X",
        due=due_of_a_subclass,
        beats=(Heard,),
    ),
    stated("a_step_of_a_class_above", claims=(claim_of("X", Kind.STEP, never, on=(object,)),), code="X", empty=True),
    stated(
        "a_step_of_a_beat_and_of_none",
        claims=(claim_of("X", Kind.STEP, never, on=(Do, Unheard)),),
        code="X",
    ),
    stated(
        "two_claims_of_one_code",
        claims=(claim_of("X", Kind.STEP, never), claim_of("X", Kind.STEP, always)),
        code="X",
    ),
    stated(
        "two_claims_of_one_code_and_two_kinds",
        claims=(claim_of("X", Kind.STEP, never), claim_of("X", Kind.STATE, is_lost)),
        code="X",
    ),
    stated(
        "three_claims_two_of_one_code",
        claims=(claim_of("X", Kind.STEP, never), claim_of("Y", Kind.STEP, always), claim_of("X", Kind.STEP, always)),
        code="X",
    ),
    stated("a_claim_called_no_crash", claims=(claim_of("no-crash", Kind.STEP, never),), code="no-crash", says=""),
]
"""A step claim of a beat that occurs is false: it is `never`; so is each claim that has no cell."""


class Spot:
    """One module with a command, as it were."""

    @frozen
    class Open:
        amount: int


class Perp:
    """Another, with a command of the same name."""

    @frozen
    class Open:
        amount: int


def by_class(state, command):
    return Accepted(evolve(state, lost=1) if type(command) is Spot.Open else state)


def two_names(name, first, second, **of):
    """The machine with two beats of one name."""
    more = {"rule": by_class, "initial": State(), "start": State(), "run": (first(1),), "says": ON, **STATE, **of}
    return Stated(False, is_lost, {"name": name, "commands": (first, second), "beat": "", **more})


NAMES = [
    two_names("two_commands_of_one_name", Spot.Open, Perp.Open),
    two_names("a_command_and_a_beat_of_one_name", Spot.Open, Do, beats=(Perp.Open,)),
    two_names("a_command_that_is_listed_twice", Spot.Open, Spot.Open),
]


# The last word on a command


def conclude_lost(state, command, accepted):
    return Accepted(evolve(accepted.state, lost=1))


def conclude_seldom(state, command, accepted):
    return Accepted(evolve(accepted.state, lost=1)) if command.amount == 777 else accepted


def conclude_before(state, command, accepted):
    """Gives back the state before, with the events of what was done."""
    return Accepted(evolve(state, lost=state.lost + 1), accepted.events)


CONCLUDED = {"rule": nothing, "initial": State(), "start": State(), "run": (Do(777),), "beat": "", "says": "conclude"}


@false(**CONCLUDED, conclude=conclude_lost, **STATE)
def a_last_word_that_loses(state):
    return state.lost == 0


@false(**CONCLUDED, conclude=conclude_seldom, **STATE)
def a_last_word_that_seldom_loses(state):
    return state.lost == 0


@false(**CONCLUDED, conclude=conclude_before, **STATE)
def a_last_word_of_the_state_before(state):
    return state.lost == 0


# Laws of one length


def law(run, sample, **of):
    """A law, the arguments that break it, and its sample."""
    more = {"kind": Kind.LAW, "run": run, "commands": (Do,), "beat": "law", "generate": lambda *_: Do(1)}
    sizes = "length|long|entries|parts|tuple|sample"
    return {"rule": nothing, "initial": State(), "start": State(), "sample": sample, **more, "says": sizes, **of}


LONG = "bound='[^']+'"


@false(**law((((1, 2),),), lambda choices: ((1,),), prints=LONG))
def parts_are_one(parts: tuple[int, ...]) -> bool:
    return len(parts) == 1


def one_or_two(choices):
    """Of two lengths, first of two; that one is so large a number is met by no sample."""
    return ((choices.integer(0, 9),) * choices.pick((1, 2)),)


@false(**law((((12_345,),),), one_or_two))
def no_single_one_is_that_number(parts: tuple[int, ...]) -> bool:
    return len(parts) == 2 or parts[0] != 12_345


@false(**law((((1, 2, 3),),), lambda choices: ((1, 2),), prints=LONG))
def the_first_two_make_the_sum(parts: tuple[int, ...]) -> bool:
    return sum(parts) == parts[0] + parts[1]


@false(**law(((Inner((1, 2)),),), lambda choices: (Inner((1,)),), prints=LONG))
def inner_parts_are_one(inner: Inner) -> bool:
    return len(inner.entries) == 1


@false(**law((((), 0),), lambda choices: ((1,), 2), prints=LONG))
def parts_are_never_none(parts: tuple[int, ...], other: int) -> bool:
    return len(parts) > 0


@false(**law(((Settings(5),),), lambda choices: (Settings(3),), prints="bound='[^']*mode"))
def the_mode_is_three(settings: Settings) -> bool:
    return settings.mode == 3


# A proof that rests on what is refuted


def never_two(state):
    return state.lost < 2


def add_one(state, command):
    return Accepted(evolve(state, lost=state.lost + 1))


@false(
    rule=add_one,
    initial=State(),
    start=State(),
    run=(Do(1), Do(1), Do(1)),
    given=(never_two,),
    only=True,
    unheld=True,
    prints="never_two",
    says="never_two",
)
def two_at_most_after(before, _, after):
    return after.state.lost <= 2


# True ones


@true(rule=nothing, initial=Log((1, 2)), start=Log((3, 4)), run=(Do(1),))
def a_tuple_of_the_same_length(before, _, after):
    return len(after.state.entries) == len(before.entries)


def turn(state, command):
    return Accepted(evolve(state, entries=(*state.entries[1:], state.entries[0])))


@true(rule=turn, initial=Log((1, 2)), start=Log((3, 4)), run=(Do(1),))
def a_tuple_that_is_turned(before, _, after):
    return sum(after.state.entries) == sum(before.entries)


@true(rule=lose_in_mode, initial=Mode(0), start=Mode(0), run=(Do(1),), **STATE)
def a_fixed_value_that_stays(state):
    return state.lost == 0 or state.mode == 1


@frozen
class Either:
    what: Slot | Row | None = None
    lost: int = 0


def switch(state, command):
    what = Row(command.amount) if state.what is None else Slot() if type(state.what) is Row else None
    return Accepted(evolve(state, what=what))


@true(rule=switch, initial=Either(), start=Either(), run=(Do(1), Do(2), Do(3)))
def a_field_of_several_classes(before, _, after):
    return (before.what is None) == (type(after.state.what) is Row)


def answer(state, beat):
    if type(beat) is Do:
        return Accepted(evolve(state, waiting=True))
    return Accepted(evolve(state, waiting=False))


@true(rule=answer, initial=State(), start=State(), run=(Do(1),), beat="Heard", **STATE, **HEARD)
def what_is_due_stands_in_the_list(state):
    return state.lost == 0


@true(rule=swap_twins, initial=Twins(), start=TWINS, run=(Do(1),))
def tables_that_are_swapped(before, _, after):
    key = AccountId("a")
    return after.state.here.get(key) == before.there.get(key)


def conclude_rejects(state, command, accepted):
    return Rejected(Reason.NO) if command.amount > 5 else accepted


@true(rule=nothing, initial=State(), start=State(), run=(Do(1),), conclude=conclude_rejects, **STATE)
def a_last_word_that_rejects(state):
    return state.lost == 0


@true(**law((((1, 2),),), lambda choices: ((1, 2),)))
def a_sum_in_another_order(parts: tuple[int, ...]) -> bool:
    return sum(parts) == sum(parts[::-1])
