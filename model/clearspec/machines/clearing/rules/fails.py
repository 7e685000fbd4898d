"""Settlement fails: carried overnight, marked to the new price, penalised, and in the end bought in."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import RATE_SCALE, Atoms
from clearspec.machines.clearing.formulas.penalties import buy_in_difference, penalty
from clearspec.machines.clearing.rules.settlement import delivers, queue
from clearspec.machines.clearing.state.commands import BuyIn, Carry, Fail, Reason
from clearspec.machines.clearing.state.events import BoughtIn, FailCarried, SettlementFailed
from clearspec.machines.clearing.state.parameters import Units, security_place
from clearspec.machines.clearing.state.types import (
    Account,
    Line,
    Quotation,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)
from clearspec.machines.clearing.state.work import Cause, Stage


def has_failed(account: Account) -> bool:
    """Has the account failed to deliver or to receive anything?"""
    return any(position.failed != 0 for position in account.holdings.positions)


def carry(state: State, _: Carry) -> Accepted[State]:
    """The fails of one account fall due again, and the change of their value becomes payable.

    An account that failed to receive is paid a rise in price, for it will pay the new price.  When every account has
    been carried, published prices become settlement prices, and netting begins.

    Rule: CL-FAIL-1.
    """
    account = state.accounts.first(anyone, has_failed)
    if account is None:
        prices = tuple(Quotation(price.published, price.published) for price in state.prices)
        return Accepted(evolve(state, prices=prices, stage=Stage.NETTING))
    postings: tuple[Posting, ...] = ()
    for place, position in enumerate(account_of(state, account).holdings.positions):
        currency, price = state.parameters.securities[place].currency, state.prices[place]
        gain = Atoms(position.failed * (price.published - price.settlement))
        postings = (
            *postings,
            Posting(book(state.parameters, Line.FAILED, place), position.failed, account, SystemAccount.CCP),
            Posting(book(state.parameters, Line.DUE, place), position.failed, SystemAccount.CCP, account),
            Posting(book(state.parameters, Line.PAYABLE, currency), gain, SystemAccount.CCP, account),
        )
    return Accepted(post(state, postings), (FailCarried(account), Posted(postings)))


def is_left(account: Account) -> bool:
    """Has the account something due, or days counted of a fail that has ended?"""
    return any(
        position.due != 0
        or (position.failed == 0 and (position.fails_to_deliver != 0 or position.fails_to_receive != 0))
        for position in account.holdings.positions
    )


def cause_of(state: State, place: int) -> Cause:
    """The cause of today's fails in a security.

    If an account is left that could deliver, no receiver could pay: the cause is cash.  If none is left, the cause is
    units.  If the depository reached its maximum, the cause is its capacity, and no account answers for the fail.

    Rule: CL-FAIL-5.
    """
    if state.deliveries >= state.parameters.deliveries_max:
        return Cause.CAPACITY
    able = state.accounts.first(queue, delivers, place, state.parameters.partial)
    return Cause.UNITS if able is None else Cause.CASH


def answered_for(cause: Cause, due: Units) -> Units:
    """The units for which an account with this `due` pays a penalty; negative if it is paid one."""
    if cause == Cause.CAPACITY:
        return Units(0)
    return Units(-due) if cause == Cause.UNITS else due


def fail(state: State, _: Fail) -> Accepted[State]:
    """The units still due of one account fail.  The side at fault pays a penalty, and the other side is paid it.

    When no account has anything due, margin is measured.

    Rule: CL-FAIL-2.  Rounding: a payer pays the ceiling, a payee gets the floor; the penalty account keeps the rest.
    """
    account = state.accounts.first(anyone, is_left)
    if account is None:
        return Accepted(evolve(state, stage=Stage.MARGINING))
    postings: tuple[Posting, ...] = ()
    for place, security in enumerate(state.parameters.securities):
        due = account_of(state, account).holdings.positions[place].due
        price = state.prices[place].settlement
        units = answered_for(state.causes[place], due)
        charged = penalty(units, price, security.penalty)
        postings = (
            *postings,
            Posting(book(state.parameters, Line.DUE, place), due, account, SystemAccount.CCP),
            Posting(book(state.parameters, Line.FAILED, place), due, SystemAccount.CCP, account),
            Posting(book(state.parameters, Line.PAYABLE, security.currency), charged, account, SystemAccount.PENALTIES),
        )
        residue = state.residues[security.currency] + charged * RATE_SCALE - units * price * security.penalty
        state = evolve(state, residues=put_at(state.residues, security.currency, residue))
    row = account_of(state, account)
    counted = tuple(
        evolve(
            position,
            fails_to_deliver=position.fails_to_deliver + 1 if position.due < 0 else 0,
            fails_to_receive=position.fails_to_receive + 1 if position.due > 0 else 0,
        )
        for position in row.holdings.positions
    )
    row = evolve(row, holdings=evolve(row.holdings, positions=counted))
    after = post(evolve(state, accounts=state.accounts.put(account, row)), postings)
    return Accepted(after, (SettlementFailed(account), Posted(postings)))


def buy_in(state: State, command: BuyIn) -> Outcome[State]:
    """Buy from `seller` units that `account` fails to deliver; the seller will deliver them in its place.

    The account pays the excess of the buy-in price over the settlement price, or is paid the shortfall.

    Rule: CL-FAIL-3.
    Rejects: ACCOUNT_EXISTS, SECURITY_EXISTS, AMOUNT_POSITIVE, SIDES_DIFFER, PRICE_WITHIN_LIMIT, BUY_IN_DUE,
    UNITS_WITHIN_FAIL, UNITS_FREE.
    """
    account, seller = state.accounts.get(command.account), state.accounts.get(command.seller)
    if account is None or seller is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = security_place(state.parameters, command.security)
    if place is None:
        return Rejected(Reason.SECURITY_EXISTS)
    if command.units <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.account == command.seller:
        return Rejected(Reason.SIDES_DIFFER)
    security = state.parameters.securities[place]
    if not 1 <= command.price <= security.price_max:
        return Rejected(Reason.PRICE_WITHIN_LIMIT)
    position, sold = account.holdings.positions[place], seller.holdings.positions[place]
    if position.fails_to_deliver < state.parameters.buy_in_after:
        return Rejected(Reason.BUY_IN_DUE)
    if command.units > -position.failed:
        return Rejected(Reason.UNITS_WITHIN_FAIL)
    if command.units > sold.held + min(sold.failed, 0):
        return Rejected(Reason.UNITS_FREE)
    failed = book(state.parameters, Line.FAILED, place)
    payable = book(state.parameters, Line.PAYABLE, security.currency)
    above = buy_in_difference(command.units, command.price, state.prices[place].settlement)
    postings = (
        Posting(failed, command.units, command.seller, SystemAccount.CCP),
        Posting(failed, command.units, SystemAccount.CCP, command.account),
        Posting(payable, above, command.account, SystemAccount.CCP),
        Posting(payable, above, SystemAccount.CCP, command.seller),
    )
    event = BoughtIn(command.security, command.account, command.seller, command.units, command.price)
    return Accepted(post(state, postings), (event, Posted(postings)))
