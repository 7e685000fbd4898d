"""The settlement loop: what one turn moves, that losers pay before winners are paid, and that a round ends."""

from attrs import evolve

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.core.quantities import Atoms
from clearspec.machines.exchange.claims.exposure import held_of
from clearspec.machines.exchange.claims.loans import claimed, owed
from clearspec.machines.exchange.claims.margin import initial_margin_met, initial_margin_met_by
from clearspec.machines.exchange.claims.marks import every_mark_is_valid
from clearspec.machines.exchange.state.commands import BorrowToSettle, Collect, Offer, PayOut
from clearspec.machines.exchange.state.events import GainSettled, LossSettled
from clearspec.machines.exchange.state.parameters import perpetuals, spots
from clearspec.machines.exchange.state.types import Account, AccountId, Holdings, Payout, Stage, State, Turn
from clearspec.mechanisms.lending import room_to_borrow, room_to_redeem


def unpaid(account: Account) -> int:
    """What the account has realised and not been paid, over all markets."""
    return sum(position.unsettled for position in account.holdings.positions)


def still_waiting(account: Account, this: int) -> int:
    """What the account is owed, if its turn in this round has not come."""
    return max(unpaid(account), 0) if account.turn != this else 0


def to_come(account: Account, this: int) -> int:
    """1 for an account whose turn in this round may still come."""
    return 1 if account.turn != this else 0


@claim(
    "EX-STL-1",
    "In a round of settlement, accounts still to be served are owed what is not yet served. Those served got the"
    " floor of their share, and clearing has the cash for the others.",
    title="a round of settlement keeps its books",
    kind=Kind.STATE,
    source="rules §5: winners are paid by cumulative floor, as far as cash goes",
)
def rounds_keep_their_books(state: State) -> bool:
    payout = state.payout
    if not state.settlement_due and (payout is not None or state.collecting is not None):
        return False
    if state.collecting is not None and (payout is not None or not turn_in_order(state, state.collecting)):
        return False
    if state.round < 0 or not state.accounts.every(lambda _, account: account.turn <= state.round):
        return False
    if payout is None:
        return True
    return (
        state.accounts.total(still_waiting, state.round) == payout.claims - payout.served
        and 0 <= payout.served <= payout.claims
        and 0 <= payout.amount <= payout.claims
        and shared_by_floor(payout)
        and state.venue.clearing.balances[0] >= payout.amount - payout.paid
    )


@measure
def turn_in_order(state: State, turn: Turn) -> bool:
    """Does the account whose turn it is still owe, and is something for sale in the stages that need it?"""
    account = state.accounts.get(turn.account)
    sells = turn.stage in (Stage.SELL, Stage.REQUEST, Stage.COLLECT)
    return (
        account is not None and account.turn != state.round and unpaid(account) < 0 and (turn.sale is not None) == sells
    )


@measure
def shared_by_floor(payout: Payout) -> bool:
    """Have those who were served got the floor of their exact share, together?"""
    if payout.claims == 0:
        return payout.paid == 0
    return payout.paid * payout.claims <= payout.amount * payout.served < (payout.paid + 1) * payout.claims


@claim(
    "EX-STL-2",
    "An account that owes pays all it can: first its free quote balance, then what it has lent, as far as the pool"
    " gives it. Winners wait until every account that owes was asked.",
    title="losers pay what they can, before winners",
    kind=Kind.STEP,
    on=(Collect,),
    source="rules §6; Settlement & Clearing, Collateral Reconciliation",
)
def losers_pay_what_they_can(before: State, beat: Collect, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, LossSettled))
    if len(events) == 0:
        nobody = before.accounts.every(lambda _, account: account.turn == before.round or unpaid(account) >= 0)
        return nobody and before.collecting is None and pays_out(before, after.state)
    return all(loss_settled(before, after.state, event) for event in events) and after.state.payout is None


def pays_out(before: State, after: State) -> bool:
    """Is now all that clearing has, or all that is owed, shared?"""
    payout, cash = after.payout, before.venue.clearing.balances[0]
    if payout is None or payout.served != 0 or payout.paid != 0:
        return False
    return payout.amount == (cash if cash < payout.claims else payout.claims)


@measure
def loss_settled(before: State, after: State, event: LossSettled) -> bool:
    """Did the account pay what it owes from these two sources, in their order?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    need = max(-unpaid(was), 0)
    free = was.holdings.balances[0] - held_of(before, event.account, 0)
    old, new = was.holdings.loans[0], now.holdings.loans[0]
    rest = need - event.balance
    debts, claims = before.accounts.total(owed, 0), before.accounts.total(claimed, 0)
    room = room_to_redeem(debts, claims, before.parameters.assets[0].utilisation_max)
    return (
        unpaid(was) < 0
        and event.balance == min(need, free)
        and event.redeemed == min(rest, old.lent, before.venue.pool.balances[0], room)
        and event.borrowed == 0
        and now.holdings.balances[0] == was.holdings.balances[0] - event.balance
        and new.lent == old.lent - event.redeemed
        and new.borrowed == old.borrowed
        and unpaid(now) == unpaid(was) + event.balance + event.redeemed
    )


@claim(
    "EX-STL-3",
    "The loop borrows what an account owes, up to what the pool gives. It must do so if the account allows it, risk"
    " may be taken, marks are valid and initial margin is met; else never.",
    title="the loop borrows when it must",
    kind=Kind.STEP,
    on=(BorrowToSettle,),
    source="rules §6",
)
def the_loop_borrows_what_it_must(before: State, beat: BorrowToSettle, after: Accepted[State]) -> bool:
    turn = before.collecting
    account = None if turn is None else before.accounts.get(turn.account)
    if turn is None or account is None:
        return False
    wanted = min(max(-unpaid(account), 0), may_be_borrowed(before))
    events = tuple(event for event in after.events if isinstance(event, LossSettled))
    if len(events) == 0:
        return not must_borrow(before, turn.account, account, wanted)
    return must_borrow(before, turn.account, account, wanted) and all(
        borrowed_for_loss(before, after.state, turn.account, wanted, event) for event in events
    )


@measure
def may_be_borrowed(state: State) -> int:
    """What the pool gives of the quote asset: its cash, as far as utilisation stays within its bound."""
    debts, claims = state.accounts.total(owed, 0), state.accounts.total(claimed, 0)
    room = room_to_borrow(debts, claims, state.parameters.assets[0].utilisation_max)
    return min(state.venue.pool.balances[0], room)


@measure
def must_borrow(state: State, key: AccountId, account: Account, amount: int) -> bool:
    """Does the account allow it, may risk be taken, and does the account meet initial margin with that debt?"""
    return (
        account.auto_borrow
        and state.risk_taking
        and every_mark_is_valid(state)
        and amount > 0
        and initial_margin_met_by(state, key, with_loss_borrowed(state, account, amount), counting_gains=True)
    )


def with_loss_borrowed(state: State, account: Account, amount: int) -> Account:
    """The account with that much more debt, all of it paid on its losses; what stays unpaid stays in the last markets.

    Requires: the account owes at least `amount`.
    """
    left, positions = unpaid(account) + amount, list(account.holdings.positions)
    for place in reversed(perpetuals(state.parameters)):
        stays = max(min(positions[place].unsettled, 0), left)
        positions[place] = evolve(positions[place], unsettled=Atoms(stays))
        left -= stays
    loan = account.holdings.loans[0]
    loans = (evolve(loan, borrowed=Atoms(loan.borrowed + amount)), *account.holdings.loans[1:])
    return evolve(account, holdings=evolve(account.holdings, loans=loans, positions=tuple(positions)))


@measure
def borrowed_for_loss(before: State, after: State, key: AccountId, due: int, event: LossSettled) -> bool:
    """Did the account borrow what was due, and did all of it go to what it owes?"""
    was, now = before.accounts.get(key), after.accounts.get(key)
    if was is None or now is None:
        return False
    return (
        event.account == key
        and event.balance == 0
        and event.redeemed == 0
        and event.borrowed == due
        and now.holdings.balances[0] == was.holdings.balances[0]
        and now.holdings.loans[0].borrowed == was.holdings.loans[0].borrowed + due
        and unpaid(now) == unpaid(was) + due
        and initial_margin_met(after, key, counting_gains=True)
    )


@claim(
    "EX-STL-4",
    "A winner gets the floor of the share of all served with it, less what earlier winners got; in full if there is"
    " enough. When no account waits the round ends, and the venue may take its fees.",
    title="winners are paid by cumulative floor",
    kind=Kind.STEP,
    on=(PayOut,),
    source="rules §5",
)
def winners_are_paid_by_cumulative_floor(before: State, beat: PayOut, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, GainSettled))
    if len(events) == 0:
        nobody = before.accounts.every(lambda _, account: account.turn == before.round or not waiting(account))
        return nobody and not after.state.settlement_due and after.state.payout is None
    return all(gain_settled(before, after.state, event) for event in events)


@measure
def waiting(account: Account) -> bool:
    """Is something owed to the account, or nothing in sum but not in each market?"""
    open_somewhere = not all(position.unsettled == 0 for position in account.holdings.positions)
    return unpaid(account) >= 0 and open_somewhere


@measure
def gain_settled(before: State, after: State, event: GainSettled) -> bool:
    """Did the account get its share, out of what clearing has?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    old, new = before.payout, after.payout
    if was is None or now is None or old is None or new is None:
        return False
    return (
        0 <= event.amount <= unpaid(was)
        and (old.amount < old.claims or event.amount == unpaid(was))
        and new.served == old.served + unpaid(was)
        and new.paid == old.paid + event.amount
        and new.amount == old.amount
        and new.claims == old.claims
        and now.holdings.balances[0] == was.holdings.balances[0] + event.amount
        and unpaid(now) == unpaid(was) - event.amount
        and now.turn == before.round
    )


@claim(
    "EX-STL-5",
    "Settling moves what is unsettled towards nothing, in no market beyond it, and leaves sizes and costs alone.",
    title="settling only settles",
    kind=Kind.STEP,
    on=(Collect, BorrowToSettle, PayOut),
    source="rules §5",
)
def settling_only_settles(before: State, beat: Collect | BorrowToSettle | PayOut, after: Accepted[State]) -> bool:
    return before.accounts.every(
        lambda key, account: all(
            moved_towards_nothing(account, after.state.accounts.get(key), place)
            for place in perpetuals(before.parameters)
        )
    )


@measure
def moved_towards_nothing(was: Account, now: Account | None, place: int) -> bool:
    """Is what is unsettled in that market between what it was and nothing, and the position the same?"""
    if now is None:
        return False
    old, new = was.holdings.positions[place], now.holdings.positions[place]
    nearer = old.unsettled <= new.unsettled <= 0 or 0 <= new.unsettled <= old.unsettled
    return nearer and new.size == old.size and new.cost == old.cost


@claim(
    "EX-STL-6",
    "A round's collection ends. Each beat finishes an account's turn, offers another of its assets, asks it the next"
    " thing, or turns to the winners.",
    title="collecting ends",
    kind=Kind.STEP,
    on=(Collect, BorrowToSettle, Offer),
)
def collecting_ends(before: State, beat: Collect | BorrowToSettle | Offer, after: Accepted[State]) -> bool:
    state = after.state
    if state.payout is not None:
        return before.payout is None
    left, was_left = state.accounts.total(to_come, state.round), before.accounts.total(to_come, before.round)
    return left < was_left or (left == was_left and 0 <= stages_left(state) < stages_left(before))


def stages_left(state: State) -> int:
    """What may still be asked of the account whose turn it is, with four stages to each asset not tried."""
    if state.collecting is None:
        return 4 * len(state.parameters.assets) + 4
    stage = state.collecting.stage
    steps = 2 if stage == Stage.COLLECT else 1 if stage == Stage.BORROW else 0 if stage == Stage.OFFER else 3
    return 4 * sum(0 if tried else 1 for tried in state.collecting.tried) + steps


@claim(
    "EX-STL-7",
    "Paying out ends: each beat has had the turn of one who waits, or is the last.",
    title="paying out ends",
    kind=Kind.STEP,
    on=(PayOut,),
)
def paying_out_ends(before: State, beat: PayOut, after: Accepted[State]) -> bool:
    left = after.state.accounts.total(to_come, before.round)
    return not after.state.settlement_due or left < before.accounts.total(to_come, before.round)


@claim(
    "EX-STL-8",
    "In a spot market nobody has a position.",
    title="no positions in spot markets",
    kind=Kind.STATE,
)
def no_positions_in_spot_markets(state: State) -> bool:
    venue = state.venue
    return all(
        state.accounts.every(lambda _, account: nothing_in(account.holdings, place))
        and all(
            nothing_in(own, place)
            for own in (
                venue.custody,
                venue.fees,
                venue.funding,
                venue.clearing,
                venue.pool,
                venue.fund,
                venue.bad_debt,
            )
        )
        for place in spots(state.parameters)
    )


def nothing_in(holdings: Holdings, place: int) -> bool:
    """Is there no position in that market?"""
    position = holdings.positions[place]
    return position.size == 0 and position.cost == 0 and position.unsettled == 0
