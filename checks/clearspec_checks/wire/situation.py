"""A state and a beat as JSON, or the arguments of a law: where a claim fails, wherever that came from."""

from collections.abc import Callable, Iterator
from inspect import signature
from time import monotonic
from typing import Any, get_type_hints

from clearspec.core.claims import Kind
from clearspec.core.machine import Machine
from clearspec_checks.wire.codec import Malformed, decode, decode_command, describe, encode, encode_command

Path = tuple[str | int, ...]

PARAMETERS, NOTHING = "parameters", object()


def encode_situation(before: Any, beat: Any) -> dict[str, Any]:
    """A state and a beat, if there is one; or, of a law, its arguments in the place of the beat, and no state."""
    if before is None:
        return {"arguments": [encode(each) for each in beat]}
    return {"state": encode(before)} | ({"beat": encode_command(beat)} if beat is not None else {})


def decode_situation(machine: Machine[Any], code: str, value: Any) -> tuple[Any, Any]:
    """The state and the beat, or None and the arguments of the law of that code."""
    law = next((each for each in machine.spec.claims if each.code == code and each.kind is Kind.LAW), None)
    wanted = ("arguments",) if law is not None else ("state", "beat")
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise Malformed("$", describe(value), f"an object with {' and '.join(wanted)}")
    if law is None:
        beats = (*machine.spec.commands, *machine.spec.beats)
        return decode(type(machine.spec.initial), value["state"], "$.state"), decode_command(
            beats, value["beat"], "$.beat"
        )
    hints, names = get_type_hints(law.holds), list(signature(law.holds).parameters)
    arguments = value["arguments"]
    if not isinstance(arguments, list) or len(arguments) != len(names):
        raise Malformed("$.arguments", describe(arguments), f"a list with {', '.join(names)}")
    return None, tuple(
        decode(hints[name], each, f"$.arguments[{i}]")
        for i, (name, each) in enumerate(zip(names, arguments, strict=True))
    )


def simplified(situation: dict[str, Any], still: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
    """The situation with rows left out and values made null, false or zero, as long as it is `still` what it was.

    So that what is left of a state says why.  Parameters stay as they are.
    """
    until = monotonic() + seconds
    for path in list(_paths(situation)):
        for new in _simpler(_at(situation, path), path[-1]):
            if monotonic() > until:
                return situation
            changed = _changed(situation, path, new)
            if still(changed):
                situation = changed
                break
    return situation


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all parts, the whole before its parts."""
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if key != PARAMETERS:
            yield (*path, key)
            yield from _paths(part, (*path, key))


def _at(value: Any, path: Path) -> Any:
    """What stands in that place, or NOTHING any more."""
    for key in path:
        if not isinstance(value, dict | list) or (isinstance(value, dict) and key not in value):
            return NOTHING
        parts: Any = value
        value = parts[key]
    return value


def _simpler(part: Any, key: str | int) -> tuple[Any, ...]:
    """What may stand there instead; a list stays as long as it is."""
    if isinstance(part, dict) and isinstance(key, str):
        return NOTHING, None
    if isinstance(part, bool):
        return (False,) if part else ()
    if isinstance(part, int) or (isinstance(part, str) and part.removeprefix("-").isdecimal()):
        return (0,) if part != 0 else ()
    return ()


def _changed(value: Any, path: Path, new: Any) -> Any:
    """The value with something else in that place, or without it."""
    key, *rest = path
    changed = value.copy()
    if rest:
        changed[key] = _changed(value[key], tuple(rest), new)
    elif new is NOTHING:
        del changed[key]
    else:
        changed[key] = new
    return changed
