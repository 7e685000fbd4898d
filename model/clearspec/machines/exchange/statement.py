"""Every holding of every holder, by book: what an auditor of the events must arrive at."""

from clearspec.machines.exchange.formulas.exposure import gain
from clearspec.machines.exchange.rules.margin import Gains, equity_alone, margin_required, positions_alone
from clearspec.machines.exchange.state.parameters import perpetuals
from clearspec.machines.exchange.state.types import Book, Holdings, Line, State, SystemAccount, book


def statement(state: State) -> dict[tuple[str, str], int]:
    """{(holder, book): amount} for all clients and the venue's own accounts."""
    held: dict[str, Holdings] = {str(key): row.holdings for key, row in state.accounts.rows()}
    held |= {str(account): getattr(state.venue, account.name.lower()) for account in SystemAccount}
    return {(holder, str(book)): amount for holder, holdings in held.items() for book, amount in lines(state, holdings)}


def measures(state: State) -> dict[tuple[str, str], int]:
    """What is beside the ledger: {(account, measure): quote atoms} for equity and both requirements without open
    orders and for gains of positions, and {(wallet, asset): atoms} for what lies on chain.
    """
    shown: dict[tuple[str, str], int] = {}
    for asset, wallet in zip(state.parameters.assets, state.wallets, strict=True):
        shown["hot wallet", asset.id] = wallet.hot
        shown["cold wallet", asset.id] = wallet.cold
    for key, account in state.accounts.rows():
        positions = positions_alone(state, account.holdings)
        shown[key, "equity"] = equity_alone(state, account.holdings, Gains.IN_FULL)
        shown[key, "initial margin"] = margin_required(state, account, positions, initial=True)
        shown[key, "maintenance margin"] = margin_required(state, account, positions, initial=False)
        for place, each in positions:
            market = state.parameters.markets[place].id
            shown[key, f"{market} gain"] = gain(each.position, state.markets[place].mark)
    return shown


def lines(state: State, holdings: Holdings) -> list[tuple[Book, int]]:
    """All books with what these holdings have of them."""
    found: list[tuple[Book, int]] = [
        (book(state.parameters, Line.BALANCE, place), balance) for place, balance in enumerate(holdings.balances)
    ]
    for place, loan in enumerate(holdings.loans):
        found.append((book(state.parameters, Line.LENT, place), loan.lent))
        found.append((book(state.parameters, Line.BORROWED, place), loan.borrowed))
    for place in perpetuals(state.parameters):
        position = holdings.positions[place]
        found.append((book(state.parameters, Line.SIZE, place), position.size))
        found.append((book(state.parameters, Line.COST, place), position.cost))
        found.append((book(state.parameters, Line.UNSETTLED, place), position.unsettled))
    return found
