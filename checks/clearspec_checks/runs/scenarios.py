"""Scenarios: worked examples as files, with the exact ledger that must come of them.

A scenario lies beside its machine in `examples/NAME.json`:

    {"machine": "exchange", "title": "…", "why": "…", "variant": "small",
     "commands": [{"Deposit": {"account": "a", "asset": "USDC", "amount": "150"}}, …],
     "expect": {"rejected": [{"command": 3, "reason": "MARGIN_SUFFICIENT"}],
                "statement": {"a": {"balance:0": "150"}}}}

`"claim": "EX-MAT-1"` says which claim it is for.

`"parameters": {"leverage_max": 20, "markets": {"SOL-PERP": {"slice": 200000}}}` changes parameters of the variant, by
field, and a row by its id; a start of which some claim about states does not hold is refused.

What is not said to be rejected must be accepted.  Every holding listed must be exact, and no other
may change, unless `"statement_complete": false`.
"""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from attrs import field, frozen

from clearspec import registry
from clearspec.core.claims import Claim
from clearspec.core.machine import Accepted, Machine, Outcome
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch
from clearspec_checks.wire.changed import with_parameters
from clearspec_checks.wire.codec import MOST_BYTES, Malformed, decode_command, decode_integer, describe, one_of, parse
from clearspec_checks.wire.starts import INITIAL, all_starts

Statement = Mapping[tuple[str, str], int]

_KEYS = ("machine", "claim", "title", "why", "source", "variant", "parameters", "commands", "expect")
_EXPECT_KEYS = ("rejected", "statement", "statement_complete", "measures")


@frozen
class Scenario:
    """A list of commands, and what must come of it.  `changes` are those of the variant's parameters, as written."""

    name: str
    machine: Machine[Any]
    title: str
    why: str
    source: str
    variant: str
    start: Any
    commands: tuple[Any, ...]
    rejected: Mapping[int, Enum]
    statement: Statement
    statement_complete: bool
    measures: Statement
    changes: Mapping[str, Any] = field(factory=dict)
    claim: Claim | None = None

    @property
    def topic(self) -> str:
        """What it is about: the topic of the claim that it is for."""
        return "" if self.claim is None else self.claim.topic


@frozen
class Step:
    """One command of a scenario and what became of it."""

    command: Any
    outcome: Outcome[Any]


@frozen
class Performance:
    """A scenario that was run: the ledger before and after, each step, and where it differs from what was expected."""

    scenario: Scenario
    before: Statement
    after: Statement
    measured_before: Statement
    measured: Statement
    steps: tuple[Step, ...]
    failures: tuple[str, ...]
    cases: Mapping[str, int] = field(factory=dict)

    @property
    def ok(self) -> bool:
        return not self.failures


def named_scenarios() -> dict[str, Path]:
    """The files of all scenarios that come with the machines, by name."""
    folders = [folder_of(machine) for machine in registry.names()]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.json"))}


def folder_of(machine: str) -> Path:
    """Where the scenarios of that machine lie."""
    return Path(str(registry.module(machine).__file__)).parent / "examples"


def load(path: Path) -> Scenario:
    """The scenario in that file.  Raises OSError or Malformed."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    return read(parse(text), path.stem)


def read(value: Any, name: str) -> Scenario:
    """The scenario in this JSON."""
    _expect_object(value, "$", _KEYS, required=("machine", "title", "commands"))
    machine_name = _string(value["machine"], "$.machine")
    if machine_name not in registry.names():
        raise Malformed("$.machine", f"no machine {machine_name!r}", one_of(machine_name, registry.names()))
    machine = registry.find(machine_name)
    variant = _string(value.get("variant", INITIAL), "$.variant")
    if variant not in all_starts(machine):
        raise Malformed("$.variant", f"no variant {variant!r}", one_of(variant, all_starts(machine)))
    changes = value.get("parameters", {})
    start = with_parameters(machine, all_starts(machine)[variant], changes, "$.parameters")
    if not isinstance(value["commands"], list):
        raise Malformed("$.commands", describe(value["commands"]), "a list of commands")
    commands = tuple(
        decode_command(machine.spec.commands, each, f"$.commands[{i}]") for i, each in enumerate(value["commands"])
    )
    expect = value.get("expect", {})
    _expect_object(expect, "$.expect", _EXPECT_KEYS)
    complete = expect.get("statement_complete", "statement" in expect)
    if not isinstance(complete, bool):
        raise Malformed("$.expect.statement_complete", describe(complete), "true or false")
    return Scenario(
        name=name,
        machine=machine,
        title=_string(value["title"], "$.title"),
        why=_string(value.get("why", ""), "$.why"),
        source=_string(value.get("source", ""), "$.source"),
        variant=variant,
        start=start,
        commands=commands,
        rejected=_rejected(expect.get("rejected", []), machine, len(commands)),
        statement=_statement(expect.get("statement", {}), "$.expect.statement"),
        statement_complete=complete,
        measures=_statement(expect.get("measures", {}), "$.expect.measures"),
        changes=changes,
        claim=_claim(value.get("claim"), machine),
    )


def perform(scenario: Scenario) -> Performance:
    """Run a scenario with every claim checked, and compare it with what it expects."""
    machine, watch = scenario.machine, Watch(scenario.machine)
    state = start = scenario.start
    steps: list[Step] = []
    failures: list[str] = []
    broken: Violation | None = None
    try:
        watch.begin(state)
        for i, command in enumerate(scenario.commands):
            outcome = watch.run(state, command)
            steps.append(Step(command, outcome))
            failures.extend(_surprise(i, outcome, scenario.rejected.get(i)))
            if isinstance(outcome, Accepted):
                state = outcome.state
    except Violation as violation:
        broken = violation
    before, after = statement_of(machine, start), statement_of(machine, state)
    if broken is not None:
        # Nothing else failed: what is missing in the ledger is missing because the run ended here.
        failures = [*failures, _where_it_broke(len(steps), len(scenario.commands), broken)]
    else:
        failures.extend(differences(scenario.statement, after))
        failures.extend(differences(scenario.measures, measures_of(machine, state)))
        if scenario.statement_complete:
            failures.extend(_unlisted(scenario.statement, before, after))
    return Performance(
        scenario,
        before,
        after,
        measures_of(machine, start),
        measures_of(machine, state),
        tuple(steps),
        tuple(failures),
        watch.cases,
    )


def _where_it_broke(done: int, commands: int, violation: Violation) -> str:
    """The claim that broke, at which command, and what was therefore left out; the start may break one as well."""
    if violation.command is None:
        return f"in the start: {violation}"
    left = commands - done - 1
    return f"command {done}: {violation}" + (f"\n  not run: the {left} after it" if left else "")


def statement_of(machine: Machine[Any], state: Any) -> Statement:
    """Every holding of every holder, if the machine states them."""
    return machine.views.statement(state) if machine.views.statement is not None else {}


def measures_of(machine: Machine[Any], state: Any) -> Statement:
    """What a machine shows beside its ledger, such as equity and margin, as {(holder, measure): value}."""
    return machine.views.measures(state) if machine.views.measures is not None else {}


def differences(expected: Statement, found: Statement) -> list[str]:
    """Where what was found differs from what is listed."""
    return [
        f"{holder} has {found.get((holder, book), 0)} of {book}, expected {amount}"
        for (holder, book), amount in expected.items()
        if found.get((holder, book), 0) != amount
    ]


def _unlisted(expected: Statement, before: Statement, after: Statement) -> list[str]:
    changed = [
        account
        for account in sorted(before.keys() | after.keys())
        if before.get(account, 0) != after.get(account, 0) and account not in expected
    ]
    return [
        f"{holder} has {after.get((holder, book), 0)} of {book}, which changed and is not listed"
        for holder, book in changed
    ]


def _surprise(number: int, outcome: Outcome[Any], expected: Enum | None) -> list[str]:
    found = None if isinstance(outcome, Accepted) else outcome.reason
    if found == expected:
        return []
    became = "accepted" if found is None else f"rejected with {found.name}"
    wanted = "accepted" if expected is None else f"rejected with {expected.name}"
    return [f"command {number} was {became}, expected {wanted}"]


def _claim(code: Any, machine: Machine[Any]) -> Claim | None:
    if code is None:
        return None
    claims = {each.code: each for each in machine.spec.claims}
    if not isinstance(code, str) or code not in claims:
        raise Malformed("$.claim", describe(code), one_of(code, claims))
    return claims[code]


def _rejected(value: Any, machine: Machine[Any], commands: int) -> dict[int, Enum]:
    path = "$.expect.rejected"
    if not isinstance(value, list):
        raise Malformed(path, describe(value), 'a list of {"command": number, "reason": "NAME"}')
    found: dict[int, Enum] = {}
    for i, each in enumerate(value):
        _expect_object(each, f"{path}[{i}]", ("command", "reason"), required=("command", "reason"))
        number = decode_integer(each["command"], f"{path}[{i}].command")
        reasons = machine.spec.reasons.__members__
        if not 0 <= number < commands:
            raise Malformed(f"{path}[{i}].command", f"no command {number}", f"0 to {commands - 1}")
        if number in found:
            raise Malformed(f"{path}[{i}].command", f"command {number} stands here twice", "each command once")
        if not isinstance(each["reason"], str) or each["reason"] not in reasons:
            raise Malformed(f"{path}[{i}].reason", describe(each["reason"]), one_of(each["reason"], reasons))
        found[number] = reasons[each["reason"]]
    return found


def _statement(value: Any, path: str) -> dict[tuple[str, str], int]:
    if not isinstance(value, dict):
        raise Malformed(path, describe(value), 'an object {"holder": {"book": "amount"}}')
    found: dict[tuple[str, str], int] = {}
    for holder, books in value.items():
        if not isinstance(books, dict):
            raise Malformed(f"{path}.{holder[:60]}", describe(books), 'an object {"book": "amount"}')
        for book, amount in books.items():
            found[holder, book] = decode_integer(amount, f"{path}.{holder[:60]}.{book[:60]}")
    return found


def _expect_object(value: Any, path: str, keys: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    if not isinstance(value, dict):
        raise Malformed(path, describe(value), f"an object with the keys {', '.join(keys)}")
    for key in value:
        if key not in keys:
            raise Malformed(path, f"no key {key[:60]!r}", one_of(key, keys))
    for key in required:
        if key not in value:
            raise Malformed(path, f"no {key!r}", f"the keys {', '.join(required)}")


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Malformed(path, describe(value), "a string")
    return value
