"""Which pages of the documentation cite a code; a wheel has none."""

from collections.abc import Iterator
from pathlib import Path

import clearspec
from clearspec_cli.rules import CODE, codes_between

ROOT = Path(clearspec.__file__).parents[2]
CATALOGUE = "claims.md"


def documented_in(code: str) -> list[str]:
    """The places that cite the code, each as the page, the line and its heading; the first under each heading."""
    pages = sorted(page for page in (ROOT / "docs").rglob("*.md") if page.name != CATALOGUE)
    return [place for page in pages for place in _places(page, code)]


def _places(page: Path, code: str) -> Iterator[str]:
    heading, said = "", False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            heading, said = line.lstrip("# "), False
        cited = {f"{family}-{at}" for family, at in CODE.findall(line)} | set(codes_between(line))
        if code in cited and not said:
            said = True
            yield f"{page.relative_to(ROOT)}:{number} ({heading})"
