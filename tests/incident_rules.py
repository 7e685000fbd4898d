"""The naive rules behind failures of real venues.

All of them balance: what is paid is received, and every posting has another side.  The first line of each docstring is
what docs/exchange/incidents.md says of it.
"""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms, Lots, Rate
from clearspec.machines.exchange.rules import custody, lending, liquidation, loans, matching, takeover
from clearspec.machines.exchange.rules import trades as settlement
from clearspec.machines.exchange.rules.margin import Gains
from clearspec.machines.exchange.state.events import OrderFilled
from clearspec.machines.exchange.state.parameters import QUOTE, asset_place, market_place
from clearspec.machines.exchange.state.types import Line, SystemAccount, account_of, book

SHARE = 200
"""What the only share of a pool is worth, after somebody has made it so."""

liquidatable, with_capacity = liquidation.liquidatable, takeover.with_capacity
meets_initial, perpetual_settled = custody.meets_initial, settlement.settle_perpetual


def gains_are_money(state, account, _):
    """Gains that nobody has paid count in full for what leaves the venue."""
    return meets_initial(state, account, Gains.IN_FULL)


def gains_are_paid_at_once(state, beat):
    """A gain is paid in cash when the position is closed, before anybody has paid the loss."""
    done = matching.match(state, beat)
    for fill in [each for each in done.events if isinstance(each, OrderFilled)]:
        place = market_place(state.parameters, fill.market)
        for account in (fill.buyer, fill.seller):
            owed = max(account_of(done.state, account).holdings.positions[place].unsettled, 0)
            postings = (
                Posting(book(state.parameters, Line.UNSETTLED, place), owed, account, SystemAccount.CLEARING),
                Posting(book(state.parameters, Line.BALANCE, QUOTE), owed, SystemAccount.CLEARING, account),
            )
            done = Accepted(post(done.state, postings), (*done.events, Posted(postings)))
    return done


def one_leg_alone(state, deal, buyer, seller, buyer_fee, seller_fee):
    """The seller delivers, and the cash is to come later."""
    market = state.parameters.markets[deal.place]
    cash, base = book(state.parameters, Line.BALANCE, QUOTE), book(state.parameters, Line.BALANCE, market.base)
    postings = (
        Posting(base, deal.lots * market.lot, seller, buyer),
        Posting(cash, buyer_fee, buyer, SystemAccount.FEES),
        Posting(cash, seller_fee, seller, SystemAccount.FEES),
    )
    return Accepted(post(state, postings), (Posted(postings),))


def one_is_exempt(state, account):
    """One account is never liquidated."""
    return account.holdings.balances[QUOTE] != 40_900_000 and liquidatable(state, account)


def flag_sticks(state, account):
    """Who was once in liquidation stays in it, until a flag is cleared that nobody clears."""
    return any(position.at_entry > 0 for position in account.holdings.positions) or liquidatable(state, account)


def never_used_up(account, place, _):
    """What a provider takes over does not lower what it has agreed to: it is asked for the same lots for ever."""
    return with_capacity(account, place, 300)


def uncapped(_, __, need, position, ___):
    """Who is made to close closes all that is needed, whatever it costs him."""
    return Lots(min(need, position))


def anything_is_listed(state, _):
    """The operator may weight, limit and price collateral as he likes, at any time."""
    assets = tuple(evolve(asset, weight=Rate(1_000_000), supply_max=Atoms(10**30)) for asset in state.parameters.assets)
    return Accepted(evolve(state, parameters=evolve(state.parameters, assets=assets, sources_min=1)))


def not_asked(*_):
    """One path that takes something away does not ask whether the account stays healthy."""
    return True


def bound_not_asked(*_):
    """Lenders leave as long as the pool has cash, whatever is borrowed."""
    return True


def shares_rounded_down(state, command):
    """A claim is so many shares, and of what is taken out the shares are rounded down."""
    account, place = state.accounts.get(command.account), asset_place(state.parameters, command.asset)
    if account is None or place is None or not 0 < command.amount <= account.holdings.loans[place].lent:
        return lending.redeem(state, command)
    burnt = command.amount // SHARE * SHARE
    postings = (
        Posting(book(state.parameters, Line.BALANCE, place), command.amount, SystemAccount.POOL, command.account),
        Posting(book(state.parameters, Line.LENT, place), burnt, command.account, SystemAccount.POOL),
    )
    return Accepted(post(loans.grown(state, place, command.account), postings), (Posted(postings),))


def orders_at_the_mark(*_):
    """An open order counts at the mark: what it loses by its own price, once it fills, is nothing."""
    return Atoms(0)
