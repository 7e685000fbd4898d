"""A perpetual trade: the position by quote cost, and what closing part of it realises."""

from attrs import evolve, frozen

from clearspec.core.ledger import Posting
from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms, Lots, mul_div_ceil
from clearspec.machines.exchange.state.types import (
    AccountId,
    Line,
    Position,
    State,
    SystemAccount,
    account_of,
    book,
    put_at,
)


@measure
def closed_lots(size: int, signed: int) -> Lots:
    """The signed part of a trade that closes a position: opposite to it, and no larger."""
    return Lots(max(min(signed, -size), 0) if signed > 0 else min(max(signed, -size), 0))


@measure
def cost_share(position: Position, closed: int) -> Atoms:
    """The part of the cost that goes with the lots that are closed.

    Rule: EX-PERP-2.  Closing all takes all of the cost.
    Units: quote atoms.  Rounding: signed ceiling, against the account.
    """
    if closed == 0:
        return Atoms(0)
    if closed == -position.size:
        return position.cost
    return Atoms(mul_div_ceil(position.cost, abs(closed), abs(position.size)))


@frozen
class Change:
    """What a trade does to a position.  Units: quote atoms."""

    cost: Atoms
    realised: Atoms


def change(position: Position, signed: int, price: int) -> Change:
    """A trade of `signed` lots closes what is opposite at its share of the cost, and opens the rest at the price.

    Rule: EX-PERP-1.  Exact but for the share: cost - realised is always signed * price.
    """
    closed = closed_lots(position.size, signed)
    share = cost_share(position, closed)
    return Change(cost=Atoms((signed - closed) * price - share), realised=Atoms(-closed * price - share))


def after_fill(position: Position, signed: int, price: int) -> Position:
    """The position after a trade, fees aside."""
    changed = change(position, signed, price)
    return evolve(
        position,
        size=Lots(position.size + signed),
        cost=Atoms(position.cost + changed.cost),
        unsettled=Atoms(position.unsettled + changed.realised),
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
