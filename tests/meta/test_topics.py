"""One topic, one name: a claim stands in the file that is named as the rule or formula that cites it."""

import re
from pathlib import Path

import pytest

import clearspec
from clearspec import registry

MODEL = Path(clearspec.__file__).parent
CODE = re.compile(r"\b[A-Z]{2,4}(?:-[A-Z]{2,5})?-\d+\b")
MACHINES = pytest.mark.parametrize("name", registry.names())

ELSEWHERE = {
    "EX-BCK-8": "a law of two formulas of the backstop; the rule that lets the fund pay relies on it",
    "EX-ORD-1": "what is true of every order; the rules of trades are the ones that could break it, and cite it",
}
"""Claims that do not stand with a rule that cites them, each with the reason."""

NO_TOPIC_OF_RULES = {
    ("exchange", "ledger"): "equations over all books, which every rule that posts keeps",
    ("exchange", "offers"): "what is true of an offer of any tier; it is made in one rule and taken in another",
    ("exchange", "refusals"): "the requirements of all commands, in their order",
    ("clearing", "ledger"): "equations over all books, which every rule that posts keeps",
    ("clearing", "lines"): "which line of which holder each beat may change",
    ("clearing", "refusals"): "the requirements of all commands, in their order",
}
"""Files of claims that are named as no rule, no formula and no state, each with the reason."""


def files(machine: str, *rooms: str) -> list[Path]:
    """The files of these rooms of a machine, and of the mechanisms that machines share."""
    found = [each for room in rooms for each in (MODEL / "machines" / machine / room).glob("*.py")]
    return [each for each in (*found, *(MODEL / "mechanisms").glob("*.py")) if each.stem != "__init__"]


def homes(machine: str) -> dict[str, str]:
    """Of every claim, the name of its file."""
    claims = registry.find(machine).spec.claims
    return {each.code: each.topic for each in claims}


def misplaced(home: dict[str, str], citing: dict[str, set[str]]) -> dict[str, str]:
    """Claims that are cited, and in no file of the name of their own."""
    return {
        code: f"in {home[code]}, cited in {', '.join(sorted(names))}"
        for code, names in citing.items()
        if code in home and home[code] not in names
    }


def citations(machine: str) -> dict[str, set[str]]:
    """Of every code, the names of the files of rules and formulas that cite it."""
    found: dict[str, set[str]] = {}
    for each in files(machine, "rules", "formulas"):
        for code in CODE.findall(each.read_text()):
            found.setdefault(code, set()).add(each.stem)
    return found


@MACHINES
def test_a_claim_stands_in_the_file_of_a_rule_or_formula_that_cites_it(name: str) -> None:
    home, citing = homes(name), citations(name)
    astray = misplaced(home, citing)
    assert {code: told for code, told in astray.items() if code not in ELSEWHERE} == {}
    assert sum(1 for code in citing if code in home) > 50
    assert {code for code in ELSEWHERE if code in home} <= set(astray), "an exception that is none"


@MACHINES
def test_a_file_of_claims_is_named_as_a_topic_of_the_rules(name: str) -> None:
    topics = {each.stem for each in files(name, "rules", "formulas", "state")}
    beside = {file for machine, file in NO_TOPIC_OF_RULES if machine == name}
    named = set(homes(name).values())
    assert named - topics - beside == set()
    assert beside <= named - topics, "an exception that is none"


def test_a_claim_in_another_file_is_named() -> None:
    assert misplaced(
        {"X-1": "here", "X-2": "here"}, {"X-1": {"there"}, "X-2": {"here", "there"}, "X-3": {"there"}}
    ) == {"X-1": "in here, cited in there"}
