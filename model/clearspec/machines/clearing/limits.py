"""The published limits of a central counterparty and a depository: what an engine with words of 64 bits is built for.

Parameters are published within these; the model's default ones are.  What commands say is refused by the decoder beyond
them.  What is stored is claimed, and for the prover to show: `clearspec widths clearing` says of which ranges it can,
and which the rules do not keep.
"""

from clearspec.core.limits import Limits, Total, bits, signed
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.clearing.rules.accounts import one
from clearspec.machines.clearing.rules.trades import captured_quantity

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
    "total.accounts.cleared*": signed(CASH),
    "total.accounts.due": signed(CASH),
    "total.accounts.failed": signed(CASH),
    "total.accounts.payable": signed(CASH),
    "total.accounts.provisional*": signed(CASH),
    "total.accounts.*": bits(CASH),
}
"""Of what is summed over rows.  Those below are kept as a field is; the others are supposed."""

TOTALS = (
    Total("accounts", one),
    *(Total("trades", captured_quantity, (side, "security")) for side in ("buyer", "seller")),
)

COMMANDS = {"Advance.day": bits(DAYS), "[A-Z]*.*": signed(COMMAND)}
"""Of what commands say."""

_OPEN = (
    "trades of many days add up, with no limit but that of each: a parameter for the most units that an account has "
    "traded and not settled, as a rejection of CaptureTrade, Execute, CloseOut and BuyIn"
)
_OWED = (
    "what many trades cost adds up, and marks, penalties and losses come to it: a parameter for the most cash that an "
    "account owes or is owed, as a rejection of CaptureTrade, Execute, CloseOut and BuyIn, and of a price too far off"
)
_CHUNK = "a chunk is as large as what is open: a rejection beyond quantity_max, as of an order"
_AHEAD = "a day ahead of the last one: a parameter for the last day, as a rejection of Advance so many days before it"
_DAYS = "a claim that no fail is older than the calendar; no rule is missing"
_ROUNDS = "one more each time, for ever: a parameter for the most there may be, as a rejection of CoverLoss and Recover"
_LOSSES = (
    "losses of many defaults add up, for what is paid is contributed again: a parameter for the most that is not "
    "recovered, as a rejection of Contribute, ProvideCapital and RestoreSkin, and of CoverLoss for what an account owes"
)
_CAP = "a multiple of what was contributed, and used, in all: a limit on both, and a rejection of parameters beyond it"
_LACKED = "a claim that it is, with what is in the fund, no more than supply_max; no rule is missing"
_CALLED = (
    "as much as is required of what is open at any price: a limit on open units, as a rejection of trades, and a "
    "rejection of parameters of which these units at price_max are too much"
)
_OTHER_SIDE = "what all accounts owe and are owed, of which it is the other side: as of each, and the most accounts"
_ROUNDED = "what rounding left of all penalties, for ever: less than an atom each; paid out now and then"
_ROWS = "a sum over any number of rows, which is supposed and not kept: a parameter for the most rows"

UNKEPT = {
    "accounts.holdings.positions.fails_*": _DAYS,
    "accounts.holdings.positions.cleared": _OPEN,
    "accounts.holdings.positions.due": _OPEN,
    "accounts.holdings.positions.provisional": _OPEN,
    "total.trades.captured_quantity.*": _OPEN,
    "accounts.holdings.money.cleared": _OWED,
    "accounts.holdings.money.payable": _OWED,
    "accounts.holdings.money.provisional": _OWED,
    "accounts.holdings.money.called": _CALLED,
    "accounts.holdings.money.assessed": _CAP,
    "accounts.holdings.money.to_replenish": _LACKED,
    "accounts.holdings.money.deadline": _AHEAD,
    "accounts.holdings.money.replenish_by": _AHEAD,
    "trades.settles_on": _AHEAD,
    "trades.quantity": _CHUNK,
    "trades.amount": _CHUNK,
    "accounts.holdings.money.borne": _LOSSES,
    "accounts.holdings.money.used": _LOSSES,
    "central.own.money.used": _LOSSES,
    "central.own.money.assessed": _LOSSES,
    "central.own.money.payable": _LOSSES,
    "losses.round": _ROUNDS,
    "central.ccp.money.payable": _OTHER_SIDE,
    "central.ccp.positions.due": _OTHER_SIDE,
    "central.ccp.positions.failed": _OTHER_SIDE,
    "central.penalties.money.payable": _ROUNDED,
    "residues": _ROUNDED,
    "total.accounts.[!o]*": _ROWS,
    "total.accounts.owed_for_losses": _ROWS,
}
"""What is not known to be kept, why, and what would keep it."""

LIMITS = Limits({**SUMS, **PARAMETERS, **POSITIONS, **MONEY, **ROWS, **WORK, **COMMANDS}, TOTALS, UNKEPT)
