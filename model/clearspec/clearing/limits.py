"""The published limits of a central counterparty and a depository: what an engine with words of 64 bits is built for.

Parameters are published within these; the model's default ones are.  What commands say is refused by the decoder beyond
them.  What is stored is claimed, and for the prover to show: `clearspec widths clearing` says of which ranges it can,
and which the rules do not keep.
"""

from clearspec.clearing.accounts import one
from clearspec.clearing.trades import captured_quantity
from clearspec.limits import Limits, Total, bits, signed
from clearspec.quantities import RATE_SCALE

COMMAND = 60
"""Bits of an amount, a quantity or a price that a command may say."""
DAYS = 22
"""Bits of a day, as the calendar numbers it: ten thousand years."""
UNITS, QUANTITY, PRICE = 40, 30, 27
"""Bits of an amount of a security, of the quantity of a trade, and of a price."""
CASH = 60
"""Bits of an amount of a currency."""
COUNT = 62
"""Bits of what only counts."""

PARAMETERS = {
    "parameters.securities.supply_max": bits(UNITS),
    "parameters.securities.quantity_max": bits(QUANTITY),
    "parameters.securities.price_max": bits(PRICE),
    "parameters.securities.reference": bits(PRICE),
    "parameters.securities.*": (0, RATE_SCALE),
    "parameters.currencies.*": bits(CASH),
    "parameters.*.closed": bits(DAYS),
    "parameters.cycle.changes.on": bits(DAYS),
    "parameters.cycle.*days": bits(6),
    "parameters.session.*": signed(27),
    "parameters.risk.scenarios.moves": (-RATE_SCALE, 10 * RATE_SCALE),
    "parameters.risk.concentrations.liquid": bits(UNITS),
    "parameters.risk.concentrations.rate": (0, RATE_SCALE),
    "parameters.assessment_multiple": (0, 16 * RATE_SCALE),
    "parameters.accounts_max": (1, 1 << 24),
    "parameters.*": (0, 1 << 24),
}
"""Of the parameters."""

POSITIONS = {
    "*.positions.fails_*": bits(DAYS),
    "accounts.holdings.positions.held": bits(UNITS),
    "accounts.holdings.positions.posted": signed(UNITS),
    "*.positions.held": signed(UNITS),
    "*.positions.*": signed(UNITS + 2),
}
"""Of what is held and owed of a security."""

MONEY = {
    "*.money.turn": bits(DAYS),
    "*.money.deadline": bits(DAYS),
    "*.money.replenish_by": bits(DAYS),
    "*.money.round": bits(COUNT),
    "accounts.holdings.money.held": bits(CASH),
    "accounts.holdings.money.fund": bits(CASH),
    "*.money.*": signed(CASH),
}
"""Of what is held and owed of a currency."""

ROWS = {
    "accounts.priority": signed(COMMAND),
    "accounts.margined": bits(DAYS),
    "orders.limit": bits(PRICE),
    "orders.sent_on": bits(DAYS),
    "orders.sent_at": signed(COMMAND),
    "orders.*": bits(QUANTITY),
    "trades.quantity": bits(UNITS),
    "trades.amount": bits(CASH),
    "trades.*_on": bits(DAYS),
}
"""Of accounts, orders and trades."""

WORK = {
    "today": bits(DAYS),
    "target": bits(DAYS),
    "deliveries": bits(25),
    "prices.*": bits(PRICE),
    "payouts.*": bits(CASH),
    "losses.round": bits(COUNT),
    "losses.*": bits(CASH),
    "residues": signed(CASH),
}
"""Of the day and its work."""

SUMS = {
    "total.accounts.one": (0, 1 << 24),
    "total.trades.captured_quantity.*": bits(UNITS),
    "total.accounts.*": bits(CASH),
}
"""Of what is summed over rows.  Those below are kept as a field is; the others are supposed."""

TOTALS = (
    Total("accounts", one),
    *(Total("trades", captured_quantity, (side, "security")) for side in ("buyer", "seller")),
)

COMMANDS = {"Advance.day": bits(DAYS), "[A-Z]*.*": signed(COMMAND)}
"""Of what commands say."""

LIMITS = Limits({**SUMS, **PARAMETERS, **POSITIONS, **MONEY, **ROWS, **WORK, **COMMANDS}, TOTALS)
