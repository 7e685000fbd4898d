"""clearspec widths: whether what a machine stores and computes fits the words of an engine, under published limits."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import frozen

from clearspec import registry
from clearspec.core.machine import Machine
from clearspec_checks.opinions.reach import reachable
from clearspec_checks.opinions.writes import changes
from clearspec_cli.output import Output, counted, refuse_unwritable, write_whole
from clearspec_cli.progress import progress
from clearspec_cli.proofs import require_prover
from clearspec_cli.refusal import Refused, unknown

RUN = 400
"""Commands of a run that is held against the bounds."""


@frozen
class Asked:
    """What is asked for: which beats, how long for each, and how many runs are held against the bounds."""

    beats: tuple[str, ...]
    seconds: float
    timeout: float
    jobs: int
    runs: int


def widths(machine: str | None, asked: Asked, *, page: str | None, json: str | None) -> bool:
    """Bound every stored integer and every operation of one machine, or of all that publish limits."""
    output, begun = Output(json), monotonic()
    if page is not None:
        refuse_unwritable(Path(page))
    require_prover()
    names = registry.names() if machine is None else (machine,)
    if machine is not None and machine not in registry.names():
        raise unknown("machine", machine, registry.names())
    machines = [each for each in map(registry.find, names) if each.limits.ranges]
    if not machines:
        raise Refused(f"{', '.join(names)}: no limits are published, and without any nothing has a bound")
    _refuse_unknown_beats(machines, asked.beats)
    found = [_one(output, each, asked) for each in machines]
    output.say()
    output.say(f"in {monotonic() - begun:.1f} s")
    if page is not None:
        from clearspec_cli.widths_page import page_of

        write_whole(Path(page), page_of(found))
    ok = all(each["ok"] for each in found)
    output.deliver({"ok": ok, "seconds": round(monotonic() - begun, 3), "machines": found})
    return ok


def _refuse_unknown_beats(machines: Sequence[Machine[Any]], beats: Sequence[str]) -> None:
    known = {kind.__name__ for machine in machines for kind in (*machine.spec.commands, *machine.spec.beats)}
    for beat in beats:
        if beat not in known:
            raise unknown("beat", beat, known)


def _one(output: Output, machine: Machine[Any], asked: Asked) -> dict[str, Any]:
    from clearspec_proofs.widths.places import rules
    from clearspec_proofs.widths.widths import follow_beats

    functions = reachable([machine.spec.beat, machine.spec.due], rules(machine))
    with progress(f"widths {machine.name}") as show:
        done = 0

        def on_beat(beat: Any) -> None:
            nonlocal done
            done += 1
            show(done, f"beats; {beat.name}")

        followed = follow_beats(
            machine,
            asked.beats or None,
            seconds=asked.seconds,
            timeout=asked.timeout,
            functions=functions,
            workers=asked.jobs,
            on_beat=on_beat,
        )
    data = result_of(machine, followed, asked.runs)
    _show(output, data)
    return data


def result_of(machine: Machine[Any], followed: Sequence[Any], runs: int) -> dict[str, Any]:
    """What comes of following these beats, and of as many runs that are held against the bounds, as JSON."""
    from clearspec_proofs.widths.maxima import broken, maxima
    from clearspec_proofs.widths.places import places_of, rules
    from clearspec_proofs.widths.verdicts import KEPT, fields, operations

    modules = rules(machine)
    functions = reachable([machine.spec.beat, machine.spec.due], modules)
    whole = {beat.name for beat in followed if beat.finished}
    unseen = {
        (function.__module__, function.__qualname__)
        for kind in (*machine.spec.commands, *machine.spec.beats)
        if kind.__name__ not in whole
        for function in reachable([machine.spec.beat, machine.spec.due], modules, kind)
    }
    of_fields = fields(machine, followed, changes(machine, modules))
    of_operations = operations(followed, lambda place: (module_of(place.file), place.function) in unseen)
    bounds = {each.place: each.bounds for each in of_operations}
    beyond = [
        each for seed in range(runs) for each in broken(maxima(machine, RUN, seed, functions, whole), bounds, seed)
    ]
    # Of all that is not kept it is said why, and nothing is said of what is kept.
    named = all((each.excuse is None) == (each.verdict == KEPT) for each in of_fields) and {
        each.excuse for each in of_fields if each.excuse is not None
    } == {*machine.limits.unkept.values()}
    return {
        "machine": machine.name,
        "ok": named and not beyond and len(whole) == len(machine.spec.commands) + len(machine.spec.beats),
        "beats": [_beat(each) for each in followed],
        "not_followed": [
            kind.__name__ for kind in (*machine.spec.commands, *machine.spec.beats) if kind.__name__ not in whole
        ],
        "fields": [_field(each) for each in of_fields],
        "operations": [_operation(each) for each in of_operations],
        "not_reached": sorted(map(str, places_of(functions) - bounds.keys())),
        "broken": [
            {
                "place": str(each.place),
                "value": each.value,
                "low": each.bounds[0],
                "high": each.bounds[1],
                "seed": each.seed,
            }
            for each in beyond
        ],
    }


def _beat(beat: Any) -> dict[str, Any]:
    return {
        "name": beat.name,
        "accepted": beat.endings["accepted"],
        "rejected": beat.endings["rejected"],
        "crashed": beat.endings["crash"],
        "left": beat.left,
        "reason": beat.reason,
        "finished": beat.finished,
        "seconds": round(beat.seconds, 3),
    }


def _field(field: Any) -> dict[str, Any]:
    return {
        "field": field.place,
        "low": field.range and field.range[0],
        "high": field.range and field.range[1],
        "bits": field.bits,
        "verdict": field.verdict,
        "not_kept": dict(field.not_kept),
        "open_by": list(field.open_by),
        "because": None if field.verdict == "kept" else field.excuse,
    }


def _operation(operation: Any) -> dict[str, Any]:
    return {
        "file": operation.place.file,
        "line": operation.place.line,
        "function": operation.place.function,
        "text": operation.place.text,
        "low": operation.bounds[0],
        "high": operation.bounds[1],
        "bits": operation.bits,
        "verdict": operation.verdict,
        "beats": list(operation.beats),
    }


def module_of(file: str) -> str:
    """The module of a file of the model."""
    return file.removesuffix(".py").replace("/", ".")


def _show(output: Output, data: dict[str, Any]) -> None:
    output.heading(f"{data['machine']}: stored, and what is summed")
    rows = [
        (each["field"], each["bits"] or "", each["verdict"], ", ".join(each["not_kept"]), each["because"] or "")
        for each in data["fields"]
    ]
    output.table(("field", "bits", "verdict", "not kept by", "because"), rows, numbers=("bits",))
    beyond = [each for each in data["operations"] if each["verdict"] != "fits"]
    output.heading(f"{data['machine']}: computed, beyond one word")
    places = [(f"{each['file']}:{each['line']}", each["bits"] or "", each["verdict"], each["text"]) for each in beyond]
    output.table(("place", "bits", "verdict", "operation"), places, numbers=("bits",))
    for each in data["broken"]:
        output.say(f"beyond its bound in a run, which is wrong: {each['place']} is {each['value']}", style="bold red")
    left = data["not_followed"]
    output.say()
    output.say(
        f"{data['machine']}: of {counted(len(data['operations']), 'operation')} "
        f"{len(data['operations']) - len(beyond)} fit one word; of {counted(len(rows), 'field')} "
        f"{sum(each['verdict'] == 'kept' for each in data['fields'])} are kept in their range"
        + f"; {len(data['not_reached'])} operations were reached on no path"
        + (f"; not followed to the end: {', '.join(left)}" if left else "")
    )
