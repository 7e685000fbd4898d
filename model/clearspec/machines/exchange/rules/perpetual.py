"""A perpetual trade: the position by quote cost, and what closing part of it realises."""

from attrs import evolve

from clearspec.core.ledger import Posting
from clearspec.machines.exchange.formulas.perpetual import change
from clearspec.machines.exchange.state.types import (
    AccountId,
    Line,
    State,
    SystemAccount,
    account_of,
    book,
    put_at,
)


def side_postings(
    state: State, place: int, account: AccountId, signed: int, price: int, fee: int
) -> tuple[Posting, ...]:
    """The postings of one side of a perpetual trade; the lots themselves move between the two sides.

    Rule: EX-PERP-1.  Realised gains and the cost of positions are posted against clearing, so that each is what
    clearing owes the other.
    """
    changed = change(account_of(state, account).holdings.positions[place], signed, price)
    return (
        Posting(book(state.parameters, Line.COST, place), changed.cost, SystemAccount.CLEARING, account),
        Posting(book(state.parameters, Line.UNSETTLED, place), changed.realised, SystemAccount.CLEARING, account),
        Posting(book(state.parameters, Line.UNSETTLED, place), fee, account, SystemAccount.FEES),
    )


def current(state: State, place: int, account: AccountId) -> State:
    """The state with the account's position marked as paid up to the present funding.

    Requires: it is, or there is no position (EX-FUN-2).
    """
    row = account_of(state, account)
    position = evolve(row.holdings.positions[place], funding=state.markets[place].funding)
    holdings = evolve(row.holdings, positions=put_at(row.holdings.positions, place, position))
    return evolve(state, accounts=state.accounts.put(account, evolve(row, holdings=holdings)))
