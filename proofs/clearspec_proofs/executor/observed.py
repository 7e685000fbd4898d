"""What a path tells an observer as it goes: a path that is followed for a proof tells nobody."""

from typing import Any

from clearspec_proofs.logic.terms import Formula, Int


class Observed:
    """Four calls of a path to whoever looks at it; here nobody does.

    `fidelity` overrides them to lead runs on plain integers beside the path, `widths` to suppose published ranges.
    An observer that also has to steer (it answers `choose` and `decide`) is a path of its own, so these are methods
    of the path and no second object.
    """

    def excluded(self, f: Formula) -> None:
        """Called with a condition that is pruned as impossible here, so that an observer can check it again."""

    def met(self, origin: Any, code: Any, name: str) -> None:
        """Called when the row of table `origin` with the id `code` gets this name."""

    def born(self, name: str, value: Int) -> None:
        """Called when an integer of the state, of a command or of a total gets this name."""

    def parted(self, case: str, options: tuple[Any, ...]) -> None:
        """Called when the symbol `case` selects the type of a field; `options` are the types."""
