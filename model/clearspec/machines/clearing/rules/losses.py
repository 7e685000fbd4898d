"""The default waterfall: layer after layer pays the debt of a member in default, one payer a beat.

The debt is the account's negative payable once its positions are closed out and settled.  A payer lowers the debt.  The
central counterparty pays its creditors from that cash with the next payments.  The state records what each payer other
than the defaulter has paid (`used`, `assessed`) and for whom (`borne`): recoveries repay it.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted, Outcome, Rejected, measure
from clearspec.core.quantities import Atoms, Rate
from clearspec.machines.clearing.rules.fund import called_to_replenish
from clearspec.machines.clearing.rules.trades import has_unsettled
from clearspec.machines.clearing.state.commands import (
    Assess,
    CoverLoss,
    Reason,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
)
from clearspec.machines.clearing.state.events import LossLeftOver, LossPaid
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import currency_place
from clearspec.machines.clearing.state.types import (
    Account,
    Line,
    State,
    SystemAccount,
    account_of,
    anyone,
    book,
    put_at,
)
from clearspec.machines.clearing.state.work import NO_LOSS, Layer, Loss
from clearspec.mechanisms.pro_rata import allotted
from clearspec.mechanisms.waterfall import assessable, assessment_cap


def cover_loss(state: State, command: CoverLoss) -> Outcome[State]:
    """Begin the waterfall: the beats that follow let layer by layer pay the account's debt.

    Rule: CL-WFL-3.
    Rejects: ACCOUNT_EXISTS, CURRENCY_EXISTS, MEMBER_IN_DEFAULT, CLOSED_OUT, LOSS_FOUND.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Rejected(Reason.ACCOUNT_EXISTS)
    place = currency_place(state.parameters, command.currency)
    if place is None:
        return Rejected(Reason.CURRENCY_EXISTS)
    if not account.defaulted:
        return Rejected(Reason.MEMBER_IN_DEFAULT)
    if not is_closed_out(state, command.account, place):
        return Rejected(Reason.CLOSED_OUT)
    if account.holdings.money[place].payable >= 0:
        return Rejected(Reason.LOSS_FOUND)
    left = Atoms(-account.holdings.money[place].payable)
    loss = evolve(state.losses[place], account=command.account, left=left)
    return Accepted(evolve(with_loss(state, place, loss), layer=Layer.MARGIN))


def is_closed_out(state: State, name: AccountId, currency: int) -> bool:
    """Has the account only payables left in this currency: no securities, no fails, no unsettled trades?"""
    return has_nothing_left(state, account_of(state, name), currency) and not any(
        security.currency == currency and has_unsettled(state, name, security.id)
        for security in state.parameters.securities
    )


@measure
def has_nothing_left(state: State, account: Account, currency: int) -> bool:
    """Does the account hold, post and fail in no security of this currency?"""
    return all(
        position.failed == 0 and position.held == 0 and position.posted == 0
        for security, position in zip(state.parameters.securities, account.holdings.positions, strict=True)
        if security.currency == currency
    )


def with_loss(state: State, place: int, loss: Loss) -> State:
    """Replace the loss of this currency."""
    return evolve(state, losses=put_at(state.losses, place, loss))


def at_work(state: State) -> tuple[int, Loss, AccountId]:
    """The loss that layers or recoveries work at: its currency, the loss, its account.  Requires: there is one."""
    for place, loss in enumerate(state.losses):
        if loss.account is not None:
            return place, loss, loss.account
    raise AssertionError("a layer pays only for a loss")


def further(state: State, place: int, left: int, layer: Layer) -> State:
    """Pass `left` of the loss on to `layer`; when `left` is 0, the waterfall is over."""
    loss = state.losses[place]
    if left <= 0:
        return evolve(with_loss(state, place, evolve(NO_LOSS, round=loss.round)), layer=Layer.NOTHING)
    return evolve(with_loss(state, place, evolve(loss, left=Atoms(left))), layer=layer)


def of_fund(
    state: State, place: int, payer: AccountId | SystemAccount, debtor: AccountId, part: int
) -> tuple[Posting, ...]:
    """The postings by which `payer` pays `part` of the debtor's debt from its part of the default fund."""
    return (
        Posting(book(state.parameters, Line.FUND, place), part, payer, SystemAccount.SAFE),
        Posting(book(state.parameters, Line.CASH, place), part, SystemAccount.SAFE, SystemAccount.CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), part, SystemAccount.CCP, debtor),
    )


def use_margin(state: State, _: UseMargin) -> Accepted[State]:
    """Layer 1: the defaulter's posted cash pays, and then its other cash.

    Rule: CL-WFL-4.
    """
    place, loss, debtor = at_work(state)
    money = account_of(state, debtor).holdings.money[place]
    posted = min(loss.left, money.posted)
    held = min(loss.left - posted, money.held)
    cash = book(state.parameters, Line.CASH, place)
    postings = (
        Posting(book(state.parameters, Line.COLLATERAL_CASH, place), posted, debtor, SystemAccount.SAFE),
        Posting(cash, posted, SystemAccount.SAFE, SystemAccount.CCP),
        Posting(cash, held, debtor, SystemAccount.CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), posted + held, SystemAccount.CCP, debtor),
    )
    after = further(post(state, postings), place, loss.left - posted - held, Layer.CONTRIBUTION)
    return Accepted(after, (paid_by(state, place, Layer.MARGIN, debtor, debtor, posted + held), Posted(postings)))


def paid_by(
    state: State, place: int, layer: Layer, debtor: AccountId, payer: AccountId | SystemAccount, part: int
) -> LossPaid:
    """The event that `payer` paid `part` of the debtor's loss."""
    return LossPaid(layer, debtor, payer, state.parameters.currencies[place].id, Atoms(part))


def use_contribution(state: State, _: UseContribution) -> Accepted[State]:
    """Layer 2: the defaulter's own contribution to the default fund pays.

    Rule: CL-WFL-4.
    """
    place, loss, debtor = at_work(state)
    part = min(loss.left, account_of(state, debtor).holdings.money[place].fund)
    postings = of_fund(state, place, debtor, debtor, part)
    after = further(post(state, postings), place, loss.left - part, Layer.SKIN)
    return Accepted(after, (paid_by(state, place, Layer.CONTRIBUTION, debtor, debtor, part), Posted(postings)))


def use_skin(state: State, _: UseSkin) -> Accepted[State]:
    """Layer 3: the central counterparty's skin in the game pays.  Survivors share what is left.

    Rule: CL-WFL-4.
    """
    place, loss, debtor = at_work(state)
    own = state.central.own.money[place]
    part = Atoms(min(loss.left, own.fund))
    postings = of_fund(state, place, SystemAccount.OWN, debtor, part)
    after = noted(post(state, postings), place, skin=part, equity=Atoms(0))
    after = with_borne(after, place, debtor, part)
    after = further(after, place, loss.left - part, Layer.SURVIVORS)
    after = shared(after, place, Layer.SURVIVORS)
    event = paid_by(state, place, Layer.SKIN, debtor, SystemAccount.OWN, part)
    return Accepted(after, (event, Posted(postings)))


def with_borne(state: State, place: int, debtor: AccountId, more: Atoms) -> State:
    """Add `more` to `borne`: what others have paid of the defaulter's debt."""
    account = account_of(state, debtor)
    money = account.holdings.money[place]
    money = evolve(money, borne=Atoms(money.borne + more))
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(debtor, account))


def noted(state: State, place: int, skin: Atoms, equity: Atoms) -> State:
    """Add `skin` and `equity` to what the central counterparty has paid, for recoveries to repay."""
    own = state.central.own
    money = own.money[place]
    money = evolve(money, used=Atoms(money.used + skin), assessed=Atoms(money.assessed + equity))
    own = evolve(own, money=put_at(own.money, place, money))
    return evolve(state, central=evolve(state.central, own=own))


def shared(state: State, place: int, layer: Layer) -> State:
    """Open the books of `layer`, which survivors share, if the loss has come to it."""
    loss = state.losses[place]
    if state.layer != layer:
        return state
    turn, multiple = loss.round + 1, state.parameters.assessment_multiple
    if layer == Layer.SURVIVORS:
        weights = state.accounts.total(contribution_left, place, turn)
    else:
        weights = state.accounts.total(assessment_left, place, turn, multiple)
    amount = Atoms(min(loss.left, weights))
    return with_loss(
        state,
        place,
        evolve(loss, round=turn, amount=amount, weights=Atoms(weights), served=Atoms(0), paid=Atoms(0)),
    )


def contribution_left(account: Account, currency: int, turn: int) -> Atoms:
    """The contribution of a survivor whose turn in this sharing is to come; else 0."""
    money = account.holdings.money[currency]
    return Atoms(money.fund if money.round != turn and not account.defaulted else 0)


def assessment_left(account: Account, currency: int, turn: int, multiple: Rate) -> Atoms:
    """The assessment left of a survivor whose turn is to come: a multiple of all it contributed, less past ones."""
    money = account.holdings.money[currency]
    left = assessable(assessment_cap(money.fund + money.used, multiple), money.assessed)
    return Atoms(left if money.round != turn and not account.defaulted else 0)


def has_contribution(account: Account, currency: int, turn: int) -> bool:
    """Has the survivor a contribution, and is its turn to come?"""
    return contribution_left(account, currency, turn) > 0


def has_assessment(account: Account, currency: int, turn: int, multiple: Rate) -> bool:
    """May the survivor still be assessed, and is its turn to come?"""
    return assessment_left(account, currency, turn, multiple) > 0


def use_fund(state: State, _: UseFund) -> Accepted[State]:
    """Layer 4: the contribution of one survivor pays its share.

    Survivors share the layer pro rata to their contributions.  The payer is called to replenish its part by the
    deadline of a call.  When no survivor is left to ask, survivors are assessed.

    Rule: CL-WFL-5, CL-WFL-7, CL-WFL-8.  Rounding: the floor of running sums.
    """
    place, loss, debtor = at_work(state)
    name = state.accounts.first(anyone, has_contribution, place, loss.round)
    if name is None:
        return Accepted(shared(further(state, place, loss.left, Layer.ASSESSMENTS), place, Layer.ASSESSMENTS))
    weight = contribution_left(account_of(state, name), place, loss.round)
    loss, part = with_turn(loss, weight)
    postings = of_fund(state, place, name, debtor, part)
    after = had_its_turn(with_loss(post(state, postings), place, loss), place, name, used=part, assessed=Atoms(0))
    after = with_borne(called_to_replenish(after, name, place, part), place, debtor, part)
    return Accepted(after, (paid_by(state, place, Layer.SURVIVORS, debtor, name, part), Posted(postings)))


def assess(state: State, _: Assess) -> Accepted[State]:
    """Layer 5: one survivor is assessed its share, and owes it in place of the account in default.

    Survivors share the layer pro rata to what may still be assessed of each.  When no survivor is left to ask, the
    central counterparty's equity pays.

    Rule: CL-WFL-5, CL-WFL-7, CL-WFL-8.  Rounding: the floor of running sums.
    """
    place, loss, debtor = at_work(state)
    multiple = state.parameters.assessment_multiple
    name = state.accounts.first(anyone, has_assessment, place, loss.round, multiple)
    if name is None:
        return Accepted(further(state, place, loss.left, Layer.EQUITY))
    weight = assessment_left(account_of(state, name), place, loss.round, multiple)
    loss, part = with_turn(loss, weight)
    payable = book(state.parameters, Line.PAYABLE, place)
    postings = (
        Posting(payable, part, name, SystemAccount.CCP),
        Posting(payable, part, SystemAccount.CCP, debtor),
    )
    after = had_its_turn(with_loss(post(state, postings), place, loss), place, name, used=Atoms(0), assessed=part)
    after = with_borne(after, place, debtor, part)
    return Accepted(after, (paid_by(state, place, Layer.ASSESSMENTS, debtor, name, part), Posted(postings)))


def with_turn(loss: Loss, weight: Atoms) -> tuple[Loss, Atoms]:
    """Serve one more account of this `weight`: the loss with its books kept, and the account's part."""
    served = Atoms(loss.served + weight)
    paid = Atoms(allotted(loss.amount, served, loss.weights))
    part = Atoms(paid - loss.paid)
    return evolve(loss, served=served, paid=paid, left=Atoms(loss.left - part)), part


def had_its_turn(state: State, place: int, name: AccountId, used: Atoms, assessed: Atoms) -> State:
    """Record what a survivor paid, `used` or `assessed`, and that it had its turn."""
    account = account_of(state, name)
    money = account.holdings.money[place]
    money = evolve(
        money,
        used=Atoms(money.used + used),
        assessed=Atoms(money.assessed + assessed),
        round=state.losses[place].round,
    )
    account = evolve(account, holdings=evolve(account.holdings, money=put_at(account.holdings.money, place, money)))
    return evolve(state, accounts=state.accounts.put(name, account))


def use_equity(state: State, _: UseEquity) -> Accepted[State]:
    """Layer 6: the central counterparty's equity pays.  It owes the rest itself, and resolution decides.

    Creditors wait for the rest.  `LossLeftOver` reports it, and the state never loses it.

    Rule: CL-WFL-4.
    """
    place, loss, debtor = at_work(state)
    part = Atoms(min(loss.left, state.central.own.money[place].held))
    left = Atoms(loss.left - part)
    payable = book(state.parameters, Line.PAYABLE, place)
    postings = (
        Posting(book(state.parameters, Line.CASH, place), part, SystemAccount.OWN, SystemAccount.CCP),
        Posting(payable, part, SystemAccount.CCP, debtor),
        Posting(payable, left, SystemAccount.OWN, debtor),
    )
    after = noted(post(state, postings), place, skin=Atoms(0), equity=part)
    after = with_borne(after, place, debtor, loss.left)
    events = (
        paid_by(state, place, Layer.EQUITY, debtor, SystemAccount.OWN, part),
        LossLeftOver(debtor, state.parameters.currencies[place].id, left),
        Posted(postings),
    )
    return Accepted(further(after, place, 0, Layer.NOTHING), events)
