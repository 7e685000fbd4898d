"""clearspec explain: one claim, as it stands in the code, with the state of its proof; or the rules of a code."""

import inspect
from collections.abc import Sequence
from typing import Any

from clearspec_cli.claims import claim_named, declared_at, is_claim
from clearspec_cli.output import Output
from clearspec_cli.pages import documented_in
from clearspec_cli.proofs import FIRST, last_rows
from clearspec_cli.rules import Rule, all_rules, beats_of_rule, judged_by, rules_of
from clearspec_proofs.verdicts import VERDICTS


def explain(code: str, *, json: str | None) -> bool:
    """Explain the claim of that code; of a code that is no claim's, the rules that cite it, and who judges them."""
    output = Output(json)
    rules = [] if is_claim(code) else all_rules()
    if cited := [each for each in rules if code.upper() in each.codes]:
        return _explain_rules(output, code.upper(), cited)
    machine, claim = claim_named(code, [each for rule in rules for each in rule.codes])
    saved = last_rows()
    rows = [each for each in saved or [] if each["invariant"] == claim.code and each["machine"] == machine.name]
    source = inspect.getsource(claim.holds)
    output.say(f"{claim.code}  {claim.title}", style="bold")
    output.say(claim.sentence)
    about = ", ".join(each.__name__ for each in claim.on) or ("every command" if claim.kind.value != "state" else "")
    facts = [
        ("machine", machine.name),
        ("kind", f"{claim.kind.value}: {MEANING[claim.kind.value]}"),
        ("about", about),
        ("source", claim.source),
        ("prevents", claim.prevents),
        ("declared", declared_at(claim)),
        ("rules", ", ".join(each.name for each in rules_of(machine) if claim.code in each.codes)),
        ("documented", "\n".join(documented_in(claim.code))),
        ("proof", proof_status(claim.unproved, saved, rows)),
    ]
    output.table(("", ""), [fact for fact in facts if fact[1]])
    if rows:
        output.say()
        output.table(
            ("beat", "shape", "verdict", "solvers", "seconds", "reason"),
            [
                (
                    r["beat"],
                    r.get("shape") or FIRST,
                    r["verdict"],
                    _joined(r["solvers"]),
                    f"{r['seconds']:.1f}",
                    r["reason"] or "",
                )
                for r in rows
            ],
            numbers=("seconds",),
        )
    output.say()
    output.say(source.rstrip())
    output.deliver(
        {
            "code": claim.code,
            "machine": machine.name,
            "title": claim.title,
            "sentence": claim.sentence,
            "kind": claim.kind.value,
            "on": [each.__name__ for each in claim.on],
            "source": claim.source,
            "prevents": claim.prevents,
            "unproved": claim.unproved,
            "declared": declared_at(claim),
            "documented": documented_in(claim.code),
            "python": source,
            "proof": rows if saved is not None else None,
        }
    )
    return True


def _explain_rules(output: Output, code: str, rules: Sequence[Rule]) -> bool:
    claims = list(dict.fromkeys(claim for each in rules for claim in judged_by(each)))
    output.say(f"{code}  no claim has this code; it is what these rules do", style="bold")
    for each in rules:
        output.say()
        output.say(f"{each.name}  {each.declared}")
        output.say(f"  {each.sentence}")
    output.say()
    beats = dict.fromkeys(beat for each in rules for beat in beats_of_rule(each))
    judges = ", ".join(claims) or "no claim of this topic"
    facts = [("run by", ", ".join(beats)), ("judged by", judges), ("documented", "\n".join(documented_in(code)))]
    output.table(("", ""), [fact for fact in facts if fact[1]])
    output.deliver(
        {
            "code": code,
            "rules": [
                {
                    "machine": each.machine,
                    "rule": each.name,
                    "declared": each.declared,
                    "sentence": each.sentence,
                    "beats": list(beats_of_rule(each)),
                }
                for each in rules
            ],
            "claims": claims,
            "documented": documented_in(code),
        }
    )
    return True


MEANING = {
    "state": "holds of every reachable state",
    "step": "holds of every accepted beat",
    "outcome": "holds of every outcome of a command, rejections included",
    "command": "holds of every whole command, all of its beats done",
    "law": "holds for all inputs",
}


def proof_status(unproved: str, saved: list[dict[str, Any]] | None, rows: list[dict[str, Any]]) -> str:
    """In a line: what the last proof run that was saved says."""
    if unproved:
        return f"no proof obligation: {unproved}"
    if saved is None:
        return "not known here: no proof run is saved; run clearspec prove"
    if not rows:
        return "not among the last proof run that was saved; run clearspec prove"
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def _joined(solvers: Any) -> str:
    return solvers if isinstance(solvers, str) else ", ".join(solvers)
