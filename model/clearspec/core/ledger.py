"""Double entry: every change of value is a posting from one named holder to another.

A posting is balanced by construction, so each book sums to zero over all holders, custody included.
Client accounts are named by ids, system accounts by the members of an enum: the two can never be
mistaken for each other.
"""

from enum import Enum
from typing import Any, Protocol, Self, TypeVar

from attrs import frozen

from clearspec.core.table import Id

Holder = Id | Enum


@frozen
class Posting:
    """An amount of one book that moves from payer to payee; a negative amount moves the other way."""

    book: Any
    amount: int
    payer: Any
    payee: Any


@frozen
class Posted:
    """These postings were made.  The auditor recomputes every holding from these events alone."""

    postings: tuple[Posting, ...]


class Books(Protocol):
    """A state that holds accounts."""

    def credited(self, holder: Any, book: Any, amount: int) -> Self:
        """The state with this much more of the book in the holder's account.  Requires: the holder exists."""


B = TypeVar("B", bound=Books)


def post(books: B, postings: tuple[Posting, ...]) -> B:
    """Make the postings, one after the other.  Requires: every holder exists."""
    for posting in postings:
        books = books.credited(posting.payer, posting.book, -posting.amount)
        books = books.credited(posting.payee, posting.book, posting.amount)
    return books
