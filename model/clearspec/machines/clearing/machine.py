"""Clearing and settlement as a machine: what every harness takes."""

from collections.abc import Callable
from typing import Any

from clearspec.core.machine import Drive, Machine, Outcome, Spec, Views
from clearspec.machines.clearing.claims import ALL
from clearspec.machines.clearing.drive.cover import COVER
from clearspec.machines.clearing.drive.generate import generate
from clearspec.machines.clearing.drive.landmarks import LANDMARKS, landmarks_of
from clearspec.machines.clearing.drive.worlds import DEFAULT, LARGER, MONDAY, SCOPES, VARIANTS
from clearspec.machines.clearing.limits import LIMITS
from clearspec.machines.clearing.report import tables
from clearspec.machines.clearing.rules import (
    accounts,
    calls,
    clock,
    custody,
    default,
    fails,
    finality,
    fund,
    losses,
    netting,
    orders,
    payments,
    pledges,
    recoveries,
    settlement,
    trades,
)
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Advance,
    Assess,
    BuyIn,
    CallMargin,
    CancelOrder,
    CaptureTrade,
    Carry,
    CloseOut,
    Collect,
    Contribute,
    CoverLoss,
    DeclareDefault,
    Deliver,
    DepositCash,
    DepositSecurities,
    Execute,
    Fail,
    HandIn,
    HandOut,
    MeasureMargin,
    Net,
    Novate,
    OpenAccount,
    Pay,
    Port,
    PostCash,
    PostSecurities,
    ProvideCapital,
    PublishPrice,
    Reason,
    Recover,
    RepayAssessed,
    RepayContributor,
    RepayEquity,
    RepayLeftOver,
    RepaySkin,
    RestoreSkin,
    ReturnCash,
    ReturnSecurities,
    SendOrder,
    SetPriority,
    SuspendMember,
    Tick,
    Unwind,
    UseContribution,
    UseEquity,
    UseFund,
    UseMargin,
    UseSkin,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.start import start
from clearspec.machines.clearing.state.types import State
from clearspec.machines.clearing.state.work import Layer, Payee, Stage
from clearspec.machines.clearing.statement import statement

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
    SendOrder: orders.send_order,
    CancelOrder: orders.cancel_order,
    Execute: orders.execute,
    CaptureTrade: trades.capture_trade,
    BuyIn: fails.buy_in,
    PostCash: pledges.post_cash,
    PostSecurities: pledges.post_securities,
    ReturnCash: pledges.return_cash,
    ReturnSecurities: pledges.return_securities,
    CallMargin: calls.call_margin,
    Contribute: fund.contribute,
    ProvideCapital: fund.provide_capital,
    DeclareDefault: default.declare_default,
    Port: default.port,
    CloseOut: default.close_out,
    CoverLoss: losses.cover_loss,
    Recover: recoveries.recover,
    RestoreSkin: fund.restore_skin,
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
    MeasureMargin: calls.measure_margin,
    UseMargin: losses.use_margin,
    UseContribution: losses.use_contribution,
    UseSkin: losses.use_skin,
    UseFund: losses.use_fund,
    Assess: losses.assess,
    UseEquity: losses.use_equity,
    RepayLeftOver: recoveries.repay_left_over,
    RepayEquity: recoveries.repay_equity,
    RepayAssessed: recoveries.repay_assessed,
    RepayContributor: recoveries.repay_contributor,
    RepaySkin: recoveries.repay_skin,
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
    (Stage.MARGINING, MeasureMargin),
)
"""What is done in each stage of the end of a day."""

LAYERS = (
    (Layer.MARGIN, UseMargin),
    (Layer.CONTRIBUTION, UseContribution),
    (Layer.SKIN, UseSkin),
    (Layer.SURVIVORS, UseFund),
    (Layer.ASSESSMENTS, Assess),
    (Layer.EQUITY, UseEquity),
)
"""What each layer does when a loss has come to it."""


PAYEES = (
    (Payee.LEFT_OVER, RepayLeftOver),
    (Payee.EQUITY, RepayEquity),
    (Payee.ASSESSED, RepayAssessed),
    (Payee.CONTRIBUTORS, RepayContributor),
    (Payee.SKIN, RepaySkin),
)
"""What is done for each payee when a recovery has come to it."""


def beat(state: State, command: Any) -> Outcome[State]:
    """One transition."""
    return RULES[type(command)](state, command)


def due(state: State) -> Any:
    """What must be done before the next command.

    The layers of a loss, the payees of a recovery; the stages of a day's end, then the next day.
    """
    if state.stage == Stage.OPEN:
        for layer, pays in LAYERS:
            if state.layer == layer:
                return pays()
        for payee, repays in PAYEES:
            if state.payee == payee:
                return repays()
        return None
    for stage, work in WORK:
        if state.stage == stage:
            return work()
    return Tick()


MACHINE: Machine[State] = Machine(
    name="clearing",
    spec=Spec(
        initial=start(DEFAULT, MONDAY),
        beat=beat,
        due=due,
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
        variants=VARIANTS,
        cover={name: start(parameters, MONDAY) for name, parameters in COVER.items()},
        scopes=SCOPES,
    ),
    views=Views(
        statement=statement,
        tables=tables,
        prepares=(AdmitMember, OpenAccount, PublishPrice, DepositSecurities, DepositCash, Contribute, ProvideCapital),
    ),
    limits=LIMITS,
)
