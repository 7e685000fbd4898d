"""Wrong rules of margin and default, most of which balance: a worked example finds each and names the claim."""

import pytest
from attrs import evolve

from clearspec.clearing import calls, custody, default, fund, losses, pledges, recoveries
from clearspec.clearing.state import Layer, Line, Payee, SystemAccount, account_of, book
from clearspec.ledger import Posting, post
from clearspec.machine import Accepted
from clearspec.quantities import Atoms
from clearspec_checks.scenarios import load, named_scenarios
from clearspec_checks.starts import all_starts
from clearspec_checks.violation import Violation
from clearspec_checks.watch import Watch

RIGHT_FURTHER, RIGHT_MISSING, RIGHT_IN_DEFAULT = losses.further, calls.missing, calls.in_default
RIGHT_LEFT_OPEN = default.left_open


def skips_skin(state, place, left, layer):
    """The survivors pay before the clearing house does."""
    if layer == Layer.SKIN and left > 0:
        after = RIGHT_FURTHER(state, place, left, Layer.SURVIVORS)
        return losses.shared(after, place, Layer.SURVIVORS)
    return RIGHT_FURTHER(state, place, left, layer)


def half_is_enough(state, account, currency, above):
    """Only half of what is missing is called for."""
    return Atoms(RIGHT_MISSING(state, account, currency, above) // 2)


def first_pays_all(loss, weight):
    """Whoever comes first pays, as far as it can."""
    part = Atoms(min(weight, loss.amount - loss.paid))
    paid = Atoms(loss.paid + part)
    return evolve(loss, served=Atoms(loss.served + weight), paid=paid, left=Atoms(loss.left - part)), part


def never_lowered(called, _):
    """A call stands whatever comes."""
    return called


def other_way(*position):
    """A close-out buys what should be sold."""
    return -RIGHT_LEFT_OPEN(*position)


def not_those_of_today(*_):
    """What was traded today is no business of a default."""
    return 0


def settled_up_before_novation(state, name):
    """Who is to pay nothing yet has settled up, whatever it has traded today."""
    return custody.owes_nothing(account_of(state, name))


def without_a_turn(state, *_, **__):
    """It is not noted who has paid."""
    return state


def equity_pays_nothing(state, *_, **__):
    """It is not noted what the clearing house paid of its own."""
    return state


def clients_stand_in(state, name):
    """What the clients of a member in default have posted goes to the house."""
    state = RIGHT_IN_DEFAULT(state, name)
    house = state.members.get(name).house
    clients = [key for key, row in state.accounts.rows() if row.member == name and key != house]
    postings = [
        Posting(book(state.parameters, Line.COLLATERAL_CASH, 0), posted_by(state, key), key, house) for key in clients
    ]
    return post(state, tuple(postings))


def posted_by(state, name):
    return state.accounts.get(name).holdings.money[0].posted


RIGHT_ONWARD, RIGHT_WITH_LOSS, RIGHT_SHARED_BACK = recoveries.onward, recoveries.with_loss, recoveries.shared_back
RIGHT_CALLED = fund.called_to_replenish


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


PLANTED = [
    pytest.param("six-layers", losses, "further", skips_skin, "CL-WFL-4", id="survivors before skin in the game"),
    pytest.param("nasdaq-clearing-2018", losses, "with_turn", first_pays_all, "CL-WFL-5", id="the first pays all"),
    pytest.param("six-layers", losses, "had_its_turn", without_a_turn, "CL-WFL-5", id="who has paid is asked again"),
    pytest.param("six-layers", losses, "noted", equity_pays_nothing, "CL-WFL-4", id="it is not noted who paid"),
    pytest.param("margin-call", calls, "missing", half_is_enough, "CL-MAR-1", id="half of a call"),
    pytest.param("margin-call", calls, "overdue", lambda *_: False, "CL-MAR-2", id="nobody has to meet a call"),
    pytest.param("margin-call", pledges, "less_met", never_lowered, "CL-COL-2", id="a call stands whatever comes"),
    pytest.param("lehman-at-lch-2008", pledges, "covered", lambda *_: False, "CL-REJ-1", id="nothing is given back"),
    pytest.param("lehman-at-lch-2008", default, "in_default", clients_stand_in, "CL-FRM-1", id="clients stand in"),
    pytest.param("nasdaq-clearing-2018", default, "left_open", other_way, "CL-NET-2", id="a new position"),
    pytest.param("default-on-trade-day", default, "captured_units", not_those_of_today, "CL-REJ-1", id="sold twice"),
    pytest.param("default-on-trade-day", custody, "settled_up", settled_up_before_novation, "CL-REJ-1", id="cash goes"),
    pytest.param("default-on-trade-day", losses, "has_unsettled", lambda *_: False, "CL-REJ-1", id="a loss too soon"),
    pytest.param("six-layers", losses, "assessable", lambda cap, _: cap + 1, "CL-WFL-2", id="caps are not kept"),
    pytest.param("six-layers", losses, "with_borne", without_a_turn, "CL-WFL-4", id="it is not noted for whom"),
    pytest.param("recoveries", recoveries, "onward", contributors_first, "CL-REC-5", id="contributors before assessed"),
    pytest.param("recoveries", recoveries, "with_loss", keeps_half, "CL-REC-4", id="an estate keeps half"),
    pytest.param("recoveries", recoveries, "shared_back", by_half_of_it, "CL-REC-3", id="half is shared"),
    pytest.param("recoveries", recoveries, "with_turn", first_pays_all, "CL-REC-6", id="the first gets all"),
    pytest.param("recoveries", recoveries, "got_back", without_a_turn, "CL-REC-6", id="who got it gets it again"),
    pytest.param("recoveries", recoveries, "lacked_of", all_into_the_fund, "CL-FUND-3", id="contributed twice"),
    pytest.param("recoveries", recoveries, "noted", without_a_turn, "CL-REC-5", id="equity is repaid again"),
    pytest.param("recoveries", recoveries, "with_borne", without_a_turn, "CL-REC-5", id="the estate owes it still"),
    pytest.param("recoveries", custody, "owes_nothing", settled_alone, "CL-REJ-1", id="an estate takes its cash out"),
    pytest.param("replenishment", losses, "called_to_replenish", without_a_turn, "CL-FUND-3", id="nobody replenishes"),
    pytest.param("replenishment", losses, "called_to_replenish", twice_as_much, "CL-FUND-3", id="twice what was used"),
    pytest.param("replenishment", fund, "replenished", without_a_turn, "CL-FUND-3", id="a call that nothing meets"),
    pytest.param("replenishment", calls, "overdue", margin_alone, "CL-MAR-2", id="nobody has to replenish"),
    pytest.param("replenishment", fund, "Posting", from_the_owners, "CL-FUND-5", id="skin from the owners"),
]


def found(scenario):
    """The code of the claim that breaks in the worked example, if any."""
    scenario = load(named_scenarios()[scenario])
    watch, state = Watch(scenario.machine), all_starts(scenario.machine)[scenario.variant]
    try:
        for command in scenario.commands:
            outcome = watch.run(state, command)
            state = outcome.state if isinstance(outcome, Accepted) else state
    except Violation as violation:
        return violation.code
    return None


@pytest.mark.parametrize(("scenario", "module", "name", "rule", "code"), PLANTED)
def test_a_wrong_part_is_named(monkeypatch, scenario, module, name, rule, code):
    assert found(scenario) is None
    monkeypatch.setattr(module, name, rule)
    assert found(scenario) == code
