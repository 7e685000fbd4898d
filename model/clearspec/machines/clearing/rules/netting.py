"""Continuous net settlement: an account's trades for a day, and its earlier fails, form one position per security.

All due units of a security stand at its settlement price.  The buyer owes the seller in cash what the trade price
exceeds it by.  So a due unit has the same price, whichever account delivers or receives it.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules.trades import in_turn
from clearspec.machines.clearing.state.commands import Net
from clearspec.machines.clearing.state.events import TradeNetted
from clearspec.machines.clearing.state.parameters import security_place
from clearspec.machines.clearing.state.types import Line, State, SystemAccount, Trade, TradeStatus, book
from clearspec.machines.clearing.state.work import Stage


def falls_due(trade: Trade, today: int) -> bool:
    """Is the trade novated, and has its settlement day come?"""
    return trade.status == TradeStatus.NOVATED and trade.settles_on <= today


def earliest(trade: Trade, _: int) -> tuple[int]:
    """A rank by which the earliest trade comes first."""
    return in_turn(trade)


def net(state: State, _: Net) -> Accepted[State]:
    """Net one trade: its units become due at the settlement price, and the difference to its amount payable.

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
