"""Every command's requirements in order of precedence, said without looking at the rules that check them."""

from typing import Any

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Outcome
from clearspec.core.requirements import Requirement, rejected_with_the_first_unmet
from clearspec.machines.clearing.claims.calls import asked, counted
from clearspec.machines.clearing.claims.ledger import paid_in
from clearspec.machines.clearing.claims.orders import wanted
from clearspec.machines.clearing.claims.trades import will_have
from clearspec.machines.clearing.formulas.calendar import trade_date
from clearspec.machines.clearing.state.commands import (
    AdmitMember,
    Advance,
    BuyIn,
    CallMargin,
    CancelOrder,
    CaptureTrade,
    CloseOut,
    Contribute,
    CoverLoss,
    DeclareDefault,
    DepositCash,
    DepositSecurities,
    Execute,
    OpenAccount,
    Port,
    PostCash,
    PostSecurities,
    ProvideCapital,
    PublishPrice,
    Reason,
    Recover,
    RestoreSkin,
    ReturnCash,
    ReturnSecurities,
    SendOrder,
    SetPriority,
    SuspendMember,
    WithdrawCash,
    WithdrawSecurities,
)
from clearspec.machines.clearing.state.ids import AccountId
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId
from clearspec.machines.clearing.state.types import (
    Account,
    AccountKind,
    Money,
    Position,
    Side,
    State,
    Trade,
    TradeStatus,
)


def member_is_new(state: State, command: AdmitMember) -> bool:
    return state.members.get(command.member) is None


def member_exists(state: State, command: SuspendMember | OpenAccount) -> bool:
    return state.members.get(command.member) is not None


def account_is_new(state: State, command: OpenAccount) -> bool:
    return state.accounts.get(command.account) is None


def each_once(_: Account) -> int:
    """Counts accounts."""
    return 1


def room_for_an_account(state: State, command: OpenAccount) -> bool:
    return state.accounts.total(each_once) + 1 <= state.parameters.accounts_max


def account_exists(state: State, command: SetPriority | DepositSecurities | DepositCash | SendOrder) -> bool:
    return state.accounts.get(command.account) is not None


def security_exists(state: State, command: DepositSecurities | PublishPrice | CaptureTrade | SendOrder) -> bool:
    return any(security.id == command.security for security in state.parameters.securities)


def currency_exists(state: State, command: DepositCash | WithdrawCash) -> bool:
    return any(currency.id == command.currency for currency in state.parameters.currencies)


def units_are_positive(state: State, command: DepositSecurities | WithdrawSecurities) -> bool:
    return command.units >= 1


def amount_is_positive(state: State, command: DepositCash | WithdrawCash) -> bool:
    return command.amount >= 1


def securities_stay_within_limit(state: State, command: DepositSecurities) -> bool:
    return all(
        security.id != command.security or command.units - position.held <= security.supply_max
        for security, position in zip(state.parameters.securities, state.central.outside.positions, strict=True)
    )


def cash_stays_within_limit(state: State, command: DepositCash) -> bool:
    return all(
        currency.id != command.currency or command.amount - money.held <= currency.supply_max
        for currency, money in zip(state.parameters.currencies, state.central.outside.money, strict=True)
    )


def securities_are_there(state: State, command: WithdrawSecurities) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        security.id != command.security or position.held - command.units >= 0
        for security, position in zip(state.parameters.securities, account.holdings.positions, strict=True)
    )


def cash_is_there(state: State, command: WithdrawCash) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        currency.id != command.currency or money.held - command.amount >= 0
        for currency, money in zip(state.parameters.currencies, account.holdings.money, strict=True)
    )


def both_sides_exist(state: State, command: CaptureTrade) -> bool:
    return state.accounts.get(command.buyer) is not None and state.accounts.get(command.seller) is not None


def trade_is_new(state: State, command: CaptureTrade | Execute) -> bool:
    return state.trades.get(command.trade) is None


def sides_differ(state: State, command: CaptureTrade) -> bool:
    return command.buyer != command.seller


def trade_is_of_today(state: State, command: CaptureTrade | SendOrder | Execute) -> bool:
    return trade_date(state.parameters.trading, state.parameters.session, command.at) == state.today


def quantity_is_allowed(state: State, command: CaptureTrade | SendOrder) -> bool:
    return all(
        security.id != command.security or 0 < command.quantity <= security.quantity_max
        for security in state.parameters.securities
    )


def price_is_allowed(state: State, command: PublishPrice | CaptureTrade) -> bool:
    return all(
        security.id != command.security or 0 < command.price <= security.price_max
        for security in state.parameters.securities
    )


def members_are_active(state: State, command: CaptureTrade) -> bool:
    return active(state, command.buyer) and active(state, command.seller)


def order_is_new(state: State, command: SendOrder) -> bool:
    return state.orders.get(command.order) is None


def limit_is_allowed(state: State, command: SendOrder) -> bool:
    return all(
        security.id != command.security or 0 < command.limit <= security.price_max
        for security in state.parameters.securities
    )


def broker_is_active(state: State, command: SendOrder) -> bool:
    return active(state, command.account)


def order_exists(state: State, command: CancelOrder) -> bool:
    return state.orders.get(command.order) is not None


def order_is_wanted(state: State, command: CancelOrder) -> bool:
    return wanted(state, command.order) > 0


def both_orders_exist(state: State, command: Execute) -> bool:
    return state.orders.get(command.buy) is not None and state.orders.get(command.sell) is not None


def orders_are_opposite(state: State, command: Execute) -> bool:
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return (
        buy is not None
        and sell is not None
        and buy.side == Side.BUY
        and sell.side == Side.SELL
        and buy.security == sell.security
    )


def both_orders_are_wanted(state: State, command: Execute) -> bool:
    return wanted(state, command.buy) > 0 and wanted(state, command.sell) > 0


def as_much_is_wanted(state: State, command: Execute) -> bool:
    return wanted(state, command.buy) - command.quantity >= 0 and wanted(state, command.sell) - command.quantity >= 0


def price_suits_both(state: State, command: Execute) -> bool:
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return buy is not None and sell is not None and buy.limit >= command.price and command.price >= sell.limit


def orders_came_first(state: State, command: Execute) -> bool:
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return buy is not None and sell is not None and buy.sent_at <= command.at and sell.sent_at <= command.at


def orders_are_of_two_accounts(state: State, command: Execute) -> bool:
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return buy is not None and sell is not None and buy.account != sell.account


def quantity_traded_is_allowed(state: State, command: Execute) -> bool:
    buy = state.orders.get(command.buy)
    return buy is not None and all(
        security.id != buy.security or 0 < command.quantity <= security.quantity_max
        for security in state.parameters.securities
    )


def price_traded_is_allowed(state: State, command: Execute) -> bool:
    buy = state.orders.get(command.buy)
    return buy is not None and all(
        security.id != buy.security or 0 < command.price <= security.price_max
        for security in state.parameters.securities
    )


def brokers_are_active(state: State, command: Execute) -> bool:
    buy, sell = state.orders.get(command.buy), state.orders.get(command.sell)
    return buy is not None and sell is not None and active(state, buy.account) and active(state, sell.account)


def active(state: State, name: AccountId) -> bool:
    """Is the member of the account there, and not suspended?"""
    account = state.accounts.get(name)
    member = None if account is None else state.members.get(account.member)
    return member is not None and not member.suspended and not member.defaulted


def both_accounts_exist(state: State, command: BuyIn) -> bool:
    return state.accounts.get(command.account) is not None and state.accounts.get(command.seller) is not None


def somebody_else_sells(state: State, command: BuyIn) -> bool:
    return command.seller != command.account


def positions_of(state: State, name: AccountId, security: SecurityId) -> tuple[Position, ...]:
    """The position of an account in a security, or nothing."""
    account = state.accounts.get(name)
    if account is None:
        return ()
    listed = tuple(zip(state.parameters.securities, account.holdings.positions, strict=True))
    return tuple(position for each, position in listed if each.id == security)


def buy_in_is_due(state: State, command: BuyIn) -> bool:
    return all(
        position.fails_to_deliver - state.parameters.buy_in_after >= 0
        for position in positions_of(state, command.account, command.security)
    )


def units_have_failed(state: State, command: BuyIn) -> bool:
    return all(
        position.failed + command.units <= 0 for position in positions_of(state, command.account, command.security)
    )


def units_are_free(state: State, command: BuyIn) -> bool:
    return all(
        position.held - command.units >= (-position.failed if position.failed < 0 else 0)
        for position in positions_of(state, command.seller, command.security)
    )


def clock_moves_forward(state: State, command: Advance) -> bool:
    return command.day > state.today


def clock_moves_within_limit(state: State, command: Advance) -> bool:
    return command.day - state.today <= state.parameters.advance_max


def first_house_account(state: State, command: OpenAccount) -> bool:
    member = state.members.get(command.member)
    return command.kind == AccountKind.CLIENT or (member is not None and member.house is None)


def default_is_settled(state: State, command: WithdrawSecurities | WithdrawCash) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and (
        not account.defaulted
        or (
            all(position.failed == 0 for position in account.holdings.positions)
            and all(money.payable >= 0 == money.borne for money in account.holdings.money)
            and state.trades.every(lambda _, trade: trade.status == TradeStatus.NETTED or not is_of(trade, command))
        )
    )


def is_of(trade: Trade, command: WithdrawSecurities | WithdrawCash | CoverLoss) -> bool:
    """Is the account one of the two that traded?"""
    return trade.buyer == command.account or trade.seller == command.account


def money_of(state: State, name: AccountId, currency: CurrencyId) -> tuple[Money, ...]:
    """The money of an account in a currency, or nothing."""
    account = state.accounts.get(name)
    if account is None:
        return ()
    listed = tuple(zip(state.parameters.currencies, account.holdings.money, strict=True))
    return tuple(money for each, money in listed if each.id == currency)


def cash_is_posted(state: State, command: ReturnCash) -> bool:
    return all(money.posted - command.amount >= 0 for money in money_of(state, command.account, command.currency))


def securities_are_posted(state: State, command: ReturnSecurities) -> bool:
    return all(
        position.posted - command.units >= 0 for position in positions_of(state, command.account, command.security)
    )


def cash_is_not_needed(state: State, command: ReturnCash) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        currency.id != command.currency
        or (money.called == 0 and counted(state, account, place) - command.amount >= asked(state, account, place))
        for place, (currency, money) in enumerate(zip(state.parameters.currencies, account.holdings.money, strict=True))
    )


def securities_are_not_needed(state: State, command: ReturnSecurities) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and (
        account.defaulted
        or all(
            security.id != command.security
            or (
                account.holdings.money[security.currency].called == 0
                and counted(state, account, security.currency, command.security, command.units)
                >= asked(state, account, security.currency)
            )
            for security in state.parameters.securities
        )
    )


def account_is_not_in_default(state: State, command: CallMargin | Contribute) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and not account.defaulted


def account_is_in_default(state: State, command: CloseOut | CoverLoss) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and account.defaulted


def margin_is_short(state: State, command: CallMargin) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and any(
        asked(state, account, place) > counted(state, account, place) + money.called + currency.call_above
        for place, (currency, money) in enumerate(zip(state.parameters.currencies, account.holdings.money, strict=True))
    )


def account_is_the_house(state: State, command: Contribute) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and account.kind == AccountKind.HOUSE


def member_is_not_in_default(state: State, command: DeclareDefault) -> bool:
    member = state.members.get(command.member)
    return member is not None and not member.defaulted


def account_is_of_clients(state: State, command: Port) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and account.kind == AccountKind.CLIENT


def new_member_is_active(state: State, command: Port) -> bool:
    member = state.members.get(command.member)
    return member is not None and not member.suspended and not member.defaulted


def old_member_is_in_default(state: State, command: Port) -> bool:
    account = state.accounts.get(command.account)
    member = None if account is None else state.members.get(account.member)
    return member is not None and member.defaulted


def account_and_bidder_exist(state: State, command: CloseOut) -> bool:
    return state.accounts.get(command.account) is not None and state.accounts.get(command.bidder) is not None


def somebody_else_bids(state: State, command: CloseOut) -> bool:
    return command.bidder != command.account


def market_is_open(state: State, command: CloseOut) -> bool:
    weekday = (state.today - 1) % 7
    return weekday <= 4 and all(closed != state.today for closed in state.parameters.trading.closed)


def bidder_is_active(state: State, command: CloseOut) -> bool:
    return active(state, command.bidder)


def units_close_the_position(state: State, command: CloseOut) -> bool:
    return abs(will_have(state, command.account, command.security)) >= command.units


def nothing_is_open(state: State, command: CoverLoss) -> bool:
    account = state.accounts.get(command.account)
    return account is not None and all(
        currency.id != command.currency
        or (nothing_failed_or_to_sell(state, account, place) and no_trade_is_open(state, command, place))
        for place, currency in enumerate(state.parameters.currencies)
    )


def no_trade_is_open(state: State, command: CoverLoss, currency: int) -> bool:
    """Is every trade of the account that is paid in this currency part of what is due?"""
    return state.trades.every(
        lambda _, trade: (
            trade.status == TradeStatus.NETTED
            or not is_of(trade, command)
            or paid_in(state, trade.security) != currency
        )
    )


def nothing_failed_or_to_sell(state: State, account: Account, currency: int) -> bool:
    """Has the account no securities of this currency, held or posted, and none that it failed to get or to give?"""
    return all(
        security.currency != currency or (position.held == 0 and position.posted == 0 and position.failed == 0)
        for security, position in zip(state.parameters.securities, account.holdings.positions, strict=True)
    )


def nothing_is_owed(state: State, command: Recover) -> bool:
    return all(money.payable >= 0 for money in money_of(state, command.account, command.currency))


def something_comes_back(state: State, command: Recover) -> bool:
    return all(money.held > 0 and money.borne > 0 for money in money_of(state, command.account, command.currency))


def equity_is_there(state: State, command: RestoreSkin) -> bool:
    return all(
        currency.id != command.currency or money.held - command.amount >= 0
        for currency, money in zip(state.parameters.currencies, state.central.own.money, strict=True)
    )


def something_is_owed(state: State, command: CoverLoss) -> bool:
    return all(money.payable < 0 for money in money_of(state, command.account, command.currency))


REQUIREMENTS: dict[type, tuple[Requirement, ...]] = {
    AdmitMember: ((Reason.MEMBER_ID_UNUSED, member_is_new),),
    SuspendMember: ((Reason.MEMBER_EXISTS, member_exists),),
    OpenAccount: (
        (Reason.MEMBER_EXISTS, member_exists),
        (Reason.ACCOUNT_ID_UNUSED, account_is_new),
        (Reason.HOUSE_ACCOUNT_FIRST, first_house_account),
        (Reason.ACCOUNTS_WITHIN_LIMIT, room_for_an_account),
    ),
    SetPriority: ((Reason.ACCOUNT_EXISTS, account_exists),),
    DepositSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, securities_stay_within_limit),
    ),
    WithdrawSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.HOLDING_COVERS, securities_are_there),
        (Reason.DEFAULT_SETTLED, default_is_settled),
    ),
    DepositCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, cash_stays_within_limit),
    ),
    WithdrawCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.HOLDING_COVERS, cash_is_there),
        (Reason.DEFAULT_SETTLED, default_is_settled),
    ),
    PublishPrice: (
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
    ),
    CaptureTrade: (
        (Reason.ACCOUNT_EXISTS, both_sides_exist),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.TRADE_ID_UNUSED, trade_is_new),
        (Reason.SIDES_DIFFER, sides_differ),
        (Reason.TRADED_TODAY, trade_is_of_today),
        (Reason.QUANTITY_WITHIN_LIMIT, quantity_is_allowed),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.MEMBERS_ACTIVE, members_are_active),
    ),
    SendOrder: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.ORDER_ID_UNUSED, order_is_new),
        (Reason.TRADED_TODAY, trade_is_of_today),
        (Reason.QUANTITY_WITHIN_LIMIT, quantity_is_allowed),
        (Reason.PRICE_WITHIN_LIMIT, limit_is_allowed),
        (Reason.MEMBERS_ACTIVE, broker_is_active),
    ),
    CancelOrder: (
        (Reason.ORDER_EXISTS, order_exists),
        (Reason.ORDER_OPEN, order_is_wanted),
    ),
    Execute: (
        (Reason.ORDER_EXISTS, both_orders_exist),
        (Reason.ORDERS_OPPOSITE, orders_are_opposite),
        (Reason.ORDER_OPEN, both_orders_are_wanted),
        (Reason.UNITS_WITHIN_ORDERS, as_much_is_wanted),
        (Reason.PRICE_WITHIN_ORDERS, price_suits_both),
        (Reason.ORDERS_SENT, orders_came_first),
        (Reason.TRADE_ID_UNUSED, trade_is_new),
        (Reason.SIDES_DIFFER, orders_are_of_two_accounts),
        (Reason.TRADED_TODAY, trade_is_of_today),
        (Reason.QUANTITY_WITHIN_LIMIT, quantity_traded_is_allowed),
        (Reason.PRICE_WITHIN_LIMIT, price_traded_is_allowed),
        (Reason.MEMBERS_ACTIVE, brokers_are_active),
    ),
    BuyIn: (
        (Reason.ACCOUNT_EXISTS, both_accounts_exist),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.SIDES_DIFFER, somebody_else_sells),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.BUY_IN_DUE, buy_in_is_due),
        (Reason.UNITS_WITHIN_FAIL, units_have_failed),
        (Reason.UNITS_FREE, units_are_free),
    ),
    PostCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.HOLDING_COVERS, cash_is_there),
    ),
    PostSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.HOLDING_COVERS, securities_are_there),
    ),
    ReturnCash: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.COLLATERAL_POSTED, cash_is_posted),
        (Reason.REQUIREMENT_COVERED, cash_is_not_needed),
    ),
    ReturnSecurities: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.COLLATERAL_POSTED, securities_are_posted),
        (Reason.REQUIREMENT_COVERED, securities_are_not_needed),
    ),
    CallMargin: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.MEMBER_NOT_IN_DEFAULT, account_is_not_in_default),
        (Reason.MARGIN_SHORT, margin_is_short),
    ),
    Contribute: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.HOUSE_ACCOUNT, account_is_the_house),
        (Reason.HOLDING_COVERS, cash_is_there),
        (Reason.MEMBER_NOT_IN_DEFAULT, account_is_not_in_default),
    ),
    ProvideCapital: (
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.SUPPLY_WITHIN_LIMIT, cash_stays_within_limit),
    ),
    DeclareDefault: (
        (Reason.MEMBER_EXISTS, member_exists),
        (Reason.MEMBER_NOT_IN_DEFAULT, member_is_not_in_default),
    ),
    Port: (
        (Reason.MEMBER_EXISTS, member_exists),
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CLIENT_ACCOUNT, account_is_of_clients),
        (Reason.MEMBERS_ACTIVE, new_member_is_active),
        (Reason.MEMBER_IN_DEFAULT, old_member_is_in_default),
    ),
    CloseOut: (
        (Reason.ACCOUNT_EXISTS, account_and_bidder_exist),
        (Reason.SECURITY_EXISTS, security_exists),
        (Reason.AMOUNT_POSITIVE, units_are_positive),
        (Reason.TRADE_ID_UNUSED, trade_is_new),
        (Reason.SIDES_DIFFER, somebody_else_bids),
        (Reason.MARKET_OPEN, market_is_open),
        (Reason.PRICE_WITHIN_LIMIT, price_is_allowed),
        (Reason.MEMBERS_ACTIVE, bidder_is_active),
        (Reason.MEMBER_IN_DEFAULT, account_is_in_default),
        (Reason.UNITS_WITHIN_POSITION, units_close_the_position),
    ),
    CoverLoss: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.MEMBER_IN_DEFAULT, account_is_in_default),
        (Reason.CLOSED_OUT, nothing_is_open),
        (Reason.LOSS_FOUND, something_is_owed),
    ),
    Recover: (
        (Reason.ACCOUNT_EXISTS, account_exists),
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.MEMBER_IN_DEFAULT, account_is_in_default),
        (Reason.CLOSED_OUT, nothing_is_open),
        (Reason.LOSS_COVERED, nothing_is_owed),
        (Reason.RECOVERY_FOUND, something_comes_back),
    ),
    RestoreSkin: (
        (Reason.CURRENCY_EXISTS, currency_exists),
        (Reason.AMOUNT_POSITIVE, amount_is_positive),
        (Reason.HOLDING_COVERS, equity_is_there),
    ),
    Advance: (
        (Reason.CLOCK_FORWARD, clock_moves_forward),
        (Reason.CLOCK_WITHIN_LIMIT, clock_moves_within_limit),
    ),
}


@claim(
    "CL-REJ-1",
    "A command is rejected exactly with the first requirement, in order of precedence, that it does not meet.",
    title="rejected with the first unmet requirement",
    kind=Kind.OUTCOME,
    source="Settlement & Clearing, Trade confirmation",
    prevents="a check that one path skips",
)
def rejected_with_the_first_unmet_requirement(before: State, command: Any, outcome: Outcome[State]) -> bool:
    return rejected_with_the_first_unmet(REQUIREMENTS[type(command)], before, command, outcome)
