"""Wrong rules of the settlement loop, and a venue with two perpetual markets and two assets to sell."""

from attrs import evolve

from clearspec.core.machine import Accepted
from clearspec.core.quantities import mul_div_ceil
from clearspec.machines.exchange.drive.wide import larger
from clearspec.machines.exchange.drive.worlds import SMALL
from clearspec.machines.exchange.machine import MACHINE
from clearspec.machines.exchange.rules import conversion, lending
from clearspec.machines.exchange.rules import settlement as reconciler
from clearspec.machines.exchange.state.events import CollateralSold
from clearspec.machines.exchange.state.parameters import QUOTE
from clearspec.machines.exchange.state.types import Payout, Side, Stage, account_of, put_at, start

WIDE = MACHINE.altered(initial=start(larger(SMALL)), variants={}, cover={})
"""The exchange, with two perpetual markets and two assets that can be sold."""


def winners_first(state, _):
    """Those who are owed are paid from what there is, and nobody is asked."""
    claims = state.accounts.total(reconciler.waited_for, state.round)
    return Accepted(evolve(state, payout=Payout(min(state.venue.clearing.balances[QUOTE], claims), claims, 0, 0)))


def shared(part):
    """Each winner gets that part of the amount, whatever the others got."""

    def pay_out(state, beat):
        account = state.accounts.first(reconciler.anyone, reconciler.waits, state.round)
        if account is None:
            return reconciler.pay_out(state, beat)
        payout, own = state.payout, reconciler.unsettled(account_of(state, account))
        share = part(payout.amount, own, payout.claims)
        given = reconciler.settled(state, account, -share)
        then = evolve(payout, served=payout.served + own, paid=payout.paid + share)
        event = reconciler.GainSettled(account, share)
        return Accepted(evolve(reconciler.turn_over(given.state, account), payout=then), (event, *given.events))

    return pay_out


def floor(amount, own, claims):
    return amount * own // claims


def ceiling(amount, own, claims):
    return mul_div_ceil(amount, own, claims)


def fees_first(state, beat):
    """The venue takes its fees before the first winner is paid."""
    payout = state.payout
    if payout.served > 0 or payout.claims == 0:
        return reconciler.pay_out(state, beat)
    taken = reconciler.venue_paid(evolve(state, payout=evolve(payout, amount=payout.claims)))
    left = min(payout.amount, taken.state.venue.clearing.balances[QUOTE])
    paid = reconciler.pay_out(evolve(taken.state, payout=evolve(payout, amount=left), settlement_due=True), beat)
    return Accepted(paid.state, (*taken.events, *paid.events))


def borrows_unasked(state, beat):
    """The loop borrows for whom it likes."""
    account = state.collecting.account
    row = account_of(state, account)
    asked = evolve(state, accounts=state.accounts.put(account, evolve(row, auto_borrow=True)))
    outcome = reconciler.borrow_to_settle(asked, beat)
    then = evolve(account_of(outcome.state, account), auto_borrow=row.auto_borrow)
    accounts = outcome.state.accounts.put(account, then)
    return Accepted(evolve(outcome.state, accounts=accounts), outcome.events)


def takes_any_price(state, beat):
    """Collateral is sold to whoever bids."""
    turn = state.collecting
    anyhow = evolve(state, collecting=evolve(turn, sale=evolve(turn.sale, limit=1)))
    outcome = conversion.convert(anyhow, beat)
    then = outcome.state.collecting
    limited = evolve(then, sale=evolve(then.sale, limit=turn.sale.limit))
    return Accepted(evolve(outcome.state, collecting=limited), outcome.events)


def never_sells(state, _):
    """A sale is over before it begins, whoever bids."""
    return Accepted(evolve(state, collecting=evolve(state.collecting, stage=Stage.COLLECT)))


def sells_to_the_worst(state, beat):
    """Of the bids at the limit the lowest is taken first."""
    sale = state.collecting.sale
    bids = [
        (order.price, key)
        for key, order in state.orders.rows()
        if order.market == sale.market and order.side == Side.BUY and order.open > 0 and order.price >= sale.limit
    ]
    if not bids or sale.open == 0:
        return conversion.convert(state, beat)
    key = min(bids)[1]
    return conversion.sell(state, state.collecting, sale, key, state.orders.get(key))


def smallest_first(state, beat):
    """The asset that would be offered last is offered first."""
    turn, outcome = state.collecting, conversion.offer(state, beat)
    chosen, nxt = None, outcome
    while nxt.state.collecting is not None:
        tried = nxt.state.collecting.tried
        chosen, outcome = next(i for i in range(len(tried)) if tried[i] and not turn.tried[i] and i != chosen), nxt
        nxt = conversion.offer(evolve(state, collecting=evolve(turn, tried=tried)), beat)
    if chosen is None:
        return outcome
    offered = evolve(outcome.state.collecting, tried=put_at(turn.tried, chosen, True))
    return Accepted(evolve(outcome.state, collecting=offered), outcome.events)


def proceeds_at_work(state, beat):
    """What a sale brings in repays and is lent, as what the account's own trades bring in."""
    outcome = conversion.convert(state, beat)
    for event in outcome.events:
        if isinstance(event, CollateralSold):
            proceeds = event.lots * event.price - event.seller_fee
            worked = lending.put_to_work(outcome.state, QUOTE, event.seller, proceeds)
            return Accepted(worked.state, (*outcome.events, *worked.events))
    return outcome


def also_what_is_held(_, __, holdings):
    """All of each balance is free, whatever open orders hold of it."""
    return holdings.balances


def an_atom_less(room):
    """That much room in the pool, less one atom."""

    def less(state, place):
        return max(room(state, place) - 1, 0)

    return less


def no_room(_, __):
    """The pool gives nothing."""
    return 0


def one_less(mark, slippage):
    """A limit of one atom too little."""
    return max(mul_div_ceil(mark, 1_000_000 - slippage, 1_000_000) - 1, 1)


def losses_alone(account):
    """What the account owes, its gains in other markets left aside."""
    parts = [position.unsettled for position in account.holdings.positions]
    return sum(min(part, 0) for part in parts) or sum(parts)
