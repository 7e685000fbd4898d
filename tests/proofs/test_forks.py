"""Copies of the process, one for each path that branches off, report what following each path again would report."""

import os
from collections import Counter
from collections.abc import Callable
from itertools import count
from time import monotonic, sleep
from typing import Any

import pytest

from clearspec_proofs.executor.forks import Forks
from clearspec_proofs.executor.primitives import patched
from clearspec_proofs.matrix.matrix import Cell
from clearspec_proofs.matrix.prover import Prover, Report
from clearspec_proofs.matrix.sharing import shared


def never() -> bool:
    return False


def always() -> bool:
    return True


def followed(machine: Any, beat: str, one: Callable[[Prover, Any, Any], list[Report]]) -> list[Report]:
    """The reports of all paths of a beat, with what is left of each."""
    kind = next(each for each in machine.spec.commands if each.__name__ == beat)
    prover, left, reports = Prover(machine, None, 10, [kind]), [()], []
    try:
        with patched(machine):
            while left:
                for report in one(prover, kind, left.pop()):
                    reports.append(report)
                    left.extend(report.alternatives)
    finally:
        prover.stop()
    return reports


def counted(reports: list[Report]) -> Counter[Any]:
    """How paths ended and what was found on each; what was left to others is no ending."""
    return Counter(
        (report.ending, tuple(sorted((each.code, each.verdict) for each in report.findings)))
        for report in reports
        if report.ending != "infeasible"
    )


def test_copies_report_the_same_paths_as_following_each_of_them_again(load) -> None:
    machine = load("toy").MACHINE
    again = followed(machine, "Transfer", lambda prover, kind, prefix: [prover.report(kind, prefix)])
    copies = followed(machine, "Transfer", lambda prover, kind, prefix: prover.reports(kind, prefix, never))
    handed = followed(machine, "Transfer", lambda prover, kind, prefix: prover.reports(kind, prefix, always))
    turns = count()
    mixed = followed(
        machine, "Transfer", lambda prover, kind, prefix: prover.reports(kind, prefix, lambda: next(turns) % 3 == 0)
    )
    assert counted(again).total() == 8
    assert counted(mixed) == counted(again)
    assert counted(copies) == counted(again)
    assert counted(handed) == counted(again)
    assert not any(report.alternatives for report in copies)
    assert any(report.alternatives for report in handed)


@pytest.mark.parametrize("status", [0, 1])
def test_a_copy_that_does_not_report_its_path_fails_the_proof(status: int, load, monkeypatch) -> None:
    monkeypatch.setattr(Forks, "end", lambda *_: os._exit(status))
    machine = load("toy").MACHINE
    reports = followed(machine, "Transfer", lambda prover, kind, prefix: prover.reports(kind, prefix, never))
    assert [report.ending for report in reports] == ["unsupported"]
    assert "a path was lost" in reports[0].reason


def test_a_copy_that_fails_after_copies_of_its_own_have_reported_fails_the_proof(load, monkeypatch) -> None:
    end = Forks.end
    monkeypatch.setattr(Forks, "end", lambda self, *what: os._exit(1) if self.reports else end(self, *what))
    machine = load("toy").MACHINE
    reports = followed(machine, "Transfer", lambda prover, kind, prefix: prover.reports(kind, prefix, never))
    assert "unsupported" in [report.ending for report in reports]


class Sleeper:
    """Follows the paths of every beat but one at once, and those of that one without an end."""

    def reports(self, kind: Any, _: Any, __: Callable[[], bool]) -> list[Report]:
        if kind.__name__ == "Transfer":
            sleep(60)
        return [Report("accepted")]

    def failed(self, reason: str) -> Report:
        return Report("unsupported", reason=reason)

    def stop(self) -> None: ...


def test_a_beat_that_is_followed_without_an_end_is_ended_and_says_so_and_the_others_are_followed(load) -> None:
    machine, begun = load("toy").MACHINE, monotonic()
    cells = [Cell(kind) for kind in machine.spec.commands]
    todo = [(i, [()]) for i in range(len(cells))]
    done = {cell.kind.__name__: cell for cell in shared(machine, cells, todo, Sleeper, workers=1, longest=1)}
    assert monotonic() - begun < 20
    assert done["Transfer"].reason == "its paths were not all followed within 1 s"
    assert [done[name].endings["accepted"] for name in ("Open", "Deposit")] == [1, 1]
