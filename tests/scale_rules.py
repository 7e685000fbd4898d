"""Wrong rules that a small world does not tell from the right ones, or that worked examples alone once did."""

import sys

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms
from clearspec.machines.clearing.rules import calls, losses
from clearspec.machines.clearing.state.types import AccountKind, Line, SystemAccount, book
from clearspec.machines.exchange.formulas import deleverage
from clearspec.machines.exchange.rules import conversion, matching, takeover
from clearspec.machines.exchange.state.events import Cause
from clearspec.machines.exchange.state.types import SelfTrade

RIGHT = {
    each.__name__: each
    for each in (
        calls.collateral_of,
        conversion.offer,
        deleverage.adl_rank,
        losses.use_margin,
        losses.with_turn,
        matching.match,
        matching.prevent_self_trade,
        takeover.in_the_row,
    )
}


def planted(monkeypatch, name, rule):
    """Put the wrong rule wherever a module of the model knows the right one, as a change of its text would."""
    modules = [module for key, module in list(sys.modules.items()) if key.startswith("clearspec.")]
    for module in modules:
        for at, value in list(vars(module).items()):
            if value is RIGHT[name]:
                monkeypatch.setattr(module, at, rule)
        for kind, value in list(getattr(module, "RULES", {}).items()):
            if value is RIGHT[name]:
                monkeypatch.setitem(module.RULES, kind, rule)


# Self-trade


def fills_itself(state, beat):
    """An order that is not to meet its owner's own does, and they fill each other."""
    if state.taker is None:
        return RIGHT["match"](state, beat)
    asked = state.taker.order.self_trade
    allowed = evolve(state.taker.order, self_trade=SelfTrade.ALLOW)
    done = RIGHT["match"](evolve(state, taker=evolve(state.taker, order=allowed)), beat)
    now = done.state
    if now.taker is not None:
        return evolve(done, state=evolve(now, taker=evolve(now.taker, order=evolve(now.taker.order, self_trade=asked))))
    name = state.taker.id
    booked = now.orders.put(name, evolve(now.orders.get(name), self_trade=asked))
    return evolve(done, state=evolve(now, orders=booked))


def the_resting_one_alone(state, taker, maker_id, maker):
    """Where both orders should go, only the resting one does."""
    if taker.order.self_trade != SelfTrade.REJECT_BOTH:
        return RIGHT["prevent_self_trade"](state, taker, maker_id, maker)
    return matching.cancel_maker(state, maker_id, maker, Cause.SELF_TRADE)


def goes_before_it_meets_anybody(state, beat):
    """An order that gives way to its owner's own gives way to everybody's."""
    taker = state.taker
    if taker is None or taker.order.open == 0 or taker.order.self_trade != SelfTrade.REJECT_TAKER:
        return RIGHT["match"](state, beat)
    done = RIGHT["match"](state, beat)
    return done if done.state.taker is None else matching.cancel_taker(state, taker, Cause.SELF_TRADE)


# What is sold, and who closes


def smallest_first(state, beat):
    """The collateral that is worth least is sold first."""
    turn, outcome = state.collecting, RIGHT["offer"](state, beat)
    found = outcome
    while found.state.collecting is not None:
        outcome, tried = found, found.state.collecting.tried
        found = RIGHT["offer"](evolve(state, collecting=evolve(turn, tried=tried)), beat)
    if outcome.state.collecting is None:
        return outcome
    market = outcome.state.collecting.sale.market
    tried = tuple(
        was or (asset.priced_by is not None and state.parameters.markets[asset.priced_by].id == market)
        for was, asset in zip(turn.tried, state.parameters.assets, strict=True)
    )
    return evolve(outcome, state=evolve(outcome.state, collecting=evolve(outcome.state.collecting, tried=tried)))


def the_ruined_first(candidate, bound):
    """Who has less than nothing closes before everybody else."""
    in_loss, *rest = RIGHT["adl_rank"](candidate, bound)
    return -1 if candidate.equity < 0 else in_loss, *rest


def the_ruined_too(account, state, place, long, offer, _, bound):
    """Who has less than nothing closes with the others, by its margin fraction: first of all."""
    return RIGHT["in_the_row"](account, state, place, long, offer, True, bound)


# Margin and losses of a clearing house


def posted_by_client(account, state, currency, member):
    """What a client of the member has posted."""
    mine = account.member == member and account.kind == AccountKind.CLIENT
    return RIGHT["collateral_of"](state, account, currency) if mine else 0


def with_that_of_clients(state, account, currency):
    """What clients have posted counts for the house as well."""
    value = RIGHT["collateral_of"](state, account, currency)
    if account.kind == AccountKind.HOUSE:
        value += state.accounts.total(posted_by_client, state, currency, account.member)
    return value


def of_what_is_left(loss, weight):
    """Each survivor pays its share of what those before it have left, by what it has of what they have left."""
    amount, weights = loss.amount - loss.paid, loss.weights - loss.served
    part = Atoms(amount * weight // weights)
    paid = Atoms(loss.paid + part)
    return evolve(loss, served=Atoms(loss.served + weight), paid=paid, left=Atoms(loss.left - part)), part


def with_margin_of_clients(state, beat):
    """What clients have posted pays for what their house owes."""
    place, _, debtor = losses.at_work(state)
    mine = state.accounts.get(debtor).member
    clients = [
        key
        for key, row in state.accounts.rows()
        if row.member == mine and row.kind == AccountKind.CLIENT and row.holdings.money[place].posted > 0
    ]
    done = RIGHT["use_margin"](state, beat)
    left = done.state.losses[place].left
    if not clients or left == 0:
        return done
    part = Atoms(min(left, state.accounts.get(clients[0]).holdings.money[place].posted))
    postings = (
        Posting(book(state.parameters, Line.COLLATERAL_CASH, place), part, clients[0], SystemAccount.SAFE),
        Posting(book(state.parameters, Line.CASH, place), part, SystemAccount.SAFE, SystemAccount.CCP),
        Posting(book(state.parameters, Line.PAYABLE, place), part, SystemAccount.CCP, debtor),
    )
    paid = losses.further(post(done.state, postings), place, left - part, losses.Layer.CONTRIBUTION)
    first, *rest = done.events
    return Accepted(paid, (evolve(first, amount=first.amount + part), *rest, Posted(postings)))
