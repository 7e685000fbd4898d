"""A default waterfall: which layer of resources pays how much of a loss, and who gets back what is recovered of it.

Layers stand in a row, the junior first.  What a layer of survivors pays is shared among them by weight, one survivor at
a time in the order of their ids, so that it adds up for any number of them.
"""

from attrs import frozen

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Atoms, Rate, mul_div_floor
from clearspec.mechanisms.pro_rata import allotment


@frozen
class Borne:
    """Who bears a loss: what each layer has paid of it, the junior first, and what nobody could pay."""

    paid: tuple[Atoms, ...]
    uncovered: Atoms


@frozen
class Recovered:
    """What is borne after a recovery, and what is left of it when everybody is whole again: the defaulter's own."""

    borne: Borne
    surplus: Atoms


def absorb(layers: tuple[Atoms, ...], loss: int) -> Borne:
    """Pay a loss from the layers, junior first; what is left over is reported.

    Rule: CL-WF-1, CL-WF-2, CL-WF-3.  Units: atoms of the currency of the loss.  Rounding: none.
    Requires: loss >= 0, and no layer holds less than nothing.
    Source: PFMI, principles 4 and 13; EMIR, article 45; Settlement & Clearing, "What the CCP Actually Does".
    """
    paid: tuple[Atoms, ...] = ()
    unpaid = loss
    for held in layers:
        part = min(held, unpaid)
        paid = (*paid, Atoms(part))
        unpaid -= part
    return Borne(paid, Atoms(unpaid))


def recover(borne: Borne, amount: int) -> Recovered:
    """Give back what the estate of the defaulter brings in, the other way round: who paid last is whole first.

    Rule: CL-WF-5, CL-WF-6.  Units: atoms.  Rounding: none.
    What nobody could pay is the most senior of all, since somebody had to go without it.  Requires: amount >= 0.
    """
    back = absorb((borne.uncovered, *reversed(borne.paid)), amount)
    uncovered, *layers = back.paid
    still = tuple(Atoms(paid - part) for paid, part in zip(borne.paid, reversed(layers), strict=True))
    return Recovered(Borne(still, Atoms(borne.uncovered - uncovered)), back.uncovered)


@measure
def survivors_part(amount: int, before: int, weight: int, whole: int) -> Atoms:
    """What one survivor pays of a loss that has come to its layer, or gets back of a recovery that has.

    Rule: CL-WF-7.  Units: atoms.  Rounding: by running sums, less than one unit from the exact share, up or down.
    The layer pays no more than the whole of its weights.  The weight of a survivor is its contribution to the fund; of
    assessments what may still be asked of it; of a recovery what it has paid and not got back.  `before` is the weight
    of those with smaller ids.  Pro rata to contributions, an assessment would ask more than its cap of whoever was
    asked before.
    Requires: amount >= 0, before >= 0, weight >= 0, before + weight <= whole.
    """
    return Atoms(allotment(min(amount, whole), before, weight, whole))


def assessment_cap(contribution: int, multiple: Rate) -> Atoms:
    """The most that a member can be assessed beyond its contribution, in all.

    Rule: CL-WF-11.  Units: atoms.  Rounding: once, down, in favour of the member.  Requires: contribution >= 0.
    """
    return Atoms(mul_div_floor(contribution, multiple, RATE_SCALE))


@measure
def assessable(cap: int, assessed: int) -> Atoms:
    """What may still be assessed of a member that was assessed so much before.

    Rule: CL-WF-11.  Units: atoms.  A cap that has fallen below what was assessed leaves nothing.
    """
    return Atoms(max(cap - assessed, 0))
