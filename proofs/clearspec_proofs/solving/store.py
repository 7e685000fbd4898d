"""Obligations on disk: the texts that were shown to be impossible, who said so, and what need not be done again.

    texts/3f/3fa9….smt2      a question that cannot be met, as both solvers read it
    texts/3f/3fa9….z3        who says so: solver, version, options
    cells/MACHINE/BEAT.json  the cells of a beat: verdicts, paths, and the texts that answer for each
    manifest.json            all of them, and the matrix that they make up

Only "unsat" is kept.  Whatever is there and does not read as it should counts as missing.
"""

import ast
import json
import os
import re
import sys
import sysconfig
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from stat import S_ISREG
from typing import Any

from attrs import field, frozen

from clearspec_proofs.solving.solvers import CVC5, Z3, options
from clearspec_proofs.verdicts import PROVED, SHOWN

FORMAT = 1

PACKAGES = {Z3: "z3-solver", CVC5: "cvc5", "attr": "attrs", "attrs": "attrs", "immutables": "immutables"}
"""Known by their version; every other module that is not of Python itself is known by its bytes."""

PYTHON = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
SITES = tuple(sysconfig.get_path(name) for name in ("purelib", "platlib"))
"""Where Python's own modules lie, and where packages are installed; the second may lie inside the first."""

ENVIRONMENT = re.compile(rb"\b(?:environb?|getenvb?)\b")
"""Words of a module that may ask for the environment."""

HIDDEN = frozenset({"exec", "eval", "exec_module", "load_module", "run_module", "run_path", "spec_from_file_location"})
IMPORTS = frozenset({"import_module", "__import__"})
"""Names by which code is run that no import statement names; of the second it can be read where the name is written."""

REGISTRY, PROVER = "clearspec.registry", "clearspec_proofs"
"""The registry imports machines by name; the prover does, and asks for the environment to start its solvers."""

LARGEST = 64 << 20
"""Bytes of a file that is read."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
DIGEST = re.compile(r"[0-9a-f]{64}")
DECISIONS = re.compile(r"[0-9.]*")

Texts = Mapping[str, frozenset[str]]
"""Of each solver that shows something, the digests of the texts that it was asked: none of them can be met."""

KeptCell = dict[str, Any]
"""A cell as it stands on disk."""


def digest_of(text: str) -> str:
    """The name of a text."""
    return sha256(text.encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """The versions of Python, of the solvers, and of what the model stands on."""
    found = {"python": sys.version, "optimised": str(sys.flags.optimize)}
    for package in sorted(set(PACKAGES.values())):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


@frozen
class Store:
    """A directory of obligations; of what is in it nothing is believed unless `reads`."""

    place: Path
    reads: bool = True
    _seen: dict[tuple[str, str], bool] = field(factory=dict, eq=False)

    def text_file(self, digest: str) -> Path:
        """Where a text stands."""
        return self.place / "texts" / digest[:2] / f"{digest}.smt2"

    def says_unsat(self, solver: str, text: str) -> bool:
        """Is it known of this text that this solver, in this version and with these options, says unsat?"""
        digest = digest_of(text)
        return self.reads and self._answered(solver, digest, text) and read(self.text_file(digest)) == text

    def holds(self, digest: str, solver: str) -> bool:
        """Is there a text of that digest that this solver has answered?"""
        key = (digest, solver)
        if key not in self._seen:
            text = read(self.text_file(digest)) if DIGEST.fullmatch(digest) else None
            self._seen[key] = text is not None and digest_of(text) == digest and self._answered(solver, digest, text)
        return self._seen[key]

    def _answered(self, solver: str, digest: str, text: str) -> bool:
        return read(self.text_file(digest).with_suffix(f".{solver}")) == _answer(solver, digest, text)

    def keep(self, solver: str, text: str) -> None:
        """This solver says that the text cannot be met."""
        digest = digest_of(text)
        file = self.text_file(digest)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            if read(file) != text:
                write(file, text)
            write(file.with_suffix(f".{solver}"), _answer(solver, digest, text))
        self._seen[digest, solver] = True

    def cells(self, machine: str, beat: str, key: str) -> dict[str, KeptCell]:
        """The cells of a beat that were decided under this key, by the codes of their claims."""
        if not (key and NAME.fullmatch(machine) and NAME.fullmatch(beat)):
            return {}
        try:
            record = json.loads(read(self.place / "cells" / machine / f"{beat}.json") or "")
            if record["format"] != FORMAT or record["key"] != key:
                return {}
            cells = record["cells"]
            return {code: cell for code, cell in cells.items() if well_formed(cell, (machine, code, beat))}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def known(self, machine: str, beat: str, key: str, named: Collection[str]) -> dict[str, KeptCell]:
        """The cells of a beat that are proved, by one solver if they are `named` as open; their texts are all there."""
        if not self.reads:
            return {}
        return {
            code: cell
            for code, cell in self.cells(machine, beat, key).items()
            if (cell["verdict"] in PROVED or (code in named and cell["verdict"] in SHOWN))
            and all(self.holds(digest, solver) for _, solver, digest in answers_of(cell))
        }

    def put(self, machine: str, beat: str, key: str, cells: Mapping[str, KeptCell]) -> None:
        """Remember how these cells fared, in place of earlier ones of the same codes."""
        if key and NAME.fullmatch(machine) and NAME.fullmatch(beat):
            known = self.cells(machine, beat, key) | dict(cells)
            file = self.place / "cells" / machine / f"{beat}.json"
            with suppress(OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                write(file, json.dumps({"format": FORMAT, "key": key, "cells": known}))


def _answer(solver: str, digest: str, text: str) -> str:
    said = {"text": digest, "solver": solver, "version": versions()[PACKAGES[solver]]}
    return json.dumps(said | {"options": options(solver, text), "answer": "unsat"}) + "\n"


def answers_of(cell: KeptCell) -> Iterator[tuple[str, str, str]]:
    """Which texts answer for a cell: path, solver, digest."""
    for path in cell["paths"]:
        for solver, digests in path["texts"].items():
            for digest in digests:
                yield path["path"], solver, digest


def well_formed(cell: Any, name: tuple[str, str, str] | None = None) -> bool:
    """Does this read as a cell, and do its paths have the verdict of the cell, and texts where a solver had work?"""
    try:
        if name is not None and (cell["machine"], cell["claim"], cell["beat"]) != name:
            return False
        if not all(NAME.fullmatch(cell[key]) for key in ("machine", "claim", "beat")):
            return False
        texts = [cell[key] for key in ("kind", "verdict", "bound", "reason")]
        counts = [cell[key] for key in ("accepted", "rejected")]
        if not all(type(each) is str for each in texts) or not all(type(each) is int for each in counts):
            return False
        if type(cell["seconds"]) not in (int, float) or type(cell["paths"]) is not list:
            return False
        if not all(_well_formed(path) for path in cell["paths"]):
            return False
        return _fits(cell) and (cell["verdict"] not in SHOWN or _consistent(cell))
    except (KeyError, TypeError, AttributeError):
        return False


def _well_formed(path: Any) -> bool:
    if not DECISIONS.fullmatch(path["path"]) or not all(type(path[key]) is str for key in ("ending", "verdict")):
        return False
    return all(
        solver in (Z3, CVC5) and type(digests) is list and all(DIGEST.fullmatch(each) for each in digests)
        for solver, digests in path["texts"].items()
    )


def _fits(cell: KeptCell) -> bool:
    """Can a claim of that name and kind have a cell in that column?"""
    kind, beat = cell["kind"], cell["beat"]
    if (kind == "crash") != (cell["claim"] == "no-crash"):
        return False
    if beat in ("-", "command"):  # what is not proved, and what runs have to show
        return bool(kind == "command" or (beat == "-" and kind != "crash")) and cell["verdict"] not in SHOWN
    if beat == "initial":  # no solver is asked of initial states
        return bool(kind == "state") and (cell["verdict"] == "normalised" or cell["verdict"] not in SHOWN)
    return kind == "crash" or bool((kind == "law") == (beat == "law") and kind != "command")


def _consistent(cell: KeptCell) -> bool:
    """Is the cell shown on each of its paths as it says, and is there one entry for each path it is obliged on?"""
    if cell["beat"] in ("initial", "command"):
        return not cell["paths"]
    verdicts = [path["verdict"] for path in cell["paths"]]
    if len({path["path"] for path in cell["paths"]}) != len(verdicts) or not verdicts:
        return False
    solvers = {"one-solver": 1, "agreed": 2}
    asked = all(
        all(path["texts"].values()) and len(path["texts"]) == solvers.get(path["verdict"], 0) for path in cell["paths"]
    )
    weakest = min(verdicts, key=lambda each: SHOWN.index(each) if each in SHOWN else -1)
    endings = [path["ending"] for path in cell["paths"]]
    obliged = {
        "accepted": cell["accepted"],
        "rejected": cell["rejected"] if cell["kind"] == "outcome" else 0,
    }
    counted = all(endings.count(each) == count for each, count in obliged.items())
    if cell["kind"] == "crash":  # how many paths end so is not told
        counted = set(endings) == {"crash"}
    return asked and weakest == cell["verdict"] and counted


def read(file: Path) -> str | None:
    """The text of a plain file that is not too large; None if there is none."""
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)), "rb") as opened:
            found = os.fstat(opened.fileno())
            if not S_ISREG(found.st_mode) or found.st_size > LARGEST:
                return None
            return opened.read(LARGEST).decode()
    except (OSError, ValueError):
        return None


def write(file: Path, text: str) -> None:
    """Write a file so that it is never seen half written, whoever else writes it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(text.encode())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@frozen
class Grounds:
    """All that the verdicts of a machine rest on; under another `key`, or none, nothing of it is known.

    Beside modules these are the files in `folders`, and the environment if it is asked for.
    """

    key: str
    modules: dict[str, str]
    folders: tuple[str, ...] = ()
    files: dict[str, str] = field(factory=dict)
    environment: str = ""

    def stand(self) -> bool:
        """Is all that can change still what it was?"""
        return (
            bool(self.key)
            and all(_bytes_of(name) == digest for name, digest in self.modules.items())
            and _files_in(self.folders) == self.files
            and self.environment in ("", _environment())
        )


NOTHING = Grounds("", {})
"""The grounds of a machine of which it cannot be said what it rests on: nothing of it is kept."""


def grounds(machine: Any) -> Grounds:
    """What a machine's proofs rest on: the bytes of every module that its functions, its claims, the module that puts
    it together and the prover can reach by imports, and of the files beside them; its states, claims, commands and
    beats; the shape, versions and options."""
    functions = [
        machine.spec.beat,
        machine.spec.due,
        machine.spec.conclude,
        *(claim.holds for claim in machine.spec.claims),
    ]
    names = {function.__module__ for function in functions}
    names |= {kind.__module__ for kind in (*machine.spec.commands, *machine.spec.beats)} | {
        type(machine.spec.initial).__module__
    }
    names |= {name for name, module in list(sys.modules.items()) if _puts_together(module, machine)}
    if "__main__" in names:
        return NOTHING
    names |= {
        "clearspec.core.machine",
        "clearspec.core.claims",
        "clearspec_proofs.matrix.matrix",
        "clearspec_proofs.solving.solvers",
    }
    reached = _reached(names)
    ours = {name: file for name, file in reached.items() if _ours(name, file)}
    if any(_hides(name, file) for name, file in ours.items()):
        return NOTHING
    shared = {file.parent for name, file in reached.items() if name == "clearspec"}
    folders = tuple(sorted({str(file.parent) for file in ours.values()} - {str(each) for each in shared}))
    files = _files_in(folders)
    if files is None:
        return NOTHING
    modules = {name: _digest(file) for name, file in reached.items()}
    asks = any(ENVIRONMENT.search(file.read_bytes()) for file in ours.values())
    environment = _environment() if asks else ""
    rest = {
        "format": FORMAT,
        "machine": machine.name,
        "shape": dict(machine.spec.shape),
        "initial": repr(machine.spec.initial),
        "variants": {name: repr(state) for name, state in machine.drive.variants.items()},
        "claims": [[each.code, each.kind.value, list(map(_named, each.on))] for each in machine.spec.claims],
        "commands": list(map(_named, machine.spec.commands)),
        "beats": list(map(_named, machine.spec.beats)),
        "versions": versions(),
        "options": {solver: options(solver, "") for solver in (Z3, CVC5)},
        "files": files,
        "environment": environment,
    }
    told = json.dumps({"modules": modules, **rest}, sort_keys=True)
    return Grounds(digest_of(told), modules, folders, files, environment)


def _named(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _puts_together(module: Any, machine: Any) -> bool:
    return getattr(module, "__dict__", {}).get("MACHINE") is machine


def _environment() -> str:
    return digest_of(json.dumps(sorted(os.environ.items())))


def _files_in(folders: Collection[str]) -> dict[str, str] | None:
    """The digests of all files in these folders that are not Python's; None if they are too large to be read."""
    found: dict[str, str] = {}
    left = LARGEST
    for folder in folders:
        for file in sorted(Path(folder).iterdir()) if Path(folder).is_dir() else ():
            if file.suffix not in (".py", ".pyc") and file.is_file():
                left -= file.stat().st_size
                if left < 0:
                    return None
                with suppress(OSError):
                    found[str(file)] = _digest(file)
    return found


def imported(names: set[str]) -> dict[str, str]:
    """The digests of these modules, and of all that they import, anywhere in them, and what these import."""
    return {name: _digest(file) for name, file in _reached(names).items()}


def _reached(names: set[str]) -> dict[str, Path]:
    """Where these modules lie, and all that they import; but not those of Python or known by their version."""
    found: dict[str, Path] = {}
    todo, seen = set(names), set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        first = name.split(".")[0]
        top = _file_of(first)
        if first in sys.builtin_module_names or (top and (_pythons(top) or (first in PACKAGES and _installed(top)))):
            continue
        if "." in name:
            todo.add(name.rpartition(".")[0])
        file = _file_of(name)
        if file is None:  # a name in a module, not a module
            continue
        found[name] = file
        if file.suffix == ".py":
            package = name if file.name == "__init__.py" else name.rpartition(".")[0]
            todo |= set(_imports(ast.parse(file.read_bytes()), package)) - seen
    return dict(sorted(found.items()))


def _installed(file: Path) -> bool:
    """Does this lie where packages are installed?"""
    return any(file.is_relative_to(place) for place in SITES) or not {"site-packages", "dist-packages"}.isdisjoint(
        file.parts
    )


def _pythons(file: Path) -> bool:
    """Does this lie where Python's own modules do?"""
    return any(file.is_relative_to(place) for place in PYTHON) and not _installed(file)


def _ours(name: str, file: Path) -> bool:
    """Is this a module of a machine, or what machines share?"""
    first = name.split(".")[0]
    return first == "clearspec" or (first != PROVER and not _installed(file))


def _hides(name: str, file: Path) -> bool:
    """Does this module run code that it does not name?"""
    if name == REGISTRY or file.suffix != ".py":
        return name != REGISTRY
    tree = ast.parse(file.read_bytes())
    read = {id(node.func) for node in ast.walk(tree) if _literal(node) is not None and isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        used = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if used in HIDDEN or (used in IMPORTS and id(node) not in read):
            return True
        if isinstance(node, ast.ImportFrom) and any(
            each.name in HIDDEN or (each.name in IMPORTS and each.asname) for each in node.names
        ):
            return True
    return False


def _literal(node: ast.AST) -> str | None:
    """The module that this call imports, if it is written there."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called in IMPORTS and node.args and isinstance(node.args[0], ast.Constant):
            name = node.args[0].value
            return name if isinstance(name, str) and name and not name.startswith(".") else None
    return None


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _bytes_of(name: str) -> str:
    with suppress(OSError):
        file = _file_of(name)
        return _digest(file) if file else ""
    return ""


def _file_of(name: str) -> Path | None:
    """Where the module stands that goes by this name here, or would."""
    if name == "__main__":
        return None
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    if loaded is None:
        with suppress(ImportError, AttributeError, ValueError):
            spec = find_spec(name)
            file = spec.origin if spec is not None and spec.has_location else None
    return Path(file) if file else None


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if (literal := _literal(node)) is not None:
            yield literal
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            whole = ".".join(part for part in (base, node.module) if part)
            yield whole
            yield from (f"{whole}.{each.name}" for each in node.names if each.name != "*")
