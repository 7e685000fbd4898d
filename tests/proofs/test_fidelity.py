"""Paths are held against runs on plain integers, what they do not follow against the solvers: errors are noticed."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.table import Table
from clearspec_proofs.executor import symbols
from clearspec_proofs.executor.arithmetic import Context, root
from clearspec_proofs.executor.path import Path
from clearspec_proofs.executor.symbols import symbolic
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.fidelity.fidelity import Row, Trace, follow_all, lost_branch
from clearspec_proofs.fidelity.runs import last_that
from clearspec_proofs.solving.linear import Possible

Rows = dict[str, Row]


def followed(machine: Any, *beats: str, seconds: float = 1.5) -> Rows:
    return {row.beat: row for row in follow_all(machine, beats=beats or None, seconds=seconds, workers=1)}


def test_every_path_of_the_toy_is_witnessed_and_every_branch_is_followed_or_excluded_by_both_solvers(load) -> None:
    rows = followed(load("toy").MACHINE)
    assert set(rows) == {"due", "Open", "Deposit", "Transfer"}
    assert rows["Transfer"].paths == 8
    for row in rows.values():
        assert not row.fails, row
        assert row.witnessed == row.paths
        assert row.excluded["one-solver"] == row.excluded["open"] == 0


def truncated(self: Context, dividend: Any, divisor: Any, exact: Any = Context.quotient) -> Any:
    """Division that rounds toward zero."""
    if type(dividend) is int or bool(dividend >= 0):
        return exact(self, dividend, divisor)
    return -exact(self, -dividend, divisor)


def forgets(self: SymTable, key: Any, _: Any) -> SymTable:
    self.get(key)
    return self


def excludes_more(self: Possible, f: Any, *rest: Any, exact: Any = Possible.excludes, **named: Any) -> bool:
    """Also that an amount is not positive."""
    return "c.amount + 0 <= 0" in str(f) or exact(self, f, *rest, **named)


@pytest.mark.parametrize(
    ("where", "name", "wrong", "says"),
    [
        (Context, "quotient", truncated, "path"),
        (SymTable, "put", forgets, "the path says"),
        (Possible, "excludes", excludes_more, "a run meets what is not followed"),
    ],
)
def test_an_executor_that_is_wrong_differs_from_runs(
    where: Any, name: str, wrong: Callable[..., Any], says: str, load, monkeypatch
) -> None:
    machine = load("toy").MACHINE
    monkeypatch.setattr(where, name, wrong)
    (row,) = followed(machine, "Transfer").values()
    assert row.fails
    assert any(says in each for each in row.differences), row.differences[:1]


def test_a_branch_that_is_excluded_without_a_reason_is_open_though_no_run_meets_it(load, monkeypatch) -> None:
    def only_large(self: Possible, f: Any, *rest: Any, exact: Any = Possible.excludes, **named: Any) -> bool:
        return str(f) == "(1*c.amount + -1000000000 <= 0)" or exact(self, f, *rest, **named)

    large = ("if command.amount <= 0:\n        return Rejected(Reason.AMOUNT_POSITIVE)\n    fee",) * 2
    machine = load(
        "toy", (large[0], large[1].replace("    fee", "    if command.amount > 10**9:\n        pass\n    fee"))
    )
    monkeypatch.setattr(Possible, "excludes", only_large)
    (row,) = followed(machine.MACHINE, "Transfer").values()
    assert row.excluded["open"] >= 1


def test_a_branch_that_is_lost_on_the_way_fails(load, monkeypatch) -> None:
    monkeypatch.setattr(Path, "_is_here", lambda *_: True)
    (row,) = followed(load("toy").MACHINE, "Transfer").values()
    assert "neither followed nor excluded" in row.reason


def test_a_branch_is_accounted_for_if_it_is_followed_or_excluded() -> None:
    left = Trace("accepted", (0, 1), ((2, False), (2, True)))
    right = Trace("accepted", (1,), ((2, None),))
    assert lost_branch([left, right], {()}) == ""
    assert "after 0" in lost_branch([evolve(left, nodes=((2, False), (2, False))), right], {()})
    assert "after" in lost_branch([left], {()})
    assert lost_branch([left], {(0,)}) == ""


def of_the_path(kind: Any, name: str, shape: Any) -> Any:
    """What field a row has as a decision of the path: each path then has an arbitrary row of one form."""
    return (((), symbolic(kind, name, None, shape, lambda options, question: root().choose(options, question))),)


def test_what_an_arbitrary_row_has_as_a_case_of_the_path_makes_facts_that_are_false(load, monkeypatch) -> None:
    module = load("cases")
    people = Table({module.PersonId("a"): module.Person(1), module.PersonId("b"): module.Person(None)})
    tickets = Table({
        module.TicketId("x"): module.Ticket(module.PersonId("a"), 5),
        module.TicketId("y"): module.Ticket(module.PersonId("b"), None),
    })  # fmt: skip
    machine = module.machine("SEATED", "WORTH").altered(initial=module.State(tickets, people))
    (right,) = followed(machine, "Touch").values()
    assert right.witnessed == 1
    assert not right.fails
    monkeypatch.setattr(symbols, "forms", of_the_path)
    (wrong,) = followed(machine, "Touch").values()
    assert any("a fact of the path is false" in each for each in wrong.differences), wrong


@pytest.mark.parametrize(
    ("name", "beats", "least"),
    [("clearing", ("Novate", "PublishPrice"), 9), ("exchange", ("Lend",), 5)],
)
def test_paths_of_the_machines_do_what_python_does(name: str, beats: tuple[str, ...], least: int) -> None:
    rows = followed(registry.find(name), *beats, seconds=5)
    assert set(rows) == set(beats)
    assert not any(row.fails for row in rows.values()), rows
    assert sum(row.witnessed for row in rows.values()) >= least, rows
    assert all(row.excluded["agreed"] and not row.excluded["open"] for row in rows.values()), rows


@pytest.mark.parametrize("last", [*range(1, 70), 10**12])
def test_a_search_by_halving_finds_the_last_number(last: int) -> None:
    assert last_that(lambda n: n <= last) == last


def test_a_search_without_end_is_given_up() -> None:
    assert last_that(lambda _: True) == last_that(lambda _: False) == 0
