"""Wrong rules of recoveries and of replenishment, and here is every claim that each of them breaks."""

import pytest
from attrs import evolve

from broken import first_broken
from clearspec.core.ledger import Posting
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.machine import MACHINE, RULES
from clearspec.machines.clearing.rules import calls, custody, fund, losses, recoveries
from clearspec.machines.clearing.state.commands import Recover, RepayLeftOver
from clearspec.machines.clearing.state.types import SystemAccount, account_of, put_at
from clearspec.machines.clearing.state.work import Payee

RIGHT_ONWARD, RIGHT_WITH_LOSS, RIGHT_SHARED_BACK = recoveries.onward, recoveries.with_loss, recoveries.shared_back
RIGHT_RECOVER, RIGHT_LEFT_OVER = recoveries.recover, recoveries.repay_left_over
RIGHT_CALLED, RIGHT_GOT_BACK = fund.called_to_replenish, recoveries.got_back


def contributors_first(state, place, left, payee):
    """The contributors get theirs before the assessed."""
    if payee == Payee.ASSESSED and left > 0:
        return recoveries.shared_back(RIGHT_ONWARD(state, place, left, Payee.CONTRIBUTORS), place, Payee.CONTRIBUTORS)
    return RIGHT_ONWARD(state, place, left, payee)


def keeps_half(state, place, loss):
    """An estate keeps half of what others bore for it."""
    begins = state.payee == Payee.NOBODY and loss.left > 0
    return RIGHT_WITH_LOSS(state, place, evolve(loss, left=Atoms(loss.left // 2)) if begins else loss)


def by_half_of_it(state, place, payee):
    """Half of what is left is shared, and the rest goes on."""
    state = RIGHT_SHARED_BACK(state, place, payee)
    loss = state.losses[place]
    return RIGHT_WITH_LOSS(state, place, evolve(loss, amount=Atoms(loss.amount // 2)))


def all_into_the_fund(_, __, part):
    """What was replenished already comes into the fund once more."""
    return part


def twice_as_much(state, name, place, amount):
    """Who paid is called for twice what it paid."""
    return RIGHT_CALLED(state, name, place, Atoms(2 * amount))


def margin_alone(account, today):
    """Nobody has to replenish anything."""
    return any(money.called > 0 and money.deadline <= today for money in account.holdings.money)


def settled_alone(account):
    """An estate takes its cash out while others wait for it."""
    return all(position.failed == 0 for position in account.holdings.positions) and all(
        money.payable >= 0 for money in account.holdings.money
    )


def from_the_owners(book, amount, source, target):
    """Skin in the game is restored with cash that equity did not pay."""
    return Posting(book, amount, SystemAccount.OUTSIDE if source == SystemAccount.OWN else source, target)


def first_gets_all(loss, weight):
    """Whoever comes first gets all that it is to get."""
    part = Atoms(min(weight, loss.amount - loss.paid))
    paid = Atoms(loss.paid + part)
    return evolve(loss, served=Atoms(loss.served + weight), paid=paid, left=Atoms(loss.left - part)), part


def as_it_was(state, *_, **__):
    """Nothing of it is noted."""
    return state


def without_a_turn(state, place, name, **parts):
    """Who was repaid is repaid again, and again."""
    state = RIGHT_GOT_BACK(state, place, name, **parts)
    account = account_of(state, name)
    money = evolve(account.holdings.money[place], round=0)
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(name, account))


def before_equity(state, command):
    """A clearing house that makes itself whole before those who went without."""
    done = RIGHT_RECOVER(state, command)
    return evolve(done, state=evolve(done.state, payee=Payee.EQUITY)) if isinstance(done, Accepted) else done


def of_all_estates(state, command):
    """The cash of an estate goes back, however little was borne for it."""
    done = RIGHT_RECOVER(state, command)
    if not isinstance(done, Accepted):
        return done
    money = account_of(state, command.account).holdings.money[0]
    more = evolve(done.state.losses[0], left=Atoms(money.held + 1))
    return evolve(done, state=evolve(done.state, losses=(more, *done.state.losses[1:])))


def never_ends(state, beat):
    """What nobody could pay is made good for ever."""
    done = RIGHT_LEFT_OVER(state, beat)
    return evolve(done, state=evolve(done.state, payee=Payee.LEFT_OVER))


PLANTED = [
    ("six-layers", losses, "with_borne", as_it_was, "CL-REC-1 CL-WFL-4"),
    ("recoveries", RULES, Recover, before_equity, "CL-REC-2 CL-REC-4"),
    ("recoveries", RULES, Recover, of_all_estates, "CL-REC-2 CL-REC-4"),
    ("recoveries", RULES, RepayLeftOver, never_ends, "CL-REC-5 CL-REC-7"),
    ("recoveries", recoveries, "onward", contributors_first, "CL-REC-2 CL-REC-5 CL-REC-7"),
    ("recoveries", recoveries, "with_loss", keeps_half, "CL-REC-4"),
    ("recoveries", recoveries, "shared_back", by_half_of_it, "CL-REC-3"),
    ("recoveries", recoveries, "with_turn", first_gets_all, "CL-REC-3 CL-REC-6"),
    ("recoveries", recoveries, "got_back", without_a_turn, "CL-REC-3 CL-REC-6 CL-REC-7"),
    ("recoveries", recoveries, "got_back", as_it_was, "CL-REC-1 CL-REC-3 CL-REC-6 CL-REC-7 CL-REC-9"),
    ("recoveries", recoveries, "lacked_of", all_into_the_fund, "CL-FUND-3 CL-FUND-4 CL-REC-9"),
    ("recoveries", recoveries, "noted", as_it_was, "CL-REC-1 CL-REC-2 CL-REC-5"),
    ("recoveries", recoveries, "with_borne", as_it_was, "CL-REC-1 CL-REC-5"),
    ("recoveries", custody, "owes_nothing", settled_alone, "CL-REJ-1"),
    ("replenishment", losses, "called_to_replenish", as_it_was, "CL-FUND-3"),
    ("replenishment", losses, "called_to_replenish", twice_as_much, "CL-FUND-3 CL-FUND-4"),
    ("replenishment", fund, "replenished", as_it_was, "CL-FUND-3"),
    ("replenishment", calls, "overdue", margin_alone, "CL-MAR-2"),
    ("replenishment", fund, "Posting", from_the_owners, "CL-FUND-5"),
]


def planted(monkeypatch, where, part, rule):
    """Put the wrong rule in the place of the right one: of a beat, or of a part of one."""
    if where is RULES:
        monkeypatch.setitem(RULES, part, rule)
    else:
        monkeypatch.setattr(where, part, rule)


@pytest.mark.parametrize(("scenario", "where", "part", "rule", "codes"), PLANTED)
def test_a_wrong_rule_is_named(monkeypatch, scenario, where, part, rule, codes):
    assert first_broken(MACHINE, scenario) == set()
    planted(monkeypatch, where, part, rule)
    assert first_broken(MACHINE, scenario) == set(codes.split())
