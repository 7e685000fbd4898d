"""Asking the solvers again, from the texts alone: nothing of a model is imported or run here."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from attrs import frozen

from clearspec_proofs.record.manifest import Bad, read_manifest
from clearspec_proofs.solving.solvers import CVC5, Z3, Solver
from clearspec_proofs.solving.store import PACKAGES, Store, answers_of, digest_of, read, versions
from clearspec_proofs.verdicts import PROVED


@frozen
class Answer:
    """What a solver says of a text, and of which cell the text is a part."""

    digest: str
    solver: str
    cell: str
    result: str


@frozen
class Verified:
    """A manifest that was looked at, and the answers to the texts that were asked again."""

    cells: int
    open_cells: tuple[str, ...]
    without_solver: int
    texts: int
    matrix: str
    other_versions: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def wrong(self) -> tuple[Answer, ...]:
        """The answers that are not unsat."""
        return tuple(each for each in self.answers if each.result != "unsat")


def verify(
    place: Path,
    *,
    timeout: float = 20,
    jobs: int = 2,
    sample: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Verified:
    """Look at the manifest and at every text that it names, then ask both solvers again, or of a sample of texts."""
    manifest = read_manifest(place)
    asked = _texts(Store(place), manifest["cells"])
    digests = sorted({digest for digest, _ in asked})
    if sample is not None:
        digests = sorted(random.Random(seed).sample(digests, min(sample, len(digests))))
    chosen = set(digests)
    questions = [(digest, solver, cell) for (digest, solver), cell in asked.items() if digest in chosen]
    cells = manifest["cells"]
    return Verified(
        cells=len(cells),
        open_cells=tuple(f"{_name(cell)}: {cell['verdict']}" for cell in cells if cell["verdict"] not in PROVED),
        without_solver=sum(cell["verdict"] in ("normalised", "unchanged") for cell in cells),
        texts=len({digest for digest, _ in asked}),
        matrix=manifest["matrix"]["digest"],
        other_versions=tuple(_other_versions(manifest["solvers"])),
        answers=tuple(_asked_again(Store(place), questions, timeout, jobs, on_progress)),
    )


def _other_versions(solvers: Mapping[str, Any]) -> Iterator[str]:
    for solver, package in ((Z3, PACKAGES[Z3]), (CVC5, PACKAGES[CVC5])):
        then, now = solvers[solver]["version"], versions()[package]
        if then != now:
            yield f"{solver} was {then} and is {now}"


def _name(cell: Any) -> str:
    return f"{cell['machine']} {cell['claim']} {cell['beat']}"


def _texts(store: Store, cells: Sequence[Any]) -> dict[tuple[str, str], str]:
    """Each text that answers for a cell, by the solvers that have to be asked, each with the first such cell."""
    found: dict[tuple[str, str], str] = {}
    good: set[str] = set()
    for cell in cells:
        for path, solver, digest in answers_of(cell):
            found.setdefault((digest, solver), _name(cell))
            if digest not in good:
                text = read(store.text_file(digest))
                if text is None:
                    raise Bad(f"{_name(cell)}, path {path[:60]}: its text {digest} is missing")
                if digest_of(text) != digest:
                    raise Bad(f"{_name(cell)}, path {path[:60]}: the text {digest} is another one")
                if not plain(text):
                    raise Bad(f"{_name(cell)}, path {path[:60]}: the text {digest} is no plain question")
                good.add(digest)
    return found


def plain(text: str) -> bool:
    """Is this one question: a logic, symbols, assertions, and whether they can hold together?"""
    head, *lines = text.splitlines()
    logics = [f"(set-logic {logic})" for logic in ("QF_LIA", "QF_NRA", "QF_NIA")]
    return (
        head in logics
        and lines[-1:] == ["(check-sat)"]
        and all(each.startswith(("(declare-fun |", "(assert ")) and _closed(each) for each in lines[:-1])
    )


def _closed(line: str) -> bool:
    """Is the line one bracketed expression?"""
    depth, quoted = 0, False
    for i, character in enumerate(line):
        if character == "|":
            quoted = not quoted
        elif not quoted:
            if character in '";':
                return False
            depth += (character == "(") - (character == ")")
            if depth <= 0 and i < len(line) - 1:
                return False
    return depth == 0 and not quoted


def _asked_again(
    store: Store,
    questions: Sequence[tuple[str, str, str]],
    timeout: float,
    jobs: int,
    on_progress: Callable[[int, int], None],
) -> Iterator[Answer]:
    free: SimpleQueue[dict[str, Solver]] = SimpleQueue()
    for _ in range(jobs):
        free.put({name: Solver(name) for name in (Z3, CVC5)})

    def ask(question: tuple[str, str, str]) -> Answer:
        digest, name, cell = question
        solvers = free.get()
        try:
            text = read(store.text_file(digest)) or ""
            result = "changed while it was looked at"
            if digest_of(text) == digest:
                with suppress(Exception):
                    result = "unknown"
                    result = solvers[name].ask(text, timeout).result
            return Answer(digest, name, cell, result)
        finally:
            free.put(solvers)

    try:
        with ThreadPoolExecutor(jobs) as pool:
            for done, answer in enumerate(pool.map(ask, questions), 1):
                on_progress(done, len(questions))
                yield answer
    finally:
        while not free.empty():
            for solver in free.get().values():
                solver.stop()
