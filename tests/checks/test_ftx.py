"""FTX: a friend of the venue who is asked nothing.  Every book balances, and each way to hide it breaks a claim."""

import pytest

from broken import broken_by
from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.exchange.claims.ledger import balances_sum_to_zero
from clearspec.machines.exchange.drive.worlds import PERP, SPOT, STANDARD, USDC
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.reserves import liabilities, missing, not_on_chain, on_chain, owed_to
from clearspec.machines.exchange.state.commands import (
    Borrow,
    Deposit,
    Lend,
    MoveWallet,
    OpenAccount,
    QuotePrice,
    Reason,
    SendWithdrawal,
    Withdraw,
)
from clearspec.machines.exchange.state.types import AccountId, SourceId, SystemAccount, WithdrawalId
from clearspec.machines.exchange.statement import statement
from clearspec.mechanisms import liabilities as pr
from clearspec_checks.opinions.auditor import Auditor
from clearspec_checks.runs.campaign import campaign
from clearspec_checks.runs.watch import Watch
from naive_venue import FRIEND, asked_nothing, lent_by, taken_from_the_wallet, with_rule

BOB, CAROL = AccountId("b"), AccountId("c")
BEFORE = (
    *(OpenAccount(each, STANDARD, 1) for each in (FRIEND, BOB, CAROL)),
    QuotePrice(SourceId("spot"), SPOT, 1_500_000),
    QuotePrice(SourceId("perp"), PERP, 1_500_000),
    Deposit(FRIEND, USDC, 100),
    Deposit(BOB, USDC, 1_000),
    Deposit(CAROL, USDC, 1_000),
    Lend(CAROL, USDC, 200),
    Lend(BOB, USDC, 200),
    Withdraw(BOB, WithdrawalId("b1"), USDC, 50),
)
"""Some of everything: balances, claims, a withdrawal that waits.  All of it is allowed."""
TAKES = Withdraw(FRIEND, WithdrawalId("f1"), USDC, 1_600)
BORROWS = Borrow(FRIEND, USDC, 300)


def salt(client):
    return client.encode().ljust(pr.SALT_MIN, b"-")


def after(machine, *commands):
    """The state after these commands, all of them accepted."""
    state = MACHINE.drive.variants["one-source"]
    for command in commands:
        outcome = machine.step(state, command)
        assert isinstance(outcome, Accepted), (command, outcome)
        state = outcome.state
    return state


def broken(machine, before, command):
    """The codes of the claims that one command breaks, out of all that hold before."""
    assert all(each(before) for each in MACHINE.spec.claims if each.kind is Kind.STATE)
    return broken_by(machine, before, command, machine.spec.beat(before, command))


class TestTheRulesHold:
    @pytest.mark.parametrize(("command", "reason"), [(TAKES, Reason.BALANCE_FREE), (BORROWS, Reason.GAINS_SETTLED)])
    def test_the_friend_is_asked_like_anybody(self, command, reason):
        assert MACHINE.step(after(MACHINE, *BEFORE), command) == Rejected(reason)

    def test_everybody_else_is_paid_in_full(self):
        watch, state = Watch(MACHINE), after(MACHINE, *BEFORE)
        leave = (
            TAKES,
            BORROWS,
            SendWithdrawal(WithdrawalId("b1")),
            *(Withdraw(each, WithdrawalId(f"all-{each}"), USDC, amount) for each, amount in ((BOB, 750), (CAROL, 800))),
            *(SendWithdrawal(WithdrawalId(f"all-{each}")) for each in (BOB, CAROL)),
        )
        outcomes = []
        for command in leave:
            outcomes.append(watch.run(state, command))
            state = outcomes[-1].state if isinstance(outcomes[-1], Accepted) else state
        assert [type(each) for each in outcomes] == [Rejected] * 2 + [Accepted] * 5
        tree = liabilities(state, salt)
        assert tree.root.sums == (500, 0)  # a's 100, and what b and c have lent
        assert pr.solvent(tree.root.sums, on_chain(state))


class TestAskedNothing:
    """The friend withdraws 1,600 on 100, and is paid at once."""

    naive = with_rule(asked_nothing)

    def test_the_claims_on_that_account_break_and_no_other(self):
        found = broken(self.naive, after(MACHINE, *BEFORE), TAKES)
        assert found == {"EX-BAL-1", "EX-HOLD-1", "EX-CUS-3", "EX-REJ-1"}

    def test_a_campaign_finds_it(self):
        finding = campaign(self.naive, 4_000, shrink_seconds=0).finding
        assert finding is not None
        assert finding.code == "EX-REJ-1"

    def test_every_book_balances_every_screen_is_right_and_the_money_is_gone(self):
        before = after(MACHINE, *BEFORE)
        gone = after(self.naive, *BEFORE, TAKES, SendWithdrawal(TAKES.withdrawal))
        assert balances_sum_to_zero(gone)
        for client in (BOB, CAROL):
            was, now = before.accounts.get(client), gone.accounts.get(client)
            assert owed_to(gone, client, now) == owed_to(before, client, was) == (1_000, 0)
        late = after(self.naive, *BEFORE, TAKES, SendWithdrawal(TAKES.withdrawal), Withdraw(CAROL, "c1", USDC, 800))
        assert MACHINE.step(late, SendWithdrawal("c1")) == Rejected(Reason.HOT_WALLET_COVERS)

    def test_the_tree_refuses_the_negative_balance_and_without_it_the_reserves_fall_short(self):
        gone = after(self.naive, *BEFORE, TAKES, SendWithdrawal(TAKES.withdrawal))
        assert owed_to(gone, FRIEND, gone.accounts.get(FRIEND)) == (-1_500, 0)
        assert liabilities(gone, salt) == Rejected(pr.Reason.BALANCES_WITHIN_WIDTH)
        others = tuple(pr.Leaf(key, salt(key), owed_to(gone, key, gone.accounts.get(key))) for key in (BOB, CAROL))
        owed = pr.build(others).root.sums
        assert owed == (2_000, 0)
        assert missing(gone, owed) == not_on_chain(gone, owed) == (1_500, 0)


LENDERS = [
    pytest.param(SystemAccount.CUSTODY, {"EX-LED-5", "EX-CUS-5", "EX-RES-1"}, id="custody"),
    pytest.param(SystemAccount.WITHDRAWALS, {"EX-CUS-6"}, id="withdrawals"),
    pytest.param(SystemAccount.FEES, {"EX-FEE-1"}, id="fees"),
    pytest.param(SystemAccount.FUNDING, {"EX-LED-7"}, id="funding"),
    pytest.param(SystemAccount.CLEARING, {"EX-LED-3", "EX-LED-4"}, id="clearing"),
    pytest.param(BOB, {"EX-FRM-1"}, id="another client"),
]


class TestLentWithoutLenders:
    """The friend borrows without collateral, the debt is written down, and the cash comes from where none was lent."""

    @pytest.mark.parametrize(("payer", "equations"), LENDERS)
    def test_whoever_pays_has_an_equation_that_breaks(self, payer, equations):
        before, naive = after(MACHINE, *BEFORE), with_rule(lent_by(payer))
        found = broken(naive, before, BORROWS)
        assert found == equations | {"EX-CUS-3", "EX-REJ-1"}, found  # nor would the rules have lent it to anybody

    def test_even_the_pool_lends_only_what_it_has(self):
        before, naive = after(MACHINE, *BEFORE), with_rule(lent_by(SystemAccount.POOL))
        assert broken(naive, before, Borrow(FRIEND, USDC, 400)) == {"EX-CUS-3", "EX-LND-2", "EX-REJ-1"}
        assert "EX-POOL-1" in broken(naive, before, Borrow(FRIEND, USDC, 401))

    @pytest.mark.parametrize("payer", [*SystemAccount, BOB], ids=str)
    def test_the_auditor_of_the_events_sees_nothing(self, payer):
        before, naive = after(MACHINE, *BEFORE), with_rule(lent_by(payer))
        auditor, outcome = Auditor(statement(before)), naive.step(before, BORROWS)
        auditor.enter(outcome.events)
        assert auditor.complaints(statement(outcome.state)) == []


class TestTakenFromTheWallet:
    """What the operator moves to cold storage never arrives there."""

    naive = with_rule(taken_from_the_wallet)

    def test_the_chain_and_the_ledger_no_longer_agree(self):
        found = broken(self.naive, after(MACHINE, *BEFORE), MoveWallet(USDC, 900))
        assert found == {"EX-CUS-5", "EX-CUS-9", "EX-RES-1"}

    def test_a_campaign_finds_it(self):
        finding = campaign(self.naive, 4_000, shrink_seconds=0).finding
        assert finding is not None
        assert finding.code == "EX-CUS-9"

    def test_the_ledger_alone_shows_nothing_and_the_proof_of_reserves_does(self):
        before = after(MACHINE, *BEFORE)
        stolen = after(self.naive, *BEFORE, MoveWallet(USDC, 900))
        assert statement(stolen) == statement(before)
        owed = liabilities(stolen, salt).root.sums
        assert owed == (2_100, 0)
        assert missing(stolen, owed) == (900, 0)
        assert missing(before, owed) == (0, 0)
