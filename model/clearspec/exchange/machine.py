"""The exchange as a machine: what every harness takes."""

from collections.abc import Callable
from typing import Any

from clearspec.exchange import accounts, clock, lending, loans, marks, matching, orders
from clearspec.exchange.claims import ALL
from clearspec.exchange.commands import (
    AccrueInterest,
    Advance,
    Borrow,
    CancelAll,
    CancelNext,
    CancelOrder,
    Deposit,
    Lend,
    Match,
    OpenAccount,
    PayFunding,
    PlaceOrder,
    QuotePrice,
    Reason,
    Redeem,
    Repay,
    SetAutoLending,
    SetRiskTaking,
    Tick,
    Withdraw,
)
from clearspec.exchange.cover import COVER
from clearspec.exchange.generate import generate
from clearspec.exchange.landmarks import LANDMARKS, landmarks_of
from clearspec.exchange.state import State, start
from clearspec.exchange.statement import measures, statement
from clearspec.exchange.worlds import DEFAULT, SCOPES, VARIANTS
from clearspec.machine import Machine, Outcome

RULES: dict[type, Callable[[State, Any], Outcome[State]]] = {
    OpenAccount: accounts.open_account,
    Deposit: accounts.deposit,
    Withdraw: accounts.withdraw,
    QuotePrice: marks.quote_price,
    Advance: clock.advance,
    SetRiskTaking: clock.set_risk_taking,
    PlaceOrder: orders.place_order,
    CancelOrder: orders.cancel_order,
    CancelAll: orders.cancel_all,
    Lend: lending.lend,
    Redeem: lending.redeem,
    Borrow: lending.borrow,
    Repay: lending.repay,
    SetAutoLending: lending.set_auto_lending,
    Match: matching.match,
    CancelNext: orders.cancel_next,
    Tick: clock.tick,
    PayFunding: clock.pay_funding,
    AccrueInterest: loans.accrue_interest,
}


def beat(state: State, command: Any) -> Outcome[State]:
    """One transition."""
    return RULES[type(command)](state, command)


def due(state: State) -> Any:
    """What must be done before the next command: match, cancel, pay funding, accrue interest, move the clock."""
    if state.taker is not None:
        return Match()
    if state.leaving is not None:
        return CancelNext()
    if state.funding_due:
        return PayFunding()
    if state.interest_due:
        return AccrueInterest()
    if state.now < state.target:
        return Tick()
    return None


MACHINE: Machine[State] = Machine(
    name="exchange",
    initial=start(DEFAULT),
    beat=beat,
    due=due,
    conclude=orders.conclude,
    commands=tuple(RULES)[:14],
    beats=tuple(RULES)[14:],
    reasons=Reason,
    claims=ALL,
    generate=generate,
    landmarks=LANDMARKS,
    landmarks_of=landmarks_of,
    shape={"assets": len(DEFAULT.assets), "markets": len(DEFAULT.markets)},
    variants={name: start(parameters) for name, parameters in VARIANTS.items()},
    cover={name: start(parameters) for name, parameters in COVER.items()},
    scopes=SCOPES,
    statement=statement,
    measures=measures,
)
