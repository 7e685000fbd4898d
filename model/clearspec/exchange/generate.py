"""Random commands that look at the state, so that most mean something and some do not."""

from typing import Any

from attrs import evolve

from clearspec.choices import Choices
from clearspec.exchange.commands import (
    Advance,
    Borrow,
    CancelAll,
    CancelOrder,
    Deposit,
    Lend,
    OpenAccount,
    PlaceOrder,
    QuotePrice,
    Redeem,
    Repay,
    SetAutoLending,
    SetRiskTaking,
    Withdraw,
)
from clearspec.exchange.margin import liquidatable
from clearspec.exchange.marks import enough_fresh
from clearspec.exchange.parameters import HOUR, AssetId, MarketId, MarketKind, TierId
from clearspec.exchange.state import AccountId, OrderId, SelfTrade, Side, SourceId, State, TimeInForce
from clearspec.quantities import Atoms, Lots, Millis, Price

NAMES = ("a", "b", "c")


def generate(state: State, choices: Choices) -> Any:
    """A command for this state."""
    if choices.integer(1, 60) == 1:
        return unlikely(state, choices)
    opened = [key for key, _ in state.accounts.rows()]
    if len(opened) < 3 or choices.integer(1, 25) == 1:
        return open_account(state, choices)
    markets = state.parameters.markets
    unquoted = [i for i, told in enumerate(state.markets) if not (told.live and enough_fresh(state, markets[i].id))]
    if unquoted and choices.integer(1, 3) > 1:
        return quote(state, choices, choices.pick(unquoted))
    if not state.risk_taking and choices.integer(1, 4) > 1:
        return SetRiskTaking(True)
    troubled = [key for key, row in state.accounts.rows() if liquidatable(state, row)]
    if troubled and choices.integer(1, 3) > 1:
        order = place(state, choices, choices.pick(troubled) if choices.integer(1, 2) == 1 else None)
        # Others offer single lots: closing in part may cost an account in liquidation more than it frees.
        return (
            order if order.reduce_only else evolve(order, size=Lots(1), time_in_force=TimeInForce.GOOD_TILL_CANCELLED)
        )
    kind = choices.integer(1, 115)
    if kind > 100:
        return loan(state, choices)
    if kind <= 7:
        return Deposit(account(state, choices), asset(state, choices), deposit_amount(state, choices))
    if kind <= 16:
        return withdraw(state, choices)
    if kind <= 26:
        return quote(state, choices, choices.integer(0, len(state.markets) - 1))
    if kind <= 29:
        return Advance(Millis(state.now + choices.pick((1, 1_000, HOUR // 2, HOUR, state.parameters.advance_max))))
    if kind <= 86:
        return place(state, choices)
    if kind <= 97:
        return cancel(state, choices)
    if kind <= 99:
        return CancelAll(account(state, choices))
    return SetRiskTaking(False)


def account(state: State, choices: Choices) -> AccountId:
    return choices.pick([key for key, _ in state.accounts.rows()] or [AccountId(NAMES[0])])


def asset(state: State, choices: Choices) -> AssetId:
    return choices.pick(state.parameters.assets).id


def open_account(state: State, choices: Choices) -> OpenAccount:
    names = NAMES if choices.integer(1, 3) == 1 else (*NAMES, "d", "e", "f")
    leverage = choices.pick((1, 2, state.parameters.leverage_max, state.parameters.leverage_max))
    return OpenAccount(AccountId(choices.pick(names)), choices.pick(state.parameters.tiers).id, leverage)


def deposit_amount(state: State, choices: Choices) -> Atoms:
    most = min(state.parameters.assets[0].supply_max // 10, state.parameters.markets[0].notional_max)
    return Atoms(choices.pick((most // choices.pick((1, 5)), most // 10, most // 20, choices.integer(1, most // 10))))


def withdraw(state: State, choices: Choices) -> Withdraw:
    who, what = account(state, choices), choices.integer(0, len(state.parameters.assets) - 1)
    row = state.accounts.get(who)
    balance = 1 if row is None else row.holdings.balances[what]
    amount = choices.pick((balance, balance // 2, balance + 1, choices.integer(0, max(balance, 1))))
    return Withdraw(who, state.parameters.assets[what].id, Atoms(amount))


def loan(state: State, choices: Choices) -> Any:
    """Something lent, redeemed, borrowed or repaid, about as much as there is; or what proceeds of trades do."""
    who, what = account(state, choices), choices.integer(0, len(state.parameters.assets) - 1)
    row, pool = state.accounts.get(who), state.venue.pool
    if row is None or choices.integer(1, 8) == 1:
        return SetAutoLending(who, choices.integer(1, 4) > 1, choices.pick((False, True)))
    own, cash = row.holdings.loans[what], pool.balances[what]
    kinds: list[tuple[Any, int]] = [
        (Lend, row.holdings.balances[what]),
        (Redeem, own.lent),
        (Borrow, cash),
        (Borrow, cash // 3),
        (Repay, own.borrowed),
    ]
    kind, most = choices.pick([each for each in kinds if each[1] > 0 or choices.integer(1, 8) == 1] or kinds)
    amount = choices.pick((most, most // 2, most + 1, choices.integer(0, max(most, 1))))
    return kind(who, state.parameters.assets[what].id, Atoms(amount))


def quote(state: State, choices: Choices, place_of_market: int) -> QuotePrice:
    """A price near the mark; or one that brings an account with a position near its ruin."""
    market = state.parameters.markets[place_of_market]
    mark = state.markets[place_of_market].mark or market.price_max // 5
    wide = mark // choices.pick((6, 6, 6, 3, 3, 1))
    price = mark + choices.integer(-wide, wide)
    ruined = ruinous_prices(state, place_of_market)
    if ruined and choices.integer(1, 3) == 1:
        ruin = choices.pick(ruined)
        price = ruin + (mark - ruin) // choices.pick((3, 6, 12))
    known = [key for key, row in state.quotes.rows() if row.market == market.id]
    several = state.parameters.sources_min + (1 if choices.integer(1, 20) == 1 else 0)
    source = SourceId(f"{market.id}-{len(known)}") if len(known) < several else choices.pick(known)
    return QuotePrice(source, market.id, Price(min(max(price, 1), market.price_max)))


def ruinous_prices(state: State, place_of_market: int) -> list[int]:
    """For each account with a position, about the price at which it has nothing left."""
    found = []
    for _, row in state.accounts.rows():
        position = row.holdings.positions[place_of_market]
        if position.size != 0:
            owned = row.holdings.balances[0] + position.unsettled
            found.append((position.cost - owned) // position.size)
    return found


def place(state: State, choices: Choices, troubled: AccountId | None = None) -> PlaceOrder:
    """An order; of an account in liquidation, mostly one that reduces its position."""
    place_of_market = choices.pick((0, *range(len(state.markets)), len(state.markets) - 1, len(state.markets) - 1))
    market, mark = state.parameters.markets[place_of_market], state.markets[place_of_market].mark
    near = max(mark // choices.pick((8, 40)), 1 if troubled else 2)
    price = max(mark + choices.integer(-near, near), 1)
    price = max(price // market.tick * market.tick, market.tick) if choices.integer(1, 30) > 1 else price
    who, side = troubled or account(state, choices), choices.pick(tuple(Side))
    row = state.accounts.get(who)
    held = 0 if row is None else row.holdings.positions[place_of_market].size
    reduce_only = market.kind == MarketKind.PERPETUAL and choices.integer(1, 2 if held else 9) == 1
    reduce_only = reduce_only or (troubled is not None and held != 0)
    if reduce_only and held != 0 and choices.integer(1, 6) > 1:
        side = Side.SELL if held > 0 else Side.BUY
        size = choices.integer(1, abs(held) + (1 if choices.integer(1, 6) == 1 else 0))
    else:
        room = market.notional_max // max(price, 1) if choices.integer(1, 12) > 1 else market.size_max
        size = choices.integer(1, max(min(market.size_max, room), 1))
        size = choices.pick((size, size, max(size // 3, 1), 1))
    terms = tuple(TimeInForce)
    return PlaceOrder(
        account=who,
        order=OrderId(f"o{state.sequence}"),
        market=market.id,
        side=side,
        price=None if choices.integer(1, 8) == 1 else Price(price),
        size=Lots(size),
        time_in_force=choices.pick((*terms, terms[0], terms[0], terms[1])),
        reduce_only=reduce_only,
        self_trade=choices.pick(tuple(SelfTrade)),
    )


def cancel(state: State, choices: Choices) -> CancelOrder:
    open_orders = [(key, row) for key, row in state.orders.rows() if row.open > 0]
    if not open_orders or choices.integer(1, 10) == 1:
        return CancelOrder(account(state, choices), OrderId(f"o{choices.integer(0, state.sequence)}"), None)
    key, row = choices.pick(open_orders)
    lots = None if choices.integer(1, 2) == 1 else Lots(choices.integer(0, row.open + 1))
    return CancelOrder(row.owner if choices.integer(1, 8) > 1 else account(state, choices), key, lots)


def unlikely(state: State, choices: Choices) -> Any:
    """A command that names what does not exist, or oversteps a limit."""
    nobody, nothing, nowhere = AccountId("nobody"), AssetId("NOTHING"), MarketId("NOWHERE")
    market = choices.pick(state.parameters.markets)
    usual = place(state, choices)
    return choices.pick(
        (
            OpenAccount(AccountId("e"), TierId("none"), 1),
            OpenAccount(
                AccountId("e"), state.parameters.tiers[0].id, choices.pick((0, state.parameters.leverage_max + 1))
            ),
            Deposit(nobody, asset(state, choices), Atoms(1)),
            Deposit(account(state, choices), nothing, Atoms(1)),
            Deposit(account(state, choices), asset(state, choices), Atoms(choices.pick((0, -1)))),
            Deposit(account(state, choices), asset(state, choices), Atoms(state.parameters.assets[0].supply_max + 1)),
            Withdraw(nobody, asset(state, choices), Atoms(1)),
            Withdraw(account(state, choices), nothing, Atoms(1)),
            Withdraw(account(state, choices), asset(state, choices), Atoms(0)),
            SetAutoLending(nobody, True, True),
            choices.pick((Lend, Redeem, Borrow, Repay))(nobody, asset(state, choices), Atoms(1)),
            choices.pick((Lend, Redeem, Borrow, Repay))(account(state, choices), nothing, Atoms(1)),
            choices.pick((Lend, Redeem, Borrow, Repay))(account(state, choices), asset(state, choices), Atoms(0)),
            QuotePrice(SourceId("x"), nowhere, Price(1)),
            QuotePrice(SourceId(f"{market.id}-0"), choices.pick(state.parameters.markets).id, Price(1)),
            QuotePrice(SourceId("x"), market.id, Price(choices.pick((0, market.price_max + 1)))),
            Advance(Millis(state.now)),
            Advance(Millis(state.now + state.parameters.advance_max + 1)),
            CancelAll(nobody),
            PlaceOrder(nobody, usual.order, usual.market, usual.side, usual.price, usual.size, usual.time_in_force,
                       usual.reduce_only, usual.self_trade),
            PlaceOrder(usual.account, usual.order, nowhere, usual.side, usual.price, usual.size, usual.time_in_force,
                       usual.reduce_only, usual.self_trade),
            PlaceOrder(usual.account, OrderId("o0"), usual.market, usual.side, usual.price, usual.size,
                       usual.time_in_force, usual.reduce_only, usual.self_trade),
            PlaceOrder(usual.account, usual.order, usual.market, usual.side, usual.price,
                       Lots(choices.pick((0, market.size_max + 1))), usual.time_in_force, usual.reduce_only,
                       usual.self_trade),
            PlaceOrder(usual.account, usual.order, usual.market, usual.side,
                       Price(choices.pick((0, market.price_max + market.tick))), usual.size, usual.time_in_force,
                       usual.reduce_only, usual.self_trade),
        )
    )  # fmt: skip
