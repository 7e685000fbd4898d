"""Finding rules by the codes that their docstrings cite."""

import inspect
import re
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from attrs import frozen

from clearspec import registry
from clearspec.core.claims import Kind
from clearspec.core.machine import Machine
from clearspec_checks.mutation.mutants import modules_of
from clearspec_checks.opinions.reach import beats_that_call

CITED = re.compile(r"Rules?: ((?:`?[A-Z]{2,4}(?:-[A-Z]{2,5})?-\d+`?(?:, |; | and | to | … )?)+)")
CODE = re.compile(r"([A-Z]{2,4}(?:-[A-Z]{2,5})?)-(\d+)")
BETWEEN = re.compile(r"([A-Z]{2,4}(?:-[A-Z]{2,5})?)-(\d+)`? (?:to|…) `?\1-(\d+)")


@frozen
class Rule:
    """A function that cites codes in its docstring."""

    machine: str
    function: Any  # a FunctionType, which mypy would bind
    codes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Where it stands, from the rooms of the machine on: `rules.matching.match`."""
        return f"{'.'.join(self.function.__module__.split('.')[-2:])}.{self.function.__qualname__}"

    @property
    def declared(self) -> str:
        """The file, from the package on, and the line."""
        return f"{self.function.__module__.replace('.', '/')}.py:{self.function.__code__.co_firstlineno}"

    @property
    def sentence(self) -> str:
        """The first sentence of its docstring."""
        text = " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())
        return text.split("  ")[0].split(" Rule:")[0]


def rules_of(machine: Machine[Any]) -> Iterator[Rule]:
    """All rules of a machine that cite a code."""
    for module in modules_of(registry.module(machine.name)):
        for _, function in inspect.getmembers(module, inspect.isfunction):
            codes = cited(inspect.getdoc(function) or "")
            if codes and function.__module__ == module.__name__:
                yield Rule(machine.name, function, codes)


def cited(text: str) -> tuple[str, ...]:
    """The codes that the `Rule:` lines of a docstring cite, those between the first and the last of a range too."""
    found: dict[str, None] = {}
    for line in CITED.findall(" ".join(text.split())):
        found |= {f"{family}-{number}": None for family, number in CODE.findall(line)}
        found |= dict.fromkeys(codes_between(line))
    return tuple(found)


def codes_between(line: str) -> list[str]:
    """The codes of each range such as `EX-GATE-1` to `EX-GATE-8`, its ends too."""
    ranges = [(family, range(int(low), int(high) + 1)) for family, low, high in BETWEEN.findall(line)]
    return [f"{family}-{number}" for family, numbers in ranges for number in numbers]


def all_rules() -> list[Rule]:
    """All rules of all machines; one that machines share stands once."""
    found: dict[FunctionType, Rule] = {}
    for name in registry.names():
        for rule in rules_of(registry.find(name)):
            found.setdefault(rule.function, rule)
    return list(found.values())


def judged_by(rule: Rule) -> list[str]:
    """The claims that judge a rule: those that it cites, those of its topic, and those about refusals of its beats."""
    topic, beats = rule.function.__module__.rsplit(".", 1)[1], beats_of_rule(rule)
    machine = registry.find(rule.machine)
    run = [kind for kind in (*machine.spec.commands, *machine.spec.beats) if kind.__name__ in beats]
    return [
        each.code
        for each in machine.spec.claims
        if each.code in rule.codes
        or each.topic == topic
        or (each.kind is Kind.OUTCOME and any(not each.on or kind in each.on for kind in run))
    ]


def beats_of_rule(rule: Rule) -> tuple[str, ...]:
    """The beats that may call it."""
    machine = registry.find(rule.machine)
    return beats_that_call(rule.function, machine, modules_of(registry.module(rule.machine)))
