"""Finding claims by their code, and saying where they are declared."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clearspec import registry
from clearspec.core.claims import Claim
from clearspec.core.machine import Machine
from clearspec_cli.refusal import unknown


def is_claim(code: str) -> bool:
    """Is this the code of a claim, in capitals or not?"""
    return any(each.code.upper() == code.upper() for machine in _machines() for each in machine.spec.claims)


def claim_named(code: str, others: Iterable[str] = ()) -> tuple[Machine[Any], Claim]:
    """The claim of that code, and its machine; `others` are codes that may have been meant as well."""
    known = {each.code: (machine, each) for machine in _machines() for each in machine.spec.claims}
    if code not in known:
        by_upper = {each.upper(): each for each in known}
        if code.upper() not in by_upper:
            raise unknown("claim", code, {*known, *others})
        code = by_upper[code.upper()]
    return known[code]


def declared_at(claim: Claim) -> str:
    """The file, from the package on, and the line of the claim."""
    module = inspect.getmodule(claim.holds)
    name = claim.holds.__module__.replace(".", "/") if module else "?"
    suffix = "/__init__.py" if module and Path(module.__file__ or "").name == "__init__.py" else ".py"
    return f"{name}{suffix}:{inspect.getsourcelines(claim.holds)[1]}"


def _machines() -> list[Machine[Any]]:
    return [registry.find(name) for name in registry.names()]
