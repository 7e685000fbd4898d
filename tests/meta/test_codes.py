"""What a page or a docstring names exists: the code of a claim or a rule, a worked example, a file, a module."""

import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from clearspec import registry
from clearspec_checks.runs.scenarios import named_scenarios

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


EXAMPLE = re.compile(r"clearspec run ([a-z0-9][a-z0-9-]*)(?![\w.-])")
FILE = re.compile(r"(?<![\w/.$*{<-])((?:[\w-]+/)*[a-z_][\w-]*\.(?:py|md|json|toml|svg))\b")
MODULE = re.compile(r"`(clearspec\w*(?:\.\w+)+)`")
WRITTEN = {"manifest.json", "proofs.json", "time.svg"}
"""Files that a command writes, and that no checkout has."""


def texts() -> dict[Path, str]:
    """What names examples, files and modules: the pages, and all code but the tests."""
    rooms = ("model", "checks", "proofs", "cli", "conformance", "studies", "docsgen")
    found = [*pages(), *(path for room in rooms for path in (ROOT / room).rglob("*.py"))]
    return {path.relative_to(ROOT): path.read_text() for path in found}


def ends_of_paths() -> set[str]:
    """Each file of the checkout, by its name and by each way to say in which folders it is."""
    folders = [each for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith(".")]
    files = [*ROOT.glob("*"), *(each for one in folders for each in one.rglob("*"))]
    parts = [path.relative_to(ROOT).parts for path in files]
    return {"/".join(each[at:]) for each in parts for at in range(len(each))}


def missing(pattern: re.Pattern[str], known: Callable[[str], bool], text: str) -> list[str]:
    """What the text names by the pattern, and nobody knows."""
    return sorted({name for name in pattern.findall(text) if not known(name)})


def is_there(module: str) -> bool:
    """Does this module exist, or this name in a module?"""
    try:
        pkgutil.resolve_name(module)
    except (ImportError, AttributeError):
        return False
    return True


def is_example(name: str) -> bool:
    return name in named_scenarios()


def is_file(name: str) -> bool:
    # A name in capital letters stands for any.
    return name in ENDS or name in WRITTEN or any(part.isupper() for part in re.split(r"[/.]", name))


ENDS = ends_of_paths()


@pytest.mark.parametrize(
    ("pattern", "known", "some"), [(EXAMPLE, is_example, 40), (FILE, is_file, 40), (MODULE, is_there, 5)]
)
def test_what_a_text_names_exists(pattern: re.Pattern[str], known: Callable[[str], bool], some: int) -> None:
    named = {path: text for path, text in texts().items() if pattern.search(text)}
    assert {str(path): wrong for path, text in named.items() if (wrong := missing(pattern, known, text))} == {}
    assert sum(len(pattern.findall(text)) for text in named.values()) > some


def test_what_is_not_there_is_noticed() -> None:
    assert missing(EXAMPLE, is_example, "`clearspec run perp-close`, `clearspec run perp-open`") == ["perp-open"]
    text = "`rules/matching.py`, `exchange/matching.py` and [rules](../rules.md), FILE.json, cells/BEAT.json"
    assert missing(FILE, is_file, text) == ["exchange/matching.py"]
    assert missing(MODULE, is_there, "`clearspec.core.table.Table`, `clearspec.core.row`") == ["clearspec.core.row"]
