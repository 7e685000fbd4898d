"""Random commands that look at the state, so that most mean something and some do not."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.quantities import Atoms, Millis, Price
from clearspec.machines.clearing.drive.worlds import noon
from clearspec.machines.clearing.formulas.calendar import DAY, Day
from clearspec.machines.clearing.rules.calls import missing
from clearspec.machines.clearing.rules.default import left_open
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
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import CurrencyId, SecurityId, Units, security_place
from clearspec.machines.clearing.state.types import Account, AccountKind, Order, Side, State, account_of, member_of

MEMBERS = ("m", "n", "o")
NAMES = ("a", "b", "c")


def generate(state: State, choices: Choices) -> Any:
    """A command for this state."""
    if choices.integer(1, 40) == 1:
        return unlikely(state, choices)
    members = [key for key, _ in state.members.rows()]
    sound = [key for key, row in state.members.rows() if not row.defaulted]
    if len(sound) < 2 or choices.integer(1, 60) == 1:
        taken = len(members)
        return AdmitMember(MemberId(choices.pick((*MEMBERS, f"m{taken}"))))
    if len([1 for _ in state.accounts.rows()]) < 3 or choices.integer(1, 40) == 1:
        return open_account(state, choices)
    barred = [key for key, row in state.members.rows() if row.suspended]
    if barred and choices.integer(1, 5) == 1:
        return SuspendMember(choices.pick(barred), False)
    failing = [key for key, row in state.accounts.rows() if any(each.failed < 0 for each in row.holdings.positions)]
    if failing and choices.integer(1, 10) == 1:
        return buy_in(state, choices, choices.pick(failing))
    if state.parameters.margining and choices.integer(1, 5) == 1:
        short = [key for key, row in state.accounts.rows() if not row.defaulted and is_short(state, row)]
        if short:
            return CallMargin(choices.pick(short))
    if choices.integer(1, 5) == 1:
        return securing(state, choices)
    broken = [key for key, row in state.accounts.rows() if row.defaulted]
    if broken and choices.integer(1, 5) <= 2:
        return winding_up(state, choices, choices.pick(broken))
    estates = [
        (key, place)
        for key, row in state.accounts.rows()
        for place, each in enumerate(row.holdings.money)
        if each.borne > 0
    ]
    if estates and choices.integer(1, 5) == 1:
        return recovering(state, choices, *choices.pick(estates))
    called = [key for key, row in state.accounts.rows() if any(each.called > 0 for each in row.holdings.money)]
    if called and choices.integer(1, 4) > 1:
        return answer(state, choices, choices.pick(called))
    lacking = [
        key
        for key, row in state.accounts.rows()
        if not row.defaulted and any(each.to_replenish > 0 for each in row.holdings.money)
    ]
    if lacking and choices.integer(1, 4) == 1:
        return replenish(state, choices, choices.pick(lacking))
    kind = choices.integer(1, 100)
    if kind <= 12:
        return custody_of_securities(state, choices)
    if kind <= 24:
        return custody_of_cash(state, choices)
    if kind <= 50:
        return trade(state, choices)
    if kind <= 72:
        return ordering(state, choices)
    if kind <= 77:
        return publish(state, choices)
    if kind <= 80:
        return SetPriority(account(state, choices), choices.integer(0, 3))
    if kind == 81:
        return SuspendMember(choices.pick(members), True)
    if kind > 88:
        return Advance(Day(state.today + choices.pick((1, 1, 1, 1, 1, 1, 2, min(3, state.parameters.advance_max)))))
    return custody_of_securities(state, choices)


def account(state: State, choices: Choices) -> AccountId:
    return choices.pick([key for key, _ in state.accounts.rows()] or [AccountId(NAMES[0])])


def open_account(state: State, choices: Choices) -> OpenAccount:
    names: tuple[str, ...] = NAMES if choices.integer(1, 3) == 1 else (*NAMES, *"defghi")
    members = [key for key, _ in state.members.rows()]
    return OpenAccount(AccountId(choices.pick(names)), choices.pick(members), choices.pick(tuple(AccountKind)))


def custody_of_securities(state: State, choices: Choices) -> Any:
    """Securities come or leave: a little, all that is there, or more than may be."""
    who, place = account(state, choices), choices.integer(0, len(state.parameters.securities) - 1)
    security, row = state.parameters.securities[place], state.accounts.get(who)
    held = 0 if row is None else row.holdings.positions[place].held
    if choices.integer(1, 3) == 1:
        return WithdrawSecurities(who, security.id, Units(choices.pick((held, held + 1, choices.integer(0, held)))))
    most = security.supply_max
    return DepositSecurities(who, security.id, Units(choices.pick((1, 2, most // 8, most // 4, most))))


def custody_of_cash(state: State, choices: Choices) -> Any:
    """Cash comes or leaves: a little, all that is there, or more than may be."""
    who, place = account(state, choices), choices.integer(0, len(state.parameters.currencies) - 1)
    currency, row = state.parameters.currencies[place], state.accounts.get(who)
    held = 0 if row is None else row.holdings.money[place].held
    if choices.integer(1, 3) == 1:
        return WithdrawCash(who, currency.id, Atoms(choices.pick((held, held + 1, choices.integer(0, held)))))
    most = currency.supply_max
    return DepositCash(who, currency.id, Atoms(choices.pick((1, 3, most // 8, most // 4, most))))


def trade(state: State, choices: Choices) -> CaptureTrade:
    place = choices.integer(0, len(state.parameters.securities) - 1)
    security = state.parameters.securities[place]
    buyer, seller = account(state, choices), account(state, choices)
    others = [key for key, _ in state.accounts.rows() if key != buyer]
    if buyer == seller and others and choices.integer(1, 8) > 1:
        seller = choices.pick(others)
    name, terms = trade_name(state, choices), (quantity(state, choices, place), price(state, choices, place))
    return CaptureTrade(name, buyer, seller, security.id, *terms, hour(state, choices))


def trade_name(state: State, choices: Choices) -> TradeId:
    """A new name, or now and then one that may have been used."""
    taken = len([1 for _ in state.trades.rows()])
    return TradeId(f"t{taken}" if choices.integer(1, 20) > 1 else f"t{choices.integer(0, taken)}")


def price(state: State, choices: Choices, place: int) -> Price:
    """A price near the published one, or at the edges of what may be asked."""
    security = state.parameters.securities[place]
    near = max(state.prices[place].published * choices.integer(70, 130) // 100, 1)
    edges = (0, 1, security.price_max, security.price_max + 1)
    usual = choices.integer(1, 30) > 1
    return Price(min(near + choices.integer(0, 1), security.price_max) if usual else choices.pick(edges))


def quantity(state: State, choices: Choices, place: int) -> Units:
    """As much as there may be at hand, or at the edges of what may be asked."""
    security = state.parameters.securities[place]
    most = min(security.quantity_max, max(security.supply_max // 8, 1))
    edges = (0, 1, security.quantity_max, security.quantity_max + 1)
    return Units(choices.integer(1, most) if choices.integer(1, 20) > 1 else choices.pick(edges))


def hour(state: State, choices: Choices) -> Millis:
    """Noon of today, or an hour at the edges of the trade date."""
    at = noon(state.today, state.parameters.session)
    if choices.integer(1, 20) == 1:
        late = state.parameters.session.cut_off - DAY // 2
        at = Millis(at + choices.pick((late, late - 1, late - DAY, late - DAY - 1, -DAY, DAY)))
    return at


def ordering(state: State, choices: Choices) -> Any:
    """An order is sent; or orders that stand are answered by another one, executed, or called back."""
    sent = list(state.orders.rows())
    standing = {
        key: row for key, row in sent if row.sent_on == state.today and row.quantity > row.filled + row.cancelled
    }
    kind = choices.integer(1, 20)
    if sent and kind == 1:
        standing = dict(choices.pick(sent) for _ in range(4))
    if standing and kind == 2:
        begun = [key for key, row in standing.items() if row.filled > 0]
        return CancelOrder(choices.pick(begun or list(standing)))
    if standing and kind <= 15:
        return execution(state, choices, standing, len(sent))
    place = choices.integer(0, len(state.parameters.securities) - 1)
    limit = price(state, choices, place)
    return order(state, choices, len(sent), account(state, choices), place, choices.pick(tuple(Side)), limit)


def order(
    state: State, choices: Choices, taken: int, who: AccountId, place: int, side: Side, limit: Price
) -> SendOrder:
    """An order under a new name, or now and then under one that may have been used."""
    return SendOrder(
        OrderId(f"order{taken if choices.integer(1, 20) > 1 else choices.integer(0, taken)}"),
        who,
        state.parameters.securities[place].id,
        side,
        quantity(state, choices, place),
        limit,
        Millis(hour(state, choices) + choices.integer(0, 2)),
    )


def execution(state: State, choices: Choices, standing: dict[OrderId, Order], taken: int) -> Any:
    """Two orders are executed that may be, more often than not, for what is left of the smaller one.

    If none match, one of them is answered by an order of somebody else that does.
    """
    matches = [
        (one, other)
        for one, buy in standing.items()
        for other, sell in standing.items()
        if buy.side == Side.BUY
        and sell.side == Side.SELL
        and (buy.security == sell.security or choices.integer(1, 10) == 1)
        and (buy.account != sell.account or choices.integer(1, 10) == 1)
        and (buy.limit >= sell.limit or choices.integer(1, 10) == 1)
    ]
    names = list(standing)
    if not matches and choices.integer(1, 8) > 1:
        row = standing[choices.pick(names)]
        place = security_place(state.parameters, row.security)
        assert place is not None, "an order is for a security that exists"
        others = [key for key, _ in state.accounts.rows() if key != row.account]
        who = choices.pick(others or [row.account])
        return order(state, choices, taken, who, place, Side.SELL if row.side == Side.BUY else Side.BUY, row.limit)
    one, other = choices.pick(matches) if matches else (choices.pick(names), choices.pick(names))
    buy, sell = standing[one], standing[other]
    left = min(row.quantity - row.filled - row.cancelled for row in (buy, sell))
    units = choices.pick((left, left, choices.integer(0, max(left, 1)), left + choices.integer(0, 1)))
    limits = sorted((buy.limit, sell.limit))
    agreed = choices.integer(*limits) if choices.integer(1, 10) > 1 else limits[1] + 1
    first, last = sorted((buy.sent_at, sell.sent_at))
    at = last if choices.integer(1, 8) > 1 else choices.pick((first, hour(state, choices)))
    return Execute(trade_name(state, choices), one, other, Units(units), Price(agreed), at)


def publish(state: State, choices: Choices) -> PublishPrice:
    place = choices.integer(0, len(state.parameters.securities) - 1)
    security, was = state.parameters.securities[place], state.prices[place].published
    price = choices.pick((max(was * choices.integer(60, 150) // 100, 1), was + 1, security.reference))
    if choices.integer(1, 20) == 1:
        price = choices.pick((1, security.price_max))
    return PublishPrice(security.id, Price(price))


def buy_in(state: State, choices: Choices, who: AccountId) -> BuyIn:
    """A buy-in for an account that fails, of what it fails in more often than not, from one who has it."""
    positions = account_of(state, who).holdings.positions
    place = choices.pick([i for i, each in enumerate(positions) if each.failed < 0])
    security, failed = state.parameters.securities[place], -positions[place].failed
    units = choices.pick((failed, 1, choices.integer(1, failed), failed + choices.integer(0, 1)))
    others = [
        key
        for key, row in state.accounts.rows()
        if key != who and row.holdings.positions[place].held >= units * choices.integer(0, 1)
    ]
    price = state.prices[place].published * choices.integer(80, 130) // 100 + choices.integer(0, 1)
    seller = choices.pick(others) if others and choices.integer(1, 12) > 1 else account(state, choices)
    if choices.integer(1, 20) == 1:
        price = choices.pick((1, security.price_max, security.price_max + 1))
    return BuyIn(who, seller, security.id, Units(units), Price(max(price, 1)))


def securing(state: State, choices: Choices) -> Any:
    """Collateral comes or goes, a contribution or capital comes, or somebody is called for margin."""
    who, place = account(state, choices), choices.integer(0, len(state.parameters.currencies) - 1)
    currency, row = state.parameters.currencies[place], account_of(state, who)
    money, kind = row.holdings.money[place], choices.integer(1, 11)
    if kind <= 2:
        return CallMargin(who)
    if kind <= 4:
        rich = [
            key
            for key, each in state.accounts.rows()
            if each.kind == AccountKind.HOUSE and each.holdings.money[place].held > 0 and not each.defaulted
        ]
        if rich and choices.integer(1, 8) > 1:
            who = choices.pick(rich)
            return Contribute(who, currency.id, Atoms(choices.integer(1, 3)))
        return Contribute(who, currency.id, Atoms(choices.pick((1, 2, choices.integer(0, max(money.held // 4, 2))))))
    if kind == 5 and choices.integer(1, 4) == 1:
        equity = state.central.own.money[place].held
        return RestoreSkin(currency.id, Atoms(choices.pick((choices.integer(0, equity), equity, equity + 1))))
    if kind == 5:
        most = currency.supply_max
        return ProvideCapital(
            currency.id, Atoms(choices.pick((1, 2, most // 100, most // 20, most))), choices.integer(0, 1) == 1
        )
    if kind <= 7:
        return PostCash(who, currency.id, Atoms(choices.integer(0, money.held + 1)))
    if kind == 8:
        return ReturnCash(who, currency.id, Atoms(choices.pick((money.posted, 1, money.posted + 1))))
    if kind == 9 and choices.integer(1, 6) == 1:
        accounts = [each for _, each in state.accounts.rows()]
        owing = [each.member for each in accounts if any(cash.payable < 0 for cash in each.holdings.money)]
        return DeclareDefault(choices.pick(owing) if owing else row.member)
    i = choices.integer(0, len(state.parameters.securities) - 1)
    security = state.parameters.securities[i].id
    if kind <= 10:
        return PostSecurities(who, security, Units(choices.integer(0, row.holdings.positions[i].held + 1)))
    pledged = [key for key, each in state.accounts.rows() if each.holdings.positions[i].posted > 0]
    who = choices.pick(pledged) if pledged else who
    position = account_of(state, who).holdings.positions[i]
    return ReturnSecurities(who, security, Units(choices.pick((position.posted, 1, position.posted + 1))))


def is_short(state: State, row: Account) -> bool:
    """May the account be called for margin within the day?"""
    return any(missing(state, row, i, each.call_above) > 0 for i, each in enumerate(state.parameters.currencies))


def answer(state: State, choices: Choices, who: AccountId) -> Any:
    """Who is called brings what it has to, or not, or brings the cash for it first."""
    row = account_of(state, who)
    place = choices.pick([i for i, each in enumerate(row.holdings.money) if each.called > 0])
    money, currency = row.holdings.money[place], state.parameters.currencies[place].id
    if choices.integer(1, 4) == 1:
        return Advance(Day(state.today + 1))
    if money.held == 0:
        return DepositCash(who, currency, Atoms(money.called + choices.integer(0, 1)))
    return PostCash(who, currency, Atoms(min(money.held, money.called)))


def replenish(state: State, choices: Choices, who: AccountId) -> Any:
    """Who has to replenish its contribution does, in full or in part, or brings the cash for it first."""
    row = account_of(state, who)
    place = choices.pick([i for i, each in enumerate(row.holdings.money) if each.to_replenish > 0])
    money, currency = row.holdings.money[place], state.parameters.currencies[place].id
    if money.held == 0:
        return DepositCash(who, currency, Atoms(money.to_replenish))
    most = min(money.held, money.to_replenish)
    return Contribute(who, currency, Atoms(choices.pick((most, most, choices.integer(1, most)))))


def recovering(state: State, choices: Choices, who: AccountId, place: int) -> Any:
    """Cash comes to the estate of a member for which others paid, and then goes back to them."""
    money, currency = account_of(state, who).holdings.money[place], state.parameters.currencies[place].id
    if money.held == 0 and choices.integer(1, 12) > 1:
        return DepositCash(
            who,
            currency,
            Atoms(choices.pick((choices.integer(1, money.borne), choices.integer(1, money.borne), money.borne + 1))),
        )
    if money.held > 0 and choices.integer(1, 20) == 1:
        return WithdrawCash(who, currency, Atoms(money.held))
    return Recover(who, currency)


def winding_up(state: State, choices: Choices, who: AccountId) -> Any:
    """What is done about a member in default: its clients are ported, its house is closed out, and its loss covered."""
    row, kind = account_of(state, who), choices.integer(1, 12)
    clients = [
        key
        for key, each in state.accounts.rows()
        if each.kind == AccountKind.CLIENT and (each.member == row.member or choices.integer(1, 9) == 1)
    ]
    if kind <= 2 and clients:
        return Port(choices.pick((*clients, *clients, who)), choices.pick([key for key, _ in state.members.rows()]))
    for i, position in enumerate(row.holdings.positions):
        if position.posted > 0:
            return ReturnSecurities(who, state.parameters.securities[i].id, position.posted)
    open_still = [i for i in range(len(state.parameters.securities)) if left_open(state, who, i) != 0]
    owed = [i for i, each in enumerate(row.holdings.money) if each.payable < 0]
    if owed and (not open_still or kind == 3):
        place = choices.pick(owed) if kind < 12 else choices.integer(0, len(state.parameters.currencies) - 1)
        rich = [
            key for key, each in state.accounts.rows() if each.holdings.money[place].held > 0 and not each.defaulted
        ]
        if rich and choices.integer(1, 2) > 1:
            return Contribute(choices.pick(rich), state.parameters.currencies[place].id, Atoms(choices.integer(1, 3)))
        if choices.integer(1, 4) == 1:
            return Recover(who, state.parameters.currencies[place].id)
        return CoverLoss(who, state.parameters.currencies[place].id)
    if not open_still and kind < 12:
        if kind == 11:
            return CoverLoss(who, choices.pick(state.parameters.currencies).id)
        return Advance(Day(state.today + 1))
    i = choices.pick(open_still) if open_still else choices.integer(0, len(state.parameters.securities) - 1)
    security, has = state.parameters.securities[i], abs(left_open(state, who, i))
    others = [
        key
        for key, each in state.accounts.rows()
        if (key != who and not member_of(state, each).defaulted) or choices.integer(1, 20) == 1
    ]
    taken = len([1 for _ in state.trades.rows()])
    price = state.prices[i].published * choices.integer(60, 110) // 100 + choices.integer(0, 1)
    return CloseOut(
        TradeId(f"t{taken - (1 if choices.integer(1, 20) == 1 else 0)}"),
        who if choices.integer(1, 20) > 1 else account(state, choices),
        choices.pick(others) if others else account(state, choices),
        security.id,
        Units(choices.pick((has, has, max(has // 2, 1), has + choices.integer(0, 1)))),
        Price(max(price, 1)),
    )


def unlikely(state: State, choices: Choices) -> Any:
    """A command that names what is not there, or asks for nothing."""
    nobody, nothing = AccountId("nobody"), Units(choices.integer(-1, 0))
    some, security = account(state, choices), state.parameters.securities[0].id
    return choices.pick(
        (
            OpenAccount(some, MemberId("nobody"), AccountKind.HOUSE),
            SuspendMember(MemberId("nobody"), True),
            SetPriority(nobody, 1),
            DepositSecurities(nobody, security, Units(1)),
            WithdrawSecurities(nobody, security, Units(1)),
            DepositCash(nobody, state.parameters.currencies[0].id, Atoms(1)),
            WithdrawCash(nobody, state.parameters.currencies[0].id, Atoms(1)),
            DepositCash(some, state.parameters.currencies[0].id, Atoms(nothing)),
            PublishPrice(SecurityId("none"), Price(1)),
            DepositSecurities(some, SecurityId("none"), Units(1)),
            DepositSecurities(some, security, nothing),
            WithdrawSecurities(some, SecurityId("none"), Units(1)),
            WithdrawSecurities(some, security, nothing),
            DepositCash(some, CurrencyId("none"), Atoms(1)),
            WithdrawCash(some, CurrencyId("none"), Atoms(1)),
            WithdrawCash(some, state.parameters.currencies[0].id, Atoms(nothing)),
            BuyIn(some, nobody, security, Units(1), Price(1)),
            BuyIn(some, some, security, Units(1), Price(1)),
            BuyIn(some, some, security, nothing, Price(1)),
            BuyIn(some, account(state, choices), SecurityId("none"), Units(1), Price(1)),
            BuyIn(some, account(state, choices), security, Units(1), Price(1)),
            BuyIn(some, account(state, choices), security, Units(1), Price(0)),
            PostCash(nobody, state.parameters.currencies[0].id, Atoms(1)),
            PostCash(some, CurrencyId("none"), Atoms(1)),
            PostSecurities(nobody, security, Units(1)),
            PostSecurities(some, SecurityId("none"), Units(1)),
            ReturnCash(nobody, state.parameters.currencies[0].id, Atoms(1)),
            ReturnCash(some, CurrencyId("none"), Atoms(1)),
            ReturnSecurities(nobody, security, Units(1)),
            ReturnSecurities(some, SecurityId("none"), Units(1)),
            CallMargin(nobody),
            CallMargin(some),
            Contribute(nobody, state.parameters.currencies[0].id, Atoms(1)),
            Contribute(some, CurrencyId("none"), Atoms(1)),
            ProvideCapital(CurrencyId("none"), Atoms(1), False),
            ProvideCapital(state.parameters.currencies[0].id, Atoms(nothing), True),
            DeclareDefault(MemberId("nobody")),
            Port(some, MemberId("nobody")),
            Port(nobody, account_of(state, some).member if state.accounts.get(some) else MemberId("nobody")),
            Port(some, account_of(state, some).member if state.accounts.get(some) else MemberId("nobody")),
            CloseOut(TradeId("odd"), some, nobody, security, Units(1), Price(1)),
            CloseOut(TradeId("odd"), some, some, security, Units(1), Price(1)),
            CloseOut(TradeId("odd"), some, some, security, nothing, Price(1)),
            CloseOut(TradeId("odd"), some, account(state, choices), SecurityId("none"), Units(1), Price(1)),
            CloseOut(TradeId("odd"), some, account(state, choices), security, Units(1), Price(0)),
            CoverLoss(nobody, state.parameters.currencies[0].id),
            CoverLoss(some, CurrencyId("none")),
            CoverLoss(some, state.parameters.currencies[0].id),
            Recover(nobody, state.parameters.currencies[0].id),
            Recover(some, CurrencyId("none")),
            Recover(some, state.parameters.currencies[0].id),
            RestoreSkin(CurrencyId("none"), Atoms(1)),
            RestoreSkin(state.parameters.currencies[0].id, Atoms(nothing)),
            SendOrder(OrderId("odd"), nobody, security, Side.BUY, Units(1), Price(1), Millis(0)),
            SendOrder(OrderId("odd"), some, SecurityId("none"), Side.SELL, Units(1), Price(1), Millis(0)),
            CancelOrder(OrderId("none")),
            Execute(TradeId("odd"), OrderId("none"), OrderId("none"), Units(1), Price(1), Millis(0)),
            CaptureTrade(TradeId("odd"), nobody, some, security, Units(1), Price(1), Millis(0)),
            CaptureTrade(TradeId("odd"), some, some, SecurityId("none"), Units(1), Price(1), Millis(0)),
            PublishPrice(security, Price(choices.pick((0, state.parameters.securities[0].price_max + 1)))),
            Advance(Day(state.today - choices.integer(0, 1))),
            Advance(Day(state.today + state.parameters.advance_max + choices.integer(0, 1))),
        )
    )
