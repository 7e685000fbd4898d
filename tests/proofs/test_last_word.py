"""The last word on a command is shown to be a rejection, or nothing at all, or it is open."""

from clearspec.core.machine import Accepted, Rejected
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.state.commands import PlaceOrder, Reason
from clearspec_proofs.matrix.last_word import OTHER, open_last_word


def open_with(conclude):
    return open_last_word(MACHINE.altered(conclude=conclude), PlaceOrder)


def test_the_exchange_rejects_or_changes_nothing():
    assert [open_last_word(MACHINE, kind) for kind in MACHINE.spec.commands] == [""] * len(MACHINE.spec.commands)


def test_a_rejection_is_no_change():
    assert open_with(lambda *_: Rejected(Reason.FILL_OR_KILL_FILLS)) == ""


def hides_events(_, command, whole):
    return Accepted(whole.state) if type(command) is PlaceOrder else whole


def gives_back_what_was_before(state, command, whole):
    order = whole.state.orders.get(command.order)
    return Accepted(state) if order is not None and order.filled > 5 else whole


def test_another_outcome_is_open():
    assert open_with(hides_events) == OTHER
    assert open_with(gives_back_what_was_before) == OTHER


def of_events(_, __, whole):
    return Accepted(whole.state) if whole.events is None else whole


def of_several(state, __, whole):
    return Accepted(whole.state) if state.liquidating is None else whole


def test_what_depends_on_what_is_not_looked_at_is_open():
    assert "depends on events" in open_with(of_events)
    assert "depends on liquidating" in open_with(of_several)
