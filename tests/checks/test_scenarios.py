"""Scenarios: what is expected must come exactly, and nothing else may change."""

import json

import pytest

from clearspec import registry
from clearspec_checks.runs.scenarios import load, named_scenarios, perform, read
from clearspec_checks.wire.codec import Malformed

COMMANDS = [
    {"Open": {"account": "a"}},
    {"Open": {"account": "b"}},
    {"Deposit": {"account": "a", "amount": "1000"}},
    {"Transfer": {"source": "a", "target": "b", "amount": 500}},
    {"Transfer": {"source": "a", "target": "b", "amount": 500}},
]
STATEMENT = {
    "a": {"Book.CASH": "499"},
    "b": {"Book.CASH": 500},
    "System.FEES": {"Book.CASH": 1},
    "System.VAULT": {"Book.CASH": -1000},
}
REJECTED = [{"command": 4, "reason": "FUNDS_SUFFICIENT"}]


def scenario(**expect):
    return {
        "machine": "toy",
        "title": "A transfer and its fee",
        "commands": COMMANDS,
        "expect": {"rejected": REJECTED, "statement": STATEMENT} | expect,
    }


def test_every_named_scenario_comes_as_expected():
    failures = {name: perform(load(path)).failures for name, path in named_scenarios().items()}
    assert failures == dict.fromkeys(failures, ())


@pytest.mark.usefixtures("toy_is_known")
class TestExpectation:
    def test_that_is_exact_is_met(self):
        performance = perform(read(scenario(), "fee"))
        assert performance.ok
        assert performance.after["b", "Book.CASH"] == 500
        assert performance.cases["TOY-3"] == 1

    def test_of_another_amount_fails(self):
        failures = perform(read(scenario(statement=STATEMENT | {"b": {"Book.CASH": 501}}), "fee")).failures
        assert failures == ("b has 500 of Book.CASH, expected 501",)

    def test_that_leaves_out_a_change_fails_unless_it_says_so(self):
        some = {"a": {"Book.CASH": 499}, "b": {"Book.CASH": 500}, "System.VAULT": {"Book.CASH": -1000}}
        failures = perform(read(scenario(statement=some), "fee")).failures
        assert failures == ("System.FEES has 1 of Book.CASH, which changed and is not listed",)
        assert perform(read(scenario(statement=some, statement_complete=False), "fee")).ok

    def test_of_no_rejection_fails_when_there_is_one(self):
        assert perform(read(scenario(rejected=[]), "fee")).failures == (
            "command 4 was rejected with FUNDS_SUFFICIENT, expected accepted",
        )

    def test_of_a_rejection_fails_when_there_is_none(self):
        rejected = [*REJECTED, {"command": 3, "reason": "AMOUNT_POSITIVE"}]
        assert perform(read(scenario(rejected=rejected), "fee")).failures == (
            "command 3 was accepted, expected rejected with AMOUNT_POSITIVE",
        )

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"machine": "toi"}, r"\$\.machine: no machine 'toi'; expected 'toy'"),
            ({"variant": "large"}, r"\$\.variant: no variant 'large'; expected one of initial"),
            ({"commands": {}}, r"\$\.commands: \{\}; expected a list"),
            ({"comands": []}, r"no key 'comands'; expected 'commands'"),
            ({"title": 7}, r"\$\.title: 7; expected a string"),
            ({"expect": {"rejected": [{"command": 9, "reason": "ACCOUNT_NEW"}]}}, r"no command 9; expected 0 to 4"),
            ({"expect": {"rejected": [{"command": 1, "reason": "ACCOUNT_NWE"}]}}, r"expected 'ACCOUNT_NEW'"),
            ({"expect": {"statement": {"a": 5}}}, r"\$\.expect\.statement\.a: 5; expected an object"),
            ({"expect": {"statement": {"a": {"x": 0.5}}}}, r"\$\.expect\.statement\.a\.x: 0\.5; expected an integer"),
        ],
    )
    def test_that_makes_no_sense_is_refused_with_its_place(self, change, message):
        with pytest.raises(Malformed, match=message):
            read(scenario() | change, "fee")

    def test_is_read_from_a_file(self, tmp_path):
        path = tmp_path / "fee.json"
        path.write_text(json.dumps(scenario()))
        assert load(path).name == "fee"
        assert registry.find("toy") is load(path).machine
