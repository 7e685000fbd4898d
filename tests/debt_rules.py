"""Wrong rules of debts in liquidation.  All of them balance."""

from attrs import evolve

from clearspec.core.ledger import Posted, Posting, post
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Atoms, Lots, Price, Rate
from clearspec.machines.exchange.formulas.bad_debt import absorbed_by_lenders
from clearspec.machines.exchange.rules import bad_debt, debts, liquidation
from clearspec.machines.exchange.rules.margin import free_balances, liquidatable
from clearspec.machines.exchange.rules.pools import redeemable
from clearspec.machines.exchange.state.events import Cause, LoanWrittenOff
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import AssetSlice, Line, Side, SystemAccount, account_of, book

lent, lots_bought, cash_needed = liquidation.lent, debts.lots_bought, debts.cash_needed


# What is traded


def one_more(debt, lot, cash, limit, taker):
    """A lot more is bought than is owed."""
    return Lots(lots_bought(debt, lot, cash, limit, taker) + 1)


def everything(*_):
    """All of an asset is sold, however little is owed."""
    return 10**18


def at_any_price(mark, _):
    """What is owed is bought at up to twice the mark."""
    return Price(2 * mark)


def sells_for_nothing(state, beat):
    """Who has nothing to pay any more is sold out all the same."""
    at_work = state.liquidating
    row, market = account_of(state, at_work.account), state.parameters.markets[0]
    lots = debts.at_hand(state, at_work.account, row, market.base) // market.lot
    if liquidatable(state, row) or lots == 0:
        return debts.unwind(state, beat)
    trade = AssetSlice(market.id, Side.SELL, Price(1), Lots(lots), 0, Rate(600))
    return Accepted(evolve(state, liquidating=evolve(at_work, trade=trade, done=(True, True))))


def cancels_the_best(state, _):
    """Whose order a trade would meet is cancelled, without a reason."""
    at_work, trade = debts.traded_now(state)
    side = Side.BUY if trade.side == Side.SELL else Side.SELL
    best = debts.best(state, trade.market, side)
    if best is None:
        return debts.offer_over(state, at_work)
    return debts.cancelled(state, best, state.orders.get(best), Cause.MARGIN)


def at_once_over(state, _):
    """Nobody is asked for a price, and the offer is over."""
    return debts.offer_over(state, state.liquidating)


# What a trade moves


def nothing_free(state, account, holdings):
    """What is delivered goes over as a claim, also while there is a balance."""
    return tuple(0 for _ in free_balances(state, account, holdings))


def nothing_repaid(state, *_):
    """The proceeds stay where they are, and so does the debt."""
    return Accepted(state)


# What the pool pays


def nothing_redeemed(state, place, account, amount):
    """A claim is left in the pool, whatever cash it has."""
    return lent(state, place, account, max(amount, 0))


def within_the_bound(state, place, account, amount):
    """A claim is redeemed as far as the bound on utilisation allows."""
    return lent(state, place, account, max(amount, -redeemable(state, place)))


# Who bears what nobody pays


def the_first_bears_all(loss, before, claim, _):
    """The first lender bears as much as its claim, and the others nothing."""
    return Atoms(min(loss, claim) if before == 0 else 0)


def floor_of_each(loss, _, claim, claims):
    """Each bears the floor of its own share, and what rounding leaves is nobody's."""
    return Atoms(absorbed_by_lenders(loss, claims) * claim // claims)


def venue_is_spared(book, amount, payer, payee):
    """The venue's own claim bears nothing."""
    return Posting(book, Atoms(0) if payer == SystemAccount.FEES else amount, payer, payee)


def forgiven(state, _):
    """The debt is gone, and nobody has borne it."""
    at_work = state.liquidating
    place = asset_place(state.parameters, at_work.loss.asset)
    owed = account_of(state, at_work.account).holdings.loans[place].borrowed
    postings = (Posting(book(state.parameters, Line.BORROWED, place), owed, at_work.account, SystemAccount.POOL),)
    event = LoanWrittenOff(at_work.loss.asset, at_work.account, None, owed)
    marked = bad_debt.grown(evolve(state, liquidating=evolve(at_work, loss=None)), place, at_work.account)
    return Accepted(post(marked, postings), (event, Posted(postings)))


def always(*_):
    """Whoever has nothing to trade in this loop is freed of its debts."""
    return True


def cash_at_hand(state, key, account):
    """What the pool or clearing still has to pay to the account is forgotten."""
    return free_balances(state, key, account.holdings)[0]


def without_gains(state, key, account):
    """What clearing still has to pay to the account is forgotten."""
    return debts.at_hand(state, key, account, 0)


def part_of_it(state, at_work, place):
    """Lenders bear half of a debt, and the rest stays."""
    found = bad_debt.loss_found(state, at_work, place)
    loss = found.state.liquidating.loss
    half = evolve(loss, amount=Atoms(loss.amount // 2))
    return Accepted(evolve(found.state, liquidating=evolve(found.state.liquidating, loss=half)))
