"""Wrong rules of liquidation and of what comes after it.  All of them balance."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms, Lots, Rate
from clearspec.machines.exchange.formulas.backstop import Split
from clearspec.machines.exchange.formulas.deleverage import adl_rank
from clearspec.machines.exchange.formulas.exposure import gain
from clearspec.machines.exchange.rules import clock, conversion, debts, liquidation, takeover
from clearspec.machines.exchange.state.events import Cause, PositionTaken
from clearspec.machines.exchange.state.parameters import tier_named
from clearspec.machines.exchange.state.types import Line, Side, SystemAccount, account_of, book, put_at

slice_lots, liquidation_fee = liquidation.slice_lots, liquidation.liquidation_fee
with_capacity, in_the_row = takeover.with_capacity, takeover.in_the_row


# Who is asked


def last_first(candidate, bound):
    """The row, from its end."""
    return tuple(-each for each in adl_rank(candidate, bound))


def profit_aside(candidate, bound):
    """The row by margin fraction and size alone."""
    return adl_rank(candidate, bound)[1:]


def only_winners(account, state, place, *seen):
    """Only those in profit are made to close at the zero price, as the source has it."""
    long, offer, any_equity, bound = seen
    in_profit = gain(account.holdings.positions[place], state.markets[place].mark) > 0
    return (any_equity or in_profit) and in_the_row(account, state, place, long, offer, any_equity, bound)


def nobody_bears(*_):
    """Who is asked may decline, and does."""
    return Lots(0)


# What each takes, and who is paid


def cheapest_tier(parameters, _):
    """Who is closed out or sold out pays the lowest fee that anybody pays."""
    return min(parameters.tiers, key=lambda tier: tier.taker)


def all_for_the_provider(paid):
    """The fund gets nothing of a spread."""
    return Split(Atoms(paid), Atoms(0))


def fund_part_for_the_venue(book, amount, payer, payee):
    """What is the fund's of a spread, the venue has as fees."""
    return Posting(book, amount, payer, SystemAccount.FEES if payee == SystemAccount.FUND else payee)


def of_what_remains(_, remaining, fraction, least):
    """A tenth of what remains, which never ends."""
    return slice_lots(remaining, remaining, fraction, least)


def twice(state, account, deal):
    """A liquidation fee of twice the rate."""
    return Atoms(2 * liquidation_fee(state, account, deal))


def one_more(account, place, lots):
    """A provider is booked for one lot more than it agreed to."""
    return with_capacity(account, place, lots + 1)


def declines(state, beat):
    """A provider takes over what it likes, and today it likes nothing."""
    done, offered = takeover.absorb(state, beat), state.liquidating.slice
    for event in [each for each in done.events if isinstance(each, PositionTaken)]:
        capacity = state.accounts.get(event.other).holdings.positions[1].capacity
        asked = evolve(offered, before=Lots(offered.before + capacity))
        return Accepted(takeover.was_asked(state, event.other, state.liquidating, asked))
    return done


def anyone_at_all(account, _, offer):
    """Who has not agreed to take anything is asked, too."""
    return account.asked != offer


def to_the_end(state, beat):
    """When the providers are done, so is the offer: the opposite side is never next."""
    done = takeover.absorb(state, beat)
    slice_ = done.state.liquidating.slice
    if slice_ is None or slice_.tier == state.liquidating.slice.tier:
        return done
    return evolve(done, state=evolve(done.state, liquidating=evolve(done.state.liquidating, slice=None)))


def any_price(_, __, ___):
    """A slice is sold to whoever bids, however little."""
    return 1


def lowest(state, market, side):
    """Of the bids the lowest is met first."""
    rows = [
        (order.price, order.sequence, key)
        for key, order in state.orders.rows()
        if order.market == market and order.side == side and order.open > 0
    ]
    return min(rows)[2] if rows else None


def cancels_the_best(state, beat):
    """Who could buy is cancelled, without a reason."""
    offered = state.liquidating.slice
    best = liquidation.best(state, offered.market, Side.BUY)
    if best is None:
        return liquidation.trade_slice(state, beat)
    return liquidation.cancelled(state, best, state.orders.get(best), Cause.MARGIN)


def cancels_the_bid(state, beat):
    """Whose bid a sale would meet is cancelled, without a reason."""
    sale = state.collecting.sale
    bid = conversion.best(state, sale.market, Side.BUY)
    if bid is None:
        return conversion.convert(state, beat)
    return conversion.cancel_maker(state, bid, state.orders.get(bid), Cause.MARGIN)


def all_by_the_fund(state, account):
    """The fund pays all of a loss, whatever it has."""
    row, places = account_of(state, account), range(len(state.parameters.markets))
    loss = -sum(row.holdings.positions[place].unsettled for place in places)
    posting = Posting(book(state.parameters, Line.BALANCE, 0), loss, SystemAccount.FUND, account)
    return Accepted(post(state, (posting,)), (Posted((posting,)),))


# What a loop does, and how it ends


def nothing_open(_):
    """Nobody looks for the orders of an account in liquidation."""
    return 0


def nothing_repaid(state, _):
    """Debts are left alone."""
    return Accepted(state)


def ahead(state, beat):
    """Who is looked at counts as looked at in the next loop too."""
    return looked_at(liquidation.inspect(state, beat), state, 1)


def forgotten(state, beat):
    """Who was looked at is looked at again."""
    return looked_at(liquidation.inspect(state, beat), state, -1)


def looked_at(done, state, shift):
    """The outcome with the loop at which a healthy account was looked at shifted."""
    accounts = done.state.accounts
    for key, row in accounts.rows():
        if row.inspected != state.accounts.get(key).inspected and done.state.liquidating is None:
            accounts = accounts.put(key, evolve(row, inspected=row.inspected + shift))
    return evolve(done, state=evolve(done.state, accounts=accounts))


def waits(state, _):
    """Nothing is done, and all is still to do."""
    return Accepted(state)


def not_taken_off(state, lots):
    """What is closed of an offer stays open."""
    left = evolve(state.liquidating.slice, closed=Lots(state.liquidating.slice.closed + lots))
    return evolve(state, liquidating=evolve(state.liquidating, slice=left))


# What nobody looks at


def fund_pays_bad_debt(state, beat):
    """Bad debt is made good by the fund, whether it has anything or not."""
    done = debts.unwind(state, beat)
    owed, place = done.state.venue.bad_debt.positions, 1
    missing = -owed[place].unsettled
    posting = Posting(
        book(state.parameters, Line.UNSETTLED, place), missing, SystemAccount.FUND, SystemAccount.BAD_DEBT
    )
    return Accepted(post(done.state, (posting,)), (*done.events, Posted((posting,))))


def fund_is_emptied(state, beat):
    """With every tick of the clock what the fund is owed goes where nobody has an account."""
    done, owed = clock.tick(state, beat), book(state.parameters, Line.UNSETTLED, 1)
    posting = Posting(owed, state.venue.fund.positions[1].unsettled, SystemAccount.FUND, SystemAccount.BAD_DEBT)
    return Accepted(post(done.state, (posting,)), (*done.events, Posted((posting,))))


def no_fee_for_sales(parameters, tier):
    """The venue sells collateral without a fee."""
    found = tier_named(parameters, tier)
    return None if found is None else evolve(found, taker=Rate(0))


def capacity_for_spot(account, place, lots):
    """A provider for a perpetual market is one for its spot market too."""
    positions = account.holdings.positions
    spot = evolve(positions[0], size=Lots(positions[0].size + lots))
    holdings = evolve(account.holdings, positions=put_at(positions, 0, spot))
    return with_capacity(evolve(account, holdings=holdings), place, lots)
