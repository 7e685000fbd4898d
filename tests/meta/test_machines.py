"""What every machine must be, so that it can be run, proved and compared."""

import subprocess
import sys
from enum import Enum
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest

import toy
from clearspec import registry
from clearspec.core.claims import claims_of
from clearspec.core.table import Id, Table

MACHINES = [toy.MACHINE, *(registry.find(name) for name in registry.names())]
PARAMETRISED = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def complaints(annotation: Any, where: str, within: tuple[type, ...] = ()) -> list[str]:
    """What in this type a state may not hold; a state holds values that can be proved about and compared."""
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    if annotation in (int, bool, NoneType):
        return []
    if get_origin(annotation) in (Union, UnionType):
        options = [each for each in get_args(annotation) if each is not NoneType]
        if len(options) != 1:
            return [f"{where}: {annotation} is a union of several"]
        return complaints(options[0], where, within)
    if get_origin(annotation) is Table:
        key, row = get_args(annotation)
        return [*complaints(key, f"{where} key", within), *complaints(row, f"{where} row", within)]
    if get_origin(annotation) is tuple:
        entry, *rest = get_args(annotation)
        return complaints(entry, f"{where}[]", within) if rest == [...] else [f"{where}: {annotation} of fixed length"]
    if isinstance(annotation, type) and issubclass(annotation, Enum | Id):
        return []
    if isinstance(annotation, type) and attrs.has(annotation) and annotation not in within:
        return complaints_of_class(annotation, where, (*within, annotation))
    return [f"{where}: {annotation}"]


def complaints_of_class(kind: type, where: str, within: tuple[type, ...]) -> list[str]:
    hints = get_type_hints(kind)
    found = []
    if kind.__setattr__ is object.__setattr__:
        found.append(f"{where}: {kind.__name__} is not frozen")
    for field in attrs.fields(kind):
        place = f"{where}.{field.name}"
        if not field.eq:
            found.append(f"{place} is left out of comparisons")
        found.extend(complaints(hints[field.name], place, within))
    return found


@PARAMETRISED
def test_states_hold_what_can_be_proved_about(machine):
    assert complaints(type(machine.spec.initial), machine.name) == []


@PARAMETRISED
def test_every_tuple_of_a_state_has_a_length_that_the_shape_or_the_parameters_fix(machine):
    def tuples(kind: type) -> list[tuple[str, Any]]:
        found = []
        for field in attrs.fields(kind):
            annotation = get_type_hints(kind)[field.name]
            if get_origin(annotation) is tuple:
                found.append((f"{kind.__name__}.{field.name}", field.metadata))
            for part in (annotation, *get_args(annotation)):
                if isinstance(part, type) and attrs.has(part) and part.__name__ != "Parameters":
                    found.extend(tuples(part))
        return found

    for name, metadata in tuples(type(machine.spec.initial)):
        assert metadata.get("fixed") or metadata.get("per") in machine.spec.shape, name


@PARAMETRISED
def test_commands_hold_what_can_be_read_from_json(machine):
    for command in (*machine.spec.commands, *machine.spec.beats):
        assert complaints(command, command.__name__) == []


@PARAMETRISED
def test_the_machine_is_complete(machine):
    assert machine.spec.claims
    assert machine.drive.scopes
    assert machine.views.statement is not None
    for scope in machine.drive.scopes.values():
        assert set(scope.commands) <= set(machine.spec.commands)


def test_a_mutable_or_unsized_state_would_be_noticed():
    @attrs.define
    class Mutable:
        rows: dict[str, int]
        share: float

    assert len(complaints(Mutable, "state")) == 3


def test_a_module_that_claims_nothing_is_refused():
    with pytest.raises(ValueError, match="claims nothing"):
        claims_of(ModuleType("silent"))


def test_nothing_is_imported_by_another_name():
    """`import model.clearspec` from the root of the project would make different classes."""
    program = (
        "import sys, clearspec.registry as registry, clearspec_checks.mutation.mutate, clearspec_cli.app;"
        "[registry.find(name) for name in registry.names()];"
        "print([n for n in sys.modules if n.split('.')[0] in ('model', 'proofs', 'checks', 'cli')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not [name for name in sys.modules if name.split(".")[0] == "model"]
