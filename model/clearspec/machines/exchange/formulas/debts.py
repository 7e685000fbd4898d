"""How much is bought to repay a debt, on which side, and at which price at worst."""

from clearspec.core.machine import measure
from clearspec.core.quantities import RATE_SCALE, Lots, Price, Rate, mul_div_ceil, mul_div_floor
from clearspec.machines.exchange.state.parameters import Market
from clearspec.machines.exchange.state.types import (
    Account,
    Side,
)


@measure
def lots_bought(debt: int, lot: int, cash: int, limit: Price, taker: Rate) -> Lots:
    """The fewest lots that cover the debt, but no more than the cash pays for at the limit, with the fee.

    Rule: EX-DEBT-2.  Rounding: the need up, what can be paid down.  Requires: lot > 0, limit > 0.
    """
    affordable = mul_div_floor(cash, RATE_SCALE, limit * (RATE_SCALE + taker))
    return Lots(min(mul_div_ceil(debt, 1, lot), affordable))


def side_for(account: Account, market: Market) -> Side:
    """Buy what is owed, sell what is not."""
    return Side.BUY if account.holdings.loans[market.base].borrowed > 0 else Side.SELL


def highest_price(mark: Price, slippage: Rate) -> Price:
    """The highest price at which the venue buys what an account owes.

    Rule: EX-DEBT-1, EX-DEBT-9.  Rounding: once, down, in favour of the account.
    """
    return Price(mul_div_floor(mark, RATE_SCALE + slippage, RATE_SCALE))
