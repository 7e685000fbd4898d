"""The published limits of a venue, as powers of two: what an engine with words of 64 bits may be built for.

A venue publishes parameters within these; the model's default ones are, the small ones of some variants are not.
What commands say is refused by the decoder beyond them.  What is stored is claimed, and for the prover to show:
`clearspec widths exchange` says of which ranges it can, and which the rules do not keep.
"""

from clearspec.core.limits import Limits, Total, bits, signed
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.formulas.exposure import cash_held, fee_held, increasing_lots, open_lots, reducing_lots
from clearspec.machines.exchange.formulas.loans import claim_of, debt_of
from clearspec.machines.exchange.rules.accounts import one

COMMAND = 60
"""Bits of an amount, a size or a price that a command may say."""
TIME = 45
"""Bits of a time: a thousand years in milliseconds."""
COUNT = 62
"""Bits of what only counts: orders, rounds, loops, offers."""
SUPPLY = 60
"""Bits of an amount of an asset."""
PRICE, SIZE, OPEN = 30, 20, 24
"""Bits of a price, of an order, and of all open orders of an account in a market, or of a position."""
NOTIONAL = 42
"""Bits of the largest notional of an order; of an exposure one more."""
CASH = 57
"""Bits of a cost and of a gain: a position times a price."""

PARAMETERS = {
    "parameters.assets.supply_max": bits(SUPPLY),
    "parameters.assets.weight": (0, RATE_SCALE),
    "parameters.assets.penalty": (0, RATE_SCALE),
    "parameters.assets.liability_weight": (RATE_SCALE, 4 * RATE_SCALE),
    "parameters.assets.lending.kink": (1, RATE_SCALE),
    "parameters.assets.lending.*": (0, 100 * RATE_SCALE),
    "parameters.assets.*.base": (0, RATE_SCALE),
    "parameters.assets.*.factor": (0, RATE_SCALE),
    "parameters.assets.*": (0, RATE_SCALE),
    "parameters.markets.lot": (1 << 23, 1 << 30),
    "parameters.markets.tick": bits(PRICE),
    "parameters.markets.price_max": bits(PRICE),
    "parameters.markets.size_max": bits(SIZE),
    "parameters.markets.open_max": bits(OPEN),
    "parameters.markets.notional_m*": bits(NOTIONAL),
    "parameters.markets.position_weight": (RATE_SCALE, 16 * RATE_SCALE),
    "parameters.markets.slice_min": (1, 1 << SIZE),
    "parameters.markets.funding_divisor": (1, 1 << 10),
    "parameters.markets.*": (0, RATE_SCALE),
    "parameters.tiers.maker": (-2_500, 2_500),
    "parameters.tiers.taker": (0, 2_500),
    "parameters.usd": (1, 1 << 30),
    "parameters.leverage_max": (1, 1_000),
    "parameters.exposure_max": (1, 1 << NOTIONAL + 1),
    "parameters.accounts_max": (1, 1 << 24),
    "parameters.sources_min": (1, 1 << 10),
    "parameters.outlier": (0, RATE_SCALE),
    "parameters.auto_close": (0, RATE_SCALE),
    "parameters.backstop_min": bits(NOTIONAL),
    "parameters.*": (0, 1 << 40),
}
"""Of the parameters.  Times are in milliseconds: the last line."""

CLIENTS = {
    "accounts.leverage": (1, 1_000),
    "accounts.turn": bits(COUNT),
    "accounts.inspected": bits(COUNT),
    "accounts.asked": bits(COUNT),
    "orders.price": bits(PRICE),
    "orders.accrued": signed(62),
    "orders.maker": (-2_500, 2_500),
    "orders.taker": (0, 2_500),
    "orders.sequence": bits(COUNT),
    "orders.*": bits(SIZE),
    "withdrawals.amount": bits(SUPPLY),
    "quotes.price": bits(PRICE),
    "quotes.at": bits(TIME),
    "requests.lots": bits(COMMAND),
    "requests.best.until": bits(TIME),
    "requests.*": bits(PRICE),
}
"""Of what is kept of clients, their orders and their requests."""

HOLDINGS = {
    "venue.custody.balances": (1 - (1 << SUPPLY), 0),
    "venue.pool.loans.*": signed(SUPPLY),
    "venue.bad_debt.loans.borrowed": signed(SUPPLY),
    "*.holdings.balances": bits(SUPPLY),
    "venue.*.balances": bits(SUPPLY),
    "*.loans.lent": bits(SUPPLY),
    "*.loans.borrowed": bits(SUPPLY),
    "*.loans.*_at": bits(COUNT),
    "*.positions.size": signed(OPEN),
    "*.positions.cost": signed(CASH),
    "*.positions.unsettled": signed(SUPPLY),
    "*.positions.funding": signed(COUNT),
    "*.positions.at_entry": bits(OPEN),
    "*.positions.capacity": bits(OPEN),
}
"""Of what clients and the venue hold."""

WORK = {
    "taker.order.price": bits(PRICE),
    "taker.order.accrued": signed(62),
    "taker.order.maker": (-2_500, 2_500),
    "taker.order.taker": (0, 2_500),
    "taker.order.sequence": bits(COUNT),
    "taker.order.*": bits(SIZE),
    "collecting.sale.limit": bits(PRICE),
    "collecting.sale.taker": (0, 2_500),
    "collecting.sale.accrued": signed(62),
    "collecting.sale.open": bits(COMMAND),
    "payout.*": bits(SUPPLY),
    "liquidating.*.taker": (0, 2_500),
    "liquidating.*.limit": bits(PRICE),
    "liquidating.*.accrued": signed(62),
    "liquidating.slice.zero.position": bits(OPEN),
    "liquidating.slice.zero.*": signed(CASH),
    "liquidating.*.offer": bits(COUNT),
    "liquidating.slice.before": bits(COUNT),
    "liquidating.slice.whole": bits(COUNT),
    "liquidating.slice.*": bits(OPEN),
    "liquidating.trade.open": bits(COMMAND),
    "liquidating.loss.*": bits(SUPPLY),
}
"""Of what is at work."""

VENUE = {
    "now": bits(TIME),
    "target": bits(TIME),
    "sequence": bits(COUNT),
    "round": bits(COUNT),
    "loop": bits(COUNT),
    "offers": bits(COUNT),
    "coins": bits(COUNT),
    "wallets.*": bits(SUPPLY),
    "markets.mark": bits(PRICE),
    "markets.premium": signed(COUNT),
    "markets.funding": signed(COUNT),
    "markets.funding_residue": signed(63),
    "markets.forced_accrued": signed(62),
    "markets.forced_charged": signed(SUPPLY),
    "pools.*": bits(COUNT),
}
"""Of the venue itself: times, counts, wallets, marks, funding and interest."""

SUMS = {
    "total.orders.*_lots.*": bits(OPEN),
    "total.orders.cash_held.*": bits(SUPPLY),
    "total.orders.fee_held.*": bits(SUPPLY),
    "total.orders.loss_at.*": bits(CASH),
    "total.quotes.count_*": bits(COUNT),
    "total.accounts.one": (0, 1 << 24),
    "total.accounts.claim_of": bits(SUPPLY),
    "total.accounts.debt_of": bits(SUPPLY),
    "total.accounts.waited_for": bits(SUPPLY),
    "total.accounts.to_be_charged": bits(SUPPLY),
    "total.accounts.room_to_ask": bits(COUNT),
    "total.accounts.exposed": bits(COUNT),
}
"""Of what is summed over rows.  Those below are kept as a field is; the others are supposed."""

TOTALS = (
    *(Total("orders", open_lots, by) for by in (("owner", "market"), ("owner", "market", "side"))),
    *(Total("orders", each, ("owner", "market", "side")) for each in (increasing_lots, reducing_lots, cash_held)),
    Total("orders", fee_held, ("owner", "market")),
    *(Total("accounts", each, seen=(place,)) for each in (claim_of, debt_of) for place in (0, 1)),
    Total("accounts", one),
)

COMMANDS = {
    "Advance.coins": bits(COUNT),
    "[A-Z]*.*": signed(COMMAND),
}
"""Of what commands say."""

_COUNTS = "one more each time, for ever: a parameter for the most there may be, and a rejection beyond it"
_HORIZON = "each advance is limited, their sum is not: a parameter for the last time, as a rejection of Advance"
_LOANS = (
    "what is borrowed can be lent again, and interest is added: a parameter for the most claims and debts of an asset, "
    "as a rejection of Lend and Borrow, and accrual that stops there"
)
_ACCRUED = (
    "a sale fills above its limit: a claim that no order has accrued more than the dearest rate of its filled lots at "
    "the highest price; no rule is missing"
)
_FORCED = "fees of all that was ever traded here for clients: what is charged in full could be dropped from both"
_GAINS = "gains and losses of many rounds add up: a parameter for the most that is unsettled, as a rejection of fills"
_TAKEN = (
    "a provider takes over lots, and who is asked closes some, whatever it has: a rejection, or a smaller part, beyond "
    "open_max, as of orders; of costs a claim on what a position may have cost"
)
_INDEX = "an index from the start, for ever: accrual that stops at a highest one"
_WORTH = (
    "an amount of an asset at its mark: a rejection of parameters of which supply_max * price_max / lot is too much, "
    "and of positions beyond open_max"
)
_SHOWN = "no more than is in custody, by what the ledger sums to; not shown in time where an order is matched or sold"
_SUMMED = "no more than open_max allows, by the gate that an order passes; a claim that says so of orders is missing"
_ROWS = "a sum over any number of rows, which is supposed and not kept: a parameter for the most rows"

UNKEPT = {
    "sequence": _COUNTS,
    "round": _COUNTS,
    "loop": _COUNTS,
    "offers": _COUNTS,
    "accounts.asked": _COUNTS,
    "liquidating.*.offer": _COUNTS,
    "target": _HORIZON,
    "requests.best.until": _HORIZON,
    "requests.best.price": "an answer names any price from the limit up: a rejection beyond price_max, as of an order",
    "accounts.holdings.loans.borrowed": _LOANS,
    "accounts.holdings.loans.lent": _LOANS,
    "venue.fees.loans.lent": _LOANS,
    "venue.pool.loans.borrowed": _LOANS,
    "venue.pool.loans.lent": _LOANS,
    "total.accounts.claim_of": _LOANS,
    "total.accounts.debt_of": _LOANS,
    "*.accrued": _ACCRUED,
    "markets.forced_*": _FORCED,
    "accounts.holdings.positions.unsettled": _GAINS,
    "venue.bad_debt.positions.unsettled": _GAINS,
    "venue.clearing.positions.unsettled": _GAINS,
    "venue.f*.positions.unsettled": _GAINS,
    "accounts.holdings.positions.size": _TAKEN,
    "accounts.holdings.positions.cost": _TAKEN,
    "venue.clearing.positions.cost": _TAKEN,
    "markets.funding": _INDEX,
    "markets.funding_residue": "what rounding left of all payments: less than an atom each; paid out now and then",
    "markets.premium": "a claim that it is at most twice the highest price for each millisecond of the hour",
    "pools.*": _INDEX,
    "liquidating.slice.zero.equity": _WORTH,
    "liquidating.slice.zero.required": _WORTH,
    "liquidating.slice.zero.whole": _WORTH,
    "liquidating.loss.claims": _LOANS,
    "liquidating.trade.limit": "a purchase may go above the mark by the slippage: only up to price_max, as an order",
    "accounts.holdings.balances": _SHOWN,
    "venue.fees.balances": _SHOWN,
    "venue.pool.balances": _SHOWN,
    "total.orders.*": _SUMMED,
    "total.quotes.*": _ROWS,
    "total.accounts.exposed": _ROWS,
    "total.accounts.room_to_ask": _ROWS,
    "total.accounts.to_be_charged": _ROWS,
    "total.accounts.waited_for": _ROWS,
}
"""What is not known to be kept, why, and what would keep it."""

LIMITS = Limits({**SUMS, **PARAMETERS, **CLIENTS, **HOLDINGS, **WORK, **VENUE, **COMMANDS}, TOTALS, UNKEPT)
