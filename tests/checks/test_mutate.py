"""Mutants of the toy: enumerated, applied one at a time, killed or not."""

import os

import pytest
from attrs import evolve

import toy
from clearspec import registry
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Rejected
from clearspec_checks.mutation.judged import BY_HAND, judged, judgments
from clearspec_checks.mutation.killers import EQUIVALENT, Killer, complaints, killers
from clearspec_checks.mutation.mutants import function_of, mutants_of, sample
from clearspec_checks.mutation.mutate import Kept, mutate
from clearspec_checks.mutation.operators import OPERATORS
from clearspec_checks.opinions.reach import beats_that_call, rules_of

MUTANTS = mutants_of(toy.MACHINE, toy)
KILLERS = killers(scope_seconds=5, full_commands=3_000)


@claim(
    "TOY-4",
    "Funds are lacking exactly if they do not cover amount and fee.",
    title="funds are lacking only if they are short",
    kind=Kind.OUTCOME,
    on=(toy.Transfer,),
)
def rejected_exactly(before, command, outcome):
    source, target = before.accounts.get(command.source), before.accounts.get(command.target)
    reason = outcome.reason if isinstance(outcome, Rejected) else None
    if source is None or target is None:
        return reason == toy.Reason.ACCOUNT_EXISTS
    if command.amount < 1:
        return reason == toy.Reason.AMOUNT_POSITIVE
    covered = 1_000_000 * (source.cash - command.amount) >= 700 * command.amount
    return (reason is None) if covered else reason == toy.Reason.FUNDS_SUFFICIENT


def named(operator, text):
    [found] = [each for each in MUTANTS if each.operator == operator and text in each.change]
    return found


def test_the_syntax_tree_gives_every_mutant_of_the_rules_and_of_nothing_else():
    own = [each for each in MUTANTS if each.file == "toy.py"]
    assert {each.function for each in own} == {"open_account", "deposit", "transfer", "Bank.credited"}
    counts = {operator: sum(each.operator == operator for each in own) for operator in OPERATORS}
    assert {operator: times for operator, times in counts.items() if times} == {
        "rejection": 6,
        "condition": 2,
        "strictness": 3,
        "equality": 2,
        "rounding": 1,
        "sign": 4,
        "postings": 3,
        "omission": 4,
    }
    assert len({each.id for each in MUTANTS}) == len(MUTANTS)


def test_scaffolding_is_no_rule():
    rules = {each.__name__ for each in rules_of(toy.MACHINE, [toy])}
    assert {"transfer", "posted", "credited", "statement"} <= rules
    assert "generate" not in rules


def test_only_the_beats_that_may_call_a_function_are_named():
    assert beats_that_call(toy.transfer, toy.MACHINE, [toy]) == ("Transfer",)
    assert beats_that_call(toy.posted, toy.MACHINE, [toy]) == ("Deposit", "Transfer")


def test_a_smaller_sample_is_part_of_a_larger_one():
    small, large = sample(MUTANTS, 4, 1), sample(MUTANTS, 20, 1)
    assert len(small) == 4
    assert large[:4] == small
    assert {each.operator for each in large} == {each.operator for each in MUTANTS}


def test_what_changes_elsewhere_in_a_file_changes_no_sample():
    here = sample(MUTANTS, 8, 1)
    moved = [evolve(each, line=each.line + 7, id=f"moved {each.id}") for each in MUTANTS]
    assert [evolve(each, line=0, id="") for each in sample(moved, 8, 1)] == [
        evolve(each, line=0, id="") for each in here
    ]
    assert sample(MUTANTS, 8, 2) != here


def test_rules_without_a_mutation_pass():
    assert complaints(toy.MACHINE, KILLERS[1:]) == []


@pytest.mark.parametrize(
    ("operator", "text", "column", "because"),
    [
        ("rounding", "mul_div_ceil(", "stateful", "TOY-3"),
        ("postings", "System.VAULT", "stateful", "TOY-2"),
        ("rejection", "Rejected(Reason.FUNDS_SUFFICIENT)", "stateful", "TOY-2"),
    ],
)
def test_a_mutant_is_killed_and_the_reason_given(operator, text, column, because):
    before = function_of(named(operator, text)).__code__
    [fate] = mutate(toy.MACHINE, [named(operator, text)], KILLERS)
    assert fate.killed_by == (column,)
    assert because in fate.because
    assert function_of(named(operator, text)).__code__ is before


def test_a_survivor_is_named_and_a_claim_that_determines_the_outcome_kills_it():
    mutant = named("strictness", "source.cash <")
    [fate] = mutate(toy.MACHINE, [mutant], KILLERS)
    assert fate.survived
    wiser = toy.MACHINE.altered(claims=(*toy.MACHINE.spec.claims, rejected_exactly.__claim__))
    [fate] = mutate(wiser, [mutant], KILLERS, matrix=True)
    assert "explore" in fate.killed_by


def test_who_else_kills_is_asked_only_for_the_matrix():
    mutant = named("rounding", "mul_div_ceil(")
    [first], [all_of_them] = (mutate(toy.MACHINE, [mutant], KILLERS, matrix=matrix) for matrix in (False, True))
    assert first.killed_by == ("stateful",)
    assert all_of_them.killed_by == ("stateful", "explore")


def test_a_mutant_that_never_ends_is_killed_and_its_process_too():
    [endless] = [evolve(KILLERS[0], look=loop_forever, seconds=0.3)]
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [endless])
    assert fate.killed_by == ("examples",)
    assert "did not end" in fate.because


def loop_forever(*_):
    while True:
        pass


def test_a_proof_that_never_ends_is_inconclusive():
    endless = evolve(KILLERS[0], look=loop_forever, seconds=0.3, column="proofs", endless_kills=False)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [endless])
    assert fate.survived


def raising(*_):
    raise ValueError("no solver")


def test_an_error_of_a_proof_is_inconclusive_and_is_told():
    wrong = evolve(KILLERS[0], name="proof", look=raising, column="proofs", endless_kills=False)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [wrong])
    assert fate.survived
    assert fate.unanswered == ("proof: ValueError: no solver",)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [evolve(wrong, endless_kills=True)])
    assert (fate.killed_by, fate.unanswered) == (("proofs",), ())


def test_a_process_that_dies_is_inconclusive_only_of_a_proof():
    dying = evolve(KILLERS[0], name="proof", look=lambda *_: os._exit(3), column="proofs", endless_kills=False)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [dying])
    assert (fate.survived, fate.unanswered) == (True, ("proof: its process died",))
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [evolve(dying, endless_kills=True)])
    assert "died" in fate.because


def test_a_run_keeps_nothing_open_that_a_mutant_had():
    """Else the prover's own pipes get numbers in the end that it cannot wait for."""
    nothing = evolve(KILLERS[0], look=lambda *_: "")
    mutate(toy.MACHINE, MUTANTS[:1], [nothing])
    before = len(os.listdir("/proc/self/fd"))
    mutate(toy.MACHINE, MUTANTS[:8], [nothing, nothing])
    assert len(os.listdir("/proc/self/fd")) == before


def proof(verdict, seconds=60):
    return Killer("proof", EQUIVALENT, seconds, lambda *_: verdict, endless_kills=False)


def test_a_survivor_that_is_proved_equivalent_is_no_survivor():
    [fate] = mutate(toy.MACHINE, [named("strictness", "source.cash <")], [KILLERS[1], proof("agreed")])
    assert fate.equivalent
    assert not fate.survived
    assert fate.because == "agreed"


@pytest.mark.parametrize("matrix", [False, True])
def test_whether_it_is_a_mutant_is_asked_only_of_what_is_alive(matrix):
    killers = [KILLERS[1], proof("agreed")]
    [fate] = mutate(toy.MACHINE, [named("rounding", "mul_div_ceil(")], killers, matrix=matrix)
    assert fate.killed_by == ("stateful",)
    assert not fate.equivalent


@pytest.mark.parametrize(
    ("noticed", "killed_by"),
    [("examples", ("examples", "proofs")), ("stateful", ("stateful",)), (None, ("proofs",))],
)
def test_what_takes_long_is_asked_only_of_what_no_claim_has_noticed(noticed, killed_by):
    first = Killer("first", noticed or "explore", 60, lambda *_: "seen" if noticed else "")
    long = Killer("long", "proofs", 60, lambda *_: "seen", thorough=True)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [first, long], matrix=True)
    assert fate.killed_by == killed_by


def test_what_is_judged_by_hand_names_a_mutant_and_is_counted_as_such():
    machines = [registry.find(name) for name in registry.names()]
    everything = [each for machine in machines for each in mutants_of(machine, registry.module(machine.name))]
    for each in judgments():
        found = [mutant for mutant in everything if judged(toy.MACHINE, mutant) == f"{BY_HAND}{each.because}"]
        assert found, f"no mutant of {each.function} is {each.change}"
    assert len(judgments()) <= 0.02 * len(everything)
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [proof(f"{BY_HAND}it is the same")])
    assert fate.by_hand
    [fate] = mutate(toy.MACHINE, MUTANTS[:1], [proof("agreed")])
    assert not fate.by_hand


def test_results_are_kept_and_not_computed_again(tmp_path):
    path = tmp_path / "mutants.jsonl"
    first = mutate(toy.MACHINE, MUTANTS[:2], KILLERS[1:2], kept=Kept(path, "brief"))
    again = mutate(toy.MACHINE, MUTANTS[:2], [], kept=Kept(path, "brief"))
    assert first == again
    assert Kept(path, "another kind").get(MUTANTS[0]) is None
    path.write_text(path.read_text() + '{"half a li')
    assert Kept(path, "brief").get(MUTANTS[1]) == first[1]
