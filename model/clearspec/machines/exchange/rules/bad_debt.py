"""What nobody has paid at the end of the waterfall, and on whom it falls."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.formulas.bad_debt import lender_loss
from clearspec.machines.exchange.rules.loans import grown
from clearspec.machines.exchange.rules.settlement import unsettled
from clearspec.machines.exchange.state.commands import ChargeLender
from clearspec.machines.exchange.state.events import LoanWrittenOff, LossWrittenOff
from clearspec.machines.exchange.state.parameters import QUOTE, asset_place, perpetuals
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Line,
    Liquidation,
    PoolLoss,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
)


def to_be_charged(account: Account, place: int, offer: int) -> Atoms:
    """What the account has lent of the asset at that place, if it has still to bear its share of the loss."""
    return account.holdings.loans[place].lent if account.asked != offer else Atoms(0)


def not_charged(account: Account, place: int, offer: int) -> bool:
    """Has the account lent of the asset at that place, and has it still to bear its share of the loss?"""
    return account.asked != offer and account.holdings.loans[place].lent > 0


def loss_found(state: State, at_work: Liquidation, place: int) -> Accepted[State]:
    """The lenders of the asset are to bear the account's debt, which nobody pays.

    Rule: EX-DEBT-1, EX-DEBT-6.
    """
    claims = state.accounts.total(to_be_charged, place, state.offers + 1) + state.venue.fees.loans[place].lent
    loss = PoolLoss(
        asset=state.parameters.assets[place].id,
        amount=account_of(state, at_work.account).holdings.loans[place].borrowed,
        claims=Atoms(claims),
        before=Atoms(0),
        borne=Atoms(0),
        offer=state.offers + 1,
    )
    return Accepted(
        evolve(state, liquidating=evolve(at_work, loss=loss), offers=state.offers + 1, calm=False, quiet=False)
    )


def charge_lender(state: State, _: ChargeLender) -> Accepted[State]:
    """One lender bears its share of the debt; after the last, the venue bears its own, and the rest is bad debt.

    Rule: EX-DEBT-5.  Rounding: by running sums, so that what is borne is what is lost.
    """
    assert state.liquidating is not None, "ChargeLender is due only while an account is at work"
    assert state.liquidating.loss is not None, "ChargeLender is due only while there is a loss"
    at_work, loss = state.liquidating, state.liquidating.loss
    place = asset_place(state.parameters, loss.asset)
    assert place is not None, "the asset of a loss exists"
    lender = state.accounts.first(anyone, not_charged, place, loss.offer)
    if lender is None:
        return rest_borne(state, at_work, loss, place)
    claim = account_of(state, lender).holdings.loans[place].lent
    part = lender_loss(loss.amount, loss.before, claim, loss.claims)
    asked = evolve(account_of(state, lender), asked=loss.offer)
    marked = grown(evolve(state, accounts=state.accounts.put(lender, asked)), place, lender)
    marked = grown(marked, place, at_work.account)
    postings = (
        Posting(book(state.parameters, Line.LENT, place), part, lender, SystemAccount.POOL),
        Posting(book(state.parameters, Line.BORROWED, place), part, at_work.account, SystemAccount.POOL),
    )
    further = evolve(loss, before=Atoms(loss.before + claim), borne=Atoms(loss.borne + part))
    event = LoanWrittenOff(loss.asset, at_work.account, lender, part)
    borne = evolve(post(marked, postings), liquidating=evolve(at_work, loss=further))
    return Accepted(borne, (event, Posted(postings)))


def rest_borne(state: State, at_work: Liquidation, loss: PoolLoss, place: int) -> Accepted[State]:
    """The venue bears the share of its own claim, and what is beyond all claims is bad debt: the account is free of it.

    Nobody is owed what is beyond all claims, so nobody bears it.
    """
    own = state.venue.fees.loans[place].lent
    part = lender_loss(loss.amount, loss.before, own, loss.claims)
    left = account_of(state, at_work.account).holdings.loans[place].borrowed
    postings = (
        Posting(book(state.parameters, Line.LENT, place), part, SystemAccount.FEES, SystemAccount.POOL),
        Posting(book(state.parameters, Line.BORROWED, place), part, at_work.account, SystemAccount.POOL),
        Posting(
            book(state.parameters, Line.BORROWED, place), Atoms(left - part), at_work.account, SystemAccount.BAD_DEBT
        ),
    )
    event = LoanWrittenOff(loss.asset, at_work.account, None, left)
    marked = evolve(grown(state, place, at_work.account), liquidating=evolve(at_work, loss=None))
    return Accepted(post(marked, postings), (event, Posted(postings)))


def written_off(state: State, account: AccountId) -> Accepted[State]:
    """What an account without anything owes, the fund pays as far as it can, and the rest is bad debt.

    Rule: EX-TIER-5.  Requires: it owes something.
    """
    loss = -unsettled(account_of(state, account))
    fund = Atoms(min(max(state.venue.fund.balances[QUOTE], 0), loss))
    left = loss - fund
    postings: tuple[Posting, ...] = (
        Posting(book(state.parameters, Line.BALANCE, QUOTE), fund, SystemAccount.FUND, account),
    )
    for place in perpetuals(state.parameters):
        part = min(max(-account_of(state, account).holdings.positions[place].unsettled, 0), left)
        postings = (
            *postings,
            Posting(book(state.parameters, Line.UNSETTLED, place), Atoms(part), SystemAccount.BAD_DEBT, account),
        )
        left -= part
    event = LossWrittenOff(account, fund, Atoms(loss - fund))
    return Accepted(post(evolve(state, calm=False, quiet=False), postings), (event, Posted(postings)))
