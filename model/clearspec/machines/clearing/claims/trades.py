"""Trades: written down as made, for the day that the calendar says, and novated with nobody owed less for it."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.formulas.calendar import settlement_day
from clearspec.machines.clearing.state.commands import CaptureTrade, Carry, Execute, Novate, PublishPrice
from clearspec.machines.clearing.state.events import TradeNovated
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import SecurityId, security_place
from clearspec.machines.clearing.state.types import Account, State, Trade, TradeStatus
from clearspec.machines.clearing.state.work import Stage


@claim(
    "CL-FRM-5",
    "A published price changes only by `PublishPrice`, to its price. A settlement price changes only when all fails"
    " have been carried.",
    title="prices change as published",
    kind=Kind.STEP,
    prevents="a settlement at a price that nobody published",
)
def prices_change_as_published(before: State, beat: object, after: Accepted[State]) -> bool:
    return all(
        new.published == (beat.price if isinstance(beat, PublishPrice) and beat.security == each.id else old.published)
        and (new.settlement == old.settlement or (isinstance(beat, Carry) and after.state.stage == Stage.NETTING))
        for each, old, new in zip(before.parameters.securities, before.prices, after.state.prices, strict=True)
    )


@claim(
    "CL-TRD-1",
    "Every trade is between two accounts that exist, in a security that exists, of more than nothing.",
    title="trades are in order",
    kind=Kind.STATE,
)
def trades_are_in_order(state: State) -> bool:
    return state.trades.every(
        lambda _, trade: (
            state.accounts.get(trade.buyer) is not None
            and state.accounts.get(trade.seller) is not None
            and trade.buyer != trade.seller
            and security_place(state.parameters, trade.security) is not None
            and trade.quantity > 0
            and trade.amount > 0
            and trade.traded_on <= state.today
        )
    )


def not_novated(trade: Trade) -> int:
    """The units of a trade that the central counterparty is not yet a party to."""
    return trade.quantity if trade.status == TradeStatus.CAPTURED else 0


def will_have(state: State, name: AccountId, security: SecurityId) -> int:
    """What the account will have of the security if it trades no more and all that it has traded is settled."""
    account = state.accounts.get(name)
    if account is None:
        return 0
    units = state.trades.total(not_novated, buyer=name, security=security)
    units -= state.trades.total(not_novated, seller=name, security=security)
    for listed, position in zip(state.parameters.securities, account.holdings.positions, strict=True):
        if listed.id == security:
            units += position.held + position.cleared + position.failed
    return units


@claim(
    "CL-TRD-2",
    "A trade has a name of its own, and the accounts and the security of its report or orders. Its amount is price"
    " times quantity. It settles on the day of the calendar and its date's cycle.",
    title="a trade is recorded as made",
    kind=Kind.STEP,
    on=(CaptureTrade, Execute),
    source="Settlement & Clearing, Trade confirmation; rules §8",
)
def a_trade_is_written_down_as_made(before: State, command: CaptureTrade | Execute, after: Accepted[State]) -> bool:
    trade = after.state.trades.get(command.trade)
    return (
        before.trades.get(command.trade) is None
        and trade is not None
        and between_the_two(before, command, trade)
        and trade.quantity == command.quantity
        and trade.amount == command.price * command.quantity
        and trade.traded_on == before.today
        and trade.settles_on == settlement_day(before.parameters.settling, before.parameters.cycle, before.today)
        and trade.status == TradeStatus.CAPTURED
    )


def between_the_two(state: State, command: CaptureTrade | Execute, trade: Trade) -> bool:
    """Has the trade the accounts and the security of its report, or of its two orders?"""
    if isinstance(command, CaptureTrade):
        return trade.buyer == command.buyer and trade.seller == command.seller and trade.security == command.security
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return (
        buy is not None
        and sell is not None
        and trade.buyer == buy.account
        and trade.seller == sell.account
        and trade.security == buy.security
        and trade.security == sell.security
    )


@claim(
    "CL-NOV-1",
    "Novation gives the buyer a claim on the central counterparty for the units, and the debt for the amount. The"
    " seller gets the mirror image, and the contract between buyer and seller ends.",
    title="novation replaces a contract by two",
    kind=Kind.STEP,
    on=(Novate,),
    source="Settlement & Clearing, Novation",
    prevents="a member that is owed less, or owes more, than it traded",
)
def novation_takes_the_place_of_a_contract(before: State, beat: Novate, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, TradeNovated))
    if len(events) == 0:
        return before.trades.every(lambda _, trade: trade.status != TradeStatus.CAPTURED)
    trade, then = before.trades.get(events[0].trade), after.state.trades.get(events[0].trade)
    if trade is None or then is None:
        return False
    return (
        len(events) == 1
        and trade.status == TradeStatus.CAPTURED
        and then.status == TradeStatus.NOVATED
        and now_owed(before, after.state, trade, trade.buyer, 1)
        and now_owed(before, after.state, trade, trade.seller, -1)
    )


@measure
def now_owed(before: State, after: State, trade: Trade, account: AccountId, sign: int) -> bool:
    """Did the account gain a claim to the units and a debt of the amount, with this sign?"""
    was, now = before.accounts.get(account), after.accounts.get(account)
    if was is None or now is None:
        return False
    place = security_place(before.parameters, trade.security)
    paid_in = None if place is None else before.parameters.securities[place].currency
    return (
        all(
            new.cleared == old.cleared + (sign * trade.quantity if i == place else 0)
            for i, (old, new) in enumerate(zip(was.holdings.positions, now.holdings.positions, strict=True))
        )
        and all(
            new.cleared == old.cleared - (sign * trade.amount if i == paid_in else 0)
            for i, (old, new) in enumerate(zip(was.holdings.money, now.holdings.money, strict=True))
        )
        and settles_nothing(was, now)
    )


@measure
def settles_nothing(was: Account, now: Account) -> bool:
    """Does the account hold, and is it owed by now, what it was?"""
    return all(
        new.held == old.held and new.due == old.due and new.failed == old.failed
        for old, new in zip(was.holdings.positions, now.holdings.positions, strict=True)
    ) and all(
        new.held == old.held and new.payable == old.payable
        for old, new in zip(was.holdings.money, now.holdings.money, strict=True)
    )
