"""Random commands that look at the state, so that most mean something and some do not."""

from typing import Any

from attrs import evolve

from clearspec.core.choices import Choices
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots, Millis, Price
from clearspec.machines.exchange.drive.generate_custody import custody, each_once, withdraw
from clearspec.machines.exchange.drive.price_paths import agreed, frightened, quote, ruin, ruinous_prices
from clearspec.machines.exchange.rules.book import best, reducible
from clearspec.machines.exchange.rules.margin import (
    Gains,
    equity_alone,
    exposures,
    free_balances,
    liquidatable,
    margin_required,
)
from clearspec.machines.exchange.rules.settlement import unsettled
from clearspec.machines.exchange.state.commands import (
    Advance,
    AnswerRequest,
    Borrow,
    CancelAll,
    CancelOrder,
    Deposit,
    Lend,
    MoveWallet,
    OpenAccount,
    PlaceOrder,
    QuotePrice,
    Redeem,
    Repay,
    SetAutoLending,
    SetBackstop,
    SetRiskTaking,
    Withdraw,
)
from clearspec.machines.exchange.state.parameters import (
    HOUR,
    LIQUIDATION_LOOP,
    SETTLEMENT_ROUND,
    AssetId,
    MarketId,
    MarketKind,
    TierId,
    perpetuals,
    spots,
)
from clearspec.machines.exchange.state.types import (
    Account,
    AccountId,
    Order,
    OrderId,
    SelfTrade,
    Side,
    SourceId,
    State,
    TimeInForce,
    WithdrawalId,
    account_of,
    opposite,
    place_of,
)

NAMES = ("a", "b", "c")


def generate(state: State, choices: Choices) -> Any:
    """A command for this state."""
    if choices.integer(1, 50) == 1:
        return unlikely(state, choices)
    opened = [key for key, _ in state.accounts.rows()]
    if len(opened) < 3 or choices.integer(1, 25) == 1:
        return open_account(state, choices)
    if (leaving := frightened(state)) and choices.integer(1, 10) == 1:
        return CancelAll(choices.pick(leaving))
    unquoted = [i for i in range(len(state.markets)) if not agreed(state, i)]
    if unquoted and choices.integer(1, 3) > 1:
        return quote(state, choices, choices.pick(unquoted))
    if not state.risk_taking and choices.integer(1, 4) > 1:
        return SetRiskTaking(True)
    troubled = [key for key, row in state.accounts.rows() if liquidatable(state, row)]
    if troubled and choices.integer(1, 3) > 1:
        return trouble(state, choices, choices.pick(troubled))
    held = [place for place in range(len(state.markets)) if ruinous_prices(state, place)]
    if held and choices.integer(1, 8) == 1:
        return ruin(state, choices, choices.pick(held))
    asked = [key for key, _ in state.requests.rows()]
    if asked and choices.integer(1, 2) == 1:
        return answer(state, choices, choices.pick(asked))
    owing = [key for key, row in state.accounts.rows() if unsettled(row) < 0]
    if owing and choices.integer(1, 5) == 1:
        return settling(state, choices, choices.pick(owing))
    borrowed = [
        (key, place)
        for key, row in state.accounts.rows()
        for place, loan in enumerate(row.holdings.loans)
        if min(loan.borrowed, row.holdings.balances[place]) > 0
    ]
    if borrowed and choices.integer(1, 10) == 1:
        return spend(state, choices, *choices.pick(borrowed))
    resting = [row for _, row in state.orders.rows() if row.reduce_only and row.open > 1]
    if resting and choices.integer(1, 3) == 1:
        return outgrow(state, choices, choices.pick(resting))
    poor = [key for key, row in state.accounts.rows() if 0 in row.holdings.balances]
    if poor and choices.integer(1, 12) == 1:
        return Deposit(choices.pick(poor), asset(state, choices), deposit_amount(state, choices))
    kind = choices.integer(1, 126)
    if kind > 124:
        return backstop(state, choices)
    if kind > 115:
        return custody(state, choices)
    if kind > 100:
        return loan(state, choices)
    if kind <= 7:
        return Deposit(account(state, choices), asset(state, choices), deposit_amount(state, choices))
    if kind <= 16:
        return withdraw(state, choices, account(state, choices))
    if kind <= 26:
        return quote(state, choices, choices.integer(0, len(state.markets) - 1))
    if kind <= 29:
        return advance(state, choices)
    if kind <= 90:
        return place(state, choices)
    if kind <= 97:
        return cancel(state, choices)
    if kind <= 99:
        return CancelAll(account(state, choices))
    return SetRiskTaking(False)


def advance(state: State, choices: Choices) -> Advance:
    spans = (1, LIQUIDATION_LOOP, SETTLEMENT_ROUND, SETTLEMENT_ROUND, HOUR // 2, HOUR, state.parameters.advance_max)
    return Advance(Millis(state.now + choices.pick(spans)), choices.integer(0, 15))


def trouble(state: State, choices: Choices, who: AccountId) -> Any:
    """What happens around an account in liquidation: time passes, others offer to trade with it, or it reduces."""
    kind = choices.integer(1, 10)
    if kind <= 4:
        return Advance(Millis(state.now + choices.integer(1, 4) * LIQUIDATION_LOOP), choices.integer(0, 15))
    if kind == 5:
        return backstop(state, choices)
    order = place(state, choices, who if kind <= 7 else None)
    row = account_of(state, who)
    held = [each for each in perpetuals(state.parameters) if row.holdings.positions[each].size != 0]
    if order.reduce_only:
        return order
    if not held:
        return for_debts(state, choices, order, row)
    # Others offer few lots: closing in part may cost an account in liquidation more than it frees.
    place_of_market = choices.pick(held)
    market, mark = state.parameters.markets[place_of_market], state.markets[place_of_market].mark
    price = max(mark * choices.integer(96, 104) // 100 // market.tick * market.tick, market.tick)
    return evolve(
        order,
        market=market.id,
        side=Side.BUY if row.holdings.positions[place_of_market].size > 0 else Side.SELL,
        price=Price(min(price, market.price_max)),
        size=Lots(max(market.notional_min // price + 1, choices.integer(1, 3))),
        time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
    )


def spend(state: State, choices: Choices, who: AccountId, what: int) -> Any:
    """What was borrowed leaves the venue, or is traded away, close to the mark."""
    amount = account_of(state, who).holdings.balances[what]
    if choices.integer(1, 3) == 1:
        name = state.withdrawals.total(each_once)
        return Withdraw(who, WithdrawalId(f"w{name}"), state.parameters.assets[what].id, amount)
    chosen = choices.pick(spots(state.parameters))
    market, side = state.parameters.markets[chosen], Side.BUY if what == 0 else Side.SELL
    mark = max(state.markets[chosen].mark, 1)
    opposing = best(state, market.id, opposite(side))
    maker = None if opposing is None else state.orders.get(opposing)
    price = Price(mark if maker is None else maker.price)
    lots = amount // price if what == 0 else amount // market.lot
    return PlaceOrder(
        account=who if maker is not None else account(state, choices),
        order=OrderId(f"o{state.sequence}"),
        market=market.id,
        side=side if maker is not None else opposite(side),
        price=Price(max(price // market.tick * market.tick, market.tick)) if maker is None else price,
        size=Lots(max(min(lots, market.notional_max // price), 1)),
        time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
        reduce_only=False,
    )


def for_debts(state: State, choices: Choices, order: PlaceOrder, row: Account) -> PlaceOrder:
    """Others offer to trade what one in liquidation owes, or has to sell for what it owes, close to the mark."""
    place_of_market = choices.pick(spots(state.parameters))
    market, mark = state.parameters.markets[place_of_market], state.markets[place_of_market].mark
    price = min(max(mark * choices.integer(94, 106) // 100 // market.tick * market.tick, market.tick), market.price_max)
    return evolve(
        order,
        market=market.id,
        side=Side.SELL if row.holdings.loans[market.base].borrowed > 0 else Side.BUY,
        price=Price(price),
        size=Lots(max(market.notional_min // price + 1, choices.integer(1, 3))),
        time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
    )


def outgrow(state: State, choices: Choices, order: Order) -> PlaceOrder:
    """Leave less of a position than a resting order is to reduce it by; or, where that is so, meet the order."""
    left = reducible(state, order, place_of(state, order.market))
    met = left < order.open
    others = [key for key, _ in state.accounts.rows() if key != order.owner]
    return PlaceOrder(
        account=choices.pick(others or [order.owner]) if met else order.owner,
        order=OrderId(f"o{state.sequence}"),
        market=order.market,
        side=opposite(order.side) if met else order.side,
        price=order.price if met else None,
        size=order.open if met else Lots(max(left - choices.integer(1, order.open - 1), 1)),
        time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL,
        reduce_only=not met,
        self_trade=SelfTrade.REJECT_TAKER,
    )


def backstop(state: State, choices: Choices) -> SetBackstop:
    """A provider for some lots, mostly of a market where that is allowed."""
    markets = state.parameters.markets
    market = markets[choices.pick(perpetuals(state.parameters))] if choices.integer(1, 8) > 1 else choices.pick(markets)
    lots = choices.pick((0, 1, 2, market.size_max, market.open_max, choices.pick((market.open_max + 1, -1))))
    return SetBackstop(account(state, choices), market.id, Lots(lots))


def settling(state: State, choices: Choices, who: AccountId) -> Any:
    """What brings collateral of one who owes to sale: its cash leaves, somebody bids for the rest, time passes."""
    kind, row = choices.integer(1, 9), account_of(state, who)
    place_of_market = choices.pick(spots(state.parameters))
    market, mark = state.parameters.markets[place_of_market], state.markets[place_of_market].mark
    if kind == 1 or mark == 0:
        return Advance(Millis(state.now + SETTLEMENT_ROUND), choices.integer(0, 15))
    if kind == 2:
        return withdraw(state, choices, who)
    if kind == 3 and row.holdings.balances[market.base] == 0:
        amount = market.lot * choices.integer(1, 20)
        return Deposit(who, state.parameters.assets[market.base].id, Atoms(amount))
    if kind == 4:
        return SetAutoLending(who, choices.pick((False, True)), choices.pick((False, True)), True)
    if kind == 5:
        lender = account(state, choices)
        return Lend(lender, state.parameters.assets[0].id, account_of(state, lender).holdings.balances[0])
    price = max(mark * choices.integer(70, 105) // 100 // market.tick * market.tick, market.tick)
    return PlaceOrder(
        account=who if choices.integer(1, 6) == 1 else account(state, choices),
        order=OrderId(f"o{state.sequence}"),
        market=market.id,
        side=Side.BUY,
        price=Price(price),
        size=Lots(max(market.notional_min // price + 1, choices.integer(1, 4))),
        time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
        reduce_only=False,
        self_trade=choices.pick(tuple(SelfTrade)),
    )


def answer(state: State, choices: Choices, seller: AccountId) -> Any:
    """An answer to a request, mostly at its limit or better than the best so far; or time passes."""
    request = state.requests.get(seller)
    answered = request is not None and request.best is not None
    if request is None or choices.integer(1, 2 if answered else 6) == 1:
        seconds = choices.pick((3, 7, 10, 10))
        return Advance(Millis(state.now + seconds * 1_000), choices.integer(0, 3))
    so_far = request.limit if request.best is None else request.best.price
    return AnswerRequest(account(state, choices), seller, Price(max(so_far + choices.integer(-1, 3), 0)))


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


def loan(state: State, choices: Choices) -> Any:
    """Something lent, redeemed, borrowed or repaid, about as much as there is; or what proceeds of trades do."""
    who, what = account(state, choices), choices.integer(0, len(state.parameters.assets) - 1)
    row, pool = state.accounts.get(who), state.venue.pool
    if row is None or choices.integer(1, 8) == 1:
        return SetAutoLending(who, choices.integer(1, 4) > 1, choices.pick((False, True)), choices.pick((False, True)))
    own, cash = row.holdings.loans[what], pool.balances[what]
    kinds: list[tuple[Any, int]] = [
        (Lend, row.holdings.balances[what]),
        (Redeem, own.lent),
        (Borrow, cash),
        (Borrow, cash // 3),
        (Borrow, cash // 12),
        (Repay, own.borrowed),
    ]
    kind, most = choices.pick([each for each in kinds if each[1] > 0 or choices.integer(1, 8) == 1] or kinds)
    amount = choices.pick((most, most // 2, most + 1, choices.integer(0, max(most, 1))))
    return kind(who, state.parameters.assets[what].id, Atoms(amount))


def place(state: State, choices: Choices, troubled: AccountId | None = None) -> PlaceOrder:
    """An order, mostly one that its owner can afford; of an account in liquidation, mostly one that reduces."""
    place_of_market = choices.pick((0, *range(len(state.markets)), len(state.markets) - 1, len(state.markets) - 1))
    market = state.parameters.markets[place_of_market]
    who, side = trader(state, choices, place_of_market, troubled)
    row = state.accounts.get(who)
    held = 0 if row is None else row.holdings.positions[place_of_market].size
    reduce_only = market.kind == MarketKind.PERPETUAL and choices.integer(1, 2 if held else 9) == 1
    reduce_only = reduce_only or (troubled is not None and held != 0)
    if reduce_only and held != 0 and choices.integer(1, 6) > 1:
        side = Side.SELL if held > 0 else Side.BUY
        size = choices.pick((abs(held), choices.integer(1, abs(held) + (1 if choices.integer(1, 4) == 1 else 0))))
    else:
        size = lots_to_place(state, choices, place_of_market, who, side)
    time_in_force, priced = terms(state, choices, market.id, side)
    return PlaceOrder(
        account=who,
        order=OrderId(f"o{state.sequence}"),
        market=market.id,
        side=side,
        price=limit_price(state, choices, place_of_market, side) if priced else None,
        size=Lots(size),
        time_in_force=time_in_force,
        reduce_only=reduce_only,
        self_trade=choices.pick(tuple(SelfTrade)),
    )


def trader(state: State, choices: Choices, place_of_market: int, troubled: AccountId | None) -> tuple[AccountId, Side]:
    """Who trades, and on which side: of a few, who can afford most; often one with a position, and against the book."""
    holders = [key for key, row in state.accounts.rows() if row.holdings.positions[place_of_market].size != 0]
    chosen = troubled or (choices.pick(holders) if holders and choices.integer(1, 3) == 1 else None)
    market = state.parameters.markets[place_of_market].id
    against = [opposite(side) for side in Side if best(state, market, side) is not None]
    sides = (*Side, *against, *against)
    drawn = [(chosen or account(state, choices), choices.pick(sides)) for _ in range(3)]
    return max(drawn, key=lambda each: affordable(state, place_of_market, *each))


def limit_price(state: State, choices: Choices, place_of_market: int, side: Side) -> Price:
    """A price near the mark, or that of the best order on the other side; mostly on the tick."""
    market, mark = state.parameters.markets[place_of_market], state.markets[place_of_market].mark
    opposing = best(state, market.id, opposite(side))
    maker = None if opposing is None else state.orders.get(opposing)
    if maker is not None and choices.integer(1, 2) == 1:
        return maker.price
    near = max(mark // choices.pick((8, 40)), 2)
    price = max(mark + choices.integer(-near, near), 1)
    return Price(max(price // market.tick * market.tick, market.tick) if choices.integer(1, 30) > 1 else price)


def terms(state: State, choices: Choices, market: MarketId, side: Side) -> tuple[TimeInForce, bool]:
    """How long the order stands, mostly until cancelled if there is nothing to trade with; and whether it has a price,
    which hardly any order is without that has to rest."""
    every, resting, at_once = tuple(TimeInForce), TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.IMMEDIATE_OR_CANCEL
    alone = best(state, market, opposite(side)) is None
    time_in_force = choices.pick((*every, *(resting,) * 4) if alone else (*every, resting, resting, at_once))
    immediate = time_in_force in (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
    return time_in_force, choices.integer(1, 4 if immediate else 20) > 1


def lots_to_place(state: State, choices: Choices, place_of_market: int, who: AccountId, side: Side) -> int:
    """A size within what the account can afford; now and then one up to a limit of the market, or of any market."""
    market, price = state.parameters.markets[place_of_market], max(state.markets[place_of_market].mark, 1)
    within = choices.pick((affordable(state, place_of_market, who, side),) * 6 + (market.notional_max // price,))
    within = min(within, market.notional_max // price) if choices.integer(1, 20) > 1 else market.size_max
    size = choices.integer(1, max(min(market.size_max, within), 1))
    return choices.pick((size, size, max(size // 3, 1), max(market.notional_min // price + 1, size // 8)))


def affordable(state: State, place_of_market: int, who: AccountId, side: Side) -> int:
    """About how many lots more the account can trade."""
    row, market = state.accounts.get(who), state.parameters.markets[place_of_market]
    mark = max(state.markets[place_of_market].mark, 1)
    if row is None:
        return 0
    if market.kind == MarketKind.SPOT:
        free = free_balances(state, who, row.holdings)
        return free[0] // mark if side == Side.BUY else free[market.base] // market.lot
    exposed = exposures(state, who, row.holdings)
    surplus = equity_alone(state, row.holdings, Gains.CAPPED) - margin_required(state, row, exposed, initial=True)
    return max(surplus * RATE_SCALE // (max(RATE_SCALE // row.leverage, market.initial.base, 1) * mark), 0)


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
    unnamed = WithdrawalId("unnamed")
    usual, sources = place(state, choices), [key for key, _ in state.quotes.rows()][:1]
    return choices.pick(
        (
            *(OpenAccount(AccountId(name), TierId("none"), 1) for name in "def"),
            OpenAccount(
                AccountId("e"), state.parameters.tiers[0].id, choices.pick((0, state.parameters.leverage_max + 1))
            ),
            Deposit(nobody, asset(state, choices), Atoms(1)),
            Deposit(account(state, choices), nothing, Atoms(1)),
            Deposit(account(state, choices), asset(state, choices), Atoms(choices.pick((0, -1)))),
            Deposit(account(state, choices), asset(state, choices), Atoms(state.parameters.assets[0].supply_max + 1)),
            Withdraw(nobody, unnamed, asset(state, choices), Atoms(1)),
            Withdraw(account(state, choices), unnamed, nothing, Atoms(1)),
            Withdraw(account(state, choices), unnamed, asset(state, choices), Atoms(0)),
            SetAutoLending(nobody, True, True, True),
            SetBackstop(nobody, usual.market, Lots(1)),
            SetBackstop(usual.account, nowhere, Lots(1)),
            MoveWallet(choices.pick((asset(state, choices), nothing)), Atoms(choices.pick((0, 1)))),
            choices.pick((Lend, Redeem, Borrow, Repay))(nobody, asset(state, choices), Atoms(1)),
            choices.pick((Lend, Redeem, Borrow, Repay))(account(state, choices), nothing, Atoms(1)),
            choices.pick((Lend, Redeem, Borrow, Repay))(account(state, choices), asset(state, choices), Atoms(0)),
            QuotePrice(SourceId("x"), nowhere, Price(1)),
            *(QuotePrice(source, choices.pick(state.parameters.markets).id, Price(1)) for source in sources * 2),
            QuotePrice(SourceId("x"), market.id, Price(choices.pick((0, market.price_max + 1)))),
            Advance(Millis(state.now)),
            Advance(Millis(state.now + 1), -1),
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
