"""Every holding of every holder, by book: what an auditor of the events must arrive at."""

from clearspec.machines.clearing.state.types import Book, Holdings, Line, State, SystemAccount, book


def statement(state: State) -> dict[tuple[str, str], int]:
    """{(holder, book): amount} for all accounts of members and those that are no member's."""
    held: dict[str, Holdings] = {str(key): row.holdings for key, row in state.accounts.rows()}
    held |= {str(account): getattr(state.central, account.name.lower()) for account in SystemAccount}
    return {(holder, str(book)): amount for holder, holdings in held.items() for book, amount in lines(state, holdings)}


def lines(state: State, holdings: Holdings) -> list[tuple[Book, int]]:
    """All books with what these holdings have of them."""
    found: list[tuple[Book, int]] = []
    for place, position in enumerate(holdings.positions):
        found.append((book(state.parameters, Line.SECURITIES, place), position.held))
        found.append((book(state.parameters, Line.CLEARED, place), position.cleared))
        found.append((book(state.parameters, Line.DUE, place), position.due))
        found.append((book(state.parameters, Line.FAILED, place), position.failed))
        found.append((book(state.parameters, Line.PROVISIONAL, place), position.provisional))
        found.append((book(state.parameters, Line.COLLATERAL, place), position.posted))
    for place, money in enumerate(holdings.money):
        found.append((book(state.parameters, Line.CASH, place), money.held))
        found.append((book(state.parameters, Line.CLEARED_CASH, place), money.cleared))
        found.append((book(state.parameters, Line.PAYABLE, place), money.payable))
        found.append((book(state.parameters, Line.PROVISIONAL_CASH, place), money.provisional))
        found.append((book(state.parameters, Line.COLLATERAL_CASH, place), money.posted))
        found.append((book(state.parameters, Line.FUND, place), money.fund))
    return found
