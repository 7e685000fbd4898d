"""Each command on the toy: exit code, what it shows, and its JSON keys."""

import json
import re
from pathlib import Path

import pytest
from attrs import evolve

import clearspec_cli.mutate
import clearspec_cli.prove
import toy
from clearspec import registry
from clearspec.core.claims import Claim, Kind
from clearspec.core.limits import Limits, bits, signed
from clearspec_checks.mutation.judged import BY_HAND
from clearspec_cli.paths import of_scenarios
from clearspec_cli.prove import parts_of
from clearspec_proofs.executor.tables import SymTable
from clearspec_proofs.logic.terms import TRUE
from clearspec_proofs.solving.solvers import Answer
from generous import generous


def test_list(clearspec):
    listed = clearspec("list", "--json", "-")
    assert listed.code == 0
    assert set(listed.json) == {"machines", "scenarios", "vectors"}
    [machine] = [each for each in listed.json["machines"] if each["name"] == "toy"]
    assert machine == {
        "name": "toy",
        "transitions": ["Open", "Deposit", "Transfer"],
        "invariants": ["TOY-1", "TOY-2", "TOY-3"],
        "reasons": ["ACCOUNT_EXISTS", "ACCOUNT_NEW", "AMOUNT_POSITIVE", "FUNDS_SUFFICIENT"],
        "profiles": [],
    }


def test_fuzz(clearspec):
    fuzzed = clearspec("fuzz", "toy", "--commands", 900, "--seed", 7, "--json", "-")
    assert fuzzed.code == 0
    [report] = fuzzed.json["machines"]
    assert fuzzed.json["ok"]
    assert report["commands"] == 900
    assert report["violation"] is None
    again = clearspec("fuzz", "toy", "--commands", 900, "--seed", 7, "--jobs", 1, "--json", "-")
    assert report | {"seconds": 0} == again.json["machines"][0] | {"seconds": 0}


def test_fuzz_shows_a_finding_with_its_test(clearspec, monkeypatch):
    broken = toy.MACHINE.altered(beat=lambda bank, command: toy.MACHINE.spec.beat(evolve(bank, fees=1), command))
    monkeypatch.setattr(registry, "find", lambda _: broken)
    fuzzed = clearspec("fuzz", "toy", "--commands", 900)
    assert fuzzed.code == 1
    assert "TOY-1: What is held, charged and in the vault sums to zero." in fuzzed.out
    assert "def test_toy_1():" in fuzzed.out


def test_explore(clearspec):
    explored = clearspec("explore", "toy", "--json", "-")
    assert explored.code == 0
    [scope] = explored.json["scopes"]
    assert scope["exhausted"]
    assert scope["scope"] == "two accounts"
    assert "exhausted" in clearspec("explore", "toy").out
    limited = clearspec("explore", "toy", "--states", 5, "--json", "-")
    assert [each["exhausted"] for each in limited.json["scopes"]] == [False]


def test_paths(clearspec):
    followed = clearspec("paths", "transfer", "open", "--seconds", 1, "--jobs", 1, "--json", "-")
    assert followed.code == 0
    assert {row["beat"] for row in followed.json["beats"]} == {"Open", "Transfer"}
    assert followed.json["paths"] == followed.json["witnessed"] == 10
    assert followed.json["open"] == followed.json["excluded"]["open"] == 0
    goals = followed.json["goals"]
    assert goals["compared"] == sum(row["goals"]["compared"] for row in followed.json["beats"]) > 0
    assert goals["false"] >= 1
    assert set(goals["claims_false"]) <= {"TOY-1", "TOY-2", "TOY-3"}


def test_worked_examples_go_beside_paths_with_all_their_beats():
    machine = registry.find("clearing")
    beats = of_scenarios(machine)
    assert {type(beat) for _, beat in beats} >= set(machine.spec.beats)
    assert not of_scenarios(toy.MACHINE)


def test_paths_says_which_run_does_something_else(clearspec, monkeypatch):
    monkeypatch.setattr(SymTable, "drop", lambda table, _: table)
    monkeypatch.setattr(SymTable, "put", lambda table, key, _: (table.get(key), table)[1])
    followed = clearspec("paths", "toy", "--seconds", 8, "--jobs", 1)
    assert followed.code == 1
    assert "differs" in followed.out
    assert "the path says Accepted(state=Bank(" in followed.out


@pytest.mark.usefixtures("scenario")
def test_run(clearspec):
    ran = clearspec("run", "fee.json")
    assert ran.code == 0
    assert "rejected ACCOUNT_EXISTS" in ran.out
    assert "System.VAULT -> a: 1,000 Book.CASH" in ran.out
    assert "+1,000" in ran.out
    data = clearspec("run", "fee.json", "--json", "-").json
    assert data["ok"]
    assert data["after"] == {"System.VAULT": {"Book.CASH": "-1000"}, "a": {"Book.CASH": "1000"}}
    assert [step["rejected"] for step in data["steps"]] == [None, None, "ACCOUNT_EXISTS"]


def test_run_says_what_was_not_as_expected(clearspec, scenario):
    scenario["expect"]["statement"]["a"]["Book.CASH"] = "999"
    Path("fee.json").write_text(json.dumps(scenario))
    ran = clearspec("run", "fee.json")
    assert ran.code == 1
    assert "FAILED  a has 1000 of Book.CASH, expected 999" in ran.out


def test_run_folds_the_set_up_and_says_what_changed_after_it_and_which_claim_it_is_for(clearspec):
    folded, whole = clearspec("run", "perp-close").out, clearspec("run", "perp-close", "--verbose").out
    assert "claim EX-PERP-2: A position without size has no cost." in folded
    assert "0 to 4: set-up, 2 OpenAccount, 1 QuotePrice, 2 Deposit" in folded
    assert "  4  Deposit" not in folded
    assert "  5  PlaceOrder account='bob' order='s1' market='SOL-PERP' side=SELL price=1,500,000" in folded
    assert "USDC balance" not in folded
    assert "1,000,000,000  1,098,140,000   +98,140,000" in folded
    assert "  4  Deposit account='bob'" in whole
    assert "set-up" not in whole
    assert "USDC balance" in whole


def test_run_folds_nothing_where_all_is_set_up_or_one_command_is(clearspec):
    def said(commands):
        value = {"machine": "exchange", "title": "t", "commands": commands}
        Path("mine.json").write_text(json.dumps(value))
        return clearspec("run", "mine.json").out

    opened = [{"OpenAccount": {"account": name, "tier": "standard", "leverage": 1}} for name in "ab"]
    cancelled = {"CancelAll": {"account": "a"}}
    assert "set-up," not in said(opened)
    assert "set-up," not in said([opened[0], cancelled])
    assert "set-up, 2 OpenAccount" in said([*opened, cancelled])


def test_worked_examples_and_claims_are_listed_by_topic(clearspec):
    for listed in (clearspec("run", "--list").out, clearspec("list").out):
        assert re.search(r"^takeover +waterfall +One account through all three tiers", listed, re.MULTILINE)
    assert re.search(r"^perpetual +EX-[A-Z]+-[0-9]+ +(state|step)", listed, re.MULTILINE)


def test_run_lists_the_named_scenarios(clearspec):
    assert clearspec("run", "--list").code == 0
    listed = clearspec("run", "--list", "--json", "-").json["scenarios"]
    assert {each["name"] for each in listed} == set(clearspec("list", "--json", "-").json["scenarios"])


def test_explain(clearspec):
    explained = clearspec("explain", "toy-3")
    assert explained.code == 0
    assert "A transfer costs its fee, and the fee goes to the bank." in explained.out
    assert "toy.py:" in explained.out
    assert "def fee_is_charged(" in explained.out
    assert "no proof run is saved" in explained.out
    data = clearspec("explain", "TOY-3", "--json", "-").json
    assert data["kind"] == "step"
    assert data["on"] == ["Transfer"]
    assert data["proof"] is None


def test_explain_knows_the_rules_of_a_code_that_is_no_claim(clearspec):
    explained = clearspec("explain", "ex-gate-3")
    assert explained.code == 0
    assert "rules.gates.first_closed_gate" in explained.out
    data = clearspec("explain", "EX-GATE-3", "--json", "-").json
    assert data["rules"][0]["beats"] == ["PlaceOrder"]
    assert data["claims"] == ["EX-REJ-1"]
    assert "rules.book.best" in clearspec("explain", "EX-MAT-3").out
    assert any(each.startswith("docs/exchange/orders-and-gates.md:") for each in data["documented"])
    assert "docs/rules.md:" in explained.out
    assert "docs/exchange/matching-and-settlement.md:" in clearspec("explain", "EX-MAT-3").out
    assert "run by" not in clearspec("explain", "PR-1").out
    unknown = clearspec("explain", "EX-GATE-99")
    assert unknown.code == 2
    assert "EX-GATE-" in unknown.err


def test_explain_shows_the_last_proof_run(clearspec):
    row = {"invariant": "TOY-3", "machine": "toy", "beat": "Transfer", "verdict": "agreed", "solvers": ["cvc5", "z3"]}
    row |= {"seconds": 0.5, "paths": 3, "bound": "", "reason": "", "counterexample": None}
    Path(".clearspec").mkdir()
    Path(".clearspec/proofs.json").write_text(json.dumps({"rows": [row]}))
    assert "1 agreed" in clearspec("explain", "TOY-3").out
    assert "not among the last proof run" in clearspec("explain", "TOY-2").out
    Path(".clearspec/proofs.json").write_text("{half")
    assert "no proof run is saved" in clearspec("explain", "TOY-3").out


def test_catalogue(clearspec):
    assert clearspec("catalogue", "--page", "claims.md").code == 0
    page = Path("claims.md").read_text()
    assert "| `TOY-2` | Nobody is overdrawn | No account is overdrawn. | state |" in page


def test_check_without_proofs(clearspec, monkeypatch):
    monkeypatch.setattr(registry, "_MODULES", {"toy": "toy"})
    checked = clearspec("check", "--quick", "--no-proofs", "--json", "-")
    assert checked.code == 0
    assert set(checked.json) >= {"ok", "seconds", "invariants"}
    for each in checked.json["invariants"]:
        assert set(each) >= {"code", "machine", "title", "sentence", "proved", "tested", "cases"}
        assert each["tested"]
        assert not each["proved"]
        assert each["cases"] > 0


def test_check_fails_when_anything_does(clearspec, monkeypatch):
    monkeypatch.setattr(registry, "_MODULES", {"toy": "toy"})
    broken = toy.MACHINE.altered(beat=lambda bank, command: toy.MACHINE.spec.beat(evolve(bank, fees=1), command))
    monkeypatch.setattr(registry, "find", lambda _: broken)
    checked = clearspec("check", "--quick", "--no-proofs")
    assert checked.code == 1
    assert "fuzz: violates TOY-1" in checked.out
    assert "explore two accounts: violates TOY-1" in checked.out


def test_widths(clearspec, monkeypatch, tmp_path):
    ranges = {"accounts.cash": bits(60), "fees": bits(60), "vault": (-(2**60), 0), "*.amount": signed(60)}
    why = "deposits have no limit"
    limits = Limits(ranges, unkept={"accounts.cash": why, "vault": why})
    monkeypatch.setattr(toy, "MACHINE", toy.MACHINE.altered(limits=limits))
    found = clearspec("widths", "toy", "--runs", 1, "--page", "widths.md", "--json", "-")
    assert found.code == 0
    [machine] = found.json["machines"]
    assert {each["field"]: each["verdict"] for each in machine["fields"]} == {
        "accounts.cash": "not kept",
        "fees": "kept",
        "vault": "not kept",
    }
    [beyond] = [each for each in machine["operations"] if each["verdict"] != "fits"]
    assert (beyond["file"], beyond["function"], beyond["bits"]) == ("toy.py", "transfer", 70)
    assert machine["broken"] == []
    page = (tmp_path / "widths.md").read_text()
    assert f"| `vault` | 61 | Deposit | {why} |" in page
    assert "| double |" in page


def test_widths_fails_where_what_is_not_kept_is_not_named(clearspec, monkeypatch):
    limits = Limits({"*cash": bits(60), "fees": bits(60), "vault": (-(2**60), 0), "*.amount": signed(60)})
    monkeypatch.setattr(toy, "MACHINE", toy.MACHINE.altered(limits=limits))
    assert clearspec("widths", "toy", "--runs", 0).code == 1


def test_widths_fails_where_what_is_kept_is_named_as_not_kept(clearspec, monkeypatch):
    ranges = {"accounts.cash": bits(60), "fees": bits(60), "vault": (-(2**60), 0), "*.amount": signed(60)}
    limits = Limits(ranges, unkept=dict.fromkeys(("accounts.cash", "vault", "f*"), "deposits have no limit"))
    monkeypatch.setattr(toy, "MACHINE", toy.MACHINE.altered(limits=limits))
    assert clearspec("widths", "toy", "--runs", 0).code == 1


def test_widths_names_what_is_open_and_by_which_beats(clearspec, monkeypatch, tmp_path):
    ranges = {"accounts.cash": bits(60), "fees": bits(60), "vault": (-(2**60), 0), "*.amount": signed(60)}
    monkeypatch.setattr(toy, "MACHINE", toy.MACHINE.altered(limits=Limits(ranges)))
    found = clearspec("widths", "toy", "--beat", "Open", "--runs", 0, "--page", "widths.md", "--json", "-")
    assert found.code == 1
    [machine] = found.json["machines"]
    assert {each["field"]: each["open_by"] for each in machine["fields"]}["fees"] == ["Deposit", "Transfer"]
    assert "| `fees` | 60 | Deposit, Transfer |" in (tmp_path / "widths.md").read_text()


def test_mutate(clearspec):
    mutated = clearspec("mutate", "toy", "--sample", 3, "--no-proofs", "--json", "-")
    assert mutated.code in (0, 1)
    assert len(mutated.json["mutants"]) == 3
    for each in mutated.json["mutants"]:
        assert set(each) >= {"id", "file", "line", "change", "killed_by", "equivalent", "because"}
    assert (
        clearspec("mutate", "toy", "--sample", 3, "--no-proofs", "--json", "-").json["mutants"]
        == (mutated.json["mutants"])
    )


def test_mutate_with_one_kind_of_change_and_all_who_notice_it(clearspec):
    options = ("--operators", "rounding, postings", "--sample", 4, "--matrix", "--no-proofs", "--json")
    mutated = clearspec("mutate", "toy", *options, "-")
    assert {each["operator"] for each in mutated.json["mutants"]} == {"rounding", "postings"}
    killed = [each["killed_by"] for each in mutated.json["mutants"]]
    assert ["stateful", "explore"] in killed
    shown = clearspec("mutate", "toy", *options, "mutants.json").out
    by_claims = sum(bool({"stateful", "explore"} & set(each)) for each in killed)
    assert f"kill {by_claims} of 4 that are not equivalent, {25 * by_claims}.0 %" in shown


@pytest.mark.parametrize(("sample", "code"), [(1, 0), (2, 1)])
def test_mutate_fails_when_too_many_are_judged_by_hand(clearspec, monkeypatch, sample, code):
    by_hand = evolve(clearspec_cli.mutate.JUDGED, look=lambda *_: f"{BY_HAND}it is the same")
    monkeypatch.setattr(clearspec_cli.mutate, "JUDGED", by_hand)
    monkeypatch.setattr(clearspec_cli.mutate, "killers", lambda _: [])
    mutated = clearspec("mutate", "toy", "--sample", sample, "--no-proofs", "--json", "mutants.json")
    assert mutated.code == code
    assert f"{sample} equivalent ({sample} of them judged by hand)" in mutated.out
    assert ("too many are judged by hand" in mutated.out) == (code == 1)
    assert mutated.out.count("equivalent: judged") == sample


def test_mutate_tells_of_questions_that_ended_in_an_error(clearspec, monkeypatch):
    wrong = evolve(clearspec_cli.mutate.JUDGED, look=lambda *_: 1 // 0)
    monkeypatch.setattr(clearspec_cli.mutate, "JUDGED", wrong)
    monkeypatch.setattr(clearspec_cli.mutate, "killers", lambda _: [])
    said = "judged by hand: ZeroDivisionError: integer division or modulo by zero"
    options = ("mutate", "toy", "--sample", 2, "--no-proofs", "--json")
    assert [each["unanswered"] for each in clearspec(*options, "-").json["mutants"]] == [[said], [said]]
    shown = clearspec(*options, "mutants.json").out
    assert f"2 questions ended in an error, which tells nothing; one: {said}" in " ".join(shown.split())


def test_study_liquidation_time(clearspec):
    studied = clearspec("study", "liquidation-time", "--runs", 2_000, "--seed", 5)
    assert studied.code == 0
    lines = {line[: line.index("  ")]: line.split()[-1] for line in studied.out.splitlines() if "  " in line}
    assert lines["seconds until closed"] == "difference"
    assert {"mean", "standard deviation", "50 % are over within", "over within 20 s"} <= set(lines)
    assert "follows the law: the distribution functions are at most" in studied.out
    data = clearspec("study", "liquidation-time", "--runs", 2_000, "--seed", 5, "--size", 11, "--json", "-").json
    assert set(data) == {"ok", "runs", "seed", "size", "slices", "lines", "distance", "too_far", "histogram"}
    assert (data["ok"], data["runs"], data["seed"], data["size"], data["slices"]) == (True, 2_000, 5, 11, 6)
    assert sum(each["simulated"] for each in data["histogram"]) == 2_000
    assert [each["law"] for each in data["lines"] if each["name"] == "mean"] == [12]


def test_study_that_is_too_far_from_the_law_fails(clearspec, monkeypatch):
    from clearspec_studies import liquidation_time

    honest = liquidation_time.study
    monkeypatch.setattr("clearspec_cli.study.study", lambda terms, **more: honest(terms, tossed=400_000, **more))
    studied = clearspec("study", "liquidation-time", "--runs", 2_000)
    assert studied.code == 1
    assert "does not follow the law" in studied.out


def test_study_draws(clearspec):
    pytest.importorskip("matplotlib")
    for name in ("time.svg", "time.PNG"):
        assert clearspec("study", "liquidation-time", "--runs", 50, "--plot", name).code == 0
        assert Path(name).read_bytes().startswith(b"<?xml" if name == "time.svg" else b"\x89PNG")
    assert sorted(each.name for each in Path.cwd().iterdir()) == ["time.PNG", "time.svg"]


def test_json_goes_to_a_file_beside_the_tables(clearspec):
    explored = clearspec("explore", "toy", "--json", "out.json")
    assert "two accounts" in explored.out
    assert json.loads(Path("out.json").read_text())["ok"]
    assert [each.name for each in Path.cwd().iterdir()] == ["out.json"]


class TestProofs:
    """The toy is proved in a second, so the prover itself takes part."""

    @pytest.fixture(autouse=True)
    def only_the_toy(self, monkeypatch):
        pytest.importorskip("z3")
        pytest.importorskip("cvc5")
        monkeypatch.setattr(registry, "_MODULES", {"toy": "toy"})

    def test_prove(self, clearspec):
        proved = clearspec("prove", "--json", "-")
        assert proved.code == 0
        keys = {"invariant", "machine", "beat", "verdict", "solvers", "seconds", "paths", "bound", "reason"}
        for row in proved.json["rows"]:
            assert set(row) >= keys
            assert row["verdict"] in ("agreed", "normalised", "unchanged")
        assert "agreed" in clearspec("explain", "TOY-2").out

    def test_topics_narrow_each_other(self, clearspec):
        rows = clearspec("prove", "toy-2", "Transfer", "Deposit", "--json", "-").json["rows"]
        assert {(row["invariant"], row["beat"]) for row in rows} == {("TOY-2", "Transfer"), ("TOY-2", "Deposit")}

    def test_what_is_unchanged_is_not_proved_again_but_with_all(self, clearspec):
        first, again = (clearspec("prove", "--json", "-").json for _ in range(2))
        assert first["kept"] == 0
        assert again["kept"] == sum(row["beat"] != "initial" for row in again["rows"]) > 0
        assert first["counts"] == again["counts"]
        assert clearspec("prove", "--all", "--json", "-").json["kept"] == 0
        assert "7 cells known from before; obligations in .clearspec/obligations" in clearspec("prove").out

    def test_check_does_everything_again(self, clearspec, monkeypatch):
        clearspec("prove")
        done = []
        rows_of = clearspec_cli.prove.rows_of
        monkeypatch.setattr("clearspec_cli.check.rows_of", lambda *a, **b: done.extend(rows_of(*a, **b)) or done)
        checked = clearspec("check", "--quick", "--proofs", "--json", "-")
        assert checked.json["goals"]["toy"]["compared"] > 0
        assert done
        assert not any(row["kept"] for row in done)
        assert clearspec("prove", "--verify", ".clearspec/obligations").code == 0

    def test_check_fails_where_a_goal_says_less_than_its_claim(self, clearspec, monkeypatch):
        monkeypatch.setattr("clearspec_proofs.matrix.prover.demanded", lambda *_: TRUE)
        checked = clearspec("check", "--quick", "--proofs")
        assert checked.code == 1
        assert "toy: goals: Python says False of TOY-" in checked.out

    def test_obligations_are_verified_where_they_are_kept(self, clearspec):
        matrix = clearspec("prove", "--keep", "there", "--json", "-").json["matrix"]
        assert not Path(".clearspec/obligations").exists()
        verified = clearspec("prove", "--verify", "there", "--json", "-")
        assert verified.code == 0
        data = verified.json
        assert data["ok"]
        assert data["matrix"] == matrix
        assert data["unsat"] == {"z3": data["texts"], "cvc5": data["texts"]}
        assert (data["cells"], data["without_solver"], data["open"], data["wrong"]) == (9, 8, [], [])
        assert "ok: 9 cells" in clearspec("prove", "--verify", "there", "--sample", 1, "--seed", 5).out

    def test_a_text_that_is_not_unsat_is_named(self, clearspec, monkeypatch):
        clearspec("prove")
        monkeypatch.setattr("clearspec_proofs.solving.solvers.Solver.ask", lambda *_: Answer("sat", {}))
        verified = clearspec("prove", "--verify", ".clearspec/obligations")
        assert verified.code == 1
        assert "z3 says sat of " in verified.out
        assert "toy TOY-2 Transfer" in verified.out
        assert "FAILED: 9 cells" in verified.out

    def test_a_part_of_the_matrix_is_not_verified_for_the_whole(self, clearspec):
        clearspec("prove", "TOY-2")
        verified = clearspec("prove", "--verify", ".clearspec/obligations")
        assert verified.code == 2
        assert verified.out == ""
        assert "5 of 9 cells of the matrix are missing" in verified.err
        assert verified.err.count("\n") == 1

    def test_a_refuted_invariant_fails_with_its_counterexample(self, clearspec, monkeypatch):
        monkeypatch.setattr(registry, "find", lambda _: toy.MACHINE.altered(beat=generous))
        proved = clearspec("prove", "TOY-3")
        assert proved.code == 1
        assert "TOY-3 by Transfer is refuted by" in proved.out
        # Its files do not say what it does, so nothing of it is kept.
        assert not Path(".clearspec/obligations/cells").exists()

    def test_check(self, clearspec):
        checked = clearspec("check", "--quick", "--proofs", "--json", "-")
        assert checked.code == 0
        assert all(each["proved"] and each["tested"] for each in checked.json["invariants"])

    def test_proofs_kill_what_tests_do_not(self, clearspec):
        mutants = clearspec("mutate", "toy", "--json", "-").json["mutants"]
        assert [each["change"] for each in mutants if each["killed_by"] == ["proofs"]] == [
            "return Rejected(Reason.AMOUNT_POSITIVE) -> pass"
        ]


def test_a_name_of_a_beat_and_of_a_topic_is_read_as_it_is_written():
    machines = [registry.find("exchange")]
    [beat] = parts_of(machines, ["Deleverage"])
    assert (beat.codes, beat.beats) == (None, ("Deleverage",))
    [topic] = parts_of(machines, ["deleverage"])
    assert topic.beats is None
    assert "EX-ADL-1" in topic.codes
    [cells] = parts_of(machines, ["backstop", "Deleverage"])
    assert cells.beats == ("Deleverage",)
    assert cells.codes


def test_a_law_that_is_broken_says_so_and_its_arguments(clearspec, monkeypatch):
    law = Claim("TOY-9", "Less than two.", Kind.LAW, lambda number: number < 2, sample=lambda _: (2,))
    monkeypatch.setattr(registry, "find", lambda _: toy.MACHINE.altered(claims=(*toy.MACHINE.spec.claims, law)))
    fuzzed = clearspec("fuzz", "toy", "--commands", 9)
    assert "toy, a law, by its arguments:" in fuzzed.out
    assert "arguments: (2,)" in fuzzed.out
    assert "0 commands:" not in fuzzed.out


def test_a_start_that_breaks_a_claim_is_no_command(clearspec, monkeypatch):
    broken = toy.MACHINE.altered(initial=evolve(toy.MACHINE.spec.initial, fees=1))
    monkeypatch.setattr(registry, "find", lambda _: broken)
    assert "toy, in the start 'initial':" in clearspec("fuzz", "toy", "--commands", 9).out


@pytest.fixture
def broken_toy(monkeypatch):
    """The only machine is a toy of which each command charges a fee that nobody pays."""
    broken = toy.MACHINE.altered(beat=lambda bank, command: toy.MACHINE.spec.beat(evolve(bank, fees=1), command))
    monkeypatch.setattr(registry, "find", lambda _: broken)
    monkeypatch.setattr(registry, "_MODULES", {"toy": "toy"})


@pytest.mark.usefixtures("broken_toy")
class TestFindingFirst:
    def test_a_campaign_shows_it_and_the_rest_on_demand(self, clearspec):
        fuzzed = clearspec("fuzz", "toy", "--commands", 900).out
        assert "TOY-1: What is held" in fuzzed
        assert "reached  " not in fuzzed
        assert fuzzed.count("\n") < 30
        whole = clearspec("fuzz", "toy", "--commands", 900, "--verbose").out
        assert whole.index("TOY-1: What is held") < whole.index("reached  ")
        assert "never reached" not in whole

    def test_a_check_shows_it_in_one_screen_and_no_table(self, clearspec):
        checked = clearspec("check", "--quick", "--no-proofs").out
        assert "ended by a violation of TOY-1" in checked
        assert checked.index("def test_toy_1():") < checked.index("fuzz: violates TOY-1")
        assert checked.count("def test_toy_1():") == 1
        assert "need not reach" not in checked
        assert "invariant  " not in checked
        assert checked.count("\n") < 40
        assert "invariant  " in clearspec("check", "--quick", "--no-proofs", "--verbose").out

    @pytest.mark.usefixtures("scenario")
    def test_a_worked_example_names_the_claim_and_no_amounts(self, clearspec):
        data = clearspec("run", "fee.json", "--json", "-")
        assert data.code == 1
        [failure] = data.json["failures"]
        assert failure.startswith("command 0: TOY-1: What is held")
        assert failure.endswith("not run: the 2 after it")


def test_a_short_campaign_says_how_much_it_did_not_reach_and_what_on_demand(clearspec):
    assert "named by --verbose" in clearspec("fuzz", "toy", "--commands", 1).out
    assert "a case of TOY-3" in clearspec("fuzz", "toy", "--commands", 1, "--verbose").out
