"""Delivery versus payment: who delivers to whom, how much, and when it is paid."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.state.commands import Deliver
from clearspec.machines.clearing.state.events import Delivered, Unwound
from clearspec.machines.clearing.state.parameters import DeliveryModel
from clearspec.machines.clearing.state.types import Account, Position, State

SOURCE = "BIS, Delivery versus payment in securities settlement systems, 1992; rules §8"


def deliveries(after: Accepted[State]) -> tuple[Delivered, ...]:
    """What was delivered in this beat."""
    return tuple(event for event in after.events if isinstance(event, Delivered))


@measure
def may_deliver(account: Account, place: int, state: State) -> bool:
    """Has the account units to deliver, and holds it some of them, or all without partial delivery?"""
    position = account.holdings.positions[place]
    owed, free = -position.due, position.held + position.provisional
    return owed > 0 and (free >= 1 if state.parameters.partial else free >= owed)


@measure
def may_receive(account: Account, place: int, state: State) -> bool:
    """Has the account units to receive, and in model 1 cash for one, or for all without partial delivery?"""
    units = account.holdings.positions[place].due
    cash = account.holdings.money[state.parameters.securities[place].currency].held
    price = state.prices[place].settlement
    if units <= 0 or state.parameters.delivery != DeliveryModel.GROSS:
        return units > 0
    return price <= cash if state.parameters.partial else units * price <= cash


@claim(
    "CL-DVP-1",
    "A delivery moves the most units that the seller owes and holds, and that the buyer is due and, in model 1, can"
    " pay for. The same beat moves the units and lowers what is due.",
    title="a delivery is as large as possible",
    kind=Kind.STEP,
    on=(Deliver,),
    source=SOURCE,
)
def deliveries_are_as_large_as_can_be(before: State, beat: Deliver, after: Accepted[State]) -> bool:
    return all(moved_in_full(before, after.state, event) for event in deliveries(after)) and len(deliveries(after)) <= 1


@measure
def moved_in_full(before: State, after: State, event: Delivered) -> bool:
    """Did this delivery move as many units from seller to buyer as it could?"""
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if seller is None or sold is None or buyer is None or bought is None or event.units < 1:
        return False
    return all(
        (
            moves(before, old, new, -event.units)
            and moves(before, had, has, event.units)
            and new.due <= 0 <= has.due
            and event.price == before.prices[place].settlement
            and (
                new.due == 0
                or new.held + new.provisional == 0
                or has.due == 0
                or (
                    before.parameters.delivery == DeliveryModel.GROSS
                    and bought.holdings.money[security.currency].held < event.price
                )
            )
        )
        if security.id == event.security
        else moves(before, old, new, 0) and moves(before, had, has, 0)
        for place, (security, old, new, had, has) in enumerate(
            zip(
                before.parameters.securities,
                seller.holdings.positions,
                sold.holdings.positions,
                buyer.holdings.positions,
                bought.holdings.positions,
                strict=True,
            )
        )
    )


def moves(before: State, was: Position, now: Position, units: int) -> bool:
    """Did `units` join those held, in model 3 provisionally, and leave those due, and nothing else change?"""
    final = 0 if before.parameters.delivery == DeliveryModel.NET else units
    return (
        now.held == was.held + final
        and now.provisional == was.provisional + units - final
        and now.due == was.due - units
        and now.failed == was.failed
        and now.cleared == was.cleared
    )


@claim(
    "CL-DVP-2",
    "Model 1: delivered if and only if paid. In the beat in which units move, their price moves the other way at the"
    " bank, and nothing is left to be paid for them.",
    title="model 1: delivered if and only if paid",
    kind=Kind.STEP,
    on=(Deliver,),
    source=SOURCE,
    prevents="Herstatt 1974: one leg delivered, the other never paid",
)
def gross_deliveries_are_paid_at_once(before: State, beat: Deliver, after: Accepted[State]) -> bool:
    return before.parameters.delivery != DeliveryModel.GROSS or all(
        paid_for(before, after.state, event, at_once=1) for event in deliveries(after)
    )


@claim(
    "CL-DVP-3",
    "Model 2: units are final before cash moves. Their price is payable at the end of the day, and until then the one"
    " has neither the units nor the cash.",
    title="model 2: units first, cash later",
    kind=Kind.STEP,
    on=(Deliver,),
    source=SOURCE,
)
def net_cash_is_owed_for_deliveries(before: State, beat: Deliver, after: Accepted[State]) -> bool:
    return before.parameters.delivery != DeliveryModel.NET_CASH or all(
        paid_for(before, after.state, event, owed=1) for event in deliveries(after)
    )


@claim(
    "CL-DVP-5",
    "Model 3: a delivery moves nothing, at the depository or at the bank; units and their price are provisional.",
    title="model 3: deliveries are provisional",
    kind=Kind.STEP,
    on=(Deliver,),
    source=SOURCE,
)
def net_deliveries_are_provisional(before: State, beat: Deliver, after: Accepted[State]) -> bool:
    return before.parameters.delivery != DeliveryModel.NET or all(
        paid_for(before, after.state, event, provisional=1) for event in deliveries(after)
    )


@measure
def paid_for(
    before: State, after: State, event: Delivered | Unwound, at_once: int = 0, owed: int = 0, provisional: int = 0
) -> bool:
    """Did price times units move from buyer to seller: `at_once` in cash, `owed` as payable, or `provisional`?"""
    seller, sold = before.accounts.get(event.seller), after.accounts.get(event.seller)
    buyer, bought = before.accounts.get(event.buyer), after.accounts.get(event.buyer)
    if seller is None or sold is None or buyer is None or bought is None:
        return False
    amount = event.units * event.price
    for security in before.parameters.securities:
        if security.id == event.security:
            place = security.currency
            return all(
                new.held == old.held + sign * at_once * amount
                and new.payable == old.payable + sign * owed * amount
                and new.provisional == old.provisional + sign * provisional * amount
                for old, new, sign in (
                    (seller.holdings.money[place], sold.holdings.money[place], 1),
                    (buyer.holdings.money[place], bought.holdings.money[place], -1),
                )
            )
    return False


@claim(
    "CL-DVP-4",
    "Of the accounts that may deliver, the first in the queue does, to the one that may receive and has waited"
    " longest. Delivery ends only when no security has both, or at the day's maximum.",
    title="the delivery queue is kept",
    kind=Kind.STEP,
    on=(Deliver,),
    source="rules §8: priorities; DTCC, Continuous Net Settlement, allocation",
)
def the_queue_is_kept(before: State, beat: Deliver, after: Accepted[State]) -> bool:
    made, most = before.deliveries, before.parameters.deliveries_max
    if len(deliveries(after)) == 0:
        return after.state.deliveries == made and (made >= most or nobody_can(before))
    return (
        made < most
        and after.state.deliveries == made + 1
        and all(first_in_queue(before, event) for event in deliveries(after))
    )


def nobody_can(before: State) -> bool:
    """Does each security lack an account that may deliver, or one that may receive?"""
    return all(
        before.accounts.every(lambda _, row: not may_deliver(row, place, before))
        or before.accounts.every(lambda _, row: not may_receive(row, place, before))
        for place in range(len(before.parameters.securities))
    )


def first_in_queue(before: State, event: Delivered) -> bool:
    """Is the seller the first of those that may deliver, and the buyer of those that may receive?"""
    seller, buyer = before.accounts.get(event.seller), before.accounts.get(event.buyer)
    if seller is None or buyer is None:
        return False
    for place, security in enumerate(before.parameters.securities):
        if security.id == event.security:
            return (
                may_deliver(seller, place, before)
                and may_receive(buyer, place, before)
                and before.accounts.every(
                    lambda _, row: not may_deliver(row, place, before) or row.priority >= seller.priority
                )
                and before.accounts.every(
                    lambda _, row: not may_receive(row, place, before) or waited_less(row, buyer, place)
                )
            )
    return False


@measure
def waited_less(other: Account, buyer: Account, place: int) -> bool:
    """Has the other account waited less long than the buyer, or as long and is no earlier in the queue?"""
    days, most = other.holdings.positions[place].fails_to_receive, buyer.holdings.positions[place].fails_to_receive
    return days < most or (days == most and other.priority >= buyer.priority)
