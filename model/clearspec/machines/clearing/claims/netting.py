"""Netting: each trade becomes due on its day and once, and its difference to the price of settlement is payable."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.claims.ledger import paid_in, side
from clearspec.machines.clearing.formulas.calendar import is_open
from clearspec.machines.clearing.state.commands import CaptureTrade, CloseOut, Execute, Net
from clearspec.machines.clearing.state.events import TradeNetted, TradeNovated
from clearspec.machines.clearing.state.ids import AccountId, TradeId
from clearspec.machines.clearing.state.parameters import security_place
from clearspec.machines.clearing.state.types import State, Trade, TradeStatus
from clearspec.machines.clearing.state.work import Stage

SETTLED = (
    Stage.DELIVERY,
    Stage.UNWINDING,
    Stage.HANDING_IN,
    Stage.HANDING_OUT,
    Stage.COLLECTION,
    Stage.PAYMENT,
)
"""The stages after netting in which what is due is settled."""

EVENING = (*SETTLED, Stage.FAILING, Stage.MARGINING, Stage.NIGHT)
"""The stages after netting."""


@claim(
    "CL-NET-1",
    "A trade is netted on its settlement day. Its units become due, and neither units nor amount stay cleared. The"
    " buyer owes the seller the amount above the settlement price.",
    title="what was cleared falls due",
    kind=Kind.STEP,
    on=(Net,),
    source="Settlement & Clearing, Netting; rules §8",
)
def what_was_cleared_is_due(before: State, beat: Net, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, TradeNetted))
    if len(events) == 0:
        return before.trades.every(
            lambda _, trade: trade.status != TradeStatus.NOVATED or trade.settles_on > before.today
        )
    trade = before.trades.get(events[0].trade)
    return (
        len(events) == 1
        and trade is not None
        and trade.status == TradeStatus.NOVATED
        and trade.settles_on <= before.today
        and now_due(before, after.state, trade, trade.buyer)
        and now_due(before, after.state, trade, trade.seller)
    )


@measure
def now_due(before: State, after: State, trade: Trade, name: AccountId) -> bool:
    """Did what was traded move from cleared to due, for this side of the trade?"""
    was, now = before.accounts.get(name), after.accounts.get(name)
    place = security_place(before.parameters, trade.security)
    if was is None or now is None or place is None:
        return False
    bought = side(name, trade.buyer, trade.seller) * trade.quantity
    paid = side(name, trade.buyer, trade.seller) * trade.amount
    currency = paid_in(before, trade.security)
    return all(
        new.held == old.held
        and new.cleared == old.cleared - (bought if i == place else 0)
        and new.due == old.due + (bought if i == place else 0)
        and new.failed == old.failed
        for i, (old, new) in enumerate(zip(was.holdings.positions, now.holdings.positions, strict=True))
    ) and all(
        new.held == old.held
        and new.cleared == old.cleared + (paid if i == currency else 0)
        and new.payable == old.payable - (paid - bought * before.prices[place].settlement if i == currency else 0)
        for i, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
    )


@claim(
    "CL-NET-4",
    "No trade is novated later than the day on which it was made, none is netted before its day, and none is left when"
    " its day is over.",
    title="trades are netted on their day",
    kind=Kind.STATE,
    source="rules §8",
    prevents="a trade that falls between two days, and settles never",
)
def trades_are_netted_on_their_day(state: State) -> bool:
    return state.trades.every(lambda _, trade: timely(state, trade))


@measure
def timely(state: State, trade: Trade) -> bool:
    """Is the trade as far as its day and the stage of this day say?"""
    if trade.status == TradeStatus.NETTED:
        return trade.settles_on <= state.today
    over = state.stage in EVENING and is_open(state.parameters.settling, state.today)
    open_still = state.stage in (Stage.OPEN, Stage.NOVATION)
    return (trade.settles_on > state.today or not over) and (open_still or trade.status == TradeStatus.NOVATED)


@claim(
    "CL-TRD-3",
    "A trade never changes but for its status, and that once each, from captured to novated to netted, the one that the"
    " beat is about and no other; none appears that was not reported, and none goes.",
    title="a trade changes only its status",
    kind=Kind.STEP,
    source="Settlement & Clearing, Trade confirmation",
    prevents="a trade that is cleared twice",
)
def trades_go_their_way(before: State, beat: object, after: Accepted[State]) -> bool:
    return before.trades.every(
        lambda key, trade: goes_its_way(key, trade, after.state.trades.get(key), after.events)
    ) and after.state.trades.every(
        lambda key, _: (
            before.trades.get(key) is not None
            or (isinstance(beat, CaptureTrade | Execute | CloseOut) and key == beat.trade)
        )
    )


@measure
def goes_its_way(name: TradeId, was: Trade, now: Trade | None, events: tuple[object, ...]) -> bool:
    """Is the trade what it was, but for a step of its status that the events tell of?"""
    if now is None or now.buyer != was.buyer or now.seller != was.seller or now.security != was.security:
        return False
    if now.quantity != was.quantity or now.amount != was.amount:
        return False
    if now.traded_on != was.traded_on or now.settles_on != was.settles_on:
        return False
    if was.status == TradeStatus.CAPTURED and now.status == TradeStatus.NOVATED:
        return any(isinstance(event, TradeNovated) and event.trade == name for event in events)
    if was.status == TradeStatus.NOVATED and now.status == TradeStatus.NETTED:
        return any(isinstance(event, TradeNetted) and event.trade == name for event in events)
    return now.status == was.status
