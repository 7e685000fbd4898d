"""The waterfall of a default: six layers in their order, each within what it has, and every survivor its share."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.state.commands import (
    Assess,
    CoverLoss,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
)
from clearspec.machines.clearing.state.events import LossLeftOver, LossPaid
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.types import Account, Money, State
from clearspec.machines.clearing.state.work import Layer, Loss, Payee, Stage

SOURCE = "PFMI, principles 4 and 13; EMIR, article 45; rules §8: the waterfall of six layers"

OwnLayer = UseMargin | UseContribution | UseSkin | UseEquity
SharedLayer = UseFund | Assess

SHARED = (Layer.SURVIVORS, Layer.ASSESSMENTS)
"""The layers that belong to many."""

BY_OTHERS = (Layer.SKIN, Layer.EQUITY)
"""The layers of one that are not of the account in default."""

BEYOND_MARGIN = (Layer.CONTRIBUTION, Layer.SKIN, *SHARED, Layer.EQUITY)
BEYOND_CONTRIBUTION = (Layer.SKIN, *SHARED, Layer.EQUITY)
BEYOND_SKIN = (*SHARED, Layer.EQUITY)
BEYOND_FUND = (Layer.ASSESSMENTS, Layer.EQUITY)


def fund_to_ask(account: Account, currency: int, turn: int) -> int:
    """The contribution of a survivor whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    return money.fund if money.round != turn and not account.defaulted else 0


def assessed_to_the_end(account: Account, currency: int, multiple: int) -> bool:
    """Have assessments of the survivor reached its cap?"""
    money = account.holdings.money[currency]
    return (money.fund + money.used) * multiple // RATE_SCALE <= money.assessed


def assessment_to_ask(account: Account, currency: int, turn: int, multiple: int) -> int:
    """The assessment left of a survivor whose turn is to come; else 0."""
    money = account.holdings.money[currency]
    left = max((money.fund + money.used) * multiple // RATE_SCALE - money.assessed, 0)
    return left if money.round != turn and not account.defaulted else 0


@claim(
    "CL-WFL-1",
    "A loss is the unpaid debt of an account in default, and is worked at between two commands only. A layer pays"
    " only when all junior ones have nothing left: margin, contribution, skin in the game, survivors' contributions,"
    " assessments.",
    title="layers are exhausted in order",
    kind=Kind.STATE,
    source=SOURCE,
    prevents="survivors who pay before the clearing house has lost its own part, and its reason to be careful",
)
def layers_are_exhausted_in_order(state: State) -> bool:
    if state.layer == Layer.NOTHING:
        return state.payee != Payee.NOBODY or all(nothing_lost(loss) for loss in state.losses)
    if state.stage != Stage.OPEN or sum(0 if loss.account is None else 1 for loss in state.losses) != 1:
        return False
    return all(
        nothing_lost(loss) if loss.account is None else used_up(state, loss, place)
        for place, loss in enumerate(state.losses)
    )


def nothing_lost(loss: Loss) -> bool:
    """Is there no loss, and nothing shared?"""
    return loss.account is None and loss.left == loss.amount == loss.weights == loss.served == loss.paid == 0


def used_up(state: State, loss: Loss, place: int) -> bool:
    """Does the account owe the loss left, and have all layers before the present one nothing left?"""
    multiple = state.parameters.assessment_multiple
    return (
        owed_in_default(state, loss, place)
        and (state.layer not in BEYOND_SKIN or state.central.own.money[place].fund == 0)
        and state.accounts.every(lambda _, row: row.defaulted or has_paid_all(row, state.layer, place, multiple))
    )


@measure
def has_paid_all(account: Account, layer: Layer, place: int, multiple: int) -> bool:
    """Has the survivor nothing left in the layers before this one?"""
    return (layer not in BEYOND_FUND or account.holdings.money[place].fund == 0) and (
        layer != Layer.EQUITY or assessed_to_the_end(account, place, multiple)
    )


@measure
def owed_in_default(state: State, loss: Loss, place: int) -> bool:
    """Is the account in default, is its debt the loss left, and are its own layers before this one used up?"""
    account = None if loss.account is None else state.accounts.get(loss.account)
    if account is None or not account.defaulted:
        return False
    money = account.holdings.money[place]
    return (
        money.payable == -loss.left
        and (loss.left > 0 or (loss.left == 0 and state.layer in SHARED))
        and (state.layer not in BEYOND_MARGIN or (money.posted == 0 and money.held == 0))
        and (state.layer not in BEYOND_CONTRIBUTION or money.fund == 0)
    )


@claim(
    "CL-WFL-2",
    "While survivors pay a layer, those whose turn is to come have the weights not served. Those served paid the"
    " floor of their joint share; `left` is the rest. A layer that pays in full leaves them nothing.",
    title="shared layers keep their books",
    kind=Kind.STATE,
    source=SOURCE,
)
def shared_layers_keep_their_books(state: State) -> bool:
    return all(
        loss.round >= 0
        and state.accounts.every(lambda _, row: row.holdings.money[place].round <= loss.round)
        and (state.layer not in SHARED or loss.account is None or books_kept(state, loss, place))
        for place, loss in enumerate(state.losses)
    )


def books_kept(state: State, loss: Loss, place: int) -> bool:
    """Do the layer's books agree with the accounts?"""
    multiple = state.parameters.assessment_multiple
    if state.layer == Layer.SURVIVORS:
        to_come = state.accounts.total(fund_to_ask, place, loss.round)
    else:
        to_come = state.accounts.total(assessment_to_ask, place, loss.round, multiple)
    return (
        to_come == loss.weights - loss.served
        and adds_up(loss)
        and state.accounts.every(
            lambda _, row: loss.amount < loss.weights or served_in_full(row, loss, state.layer, place, multiple)
        )
    )


@measure
def adds_up(loss: Loss) -> bool:
    """Have the accounts served paid the floor of their joint exact share?"""
    if loss.amount < 0 or loss.amount > loss.weights or loss.served < 0 or loss.served > loss.weights:
        return False
    if loss.left < loss.amount - loss.paid or (loss.amount < loss.weights and loss.left != loss.amount - loss.paid):
        return False
    if (loss.served == loss.weights and loss.paid != loss.amount) or (
        loss.amount == loss.weights and loss.paid != loss.served
    ):
        return False
    if loss.weights == 0:
        return loss.paid == 0
    return loss.paid * loss.weights <= loss.amount * loss.served < (loss.paid + 1) * loss.weights


@measure
def served_in_full(account: Account, loss: Loss, layer: Layer, place: int, multiple: int) -> bool:
    """Has the account, if it had its turn, nothing left for this layer?"""
    money = account.holdings.money[place]
    if account.defaulted or money.round != loss.round:
        return True
    if layer == Layer.SURVIVORS:
        return money.fund == 0
    return assessed_to_the_end(account, place, multiple)


@claim(
    "CL-WFL-3",
    "A loss enters the waterfall as the account's whole debt in that currency, of which no layer has paid any.",
    title="a loss is all that is owed",
    kind=Kind.STEP,
    on=(CoverLoss,),
    source=SOURCE,
)
def a_loss_begins_with_its_own_margin(before: State, command: CoverLoss, after: Accepted[State]) -> bool:
    account = before.accounts.get(command.account)
    return (
        account is not None
        and after.state.layer == Layer.MARGIN
        and all(
            (new.account == command.account and new.left == -money.payable > 0 and new.round == old.round)
            if currency.id == command.currency
            else same_loss(old, new)
            for currency, money, old, new in zip(
                before.parameters.currencies, account.holdings.money, before.losses, after.state.losses, strict=True
            )
        )
    )


@measure
def same_loss(was: Loss, now: Loss) -> bool:
    """Is the loss what it was?"""
    return now.account == was.account and now.left == was.left and now.round == was.round


@claim(
    "CL-WFL-4",
    "A layer of one pays the smaller of the loss left and its resources to the central counterparty. The account's"
    " debt falls by that. The rest goes to the next layer; after equity the central counterparty owes it.",
    title="a layer of one pays what it can",
    kind=Kind.STEP,
    on=(UseMargin, UseContribution, UseSkin, UseEquity),
    source=SOURCE,
    prevents="a loss that is paid twice, or that disappears",
)
def a_layer_pays_what_it_can(before: State, beat: OwnLayer, after: Accepted[State]) -> bool:
    paid = tuple(event for event in after.events if isinstance(event, LossPaid))
    over = tuple(event for event in after.events if isinstance(event, LossLeftOver))
    left_over = sum(event.amount for event in over)
    return (
        len(paid) == 1
        and len(over) == (1 if isinstance(beat, UseEquity) else 0)
        and before.layer == layer_of(beat)
        and all(event.layer == layer_of(beat) for event in paid)
        and all(own_layer_paid(before, after.state, event, left_over) for event in paid)
    )


def layer_of(beat: OwnLayer | SharedLayer) -> Layer:
    """The layer that this beat is about."""
    if isinstance(beat, UseMargin):
        return Layer.MARGIN
    if isinstance(beat, UseContribution):
        return Layer.CONTRIBUTION
    if isinstance(beat, UseSkin):
        return Layer.SKIN
    if isinstance(beat, UseFund):
        return Layer.SURVIVORS
    return Layer.ASSESSMENTS if isinstance(beat, Assess) else Layer.EQUITY


@measure
def own_layer_paid(before: State, after: State, event: LossPaid, left_over: int) -> bool:
    """Did the layer pay what it could of the loss of that currency, and is only that currency changed?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        (
            old.account == event.account
            and event.amount == min(old.left, has(before, was, event.layer, place))
            and left_over == (old.left - event.amount if event.layer == Layer.EQUITY else 0)
            and goes_on(before, after, old, new, event.amount)
            and has(after, now, event.layer, place) == has(before, was, event.layer, place) - event.amount
            and now.holdings.money[place].payable == was.holdings.money[place].payable + event.amount + left_over
            and now.holdings.money[place].borne
            == was.holdings.money[place].borne + (event.amount + left_over if event.layer in BY_OTHERS else 0)
            and after.central.ccp.money[place].held == before.central.ccp.money[place].held + event.amount
            and after.central.own.money[place].payable == before.central.own.money[place].payable - left_over
            and noted(before.central.own.money[place], after.central.own.money[place], event)
        )
        if currency.id == event.currency
        else same_loss(old, new)
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def has(state: State, account: Account, layer: Layer, place: int) -> int:
    """What a layer of one has: of the account in default, or of the central counterparty."""
    money, own = account.holdings.money[place], state.central.own.money[place]
    if layer == Layer.MARGIN:
        return money.posted + money.held
    if layer == Layer.CONTRIBUTION:
        return money.fund
    return own.fund if layer == Layer.SKIN else own.held


def noted(was: Money, now: Money, event: LossPaid) -> bool:
    """Did `used` grow by what skin in the game paid, and `assessed` by what equity paid?"""
    return now.used == was.used + (
        event.amount if event.layer == Layer.SKIN else 0
    ) and now.assessed == was.assessed + (event.amount if event.layer == Layer.EQUITY else 0)


@measure
def goes_on(before: State, after: State, was: Loss, now: Loss, paid: int) -> bool:
    """Did the loss fall by `paid` and pass to the next layer, or end?  A shared layer begins a new round."""
    if now.round != was.round + (1 if after.layer in SHARED else 0):
        return False
    if was.left == paid or before.layer == Layer.EQUITY:
        return after.layer == Layer.NOTHING and now.account is None and now.left == 0
    return after.layer == following(before.layer) and now.account == was.account and now.left == was.left - paid


def following(layer: Layer) -> Layer:
    """The layer after this one."""
    if layer == Layer.MARGIN:
        return Layer.CONTRIBUTION
    if layer == Layer.CONTRIBUTION:
        return Layer.SKIN
    if layer == Layer.SKIN:
        return Layer.SURVIVORS
    return Layer.ASSESSMENTS if layer == Layer.SURVIVORS else Layer.EQUITY


@claim(
    "CL-WFL-5",
    "A survivor pays, of its contribution or by assessment, its share by what it has in the layer, within one unit."
    " It never pays more than it has, and all of it if the layer pays all.",
    title="survivors pay their share",
    kind=Kind.STEP,
    on=(UseFund, Assess),
    source=SOURCE,
    prevents="assessments pro rata to contributions: 72 asked of a member capped at 40",
)
def survivors_pay_their_share(before: State, beat: SharedLayer, after: Accepted[State]) -> bool:
    return all(
        isinstance(event.payer, AccountId) and paid_its_share(before, after.state, event, event.payer)
        for event in after.events
        if isinstance(event, LossPaid)
    )


@measure
def paid_its_share(before: State, after: State, event: LossPaid, payer: AccountId) -> bool:
    """Did the survivor, once, pay its share by what it has, and do the books of the layer count it?"""
    was, now = before.accounts.get(payer), after.accounts.get(payer)
    if was is None or now is None or was.defaulted:
        return False
    multiple = before.parameters.assessment_multiple
    return all(
        currency.id != event.currency
        or (
            is_its_share(old, to_ask(was, event.layer, place, old.round, multiple), event.amount)
            and new.served == old.served + to_ask(was, event.layer, place, old.round, multiple)
            and new.paid == old.paid + event.amount
            and new.amount == old.amount
            and new.weights == old.weights
            and new.round == old.round == now.holdings.money[place].round
        )
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def to_ask(account: Account, layer: Layer, place: int, turn: int, multiple: int) -> int:
    """The account's weight in this layer, if its turn is to come; else 0."""
    if layer == Layer.SURVIVORS:
        return fund_to_ask(account, place, turn)
    return assessment_to_ask(account, place, turn, multiple)


@claim(
    "CL-WFL-7",
    "A survivor's payment lowers the defaulter's debt and the loss left, and raises `borne`. It comes from the"
    " survivor's contribution, or is a debt of the survivor from then on. Nothing else of either changes.",
    title="a survivor pays for the defaulter",
    kind=Kind.STEP,
    on=(UseFund, Assess),
    source=SOURCE,
    prevents="a loss that is paid twice, or that disappears",
)
def a_survivor_pays_for_the_defaulter(before: State, beat: SharedLayer, after: Accepted[State]) -> bool:
    return all(
        isinstance(event.payer, AccountId) and survivor_paid(before, after.state, event, event.payer)
        for event in after.events
        if isinstance(event, LossPaid)
    )


@measure
def survivor_paid(before: State, after: State, event: LossPaid, payer: AccountId) -> bool:
    """Did the survivor pay the amount, and is the debt of the account in default less by it?"""
    was, now = before.accounts.get(payer), after.accounts.get(payer)
    debtor, then = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None or debtor is None or then is None:
        return False
    return all(
        (
            old.account == event.account
            and new.left == old.left - event.amount
            and new.account == old.account
            and paid_it(was.holdings.money[place], now.holdings.money[place], event)
            and then.holdings.money[place].payable == debtor.holdings.money[place].payable + event.amount
            and then.holdings.money[place].borne == debtor.holdings.money[place].borne + event.amount
            and shares_nothing(debtor.holdings.money[place], then.holdings.money[place])
        )
        if currency.id == event.currency
        else same_loss(old, new)
        for place, (currency, old, new) in enumerate(
            zip(before.parameters.currencies, before.losses, after.losses, strict=True)
        )
    )


def shares_nothing(was: Money, now: Money) -> bool:
    """Did the defaulter keep its fund lines and its round?"""
    return now.used == was.used and now.assessed == was.assessed and now.fund == was.fund and now.round == was.round


def is_its_share(loss: Loss, weight: int, paid: int) -> bool:
    """Is `paid` within one unit of the exact share, at most the weight, and all of it if the layer pays all?"""
    return (
        0 <= paid <= weight
        and (loss.amount < loss.weights or paid == weight)
        and (paid - 1) * loss.weights < loss.amount * weight < (paid + 1) * loss.weights
    )


def paid_it(was: Money, now: Money, event: LossPaid) -> bool:
    """Did the survivor pay from its contribution or by a new debt, and do `used` and `assessed` record that?"""
    of_fund = event.amount if event.layer == Layer.SURVIVORS else 0
    assessed = event.amount - of_fund
    return (
        now.fund == was.fund - of_fund
        and now.used == was.used + of_fund
        and now.payable == was.payable - assessed
        and now.assessed == was.assessed + assessed
        and now.held == was.held
        and now.posted == was.posted
    )


@claim(
    "CL-WFL-8",
    "One survivor pays a beat. When no survivor is left to ask, the loss comes to the next layer, or is over.",
    title="a shared layer passes the loss on",
    kind=Kind.STEP,
    on=(UseFund, Assess),
    source=SOURCE,
    prevents="a loss that stays with a layer which has nothing left",
)
def a_shared_layer_passes_the_loss_on(before: State, beat: SharedLayer, after: Accepted[State]) -> bool:
    paid = tuple(event for event in after.events if isinstance(event, LossPaid))
    if len(paid) == 0:
        return nobody_left(before, after.state, layer_of(beat))
    return len(paid) == 1 and all(
        event.layer == layer_of(beat) == before.layer == after.state.layer and isinstance(event.payer, AccountId)
        for event in paid
    )


def nobody_left(before: State, after: State, layer: Layer) -> bool:
    """Has no survivor anything left for this layer, and does the loss pass to the next?"""
    gone = [
        before.accounts.every(
            lambda _, row: to_ask(row, layer, place, old.round, before.parameters.assessment_multiple) == 0
        )
        and goes_on(before, after, old, new, 0)
        if old.account is not None
        else same_loss(old, new)
        for place, (old, new) in enumerate(zip(before.losses, after.losses, strict=True))
    ]
    return before.layer == layer and all(gone)


def turn_to_come(account: Account, currency: int, turn: int) -> int:
    """1 for an account whose turn is to come."""
    return 1 if account.holdings.money[currency].round != turn else 0


@claim(
    "CL-WFL-6",
    "Every waterfall ends: each beat takes a loss to a later layer, ends it, or leaves fewer to be asked.",
    title="every waterfall ends",
    kind=Kind.STEP,
    on=(UseMargin, UseContribution, UseSkin, UseFund, Assess, UseEquity),
    prevents="a waterfall in which the same two survivors are asked for ever",
)
def every_waterfall_ends(before: State, beat: OwnLayer | SharedLayer, after: Accepted[State]) -> bool:
    layer, then = layer_of(beat), after.state.layer
    if then == Layer.NOTHING or (then == following(layer) and layer != Layer.EQUITY):
        return True
    return then == layer and any(
        old.account is not None
        and new.round == old.round
        and 0
        <= after.state.accounts.total(turn_to_come, place, old.round)
        < before.accounts.total(turn_to_come, place, old.round)
        for place, (old, new) in enumerate(zip(before.losses, after.state.losses, strict=True))
    )
