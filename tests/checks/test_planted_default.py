"""Wrong rules of margin and default, most of which balance: a worked example finds each and names the claim."""

import pytest
from attrs import evolve

from clearspec.core.ledger import Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules import calls, custody, default, losses, pledges
from clearspec.machines.clearing.state.types import Line, account_of, book
from clearspec.machines.clearing.state.work import Layer
from clearspec_checks.runs.scenarios import load, named_scenarios
from clearspec_checks.runs.violation import Violation
from clearspec_checks.runs.watch import Watch

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
]


def found(scenario):
    """The code of the claim that breaks in the worked example, if any."""
    scenario = load(named_scenarios()[scenario])
    watch, state = Watch(scenario.machine), scenario.start
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
