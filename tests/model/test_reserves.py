"""Reserves and debts are, in every asset and after every command, what is owed to clients and what is the venue's."""

import pytest

from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.exchange.drive.worlds import PERP, SOL, SPOT, STANDARD, USDC
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules.reserves import (
    liabilities,
    missing,
    not_on_chain,
    on_chain,
    owed_by_clients,
    owed_to,
)
from clearspec.machines.exchange.state.commands import (
    Borrow,
    Deposit,
    Lend,
    OpenAccount,
    QuotePrice,
    SendWithdrawal,
    Withdraw,
)
from clearspec.machines.exchange.state.types import AccountId, SourceId, WithdrawalId
from clearspec.mechanisms.liabilities import SALT_MIN, Reason, inclusion, verify

ALICE, BOB = AccountId("alice"), AccountId("bob")


def salt(client):
    return client.encode().ljust(SALT_MIN, b"-")


def after(state, *commands):
    """The state after these commands, all of them accepted."""
    for command in commands:
        outcome = MACHINE.step(state, command)
        assert isinstance(outcome, Accepted), (command, outcome)
        state = outcome.state
    return state


@pytest.fixture
def lent():
    """Alice has lent 1,000 dollars, of which Bob has borrowed 80 on 10 SOL and asked for 50 to leave."""
    return after(
        MACHINE.drive.variants["one-source"],
        OpenAccount(ALICE, STANDARD, 5),
        OpenAccount(BOB, STANDARD, 5),
        QuotePrice(SourceId("spot"), SPOT, 1_500_000),
        QuotePrice(SourceId("perp"), PERP, 1_500_000),
        Deposit(ALICE, USDC, 1_000_000_000),
        Deposit(BOB, SOL, 10_000_000_000),
        Lend(ALICE, USDC, 1_000_000_000),
        Borrow(BOB, USDC, 80_000_000),
        Withdraw(BOB, WithdrawalId("w"), USDC, 50_000_000),
    )


def test_who_waits_is_still_owed_and_who_owes_is_owed_no_less(lent):
    assert owed_to(lent, ALICE, lent.accounts.get(ALICE)) == (1_000_000_000, 0)
    assert owed_to(lent, BOB, lent.accounts.get(BOB)) == (80_000_000, 10_000_000_000)
    assert owed_by_clients(lent) == (80_000_000, 0)


def test_what_borrowers_took_away_is_owed_by_them_and_is_not_on_chain(lent):
    sent = after(lent, SendWithdrawal(WithdrawalId("w")))
    owed = liabilities(sent, salt).root.sums
    assert owed == (1_030_000_000, 10_000_000_000)
    assert on_chain(sent) == (950_000_000, 10_000_000_000)
    assert not_on_chain(sent, owed) == (80_000_000, 0)
    assert missing(sent, owed) == (0, 0)


def test_every_client_finds_what_he_is_owed_under_the_root(lent):
    tree = liabilities(lent, salt)
    assert tree.root.clients == 2
    for leaf in tree.leaves:
        assert leaf.balances == owed_to(lent, leaf.client, lent.accounts.get(leaf.client))
        assert verify(tree.root, leaf, inclusion(tree, leaf.client))


def test_a_venue_without_clients_has_nothing_to_prove():
    assert liabilities(MACHINE.spec.initial, salt) == Rejected(Reason.CLIENTS_WITHIN_LIMIT)


@pytest.mark.parametrize("variant", MACHINE.drive.variants)
def test_nothing_is_missing_after_any_command(variant):
    state, choices, off_chain = MACHINE.drive.variants[variant], SeededChoices(3), 0
    for _ in range(1_500):
        outcome = MACHINE.step(state, MACHINE.drive.generate(state, choices))
        if isinstance(outcome, Accepted) and state.accounts is not outcome.state.accounts:
            state = outcome.state
            owed = liabilities(state, salt).root.sums
            assert not any(missing(state, owed)), outcome
            off_chain += any(not_on_chain(state, owed))
        elif isinstance(outcome, Accepted):
            state = outcome.state
    assert off_chain > 0  # and the debts were needed for it
