"""Settlement fails: kept overnight, marked to the new price, charged for, and in the end bought in."""

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
    Cause,
    Line,
    Quotation,
    Stage,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)


def has_failed(account: Account) -> bool:
    """Has it failed in anything?"""
    return any(position.failed != 0 for position in account.holdings.positions)


def carry(state: State, _: Carry) -> Accepted[State]:
    """What one account has failed in falls due again, and the change of its value is payable.

    Rule: CL-FAIL-1.  Who was to receive gains what the price has risen, for it will pay the new one.
    When nobody is left, the new prices are those of settlement, and trades are netted.
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
    """Is something due, or does it count days of a fail that has ended?"""
    return any(
        position.due != 0
        or (position.failed == 0 and (position.fails_to_deliver != 0 or position.fails_to_receive != 0))
        for position in account.holdings.positions
    )


def cause_of(state: State, place: int) -> Cause:
    """Why what is left of a security has failed.

    Rule: CL-FAIL-5.  Who could deliver and did not, found nobody who could pay; then want of cash is the reason, for
    whoever is left could not have paid for more. A fail that the depository has caused is nobody's.
    """
    if state.deliveries >= state.parameters.deliveries_max:
        return Cause.CAPACITY
    able = state.accounts.first(queue, delivers, place, state.parameters.partial)
    return Cause.UNITS if able is None else Cause.CASH


def answered_for(cause: Cause, due: Units) -> Units:
    """The units for which an account pays, or negative if it is paid, that has so many to receive."""
    if cause == Cause.CAPACITY:
        return Units(0)
    return Units(-due) if cause == Cause.UNITS else due


def fail(state: State, _: Fail) -> Accepted[State]:
    """What one account has not delivered or received has failed: who answers for it pays, and the other side is paid.

    Rule: CL-FAIL-2.  Rounding: who pays the ceiling, who is paid the floor; the account of penalties has the rest.
    When nobody is left, margin is measured.
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
    """Units that an account fails to deliver are bought from a seller, who delivers them in its place.

    The account pays what they cost above the price at which its fail stands, or is paid what they cost less.

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
