"""A claim is declared in full, once, and the registry refuses a module that claims nothing."""

from types import ModuleType

import pytest

from clearspec.core.claims import Kind, claim, claims_of


def test_a_claim_needs_a_code_a_sentence_and_for_a_law_a_sample() -> None:
    with pytest.raises(ValueError, match="full stop"):
        claim("X-1", "no full stop", title="a claim", kind=Kind.STATE)
    with pytest.raises(ValueError, match="sample"):
        claim("X-1", "A law.", title="a law", kind=Kind.LAW)


@pytest.mark.parametrize("title", ["", "one two three four five six seven eight nine", "a full stop."])
def test_a_title_has_one_to_eight_words(title: str) -> None:
    with pytest.raises(ValueError, match="a title has one to 8 words"):
        claim("X-1", "It holds.", title=title, kind=Kind.STATE)


def test_a_code_stands_once_and_a_module_claims_something() -> None:
    module = ModuleType("claims_module")
    with pytest.raises(ValueError, match="claims nothing"):
        claims_of(module)

    def holds(_: object) -> bool:
        return True

    for name in ("one", "two"):
        declared = claim("X-1", "It holds.", title="it holds", kind=Kind.STATE)(lambda _: True)
        declared.__module__ = "claims_module"
        setattr(module, name, declared)
    with pytest.raises(ValueError, match="twice"):
        claims_of(module)
