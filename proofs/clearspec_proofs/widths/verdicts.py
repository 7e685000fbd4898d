"""What comes of following all beats: which stored integers are kept in their range, and how wide operations are."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from attrs import frozen

from clearspec.core.limits import Range
from clearspec.core.machine import Machine
from clearspec_proofs.widths.bounds import OPEN, UNBOUNDED, Bounds, bits_of, hull, verdict_of
from clearspec_proofs.widths.places import Place
from clearspec_proofs.widths.ranges import outside
from clearspec_proofs.widths.widths import NOT_ASKED, NOT_SHOWN, ONE_SOLVER, Beat


@frozen
class Field:
    """A stored integer, or a total: its range, and which beats are not known to keep it in there, and why.

    Of those that it is `open` by nothing is known: there was no time for them.
    """

    place: str
    range: Range | None
    verdict: str
    not_kept: Mapping[str, str]
    excuse: str | None = None
    open_by: tuple[str, ...] = ()

    @property
    def bits(self) -> int | None:
        """What its range takes."""
        return None if self.range is None else bits_of(self.range)


@frozen
class Operation:
    """An operation of the rules: bounds of its result over all paths of all beats, and in which beats it is done."""

    place: Place
    bounds: Bounds
    verdict: str
    beats: tuple[str, ...]

    @property
    def bits(self) -> int | None:
        """What it takes, sign apart."""
        return bits_of(self.bounds)


KEPT, KEPT_BY_ONE, NOT_KEPT = "kept", "one-solver", "not kept"


def fields(
    machine: Machine[Any], beats: Collection[Beat], may_change: Callable[[str, str], bool] = lambda *_: True
) -> list[Field]:
    """What is known of each stored integer; nothing is said of one that some beat may still change unseen.

    A beat that was not followed to its end may change whatever `may_change` says of its name and a place.
    """
    initial = dict(outside(machine, machine.spec.initial))
    names = sorted(set().union(*(beat.places for beat in beats)) | {total.place for total in machine.limits.totals})
    kinds = {kind.__name__ for kind in machine.spec.commands}
    checked = {total.place for total in machine.limits.totals}
    followed = {beat.name for beat in beats if beat.finished}
    missing = [kind.__name__ for kind in (*machine.spec.commands, *machine.spec.beats) if kind.__name__ not in followed]
    found = []
    for name in names:
        if name.partition(".")[0] in kinds or name.startswith("parameters."):
            continue
        range_ = machine.limits.of(name)
        if range_ is None and name.startswith("total."):
            continue
        marks = {beat.name: beat.stored[name] for beat in beats if name in beat.stored}
        wrong = {beat: mark.reason for beat, mark in marks.items() if mark.verdict == NOT_SHOWN}
        if name in initial:
            wrong["initial"] = f"{initial[name]} is outside"
        if name.startswith("total.") and name not in checked:
            wrong = {"": "supposed"}
        unseen = [beat for beat in missing if may_change(beat, name)]
        unasked = [beat for beat, mark in marks.items() if mark.verdict == NOT_ASKED]
        open_by = tuple(dict.fromkeys((*unseen, *unasked)))
        verdict = KEPT
        if range_ is None:
            verdict = UNBOUNDED
        elif wrong:
            verdict = NOT_KEPT
        elif open_by:
            verdict = OPEN
        elif any(mark.verdict == ONE_SOLVER for mark in marks.values()):
            verdict = KEPT_BY_ONE
        found.append(Field(name, range_, verdict, wrong, machine.limits.excuse(name), open_by))
    return found


def operations(beats: Collection[Beat], unseen: Callable[[Place], bool] = lambda _: False) -> list[Operation]:
    """What is known of each operation; `unseen` says that one may be done on a path that was not followed."""
    found: dict[Place, Bounds] = {}
    where: dict[Place, list[str]] = {}
    for beat in beats:
        for place, bounds in beat.computed.items():
            found[place] = hull(found[place], bounds) if place in found else bounds
            where.setdefault(place, []).append(beat.name)
    return [
        Operation(place, bounds, OPEN if unseen(place) else verdict_of(bounds), tuple(where[place]))
        for place, bounds in sorted(found.items(), key=lambda each: (each[0].file, each[0].line, each[0].text))
    ]
