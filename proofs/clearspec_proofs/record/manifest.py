"""The manifest: which cells there are, how each fared, and which texts answer for it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import frozen

from clearspec_proofs.solving.solvers import CVC5, Z3, options
from clearspec_proofs.solving.store import (
    FORMAT,
    NAME,
    PACKAGES,
    Grounds,
    KeptCell,
    Store,
    read,
    versions,
    well_formed,
    write,
)
from clearspec_proofs.verdicts import VERDICTS

FILE = "manifest.json"

VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")

Place = tuple[str, str, str]
"""Machine, claim, beat."""

KINDS = ("state", "step", "outcome", "command", "law", "crash")


class Bad(Exception):
    """The manifest does not say what it should; the message is one line."""


def digest_of_matrix(places: Iterable[Place]) -> str:
    """What two matrices share if and only if they have the same cells."""
    return sha256("\n".join(" ".join(place) for place in sorted(set(places))).encode()).hexdigest()


@frozen
class Part:
    """One machine: its name and shape, what its proofs rest on, and its cells."""

    name: str
    shape: Mapping[str, int]
    grounds: Grounds
    places: Sequence[Place]


def write_manifest(store: Store, parts: Sequence[Part]) -> str:
    """Write what is known of these machines; returns the digest of the matrix."""
    cells: list[KeptCell] = []
    for part in parts:
        for beat in dict.fromkeys(beat for _, _, beat in part.places):
            cells.extend(store.cells(part.name, beat, part.grounds.key).values())
    matrix = [place for part in parts for place in part.places]
    manifest = {
        "format": FORMAT,
        "python": versions()["python"],
        "solvers": {
            solver: {"version": versions()[PACKAGES[solver]], "options": options(solver, "")} for solver in (Z3, CVC5)
        },
        "machines": [
            {"name": each.name, "shape": dict(each.shape), "key": each.grounds.key, "modules": each.grounds.modules}
            for each in parts
        ],
        "matrix": {"digest": digest_of_matrix(matrix), "cells": [list(place) for place in matrix]},
        "cells": cells,
    }
    store.place.mkdir(parents=True, exist_ok=True)
    write(store.place / FILE, json.dumps(manifest) + "\n")
    return digest_of_matrix(matrix)


def read_manifest(place: Path) -> dict[str, Any]:
    """A manifest in which nothing is missing, or `Bad`."""
    text = read(place / FILE)
    if text is None:
        raise Bad(f"{place / FILE}: there is no such file, or none that can be read")
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        raise Bad(f"{place / FILE}: is not JSON") from None
    try:
        _look_at(manifest)
    except Bad as bad:
        raise Bad(f"{place / FILE}: {bad}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Bad(f"{place / FILE}: is not a manifest of format {FORMAT}") from None
    found: dict[str, Any] = manifest
    return found


def _look_at(manifest: Any) -> None:
    if manifest["format"] != FORMAT:
        raise Bad(f"is of format {repr(manifest['format'])[:20]}, and this reads format {FORMAT}")
    for solver in (Z3, CVC5):
        if not VERSION.fullmatch(manifest["solvers"][solver]["version"]):
            raise Bad(f"does not say which {solver} was asked")
    places = [(machine, claim, beat) for machine, claim, beat in manifest["matrix"]["cells"]]
    if not places:
        raise Bad("has no cells")
    if not all(NAME.fullmatch(part) for place in places for part in place):
        raise Bad("its matrix has cells without proper names")
    if manifest["matrix"]["digest"] != digest_of_matrix(places):
        raise Bad("its matrix does not have the digest that it says")
    seen: set[Place] = set()
    for cell in manifest["cells"]:
        name = (cell["machine"], cell["claim"], cell["beat"])
        if not well_formed(cell) or cell["verdict"] not in VERDICTS or cell["kind"] not in KINDS:
            raise Bad(f"{' '.join(map(repr, name))[:200]}: the cell is not well formed, or its paths do not make it up")
        if name in seen:
            raise Bad(f"{' '.join(name)}: the cell stands twice")
        seen.add(name)
    missing = [place for place in places if place not in seen]
    if missing:
        raise Bad(
            f"{len(missing)} of {len(places)} cells of the matrix are missing, the first is {' '.join(missing[0])}"
        )
