"""What netting saves: obligations before and after it, by count and by value."""

from attrs import evolve, frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Rate, mul_div_floor


@frozen
class Flow:
    """What one party is to receive and to deliver of one thing, and in how many obligations."""

    obligations: int
    receive: int
    deliver: int


NO_FLOW = Flow(0, 0, 0)


@measure
def with_obligation(flow: Flow, units: int) -> Flow:
    """The flow with one obligation more: to receive so many units, or if negative to deliver them.

    Rule: CL-FLOW-1.
    """
    more = evolve(flow, obligations=flow.obligations + 1)
    if units < 0:
        return evolve(more, deliver=flow.deliver - units)
    return evolve(more, receive=flow.receive + units)


@measure
def netted(flow: Flow) -> Flow:
    """What is left of the flow when it is netted: one obligation, or none where both sides are the same.

    Rule: CL-FLOW-2.
    """
    net = flow.receive - flow.deliver
    return NO_FLOW if net == 0 else Flow(1, max(net, 0), max(-net, 0))


@measure
def saved(before: int, after: int) -> Rate:
    """The part of what there was before that is not there any more, of obligations or of their value.

    Rule: CL-FLOW-3.  Units: 1 / RATE_SCALE.  Rounding: once, down.  Where there was nothing, nothing is saved.
    Requires: 0 <= after <= before.
    """
    return Rate(mul_div_floor(before - after, RATE_SCALE, before) if before > 0 else 0)
