"""Model 3: deliveries are provisional until every account can pay for its own; then all become final at once.

Until then no securities and no cash move.  An account that cannot pay for its provisional deliveries has some of them
reversed.  The deliverers then receive less cash and may become short themselves.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.machines.clearing.rules.settlement import between
from clearspec.machines.clearing.state.commands import HandIn, HandOut, Unwind
from clearspec.machines.clearing.state.events import HandedIn, HandedOut, Unwound
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import Units
from clearspec.machines.clearing.state.types import Account, Line, State, SystemAccount, account_of, anyone, book
from clearspec.machines.clearing.state.work import Stage


def short(account: Account, currency: int) -> bool:
    """Does the account lack cash for its provisional deliveries in this currency?"""
    money = account.holdings.money[currency]
    return money.held + money.provisional < 0


def gives(account: Account, security: int) -> bool:
    """Has the account provisionally delivered this security?"""
    return account.holdings.positions[security].provisional < 0


def last(account: Account, *_: int) -> tuple[int]:
    """A rank by which the last in the queue comes first."""
    return (-account.priority,)


def unwind(state: State, _: Unwind) -> Accepted[State]:
    """Reverse a provisional delivery to one account that is short of cash.

    When no account is short, all deliveries are final: accounts hand in, and are then handed out.

    Rule: CL-DVP-6.
    """
    for place in range(len(state.parameters.currencies)):
        buyer = state.accounts.first(anyone, short, place)
        if buyer is not None:
            return unwound(state, place, buyer)
    return Accepted(evolve(state, stage=Stage.HANDING_IN))


def unwound(state: State, currency: int, buyer: AccountId) -> Accepted[State]:
    """Reverse a delivery to `buyer` by the last account in the queue that delivered the security.

    The reversal takes all that the buyer got or all that the seller gave, whichever is less.  If it took only what is
    missing, two accounts that buy from each other could be short by turns, of smaller and smaller amounts.
    Requires: `buyer` is short of this currency.
    """
    positions = account_of(state, buyer).holdings.positions
    for place, security in enumerate(state.parameters.securities):
        got = positions[place].provisional
        seller = state.accounts.first(last, gives, place)
        if security.currency == currency and got > 0 and seller is not None:
            gave = -account_of(state, seller).holdings.positions[place].provisional
            units, price = Units(min(got, gave)), state.prices[place].settlement
            postings = between(state, place, seller, buyer, Units(-units))
            return Accepted(
                post(state, postings), (Unwound(security.id, seller, buyer, units, price), Posted(postings))
            )
    raise AssertionError("an account that is short of cash has a provisional delivery")


def hands_in(account: Account) -> bool:
    """Has the account provisional securities or cash still to give?"""
    return any(position.provisional < 0 for position in account.holdings.positions) or any(
        money.provisional < 0 for money in account.holdings.money
    )


def is_handed(account: Account) -> bool:
    """Has the account provisional securities or cash still to get?"""
    return any(position.provisional > 0 for position in account.holdings.positions) or any(
        money.provisional > 0 for money in account.holdings.money
    )


def hand_in(state: State, _: HandIn) -> Accepted[State]:
    """One account hands in all that it gives, securities and cash.

    Rule: CL-DVP-7.  When every account has handed in, handing out begins.
    """
    account = state.accounts.first(anyone, hands_in)
    if account is None:
        return Accepted(evolve(state, stage=Stage.HANDING_OUT))
    holdings = account_of(state, account).holdings
    given = tuple(min(position.provisional, 0) for position in holdings.positions)
    paid = tuple(min(money.provisional, 0) for money in holdings.money)
    return handed(state, account, given, paid, HandedIn(account))


def hand_out(state: State, _: HandOut) -> Accepted[State]:
    """One account is handed all that it gets, securities and cash.

    Rule: CL-DVP-7.  When every account has been handed out, delivery is over, and cash payables are collected.
    """
    account = state.accounts.first(anyone, is_handed)
    if account is None:
        return Accepted(evolve(state, stage=Stage.COLLECTION))
    holdings = account_of(state, account).holdings
    got = tuple(position.provisional for position in holdings.positions)
    paid = tuple(money.provisional for money in holdings.money)
    return handed(state, account, got, paid, HandedOut(account))


def handed(
    state: State, account: AccountId, units: tuple[int, ...], cash: tuple[int, ...], event: HandedIn | HandedOut
) -> Accepted[State]:
    """Make `units` and `cash` final: the account gets positive amounts and gives negative ones."""
    postings: tuple[Posting, ...] = ()
    for place, amount in enumerate(units):
        postings = (
            *postings,
            Posting(book(state.parameters, Line.SECURITIES, place), amount, SystemAccount.CCP, account),
            Posting(book(state.parameters, Line.PROVISIONAL, place), amount, account, SystemAccount.CCP),
        )
    for place, amount in enumerate(cash):
        postings = (
            *postings,
            Posting(book(state.parameters, Line.CASH, place), amount, SystemAccount.CCP, account),
            Posting(book(state.parameters, Line.PROVISIONAL_CASH, place), amount, account, SystemAccount.CCP),
        )
    return Accepted(post(state, postings), (event, Posted(postings)))
