"""The parameter sets that come with the model: one like the real thing, and small ones in which every edge is near."""

from datetime import date

from attrs import evolve

from clearspec.core.machine import Scope
from clearspec.core.quantities import RATE_SCALE, Atoms, Millis, Price, Rate
from clearspec.core.table import Table
from clearspec.machines.clearing.drive.wide import in_trouble, larger, trouble
from clearspec.machines.clearing.formulas.calendar import DAY, FIRST_DAY, Calendar, Change, Cycle, Day, Session
from clearspec.machines.clearing.formulas.margin import Concentration, RiskModel, Scenario
from clearspec.machines.clearing.state.commands import (
    Advance,
    CancelOrder,
    CaptureTrade,
    CloseOut,
    CoverLoss,
    DeclareDefault,
    DepositCash,
    DepositSecurities,
    Execute,
    PostCash,
    PublishPrice,
    SendOrder,
    SuspendMember,
)
from clearspec.machines.clearing.state.ids import AccountId, MemberId, OrderId, TradeId
from clearspec.machines.clearing.state.parameters import (
    Currency,
    CurrencyId,
    DeliveryModel,
    Parameters,
    Security,
    SecurityId,
    Units,
)
from clearspec.machines.clearing.state.start import empty, start
from clearspec.machines.clearing.state.types import Account, AccountKind, Holdings, Member, State

XYZ, BOND = SecurityId("XYZ"), SecurityId("BOND")
USD, EUR = CurrencyId("USD"), CurrencyId("EUR")


def day(year: int, month: int, of_month: int) -> Day:
    """The day with this date."""
    return Day(date(year, month, of_month).toordinal())


def moves(*each: int) -> Scenario:
    """A scenario in which each security moves by so many parts per million."""
    return Scenario(tuple(Rate(move) for move in each))


MEMORIAL_DAY, INDEPENDENCE_DAY, COLUMBUS_DAY = day(2024, 5, 27), day(2024, 7, 4), day(2024, 10, 14)

HOUR = DAY // 24

NEW_YORK = Session(ahead=Millis(-4 * HOUR), cut_off=Millis(16 * HOUR))
"""In summer; the market closes at four."""

TOKYO = Session(ahead=Millis(9 * HOUR), cut_off=Millis(15 * HOUR))


def noon(today: int, session: Session) -> Millis:
    """Twelve o'clock of this day on the clock of the market."""
    return Millis((today - FIRST_DAY) * DAY + DAY // 2 - session.ahead)


DEFAULT = Parameters(
    securities=(
        Security(
            id=XYZ,
            currency=0,
            supply_max=Units(10**12),
            quantity_max=Units(10**9),
            price_max=Price(10**8),
            reference=Price(10_000),
            penalty=Rate(100),
            haircut=Rate(150_000),
        ),
        Security(
            id=BOND,
            currency=1,
            supply_max=Units(10**12),
            quantity_max=Units(10**9),
            price_max=Price(10**8),
            reference=Price(100_000),
            penalty=Rate(20),
            haircut=Rate(50_000),
        ),
    ),
    currencies=(
        Currency(id=USD, supply_max=Atoms(10**18), call_above=Atoms(10**7)),
        Currency(id=EUR, supply_max=Atoms(10**18), call_above=Atoms(10**7)),
    ),
    trading=Calendar((MEMORIAL_DAY, INDEPENDENCE_DAY)),
    settling=Calendar((MEMORIAL_DAY, INDEPENDENCE_DAY, COLUMBUS_DAY)),
    session=NEW_YORK,
    cycle=Cycle(2, (Change(day(2024, 5, 28), 1),)),
    delivery=DeliveryModel.GROSS,
    partial=True,
    deliveries_max=1_000_000,
    buy_in_after=4,
    accounts_max=100_000,
    advance_max=7,
    margining=False,
    risk=RiskModel(
        scenarios=(moves(-100_000, -20_000), moves(100_000, 20_000), moves(-150_000, 30_000)),
        concentrations=(Concentration(1_000_000, Rate(20_000)), Concentration(1_000_000, Rate(5_000))),
    ),
    call_days=1,
    assessment_multiple=Rate(2 * RATE_SCALE),
)
"""Two weeks around 28 May 2024, on which the United States went from T+2 to T+1.  Prices in cents a share."""

MONDAY = day(2024, 5, 20)

SMALL = Parameters(
    securities=(
        Security(
            id=XYZ,
            currency=0,
            supply_max=Units(40),
            quantity_max=Units(9),
            price_max=Price(12),
            reference=Price(3),
            penalty=Rate(150_000),
            haircut=Rate(300_000),
        ),
        Security(
            id=BOND,
            currency=1,
            supply_max=Units(40),
            quantity_max=Units(9),
            price_max=Price(12),
            reference=Price(5),
            penalty=Rate(40_000),
            haircut=Rate(100_000),
        ),
    ),
    currencies=(
        Currency(id=USD, supply_max=Atoms(300), call_above=Atoms(4)),
        Currency(id=EUR, supply_max=Atoms(300), call_above=Atoms(0)),
    ),
    trading=Calendar((day(2024, 5, 27),)),
    settling=Calendar((day(2024, 5, 23), day(2024, 5, 27))),
    session=TOKYO,
    cycle=Cycle(2, (Change(day(2024, 5, 28), 1),)),
    delivery=DeliveryModel.GROSS,
    partial=True,
    deliveries_max=4,
    buy_in_after=2,
    accounts_max=6,
    advance_max=4,
    margining=False,
    risk=RiskModel(
        scenarios=(moves(-300_000, -100_000), moves(300_000, 100_000), moves(-200_000, 200_000)),
        concentrations=(Concentration(3, Rate(100_000)), Concentration(3, Rate(50_000))),
    ),
    call_days=1,
    assessment_multiple=Rate(1_500_000),
)
"""Small numbers: every limit and every shortage is a few commands away."""

JUNE = day(2024, 6, 3)
"""A Monday after which all trades settle on the next day."""

_IN_DOLLARS = tuple(evolve(security, currency=0) for security in DEFAULT.securities)
"""What is sold in one security can pay for another one."""


def in_default(parameters: Parameters) -> State:
    """Three members of which one is in default: it owes 30, and all there is to pay it are 18, of each currency.

    Of an earlier loss of it another one was assessed 1.
    """
    world, nothing = start(parameters, MONDAY), empty(parameters)

    def has(**money: int) -> Holdings:
        return evolve(nothing, money=tuple(evolve(each, **money) for each in nothing.money))  # type: ignore[arg-type]

    rows = {
        "m": has(posted=2, fund=1, payable=-30, borne=1),
        "n": has(fund=3, assessed=1),
        "o": has(fund=2, payable=30),
    }
    return evolve(
        world,
        members=Table(
            {MemberId(name): Member(suspended=False, house=AccountId(name), defaulted=name == "m") for name in rows}
        ),
        accounts=Table(
            {
                AccountId(name): Account(
                    MemberId(name), AccountKind.HOUSE, 0, holdings, margined=Day(0), defaulted=name == "m"
                )
                for name, holdings in rows.items()
            }
        ),
        central=evolve(
            world.central, outside=has(held=-12), safe=has(held=9, posted=-2, fund=-7), own=has(held=3, fund=1)
        ),
    )


def recovering(parameters: Parameters) -> State:
    """Five members of which two are in default: others bore 25 for one of them, of each currency, and it has 9 again.

    It bore something for others before itself, and so did the other one in default; two have still to replenish their
    contributions, of which one has the cash for it.
    """
    world, nothing = start(parameters, MONDAY), empty(parameters)

    def has(**money: int) -> Holdings:
        return evolve(nothing, money=tuple(evolve(each, **money) for each in nothing.money))  # type: ignore[arg-type]

    rows = {
        "m": has(held=9, used=2, borne=25),
        "n": has(held=6, fund=1, used=4, assessed=3, to_replenish=4, replenish_by=MONDAY),
        "o": has(fund=4, used=3, assessed=2, payable=2),
        "p": has(used=2, assessed=2),
        "q": has(used=1, to_replenish=1, replenish_by=MONDAY),
    }
    return evolve(
        world,
        members=Table(
            {MemberId(name): Member(suspended=False, house=AccountId(name), defaulted=name in "mp") for name in rows}
        ),
        accounts=Table(
            {
                AccountId(name): Account(
                    MemberId(name), AccountKind.HOUSE, 0, holdings, margined=Day(0), defaulted=name in "mp"
                )
                for name, holdings in rows.items()
            }
        ),
        central=evolve(
            world.central,
            outside=has(held=-23),
            safe=has(held=6, fund=-6),
            own=has(held=2, fund=1, used=1, assessed=3, payable=-2),
        ),
    )


_WIDE = evolve(larger(SMALL), margining=True)
"""Three securities in two currencies, and margin for them."""

VARIANTS = {
    "small": start(SMALL, MONDAY),
    "small-same-day": start(evolve(SMALL, cycle=Cycle(0, ()), partial=False), MONDAY),
    "small-net-cash": start(evolve(SMALL, delivery=DeliveryModel.NET_CASH), MONDAY),
    "small-net": start(evolve(SMALL, delivery=DeliveryModel.NET), MONDAY),
    "small-margin": start(evolve(SMALL, margining=True), MONDAY),
    "small-wide": in_trouble(_WIDE, MONDAY),
    "small-default": in_default(SMALL),
    "small-recovery": recovering(evolve(SMALL, margining=True)),
    "small-net-default": in_default(evolve(SMALL, delivery=DeliveryModel.NET)),
    "june": start(DEFAULT, JUNE),
    "june-model-2": start(evolve(DEFAULT, delivery=DeliveryModel.NET_CASH), JUNE),
    "june-model-3": start(evolve(DEFAULT, delivery=DeliveryModel.NET, securities=_IN_DOLLARS), JUNE),
    "june-paper": start(evolve(DEFAULT, deliveries_max=2), JUNE),
    "june-margin": start(evolve(DEFAULT, margining=True), JUNE),
    "assessed-once": start(evolve(DEFAULT, assessment_multiple=Rate(RATE_SCALE)), MONDAY),
}

LARGER: State = start(larger(DEFAULT), MONDAY)
"""A second shape at which proofs are run: three securities in two currencies."""

_MEMBERS = (MemberId("m"), MemberId("n"))
_ACCOUNTS = (AccountId("a"), AccountId("b"))


def _funded(parameters: Parameters, units: int, cash: int) -> State:
    """Two members with an account each, both with so much of everything."""
    world = start(parameters, MONDAY)
    nothing = empty(parameters)
    has = evolve(
        nothing,
        positions=tuple(evolve(each, held=Units(units)) for each in nothing.positions),
        money=tuple(evolve(each, held=Atoms(cash)) for each in nothing.money),
    )
    gave = evolve(
        nothing,
        positions=tuple(evolve(each, held=Units(-2 * units)) for each in nothing.positions),
        money=tuple(evolve(each, held=Atoms(-2 * cash)) for each in nothing.money),
    )
    return evolve(
        world,
        members=Table(
            {
                name: Member(suspended=False, house=account, defaulted=False)
                for account, name in zip(_ACCOUNTS, _MEMBERS, strict=True)
            }
        ),
        accounts=Table(
            {
                name: Account(member, AccountKind.HOUSE, 0, has, margined=Day(0), defaulted=False)
                for name, member in zip(_ACCOUNTS, _MEMBERS, strict=True)
            }
        ),
        central=evolve(world.central, outside=gave),
    )


def _scope(model: DeliveryModel, trades: str, commands: tuple[type, ...]) -> Scope:
    """Two accounts that trade one security for settlement on the same day, with units and cash for some of it."""
    return Scope(
        initial=_funded(evolve(SMALL, cycle=Cycle(0, ()), delivery=model), units=2, cash=10),
        values={
            AccountId: _ACCOUNTS,
            TradeId: tuple(TradeId(name) for name in trades),
            SecurityId: (XYZ,),
            CurrencyId: (USD,),
            OrderId: (OrderId("1"), OrderId("2")),
            MemberId: _MEMBERS[:1],
            "SendOrder.quantity": (Units(2),),
            "SendOrder.limit": (Price(4),),
            "SendOrder.at": (noon(MONDAY, SMALL.session),),
            "Execute.quantity": (Units(1), Units(2)),
            "Execute.price": (Price(4), Price(5)),
            "Execute.at": (noon(MONDAY, SMALL.session),),
            "CaptureTrade.quantity": (Units(1), Units(3)),
            "CaptureTrade.price": (Price(4),),
            "PublishPrice.price": (Price(5),),
            "CaptureTrade.at": (noon(MONDAY, SMALL.session), noon(MONDAY + 1, SMALL.session)),
            "Advance.day": (Day(MONDAY + 1), Day(MONDAY + 2)),
            "DepositCash.amount": (Atoms(5),),
            "DepositSecurities.units": (Units(2),),
        },
        commands=commands,
        within=lambda state: (
            state.central.outside.money[0].held >= -25 and state.central.outside.positions[0].held >= -6
        ),
    )


_FEW = (CaptureTrade, Advance, DepositCash)

_BUYER, _SELLER, _OTHER = AccountId("m"), AccountId("n"), AccountId("o")

_ONE_SECURITY = evolve(
    SMALL,
    securities=SMALL.securities[:1],
    currencies=SMALL.currencies[:1],
    settling=Calendar(()),
    cycle=Cycle(0, ()),
    delivery=DeliveryModel.NET_CASH,
    margining=True,
    risk=RiskModel(scenarios=(moves(-300_000), moves(300_000)), concentrations=(Concentration(3, Rate(100_000)),)),
    assessment_multiple=Rate(RATE_SCALE),
)


def _guaranteed(parameters: Parameters) -> State:
    """Three members, of which one has units to sell and each has something in the fund; who buys has one of margin."""
    world, nothing = start(parameters, MONDAY), empty(parameters)

    def has(units: int, **money: int) -> Holdings:
        return Holdings(
            positions=(evolve(nothing.positions[0], held=Units(units)),),
            money=(evolve(nothing.money[0], **money),),  # type: ignore[arg-type]
        )

    rows = {_BUYER: has(0, posted=1, fund=1), _SELLER: has(2, fund=1), _OTHER: has(0, fund=1)}
    return evolve(
        world,
        members=Table({MemberId(name): Member(suspended=False, house=name, defaulted=False) for name in rows}),
        accounts=Table(
            {
                name: Account(MemberId(name), AccountKind.HOUSE, 0, holdings, margined=Day(0), defaulted=False)
                for name, holdings in rows.items()
            }
        ),
        central=evolve(
            world.central,
            outside=has(-2, held=-6),
            safe=has(0, held=5, posted=-1, fund=-4),
            own=has(0, held=1, fund=1),
        ),
    )


_DEFAULT_SCOPE = Scope(
    initial=_guaranteed(_ONE_SECURITY),
    values={
        AccountId: (_BUYER,),
        MemberId: (MemberId(_BUYER),),
        SecurityId: (XYZ,),
        CurrencyId: (USD,),
        "CaptureTrade.trade": (TradeId("1"),),
        "CaptureTrade.buyer": (_BUYER,),
        "CaptureTrade.seller": (_SELLER,),
        "CaptureTrade.quantity": (Units(2),),
        "CaptureTrade.price": (Price(6),),
        "CaptureTrade.at": (noon(MONDAY, SMALL.session),),
        "CloseOut.trade": (TradeId("2"), TradeId("3")),
        "CloseOut.bidder": (_OTHER,),
        "CloseOut.units": (Units(1),),
        "CloseOut.price": (Price(1), Price(4)),
        "DepositCash.amount": (Atoms(12),),
        "PostCash.amount": (Atoms(12),),
        "Advance.day": tuple(Day(MONDAY + days) for days in range(1, 4)),
    },
    commands=(CaptureTrade, DepositCash, PostCash, DeclareDefault, CloseOut, CoverLoss, Advance),
    within=lambda state: state.central.outside.money[0].held >= -18,
)
"""A purchase that is not paid for, the call for it, met or not, the default, its close-out in chunks, and its loss."""

SCOPES = {
    "gross": _scope(DeliveryModel.GROSS, "1", _FEW),
    "net-cash": _scope(DeliveryModel.NET_CASH, "1", _FEW),
    "net": _scope(DeliveryModel.NET, "1", _FEW),
    "orders": _scope(DeliveryModel.GROSS, "12", (SendOrder, CancelOrder, Execute, SuspendMember, Advance)),
    "trades": _scope(DeliveryModel.GROSS, "12", (*_FEW, DepositSecurities, PublishPrice)),
    "default": _DEFAULT_SCOPE,
    "trouble": trouble(_WIDE, MONDAY),
}
"""All but "trades" are so small that every state can be visited."""
