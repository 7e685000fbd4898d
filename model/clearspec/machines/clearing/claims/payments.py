"""Cash at the end of the day: who owes pays all it can, and what came in is shared by cumulative floor."""

from clearspec.core.claims import Kind, claim
from clearspec.core.machine import Accepted, measure
from clearspec.machines.clearing.state.commands import Collect, Pay
from clearspec.machines.clearing.state.events import CashCollected, CashPaid
from clearspec.machines.clearing.state.types import Account, Money, State
from clearspec.machines.clearing.state.work import Payout, Stage


def still_waiting(account: Account, currency: int, today: int) -> int:
    """What the account is owed, if its turn today has not come."""
    money = account.holdings.money[currency]
    return max(money.payable, 0) if money.turn != today else 0


@claim(
    "CL-PAY-1",
    "An account that owes cash pays all that it has, and no more than it owes. Creditors wait until every debtor was"
    " asked.",
    title="a debtor pays what it can",
    kind=Kind.STEP,
    on=(Collect,),
    source="rules §8",
)
def who_owes_pays_what_it_can(before: State, beat: Collect, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, CashCollected))
    if len(events) == 0:
        return before.accounts.every(lambda _, row: asked_or_owes_nothing(row, before.today)) and all(
            shares_out(before, payout, place) for place, payout in enumerate(after.state.payouts)
        )
    return len(events) == 1 and all(collected(before, after.state, event) for event in events)


@measure
def asked_or_owes_nothing(account: Account, today: int) -> bool:
    """Does the account owe no cash that it was not asked for today?"""
    return all(money.payable >= 0 or money.turn == today for money in account.holdings.money)


@measure
def shares_out(before: State, payout: Payout, place: int) -> bool:
    """Is all that came in, or all that is owed, now to be shared?"""
    cash = before.central.ccp.money[place].held
    return (
        payout.served == 0 and payout.paid == 0 and payout.amount == (cash if cash < payout.claims else payout.claims)
    )


@measure
def collected(before: State, after: State, event: CashCollected) -> bool:
    """Did the account pay what it owes, as far as it has cash?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        (
            old.payable < 0
            and event.amount == min(-old.payable, old.held)
            and moved_cash(old, new, -event.amount)
            and new.turn == before.today
        )
        if currency.id == event.currency
        else moved_cash(old, new, 0) and new.turn == old.turn
        for currency, old, new in zip(before.parameters.currencies, was.holdings.money, now.holdings.money, strict=True)
    )


def moved_cash(was: Money, now: Money, amount: int) -> bool:
    """Did the account's cash grow by the amount, and its payable fall by it?"""
    return now.held == was.held + amount and now.payable == was.payable - amount and now.cleared == was.cleared


@claim(
    "CL-PAY-2",
    "A creditor gets the floor of the joint share of all served with it, less what those before it got. If enough"
    " came in, it is paid in full.",
    title="incoming cash is shared pro rata",
    kind=Kind.STEP,
    on=(Pay,),
    source="rules §8; §2: one rounding per posting, every residue in a named account",
)
def what_came_in_is_shared(before: State, beat: Pay, after: Accepted[State]) -> bool:
    events = tuple(event for event in after.events if isinstance(event, CashPaid))
    if len(events) == 0:
        return before.accounts.every(lambda _, row: paid_or_owed_nothing(row, before.today))
    return len(events) == 1 and all(paid_its_share(before, after.state, event) for event in events)


@measure
def paid_or_owed_nothing(account: Account, today: int) -> bool:
    """Is the account owed no cash for which its turn has not come?"""
    return all(money.payable <= 0 or money.turn == today for money in account.holdings.money)


@measure
def paid_its_share(before: State, after: State, event: CashPaid) -> bool:
    """Did the account get its share, out of what came in?"""
    was, now = before.accounts.get(event.account), after.accounts.get(event.account)
    if was is None or now is None:
        return False
    return all(
        (
            old.payable > 0
            and 0 <= event.amount <= old.payable
            and (share.amount < share.claims or event.amount == old.payable)
            and left.served == share.served + old.payable
            and left.paid == share.paid + event.amount
            and left.amount == share.amount
            and left.claims == share.claims
            and moved_cash(old, new, event.amount)
            and new.turn == before.today
        )
        if currency.id == event.currency
        else moved_cash(old, new, 0) and new.turn == old.turn
        for currency, old, new, share, left in zip(
            before.parameters.currencies,
            was.holdings.money,
            now.holdings.money,
            before.payouts,
            after.payouts,
            strict=True,
        )
    )


@claim(
    "CL-PAY-3",
    "While cash is paid out, accounts whose turn is to come are owed the claims not served. Those served got the"
    " floor of their joint share. The rest of the cash is there.",
    title="payments keep their books",
    kind=Kind.STATE,
    source="rules §8",
)
def payments_keep_their_books(state: State) -> bool:
    return state.stage != Stage.PAYMENT or all(
        state.accounts.total(still_waiting, place, state.today) == payout.claims - payout.served
        and 0 <= payout.served <= payout.claims
        and 0 <= payout.amount <= payout.claims
        and shared_by_floor(payout)
        and state.central.ccp.money[place].held >= payout.amount - payout.paid
        for place, payout in enumerate(state.payouts)
    )


@measure
def shared_by_floor(payout: Payout) -> bool:
    """Have the accounts served got the floor of their joint exact share?"""
    if payout.claims == 0:
        return payout.paid == 0
    return payout.paid * payout.claims <= payout.amount * payout.served < (payout.paid + 1) * payout.claims
