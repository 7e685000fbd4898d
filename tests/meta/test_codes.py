"""Every code that the model or a page cites is a claim, or a rule that the page of rules says others claim."""

import re
from pathlib import Path

from clearspec import registry

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\b[A-Z]{2,4}(?:-[A-Z]{2,5})?-\d+\b")
RANGE = re.compile(r"`?(?P<first>[A-Z]{2,4}(?:-[A-Z]{2,5})?)-(?P<low>\d+)`? (?:…|to) `?(?P=first)-(?P<high>\d+)`?")
CLAIMS = {each.code for name in registry.names() for each in registry.find(name).spec.claims}
FAMILIES = {code.split("-")[0] for code in CLAIMS}
BESIDE = "## Rules whose code is no claim"


def cited_in(text: str) -> set[str]:
    """The codes that a text cites, those between the first and the last of a range too."""
    between = {
        f"{found['first']}-{number}"
        for found in RANGE.finditer(text)
        for number in range(int(found["low"]), int(found["high"]) + 1)
    }
    return {code for code in between | set(CODE.findall(text)) if code.split("-")[0] in FAMILIES}


def rules_beside() -> list[tuple[set[str], set[str]]]:
    """The rules that are no claims, and the claims that say the same, a pair for each line of the table."""
    section = (ROOT / "docs" / "rules.md").read_text().split(BESIDE)[1].split("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    return [(cited_in(row[1]), cited_in(row[3])) for row in rows]


def pages() -> list[Path]:
    """What cites codes: the model with its worked examples, and the documentation."""
    found = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    return [*found, *(ROOT / "model").rglob("*.py"), *(ROOT / "model").rglob("*.json")]


def test_every_code_that_is_cited_exists() -> None:
    known = CLAIMS.union(*(rules for rules, _ in rules_beside()))
    cited = {page.relative_to(ROOT): cited_in(page.read_text()) for page in pages()}
    assert {str(page): sorted(codes - known) for page, codes in cited.items() if codes - known} == {}
    assert sum(1 for codes in cited.values() if codes) > 100


def test_a_rule_that_is_no_claim_is_claimed_by_others_and_stands_in_the_model() -> None:
    model = set[str]().union(*(cited_in(page.read_text()) for page in (ROOT / "model").rglob("*.py")))
    for rules, claims in rules_beside():
        assert rules <= model
        assert not rules & CLAIMS
        assert claims
        assert claims <= CLAIMS


def test_a_code_is_read_wherever_it_stands() -> None:
    assert cited_in("Rule: EX-MAT-1 … EX-MAT-3, CL-IM-1.  (`PRO-1`), as SHA-256") == {
        "EX-MAT-1",
        "EX-MAT-2",
        "EX-MAT-3",
        "CL-IM-1",
        "PRO-1",
    }
    assert cited_in("gates `EX-GATE-1` to `EX-GATE-2`") == {"EX-GATE-1", "EX-GATE-2"}
