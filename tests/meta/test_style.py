"""What docs/style.md asks of claims, and a program can see."""

import pytest

from clearspec import registry
from clearspec.core.claims import TITLE_WORDS

SENTENCE_WORDS = 40


@pytest.mark.parametrize("name", registry.names())
def test_every_claim_has_a_short_title_of_its_own(name):
    titles = [each.title for each in registry.find(name).spec.claims]
    assert [title for title in titles if not 0 < len(title.split()) <= TITLE_WORDS] == []
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", registry.names())
def test_no_claim_is_longer_than_a_reader_holds(name):
    claims = registry.find(name).spec.claims
    assert {each.code for each in claims if len(each.sentence.split()) > SENTENCE_WORDS} == set()
