"""Every command's requirements in order of precedence, said without looking at the rules that check them."""

from typing import Any

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Outcome
from clearspec.core.quantities import RATE_SCALE, Atoms, Lots
from clearspec.core.requirements import Requirement, rejected_with_the_first_unmet
from clearspec.machines.exchange.claims.book import first_to_trade
from clearspec.machines.exchange.claims.custody import (
    cold_wallet_gives,
    hot_wallet_gives,
    hot_wallet_pays,
    something_is_moved,
    withdrawal_is_new,
    withdrawal_is_pending,
    withdrawal_is_pending_and_own,
)
from clearspec.machines.exchange.claims.loans import claimed, owed
from clearspec.machines.exchange.claims.margin import (
    free_of,
    in_liquidation,
    in_margin_after,
    initial_margin_met,
    worst_case_of,
)
from clearspec.machines.exchange.claims.marks import every_mark_is_valid, mark_is_valid_at
from clearspec.machines.exchange.claims.trades import after_trade
from clearspec.machines.exchange.formulas.book import protection_price
from clearspec.machines.exchange.formulas.exposure import open_lots
from clearspec.machines.exchange.state.commands import (
    Advance,
    AnswerRequest,
    Borrow,
    CancelAll,
    CancelOrder,
    CancelWithdrawal,
    Deposit,
    Lend,
    MoveWallet,
    OpenAccount,
    PlaceOrder,
    QuotePrice,
    Reason,
    Redeem,
    Repay,
    SendWithdrawal,
    SetAutoLending,
    SetBackstop,
    SetRiskTaking,
    Withdraw,
)
from clearspec.machines.exchange.state.parameters import MarketKind, asset_place, market_place, tier_named
from clearspec.machines.exchange.state.types import Account, Order, Side, State, TimeInForce


def account_is_new(state: State, command: OpenAccount) -> bool:
    return state.accounts.get(command.account) is None


def account_exists(state: State, command: Deposit | Withdraw | PlaceOrder | CancelAll) -> bool:
    return state.accounts.get(command.account) is not None


def tier_exists(state: State, command: OpenAccount) -> bool:
    return any(tier.id == command.tier for tier in state.parameters.tiers)


def leverage_is_allowed(state: State, command: OpenAccount) -> bool:
    return 0 < command.leverage <= state.parameters.leverage_max


def each_once(_: Account) -> int:
    """Counts accounts."""
    return 1


def room_for_an_account(state: State, command: OpenAccount) -> bool:
    return state.accounts.total(each_once) + 1 <= state.parameters.accounts_max


def asset_exists(state: State, command: Deposit | Withdraw | MoveWallet) -> bool:
    return any(asset.id == command.asset for asset in state.parameters.assets)


def amount_is_positive(state: State, command: Deposit | Withdraw) -> bool:
    return command.amount >= 1


def supply_stays_within_limit(state: State, command: Deposit) -> bool:
    return all(
        asset.id != command.asset or command.amount - in_custody <= asset.supply_max
        for asset, in_custody in zip(state.parameters.assets, state.venue.custody.balances, strict=True)
    )


def balance_is_free(state: State, command: Withdraw) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        asset.id != command.asset or command.amount <= free_of(state, command.account, account, place)
        for place, asset in enumerate(state.parameters.assets)
    )


def margin_without_gains(state: State, command: Withdraw) -> bool:
    account = state.accounts.get(command.account)
    if account is None:
        return False
    balances = tuple(
        Atoms(balance - command.amount) if asset.id == command.asset else balance
        for asset, balance in zip(state.parameters.assets, account.holdings.balances, strict=True)
    )
    left = evolve(account, holdings=evolve(account.holdings, balances=balances))
    after = evolve(state, accounts=state.accounts.put(command.account, left))
    return initial_margin_met(after, command.account, counting_gains=False)


def lent_enough(state: State, command: Redeem) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and any(
        asset.id == command.asset and command.amount <= loan.lent
        for asset, loan in zip(state.parameters.assets, account.holdings.loans, strict=True)
    )


def borrowed_enough(state: State, command: Repay) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and any(
        asset.id == command.asset and command.amount <= loan.borrowed
        for asset, loan in zip(state.parameters.assets, account.holdings.loans, strict=True)
    )


def pool_has_the_cash(state: State, command: Redeem | Borrow) -> bool:
    return any(
        asset.id == command.asset and command.amount <= cash
        for asset, cash in zip(state.parameters.assets, state.venue.pool.balances, strict=True)
    )


def utilisation_is_within_bound(state: State, command: Redeem | Borrow) -> bool:
    more, fewer = (0, command.amount) if isinstance(command, Redeem) else (command.amount, 0)
    return any(
        asset.id == command.asset
        and (state.accounts.total(owed, place) + more) * RATE_SCALE
        <= asset.utilisation_max * (state.accounts.total(claimed, place) - fewer)
        for place, asset in enumerate(state.parameters.assets)
    )


def risk_may_be_taken(state: State, command: Borrow) -> bool:
    return state.risk_taking


def margin_with_the_debt(state: State, command: Borrow) -> bool:
    place = asset_place(state.parameters, command.asset)
    account = state.accounts.get(command.account)
    if place is None or account is None:
        return False
    loans, balances = list(account.holdings.loans), list(account.holdings.balances)
    loans[place] = evolve(loans[place], borrowed=Atoms(loans[place].borrowed + command.amount))
    balances[place] = Atoms(balances[place] + command.amount)
    holdings = evolve(account.holdings, loans=tuple(loans), balances=tuple(balances))
    after = evolve(state, accounts=state.accounts.put(command.account, evolve(account, holdings=holdings)))
    return initial_margin_met(after, command.account, counting_gains=False)


def marks_are_valid(state: State, _: Borrow) -> bool:
    return every_mark_is_valid(state)


def marks_are_valid_if_at_stake(state: State, command: Withdraw) -> bool:
    account = state.accounts.get(command.account)
    if account is None:
        return False
    perpetual = [i for i, market in enumerate(state.parameters.markets) if market.kind == MarketKind.PERPETUAL]
    positions = account.holdings.positions
    stake = any(
        worst_case_of(state, command.account, positions[i], i).lots > 0 or positions[i].unsettled < 0 for i in perpetual
    ) or any(loan.borrowed > 0 for loan in account.holdings.loans)
    return not stake or every_mark_is_valid(state)


def market_exists(state: State, command: QuotePrice | PlaceOrder) -> bool:
    return any(market.id == command.market for market in state.parameters.markets)


def source_is_of_this_market(state: State, command: QuotePrice) -> bool:
    last = state.quotes.get(command.source)
    return last is None or last.market == command.market


def quoted_price_is_allowed(state: State, command: QuotePrice) -> bool:
    return all(
        market.id != command.market or 1 <= command.price <= market.price_max for market in state.parameters.markets
    )


def somebody_else_is_asked_for(state: State, command: AnswerRequest) -> bool:
    seller = state.accounts.get(command.seller)
    owes = seller is not None and sum(position.unsettled for position in seller.holdings.positions) < 0
    return owes and state.requests.get(command.seller) is not None and command.seller != command.account


def price_is_best(state: State, command: AnswerRequest) -> bool:
    request = state.requests.get(command.seller)
    if request is None or command.price < request.limit:
        return False
    best = request.best
    return best is None or state.now > best.until or best.price < command.price


def what_is_asked_for_can_be_paid(state: State, command: AnswerRequest) -> bool:
    request, account = state.requests.get(command.seller), state.accounts.get(command.account)
    if request is None or account is None:
        return False
    return command.price * request.lots <= free_of(state, command.account, account, 0)


def clock_moves_forward(state: State, command: Advance) -> bool:
    return command.now > state.now


def capacity_is_allowed(state: State, command: SetBackstop) -> bool:
    return all(
        market.id != command.market or (market.kind == MarketKind.PERPETUAL and 0 <= command.lots <= market.open_max)
        for market in state.parameters.markets
    )


def tosses_are_a_number(state: State, command: Advance) -> bool:
    return command.coins >= 0


def clock_moves_within_limit(state: State, command: Advance) -> bool:
    return command.now - state.now <= state.parameters.advance_max


def order_is_open_and_own(state: State, command: CancelOrder) -> bool:
    order = state.orders.get(command.order)
    return order is not None and order.owner == command.account and order.open > 0


def lots_are_open(state: State, command: CancelOrder) -> bool:
    order = state.orders.get(command.order)
    return command.lots is None or (order is not None and 1 <= command.lots <= order.open)


def order_is_new(state: State, command: PlaceOrder) -> bool:
    return state.orders.get(command.order) is None


def size_is_allowed(state: State, command: PlaceOrder) -> bool:
    return all(
        market.id != command.market or 1 <= command.size <= market.size_max for market in state.parameters.markets
    )


def price_is_allowed(state: State, command: PlaceOrder) -> bool:
    return command.price is None or all(
        market.id != command.market or 1 <= command.price <= market.price_max for market in state.parameters.markets
    )


def price_is_on_the_tick(state: State, command: PlaceOrder) -> bool:
    return command.price is None or all(
        market.id != command.market or command.price % market.tick == 0 for market in state.parameters.markets
    )


def market_order_is_immediate(state: State, command: PlaceOrder) -> bool:
    immediate = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
    return command.price is not None or command.time_in_force in immediate


def as_order(state: State, command: PlaceOrder) -> tuple[int, Account, Order]:
    """The order that the command describes, its account, and the place of its market.  Requires: both exist."""
    place, account = market_place(state.parameters, command.market), state.accounts.get(command.account)
    assert place is not None, "an earlier requirement: the market exists"
    assert account is not None, "an earlier requirement: the account exists"
    market, mark, tier = (
        state.parameters.markets[place],
        state.markets[place].mark,
        tier_named(state.parameters, account.tier),
    )
    assert tier is not None, "EX-ACC-1: the tier of an account exists"
    price = protection_price(market, mark, command.side) if command.price is None else command.price
    order = Order(
        owner=command.account, market=command.market, side=command.side, price=price, size=command.size,
        open=command.size, filled=Lots(0), cancelled=Lots(0), accrued=0, maker=tier.maker, taker=tier.taker,
        reduce_only=command.reduce_only, time_in_force=command.time_in_force, self_trade=command.self_trade,
        sequence=state.sequence,
    )  # fmt: skip
    return place, account, order


def not_in_liquidation(state: State, command: PlaceOrder) -> bool:
    account = state.accounts.get(command.account)
    return command.reduce_only or (account is not None and not in_liquidation(state, account))


def risk_taking_is_enabled(state: State, command: PlaceOrder) -> bool:
    return command.reduce_only or state.risk_taking


def mark_is_valid(state: State, command: PlaceOrder) -> bool:
    return all(
        market.id != command.market or mark_is_valid_at(state, place)
        for place, market in enumerate(state.parameters.markets)
    )


def notional_is_within_limits(state: State, command: PlaceOrder) -> bool:
    place, _, order = as_order(state, command)
    notional = order.price * order.size
    return state.parameters.markets[place].notional_min <= notional <= state.parameters.markets[place].notional_max


def open_size_is_within_limit(state: State, command: PlaceOrder) -> bool:
    place, _, _ = as_order(state, command)
    already = state.orders.total(open_lots, owner=command.account, market=command.market)
    return already + command.size <= state.parameters.markets[place].open_max


def reduce_only_reduces(state: State, command: PlaceOrder) -> bool:
    place, account, order = as_order(state, command)
    if not order.reduce_only:
        return True
    size = account.holdings.positions[place].size
    opposite = -size if order.side == Side.BUY else size
    return state.parameters.markets[place].kind == MarketKind.PERPETUAL and order.size <= opposite


def position_is_within_limit(state: State, command: PlaceOrder) -> bool:
    place, account, order = as_order(state, command)
    placed = evolve(state, orders=state.orders.put(command.order, order))
    weighted = 0
    for i, market in enumerate(state.parameters.markets):
        if market.kind == MarketKind.PERPETUAL:
            lots = worst_case_of(placed, command.account, account.holdings.positions[i], i).lots
            weighted += market.position_weight * lots * state.markets[i].mark
    if weighted <= state.parameters.exposure_max * RATE_SCALE:
        return True
    if state.parameters.markets[place].kind == MarketKind.SPOT:
        return True
    position = account.holdings.positions[place]
    without = worst_case_of(state, command.account, position, place).lots
    return worst_case_of(placed, command.account, position, place).lots <= without


def margin_is_sufficient(state: State, command: PlaceOrder) -> bool:
    place, account, order = as_order(state, command)
    placed = evolve(state, orders=state.orders.put(command.order, order))
    if not order.reduce_only:
        return initial_margin_met(placed, command.account, counting_gains=True)
    covered = all(
        free_of(placed, command.account, account, asset) >= 0 for asset in range(len(state.parameters.assets))
    )
    signed = order.size if order.side == Side.BUY else -order.size
    fee = -(-max(order.maker, order.taker, 0) * order.size * order.price // RATE_SCALE)
    after = after_trade(state.parameters.markets[place], account, place, signed, order.price, fee)
    return covered and in_margin_after(state, account, after, place)


def post_only_rests(state: State, command: PlaceOrder) -> bool:
    _, _, order = as_order(state, command)
    other = first_to_trade(state, command.market, Side.SELL if command.side == Side.BUY else Side.BUY)
    resting = None if other is None else state.orders.get(other)
    if command.time_in_force != TimeInForce.POST_ONLY or resting is None:
        return True
    return resting.price > order.price if command.side == Side.BUY else resting.price < order.price


REQUIREMENTS: dict[type, tuple[Requirement, ...]] = {
    OpenAccount: (
        (Reason.ACCOUNT_ID_UNUSED, account_is_new),
        (Reason.TIER_EXISTS, tier_exists),
        (Reason.LEVERAGE_WITHIN_LIMIT, leverage_is_allowed),
        (Reason.ACCOUNTS_WITHIN_LIMIT, room_for_an_account),
    ),
    Deposit: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, supply_stays_within_limit),
    ),
    Withdraw: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.WITHDRAWAL_ID_UNUSED, withdrawal_is_new),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.BALANCE_FREE, balance_is_free),
        (Reason.GAINS_SETTLED, margin_without_gains),
        (Reason.MARK_VALID, marks_are_valid_if_at_stake),
    ),
    CancelWithdrawal: ((Reason.WITHDRAWAL_PENDING, withdrawal_is_pending_and_own),),
    SendWithdrawal: (
        (Reason.WITHDRAWAL_PENDING, withdrawal_is_pending),
        (Reason.HOT_WALLET_COVERS, hot_wallet_pays),
    ),
    MoveWallet: (
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_NOT_ZERO, something_is_moved),
        (Reason.HOT_WALLET_COVERS, hot_wallet_gives),
        (Reason.COLD_WALLET_COVERS, cold_wallet_gives),
    ),
    Lend: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.BALANCE_FREE, balance_is_free),
    ),
    Redeem: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.LENT_ENOUGH, lent_enough),
        (Reason.POOL_CASH, pool_has_the_cash),
        (Reason.UTILISATION_WITHIN_BOUND, utilisation_is_within_bound),
    ),
    Borrow: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.RISK_TAKING_ENABLED, risk_may_be_taken),
        (Reason.POOL_CASH, pool_has_the_cash),
        (Reason.UTILISATION_WITHIN_BOUND, utilisation_is_within_bound),
        (Reason.GAINS_SETTLED, margin_with_the_debt),
        (Reason.MARK_VALID, marks_are_valid),
    ),
    Repay: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.ASSET_EXISTS, asset_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.BORROWED_ENOUGH, borrowed_enough),
        (Reason.BALANCE_FREE, balance_is_free),
    ),
    SetAutoLending: ((Reason.ACCOUNT_EXISTS, account_exists),),
    QuotePrice: (
        (Reason.MARKET_EXISTS, market_exists),
        (Reason.SOURCE_OF_ONE_MARKET, source_is_of_this_market),
        (Reason.PRICE_WITHIN_LIMIT, quoted_price_is_allowed),
    ),
    Advance: (
        (Reason.CLOCK_FORWARD, clock_moves_forward),
        (Reason.TOSSES_VALID, tosses_are_a_number),
        (Reason.CLOCK_WITHIN_LIMIT, clock_moves_within_limit),
    ),
    AnswerRequest: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.REQUEST_OPEN, somebody_else_is_asked_for),
        (Reason.PRICE_BEST, price_is_best),
        (Reason.BALANCE_FREE, what_is_asked_for_can_be_paid),
    ),
    SetRiskTaking: (),
    SetBackstop: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.MARKET_EXISTS, market_exists),
        (Reason.CAPACITY_VALID, capacity_is_allowed),
    ),
    CancelOrder: (
        (Reason.ORDER_OPEN, order_is_open_and_own),
        (Reason.LOTS_WITHIN_OPEN, lots_are_open),
    ),
    CancelAll: ((Reason.ACCOUNT_EXISTS, account_exists),),
    PlaceOrder: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.MARKET_EXISTS, market_exists),
        (Reason.ORDER_ID_UNUSED, order_is_new),
        (Reason.SIZE_WITHIN_LIMIT, size_is_allowed),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.PRICE_ON_TICK, price_is_on_the_tick),
        (Reason.MARKET_ORDER_IMMEDIATE, market_order_is_immediate),
        (Reason.ACCOUNT_NOT_IN_LIQUIDATION, not_in_liquidation),
        (Reason.RISK_TAKING_ENABLED, risk_taking_is_enabled),
        (Reason.MARK_VALID, mark_is_valid),
        (Reason.NOTIONAL_WITHIN_LIMITS, notional_is_within_limits),
        (Reason.OPEN_SIZE_WITHIN_LIMIT, open_size_is_within_limit),
        (Reason.REDUCE_ONLY_REDUCES, reduce_only_reduces),
        (Reason.POSITION_WITHIN_LIMIT, position_is_within_limit),
        (Reason.MARGIN_SUFFICIENT, margin_is_sufficient),
        (Reason.POST_ONLY_RESTS, post_only_rests),
    ),
}


@claim(
    "EX-REJ-1",
    "A command is rejected exactly with the first requirement, in order of precedence, that it does not meet.",
    title="rejected with the first unmet requirement",
    kind=Kind.OUTCOME,
    source="Settlement & Clearing, Pre-Trade Clearing: The Risk Gate; rules §4",
    prevents="Euler 2023: one path that skips the check; FTX: one account exempt from it",
)
def rejected_with_the_first_unmet_requirement(before: State, command: Any, outcome: Outcome[State]) -> bool:
    return rejected_with_the_first_unmet(REQUIREMENTS[type(command)], before, command, outcome)
