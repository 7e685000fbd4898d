"""Every holding of every holder, by book: what an auditor of the events must arrive at."""

from clearspec.exchange.parameters import perpetuals
from clearspec.exchange.state import Book, Holdings, Line, State, SystemAccount, book


def statement(state: State) -> dict[tuple[str, str], int]:
    """{(holder, book): amount} for all clients and the venue's own accounts."""
    held: dict[str, Holdings] = {str(key): row.holdings for key, row in state.accounts.rows()}
    held |= {str(account): getattr(state.venue, account.name.lower()) for account in SystemAccount}
    return {(holder, str(book)): amount for holder, holdings in held.items() for book, amount in lines(state, holdings)}


def lines(state: State, holdings: Holdings) -> list[tuple[Book, int]]:
    """All books with what these holdings have of them."""
    found: list[tuple[Book, int]] = [
        (book(state.parameters, Line.BALANCE, place), balance) for place, balance in enumerate(holdings.balances)
    ]
    for place in perpetuals(state.parameters):
        position = holdings.positions[place]
        found.append((book(state.parameters, Line.SIZE, place), position.size))
        found.append((book(state.parameters, Line.COST, place), position.cost))
        found.append((book(state.parameters, Line.UNSETTLED, place), position.unsettled))
    return found
