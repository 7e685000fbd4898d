"""Clearing and settlement as a machine: what every harness takes."""

from collections.abc import Callable
from typing import Any

from clearspec.clearing import accounts, clock, custody, trades
from clearspec.clearing.claims import ALL
from clearspec.clearing.commands import (
    AdmitMember,
    Advance,
    CaptureTrade,
    DepositCash,
    DepositSecurities,
    Novate,
    OpenAccount,
    PublishPrice,
    Reason,
    SetPriority,
    SuspendMember,
    Tick,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.clearing.generate import generate
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
    Advance: clock.advance,
}

BEATS: dict[type, Callable[[State, Any], Outcome[State]]] = {
    Novate: trades.novate,
    Tick: clock.tick,
}

RULES = COMMANDS | BEATS


def beat(state: State, command: Any) -> Outcome[State]:
    """One transition."""
    return RULES[type(command)](state, command)


def due(state: State) -> Any:
    """What must be done before the next command: the stages of the end of a day, then the next day."""
    if state.stage == Stage.OPEN:
        return None
    if state.stage == Stage.NOVATION:
        return Novate()
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
    shape={"securities": len(DEFAULT.securities), "currencies": len(DEFAULT.currencies)},
    variants={name: start(parameters, MONDAY) for name, parameters in VARIANTS.items()},
    scopes=SCOPES,
    statement=statement,
)
