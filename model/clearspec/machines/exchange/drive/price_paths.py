"""Where prices go in random runs: near the mark, to somebody's ruin, or far away in a crash; and who leaves the book.

A crash needs no memory.  One source jumps; as long as the sources disagree, the others follow the one that is furthest
from the last mark; and makers whose orders are far from the mark, or have none, withdraw them.
"""

from clearspec.core.choices import Choices
from clearspec.core.quantities import RATE_SCALE, Price
from clearspec.machines.exchange.formulas.marks import fresh
from clearspec.machines.exchange.rules.marks import enough_fresh, oldest
from clearspec.machines.exchange.state.commands import QuotePrice
from clearspec.machines.exchange.state.parameters import MarketKind, market_place
from clearspec.machines.exchange.state.types import AccountId, Quote, SourceId, State


def quote(state: State, choices: Choices, place: int) -> QuotePrice:
    """A price from a source that is not known yet, or is stale or left behind; or from any."""
    market = state.parameters.markets[place]
    told = list(state.quotes.rows())
    known = [(key, row) for key, row in told if row.market == market.id]
    leader = None if agreed(state, place) else leading(state, place, [row for _, row in known])
    slack = 0 if leader is None else leader * state.parameters.outlier // (3 * RATE_SCALE)
    source = SourceId(f"source-{len(told)}")
    more = 1 + state.parameters.sources_min // 4 if choices.integer(1, 20) == 1 else 0
    if len(known) >= state.parameters.sources_min + more:
        late = [key for key, row in known if not fresh(row, oldest(state)) or left_behind(row, leader, slack)]
        source = choices.pick(late if late and choices.integer(1, 8) > 1 else [key for key, _ in known])
    if leader is None or choices.integer(1, 40) == 1:
        price = next_price(state, choices, place)
    else:
        price = leader + choices.integer(-slack, slack)
    return QuotePrice(source, market.id, Price(min(max(price, 1), market.price_max)))


def agreed(state: State, place: int) -> bool:
    """Do enough sources have a fresh price, and did they agree when they were last observed?"""
    return state.markets[place].live and enough_fresh(state, state.parameters.markets[place].id)


def leading(state: State, place: int, rows: list[Quote]) -> Price | None:
    """The fresh price that is furthest from the last mark: the news that the other sources do not have yet."""
    mark = state.markets[place].mark
    return max(
        (row.price for row in rows if fresh(row, oldest(state))), key=lambda each: abs(each - mark), default=None
    )


def left_behind(quote: Quote, leader: Price | None, slack: int) -> bool:
    """Is the price still away from the one that leads?"""
    return leader is not None and abs(quote.price - leader) > slack


def next_price(state: State, choices: Choices, place: int) -> int:
    """A price near the mark; or one that brings an account near its ruin, or beyond; or a crash, up or down."""
    mark = state.markets[place].mark or state.parameters.markets[place].price_max // 5
    if choices.integer(1, 12) == 1:
        return choices.pick((mark // 2, mark // 4, mark // 10, 2 * mark, 4 * mark))
    ruined = ruinous_prices(state, place)
    if ruined and choices.integer(1, 3) == 1:
        ruin = choices.pick(ruined)
        return ruin + (mark - ruin) // choices.pick((3, 6, 12, -6))
    unnoticed = mark * state.parameters.outlier // (3 * RATE_SCALE)
    wide = choices.pick((unnoticed, unnoticed, mark // 6, mark // 6, mark // 3, mark))
    return mark + choices.integer(-wide, wide)


def ruin(state: State, choices: Choices, place: int) -> QuotePrice:
    """A price that leaves some account with little, nothing, or less; the other sources follow."""
    market, mark = state.parameters.markets[place], state.markets[place].mark
    worst = choices.pick(ruinous_prices(state, place))
    price = worst + (mark - worst) // choices.pick((3, 4, 5, 12, 24, -24, -6, -1, -1))
    known = [key for key, row in state.quotes.rows() if row.market == market.id]
    source = choices.pick(known or [SourceId(f"source-{len(list(state.quotes.rows()))}")])
    return QuotePrice(source, market.id, Price(min(max(price, 1), market.price_max)))


def ruinous_prices(state: State, place: int) -> list[int]:
    """For each account with a position or a debt, about the price at which it has nothing left."""
    found, market = [], state.parameters.markets[place]
    for _, row in state.accounts.rows():
        position = row.holdings.positions[place]
        if position.size != 0:
            owned = row.holdings.balances[0] + position.unsettled
            found.append((position.cost - owned) // position.size)
        net = [
            balance + loan.lent - loan.borrowed
            for balance, loan in zip(row.holdings.balances, row.holdings.loans, strict=True)
        ]
        if market.kind == MarketKind.SPOT and net[0] * net[market.base] < 0:
            found.append(-net[0] * market.lot // net[market.base])
    return found


def frightened(state: State) -> list[AccountId]:
    """The owners of orders that rest a third away from the mark, or while the sources disagree; once for each."""
    found = []
    for _, order in state.orders.rows():
        if order.open > 0:
            place = market_place(state.parameters, order.market)
            assert place is not None, "an order is in a market"
            market = state.markets[place]
            if not market.live or 3 * abs(order.price - market.mark) > market.mark:
                found.append(order.owner)
    return found
