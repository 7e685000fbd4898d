"""The default fund, to which members contribute, and the central counterparty's own part in it and beside it."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.rules.calls import due_by
from clearspec.machines.clearing.rules.pledges import less_met
from clearspec.machines.clearing.state.commands import Contribute, ProvideCapital, Reason, RestoreSkin
from clearspec.machines.clearing.state.events import Contributed
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import currency_place
from clearspec.machines.clearing.state.types import AccountKind, Line, State, SystemAccount, account_of, book, put_at


def contribute(state: State, command: Contribute) -> Outcome[State]:
    """A member moves cash of its house account into its contribution, which also lowers its replenishment due.

    Rule: CL-FUND-1, CL-FUND-3.
    Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, AMOUNT_POSITIVE, HOUSE_ACCOUNT, HOLDING_COVERS, MEMBER_NOT_IN_DEFAULT.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if account.kind != AccountKind.HOUSE:
        return Rejected(Reason.HOUSE_ACCOUNT)
    if command.amount > account.holdings.money[place].held:
        return Rejected(Reason.HOLDING_COVERS)
    if account.defaulted:
        return Rejected(Reason.MEMBER_NOT_IN_DEFAULT)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), command.amount, command.account, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.FUND, place), command.amount, SystemAccount.SAFE, command.account),
    )
    after = replenished(post(state, postings), command.account, place, command.amount)
    return Accepted(after, (Contributed(command.account), Posted(postings)))


def called_to_replenish(state: State, name: AccountId, place: int, amount: Atoms) -> State:
    """Call the account to replenish `amount` more, by the deadline of a new call.

    Rule: CL-FUND-3.  An outstanding call keeps its deadline.
    """
    account = account_of(state, name)
    money = account.holdings.money[place]
    by = due_by(money.to_replenish, money.replenish_by, Day(state.today + state.parameters.call_days))
    money = evolve(money, to_replenish=Atoms(money.to_replenish + amount), replenish_by=by)
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(name, account))


def replenished(state: State, name: AccountId, place: int, amount: int) -> State:
    """Lower the account's replenishment due by `amount`, to no less than 0."""
    account = account_of(state, name)
    money = account.holdings.money[place]
    money = evolve(money, to_replenish=less_met(money.to_replenish, amount))
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(name, account))


def provide_capital(state: State, command: ProvideCapital) -> Outcome[State]:
    """The owners pay in equity, or skin in the game, which pays before the survivors do.

    Rule: CL-FUND-2.  Rejects: CURRENCY_EXISTS, AMOUNT_POSITIVE, SUPPLY_WITHIN_LIMIT.
    """
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount - state.central.outside.money[place].held > state.parameters.currencies[place].supply_max:
        return Rejected(Reason.SUPPLY_WITHIN_LIMIT)
    cash, fund = book(state.parameters, Line.CASH, place), book(state.parameters, Line.FUND, place)
    postings: tuple[Posting, ...] = (Posting(cash, command.amount, SystemAccount.OUTSIDE, SystemAccount.OWN),)
    if command.skin:
        postings = (
            Posting(cash, command.amount, SystemAccount.OUTSIDE, SystemAccount.SAFE),
            Posting(fund, command.amount, SystemAccount.SAFE, SystemAccount.OWN),
        )
    return Accepted(post(state, postings), (Posted(postings),))


def restore_skin(state: State, command: RestoreSkin) -> Outcome[State]:
    """The central counterparty moves equity back into its skin in the game.

    Rule: CL-FUND-5.  Rejects: CURRENCY_EXISTS, AMOUNT_POSITIVE, HOLDING_COVERS.
    """
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    if command.amount > state.central.own.money[place].held:
        return Rejected(Reason.HOLDING_COVERS)
    cash, fund = book(state.parameters, Line.CASH, place), book(state.parameters, Line.FUND, place)
    postings = (
        Posting(cash, command.amount, SystemAccount.OWN, SystemAccount.SAFE),
        Posting(fund, command.amount, SystemAccount.SAFE, SystemAccount.OWN),
    )
    return Accepted(post(state, postings), (Posted(postings),))
