"""Continuous net settlement: what was traded for a day, and what failed before it, is one position for each account.

All that is due of a security stands at one price, that of its settlement.  What a trade was agreed at above or below it
is owed in cash at once, so that a unit is worth the same to whoever delivers it and to whoever receives it.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules.trades import in_turn
from clearspec.machines.clearing.state.commands import Net
from clearspec.machines.clearing.state.events import TradeNetted
from clearspec.machines.clearing.state.parameters import security_place
from clearspec.machines.clearing.state.types import Line, Stage, State, SystemAccount, Trade, TradeStatus, book


def falls_due(trade: Trade, today: int) -> bool:
    """Is it novated, and has its day come?"""
    return trade.status == TradeStatus.NOVATED and trade.settles_on <= today


def earliest(trade: Trade, _: int) -> tuple[int]:
    """A rank by which what was traded first comes first."""
    return in_turn(trade)


def net(state: State, _: Net) -> Accepted[State]:
    """What was cleared under one trade becomes due, at the price of settlement, and the difference in cash payable.

    Rule: CL-NET-1.  When no trade is left, delivery begins.
    """
    name = state.trades.first(earliest, falls_due, state.today)
    trade = None if name is None else state.trades.get(name)
    if name is None or trade is None:
        return Accepted(evolve(state, stage=Stage.DELIVERY))
    place = security_place(state.parameters, trade.security)
    assert place is not None, "a trade is in a security that exists"
    currency = state.parameters.securities[place].currency
    cleared, due = book(state.parameters, Line.CLEARED, place), book(state.parameters, Line.DUE, place)
    cash, payable = book(state.parameters, Line.CLEARED_CASH, currency), book(state.parameters, Line.PAYABLE, currency)
    above = Atoms(trade.amount - trade.quantity * state.prices[place].settlement)
    postings = (
        Posting(cleared, trade.quantity, trade.buyer, SystemAccount.CCP),
        Posting(cash, trade.amount, SystemAccount.CCP, trade.buyer),
        Posting(due, trade.quantity, SystemAccount.CCP, trade.buyer),
        Posting(payable, above, trade.buyer, SystemAccount.CCP),
        Posting(cleared, trade.quantity, SystemAccount.CCP, trade.seller),
        Posting(cash, trade.amount, trade.seller, SystemAccount.CCP),
        Posting(due, trade.quantity, trade.seller, SystemAccount.CCP),
        Posting(payable, above, SystemAccount.CCP, trade.seller),
    )
    netted = evolve(trade, status=TradeStatus.NETTED)
    return Accepted(
        evolve(post(state, postings), trades=state.trades.put(name, netted)),
        (TradeNetted(name, trade.security, trade.buyer, trade.seller, trade.quantity), Posted(postings)),
    )
