"""The toy goes through every check as it is; with a bug planted in it, each check notices."""

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import toy
from clearspec.core.choices import SeededChoices
from clearspec.core.ledger import Posted, Posting
from clearspec.core.machine import Accepted
from clearspec_checks.opinions.auditor import Auditor
from clearspec_checks.runs.campaign import EPISODE, campaign
from clearspec_checks.runs.explore import commands_of, explore
from clearspec_checks.runs.finding import run_commands
from clearspec_checks.runs.stateful import stateful
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch
from clearspec_checks.wire.codec import encode_command

A, B = toy.AccountId("a"), toy.AccountId("b")
BRIEF = settings(max_examples=200, stateful_step_count=20, deadline=None, derandomize=True, database=None)


def with_rule(command, rule):
    """The toy with another rule for one command."""
    rules = toy.RULES | {command: rule}
    return toy.MACHINE.altered(beat=lambda bank, sent: rules[type(sent)](bank, sent))


def double_credit(bank, command):
    """A deposit that credits twice and pays once, and says so in no event."""
    outcome = toy.deposit(bank, command)
    if isinstance(outcome, Accepted):
        return evolve(outcome, state=outcome.state.credited(command.account, toy.Book.CASH, command.amount))
    return outcome


def free_transfer(bank, command):
    """A transfer that charges no fee."""
    outcome = toy.transfer(bank, command)
    if isinstance(outcome, Accepted):
        return toy.posted(bank, Posting(toy.Book.CASH, command.amount, command.source, command.target))
    return outcome


def hidden_transfer(bank, command):
    """A transfer that keeps quiet about its fee."""
    outcome = toy.transfer(bank, command)
    if isinstance(outcome, Accepted):
        return evolve(outcome, events=(Posted(outcome.events[0].postings[:1]),))
    return outcome


def crashing_deposit(bank, command):
    """A deposit that divides by what may be zero."""
    return toy.deposit(bank, evolve(command, amount=command.amount * 7 // (command.amount - 13)))


PLANTED = [
    pytest.param(toy.Deposit, double_credit, "TOY-1", id="double credit"),
    pytest.param(toy.Transfer, free_transfer, "TOY-3", id="no fee"),
    pytest.param(toy.Transfer, hidden_transfer, Violation.AUDIT, id="a posting without an event"),
]


class TestCampaign:
    def test_reaches_everything(self):
        report = campaign(toy.MACHINE, 3_000, judged_from=3_000)
        assert report.ok
        assert report.judged
        assert report.unreached == ()
        assert sum(report.accepted.values()) + sum(report.rejected.values()) == report.commands == 3_000

    def test_counts_do_not_depend_on_the_number_of_processes(self):
        one, two = (campaign(toy.MACHINE, 1_500, seed=3, processes=n) for n in (1, 2))
        assert one.commands == two.commands
        for name in ("starts", "accepted", "rejected", "landmarks", "cases"):
            assert getattr(one, name) == getattr(two, name)

    def test_starts_from_the_cover_in_turn_and_names_the_start_of_a_finding(self):
        rich = evolve(
            toy.MACHINE.spec.initial, accounts=toy.MACHINE.spec.initial.accounts.put(A, toy.Account(9)), vault=-9
        )
        machine = toy.MACHINE.altered(cover={"rich": rich})
        assert campaign(machine, 4 * EPISODE).starts == {"initial": 2, "cover:rich": 2}
        finding = campaign(machine.altered(cover={"torn": evolve(rich, vault=0)}), 4 * EPISODE).finding
        assert finding is not None
        assert (finding.start, finding.code, finding.commands) == ("cover:torn", "TOY-1", ())

    def test_another_seed_is_another_campaign(self):
        assert campaign(toy.MACHINE, 900, seed=1).accepted != campaign(toy.MACHINE, 900, seed=2).accepted

    def test_names_what_was_never_reached_and_fails_only_if_it_was_long_enough(self):
        machine = toy.MACHINE.altered(landmarks=("the moon",))
        assert campaign(machine, 600).ok
        report = campaign(machine, 600, judged_from=600)
        assert not report.ok
        assert report.unreached == ("landmark: the moon",)

    def test_counts_landmarks(self):
        machine = toy.MACHINE.altered(
            landmarks=("overdraft avoided",),
            landmarks_of=lambda _, beat, __: ("overdraft avoided",) if isinstance(beat, toy.Open) else (),
        )
        assert campaign(machine, 600).landmarks["overdraft avoided"] > 0

    @pytest.mark.parametrize(("command", "rule", "code"), PLANTED)
    def test_finds_a_planted_bug_and_shrinks_it(self, command, rule, code):
        machine = with_rule(command, rule)
        report = campaign(machine, 5_000)
        assert not report.ok
        finding = report.finding
        assert finding is not None
        assert finding.code == code
        assert len(finding.commands) <= 4
        with pytest.raises(Violation, match=code):
            run_commands(machine, finding.start, [encode_command(each) for each in finding.commands])

    def test_a_finding_prints_as_a_test_that_fails(self, monkeypatch):
        from clearspec import registry

        monkeypatch.setattr(registry, "find", lambda name: {"toy": broken}[name])
        broken = with_rule(toy.Deposit, double_credit)
        finding = campaign(broken, 5_000).finding
        assert finding is not None
        written: dict[str, object] = {}
        exec(finding.as_pytest(), written)
        with pytest.raises(Violation, match="TOY-1"):
            written["test_toy_1"]()

    def test_a_crash_of_a_rule_is_a_violation(self):
        finding = campaign(with_rule(toy.Deposit, crashing_deposit), 5_000).finding
        assert finding is not None
        assert finding.code == Violation.CRASH
        assert "ZeroDivisionError" in finding.message

    def test_reports_what_was_done_when_interrupted(self):
        def interrupt(done):
            if done >= 600:
                raise KeyboardInterrupt

        report = campaign(toy.MACHINE, 3_000, on_progress=interrupt)
        assert report.interrupted
        assert report.commands == 600


class TestExploration:
    def test_exhausts_the_scope(self):
        found = explore(toy.MACHINE, "two accounts")
        assert found.exhausted
        assert found.finding is None
        assert found.commands == 2 + 2 * 3 + 2 * 2 * 3
        assert found.transitions >= found.states * 2

    def test_a_limit_that_is_reached_is_said(self):
        assert not explore(toy.MACHINE, "two accounts", states=10).exhausted
        assert not explore(toy.MACHINE, "two accounts", seconds=0).exhausted

    @pytest.mark.parametrize(("command", "rule", "code"), PLANTED)
    def test_finds_a_planted_bug_by_the_shortest_way(self, command, rule, code):
        finding = explore(with_rule(command, rule), "two accounts").finding
        assert finding is not None
        assert finding.code == code
        assert len(finding.commands) == (2 if command is toy.Deposit else 3)

    def test_a_field_without_values_is_named(self):
        scope = evolve(toy.MACHINE.drive.scopes["two accounts"], values={})
        with pytest.raises(ValueError, match=r"Open\.account"):
            commands_of(scope, "two accounts")


class TestStateful:
    @pytest.mark.parametrize(("command", "rule", "code"), PLANTED)
    def test_finds_a_planted_bug(self, command, rule, code):
        with pytest.raises(Violation, match=code):
            run_state_machine_as_test(stateful(with_rule(command, rule)), settings=BRIEF)

    def test_a_failure_prints_its_commands(self):
        with pytest.raises(Violation) as caught:
            run_state_machine_as_test(stateful(with_rule(toy.Deposit, double_credit)), settings=BRIEF)
        printed = "\n".join(caught.value.__notes__)
        assert "state.step(command=Open(account='a'))" in printed
        assert "state.step(command=Deposit(account='a', amount=1))" in printed


class TestAuditor:
    def test_recomputes_every_holding_from_the_events(self):
        auditor, state, choices = Auditor({}), toy.MACHINE.spec.initial, SeededChoices(5)
        for _ in range(300):
            outcome = toy.MACHINE.step(state, toy.generate(state, choices))
            if isinstance(outcome, Accepted):
                auditor.enter(outcome.events)
                state = outcome.state
        assert auditor.complaints(toy.statement(state)) == []
        assert auditor.holdings() == {key: amount for key, amount in toy.statement(state).items() if amount}

    def test_names_the_holder_and_both_amounts(self):
        auditor = Auditor({})
        auditor.enter((Posted((Posting("cash", 5, "a", "b"),)),))
        assert auditor.complaints({("a", "cash"): -5, ("b", "cash"): 6}) == [
            "b states 6 of cash, the events add up to 5"
        ]

    def test_a_book_that_does_not_sum_to_zero_is_named(self):
        assert "cash does not balance" in Auditor({("a", "cash"): 3}).complaints({("a", "cash"): 3})[0]


class TestWatch:
    def test_a_violation_names_the_claim_and_the_command(self):
        watch = Watch(with_rule(toy.Deposit, double_credit))
        state = watch.run(toy.MACHINE.spec.initial, toy.Open(A)).state
        with pytest.raises(Violation) as caught:
            watch.run(state, toy.Deposit(A, 5))
        assert str(caught.value).startswith("TOY-1: What is held, charged and in the vault sums to zero.")
        assert "Deposit(account='a', amount=5)" in str(caught.value)

    def test_counts_cases(self):
        watch = Watch(toy.MACHINE)
        state = watch.begin(toy.MACHINE.spec.initial)
        for command in (toy.Open(A), toy.Open(B), toy.Deposit(A, 9), toy.Transfer(A, B, 3)):
            state = watch.run(state, command).state
        assert watch.cases == {"TOY-1": 5, "TOY-2": 5, "TOY-3": 1}

    def test_a_command_that_does_not_end_is_a_violation(self):
        others = tuple(each for each in toy.MACHINE.spec.commands if each is not toy.Deposit)
        endless = toy.MACHINE.altered(due=lambda _: toy.Deposit(A, 1), commands=others, beats=(toy.Deposit,))
        watch = Watch(endless)
        with pytest.raises(Violation, match=Violation.ENDLESS):
            watch.run(toy.MACHINE.spec.initial, toy.Open(A))

    def test_a_claim_must_answer_yes_and_nothing_like_it(self):
        like = [evolve(each, holds=lambda *_: "fine") for each in toy.MACHINE.spec.claims]
        with pytest.raises(Violation):
            Watch(toy.MACHINE.altered(claims=tuple(like))).begin(toy.MACHINE.spec.initial)
