"""Clearing and settlement as a machine: what every harness takes."""

from collections.abc import Callable
from typing import Any

from clearspec.clearing import accounts, clock, custody, fails, finality, netting, payments, settlement, trades
from clearspec.clearing.claims import ALL
from clearspec.clearing.commands import (
    AdmitMember,
    Advance,
    BuyIn,
    CaptureTrade,
    Carry,
    Collect,
    Deliver,
    DepositCash,
    DepositSecurities,
    Fail,
    HandIn,
    HandOut,
    Net,
    Novate,
    OpenAccount,
    Pay,
    PublishPrice,
    Reason,
    SetPriority,
    SuspendMember,
    Tick,
    Unwind,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.clearing.cover import COVER
from clearspec.clearing.generate import generate
from clearspec.clearing.landmarks import LANDMARKS, landmarks_of
from clearspec.clearing.report import tables
from clearspec.clearing.state import Stage, State, start
from clearspec.clearing.statement import statement
from clearspec.clearing.worlds import DEFAULT, MONDAY, SCOPES, VARIANTS
from clearspec.machine import Machine, Outcome

COMMANDS: dict[type, Callable[[State, Any], Outcome[State]]] = {
    AdmitMember: accounts.admit_member,
    SuspendMember: accounts.suspend_member,
    OpenAccount: accounts.open_account,
    SetPriority: accounts.set_priority,
    DepositSecurities: custody.deposit_securities,
    WithdrawSecurities: custody.withdraw_securities,
    DepositCash: custody.deposit_cash,
    WithdrawCash: custody.withdraw_cash,
    PublishPrice: trades.publish_price,
    CaptureTrade: trades.capture_trade,
    BuyIn: fails.buy_in,
    Advance: clock.advance,
}

BEATS: dict[type, Callable[[State, Any], Outcome[State]]] = {
    Novate: trades.novate,
    Carry: fails.carry,
    Net: netting.net,
    Deliver: settlement.deliver,
    Unwind: finality.unwind,
    HandIn: finality.hand_in,
    HandOut: finality.hand_out,
    Collect: payments.collect,
    Pay: payments.pay,
    Fail: fails.fail,
    Tick: clock.tick,
}

RULES = COMMANDS | BEATS


WORK = (
    (Stage.NOVATION, Novate),
    (Stage.CARRYING, Carry),
    (Stage.NETTING, Net),
    (Stage.DELIVERY, Deliver),
    (Stage.UNWINDING, Unwind),
    (Stage.HANDING_IN, HandIn),
    (Stage.HANDING_OUT, HandOut),
    (Stage.COLLECTION, Collect),
    (Stage.PAYMENT, Pay),
    (Stage.FAILING, Fail),
)
"""What is done in each stage of the end of a day."""


def beat(state: State, command: Any) -> Outcome[State]:
    """One transition."""
    return RULES[type(command)](state, command)


def due(state: State) -> Any:
    """What must be done before the next command: the stages of the end of a day, then the next day."""
    if state.stage == Stage.OPEN:
        return None
    for stage, work in WORK:
        if state.stage == stage:
            return work()
    return Tick()


MACHINE: Machine[State] = Machine(
    name="clearing",
    initial=start(DEFAULT, MONDAY),
    beat=beat,
    due=due,
    commands=tuple(COMMANDS),
    beats=tuple(BEATS),
    reasons=Reason,
    claims=ALL,
    generate=generate,
    landmarks=LANDMARKS,
    landmarks_of=landmarks_of,
    shape={"securities": len(DEFAULT.securities), "currencies": len(DEFAULT.currencies)},
    variants=VARIANTS,
    cover={name: start(parameters, MONDAY) for name, parameters in COVER.items()},
    scopes=SCOPES,
    statement=statement,
    tables=tables,
)
