"""Equity against requirement: may this account take risk, bear this fill, let this amount go?"""

from enum import Enum

from clearspec.core.machine import measure
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.formulas.exposure import Exposure, Exposures, alone, gain
from clearspec.machines.exchange.formulas.margin import at_risk, reduced
from clearspec.machines.exchange.formulas.requirement import requirement
from clearspec.machines.exchange.rules.collateral import collateral, debt_exposure, in_full, liability
from clearspec.machines.exchange.rules.exposure import exposure, held
from clearspec.machines.exchange.state.parameters import perpetuals
from clearspec.machines.exchange.state.types import Account, AccountId, Holdings, Loan, State, account_of


class Gains(Enum):
    """How gains of positions that are not settled count."""

    IN_FULL = "in full: for maintenance"
    CAPPED = "up to the market's cap: for initial margin"
    NOT_AT_ALL = "not at all, while losses count in full: for what leaves the venue"


def exposures(state: State, account: AccountId, holdings: Holdings) -> Exposures:
    """Each perpetual market's place, and the account's position there with its open orders."""
    return tuple(
        (place, exposure(state, account, holdings.positions[place], place)) for place in perpetuals(state.parameters)
    )


def positions_alone(state: State, holdings: Holdings) -> Exposures:
    """Each perpetual market's place, and the position there without any open orders."""
    return tuple((place, alone(holdings.positions[place])) for place in perpetuals(state.parameters))


def counted_gain(state: State, place: int, exposed: Exposure, gains: Gains) -> Atoms:
    """The gain of one market as it counts.  Rule: EX-MAR-1.  Units: quote atoms."""
    gained = gain(exposed.position, state.markets[place].mark)
    cap = state.parameters.markets[place].gains_cap
    if gains == Gains.NOT_AT_ALL:
        return Atoms(min(gained, 0))
    if gains == Gains.CAPPED and cap is not None:
        return Atoms(min(gained, cap))
    return gained


def equity(state: State, balances: tuple[int, ...], loans: tuple[Loan, ...], exposed: Exposures, gains: Gains) -> Atoms:
    """Collateral, lent or not, plus gains, less debts and what the open orders may cost.

    Rule: EX-MAR-1.  Units: quote atoms.  Rounding: each collateral value once, down, each debt once, up, against the
    account.  `balances` are net of what is held, where the worst case is asked for.
    """
    collaterals = sum(
        collateral(state, place, balance + loan.lent) - liability(state, place, loan.borrowed)
        for place, (balance, loan) in enumerate(zip(balances, loans, strict=True))
    )
    gained = sum(counted_gain(state, place, each, gains) - each.loss - each.fees for place, each in exposed)
    return Atoms(collaterals + gained)


def margin_required(state: State, account: Account, exposed: Exposures, initial: bool) -> Atoms:
    """The sum of the requirements of all markets, initial or maintenance, at the worst size, and of all debts.

    Rule: EX-MAR-2.  Units: quote atoms.  Rounding: each requirement once, up, against the account.
    """
    required = 0
    for place, each in exposed:
        market = state.parameters.markets[place]
        curve = market.initial if initial else market.maintenance
        notional = each.lots * state.markets[place].mark
        required += requirement(curve, account.leverage if initial else None, state.parameters.usd, notional)
    for place, loan in enumerate(account.holdings.loans):
        asset = state.parameters.assets[place]
        curve = asset.debt_initial if initial else asset.debt_maintenance
        exposure = debt_exposure(state, place, loan.borrowed)
        required += requirement(curve, account.leverage if initial else None, state.parameters.usd, exposure)
    return Atoms(required)


def free_balances(state: State, account: AccountId, holdings: Holdings) -> tuple[int, ...]:
    """Each balance less what open orders hold of it.  Rule: EX-HOLD-1.  Units: atoms of the asset."""
    return tuple(balance - held(state, account, asset) for asset, balance in enumerate(holdings.balances))


@measure
def meets_initial(state: State, account_id: AccountId, gains: Gains) -> bool:
    """Does equity exceed the initial requirement in the worst case over all open orders?

    Rule: EX-MAR-3.  An account that risks nothing needs only that its orders are covered.
    """
    account = account_of(state, account_id)
    free = free_balances(state, account_id, account.holdings)
    exposed = exposures(state, account_id, account.holdings)
    if not all(balance >= 0 for balance in free):
        return False
    if not at_risk(exposed, account.holdings.loans):
        return True
    surplus = equity(state, free, account.holdings.loans, exposed, gains)
    return surplus > margin_required(state, account, exposed, initial=True)


@measure
def liquidatable(state: State, account: Account) -> bool:
    """Is equity, without open orders, at or below the maintenance requirement, with something to liquidate?

    Rule: EX-MAR-4.  Computed, never a flag that can stick.
    """
    exposed = positions_alone(state, account.holdings)
    return at_risk(exposed, account.holdings.loans) and not exceeds(state, account, initial=False)


def equity_alone(state: State, holdings: Holdings, gains: Gains) -> Atoms:
    """Equity without open orders.  Rule: EX-MAR-1.  Units: quote atoms."""
    return equity(state, holdings.balances, holdings.loans, positions_alone(state, holdings), gains)


def equity_of_positions(state: State, holdings: Holdings) -> Atoms:
    """What positions have lost or gained, and what is left for them of balances at full worth when debts are repaid.

    Rule: EX-TIER-7.  Debts come first; what they lack falls on their lenders, never on the other side of a position.
    Units: quote atoms.  Rounding: each balance once, down, each debt once, up.
    """
    worth = 0
    for place, (balance, loan) in enumerate(zip(holdings.balances, holdings.loans, strict=True)):
        worth += in_full(state, place, balance + loan.lent) - debt_exposure(state, place, loan.borrowed)
    gained = sum(gain(each.position, state.markets[place].mark) for place, each in positions_alone(state, holdings))
    return Atoms(max(worth, 0) + gained)


@measure
def exceeds(state: State, account: Account, initial: bool) -> bool:
    """Does equity, without open orders, exceed the requirement?"""
    exposed = positions_alone(state, account.holdings)
    gains = Gains.CAPPED if initial else Gains.IN_FULL
    return equity_alone(state, account.holdings, gains) > margin_required(state, account, exposed, initial)


@measure
def shortfall(state: State, account: Account) -> Atoms:
    """The maintenance requirement less equity, without open orders.  Units: quote atoms; negative in health."""
    exposed = positions_alone(state, account.holdings)
    required = margin_required(state, account, exposed, initial=False)
    return Atoms(required - equity_alone(state, account.holdings, Gains.IN_FULL))


@measure
def bears(state: State, before: Account, after: Account, place: int) -> bool:
    """Does an account bear a fill in the market at that place: is it in margin on the state after it?

    Rule: EX-MAT-1, one of three tests, all without other orders:
    (a) nothing is at risk; (b) the fill adds risk: equity exceeds the initial requirement; (c) the fill only reduces
    a position: equity exceeds maintenance, or the shortfall does not rise.
    """
    if not at_risk(positions_alone(state, after.holdings), after.holdings.loans):
        return True
    if reduced(before.holdings.positions[place].size, after.holdings.positions[place].size):
        return exceeds(state, after, initial=False) or shortfall(state, after) <= shortfall(state, before)
    return exceeds(state, after, initial=True)


@measure
def weighted_exposure(state: State, account_id: AccountId) -> int:
    """The worst exposure of the account over all markets, each with its weight.

    Rule: EX-GATE-7.  Units: quote atoms / RATE_SCALE.
    """
    holdings = account_of(state, account_id).holdings
    return sum(
        state.parameters.markets[place].position_weight * each.lots * state.markets[place].mark
        for place, each in exposures(state, account_id, holdings)
    )
