"""Laws of netting: that no order of obligations matters, what is left of them, and what is saved."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.claims.margin import amount
from clearspec.mechanisms.flows import Flow, netted, saved, with_obligation

SOURCE = "Settlement & Clearing, What the CCP Actually Does; rules §8"


def sides(choices: Choices) -> tuple[int, int]:
    """Units to receive and to deliver; often the same, or none."""
    receive = choices.pick((0, amount(choices), amount(choices)))
    return receive, choices.pick((0, receive, amount(choices)))


def flow_arguments(choices: Choices) -> tuple[Any, ...]:
    """The flows of two parties, and two numbers of units of either sign."""
    flows = tuple(Flow(choices.integer(0, 9), *sides(choices)) for _ in "ab")
    one = amount(choices) * choices.pick((1, -1))
    return *flows, one, choices.pick((-one, amount(choices), -amount(choices)))


@claim(
    "CL-FLOW-1",
    "Whichever of two obligations comes first, the flow is the same: one obligation more for each, and receipts and"
    " deliveries each by their own.",
    title="the order of obligations does not matter",
    kind=Kind.LAW,
    source=SOURCE,
    sample=flow_arguments,
)
def no_order_of_obligations_matters(flow: Flow, _: Flow, one: int, other: int) -> bool:
    first, second = (with_obligation(with_obligation(flow, a), b) for a, b in ((one, other), (other, one)))
    received, delivered = (sum(sign * units if sign * units > 0 else 0 for units in (one, other)) for sign in (1, -1))
    expected = Flow(flow.obligations + 2, flow.receive + received, flow.deliver + delivered)
    return first == second == expected


@claim(
    "CL-FLOW-2",
    "Netting leaves one obligation, of the difference and on the side that is larger, or none where there is no"
    " difference; so what is held after settlement is the same, and netting again changes nothing.",
    title="netting leaves the difference",
    kind=Kind.LAW,
    source=SOURCE,
    sample=flow_arguments,
)
def netting_leaves_the_difference(flow: Flow, _: Flow, one: int, other: int) -> bool:
    net = netted(flow)
    return (
        net.receive - net.deliver == flow.receive - flow.deliver
        and (net.receive == 0 or net.deliver == 0)
        and net.receive >= 0
        and net.deliver >= 0
        and net.obligations == (1 if flow.receive > flow.deliver or flow.deliver > flow.receive else 0)
        and netted(net) == net
    )


@claim(
    "CL-FLOW-3",
    "A trade adds to the buyer's net receipts what it takes from the seller's, so their sum stays the same.",
    title="nets sum to nothing",
    kind=Kind.LAW,
    source=SOURCE,
    prevents="a clearing house with a position of its own",
    sample=flow_arguments,
)
def nets_sum_to_nothing(buyer: Flow, seller: Flow, units: int, _: int) -> bool:
    bought, sold = netted(with_obligation(buyer, units)), netted(with_obligation(seller, -units))
    before = sum(flow.receive - flow.deliver for flow in (buyer, seller))
    return sum(flow.receive - flow.deliver for flow in (bought, sold)) == before


@claim(
    "CL-FLOW-4",
    "Netting never leaves more than there was, by value or by number of obligations. The saving is the exact one in"
    " parts per million, rounded down.",
    title="netting never adds",
    kind=Kind.LAW,
    source=SOURCE,
    sample=flow_arguments,
)
def netting_never_adds(flow: Flow, _: Flow, one: int, other: int) -> bool:
    if flow.receive < 0 or flow.deliver < 0 or flow.obligations < 1:
        return True
    net, before = netted(flow), flow.receive + flow.deliver
    after = net.receive + net.deliver
    part = saved(before, after)
    return (
        0 <= after <= before
        and net.obligations <= flow.obligations
        and 0 <= part <= RATE_SCALE
        and (part == 0 if before == 0 else part * before <= (before - after) * RATE_SCALE < (part + 1) * before)
    )
