"""A state and a beat as JSON, or the arguments of a law: where a claim fails, wherever that came from."""

from inspect import signature
from typing import Any, get_type_hints

from clearspec.claims import Kind
from clearspec.machine import Machine
from clearspec_checks.codec import Malformed, decode, decode_command, describe, encode, encode_command


def encode_situation(before: Any, beat: Any) -> dict[str, Any]:
    """A state and a beat, if there is one; or, of a law, its arguments in the place of the beat, and no state."""
    if before is None:
        return {"arguments": [encode(each) for each in beat]}
    return {"state": encode(before)} | ({"beat": encode_command(beat)} if beat is not None else {})


def decode_situation(machine: Machine[Any], code: str, value: Any) -> tuple[Any, Any]:
    """The state and the beat, or None and the arguments of the law of that code."""
    law = next((each for each in machine.claims if each.code == code and each.kind is Kind.LAW), None)
    wanted = ("arguments",) if law is not None else ("state", "beat")
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise Malformed("$", describe(value), f"an object with {' and '.join(wanted)}")
    if law is None:
        beats = (*machine.commands, *machine.beats)
        return decode(type(machine.initial), value["state"], "$.state"), decode_command(beats, value["beat"], "$.beat")
    hints, names = get_type_hints(law.holds), list(signature(law.holds).parameters)
    arguments = value["arguments"]
    if not isinstance(arguments, list) or len(arguments) != len(names):
        raise Malformed("$.arguments", describe(arguments), f"a list with {', '.join(names)}")
    return None, tuple(
        decode(hints[name], each, f"$.arguments[{i}]") for i, (name, each) in enumerate(zip(names, arguments, strict=True))
    )
