"""Every claim of every machine has all its uses."""

import pytest

import toy
from clearspec import registry
from clearspec.core.claims import Kind
from clearspec_checks.runs.campaign import campaign
from clearspec_checks.runs.stateful import laws
from clearspec_cli.main import run

MACHINES = [toy.MACHINE, *(registry.find(name) for name in registry.names())]
PARAMETRISED = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
COMMANDS = {"toy": 2_000, "exchange": 48_000}


@PARAMETRISED
def test_a_campaign_checks_every_claim_and_reaches_every_transition_reason_and_landmark(machine):
    report = campaign(machine, COMMANDS.get(machine.name, 24_000), judged_from=1, processes=2)
    assert report.finding is None, report.finding
    assert report.unreached == ()


@PARAMETRISED
def test_every_law_has_a_stateful_test(machine):
    assert set(laws(machine)) == {each.code for each in machine.spec.claims if each.kind is Kind.LAW}


@PARAMETRISED
def test_every_claim_has_a_proof_obligation_or_a_recorded_reason(machine):
    cells = pytest.importorskip("clearspec_proofs.matrix.prover")
    laws_of_machine = [each for each in machine.spec.claims if each.kind is Kind.LAW and not each.unproved]
    cells_of_machine = (*machine.spec.commands, *machine.spec.beats, *laws_of_machine)
    proved = {each.code for cell in cells_of_machine for each in cells.claims_on(machine, cell, None)}
    # The prover makes rows of its own for the initial state, for whole commands and for recorded reasons.
    proved |= {each.code for each in machine.spec.claims if each.kind in (Kind.STATE, Kind.COMMAND) or each.unproved}
    assert proved == {each.code for each in machine.spec.claims}


def test_every_claim_stands_in_the_catalogue(tmp_path, capsys):
    page = tmp_path / "claims.md"
    assert run(["catalogue", "--page", str(page)]) == 0
    capsys.readouterr()
    text = page.read_text()
    for name in registry.names():
        for each in registry.find(name).spec.claims:
            assert f"| `{each.code}` | {each.title} | {each.sentence}" in text


@PARAMETRISED
def test_codes_are_unique_and_sentences_are_sentences(machine):
    codes = [each.code for each in machine.spec.claims]
    assert len(set(codes)) == len(codes)
    assert all(each.sentence[0].isupper() and each.sentence.endswith(".") for each in machine.spec.claims)
