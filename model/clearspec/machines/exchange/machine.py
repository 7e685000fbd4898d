"""The exchange as a machine: what every harness takes."""

from collections.abc import Callable
from typing import Any

from clearspec.core.machine import Drive, Machine, Outcome, Spec, Views
from clearspec.machines.exchange.claims import ALL
from clearspec.machines.exchange.drive.cover import COVER
from clearspec.machines.exchange.drive.generate import generate
from clearspec.machines.exchange.drive.landmarks import LANDMARKS, landmarks_of
from clearspec.machines.exchange.drive.worlds import DEFAULT, LARGER, SCOPES, VARIANTS
from clearspec.machines.exchange.limits import LIMITS
from clearspec.machines.exchange.report import tables
from clearspec.machines.exchange.rules import (
    accounts,
    bad_debt,
    clock,
    conversion,
    custody,
    debts,
    lending,
    liquidation,
    loans,
    marks,
    matching,
    orders,
    requests,
    takeover,
)
from clearspec.machines.exchange.rules import settlement as reconciler
from clearspec.machines.exchange.state.commands import (
    Absorb,
    AccrueInterest,
    Advance,
    AnswerRequest,
    Borrow,
    BorrowToSettle,
    BuyAsset,
    CancelAll,
    CancelNext,
    CancelOrder,
    CancelWithdrawal,
    ChargeLender,
    Collect,
    Convert,
    Deleverage,
    Deposit,
    Inspect,
    Lend,
    Match,
    MoveWallet,
    Offer,
    OfferSlice,
    OpenAccount,
    PayFunding,
    PayOut,
    PlaceOrder,
    QuotePrice,
    Reason,
    Redeem,
    Repay,
    SellAsset,
    SendWithdrawal,
    SetAutoLending,
    SetBackstop,
    SetRiskTaking,
    TakeAnswer,
    Tick,
    TradeSlice,
    Unwind,
    Withdraw,
)
from clearspec.machines.exchange.state.types import Liquidation, Side, Stage, State, Tier, start
from clearspec.machines.exchange.statement import measures, statement

COMMANDS: dict[type, Callable[[State, Any], Outcome[State]]] = {
    OpenAccount: accounts.open_account,
    Deposit: custody.deposit,
    Withdraw: custody.withdraw,
    CancelWithdrawal: custody.cancel_withdrawal,
    SendWithdrawal: custody.send_withdrawal,
    MoveWallet: custody.move_wallet,
    QuotePrice: marks.quote_price,
    Advance: clock.advance,
    SetRiskTaking: clock.set_risk_taking,
    PlaceOrder: orders.place_order,
    SetBackstop: takeover.set_backstop,
    CancelOrder: orders.cancel_order,
    CancelAll: orders.cancel_all,
    Lend: lending.lend,
    Redeem: lending.redeem,
    Borrow: lending.borrow,
    Repay: lending.repay,
    SetAutoLending: lending.set_auto_lending,
    AnswerRequest: requests.answer_request,
}

BEATS: dict[type, Callable[[State, Any], Outcome[State]]] = {
    Match: matching.match,
    CancelNext: orders.cancel_next,
    Tick: clock.tick,
    PayFunding: clock.pay_funding,
    AccrueInterest: loans.accrue_interest,
    Collect: reconciler.collect,
    BorrowToSettle: reconciler.borrow_to_settle,
    Offer: conversion.offer,
    Convert: conversion.convert,
    TakeAnswer: requests.take_answer,
    PayOut: reconciler.pay_out,
    Inspect: liquidation.inspect,
    OfferSlice: liquidation.offer_slice,
    TradeSlice: liquidation.trade_slice,
    Absorb: takeover.absorb,
    Deleverage: takeover.deleverage,
    Unwind: debts.unwind,
    SellAsset: debts.sell_asset,
    BuyAsset: debts.buy_asset,
    ChargeLender: bad_debt.charge_lender,
}

RULES = COMMANDS | BEATS


def beat(state: State, command: Any) -> Outcome[State]:
    """One transition."""
    return RULES[type(command)](state, command)


def due(state: State) -> Any:
    """What must be done before the next command: match, cancel, fund, accrue, settle, liquidate, move the clock."""
    if state.taker is not None:
        return Match()
    if state.leaving is not None:
        return CancelNext()
    if state.funding_due:
        return PayFunding()
    if state.interest_due:
        return AccrueInterest()
    if state.settlement_due:
        return settlement_due(state)
    if state.liquidation_due:
        return liquidation_due(state)
    if state.now < state.target:
        return Tick()
    return None


def settlement_due(state: State) -> Any:
    """The next beat of a round of the settlement loop."""
    if state.payout is not None:
        return PayOut()
    stage = Stage.COLLECT if state.collecting is None else state.collecting.stage
    if stage == Stage.BORROW:
        return BorrowToSettle()
    if stage == Stage.OFFER:
        return Offer()
    if stage == Stage.REQUEST:
        return TakeAnswer()
    return Convert() if stage == Stage.SELL else Collect()


def liquidation_due(state: State) -> Any:
    """The next beat of a loop of liquidation."""
    if state.liquidating is None:
        return Inspect()
    if state.liquidating.unwinding:
        return unwinding_due(state.liquidating)
    offered = state.liquidating.slice
    if offered is None:
        return OfferSlice()
    if offered.tier == Tier.BOOK:
        return TradeSlice()
    return Absorb() if offered.tier == Tier.BACKSTOP else Deleverage()


def unwinding_due(at_work: Liquidation) -> Any:
    """The next beat for an account whose positions had their turn."""
    if at_work.loss is not None:
        return ChargeLender()
    if at_work.trade is None:
        return Unwind()
    return SellAsset() if at_work.trade.side == Side.SELL else BuyAsset()


MACHINE: Machine[State] = Machine(
    name="exchange",
    spec=Spec(
        initial=start(DEFAULT),
        beat=beat,
        due=due,
        conclude=orders.conclude,
        commands=tuple(COMMANDS),
        beats=tuple(BEATS),
        reasons=Reason,
        claims=ALL,
        shapes={"larger": LARGER},
    ),
    drive=Drive(
        generate=generate,
        landmarks=LANDMARKS,
        landmarks_of=landmarks_of,
        variants={name: start(parameters) for name, parameters in VARIANTS.items()},
        cover={name: start(parameters) for name, parameters in COVER.items()},
        scopes=SCOPES,
    ),
    views=Views(
        statement=statement,
        measures=measures,
        tables=tables,
        prepares=(OpenAccount, SetBackstop, QuotePrice, Deposit),
    ),
    limits=LIMITS,
)
