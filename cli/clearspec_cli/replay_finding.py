"""clearspec replay finding: what a check or a proof found to be wrong, run again on the rules as they are now."""

from pathlib import Path
from typing import Any

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.runs.finding import only, violation_of
from clearspec_checks.runs.violation import Violation
from clearspec_checks.wire.codec import MOST_BYTES, Malformed, decode_command, describe, one_of, parse
from clearspec_checks.wire.situation import decode_situation
from clearspec_checks.wire.starts import all_starts
from clearspec_cli.output import Output
from clearspec_cli.refusal import Refused
from clearspec_cli.replay import refuse_unreadable
from clearspec_cli.run import in_words

OF_EVERY_MACHINE = (Violation.CRASH, Violation.AUDIT, Violation.ENDLESS)


def replay_finding(file: str, *, json: str | None) -> bool:
    """Run the commands of a finding, or the one beat; False if what was found is still wrong."""
    output, path = Output(json), Path(file)
    refuse_unreadable(path)
    try:
        with path.open("rb") as opened:
            value = parse(opened.read(MOST_BYTES + 1))
        if not isinstance(value, dict):
            raise Malformed("$", describe(value), "an object")
        machine = _machine(value)
        run = _run_commands if "commands" in value else _run_beat
        wrong = run(output, machine, value)
    except Malformed as error:
        raise Refused(f"{path}: {error}") from None
    output.say(wrong or "nothing is wrong", style="red" if wrong else "green")
    output.deliver({"ok": not wrong, "machine": machine.name, "code": value["code"], "wrong": wrong})
    return not wrong


def _machine(value: dict[str, Any]) -> Machine[Any]:
    name = value.get("machine")
    if name not in registry.names():
        raise Malformed("$.machine", describe(name), one_of(name, registry.names()))
    return registry.find(str(name))


def _run_commands(output: Output, machine: Machine[Any], value: dict[str, Any]) -> str:
    """What the commands break, in words; "" if nothing."""
    listed, start = value["commands"], value.get("start")
    if not isinstance(listed, list):
        raise Malformed("$.commands", describe(listed), "a list of commands")
    if start not in all_starts(machine):
        raise Malformed("$.start", describe(start), one_of(start, all_starts(machine)))
    code = _code(value, (*(each.code for each in machine.spec.claims), *OF_EVERY_MACHINE))
    commands = [decode_command(machine.spec.commands, each, f"$.commands[{i}]") for i, each in enumerate(listed)]
    output.say(f"{machine.name}, from {start!r}:", style="bold")
    for command in commands:
        output.say(f"  {in_words(command)}")
    found = violation_of(only(machine, code) if value.get("alone") is True else machine, str(start), commands)
    return str(found or "")


def _run_beat(output: Output, machine: Machine[Any], value: dict[str, Any]) -> str:
    """What the beat, or the law with its arguments, breaks, in words; "" if nothing."""
    try:
        from clearspec_proofs.executor.replay import broken
        from clearspec_proofs.matrix.prover import NO_CRASH
    except ModuleNotFoundError as error:
        raise Refused(f"this needs {error.name}, which is not installed: pip install 'clearspec[prove]'") from None

    code = _code(value, (*(each.code for each in machine.spec.claims), NO_CRASH))
    situation = {key: value[key] for key in ("state", "beat", "arguments") if key in value}
    before, beat = decode_situation(machine, code, situation)
    output.say(f"{machine.name}, from a state in the file:" if before is not None else f"{code}:", style="bold")
    output.say(f"  {in_words(beat) if before is not None else ', '.join(map(str, beat))}")
    wrong = broken(machine, before, beat, code)
    return "" if wrong is None else f"{code}: {_sentence(machine, code)}\n  {wrong}"


def _sentence(machine: Machine[Any], code: str) -> str:
    return next((each.sentence for each in machine.spec.claims if each.code == code), "No beat fails.")


def _code(value: dict[str, Any], known: tuple[str, ...]) -> str:
    code = value.get("code")
    if code not in known:
        raise Malformed("$.code", describe(code), one_of(code, known))
    return str(code)
