"""Worlds of more securities and members: what can be told apart only where there are several of them.

With two survivors the second pays what the first has left, whatever their shares; with one security of a currency its
worst scenario is that of the portfolio.
"""

from attrs import evolve

from clearspec.core.machine import Scope
from clearspec.core.quantities import Atoms, Price, Rate
from clearspec.core.table import Table
from clearspec.machines.clearing.formulas.calendar import Day
from clearspec.machines.clearing.formulas.margin import Scenario
from clearspec.machines.clearing.state.commands import Advance, CallMargin, CoverLoss, PostCash
from clearspec.machines.clearing.state.ids import AccountId, MemberId, TradeId
from clearspec.machines.clearing.state.parameters import Parameters, SecurityId, Units
from clearspec.machines.clearing.state.start import empty, start
from clearspec.machines.clearing.state.types import (
    Account,
    AccountKind,
    Holdings,
    Member,
    State,
    Trade,
    TradeStatus,
    put_at,
)

ABC = SecurityId("ABC")


def larger(parameters: Parameters) -> Parameters:
    """A third security, in the first currency, that gains where the first one loses.  Requires: there are two."""
    first = parameters.securities[0]
    scenarios = tuple(Scenario((*each.moves, Rate(-each.moves[0] // 2))) for each in parameters.risk.scenarios)
    charges = (*parameters.risk.concentrations, parameters.risk.concentrations[0])
    return evolve(
        parameters,
        securities=(*parameters.securities, evolve(first, id=ABC, reference=Price(first.reference + 1))),
        risk=evolve(parameters.risk, scenarios=scenarios, concentrations=charges),
    )


def in_trouble(parameters: Parameters, today: Day) -> State:
    """Six members, one of them in default and closed out, and two with an open trade of each of two securities.

    It owes 15 of the first currency, less than what four survivors have in the fund, and 30 of the second, more than
    that, and its client has posted something.  One that trades has posted nothing, its client more than both need.
    """
    world, nothing = start(parameters, today), empty(parameters)
    settles = Day(today + 1)
    clients = {"client": "n", "other": "m"}
    trades = {"1": ("n", "o", 0, 4, 12), "2": ("p", "n", 2, 3, 12)}

    def has(first: int = 0, second: int = 0, **each: int) -> Holdings:
        payable = (first, second)
        money = tuple(
            evolve(was, payable=Atoms(owed), **each)  # type: ignore[arg-type]
            for was, owed in zip(nothing.money, payable, strict=True)
        )
        return evolve(nothing, money=money)

    rows = {
        "m": has(-15, -30, posted=2, fund=1),
        "n": has(fund=3, held=9),
        "o": has(15, 30, fund=5),
        "p": has(fund=7),
        "q": has(fund=2),
        "r": has(held=3),
        "client": has(posted=20),
        "other": has(posted=5),
    }
    for buyer, seller, place, units, amount in trades.values():
        rows[buyer] = with_contract(parameters, rows[buyer], place, units, -amount)
        rows[seller] = with_contract(parameters, rows[seller], place, -units, amount)
    members = [name for name in rows if name not in clients]
    return evolve(
        world,
        members=Table(
            {MemberId(name): Member(suspended=False, house=AccountId(name), defaulted=name == "m") for name in members}
        ),
        accounts=Table(
            {
                AccountId(name): Account(
                    member=MemberId(clients.get(name, name)),
                    kind=AccountKind.CLIENT if name in clients else AccountKind.HOUSE,
                    priority=0,
                    holdings=holdings,
                    margined=Day(0),
                    defaulted=name == "m",
                )
                for name, holdings in rows.items()
            }
        ),
        trades=Table(
            {
                TradeId(name): Trade(
                    buyer=AccountId(buyer),
                    seller=AccountId(seller),
                    security=parameters.securities[place].id,
                    quantity=Units(units),
                    amount=Atoms(amount),
                    traded_on=today,
                    settles_on=settles,
                    status=TradeStatus.NOVATED,
                )
                for name, (buyer, seller, place, units, amount) in trades.items()
            }
        ),
        central=evolve(
            world.central,
            outside=has(held=-62),
            safe=has(held=46, posted=-27, fund=-19),
            own=has(held=4, fund=1),
        ),
    )


def with_contract(parameters: Parameters, holdings: Holdings, place: int, units: int, cash: int) -> Holdings:
    """The holdings with so many units more to get, and so much cash, under a contract whose day has not come."""
    currency = parameters.securities[place].currency
    position, money = holdings.positions[place], holdings.money[currency]
    position = evolve(position, cleared=Units(position.cleared + units))
    money = evolve(money, cleared=Atoms(money.cleared + cash))
    return Holdings(put_at(holdings.positions, place, position), put_at(holdings.money, currency, money))


def trouble(parameters: Parameters, today: Day) -> Scope:
    """The loss of one of six members in both currencies, and calls for the margin of others."""
    return Scope(
        initial=in_trouble(parameters, today),
        values={
            "CoverLoss.account": (AccountId("m"),),
            "CoverLoss.currency": tuple(each.id for each in parameters.currencies),
            "CallMargin.account": tuple(AccountId(name) for name in ("n", "o", "p", "client")),
            "PostCash.account": (AccountId("n"),),
            "PostCash.currency": (parameters.currencies[0].id,),
            "PostCash.amount": (Atoms(4),),
            "Advance.day": (Day(today + 1), Day(today + 2)),
        },
        commands=(CoverLoss, CallMargin, PostCash, Advance),
    )
