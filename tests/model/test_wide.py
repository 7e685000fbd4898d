"""Worlds of more assets and securities: valid, with every state claim true, and with enough to choose from."""

import pytest

from clearspec.core.choices import SeededChoices
from clearspec.core.claims import Kind
from clearspec.core.machine import Accepted
from clearspec.machines.clearing.drive import worlds as clearing
from clearspec.machines.clearing.machine import MACHINE as CLEARING
from clearspec.machines.clearing.state.parameters import valid as valid_clearing
from clearspec.machines.exchange.drive import worlds as exchange
from clearspec.machines.exchange.machine import MACHINE as EXCHANGE
from clearspec.machines.exchange.state.parameters import perpetuals, spots
from clearspec.machines.exchange.state.parameters import valid as valid_exchange

WORLDS = [
    pytest.param(EXCHANGE, exchange.LARGER, valid_exchange, id="exchange, larger"),
    pytest.param(EXCHANGE, EXCHANGE.drive.variants["small-wide"], valid_exchange, id="exchange, wide"),
    pytest.param(EXCHANGE, EXCHANGE.drive.scopes["trouble"].initial, valid_exchange, id="exchange, trouble"),
    pytest.param(CLEARING, clearing.LARGER, valid_clearing, id="clearing, larger"),
    pytest.param(CLEARING, CLEARING.drive.variants["small-wide"], valid_clearing, id="clearing, wide"),
    pytest.param(CLEARING, CLEARING.drive.scopes["trouble"].initial, valid_clearing, id="clearing, trouble"),
]


@pytest.mark.parametrize(("machine", "state", "valid"), WORLDS)
def test_every_state_claim_holds_where_a_run_starts(machine, state, valid):
    assert valid(state.parameters)
    assert [each.code for each in machine.spec.claims if each.kind is Kind.STATE and not each(state)] == []


def test_each_spot_market_prices_the_asset_that_it_delivers():
    for state in (exchange.LARGER, EXCHANGE.drive.variants["small-wide"]):
        parameters = state.parameters
        priced = {asset.priced_by: place for place, asset in enumerate(parameters.assets) if place > 0}
        assert priced == {place: parameters.markets[place].base for place in spots(parameters)}
        assert len({market.id for market in parameters.markets}) == len(parameters.markets)


def test_there_is_enough_to_choose_from():
    assert len(exchange.LARGER.parameters.assets) == 3
    assert len(perpetuals(exchange.LARGER.parameters)) == 2
    assert len(spots(EXCHANGE.drive.variants["small-wide"].parameters)) == 3
    assert len(perpetuals(EXCHANGE.drive.variants["small-wide"].parameters)) == 2
    for state in (clearing.LARGER, CLEARING.drive.variants["small-wide"]):
        assert len(state.parameters.securities) == 3
        assert {security.currency for security in state.parameters.securities} == {0, 1}


def test_random_commands_are_about_every_market_and_security():
    traded = {"exchange": set(), "clearing": set()}
    for machine in (EXCHANGE, CLEARING):
        choices, state = SeededChoices(1), machine.drive.variants["small-wide"]
        for _ in range(600):
            outcome = machine.step(state, machine.drive.generate(state, choices))
            state = outcome.state if isinstance(outcome, Accepted) else state
        rows = state.orders.rows() if machine is EXCHANGE else state.trades.rows()
        traded[machine.name] = {row.market if machine is EXCHANGE else row.security for _, row in rows}
    assert traded["exchange"] == {each.id for each in EXCHANGE.drive.variants["small-wide"].parameters.markets}
    assert traded["clearing"] == {each.id for each in CLEARING.drive.variants["small-wide"].parameters.securities}
