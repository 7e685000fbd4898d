"""The page on folds names claims and beats: each pair of them has to be a cell of the matrix."""

import re
from pathlib import Path

import pytest

from clearspec import registry
from clearspec_proofs.matrix.matrix import matrix

PAGE = Path(__file__).parents[2] / "docs" / "folds.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| .* \| (exchange|clearing) \|", line)
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_claim_of_a_fold_is_obliged_of_its_beat(row):
    _, machine, beat, *columns = row
    cells = {(claim, of) for _, claim, of in matrix(registry.find(machine))}
    codes = [code for column in columns for code in re.findall(r"`([A-Z0-9-]+)`", column)]
    assert len(codes) >= 2
    missing = [code for code in codes if (code, beat.strip("`")) not in cells]
    assert not missing, f"{beat} is not obliged to keep {missing}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_fold_carries_is_a_claim_on_states(row):
    claims = {claim.code: claim.kind.value for claim in registry.find(row[1]).spec.claims}
    assert {claims[code] for code in re.findall(r"`([A-Z0-9-]+)`", row[3])} == {"state"}


def test_the_page_has_the_folds_that_were_asked_for():
    assert {"AccrueInterest", "Deleverage", "UseFund", "Assess", "Net"} <= {row[2].strip("`") for row in ROWS}
