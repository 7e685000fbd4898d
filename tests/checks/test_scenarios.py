"""Scenarios: what is expected must come exactly, and nothing else may change."""

import json

import pytest
from attrs import evolve

from clearspec import registry
from clearspec.core.claims import Kind
from clearspec_checks.runs.scenarios import load, named_scenarios, perform, read
from clearspec_checks.wire.codec import Malformed, encode

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


def test_every_named_scenario_is_for_a_claim_of_which_it_has_a_case():
    performances = [perform(load(path)) for path in named_scenarios().values()]
    without = [
        each.scenario.name
        for each in performances
        if each.scenario.claim is None
        or (each.scenario.claim.kind is not Kind.LAW and not each.cases.get(each.scenario.claim.code))
    ]
    assert without == []


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
            ({"claim": "TOY-33"}, r"\$\.claim: \"TOY-33\"; expected 'TOY-3'"),
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


class TestParameters:
    PERP = "$.parameters.markets.SOL-PERP"

    @staticmethod
    def start(parameters, **more):
        value = {"machine": "exchange", "title": "Another venue", "variant": "one-source", "commands": []}
        return read(value | {"parameters": parameters} | more, "venue").start

    def test_are_changed_by_field_and_row_and_nothing_else_is(self):
        before = registry.find("exchange").drive.variants["one-source"]
        after = self.start({"leverage_max": 20, "markets": {"SOL-PERP": {"initial": {"base": "30000"}}}})
        assert after.parameters.leverage_max == 20
        assert after.parameters.markets[1].initial.base == 30_000
        assert after.parameters.markets[0] == before.parameters.markets[0]
        market = evolve(after.parameters.markets[1], initial=before.parameters.markets[1].initial)
        same = evolve(after.parameters, leverage_max=50, markets=(after.parameters.markets[0], market))
        assert encode(evolve(after, parameters=same)) == encode(before)

    def test_of_clearing_may_be_lists_and_names(self):
        start = self.start({"delivery": "NET", "call_days": 2}, machine="clearing", variant="june")
        assert start.parameters.delivery.name == "NET"
        assert start.parameters.call_days == 2

    @pytest.mark.parametrize(
        ("parameters", "place", "message"),
        [
            (7, "$.parameters", "7; expected an object"),
            ({"leverage": 5}, "$.parameters", "no field 'leverage' in Parameters; expected 'leverage_max'"),
            ({"leverage_max": "x"}, "$.parameters.leverage_max", '"x"; expected an integer'),
            ({"markets": [1]}, "$.parameters.markets", "[1]; expected an object"),
            (
                {"markets": {"SOL": {}}},
                "$.parameters.markets",
                "nothing of the name 'SOL'; expected one of SOL-USDC, SOL-PERP",
            ),
            ({"markets": {"SOL-PERP": {"kind": "SPOT"}}}, f"{PERP}.kind", "belongs to the shape of the variant"),
            ({"leverage_max": 0}, "$.parameters.leverage_max", "with this, EX-PAR-1 does not hold"),
            (
                {"leverage_max": 5, "markets": {"SOL-PERP": {"slice": 0, "slice_min": 2}}},
                f"{PERP}.slice",
                "with this, EX-PAR-1 does not hold",
            ),
            ({"usd": 0, "leverage_max": 0}, "$.parameters", "with this, EX-PAR-1 does not hold"),
            ({"markets": {"SOL-PERP": {"maintenance": {"base": 30000}}}}, f"{PERP}.maintenance.base", "EX-PAR-1"),
        ],
    )
    def test_that_make_no_sense_are_refused_with_their_place(self, parameters, place, message):
        with pytest.raises(Malformed) as refused:
            self.start(parameters)
        assert str(refused.value).startswith(f"{place}: ")
        assert message in str(refused.value)

    def test_that_make_a_claim_raise_are_refused_too(self):
        risk = {"scenarios": [{"moves": [0, 0, 0, 0, 0]}]}
        with pytest.raises(Malformed, match=r"^\$\.parameters\.risk\.scenarios: with this, CL-PAR-1 does not hold"):
            self.start({"risk": risk}, machine="clearing", variant="june")

    @pytest.mark.usefixtures("toy_is_known")
    def test_of_a_machine_without_any_are_refused(self):
        with pytest.raises(Malformed, match=r"toy has no parameters"):
            read(scenario() | {"parameters": {"fee": 1}}, "fee")
