"""Lending to the pool of an asset and borrowing from it, by command and with what a trade brings in."""

from attrs import evolve

from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.machines.exchange.rules.loans import claims_of_clients, debts_of_clients, lent, repaid
from clearspec.machines.exchange.rules.margin import Gains, free_balances, meets_initial
from clearspec.machines.exchange.rules.marks import all_marks_valid
from clearspec.machines.exchange.state.commands import Borrow, Lend, Reason, Redeem, Repay, SetAutoLending
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import AccountId, State, account_of
from clearspec.mechanisms.lending import within_bound


def lend(state: State, command: Lend) -> Outcome[State]:
    """Lend to the pool what no open order holds.  A claim counts as collateral like the balance that it was.

    Rule: EX-LND-1.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, BALANCE_FREE.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > free_balances(state, command.account, account.holdings)[place]:
        return Rejected(Reason.BALANCE_FREE)
    return lent(state, place, command.account, command.amount)


def redeem(state: State, command: Redeem) -> Outcome[State]:
    """Take a claim back out of the pool, as far as its cash and the bound on utilisation allow.

    Rule: EX-LND-1.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, LENT_ENOUGH, POOL_CASH, UTILISATION_WITHIN_BOUND.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > account.holdings.loans[place].lent:
        return Rejected(Reason.LENT_ENOUGH)
    if command.amount > state.venue.pool.balances[place]:
        return Rejected(Reason.POOL_CASH)
    after = lent(state, place, command.account, -command.amount)
    if not utilisation_within_bound(after.state, place):
        return Rejected(Reason.UTILISATION_WITHIN_BOUND)
    return after


def borrow(state: State, command: Borrow) -> Outcome[State]:
    """Borrow from the pool.  Gains that are not settled count for nothing: what is borrowed may leave the venue.

    Rule: EX-LND-2, EX-CUS-3.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, RISK_TAKING_ENABLED, POOL_CASH, UTILISATION_WITHIN_BOUND,
    GAINS_SETTLED, MARK_VALID.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if not state.risk_taking:
        return Rejected(Reason.RISK_TAKING_ENABLED)
    if command.amount > state.venue.pool.balances[place]:
        return Rejected(Reason.POOL_CASH)
    after = repaid(state, place, command.account, -command.amount)
    if not utilisation_within_bound(after.state, place):
        return Rejected(Reason.UTILISATION_WITHIN_BOUND)
    if not meets_initial(after.state, command.account, Gains.NOT_AT_ALL):
        return Rejected(Reason.GAINS_SETTLED)
    if not all_marks_valid(state):
        return Rejected(Reason.MARK_VALID)
    return after


def repay(state: State, command: Repay) -> Outcome[State]:
    """Pay back a debt with what no open order holds.

    Rule: EX-LND-2.
    Rejects: ACCOUNT_EXISTS, ASSET_EXISTS, AMOUNT_POSITIVE, BORROWED_ENOUGH, BALANCE_FREE.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = asset_place(state.parameters, command.asset)
    if place is None:
        return Rejected(Reason.ASSET_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > account.holdings.loans[place].borrowed:
        return Rejected(Reason.BORROWED_ENOUGH)
    if command.amount > free_balances(state, command.account, account.holdings)[place]:
        return Rejected(Reason.BALANCE_FREE)
    return repaid(state, place, command.account, command.amount)


@measure
def utilisation_within_bound(state: State, place: int) -> bool:
    """Is what is borrowed of the asset, over what clients have lent, within its bound?  Rule: EX-LND-3."""
    bound = state.parameters.assets[place].utilisation_max
    return within_bound(debts_of_clients(state, place), claims_of_clients(state, place), bound)


def set_auto_lending(state: State, command: SetAutoLending) -> Outcome[State]:
    """Say what proceeds of trades do, and whether losses are settled by borrowing.

    Rule: EX-LND-4.  Rejects: ACCOUNT_EXISTS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    account = evolve(account, auto_repay=command.repay, auto_lend=command.lend, auto_borrow=command.borrow)
    return Accepted(evolve(state, accounts=state.accounts.put(command.account, account)))


def put_to_work(state: State, place: int, account: AccountId, proceeds: int) -> Accepted[State]:
    """What a trade brought in repays debt of the same asset, and the rest is lent, if the account wants it so.

    Rule: EX-LND-4.  Units: atoms of the asset.  Requires: proceeds are free and not negative.
    """
    row = account_of(state, account)
    repayment = min(proceeds, row.holdings.loans[place].borrowed) if row.auto_repay else 0
    rest = proceeds - repayment if row.auto_lend else 0
    first = repaid(state, place, account, repayment)
    then = lent(first.state, place, account, rest)
    return Accepted(then.state, (*first.events, *then.events))
