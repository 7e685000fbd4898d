"""Paths that share their beginning share the work of it: where a path branches, a copy of the process takes one branch.

The original waits until all that comes of the branch is done, and goes on with the next.  So one process of a worker
runs at any time, and its solvers serve them all.  What a copy found comes back through a file: its report, and what
spares others work.  A copy that ends in any other way is a lost path, and fails the proof.
"""

import gc
import os
import pickle
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

from clearspec_proofs.logic.terms import Unsupported
from clearspec_proofs.solving.solvers import end_with_parent


class Forks:
    """Where one path of a worker branches, and what its copies report; `wanted` says that another worker is idle."""

    def __init__(self, wanted: Callable[[], bool], learn: Callable[[Any], None]) -> None:
        self.wanted, self._learn = wanted, learn
        self.reports: list[Any] = []
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115  (it is closed with this object)
        self._seen = 0
        self._first = os.getpid()

    def in_copy(self) -> bool:
        """Is this a copy of the process that began?"""
        return os.getpid() != self._first

    def branch(self) -> bool:
        """True in a copy of the process, which takes the branch; False in the original, once that is done."""
        gc.freeze()
        copy = os.fork()
        if not copy:
            end_with_parent()
            return True
        _, status = os.waitpid(copy, 0)
        if status:
            raise Unsupported("a path was lost: the process that followed it has failed")
        before = len(self.reports)
        self._catch_up()
        if len(self.reports) == before:
            raise Unsupported("a path was lost: nothing was reported of it")
        return False

    def end(self, report: Any, learned: Any) -> None:
        """End a copy, whose path this is the report of."""
        self._file.seek(0, os.SEEK_END)
        record = pickle.dumps((report, learned))
        os._exit(0 if self._file.write(record) == len(record) else 1)

    def _catch_up(self) -> None:
        self._file.seek(self._seen)
        while True:
            try:
                report, learned = pickle.load(self._file)
            except EOFError:
                break
            self.reports.append(report)
            self._learn(learned)
        self._seen = self._file.tell()


def branching(forks: Forks, follow: Callable[[Forks], Any], learned: Callable[[], Any]) -> list[Any]:
    """The reports of a path and of all that branch off from it; a copy ends here, and says what it `learned`."""
    try:
        report = follow(forks)
        if forks.in_copy():
            forks.end(report, learned())
    except BaseException:
        if forks.in_copy():
            os._exit(1)
        raise
    gc.unfreeze()
    return [*forks.reports, report]
