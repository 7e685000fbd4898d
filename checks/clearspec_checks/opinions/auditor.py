"""An auditor that shares no code with the rules: it knows double entry and reads the events, nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from clearspec.core.ledger import Posted

Statement = Mapping[tuple[str, str], int]


class Auditor:
    """Keeps its own books: what every holder had at the opening, what it received since, and what it gave.

    Both sides of each posting are entered apart, so that a side that goes missing shows.
    """

    def __init__(self, opening: Statement) -> None:
        self._opening = {account: amount for account, amount in opening.items() if amount != 0}
        self._received: dict[tuple[str, str], int] = {}
        self._given: dict[tuple[str, str], int] = {}

    def enter(self, events: Iterable[Any]) -> None:
        """Enter the postings among these events."""
        for event in events:
            if isinstance(event, Posted):
                for posting in event.postings:
                    book = str(posting.book)
                    gave, got = (str(posting.payer), book), (str(posting.payee), book)
                    self._given[gave] = self._given.get(gave, 0) + posting.amount
                    self._received[got] = self._received.get(got, 0) + posting.amount

    def holdings(self) -> dict[tuple[str, str], int]:
        """What every holder must have by now, as {(holder, book): amount} without zeros."""
        accounts = self._opening.keys() | self._received.keys() | self._given.keys()
        held = {
            account: self._opening.get(account, 0) + self._received.get(account, 0) - self._given.get(account, 0)
            for account in accounts
        }
        return {account: amount for account, amount in held.items() if amount != 0}

    def complaints(self, statement: Statement) -> list[str]:
        """Where the machine's own statement differs from these books, and which books do not sum to zero."""
        expected = self.holdings()
        found = []
        for account in sorted(expected.keys() | statement.keys()):
            stated, audited = statement.get(account, 0), expected.get(account, 0)
            if stated != audited:
                holder, book = account
                found.append(f"{holder} states {stated} of {book}, the events add up to {audited}")
        for book in sorted({book for _, book in expected}):
            received = sum(amount for (_, of), amount in self._received.items() if of == book)
            given = sum(amount for (_, of), amount in self._given.items() if of == book)
            total = sum(amount for (_, of), amount in expected.items() if of == book)
            if received != given or total != 0:
                found.append(f"{book} does not balance: received {received}, given {given}, in total {total}")
        return found
