"""Laws of the slices that a liquidation offers on the book."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.quantities import RATE_SCALE, Lots, Rate
from clearspec.machines.exchange.claims.samples import amount
from clearspec.machines.exchange.formulas.tranche import slice_lots


def slice_arguments(choices: Choices) -> tuple[Any, ...]:
    """Lots at entry and lots that remain of them, a fraction, least lots, and loops."""
    at_entry = 1 + amount(choices)
    remaining = choices.pick((at_entry, choices.integer(1, at_entry)))
    fraction = Rate(choices.pick((RATE_SCALE // 10, 1, RATE_SCALE, choices.integer(1, RATE_SCALE))))
    return at_entry, remaining, fraction, Lots(choices.integer(1, 9)), choices.integer(1, 12)


@claim(
    "EX-LIQ-2",
    "A loop of liquidation offers the fewest lots that reach both the fraction of the size at entry and the least"
    " offer. If fewer remain, it offers all.",
    title="a slice is the smallest that will do",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    sample=slice_arguments,
)
def a_slice_is_the_smallest_that_will_do(at_entry: int, remaining: int, fraction: Rate, least: Lots, _: int) -> bool:
    if not (0 < remaining <= at_entry and fraction > 0 and least > 0):
        return True
    lots = slice_lots(at_entry, remaining, fraction, least)
    does, less_does = (each * RATE_SCALE >= fraction * at_entry and each >= least for each in (lots, lots - 1))
    return 0 < lots <= remaining and (does or lots == remaining) and not less_does


@claim(
    "EX-LIQ-3",
    "If `loops` times the fraction of the size at entry cover what remains, one loop fewer covers what remains after"
    " this slice.",
    title="a slice leaves a loop less",
    kind=Kind.LAW,
    source="Settlement & Clearing, Liquidation as Clearing: The Default Waterfall; rules §7",
    prevents="a fraction of what remains, which never ends",
    sample=slice_arguments,
)
def a_slice_leaves_a_loop_less(at_entry: int, remaining: int, fraction: Rate, least: Lots, loops: int) -> bool:
    if not (0 < remaining <= at_entry and fraction > 0 and least > 0 and loops > 0):
        return True
    if remaining * RATE_SCALE > loops * fraction * at_entry:
        return True
    left = remaining - slice_lots(at_entry, remaining, fraction, least)
    return left * RATE_SCALE <= (loops - 1) * fraction * at_entry
