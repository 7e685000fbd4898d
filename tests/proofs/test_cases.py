"""What an arbitrary row has or has not is no case of the whole path: it says nothing of the rows beside it."""

import pytest

from clearspec.core.table import Table
from clearspec_proofs.matrix.matrix import prove
from clearspec_proofs.verdicts import PROVED


@pytest.mark.parametrize(
    ("code", "given"), [("ALL-OR-NONE", []), ("NONE-ELSE", []), ("POOR", ["SEATED"])], ids=lambda each: str(each)
)
def test_what_holds_of_an_arbitrary_row_in_each_case_is_not_proved_of_all_rows(
    code: str, given: list[str], load
) -> None:
    module = load("cases")
    machine = module.machine(code, *given)
    (found,) = [row for row in prove(machine, beats=["Touch"], workers=1, timeout=3) if row.invariant == code]
    assert found.verdict in ("refuted", "unknown"), found
    # And it is false: one ticket is sold, of a person who has a seat, and the other is not.
    people = Table({module.PersonId("a"): module.Person(1), module.PersonId("b"): module.Person(None)})
    tickets = Table({
        module.TicketId("x"): module.Ticket(module.PersonId("a"), 5),
        module.TicketId("y"): module.Ticket(module.PersonId("b"), None),
    })  # fmt: skip
    state = module.State(tickets, people)
    claims = {claim.code: claim for claim in machine.spec.claims}
    assert all(claims[each](state) for each in given)
    assert not claims[code](state, module.Touch(), module.Accepted(state))


@pytest.mark.parametrize(("code", "given"), [("SOLD", []), ("SEATED", [])], ids=lambda each: str(each))
def test_what_holds_in_every_case_is_proved(code: str, given: list[str], load) -> None:
    machine = load("cases").machine(code, *given)
    (found,) = [row for row in prove(machine, beats=["Touch"], workers=1, timeout=3) if row.invariant == code]
    assert found.verdict in PROVED, found
