"""The prover made wrong on purpose, one place at a time: which trap notices?

    python tests/proofs/sabotages.py              # all of them, as a table
    python tests/proofs/sabotages.py 3 17         # some of them, by number

Each is a text of the prover replaced by another one, in a copy of it.  The traps of its root are asked first, then all
others, then the fuzzer.  CI takes a sample (test_sabotages.py).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

REPO: Final = Path(__file__).parents[2]
ROOMS: Final = ("model", "proofs", "checks", "conformance", "studies", "cli")
SECONDS: Final = 900

TESTS: Final = (
    "test_arithmetic.py",
    "test_goals.py",
    "test_traps.py",
    "test_cases.py",
    "test_escapes.py",
    "test_sceptic.py",
)

FIRST: Final = {
    "A": "rows: or witnesses:",
    "B": "names:",
    "C": "crashes:",
    "D": "shapes:",
    "E": "python: or unfrozen:",
}
"""Which traps of test_sceptic.py are of which root."""


@frozen
class Sabotage:
    """What is made wrong: the root of false theorems that it opens, the file, the text, and what stands there then."""

    root: str
    what: str
    file: str
    old: str
    new: str


SABOTAGES: Final = (
    # A. One arbitrary row for two bound variables
    Sabotage("A", "one row for two demands of which one is enough", "executor/world", "self.instantiated(part, taken | used)", "self.instantiated(part, taken)"),
    Sabotage("A", "a row that is bound around is not seen inside", "executor/tables", "with world.bound(self.origin, (*inside, other)):", "with world.bound(self.origin, inside):"),
    Sabotage("A", "two rows that are bound are not seen inside", "executor/tables", "with world.bound(self.origin, (*inside, *mine, *others)):", "with world.bound(self.origin, inside):"),
    Sabotage("A", "the arbitrary row of a total is one that it sees", "executor/tables", "free = self.origin.unbound(apart)", "free = self.origin.other(0)"),
    Sabotage("A", "the rest of a total holds the row that it sees", "executor/tables", "apart = self.origin.spoken_of((seen, group))", "apart: Ghosts = ()"),
    Sabotage("A", "totals are one whichever row stands for the rest", "executor/tables", "(tuple(group), free.name, term_key(any_row))", "(tuple(group), term_key(any_row))"),
    Sabotage("A", "the sign of a sum is that of the row that it sees", "executor/world", "other = origin.unbound(total.apart)", "other = origin.other(0)"),
    Sabotage("A", "an arbitrary row decides about the path", "executor/path", "        if rows:\n            raise Unsupported(f\"an arbitrary", "        if False:\n            raise Unsupported(f\"an arbitrary"),
    Sabotage("A", "what was asked before a row was named is what is asked after it", "executor/world", "f = every_row(says, root().name_of((\"named\", origin.name, named)))", "f = every_row(says)"),
    Sabotage("A", "a predicate is asked again in another turn of its loop", "executor/tables", "asked = as_it_is(predicate)", "asked = predicate"),
    # B. Names
    Sabotage("B", "the id of a row has the name of a field", "executor/rows", "symbol(f\"{name}@id\")", "symbol(f\"{name}.id\")"),
    Sabotage("B", "whether a row is there has the name of a field", "executor/rows", "symbol(f\"{name}@present\")", "symbol(f\"{name}.present\")"),
    Sabotage("B", "which type a field has goes by the name of a field", "executor/symbols", "case = symbol(f\"{name}@case\")", "case = symbol(f\"{name}.case\")"),
    Sabotage("B", "the number that a search tries has the name of a parameter", "executor/primitives", "name = f\"@any{world.searches}\"", "name = \"any\""),
    Sabotage("B", "a search in a search tries the same number", "executor/primitives", "name = f\"@any{world.searches}\"", "name = \"@any0\""),
    # C. A crash is not False
    Sabotage("C", "a claim that raises is false where it is supposed", "executor/world", "return any_of(found.formula(), found.crash)", "return both(found.formula(), negated(found.crash))"),
    Sabotage("C", "a claim that raises is shown", "executor/world", "return both(found.formula(), negated(found.crash))", "return found.formula()"),
    Sabotage("C", "what a measure raises is anything", "executor/merging", "if self.error is not None and self.crash is not FALSE and here.decide(self.crash):", "if False and self.error is not None:"),
    Sabotage("C", "what a total or a search raises of some row is forgotten", "executor/tables", "if error is not TRUE and not self.every(raises_nothing):", "if False:"),
    Sabotage("C", "what a predicate raises of some row is forgotten", "executor/tables", "if found.error is not None and found.crash is not FALSE:\n            safe", "if False:\n            safe"),
    Sabotage("C", "any and all never raise", "executor/primitives", "        if current().decide(both(*parts)):\n            raise\n        return False\n", "        return False\n"),
    Sabotage("C", "a search need not end", "executor/primitives", "if ends not in world.laws:", "if False:"),
    # D. The induction and the matrix
    Sabotage("D", "a state after the beat may be of any kind", "matrix/prover", "    if wrong is not None:\n        raise Unsupported(f\"after the beat {wrong}\")\n", ""),
    Sabotage("D", "what is fixed may change", "executor/symbols", "wrong = None if same else", "wrong = None if True else"),
    Sabotage("D", "a tuple may have any length", "executor/symbols", "or len(value) != length:", "and False:"),
    Sabotage("D", "what is due need not be a beat of the machine", "matrix/prover", "if due is not None and type(due) not in machine.spec.beats:", "if False:"),
    Sabotage("D", "a law is proved of the lengths of its first sample", "matrix/prover", "return list(found.values())", "return list(found.values())[:1]"),
    # E. Python
    Sabotage("E", "identity is looked at on one side of a chain", "executor/guards", "yield f\"line {node.lineno}: `{ast.unparse(node)}` compares identity; use ==\"\n\n\ndef _never", "yield from ()\n\n\ndef _never"),
    Sabotage("E", "a case may be True", "executor/guards", "elif isinstance(node, ast.MatchSingleton) and node.value is not None:", "elif False:"),
    Sabotage("E", "operator.is_ is an operator like any other", "executor/guards", "elif isinstance(node, ast.Name | ast.Attribute) and _value(node, names) in IDENTITY:", "elif False:"),
    Sabotage("E", "a function may remember", "executor/guards", "        yield from _memory(function, names)\n", ""),
    Sabotage("E", "defaults by keyword are no part of a function", "logic/structure", "named = tuple(sorted((value.__kwdefaults__ or {}).items()))", "named = ()"),
    Sabotage("E", "an iterator may be handed to a measure", "logic/structure", "    if hasattr(kind, \"__next__\"):", "    if False:"),
    Sabotage("E", "an iterator may be asked twice", "executor/primitives", "if (left is values and sys.getrefcount(left) > HELD_BY_NOBODY_ELSE) or", "if False and"),
    Sabotage("E", "states may change in place", "executor/symbols", "if not is_frozen(kind):", "if False:"),
    Sabotage("E", "None may be put in the place of a row", "executor/tables", "        if row is None:\n            raise Unsupported(f\"{self.origin.name}: None is put", "        if False:\n            raise Unsupported(f\"{self.origin.name}: None is put"),
    Sabotage("E", "a value may be named in a comprehension", "executor/guards", "isinstance(each, ast.NamedExpr) for each in ast.walk(node)", "False for each in ast.walk(node)"),
)  # fmt: skip


def noticed(sabotage: Sabotage) -> str:
    """The first test that fails with it; "" if none does."""
    with TemporaryDirectory() as place:
        for room in ROOMS:
            shutil.copytree(REPO / room, Path(place) / room, ignore=shutil.ignore_patterns("__pycache__"))
        file = Path(place) / "proofs" / "clearspec_proofs" / f"{sabotage.file}.py"
        text = file.read_text()
        if sabotage.old not in text:
            raise SystemExit(f"{sabotage.file}.py has no {sabotage.old!r} any more: say what stands there now")
        file.write_text(text.replace(sabotage.old, sabotage.new))
        path = os.pathsep.join(str(Path(place) / room) for room in ROOMS)
        return _failing(path, ("test_sceptic.py",), FIRST[sabotage.root]) or _failing(path, TESTS)


def _failing(path: str, tests: tuple[str, ...], named: str = "") -> str:
    """The first of these tests that fails with the packages on that path; "" if none does."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider", "-k", named]
        + [str(REPO / "tests" / "proofs" / each) for each in tests],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].partition("::")[2][:110] if failed else ""


def main(numbers: list[int]) -> int:
    """Print a line for each, as it is done; exit code 1 if nothing notices one of them."""
    missed = 0
    for number in numbers or range(1, len(SABOTAGES) + 1):
        sabotage = SABOTAGES[number - 1]
        by = noticed(sabotage)
        missed += not by
        print(f"{number:2} {sabotage.root} {sabotage.what:75} {by or 'NOTHING NOTICES'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]]))
