"""Delivery at the depository against payment at the bank, by the three models, with partial delivery and a queue."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.state.commands import Deliver
from clearspec.machines.clearing.state.events import Delivered
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import DeliveryModel, Units
from clearspec.machines.clearing.state.types import Account, Line, State, SystemAccount, account_of, book
from clearspec.machines.clearing.state.work import Stage


def queue(account: Account, *_: int) -> tuple[int]:
    """A rank by which the account with the lowest `priority` comes first."""
    return (account.priority,)


def oldest(account: Account, security: int, *_: int) -> tuple[int, int]:
    """A rank by which the account that has failed to receive for longest comes first, then the queue decides."""
    return -account.holdings.positions[security].fails_to_receive, account.priority


def delivers(account: Account, security: int, partial: bool) -> bool:
    """Can the account deliver all that it is due to, or some of it if `partial`?"""
    position = account.holdings.positions[security]
    free = position.held + position.provisional
    return position.due < 0 < free and (partial or free + position.due >= 0)


def receives(account: Account, security: int, currency: int, price: int, pays: bool, partial: bool) -> bool:
    """Is the account to receive?  If it `pays` at once, has it cash for all of it, or for a unit if `partial`?"""
    position, cash = account.holdings.positions[security], account.holdings.money[currency].held
    return position.due > 0 and (not pays or (cash >= price and (partial or cash >= position.due * price)))


def deliver(state: State, _: Deliver) -> Accepted[State]:
    """The first account in the queue delivers to the one that has waited longest, as many units as both allow.

    In model 1 the receiver pays in the same beat, and gets no more than its cash pays for.  In model 2 it owes the
    cash until the end of the day.  In model 3 nothing moves yet.  When no delivery is possible, or the depository has
    made its maximum for today, cash is collected.  In model 3 unwinding comes before that.

    Rule: CL-DVP-1, CL-DVP-4.
    """
    net = state.parameters.delivery == DeliveryModel.NET
    over = evolve(state, stage=Stage.UNWINDING if net else Stage.COLLECTION)
    if state.deliveries >= state.parameters.deliveries_max:
        return Accepted(over)
    pays, partial = state.parameters.delivery == DeliveryModel.GROSS, state.parameters.partial
    for place, security in enumerate(state.parameters.securities):
        price = state.prices[place].settlement
        seller = state.accounts.first(queue, delivers, place, partial)
        buyer = state.accounts.first(oldest, receives, place, security.currency, price, pays, partial)
        if seller is not None and buyer is not None:
            return delivered(state, place, seller, buyer)
    return Accepted(over)


def delivered(state: State, place: int, seller: AccountId, buyer: AccountId) -> Accepted[State]:
    """The seller delivers to the buyer.  Requires: `delivers` and `receives` hold of them."""
    security, price = state.parameters.securities[place], state.prices[place].settlement
    giver, taker = account_of(state, seller).holdings.positions[place], account_of(state, buyer).holdings
    units = Units(min(-giver.due, giver.held + giver.provisional, taker.positions[place].due))
    if state.parameters.delivery == DeliveryModel.GROSS:
        units = Units(min(units, taker.money[security.currency].held // price))
    postings = between(state, place, seller, buyer, units)
    after = evolve(post(state, postings), deliveries=state.deliveries + 1)
    return Accepted(after, (Delivered(security.id, seller, buyer, units, price), Posted(postings)))


def between(state: State, place: int, seller: AccountId, buyer: AccountId, units: Units) -> tuple[Posting, ...]:
    """The postings of a delivery through the central counterparty: obligations, units and cash.

    Rule: CL-DVP-2, CL-DVP-3, CL-DVP-5.  Negative `units` reverse a delivery.
    """
    model, currency = state.parameters.delivery, state.parameters.securities[place].currency
    moved, paid = Line.SECURITIES, Line.PAYABLE
    if model == DeliveryModel.GROSS:
        paid = Line.CASH
    if model == DeliveryModel.NET:
        moved, paid = Line.PROVISIONAL, Line.PROVISIONAL_CASH
    held, due = book(state.parameters, moved, place), book(state.parameters, Line.DUE, place)
    cash, amount = book(state.parameters, paid, currency), Atoms(units * state.prices[place].settlement)
    return (
        Posting(held, units, seller, SystemAccount.CCP),
        Posting(due, units, SystemAccount.CCP, seller),
        Posting(held, units, SystemAccount.CCP, buyer),
        Posting(due, units, buyer, SystemAccount.CCP),
        Posting(cash, amount, buyer, SystemAccount.CCP),
        Posting(cash, amount, SystemAccount.CCP, seller),
    )
