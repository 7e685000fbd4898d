"""Runs on plain integers beside the path that is followed: what every symbol of the path is in them.

A run is a state and a beat.  The symbols of the state are its fields; a row is looked up by its id; a total is
summed, a first row found, by the table that the machine runs on; a symbol that stands for a quotient, a maximum or a
root is computed by Python from what it stands for.  Nothing here comes from the facts of the path, so each of them can
be wrong.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from types import NoneType
from typing import Any, NewType, get_origin

import attrs
from attrs import frozen

from clearspec.core.claims import Kind
from clearspec.core.machine import Machine, Outcome, Rejected
from clearspec.core.table import Id, Table
from clearspec_proofs.executor.arithmetic import on_plain_integers
from clearspec_proofs.executor.forks import Forks
from clearspec_proofs.executor.path import Path, Unnamed
from clearspec_proofs.executor.replay import Exact, Values, concrete, evaluated, holds
from clearspec_proofs.executor.rows import Origin
from clearspec_proofs.executor.tables import Search, SymTable
from clearspec_proofs.logic.terms import Code, Formula, Int, constant_of
from clearspec_proofs.matrix.shapes import same

_PART = re.compile(r"(.+)(?:\.(\w+)|\[(\d+)\])")
FARTHEST = 1 << 200
"""Where a search for the largest number ends that fits, if all do: code that asks for it does not run there."""


@frozen
class Met:
    """A row of a table is known by a name from here on."""

    origin: Origin
    code: Code
    name: str

    @property
    def arbitrary(self) -> bool:
        """Is it found by an id of its own, which nobody has given?"""
        return type(self.code.term) is Int and self.code.term.poly == {(f"{self.name}@id",): 1}


@frozen
class Decided:
    """A condition, and whether it holds on the path."""

    condition: Formula
    choice: bool


@frozen
class Chosen:
    """Which of some cases it is: of a search in a table, or of the types that a field can have."""

    question: Any
    choice: int


Step = Met | Decided | Chosen


class Unanswered(Exception):
    """A run cannot say which case it is."""


class Wanted(Exception):
    """Which row an arbitrary one is has to be said first."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


Rows = Mapping[str, Any]
"""Of arbitrary rows, the id of the row of the run that each is, None for one that is not there; and any numbers."""

ANY = (0, 1, -1, 2, 7, 100, 1_000_003)
"""What is taken for a number that may be any."""

MOST_ROWS = 20_000
"""Combinations of rows that are looked at to say whether all rows of a table meet a predicate."""


class Run(Exact):
    """A state and a beat on plain integers, and the value of each symbol of the path beside which it goes.

    A row of the path that is arbitrary is none of those that the path names: here the one that `with_rows` says, else
    one that is not there.
    """

    def __init__(self, path: "Watched", before: Any, beat: Any) -> None:
        self.before, self.beat = before, beat
        self._path = path
        self._known: dict[Any, list[tuple[Rows, Any]]] = {}
        self._met: dict[str, Met] = {}
        self._found_here: dict[str, int] = {}
        self._bound: dict[str, int] = {}
        self._rows: Rows = {}
        self._asked: Callable[[str], bool] = lambda _: False
        self._touched: set[str] = set()

    # The value of a symbol

    def __getitem__(self, name: str) -> int:
        return self._once(name, self._value)  # type: ignore[no-any-return]

    def get(self, name: str, _: Any = None) -> int:
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._met)

    def __len__(self) -> int:
        return len(self._met)

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def _once(self, key: Any, compute: Callable[[Any], Any]) -> Any:
        """What comes of a computation; the same wherever the arbitrary rows that it has looked at are the same."""
        for rows, value in self._known.get(key, ()):
            if all(self._is(name, row) for name, row in rows.items()):
                self._touched |= rows.keys()
                return value
        around, self._touched = self._touched, set()
        try:
            value = compute(key)
            seen = {name: self._rows.get(name) for name in self._touched}
        finally:
            self._touched |= around
        self._known.setdefault(key, []).append((seen, value))
        return value

    def _is(self, name: str, row: Any) -> bool:
        """Is the arbitrary row this one here?"""
        return self._rows[name] == row if name in self._rows else row is None and not self._asked(name)

    def _value(self, name: str) -> int:
        if name in self._bound:
            return self._bound[name]
        if name in self._found_here:
            return self._found_here[name]
        if name.startswith("@any"):
            return int(self._row(name) or 0)
        if name in self._path.cases:
            return self._type(name.removesuffix("@case"), self._path.cases[name])
        row, _, what = name.rpartition("@")
        if row in self._met and what == "present":
            return int(self._place(row) is not None)
        if row in self._met and what == "id":
            key = self._row(row)
            return constant_of(self._met[row].origin.kind(f"not there: {row}") if key is None else key)
        if "!" in name:
            key = self._path.meaning(name)
            return self._total(name) if key is None else self._computed(key)
        return _number(self._place(name))

    def _place(self, name: str) -> Any:
        if name in ("s", "c"):
            return self.before if name == "s" else self.beat
        return self._once(("place", name), lambda _: self._found_place(name))

    def _found_place(self, name: str) -> Any:
        met = self._met.get(name)
        if met is not None:
            key = self._row(name) if met.arbitrary else self.plain(met.code)
            return None if key is None else self._place(met.origin.name).get(key)
        found = _PART.fullmatch(name)
        if found is None:
            raise Unanswered(f"no symbol of a run: {name}")
        around = self._place(found[1])
        if around is None:
            return None
        return getattr(around, found[2]) if found[2] else around[int(found[3])]

    # Arbitrary rows

    def _row(self, name: str) -> Any:
        """The id of the row of the run that an arbitrary one is; of an arbitrary number, which one."""
        if name not in self._rows and self._asked(name):
            raise Wanted(name)
        self._touched.add(name)
        return self._rows.get(name)

    def with_rows(self, rows: Rows, asked: Callable[[str], bool] = lambda _: False) -> "Run":
        """The same run if the arbitrary rows are these; what is `asked` for and not among them has to be said first."""
        view = self._copy()
        view._known = self._known
        view._rows, view._asked = rows, asked
        return view

    def _copy(self) -> "Run":
        view = Run(self._path, self.before, self.beat)
        view._met, view._found_here, view._bound = self._met, self._found_here, self._bound
        view._rows, view._asked = self._rows, self._asked
        return view

    def falsified(self, f: Formula, most: int) -> "tuple[Rows | None, bool]":
        """Arbitrary rows of which the formula is false, if there are some; and whether all were looked at.

        Each is one of the rows that the path does not name, another one than the others of its table, or not there.
        """
        named = {origin: tuple(origin.codes.values()) for origin in self._path.world.origins}

        def free(name: str, rows: Rows) -> Iterator[Any]:
            if name not in self._met:
                return iter(ANY)
            origin = self._met[name].origin
            same = (row for each, row in rows.items() if each in self._met and self._met[each].origin is origin)
            return self._free(origin, map(self.plain, named[origin]), same)

        return self._search(f, lambda name: "@other" in name or name.startswith("@any"), free, most)

    def _free(self, origin: Origin, named: Iterable[Any], taken: Iterable[Any]) -> Iterator[Any]:
        """The ids of the rows of a table but these; and none."""
        out = {*named, *taken}
        yield from (key for key, _ in self._place(origin.name).rows() if key not in out)
        yield None

    def _search(
        self,
        f: Formula,
        own: Callable[[str], bool],
        free: Callable[[str, Rows], Iterator[Any]],
        most: int,
    ) -> "tuple[Rows | None, bool]":
        around = {name: row for name, row in self._rows.items() if not own(name)}
        left: list[Rows] = [{}]
        looked_at = 0
        while left:
            if looked_at >= most:
                return None, False
            looked_at += 1
            rows = left.pop()
            here = self.with_rows({**around, **rows}, lambda name: own(name) or self._asked(name))
            try:
                false = not holds(f, here)
            except Wanted as wanted:
                if not own(wanted.name):
                    raise
                left += [{**rows, wanted.name: row} for row in free(wanted.name, rows)]
                continue
            finally:
                self._touched |= {name for name in here._touched if not own(name)}
            if false:
                return rows, True
        return None, True

    def whole(self, f: Formula) -> bool:
        """Do all rows of the table meet the predicate of which this is the instance?"""
        return bool(self._once(("every", f.number), lambda _: self._whole(f)))

    def _whole(self, f: Formula) -> bool:
        known = list(self._path.world.wholes.get(f, {}).values())
        if not known:
            return holds(f.parts[0], self)
        origin, inside = known[-1].origin, [each.name for each in known[-1].inside]
        bound = {each.name for each in known[-1].bound}
        codes = self._path.named_at[f.number].get(origin, ())

        def free(_: str, rows: Rows) -> Iterator[Any]:
            return self._free(origin, map(self.plain, codes), [*map(self._row, inside), *rows.values()])

        false, all_of_them = self._search(f.parts[0], bound.__contains__, free, MOST_ROWS)
        if false is None and not all_of_them:
            raise Unanswered("too many rows to say whether all of them meet a predicate")
        return false is None

    def _total(self, name: str) -> int:
        for origin in self._path.world.origins:
            for total in (each for sums in origin.sums.values() for each in sums):
                if total.symbol.poly == {(name,): 1}:
                    seen, group = self.plain(total.seen), {key: self.plain(each) for key, each in total.group.items()}
                    with on_plain_integers():
                        return int(self._place(origin.name).total(total.measure, *seen, **group))
        raise Unanswered(f"no total: {name}")

    def _computed(self, key: Any) -> int:
        kind = key[0]
        if kind == "if":
            return self._term(key[2] if holds(key[1], self) else key[3])
        if kind == "max":
            return max(map(self._term, key[1]))
        if kind == "//":
            divisor = self._term(key[2])
            return self._term(key[1]) // divisor if divisor > 0 else 0
        if kind in ("largest", "smallest"):
            return self._searched(kind == "largest", key[1], key[2])
        raise Unanswered(f"no meaning: {key}")

    def _searched(self, largest: bool, name: str, test: Formula) -> int:
        """The largest number that meets the test, or the smallest from zero on; found by halving, since those below, or
        those above, meet it too."""

        def meets(value: int) -> bool:
            here = self._copy()
            here._bound = {**self._bound, name: value}
            try:
                return holds(test, here) == largest
            finally:
                self._touched |= here._touched

        if not meets(0):
            return last_that(lambda n: not meets(-n)) * -1 - 1 if largest else 0
        return last_that(meets) + (0 if largest else 1)

    def _term(self, term: Any) -> int:
        return term if type(term) is int else evaluated(dict(term), self)

    def plain(self, value: Any) -> Any:
        """What a symbolic value is in this run."""
        return concrete(value, self, lambda table, _: self._table(table))

    def _table(self, table: SymTable) -> Table[Id, Any]:
        """The table as it is in the run, with what the path has changed in it."""
        found: Table[Id, Any] = self._place(table.origin.name)
        for role, row in table.now.items():
            key = self.plain(table.origin.codes[role])
            if row is not None:
                found = found.put(key, self.plain(row))
            elif found.get(key) is not None:
                found = found.drop(key)
        return found

    def led(self, value: Any, values: Values) -> Any:
        """What a symbolic value is if the symbols have these values, while rows that are not named are as they are."""
        return concrete(value, values, lambda table, _: self._replaced(table.origin, values))

    def _replaced(self, origin: Origin, values: Values) -> Table[Id, Any]:
        found: Table[Id, Any] = self._place(origin.name)
        for role, row in origin.rows.items():
            was, key = self.plain(origin.codes[role]), concrete(origin.codes[role], values)
            for each in (was, key):
                found = found.drop(each) if found.get(each) is not None else found
            if row is not None:
                found = found.put(key, concrete(row, values))
        return found

    # The way of the run

    def takes(self, step: Step) -> bool:
        """Does the run go this way, too?"""
        if isinstance(step, Met):
            self._met[step.name] = step
            return True
        if isinstance(step, Decided):
            return holds(step.condition, self) == step.choice
        return self.answer(step.question) == step.choice

    def answer(self, question: Any) -> int:
        """Which of the cases it is here."""
        return self._found(question) if isinstance(question, Search) else self._type(*question)

    def _type(self, name: str, options: tuple[Any, ...]) -> int:
        """Which of these types the field has; any, in a row that is not there."""
        value = self._place(name)
        kinds = [i for i, option in enumerate(options) if type(value) is _class(option)]
        return kinds[0] if kinds else 0

    def _found(self, search: Search) -> int:
        kind, measure, among = search.question
        table, seen = self._table(search.table), self.plain(search.seen)
        group = {name: self.plain(value) for name, value in search.group.items()}
        with on_plain_integers():
            key: Any
            if kind == "first":
                key = table.first(measure, among, *seen, **group)
            else:
                value = table.median(measure, among, *seen, **group)
                rows = ((each, row) for each, row in table.rows() if among(row, *seen) and measure(row) == value)
                key = next((each for each, row in rows if all(getattr(row, n) == v for n, v in group.items())), None)
        if key is None:
            return len(search.candidates) + 1
        codes = [self.plain(self._path.world.codes[role]) for role in search.candidates]
        if key in codes:
            return codes.index(key)
        self._found_here[search.name] = constant_of(key)
        return len(search.candidates)


def last_that(meets: Callable[[int], bool]) -> int:
    """The last number that meets it, if all up to there do; 0 if none is the last."""
    high = 1
    while meets(high):
        high *= 2
        if high > FARTHEST:
            return 0
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if meets(middle) else (low, middle)
    return low


def number_ids(value: Any) -> None:
    """Give each id that occurs a number of its own, so that no other number is taken for it."""
    if isinstance(value, Id):
        constant_of(value)
    elif isinstance(value, Table):
        for key, row in value.rows():
            number_ids(key)
            number_ids(row)
    elif isinstance(value, tuple):
        for each in value:
            number_ids(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            number_ids(getattr(value, field.name))


def _class(option: Any) -> Any:
    while isinstance(option, NewType):
        option = option.__supertype__
    return get_origin(option) or option


def _number(value: Any) -> int:
    """What stands for a value that is one symbol; nothing stands for what is in no row."""
    if isinstance(value, Enum):
        return list(type(value)).index(value)
    if isinstance(value, Id):
        return constant_of(value)
    if isinstance(value, int | NoneType):
        return int(value or 0)
    raise Unanswered(f"no number: {value!r}")


@frozen
class Difference:
    """A run that does something else than the path says."""

    what: str
    before: Any
    beat: Any

    def __str__(self) -> str:
        return f"{self.what}\n{self.before}\n-- {self.beat} -->"


class Noting(Unnamed):
    """Notes of each truth that is about all rows of a table which rows were named when it was made."""

    def __init__(self, path: "Watched") -> None:
        super().__init__()
        self._path = path

    def bind(self, name: str, names: Iterable[str], rows: Iterable[str]) -> None:
        super().bind(name, names, rows)
        kind, _, number = name.partition("!")
        if kind == "every":
            origins = self._path.world.origins
            self._path.named_at[int(number)] = {origin: tuple(origin.codes.values()) for origin in origins}


class Watched(Path):
    """A path beside which runs go, as far as they take it, and which says what it does not follow."""

    def __init__(
        self,
        prefix: tuple[int, ...] = (),
        forks: Forks | None = None,
        *,
        runs: "tuple[tuple[Any, Any], ...]" = (),
        look: "Callable[[Watched, Formula, bool], None]" = lambda *_: None,
        anew: Callable[[], None] = lambda: None,
    ) -> None:
        """`look` is told of what is not followed, and whether it is a fact that is being stated; `anew`, that this is a
        copy now, and what was found so far is for the original to report."""
        super().__init__(prefix, forks)
        self._look, self._anew = look, anew
        self.runs = [Run(self, *each) for each in runs]
        self.left: list[tuple[int, Run]] = []
        self.steps: list[Step] = []
        self.said: list[Formula] = []
        self.nodes: list[tuple[int, bool | None]] = []
        self.differences: list[Difference] = []
        self.cases: dict[str, tuple[Any, ...]] = {}
        self.unnamed = Noting(self)
        self.named_at: dict[int, dict[Origin, tuple[Code, ...]]] = {}
        self._dropped = 0
        self._stating = False
        self._meanings: dict[str, Any] = {}

    def meaning(self, name: str) -> Any:
        """What the symbol of that name was made of; None if it was not made here."""
        if name not in self._meanings:
            self._meanings = {next(iter(value.poly))[0]: key for key, value in self.definitions()}  # type: ignore[union-attr]
        return self._meanings.get(name)

    def _go(self, step: Step) -> None:
        self.steps.append(step)
        kept = [run for run in self.runs if run.takes(step)]
        if len(kept) < len(self.runs):
            self.left += [(len(self.steps), run) for run in self.runs if run not in kept]
        self.runs = kept

    def met(self, origin: Any, code: Any, name: str) -> None:
        self._go(Met(origin, code, name))

    def parted(self, case: str, options: tuple[Any, ...]) -> None:
        self.cases[case] = options

    def choose(self, options: int, question: Any = None) -> int:
        choice = super().choose(options)
        self.nodes.append((options, False))
        self._go(Chosen(question, choice))
        return choice

    def state(self, fact: Formula) -> None:
        self._stating = True
        super().state(fact)
        self._stating = False
        self.said.append(fact)

    def decide(self, f: Formula) -> bool:
        depth, dropped = len(self.decisions), self._dropped
        choice = super().decide(f)
        if len(self.decisions) > depth:
            self.nodes.append((2, None if depth < len(self.prefix) else self._dropped > dropped))
        self._go(Decided(f, choice))
        return choice

    def excluded(self, f: Formula) -> None:
        self._dropped += 1
        for run in self.runs:
            if holds(f, run):
                self.differ(f"a run meets what is not followed: {f}"[:500], run)
        self._look(self, f, self._stating)

    def differ(self, what: str, run: Run) -> None:
        """A run does something else than the path says."""
        self.differences.append(Difference(what, run.before, run.beat))

    def _is_here(self, others: Any) -> bool:
        process = os.getpid()
        here = super()._is_here(others)
        if os.getpid() != process:
            self.differences = []
            self._anew()
        return here

    def nearest(self, most: int) -> "Iterator[tuple[Run, Formula | None]]":
        """The runs that went along farthest, and the condition at which they took another way."""
        for number, run in sorted(self.left, key=lambda left: left[0])[: -most - 1 : -1]:
            step = self.steps[number - 1]
            for later in self.steps[number:]:
                with suppress(Exception):  # it is on another way: what it would find here may make no sense
                    if not isinstance(later, Decided):
                        run.takes(later)
            yield run, step.condition if isinstance(step, Decided) else None

    def welcome(self, before: Any, beat: Any) -> None:
        """A run that was found since this path began goes beside it, as far as it takes it."""
        number_ids((before, beat))
        run = Run(self, before, beat)
        with suppress(Exception):  # it is on another way: not each symbol has a value there
            for number, step in enumerate(self.steps, 1):
                if not run.takes(step):
                    self.left.append((number, run))
                    return
            self.runs.append(run)

    def joined(self, before: Any, beat: Any) -> Run | None:
        """The run that starts so, if it takes this path."""
        number_ids((before, beat))
        run = Run(self, before, beat)
        return run if all(run.takes(step) for step in self.steps) else None


def compared(machine: Machine[Any], run: Run, path: Watched, before: Any, beat: Any, ending: str, outcome: Any) -> str:
    """What is different, in the run, from what the path says; "" if nothing is."""
    if not same(run.plain(before), run.before) or not same(run.plain(beat), run.beat):
        return f"the path starts elsewhere: {run.plain(before)}, {run.plain(beat)}"
    for fact in path.said:
        if not holds(fact, run):
            return f"a fact of the path is false: {fact}"[:2_000]
    happened: Outcome[Any] | Exception
    with on_plain_integers():
        try:
            happened = machine.spec.beat(run.before, run.beat)
        except Exception as error:
            happened = error
    if isinstance(happened, Exception):
        return "" if ending == "crash" else f"the run raises {happened!r}, and the path does not"
    if ending == "crash" and type(run.beat) not in machine.spec.commands and isinstance(happened, Rejected):
        return ""
    if ending == "crash":
        return "the path raises an exception, and the run does not"
    said = run.plain(outcome)
    return "" if same(said, happened) else f"the path says {said}, and the run {happened}"


def witnesses(machine: Machine[Any], before: Any, beat: Any) -> bool:
    """May the machine be in this state, as far as its claims say, and run this beat next?"""
    with on_plain_integers():
        due = machine.spec.due(before)
        if not (same(due, beat) if due is not None else type(beat) in machine.spec.commands):
            return False
        return states_hold(machine, before)


def states_hold(machine: Machine[Any], state: Any) -> bool:
    """Do all claims on states hold of this one?"""
    return all(_true(claim, state) for claim in machine.spec.claims if claim.kind is Kind.STATE and not claim.unproved)


def _true(claim: Any, *arguments: Any) -> bool:
    try:
        return bool(claim(*arguments))
    except Exception:
        return False
