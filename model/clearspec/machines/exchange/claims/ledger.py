"""Value: every book sums to zero, and each of the venue's own accounts has an equation of its own."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted
from clearspec.core.quantities import RATE_SCALE
from clearspec.machines.exchange.claims.loans import claimed, owed
from clearspec.machines.exchange.state.commands import Deposit, SendWithdrawal
from clearspec.machines.exchange.state.parameters import QUOTE, AssetId, perpetuals
from clearspec.machines.exchange.state.types import Account, State


def balance(account: Account, asset: int) -> int:
    """The balance of one asset."""
    return account.holdings.balances[asset]


def size(account: Account, market: int) -> int:
    """The size of the position in one market."""
    return account.holdings.positions[market].size


def cost(account: Account, market: int) -> int:
    """The cost of the position in one market."""
    return account.holdings.positions[market].cost


def unsettled(account: Account, market: int) -> int:
    """What is realised and not settled in one market."""
    return account.holdings.positions[market].unsettled


def funding_paid(account: Account, market: int) -> int:
    """Size times the cumulative funding that the position has paid up to."""
    position = account.holdings.positions[market]
    return position.size * position.funding


@claim(
    "EX-LED-1",
    "Per asset, what all holders have sums to zero, custody holding what came in less what left as a negative balance.",
    title="balances of every asset sum to zero",
    kind=Kind.STATE,
    source="rules §2",
    prevents="an account credited with what nobody paid",
)
def balances_sum_to_zero(state: State) -> bool:
    venue = state.venue
    return all(
        state.accounts.total(balance, asset)
        + venue.custody.balances[asset]
        + venue.withdrawals.balances[asset]
        + venue.fees.balances[asset]
        + venue.funding.balances[asset]
        + venue.clearing.balances[asset]
        + venue.pool.balances[asset]
        + venue.fund.balances[asset]
        + venue.bad_debt.balances[asset]
        == 0
        for asset in range(len(state.parameters.assets))
    )


@claim(
    "EX-LED-2",
    "In every perpetual market sizes sum to zero over all clients.",
    title="position sizes sum to zero",
    kind=Kind.STATE,
    source="rules §5",
    prevents="a position without another side",
)
def sizes_sum_to_zero(state: State) -> bool:
    return all(
        state.accounts.total(size, market) == 0 and state.venue.clearing.positions[market].size == 0
        for market in perpetuals(state.parameters)
    )


@claim(
    "EX-LED-3",
    "In every perpetual market costs sum to zero over clients and clearing, and unsettled gains sum to zero."
    " Clearing's cash over all markets is its costs less its unsettled gains, never negative.",
    title="costs and unsettled gains sum to zero",
    kind=Kind.STATE,
    source="rules §5",
)
def cost_is_what_was_realised(state: State) -> bool:
    venue = state.venue
    cash = sum(
        venue.clearing.positions[market].cost - venue.clearing.positions[market].unsettled
        for market in perpetuals(state.parameters)
    )
    return venue.clearing.balances[0] == cash >= 0 and all(
        state.accounts.total(cost, market) + venue.clearing.positions[market].cost == 0
        and state.accounts.total(unsettled, market)
        + venue.fees.positions[market].unsettled
        + venue.funding.positions[market].unsettled
        + venue.fund.positions[market].unsettled
        + venue.bad_debt.positions[market].unsettled
        + venue.clearing.positions[market].unsettled
        == 0
        for market in perpetuals(state.parameters)
    )


@claim(
    "EX-LED-4",
    "What clients and the venue are owed over all perpetual markets is the cash of clearing, at every mark price.",
    title="solvency does not depend on the mark",
    kind=Kind.STATE,
    source="rules §5",
    prevents="a venue that is solvent only at some prices",
)
def equity_does_not_depend_on_the_mark(state: State) -> bool:
    venue = state.venue
    return all(
        sum(
            state.accounts.total(size, market) * (state.markets[market].mark + moved)
            - state.accounts.total(cost, market)
            + state.accounts.total(unsettled, market)
            + venue.fees.positions[market].unsettled
            + venue.funding.positions[market].unsettled
            + venue.fund.positions[market].unsettled
            + venue.bad_debt.positions[market].unsettled
            for market in perpetuals(state.parameters)
        )
        == venue.clearing.balances[0]
        for moved in (0, 1)
    )


def came_in(before: State, beat: object, asset: AssetId) -> int:
    """What the beat is to bring into the venue of an asset, less what it is to send out."""
    if isinstance(beat, Deposit):
        return beat.amount if beat.asset == asset else 0
    if isinstance(beat, SendWithdrawal):
        sent = before.withdrawals.get(beat.withdrawal)
        return -sent.amount if sent is not None and sent.asset == asset else 0
    return 0


@claim(
    "EX-LED-5",
    "Only deposits and the withdrawals that are sent move custody, by their amount, in their asset.",
    title="only deposits and withdrawals move custody",
    kind=Kind.STEP,
    source="rules §2",
    prevents="Drift 2022: a client withdrew more than it was entitled to",
)
def custody_moves_with_deposits_and_withdrawals(before: State, beat: object, after: Accepted[State]) -> bool:
    return all(
        before.venue.custody.balances[place] - after.state.venue.custody.balances[place]
        == came_in(before, beat, asset.id)
        for place, asset in enumerate(before.parameters.assets)
    )


@claim(
    "EX-LED-7",
    "Funding and bad debt hold no balances; fees, clearing and the fund none but of the quote asset.",
    title="which venue accounts may hold balances",
    kind=Kind.STATE,
    source="rules §2",
    prevents="a loan to a friend booked where no equation looks",
)
def what_holds_no_balances(state: State) -> bool:
    venue = state.venue
    return all(
        venue.funding.balances[asset] == 0
        and venue.bad_debt.balances[asset] == 0
        and (asset == QUOTE or venue.clearing.balances[asset] == 0)
        and (asset == QUOTE or venue.fees.balances[asset] == 0)
        and (asset == QUOTE or venue.fund.balances[asset] == 0)
        for asset in range(len(state.parameters.assets))
    )


@claim(
    "EX-FUN-4",
    "What the funding account holds is what rounding left plus what positions have still to receive, less what they"
    " have to pay.",
    title="the funding account has its equation",
    kind=Kind.STATE,
    source="rules §5: payer ceiling, receiver floor, residue to the fund",
    prevents="truncating both ways: three payers of 0.5 and a receiver of 1.5 do not sum to zero",
)
def funding_account_has_its_equation(state: State) -> bool:
    return all(
        state.venue.funding.positions[market].unsettled * RATE_SCALE
        == state.markets[market].funding_residue + state.accounts.total(funding_paid, market)
        for market in perpetuals(state.parameters)
    )


@claim(
    "EX-FUN-5",
    "Rounding of funding never costs the venue.",
    title="rounding of funding never costs the venue",
    kind=Kind.STATE,
    source="rules §5",
)
def funding_residue_is_not_negative(state: State) -> bool:
    return all(state.markets[market].funding_residue >= 0 for market in perpetuals(state.parameters))


@claim(
    "EX-LED-6",
    "Per asset, what clients and the venue have lent is what the pool owes. What clients have borrowed, plus bad"
    " debt, is what the pool is owed.",
    title="every loan has another side",
    kind=Kind.STATE,
    source="rules §6",
    prevents="FTX: a loan of client assets that no ledger shows",
)
def loans_have_another_side(state: State) -> bool:
    venue = state.venue
    return all(
        state.accounts.total(claimed, asset) + venue.fees.loans[asset].lent + venue.pool.loans[asset].lent == 0
        and state.accounts.total(owed, asset) + venue.bad_debt.loans[asset].borrowed + venue.pool.loans[asset].borrowed
        == 0
        and venue.bad_debt.loans[asset].lent == 0
        and venue.fees.loans[asset].borrowed == 0
        for asset in range(len(state.parameters.assets))
    )
