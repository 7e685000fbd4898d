"""An escrow: a buyer pays in, the agent keeps a fee, and what is left is released to the seller or paid back."""

import sys
from enum import Enum
from typing import Any, Self

from attrs import evolve, frozen

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim, claims_of
from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.limits import Limits, signed
from clearspec.core.machine import Accepted, Drive, Machine, Outcome, Rejected, Scope, Spec, Views
from clearspec.core.quantities import RATE_SCALE, mul_div_floor
from clearspec.core.table import Id, Table

FEE = 5_000


class DealId(Id): ...


class Line(Enum):
    CASH = "cash"


class Holder(Enum):
    OUTSIDE = "outside"
    AGENT = "agent"


class Reason(Enum):
    DEAL_NEW = "the deal is new"
    DEAL_EXISTS = "the deal exists"
    AMOUNT_POSITIVE = "the amount is positive"


@frozen
class Deal:
    held: int


@frozen
class Escrow:
    deals: Table[DealId, Deal]
    agent: int = 0
    outside: int = 0

    def credited(self, holder: Any, _: Line, amount: int) -> Self:
        if holder == Holder.AGENT:
            return evolve(self, agent=self.agent + amount)
        if holder == Holder.OUTSIDE:
            return evolve(self, outside=self.outside + amount)
        row = self.deals.get(holder)
        held = 0 if row is None else row.held
        return evolve(self, deals=self.deals.put(holder, Deal(held + amount)))


@frozen
class PayIn:
    deal: DealId
    amount: int


@frozen
class Release:
    deal: DealId


def fee(amount: int) -> int:
    """What the agent keeps.  Rounding: down, in favour of the parties."""
    return mul_div_floor(amount, FEE, RATE_SCALE)


def pay_in(state: Escrow, command: PayIn) -> Outcome[Escrow]:
    """Take money in for a new deal.  Rejects: DEAL_NEW, AMOUNT_POSITIVE."""
    if state.deals.get(command.deal) is not None:
        return Rejected(Reason.DEAL_NEW)
    if command.amount <= 0:
        return Rejected(Reason.AMOUNT_POSITIVE)
    postings = (
        Posting(Line.CASH, command.amount, Holder.OUTSIDE, command.deal),
        Posting(Line.CASH, fee(command.amount), command.deal, Holder.AGENT),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def release(state: Escrow, command: Release) -> Outcome[Escrow]:
    """Pay out what is held, and end the deal.  Rejects: DEAL_EXISTS."""
    deal = state.deals.get(command.deal)
    if deal is None:
        return Rejected(Reason.DEAL_EXISTS)
    postings = (Posting(Line.CASH, deal.held, command.deal, Holder.OUTSIDE),)
    paid = post(state, postings)
    return Accepted(evolve(paid, deals=paid.deals.drop(command.deal)), (Posted(postings),))


RULES = {PayIn: pay_in, Release: release}


def held(deal: Deal) -> int:
    return deal.held


@claim(
    "ESC-1", "What is held, kept by the agent and outside sums to zero.", title="money is conserved", kind=Kind.STATE
)
def conserved(state: Escrow) -> bool:
    return state.deals.total(held) + state.agent + state.outside == 0


@claim("ESC-2", "No deal holds less than nothing.", title="no deal holds less than nothing", kind=Kind.STATE)
def never_negative(state: Escrow) -> bool:
    return state.deals.every(lambda _, deal: deal.held >= 0)


@claim(
    "ESC-3",
    "The agent keeps half a per cent of what is paid in, rounded down.",
    title="the agent keeps half a per cent",
    kind=Kind.STEP,
    on=(PayIn,),
)
def fee_is_kept(before: Escrow, command: PayIn, after: Accepted[Escrow]) -> bool:
    kept = after.state.agent - before.agent
    return 200 * kept <= command.amount < 200 * (kept + 1)


@claim(
    "ESC-4",
    "A deal that is released pays out all that it held.",
    title="a released deal pays out everything",
    kind=Kind.STEP,
    on=(Release,),
)
def all_is_paid_out(before: Escrow, command: Release, after: Accepted[Escrow]) -> bool:
    was = before.deals.get(command.deal)
    return was is not None and after.state.outside - before.outside == was.held


@claim(
    "ESC-5",
    "A command is refused for its first requirement that is not met, and for no other.",
    title="refused for the first unmet requirement",
    kind=Kind.OUTCOME,
)
def refused_exactly(before: Escrow, command: Any, outcome: Outcome[Escrow]) -> bool:
    known = before.deals.get(command.deal) is not None
    if isinstance(command, Release):
        return (outcome == Rejected(Reason.DEAL_EXISTS)) == (not known)
    if known:
        return outcome == Rejected(Reason.DEAL_NEW)
    return (outcome == Rejected(Reason.AMOUNT_POSITIVE)) == (command.amount <= 0)


@claim("ESC-6", "A deal that stays holds what it held.", title="a deal that stays holds what it held", kind=Kind.STEP)
def others_stay(before: Escrow, command: Any, after: Accepted[Escrow]) -> bool:
    return before.deals.every(lambda key, deal: key == command.deal or after.state.deals.get(key) == deal)


def generate(_: Escrow, choices: Choices) -> PayIn | Release:
    deal = DealId(choices.pick("abc"))
    if choices.integer(0, 1) == 0:
        return Release(deal)
    return PayIn(deal, choices.integer(-1, 999))


def statement(state: Escrow) -> dict[tuple[str, str], int]:
    own = {("Holder.AGENT", "Line.CASH"): state.agent, ("Holder.OUTSIDE", "Line.CASH"): state.outside}
    return own | {(key, "Line.CASH"): deal.held for key, deal in state.deals.rows()}


SUMS = ("agent", "outside")
LIMITS = Limits(
    {"PayIn.amount": signed(40), "deals.held": signed(62), **dict.fromkeys(SUMS, signed(62))},
    unkept=dict.fromkeys(SUMS, "a sum of any number of payments: a parameter for the most that is held would keep it"),
)

MACHINE: Machine[Escrow] = Machine(
    "escrow",
    Spec(
        initial=Escrow(Table()),
        beat=lambda state, command: RULES[type(command)](state, command),
        commands=tuple(RULES),
        reasons=Reason,
        claims=claims_of(sys.modules[__name__]),
    ),
    Drive(
        generate,
        scopes={
            "two deals": Scope(
                initial=Escrow(Table()),
                values={DealId: (DealId("a"), DealId("b")), int: (0, 1, 200)},
                commands=tuple(RULES),
                within=lambda state: state.agent <= 2,
            )
        },
    ),
    Views(statement),
    LIMITS,
)
