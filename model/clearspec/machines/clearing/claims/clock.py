"""The clock: the stages of a day in their order, each of which ends; and days one by one."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.formulas.calendar import is_open
from clearspec.machines.clearing.state.commands import (
    Advance,
    Carry,
    Collect,
    Deliver,
    Fail,
    HandIn,
    HandOut,
    MeasureMargin,
    Net,
    Novate,
    Pay,
    Tick,
    Unwind,
)
from clearspec.machines.clearing.state.parameters import DeliveryModel
from clearspec.machines.clearing.state.types import Account, State, Trade, TradeStatus
from clearspec.machines.clearing.state.work import Stage

Work = Novate | Carry | Net | Deliver | Unwind | HandIn | HandOut | Collect | Pay | Fail | MeasureMargin


@claim(
    "CL-CLK-1",
    "A command `Advance` sets the target and begins the day's work. Only `Tick` moves the day, to the next.",
    title="days come one by one",
    kind=Kind.STEP,
    source="Settlement & Clearing, The Trade Lifecycle",
)
def days_come_one_by_one(before: State, beat: object, after: Accepted[State]) -> bool:
    state = after.state
    if isinstance(beat, Advance):
        return state.today == before.today and state.target == beat.day and state.stage == Stage.NOVATION
    return state.today == before.today + (1 if isinstance(beat, Tick) else 0) and state.target == before.target


@claim(
    "CL-CLK-2",
    "A day's stages come in order: novation; on a settlement day old fails, netting, delivery, model 3's finality,"
    " cash, new fails; then margin. Each ends exactly when a beat finds nothing to do. Then a day begins.",
    title="the day's stages are in order",
    kind=Kind.STEP,
    source="Settlement & Clearing, A Complete Settlement Example",
    prevents="trades that settle on a day on which the bank is closed",
)
def the_work_of_a_day_is_in_order(before: State, beat: object, after: Accepted[State]) -> bool:
    stage = after.state.stage
    if isinstance(beat, Tick):
        return before.stage == Stage.NIGHT and (stage == Stage.OPEN or stage == Stage.NOVATION)
    if isinstance(beat, Work):
        return stage == (following(before) if len(after.events) == 0 else before.stage)
    return stage == (Stage.NOVATION if isinstance(beat, Advance) else before.stage)


@measure
def following(state: State) -> Stage:
    """The stage after the present one."""
    if state.stage == Stage.NOVATION:
        return Stage.CARRYING if is_open(state.parameters.settling, state.today) else Stage.MARGINING
    if state.stage == Stage.CARRYING:
        return Stage.NETTING
    if state.stage == Stage.NETTING:
        return Stage.DELIVERY
    if state.stage == Stage.DELIVERY:
        return Stage.UNWINDING if state.parameters.delivery == DeliveryModel.NET else Stage.COLLECTION
    if state.stage == Stage.UNWINDING:
        return Stage.HANDING_IN
    if state.stage == Stage.HANDING_IN:
        return Stage.HANDING_OUT
    if state.stage == Stage.HANDING_OUT:
        return Stage.COLLECTION
    if state.stage == Stage.COLLECTION:
        return Stage.PAYMENT
    if state.stage == Stage.PAYMENT:
        return Stage.FAILING
    return Stage.MARGINING if state.stage == Stage.FAILING else Stage.NIGHT


def to_novate(trade: Trade) -> int:
    """1 for a trade that is not novated."""
    return 1 if trade.status == TradeStatus.CAPTURED else 0


def to_net(trade: Trade, today: int) -> int:
    """1 for a novated trade whose day has come."""
    return 1 if trade.status == TradeStatus.NOVATED and trade.settles_on <= today else 0


def to_carry(account: Account) -> int:
    """1 for an account that has failed in something."""
    return 0 if all(position.failed == 0 for position in account.holdings.positions) else 1


def to_receive(account: Account) -> int:
    """The units that the account is still to receive today, of all securities."""
    return sum(max(position.due, 0) for position in account.holdings.positions)


def to_unwind(account: Account) -> int:
    """In how many securities the account has provisionally got or given something."""
    return sum(0 if position.provisional == 0 else 1 for position in account.holdings.positions)


def to_hand_in(account: Account) -> int:
    """What the account is still to give, securities and cash in one sum."""
    return sum(max(-position.provisional, 0) for position in account.holdings.positions) + sum(
        max(-money.provisional, 0) for money in account.holdings.money
    )


def to_hand_out(account: Account) -> int:
    """What the account is still to get, securities and cash in one sum."""
    return sum(max(position.provisional, 0) for position in account.holdings.positions) + sum(
        max(money.provisional, 0) for money in account.holdings.money
    )


def to_ask(account: Account, today: int) -> int:
    """In how many currencies the turn of the account has not come."""
    return sum(1 if money.turn != today else 0 for money in account.holdings.money)


def to_measure(account: Account, today: int) -> int:
    """1 for an account whose margin was not measured today."""
    return 1 if account.margined != today else 0


def to_fail(account: Account) -> int:
    """1 for an account with something due, 1 for one that counts days of a fail that has ended."""
    due = any(position.due != 0 for position in account.holdings.positions)
    return (1 if due else 0) + (
        1
        if any(
            position.failed == 0 and (position.fails_to_deliver > 0 or position.fails_to_receive > 0)
            for position in account.holdings.positions
        )
        else 0
    )


@claim(
    "CL-CLK-3",
    "Each stage ends: each beat of it leaves less to be done, or is the last.",
    title="each stage ends",
    kind=Kind.STEP,
    on=(Novate, Carry, Net, Deliver, Unwind, HandIn, HandOut, Collect, Pay, Fail, MeasureMargin),
    prevents="a settlement day that never ends; an unwinding that takes back one unit after the other",
)
def each_stage_ends(before: State, beat: Work, after: Accepted[State]) -> bool:
    return after.state.stage != before.stage or 0 <= left(after.state, beat) < left(before, beat)


def left(state: State, beat: Work) -> int:
    """What is left to be done in the stage of this beat."""
    if isinstance(beat, Novate):
        return state.trades.total(to_novate)
    if isinstance(beat, Net):
        return state.trades.total(to_net, state.today)
    if isinstance(beat, Carry):
        return state.accounts.total(to_carry)
    if isinstance(beat, Deliver):
        return state.accounts.total(to_receive)
    if isinstance(beat, Unwind):
        return state.accounts.total(to_unwind)
    if isinstance(beat, HandIn):
        return state.accounts.total(to_hand_in)
    if isinstance(beat, HandOut):
        return state.accounts.total(to_hand_out)
    if isinstance(beat, MeasureMargin):
        return state.accounts.total(to_measure, state.today)
    return state.accounts.total(to_fail) if isinstance(beat, Fail) else state.accounts.total(to_ask, state.today)
