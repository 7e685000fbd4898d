"""Lending and borrowing: what commands and trades move, the bound on utilisation, and laws of the rate."""

from typing import Any

from clearspec.core.choices import Choices
from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import RATE_SCALE, Rate
from clearspec.machines.exchange.claims.loans import assets_of, claimed, owed
from clearspec.machines.exchange.state.commands import Borrow, Lend, Match, Redeem, Repay, SetAutoLending
from clearspec.machines.exchange.state.parameters import asset_place
from clearspec.machines.exchange.state.types import Account, State
from clearspec.mechanisms.lending import (
    HOURLY,
    INDEX_SCALE,
    RateCurve,
    borrow_growth,
    lend_growth,
    room_to_borrow,
    room_to_redeem,
    valid_curve,
    within_bound,
)


@claim(
    "EX-LND-1",
    "Lending, redeeming, borrowing and repaying exchange cash for a claim or a debt of one asset, atom for atom."
    " Rounding gives nobody a gain, not even in an empty pool.",
    title="loans move atom for atom",
    kind=Kind.STEP,
    on=(Lend, Redeem, Borrow, Repay),
    source="rules §6",
    prevents="Hundred: the first depositor of an empty pool",
)
def loans_move_atom_for_atom(before: State, command: Lend | Redeem | Borrow | Repay, after: Accepted[State]) -> bool:
    place = asset_place(before.parameters, command.asset)
    was, now = before.accounts.get(command.account), after.state.accounts.get(command.account)
    if place is None or was is None or now is None:
        return False
    lending = isinstance(command, Lend) - isinstance(command, Redeem)
    borrowing = isinstance(command, Borrow) - isinstance(command, Repay)
    return all(
        moved_atom_for_atom(was, now, asset, command.amount * lending, command.amount * borrowing)
        if asset == place
        else moved_atom_for_atom(was, now, asset, 0, 0)
        for asset in assets_of(before)
    )


@measure
def moved_atom_for_atom(was: Account, now: Account, asset: int, lent: int, borrowed: int) -> bool:
    """Is there so much more of claim and debt, and just as much less and more of cash?"""
    old, new = was.holdings.loans[asset], now.holdings.loans[asset]
    cash = now.holdings.balances[asset] - was.holdings.balances[asset]
    return new.lent - old.lent == lent and new.borrowed - old.borrowed == borrowed and cash == borrowed - lent


@claim(
    "EX-LND-2",
    "No loan or redemption drives what is borrowed of an asset beyond its bound of what clients have lent.",
    title="utilisation stays within its bound",
    kind=Kind.STEP,
    on=(Borrow, Redeem),
    source="rules §6",
    prevents="Mango v4: withdrawals that push utilisation past 100 %",
)
def utilisation_stays_within_its_bound(before: State, command: Borrow | Redeem, after: Accepted[State]) -> bool:
    place = asset_place(before.parameters, command.asset)
    if place is None:
        return False
    debt, claims = after.state.accounts.total(owed, place), after.state.accounts.total(claimed, place)
    return debt * RATE_SCALE <= before.parameters.assets[place].utilisation_max * claims


@claim(
    "EX-LND-3",
    "Only the account decides what its proceeds do and whether the venue may borrow for it. That command changes"
    " nothing else.",
    title="only the account decides what proceeds do",
    kind=Kind.STEP,
    on=(SetAutoLending,),
)
def proceeds_do_as_told(before: State, command: SetAutoLending, after: Accepted[State]) -> bool:
    now = after.state.accounts.get(command.account)
    return (
        now is not None
        and now.auto_repay == command.repay
        and now.auto_lend == command.lend
        and now.auto_borrow == command.borrow
    )


@claim(
    "EX-LND-4",
    "A trade raises nobody's debt and lowers nobody's claim. It lowers a debt only with auto-repay, and raises a"
    " claim only with auto-lend.",
    title="trades repay and lend only as asked",
    kind=Kind.STEP,
    on=(Match,),
    source="Settlement & Clearing, Auto Borrow/Lend Settlement; rules §6",
)
def trades_repay_and_lend_as_told(before: State, beat: Match, after: Accepted[State]) -> bool:
    return before.accounts.every(
        lambda key, account: loans_moved_as_told(account, after.state.accounts.get(key), len(before.parameters.assets))
    )


@measure
def loans_moved_as_told(was: Account, now: Account | None, assets: int) -> bool:
    """Did debts only fall, and claims only rise, and only as the account wants it?"""
    if now is None:
        return False
    return all(
        0 <= now.holdings.loans[i].borrowed <= was.holdings.loans[i].borrowed
        and now.holdings.loans[i].lent >= was.holdings.loans[i].lent
        and (was.auto_repay or now.holdings.loans[i].borrowed == was.holdings.loans[i].borrowed)
        and (was.auto_lend or now.holdings.loans[i].lent == was.holdings.loans[i].lent)
        for i in range(assets)
    )


def rate_arguments(choices: Choices) -> tuple[Any, ...]:
    """A curve, debt and claims near its kink, and more debt."""
    curve = RateCurve(
        base=Rate(choices.integer(0, 50_000)),
        gentle=Rate(choices.integer(0, 200_000)),
        steep=Rate(choices.integer(0, 3_000_000)),
        kink=Rate(choices.pick((1, 500_000, 800_000, RATE_SCALE - 1))),
    )
    claims = choices.integer(1, 10 ** choices.pick((1, 3, 9)))
    at_kink = curve.kink * claims // RATE_SCALE
    debt = choices.pick((0, at_kink, at_kink + 1, claims, claims + 1, choices.integer(0, claims)))
    return curve, debt, claims, choices.integer(0, claims)


@claim(
    "LP-1",
    "The yearly rate is continuous. With nothing borrowed it is the base, at the kink base and gentle slope, with"
    " everything borrowed all three.",
    title="the borrowing rate is continuous",
    kind=Kind.LAW,
    source="Settlement & Clearing, Borrow/Lend: a two-slope utilisation curve; rules §6",
    sample=rate_arguments,
)
def the_rate_is_continuous(curve: RateCurve, debt: int, claims: int, more: int) -> bool:
    if not (valid_curve(curve) and claims > 0 and (RATE_SCALE - curve.kink) * claims > 0):
        return True
    return (
        borrow_growth(curve, 0, claims) == hourly(curve.base)
        and borrow_growth(curve, curve.kink * claims, RATE_SCALE * claims) == hourly(curve.base + curve.gentle)
        and borrow_growth(curve, claims, claims) == hourly(curve.base + curve.gentle + curve.steep)
    )


def hourly(yearly: int) -> int:
    """A yearly rate by the hour, rounded up, in 1 / INDEX_SCALE."""
    return -(-yearly * INDEX_SCALE // (RATE_SCALE * 365 * 24))


@claim(
    "LP-4",
    "The hourly rate is the smallest whole number not below the exact one, on either slope. If more is borrowed than"
    " lent, it is the rate of full utilisation.",
    title="the borrowing rate is rounded up once",
    kind=Kind.LAW,
    source="rules §6",
    sample=rate_arguments,
)
def the_rate_is_rounded_up_once(curve: RateCurve, debt: int, claims: int, more: int) -> bool:
    above, room = debt * RATE_SCALE - curve.kink * claims, (RATE_SCALE - curve.kink) * claims
    if not (valid_curve(curve) and claims > 0 and debt >= 0 and room > 0):
        return True
    if debt > claims:
        return borrow_growth(curve, debt, claims) == borrow_growth(curve, claims, claims)
    growth = borrow_growth(curve, debt, claims)
    if above <= 0:
        exact, part = HOURLY * curve.gentle * debt * RATE_SCALE, growth - HOURLY * curve.base
        return (part - 1) * curve.kink * claims < exact <= part * curve.kink * claims
    exact, part = HOURLY * curve.steep * above, growth - HOURLY * (curve.base + curve.gentle)
    return (part - 1) * room < exact <= part * room


@claim(
    "LP-3",
    "The more is borrowed of the same claims, the more a borrowed atom pays.",
    title="the borrowing rate is monotone",
    kind=Kind.LAW,
    source="rules §6",
    sample=rate_arguments,
)
def the_rate_is_monotone(curve: RateCurve, debt: int, claims: int, more: int) -> bool:
    room = (RATE_SCALE - curve.kink) * claims
    if not (valid_curve(curve) and claims > 0 and debt >= 0 and more >= 0 and room > 0):
        return True
    gentle, still = within_bound(debt, claims, curve.kink), within_bound(debt + more, claims, curve.kink)
    if gentle and not still:
        at_the_kink = HOURLY * (curve.base + curve.gentle)
        return borrow_growth(curve, debt, claims) <= at_the_kink <= borrow_growth(curve, debt + more, claims)
    if gentle or not still:
        return borrow_growth(curve, debt, claims) <= borrow_growth(curve, debt + more, claims)
    return False


@claim(
    "LP-2",
    "Lenders never earn more than borrowers pay, less the venue's share.",
    title="lenders earn no more than borrowers pay",
    kind=Kind.LAW,
    sample=rate_arguments,
)
def lenders_earn_what_borrowers_pay(curve: RateCurve, debt: int, claims: int, kept: int) -> bool:
    if debt < 0 or claims <= 0 or not 0 <= kept <= RATE_SCALE or curve.base < 0:
        return True
    return lend_growth(curve.base, Rate(kept), debt, claims) * claims * RATE_SCALE <= debt * curve.base * (
        RATE_SCALE - kept
    )


def room_arguments(choices: Choices) -> tuple[Any, ...]:
    """A debt, claims and a bound near which they are."""
    claims = choices.integer(0, 10 ** choices.pick((1, 3, 9)))
    bound = Rate(choices.pick((0, 1, 800_000, RATE_SCALE, choices.integer(0, RATE_SCALE))))
    at_bound = bound * claims // RATE_SCALE
    return choices.pick((0, at_bound, at_bound + 1, choices.integer(0, claims))), claims, bound


@claim(
    "LP-5",
    "What lenders may take out, and what may be borrowed, is the most that leaves utilisation within its bound; nothing"
    " if it is beyond.",
    title="room is the most within the bound",
    kind=Kind.LAW,
    source="rules §6",
    sample=room_arguments,
)
def room_is_the_most_within_the_bound(debt: int, claims: int, bound: Rate) -> bool:
    if debt < 0 or claims < 0 or not 0 <= bound <= RATE_SCALE:
        return True
    out, more = room_to_redeem(debt, claims, bound), room_to_borrow(debt, claims, bound)
    redeems = 0 <= out <= claims and (out == 0 or within_bound(debt, claims - out, bound))
    borrows = more >= 0 and (more == 0 or within_bound(debt + more, claims, bound))
    most = out == claims or not within_bound(debt, claims - out - 1, bound)
    return redeems and borrows and most and not within_bound(debt + more + 1, claims, bound)
