"""Model 3: provisional until everybody can pay, then final for all at once; and what is unwound on the way."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.settlement import SOURCE, paid_for
from clearspec.machines.clearing.state.commands import HandIn, HandOut, Unwind
from clearspec.machines.clearing.state.events import HandedIn, HandedOut, Unwound
from clearspec.machines.clearing.state.parameters import DeliveryModel
from clearspec.machines.clearing.state.types import Account, Money, Position, State
from clearspec.machines.clearing.state.work import Stage

PROVISIONAL = (Stage.DELIVERY, Stage.UNWINDING)
"""The stages in which nothing is final in model 3."""

FINAL = (Stage.HANDING_IN, Stage.HANDING_OUT)
"""The stages in which all is final, and is carried out."""


@claim(
    "CL-DVP-8",
    "Only model 3 has provisional deliveries, until they are carried out. An account holds the units that it gives,"
    " and its cash leg is their price. Once all is final, it has the cash too.",
    title="provisional deliveries can be carried out",
    kind=Kind.STATE,
    source=SOURCE,
    prevents="a net settlement that stops half way for want of one member's cash",
)
def what_is_provisional_can_be_carried_out(state: State) -> bool:
    net = state.parameters.delivery == DeliveryModel.NET
    known = net and (state.stage in PROVISIONAL or state.stage in FINAL)
    return (net or state.stage not in (Stage.UNWINDING, *FINAL)) and state.accounts.every(
        lambda _, account: can_be_carried_out(state, account) if known else nothing_provisional(account)
    )


@measure
def nothing_provisional(account: Account) -> bool:
    """Has the account neither units nor cash that are provisional?"""
    return all(position.provisional == 0 for position in account.holdings.positions) and all(
        money.provisional == 0 for money in account.holdings.money
    )


@measure
def can_be_carried_out(state: State, account: Account) -> bool:
    """Can the account hand in what it gives, and do its units cost what it pays?"""
    holdings = account.holdings
    if state.stage == Stage.HANDING_OUT:
        return all(position.provisional >= 0 for position in holdings.positions) and all(
            money.provisional >= 0 for money in holdings.money
        )
    return (
        all(position.held + position.provisional >= 0 for position in holdings.positions)
        and (state.stage != Stage.HANDING_IN or all(money.held + money.provisional >= 0 for money in holdings.money))
        and (state.stage not in PROVISIONAL or costs_what_it_pays(state, account))
    )


@measure
def costs_what_it_pays(state: State, account: Account) -> bool:
    """Is the provisional cash of the account what its provisional units cost, in each currency?"""
    return all(
        money.provisional
        == -sum(
            account.holdings.positions[i].provisional * state.prices[i].settlement
            for i, security in enumerate(state.parameters.securities)
            if security.currency == place
        )
        for place, money in enumerate(account.holdings.money)
    )


@claim(
    "CL-DVP-6",
    "An account short of cash for provisional deliveries loses one: all it got of a security, or all that the last in"
    " the queue gave. The units become due again. Nothing is final while an account is short.",
    title="an unpaid delivery is unwound",
    kind=Kind.STEP,
    on=(Unwind,),
    source=SOURCE,
)
def unwinding_takes_back_what_is_not_paid(before: State, beat: Unwind, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, Unwound))
    if len(events) == 0:
        return after.state.stage == Stage.HANDING_IN and before.accounts.every(
            lambda _, row: all(money.held + money.provisional >= 0 for money in row.holdings.money)
        )
    return len(events) == 1 and all(
        taken_back(before, after.state, event) and last_in_queue(before, event) for event in events
    )


@measure
def taken_back(before: State, after: State, event: Unwound) -> bool:
    """Was a delivery to a short account reversed, units and price, as far as both sides had it?"""
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if seller is None or sold is None or buyer is None or bought is None or event.units < 1:
        return False
    for place, security in enumerate(before.parameters.securities):
        if security.id == event.security:
            gave, gives = seller.holdings.positions[place], sold.holdings.positions[place]
            got, gets = buyer.holdings.positions[place], bought.holdings.positions[place]
            cash = buyer.holdings.money[security.currency]
            return (
                cash.held + cash.provisional < 0
                and event.price == before.prices[place].settlement
                and (gets.provisional == 0 or gives.provisional == 0)
                and gets.provisional == got.provisional - event.units >= 0
                and gives.provisional == gave.provisional + event.units <= 0
                and gets.due == got.due + event.units
                and gives.due == gave.due - event.units
                and gets.held == got.held
                and gives.held == gave.held
                and paid_for(before, after, event, provisional=-1)
            )
    return False


def last_in_queue(before: State, event: Unwound) -> bool:
    """Is the seller the last in the queue of those that delivered the security?"""
    seller = before.accounts.get(event.seller)
    return seller is not None and all(
        security.id != event.security
        or before.accounts.every(
            lambda _, row: row.holdings.positions[place].provisional >= 0 or row.priority <= seller.priority
        )
        for place, security in enumerate(before.parameters.securities)
    )


@claim(
    "CL-DVP-7",
    "In model 3 each account hands in all securities and cash that it gives, before any account is handed anything."
    " Then each is handed all that it gets. Nothing stays behind.",
    title="model 3: delivered if and only if paid",
    kind=Kind.STEP,
    on=(HandIn, HandOut),
    source=SOURCE,
    prevents="Herstatt 1974: one leg delivered, the other never paid",
)
def all_is_carried_out(before: State, beat: HandIn | HandOut, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, HandedIn | HandedOut))
    sign = -1 if isinstance(beat, HandIn) else 1
    if len(events) == 0:
        return before.accounts.every(lambda _, row: nothing_of_sign(row, sign))
    return len(events) == 1 and all(carried_out(before, after.state, event, sign) for event in events)


@measure
def nothing_of_sign(account: Account, sign: int) -> bool:
    """Has the account nothing provisional of that sign?"""
    return all(sign * position.provisional <= 0 for position in account.holdings.positions) and all(
        sign * money.provisional <= 0 for money in account.holdings.money
    )


@measure
def carried_out(before: State, after: State, event: HandedIn | HandedOut, sign: int) -> bool:
    """Did all provisional units and cash of this sign become final, and nothing else?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        became_final(old, new, sign) for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    ) and all(became_final(old, new, sign) for old, new in zip(was.holdings.money, now.holdings.money, strict=True))


def became_final(was: Position | Money, now: Position | Money, sign: int) -> bool:
    """Did the line become final if it had this sign, and else stay provisional?"""
    final = was.provisional if sign * was.provisional > 0 else 0
    return now.held == was.held + final and now.provisional == was.provisional - final
